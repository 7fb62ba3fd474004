"""A stroke through a mark takes it back, though it stays in the box and is no longer than the mark."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.layout import SideLayout
from ballot.reading import MarkState
from recognition.geometry import Matrix
from tests.conftest import Press
from tests.drawn_sheets import Colours, Drawing, pixels, read_with

INK = (60, 40, 30)
STRUCK_DEG = {3: 0, 5: 18, 7: -70, 9: 90}
"""Which candidates' marks are struck through, and at which angle: well off the arms of a cross."""

HOUSES = ("fjord", "vidde", "skog")
Points = list[tuple[float, float]]


def _line(picture: Colours, to_px: Matrix, points: Points, thick_px: int) -> None:
    cv2.polylines(picture, [pixels(to_px, np.array(points))], False, INK, thick_px, cv2.LINE_AA)


def _cross(picture: Colours, to_px: Matrix, middle: tuple[float, float], reach: float, thick_px: int) -> None:
    x, y = middle
    for slope in (0.95, -1.05):
        _line(picture, to_px, [(x - reach, y - slope * reach), (x + reach, y + slope * reach)], thick_px)


def _bent_cross(picture: Colours, to_px: Matrix, middle: tuple[float, float], reach: float) -> None:
    """A cross of two arcs, each bent by a tenth of its length."""
    x, y = middle
    along = np.linspace(-1.0, 1.0, 15)
    for slope in (1, -1):
        bend = 0.15 * reach * (1 - along**2)
        _line(
            picture,
            to_px,
            list(zip(x + reach * along + bend, y + slope * reach * along, strict=True)),
            3,
        )


def _ring(picture: Colours, to_px: Matrix, middle: tuple[float, float], reach: float, thick_px: int) -> None:
    x, y = middle
    turn = np.linspace(0, 2 * np.pi, 30)
    _line(
        picture, to_px, [(x + 0.85 * reach * np.cos(t), y + 0.85 * reach * np.sin(t)) for t in turn], thick_px
    )


def _through(
    picture: Colours,
    to_px: Matrix,
    middle: tuple[float, float],
    reach: float,
    thick_px: int,
    angle_deg: float,
) -> None:
    dx, dy = (1.15 * reach * f(np.radians(angle_deg)) for f in (np.cos, np.sin))
    x, y = middle
    _line(picture, to_px, [(x - dx, y - dy), (x + dx, y + dy)], thick_px)


Mark = Callable[[Colours, Matrix, tuple[float, float], float, int], None]


def _some_struck(shape: Mark, thick_px: int) -> Drawing:
    """Marks of one shape for the first nine candidates, some of them struck through."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for mark in side.mark_boxes:
            if mark.candidate is None or mark.candidate > 9:
                continue
            middle, reach = mark.box.center_mm, 0.38 * mark.box.w_mm
            shape(picture, to_px, middle, reach, thick_px)
            if mark.candidate in STRUCK_DEG:
                _through(picture, to_px, middle, reach, thick_px, STRUCK_DEG[mark.candidate])

    return draw


@pytest.mark.parametrize("bilevel", [False, True])
@pytest.mark.parametrize("thick_px", [2, 3])
@pytest.mark.parametrize("house", HOUSES)
def test_a_third_stroke_through_a_cross_is_no_vote(
    print_house: Press, house: str, thick_px: int, bilevel: bool
) -> None:
    """Beside plain crosses of the same pen, which count; the stroke does not leave the box."""
    reading = read_with(
        print_house(house, ElectionKind.MUNICIPAL_COUNCIL), _some_struck(_cross, thick_px), bilevel=bilevel
    )
    states = {m.candidate: m.state for m in reading.marks if m.candidate is not None and m.candidate <= 9}
    assert {c for c, state in states.items() if state is MarkState.MARKED} == set(states) - set(STRUCK_DEG)
    assert all(states[candidate] is MarkState.TAKEN_BACK for candidate in STRUCK_DEG)


@pytest.mark.parametrize("house", HOUSES)
def test_a_stroke_through_a_ring_is_no_vote(print_house: Press, house: str) -> None:
    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), _some_struck(_ring, 2))
    marked = {m.candidate for m in reading.marks if m.state is MarkState.MARKED}
    assert marked == {1, 2, 4, 6, 8}


@pytest.mark.parametrize("house", HOUSES)
def test_a_bent_cross_counts(print_house: Press, house: str) -> None:
    """Hands do not draw straight lines."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for mark in side.mark_boxes:
            if mark.candidate in {2, 4, 6}:
                _bent_cross(picture, to_px, mark.box.center_mm, 0.38 * mark.box.w_mm)

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), draw)
    assert {m.candidate: m.state for m in reading.marks if m.state is not MarkState.EMPTY} == {
        2: MarkState.MARKED,
        4: MarkState.MARKED,
        6: MarkState.MARKED,
    }


@pytest.mark.parametrize("bilevel", [False, True])
@pytest.mark.parametrize("house", HOUSES)
def test_a_ring_around_a_cross_is_doubted(print_house: Press, house: str, bilevel: bool) -> None:
    """Inside the box a cross is all there is."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for mark in side.mark_boxes:
            if mark.candidate in {2, 4}:
                _cross(picture, to_px, mark.box.center_mm, 0.36 * mark.box.w_mm, 2)
            if mark.candidate == 4:
                _ring(picture, to_px, mark.box.center_mm, 0.85 * mark.box.w_mm, 2)

    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    states = {m.candidate: m.state for m in read_with(printed, draw, bilevel=bilevel).marks}
    assert states[2] is MarkState.MARKED
    assert states[4] is MarkState.TAKEN_BACK


@pytest.mark.parametrize("bilevel", [False, True])
@pytest.mark.parametrize("house", ["fjord", "vidde"])
def test_a_stroke_through_the_corner_of_a_crossed_box_is_doubted(
    print_house: Press, house: str, bilevel: bool
) -> None:
    """It strikes the cross out, or belongs to something else; most of it lies outside the box."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for mark in side.mark_boxes:
            (x, y), w = mark.box.center_mm, mark.box.w_mm
            if mark.candidate in {2, 6}:
                _cross(picture, to_px, (x, y), 0.36 * w, 2)
            if mark.candidate == 6:
                _line(picture, to_px, [(x - 0.9 * w, y - 0.2 * w), (x + 0.2 * w, y + 0.9 * w)], 2)

    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    states = {m.candidate: m.state for m in read_with(printed, draw, bilevel=bilevel).marks}
    assert states[2] is MarkState.MARKED
    assert states[6] is MarkState.TAKEN_BACK


@pytest.mark.parametrize("bilevel", [False, True])
@pytest.mark.parametrize("house", HOUSES)
def test_a_cross_whose_arms_leave_the_box_by_its_corners_counts(
    print_house: Press, house: str, bilevel: bool
) -> None:
    """Beneath the outline of the corners nothing is seen but thin bridges between the ends of an arm."""
    large = {2: (0.62, 1.0), 5: (0.66, 0.98), 8: (0.6, 1.04), 11: (0.64, 1.02)}

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for mark in side.mark_boxes:
            if mark.candidate in large:
                share, slope = large[mark.candidate]
                (x, y), reach = mark.box.center_mm, share * mark.box.w_mm
                for way in (slope, -slope):
                    _line(picture, to_px, [(x - reach, y - way * reach), (x + reach, y + way * reach)], 3)

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), draw, bilevel=bilevel)
    assert {m.candidate for m in reading.marks if m.state is MarkState.MARKED} == set(large)
    assert reading.accepted
