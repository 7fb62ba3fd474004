"""The marks of one ballot judged together: a voter's marks, made with one pen, look alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ballot.reading import MarkReading, MarkState, ScanSide
from recognition.marks import Trait
from recognition.profile import Profile

_UNMARKED = frozenset({MarkState.EMPTY, MarkState.DOUBTFUL})


@dataclass(frozen=True)
class JudgedBox:
    """A box as it was judged by itself.

    Attributes:
        bilevel: Whether it was scanned in black and white.
        traits: What its ink may be.
        ink_mm2: Its ink inside the outline.
        whole_mm2: The same with what is closely around it.
        joined: The boxes of the ballot, by index, whose ink is joined with its own.
        shares_mark: Whether its mark may be one with that of the next box.
        is_set_off: Whether its mark may be another box's, set off across a fold.
        odds: The log-odds that its ink is no vote, as `recognition.mark_network` sees it; None of boxes
            that are empty.
        least_vote_odds: With which log-odds the network must see a vote where rules are not sure of one.
    """

    scan: ScanSide
    mark: MarkReading
    bilevel: bool
    traits: frozenset[Trait]
    ink_mm2: float
    whole_mm2: float
    joined: tuple[int, ...] = ()
    shares_mark: bool = False
    is_set_off: bool = False
    odds: float | None = None
    least_vote_odds: float = math.inf

    @property
    def counts(self) -> bool:
        """Whether it is a vote."""
        return self.mark.state is MarkState.MARKED

    @property
    def is_seen_as_vote(self) -> bool:
        """Whether the network surely sees a vote, all of which is this box's."""
        is_own = not (self.shares_mark or self.joined)
        return is_own and self.odds is not None and -self.odds >= self.least_vote_odds

    def turned(self, state: MarkState) -> JudgedBox:
        """The same box in another state."""
        return replace(self, mark=replace(self.mark, state=state))


@dataclass(frozen=True)
class _Pen:
    """What a ballot's boxes show of the pen that made its marks.

    Attributes:
        marks_mm2: The ink of each certain mark.
        full_mm2: The usual ink of marks that show how much the pen leaves; 0 without any.
        leaves_dots: Whether dots lie in the middle of several boxes, where dust hardly ever does.
        leaves_specks: Whether several boxes in black and white have ink at all, as pale marks leave it.
    """

    marks_mm2: tuple[float, ...]
    full_mm2: float
    leaves_dots: bool
    leaves_specks: bool

    @property
    def usual_mm2(self) -> float:
        """The usual ink of a mark; 0 without any."""
        return float(np.median(self.marks_mm2)) if self.marks_mm2 else 0.0


def judged_together(boxes: Sequence[JudgedBox], profile: Profile) -> list[JudgedBox]:
    """The boxes of a ballot, each judged beside its other marks."""
    # What the network doubts is no evidence for others, though it be like them, and what only the network
    # takes for a vote is none of the pen.
    boxes = [_seen_no_vote(box, profile) for box in boxes]
    pen = _pen_of(boxes, profile)
    judged = [_seen_no_vote(_seen_vote(_beside(box, pen, profile)), profile) for box in boxes]
    judged = _heavy_doubted(_odd_fills_doubted(judged, profile), profile)
    return _joined_doubted(_covering_doubted(judged, profile))


def _seen_vote(box: JudgedBox) -> JudgedBox:
    """A mark of which rules are not sure, and whose picture surely shows a vote; dust is none."""
    is_unsure = box.mark.state in (MarkState.TAKEN_BACK, MarkState.DOUBTFUL)
    is_dust = box.traits & {Trait.DUST, Trait.GRAINS}
    return box.turned(MarkState.MARKED) if is_unsure and box.is_seen_as_vote and not is_dust else box


def _seen_no_vote(box: JudgedBox, profile: Profile) -> JudgedBox:
    """A mark that rules let pass, and whose picture shows one taken back, or none."""
    is_doubted = box.counts and box.odds is not None and box.odds >= profile.no_vote_odds
    return box.turned(MarkState.TAKEN_BACK) if is_doubted else box


def _pen_of(boxes: Sequence[JudgedBox], profile: Profile) -> _Pen:
    made = [box for box in boxes if box.counts]
    empty = [box for box in boxes if box.mark.state is MarkState.EMPTY]
    dots = [box for box in empty if Trait.CROSSING in box.traits]
    # Where nothing counts a doubtful box may be the first speck: of three light blue ticks a threshold left
    # 0.4 mm2 of one, and 0.21 mm2 of another.
    unmarked = empty if made else [box for box in boxes if box.mark.state in _UNMARKED]
    specks = [
        box
        for box in unmarked
        if box.bilevel and (box.ink_mm2 >= profile.least_speck_mm2 or Trait.GRAINS in box.traits)
    ]
    full = [box.ink_mm2 for box in made if Trait.FILL not in box.traits]
    if not full and len(made) >= profile.least_fills:  # a single filled box was inked many times
        full = [box.ink_mm2 for box in made]
    return _Pen(
        marks_mm2=tuple(box.ink_mm2 for box in made),
        full_mm2=float(np.median(full)) if full else 0.0,
        leaves_dots=len(dots) >= profile.least_dots,
        leaves_specks=len(specks) >= profile.least_dots,
    )


def _beside(box: JudgedBox, pen: _Pen, profile: Profile) -> JudgedBox:
    """A box beside the ballot's certain marks."""
    state, traits = box.mark.state, box.traits
    if state is MarkState.TAKEN_BACK and Trait.PLAIN in traits:
        if box.ink_mm2 > _most_plain_mm2(pen, profile):
            return box
        return replace(box.turned(MarkState.MARKED), traits=traits - {Trait.FILL})
    if state is MarkState.DOUBTFUL and traits & {Trait.LOW, Trait.LIGHT}:
        least_ratio = profile.low_ink_ratio if Trait.LOW in traits else profile.light_ink_ratio
        if len(pen.marks_mm2) >= profile.least_like and box.ink_mm2 >= least_ratio * pen.usual_mm2:
            return box.turned(MarkState.MARKED)
    if Trait.GRAINS in traits and state in (MarkState.EMPTY, MarkState.DOUBTFUL):
        # Of a red cross a low threshold left 0.66 mm2 in four pieces beside full marks by the same pen.
        return box.turned(MarkState.DOUBTFUL)
    if state is MarkState.EMPTY and _may_be_left_of_mark(box, pen, profile):
        return box.turned(MarkState.DOUBTFUL)
    if Trait.DUST not in traits or (state is MarkState.DOUBTFUL and Trait.LOW in traits):
        return box
    return _dust_or_pale(box, pen, profile)


def _may_be_left_of_mark(box: JudgedBox, pen: _Pen, profile: Profile) -> bool:
    """Whether specks in a box may be what black and white left of a mark, since other boxes have some.

    Of sixteen crosses in ballpoint a threshold left dots in ten boxes, and a pixel or two in six. They need
    not lie close together: of a light blue cross specks were left at the two ends of an arm, five millimetres
    apart.
    """
    has_some = Trait.SPECK in box.traits or box.ink_mm2 >= profile.least_speck_mm2
    return box.bilevel and pen.leaves_specks and has_some and not _is_full(box, pen, profile)


def _is_full(box: JudgedBox, pen: _Pen, profile: Profile) -> bool:
    """Whether the pen leaves full marks on this ballot, so that dots are no pale ones."""
    return pen.full_mm2 >= (profile.bilevel_solid_ink_mm2 if box.bilevel else profile.solid_ink_mm2)


def _most_plain_mm2(pen: _Pen, profile: Profile) -> float:
    """The most ink of a mark that is no more than the voter's others: what takes a mark back adds ink."""
    if len(pen.marks_mm2) < profile.least_like:
        return min(pen.marks_mm2, default=0.0)
    return profile.like_ink_ratio * pen.usual_mm2


def _dust_or_pale(box: JudgedBox, pen: _Pen, profile: Profile) -> JudgedBox:
    """A box with a dot, which may be all that is seen of a pale mark, unless the pen left full ones too."""
    state = box.mark.state
    is_full = _is_full(box, pen, profile)
    has_ink = box.ink_mm2 >= profile.empty_ink_mm2 or Trait.CROSSING in box.traits
    if state is MarkState.EMPTY and has_ink and (box.bilevel or pen.leaves_dots) and not is_full:
        return box.turned(MarkState.DOUBTFUL)
    most_mm2 = min(profile.dust_ink_ratio * pen.full_mm2, profile.dust_ink_mm2)
    if state is MarkState.DOUBTFUL and is_full and box.ink_mm2 <= most_mm2:
        return box.turned(MarkState.EMPTY)
    return box


def _odd_fills_doubted(boxes: list[JudgedBox], profile: Profile) -> list[JudgedBox]:
    """Filled boxes count only if the voter fills boxes.

    A single filled box, or one with more ink than the voter's other marks have, may be a cross that was
    scribbled over within its box.
    """
    made = [box for box in boxes if box.counts]
    others = [box.ink_mm2 for box in made if Trait.FILL not in box.traits]
    if not others and len(made) >= profile.least_fills:
        return boxes
    most_mm2 = profile.fill_ink_ratio * float(np.median(others)) if others else 0.0
    return [
        box.turned(MarkState.TAKEN_BACK)
        if box.counts and Trait.FILL in box.traits and box.ink_mm2 > most_mm2
        else box
        for box in boxes
    ]


def _heavy_doubted(boxes: list[JudgedBox], profile: Profile) -> list[JudgedBox]:
    """A mark with far more ink than the ballot's others may be struck through or scribbled over.

    In black and white that is all there is to see of a mark scribbled over in pale ink: thresholding loses
    such ink but where it lies twice, so that the mark is left, with thicker strokes than the others have.
    In grey and colour the network for marks sees what was added.
    """
    made = [box for box in boxes if box.counts]
    return [
        box.turned(MarkState.TAKEN_BACK)
        if box.counts and _is_heavy(box, [o for o in made if o is not box], profile)
        else box
        for box in boxes
    ]


def _is_heavy(box: JudgedBox, others: list[JudgedBox], profile: Profile) -> bool:
    if not others or (box.is_seen_as_vote and not box.bilevel):
        return False
    inside = box.ink_mm2 / float(np.median([other.ink_mm2 for other in others]))
    if box.bilevel and inside > profile.lone_heavy_ink_ratio:
        return True
    if Trait.RING in box.traits:
        return False
    few = len(others) < profile.least_like
    most = profile.lone_heavy_ink_ratio if few else profile.heavy_ink_ratio
    # A larger mark leaves more ink outside its box, one that lies off it more inside.
    whole = box.whole_mm2 / float(np.median([other.whole_mm2 for other in others]))
    return min(inside, whole) > most


def _covering_doubted(boxes: list[JudgedBox], profile: Profile) -> list[JudgedBox]:
    """A mark that covers much of its box in black and white counts beside others with as much ink only.

    By itself it may be a cross scribbled over in pale ink: of that, thresholding leaves the strokes of the
    cross, made as thick as a felt pen's by the scribble around them.
    """
    made = [box for box in boxes if box.counts]
    return [
        box.turned(MarkState.TAKEN_BACK)
        if box.counts and Trait.COVER in box.traits and not _has_like(box, made, profile)
        else box
        for box in boxes
    ]


def _has_like(box: JudgedBox, made: list[JudgedBox], profile: Profile) -> bool:
    """Whether the ballot's other marks have about as much ink."""
    others = [other.ink_mm2 for other in made if other is not box]
    return bool(others) and box.ink_mm2 <= profile.like_ink_ratio * float(np.median(others))


def _joined_doubted(boxes: list[JudgedBox]) -> list[JudgedBox]:
    """No mark counts whose ink is joined with a doubted box's: both may be one stroke, or one hole."""
    is_doubted = [box.mark.state in (MarkState.DOUBTFUL, MarkState.TAKEN_BACK) for box in boxes]
    return [
        box.turned(MarkState.DOUBTFUL) if box.counts and any(is_doubted[i] for i in box.joined) else box
        for box in boxes
    ]
