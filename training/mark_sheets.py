"""Draws marks of one voter a sheet on scans of unmarked ballots, and measures them as the reader does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from ballot.geometry import Box
from ballot.reading import MarkState
from benchmarks.strikes import Blank
from recognition.boxes import measure_boxes
from recognition.mark_network import inks_of
from recognition.mark_picture import Picture, mark_picture
from recognition.marks import judge_mark
from recognition.one_pen import held_to_one_pen
from recognition.patches import detail_source
from recognition.profile import DEFAULT_PROFILE
from training.mark_hand import SHAPE_SHARES, UNDOING_SHARES, Points, Shape, mark, undoing
from training.mark_page import DrawnPage, Grey, Pen, any_pen, scanned
from training.stray_hand import FIBRE_DARKNESS, FIBRE_WIDTH_MM, STRAY_SHARES, Stray, stray

_BILEVEL, _OTHER_PEN = 0.45, 0.25
_TAKEN_BACK, _STRAY, _DUSTY = 0.4, 0.22, 0.12
_MARKED = (0.35, 0.8)
_OWN_SHAPE = 0.85
_CLEAR_MM = 0.2

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Example:
    """One box with ink as the reader sees it.

    Attributes:
        picture: See `recognition.mark_picture`.
        inks: See `training.mark_examples.Examples`.
        counts: Whether the rules for single boxes would let it pass.
        is_vote: Whether it is a mark that was not taken back.
        bilevel: Whether it was scanned in black and white.
        voter: Whose it is.
        made: The mark's shape, and how it was taken back, or what else it is.
    """

    picture: Picture
    inks: tuple[float, ...]
    counts: bool
    is_vote: bool
    bilevel: bool
    voter: int
    made: str


@dataclass(frozen=True)
class _Drawn:
    """What was drawn at one box."""

    made: str
    is_vote: bool
    points: Points


class _Voter:
    """Draws on one page, with a pen and a shape of their own."""

    def __init__(self, page: DrawnPage, bilevel: bool, rng: np.random.Generator) -> None:
        self._page, self._rng = page, rng
        self._pen = any_pen(bilevel, rng)
        self._undoing_pen = any_pen(bilevel, rng) if rng.random() < _OTHER_PEN else self._pen
        self._shape = _chosen(SHAPE_SHARES, rng)

    def draw(self, box: Box) -> _Drawn:
        """Makes a mark, takes it back, or leaves something else in a box."""
        if self._rng.random() < _STRAY:
            kind = _chosen(STRAY_SHARES, self._rng)
            return _Drawn(kind.value, False, self._stray(kind, box))
        rng = self._rng
        shape = self._shape if rng.random() < _OWN_SHAPE else _chosen(SHAPE_SHARES, rng)
        made = mark(shape, rng)
        points = [self._strokes(made.strokes, box, self._pen)]
        name, is_vote = shape.value, shape is Shape.FILL or rng.random() >= _TAKEN_BACK
        if not is_vote:
            way = _chosen(UNDOING_SHARES, rng)
            name = f"{name}, {way.value}"
            points.append(self._strokes(undoing(way, made, shape, rng), box, self._undoing_pen))
        if rng.random() < _DUSTY:
            self._stray(Stray.FIBRE if rng.random() < 0.5 else Stray.SPECKS, box)
        return _Drawn(name, is_vote, np.concatenate(points))

    def _strokes(self, strokes: tuple[Points, ...], box: Box, pen: Pen) -> Points:
        placed = tuple(_placed(stroke, box) for stroke in strokes)
        self._page.draw(placed, pen)
        return np.concatenate(placed)

    def _stray(self, kind: Stray, box: Box) -> Points:
        rng, found = self._rng, stray(kind, self._rng)
        points = [np.zeros((0, 2))]
        if found.strokes:
            pen = self._pen
            if found.thin:
                pen = Pen(float(rng.uniform(*FIBRE_WIDTH_MM)), float(rng.uniform(*FIBRE_DARKNESS)), 0.1)
            points.append(self._strokes(found.strokes, box, pen))
        for area in found.areas:
            points.append(_placed(area, box))
            self._page.darken(points[-1], float(rng.uniform(0.3, 1.0)))
        return np.concatenate(points)


def _placed(points: Points, box: Box) -> Points:
    half = min(box.w_mm, box.h_mm) / 2
    return np.asarray(np.array(box.center_mm) + half * points)


def _chosen(shares: dict[Kind, float], rng: np.random.Generator) -> Kind:
    kinds = list(shares)
    return kinds[int(rng.choice(len(kinds), p=np.array([shares[k] for k in kinds]) / sum(shares.values())))]


def examples(blank: Blank, grey: Grey, dpi: int, voter: int, rng: np.random.Generator) -> Iterator[Example]:
    """What one voter left in the boxes of one sheet."""
    bilevel = bool(rng.random() < _BILEVEL)
    page = DrawnPage(grey, blank, rng)
    hand = _Voter(page, bilevel, rng)
    boxes = blank.registration.side.layout.mark_boxes
    chosen = np.flatnonzero(rng.random(len(boxes)) < rng.uniform(*_MARKED)).tolist()
    drawn = {index: hand.draw(boxes[index].box) for index in chosen}
    source = detail_source(scanned(page.grey, dpi, bilevel, rng), dpi)
    measures = held_to_one_pen(measure_boxes(source, blank.registration), DEFAULT_PROFILE)
    for index, what in drawn.items():
        measure = measures[index]
        if measure.inked is None or measure.ink_mm2 < DEFAULT_PROFILE.empty_ink_mm2:
            continue
        if _is_drawn_over(boxes[index].box, index, drawn):
            continue
        state = judge_mark(boxes[index], measure, DEFAULT_PROFILE, bilevel).state
        yield Example(
            mark_picture(measure.inked),
            inks_of(measure),
            counts=state is MarkState.MARKED,
            is_vote=what.is_vote,
            bilevel=bilevel,
            voter=voter,
            made=what.made,
        )


def _is_drawn_over(box: Box, index: int, drawn: dict[int, _Drawn]) -> bool:
    """Whether another box's strokes come into this one, so that nobody could say what it means."""
    own = box.grown(_CLEAR_MM)
    for other, what in drawn.items():
        x, y = what.points.T
        is_in = (x > own.x_mm) & (x < own.right_mm) & (y > own.y_mm) & (y < own.bottom_mm)
        if other != index and is_in.any():
            return True
    return False
