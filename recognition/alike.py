"""The marks of one ballot judged together: a voter's marks, made with one pen, look alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ballot.reading import MarkReading, MarkState, ScanSide
from recognition.profile import Profile


@dataclass(frozen=True)
class JudgedBox:
    """A box as it was judged by itself.

    Attributes:
        bilevel: Whether it was scanned in black and white.
        fills: Whether its ink covers the box and is no clear cross or ring.
        may_be_plain: Whether it counts where others are like it, though it seems taken back.
        may_be_low: Whether it counts where others are like it, though its ink lies off the middle of the box.
        may_be_light: Whether it counts where others are like it, though its ink is little.
        may_be_dust: Whether its ink is as short as a fibre of dust.
        may_be_crossing: Whether a dot lies in its middle, where the strokes of a pale cross are darkest.
        has_grains: Whether several specks lie in it, as thresholding leaves some of a pale mark.
        is_ring: Whether its mark may be a ring, of which the outline may hide more or less.
        ink_mm2: Its ink inside the outline.
        whole_mm2: The same with what is closely around it.
        joined: The boxes of the ballot, by index, whose ink is joined with its own.
        shares_mark: Whether its mark may be one with that of the next box.
    """

    scan: ScanSide
    mark: MarkReading
    bilevel: bool
    fills: bool
    may_be_plain: bool
    may_be_low: bool
    may_be_light: bool
    may_be_dust: bool
    may_be_crossing: bool
    has_grains: bool
    is_ring: bool
    ink_mm2: float
    whole_mm2: float
    joined: tuple[int, ...] = ()
    shares_mark: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is a vote."""
        return self.mark.state is MarkState.MARKED

    def turned(self, state: MarkState) -> JudgedBox:
        """The same box in another state."""
        return replace(self, mark=replace(self.mark, state=state))


def judged_together(boxes: Sequence[JudgedBox], profile: Profile) -> list[JudgedBox]:
    """The boxes of a ballot, each judged beside its other marks."""
    others_mm2 = [box.ink_mm2 for box in boxes if box.counts]
    empty = [box for box in boxes if box.mark.state is MarkState.EMPTY]
    has_dots = sum(box.may_be_crossing for box in empty) >= profile.least_dots
    specks = [box for box in empty if box.bilevel and box.ink_mm2 >= profile.least_speck_mm2]
    has_specks = len(specks) >= profile.least_dots
    full_mm2 = _full_mm2(boxes, profile)
    judged = [_beside(box, others_mm2, full_mm2, has_dots, has_specks, profile) for box in boxes]
    return _joined_doubted(_heavy_doubted(_odd_fills_doubted(judged, profile), profile))


def _full_mm2(boxes: Sequence[JudgedBox], profile: Profile) -> float:
    """The usual ink of marks that show how much the pen leaves; a single filled box was inked many times."""
    made = [box for box in boxes if box.counts]
    plain = [box.ink_mm2 for box in made if not box.fills]
    if not plain and len(made) >= profile.least_fills:
        plain = [box.ink_mm2 for box in made]
    return float(np.median(plain)) if plain else 0.0


def _beside(
    box: JudgedBox,
    others_mm2: list[float],
    full_mm2: float,
    has_dots: bool,
    has_specks: bool,
    profile: Profile,
) -> JudgedBox:
    """A box beside the ballot's certain marks, of which each has so much ink.

    Args:
        full_mm2: See `_full_mm2`.
        has_dots: Whether dots lie in the middle of several boxes, where dust hardly ever does.
        has_specks: Whether several boxes in black and white have ink at all, as pale marks leave it.
    """
    state = box.mark.state
    few = len(others_mm2) < profile.least_like
    usual_mm2 = float(np.median(others_mm2)) if others_mm2 else 0.0
    if state is MarkState.TAKEN_BACK and box.may_be_plain:
        is_alike = box.ink_mm2 <= _most_plain_mm2(others_mm2, few, profile)
        return replace(box.turned(MarkState.MARKED), fills=False) if is_alike else box
    if state is MarkState.DOUBTFUL and (box.may_be_low or box.may_be_light):
        least_ratio = profile.low_ink_ratio if box.may_be_low else profile.light_ink_ratio
        if not few and box.ink_mm2 >= least_ratio * usual_mm2:
            return box.turned(MarkState.MARKED)
    if box.has_grains and state in (MarkState.EMPTY, MarkState.DOUBTFUL):
        # Of a red cross a low threshold left 0.66 mm2 in four pieces beside full marks by the same pen.
        return box.turned(MarkState.DOUBTFUL)
    if not box.may_be_dust or (state is MarkState.DOUBTFUL and box.may_be_low):
        return box
    # A dot may be all that is seen of a pale mark, unless the pen left full ones too.
    is_sure = full_mm2 >= (profile.bilevel_solid_ink_mm2 if box.bilevel else profile.solid_ink_mm2)
    least_mm2 = profile.least_speck_mm2 if has_specks else profile.empty_ink_mm2
    has_ink = box.ink_mm2 >= least_mm2 or box.may_be_crossing
    if state is MarkState.EMPTY and has_ink and (box.bilevel or has_dots) and not is_sure:
        return box.turned(MarkState.DOUBTFUL)
    most_mm2 = min(profile.dust_ink_ratio * full_mm2, profile.dust_ink_mm2)
    if state is MarkState.DOUBTFUL and is_sure and box.ink_mm2 <= most_mm2:
        return box.turned(MarkState.EMPTY)
    return box


def _most_plain_mm2(others_mm2: list[float], few: bool, profile: Profile) -> float:
    """The most ink of a mark that is no more than the voter's others: what takes a mark back adds ink."""
    if few:
        return min(others_mm2, default=0.0)
    return profile.like_ink_ratio * float(np.median(others_mm2))


def _odd_fills_doubted(boxes: list[JudgedBox], profile: Profile) -> list[JudgedBox]:
    """Filled boxes count only if the voter fills boxes.

    A single filled box, or one with more ink than the voter's other marks have, may be a cross that was
    scribbled over within its box.
    """
    made = [box for box in boxes if box.counts]
    others = [box.ink_mm2 for box in made if not box.fills]
    if not others and len(made) >= profile.least_fills:
        return boxes
    most_mm2 = profile.fill_ink_ratio * float(np.median(others)) if others else 0.0
    return [
        box.turned(MarkState.TAKEN_BACK) if box.counts and box.fills and box.ink_mm2 > most_mm2 else box
        for box in boxes
    ]


def _heavy_doubted(boxes: list[JudgedBox], profile: Profile) -> list[JudgedBox]:
    """A mark with far more ink than the ballot's others may be struck through or scribbled over.

    In black and white that is all there is to see of a mark scribbled over in pale ink: thresholding loses
    such ink but where it lies twice, so that the mark is left, with thicker strokes than the others have.
    """
    made = [box for box in boxes if box.counts]
    return [
        box.turned(MarkState.TAKEN_BACK)
        if box.counts and _is_heavy(box, [o for o in made if o is not box], profile)
        else box
        for box in boxes
    ]


def _is_heavy(box: JudgedBox, others: list[JudgedBox], profile: Profile) -> bool:
    if not others:
        return False
    inside = box.ink_mm2 / float(np.median([other.ink_mm2 for other in others]))
    if box.bilevel and inside > profile.lone_heavy_ink_ratio:
        return True
    if box.is_ring:
        return False
    few = len(others) < profile.least_like
    most = profile.lone_heavy_ink_ratio if few else profile.heavy_ink_ratio
    # A larger mark leaves more ink outside its box, one that lies off it more inside.
    whole = box.whole_mm2 / float(np.median([other.whole_mm2 for other in others]))
    return min(inside, whole) > most


def _joined_doubted(boxes: list[JudgedBox]) -> list[JudgedBox]:
    """No mark counts whose ink is joined with a doubted box's: both may be one stroke, or one hole."""
    is_doubted = [box.mark.state in (MarkState.DOUBTFUL, MarkState.TAKEN_BACK) for box in boxes]
    return [
        box.turned(MarkState.DOUBTFUL) if box.counts and any(is_doubted[i] for i in box.joined) else box
        for box in boxes
    ]
