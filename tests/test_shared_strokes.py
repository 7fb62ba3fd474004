"""One mark drawn over two boxes is never two votes, and two marks that touch are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.geometry import Box
from ballot.layout import SideLayout
from ballot.reading import MarkReading, MarkState, Reading
from recognition.geometry import Matrix
from recognition.profile import DEFAULT_PROFILE
from recognition.shared_strokes import _CLEAR_DARKNESS, _joined
from tests.conftest import Press
from tests.drawn_sheets import Colours, Drawing, pixels, read_with

HOUSES = ("fjord", "vidde", "skog")
DARK, PENCIL = (60, 40, 30), (140, 140, 145)
UPPER = (1, 4, 7)
"""Of these boxes and the ones below them something is drawn, by their place in the column."""

Stroke = Sequence[tuple[float, float]]
Strokes = Callable[[Box, Box, float], list[Stroke]]
"""What is drawn at two boxes, one above the other, the bolder the greater the number."""


def _cross_over_both(upper: Box, lower: Box, bold: float) -> list[Stroke]:
    x, y = upper.center_mm[0], (upper.bottom_mm + lower.y_mm) / 2
    high = (lower.y_mm - upper.bottom_mm) / 2 + bold * upper.h_mm
    wide = 0.4 * upper.w_mm
    return [[(x - wide, y - high), (x + wide, y + high)], [(x + wide, y - high), (x - wide, y + high)]]


def _tick_over_both(upper: Box, lower: Box, bold: float) -> list[Stroke]:
    x, y = upper.center_mm[0], (upper.bottom_mm + lower.y_mm) / 2
    high = (lower.y_mm - upper.bottom_mm) / 2 + bold * upper.h_mm
    wide = 0.4 * upper.w_mm
    return [[(x - wide, y), (x - 0.3 * wide, y + high), (x + wide, y - high)]]


def _line_through_both(upper: Box, lower: Box, bold: float) -> list[Stroke]:
    middle, drift = upper.center_mm[0], 0.2 * upper.w_mm
    end = (0.5 - 0.4 * bold) * upper.h_mm
    return [[(middle - drift, upper.y_mm + end), (middle + drift, lower.bottom_mm - end)]]


def _two_crosses(upper: Box, lower: Box, bold: float) -> list[Stroke]:
    reach = (0.5 + 0.5 * bold) * upper.w_mm / np.sqrt(2)
    reach = max(reach, 0.55 * (lower.center_mm[1] - upper.center_mm[1]))
    return [
        [(x - reach, y - way * reach), (x + reach, y + way * reach)]
        for x, y in (upper.center_mm, lower.center_mm)
        for way in (1, -1)
    ]


def _drawn(strokes: Strokes, bold: float, ink: tuple[int, int, int], found: list[int]) -> Drawing:
    """A drawing at pairs of boxes; tells the candidates."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        boxes = [box for box in side.mark_boxes if box.candidate is not None]
        column = [box for box in boxes if abs(box.box.x_mm - boxes[0].box.x_mm) < 1]
        for place in UPPER:
            upper, lower = column[place], column[place + 1]
            found.extend(box.candidate for box in (upper, lower) if box.candidate is not None)
            for stroke in strokes(upper.box, lower.box, bold):
                points = [pixels(to_px, np.array(stroke, np.float64))]
                cv2.polylines(picture, points, False, ink, 3, cv2.LINE_AA)

    return draw


def _states(reading: Reading, candidates: list[int]) -> list[MarkState]:
    marks: dict[int | None, MarkReading] = {mark.candidate: mark for mark in reading.marks}
    return [marks[candidate].state for candidate in candidates]


@pytest.mark.parametrize("bilevel", [False, True], ids=["colour", "black-and-white"])
@pytest.mark.parametrize("strokes", [_cross_over_both, _tick_over_both, _line_through_both])
@pytest.mark.parametrize("house", HOUSES)
def test_a_mark_over_two_boxes_is_no_vote(
    print_house: Press, house: str, strokes: Strokes, bilevel: bool
) -> None:
    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    for bold in (0.5, 0.75, 0.9):
        drawn: list[int] = []
        reading = read_with(printed, _drawn(strokes, bold, DARK, drawn), bilevel=bilevel)
        assert len(drawn) == 2 * len(UPPER)
        assert MarkState.MARKED not in _states(reading, drawn), bold


@pytest.mark.parametrize("house", HOUSES)
def test_a_mark_in_pencil_over_two_boxes_is_no_vote(print_house: Press, house: str) -> None:
    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    for bold in (0.5, 0.75, 0.9):
        drawn: list[int] = []
        reading = read_with(printed, _drawn(_cross_over_both, bold, PENCIL, drawn))
        assert MarkState.MARKED not in _states(reading, drawn), bold


@pytest.mark.parametrize("house", HOUSES)
def test_two_crosses_that_touch_are_two_votes(print_house: Press, house: str) -> None:
    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    for bold in (0.0, 0.5):
        drawn: list[int] = []
        reading = read_with(printed, _drawn(_two_crosses, bold, DARK, drawn))
        assert set(_states(reading, drawn)) == {MarkState.MARKED}, bold


@pytest.mark.parametrize("between", [0.0, 0.15, 0.6])
def test_a_stroke_is_not_followed_over_paper_that_is_seen_to_be_clear(between: float) -> None:
    """Thick arms reach the outlines of both boxes, with not a millimetre of paper between these."""
    blank = np.zeros((86, 54), np.float32)
    places = [(slice(top, top + 34), slice(10, 44)) for top in (6, 44)]
    for rows, columns in places:
        blank[rows, columns] = 0.9
        blank[rows.start + 2 : rows.stop - 2, columns.start + 2 : columns.stop - 2] = 0
    scan = blank.copy()
    scan[14:70, 20:30] = np.maximum(scan[14:70, 20:30], 0.6)
    scan[40:44] = between
    clear = scan < _CLEAR_DARKNESS
    joined = [
        _joined(scan, blank, seen, places, 5, DEFAULT_PROFILE)[1].any()
        for seen in (clear, np.zeros_like(clear))
    ]
    assert joined == [between > 0, True]
