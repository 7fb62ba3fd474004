"""Dots in boxes, marks of thick pens, and fibres over print: what needs no person, and what still does."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.layout import SideLayout
from ballot.reading import DoubtCode, MarkState
from recognition.geometry import Matrix
from tests.conftest import Press
from tests.drawn_sheets import Colours, Drawing, pixels, read_with

INK = (60, 40, 30)
PX_PER_MM = 200 / 25.4


def _line(picture: Colours, to_px: Matrix, points_mm: list[tuple[float, float]], thick_mm: float) -> None:
    thick_px = max(1, round(thick_mm * PX_PER_MM))
    cv2.polylines(picture, [pixels(to_px, np.array(points_mm))], False, INK, thick_px, cv2.LINE_AA)


def _stroke(length_mm: float, thick_mm: float) -> Drawing:
    """One short slanting stroke in the box of candidate 3."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        x, y = next(m.box for m in side.mark_boxes if m.candidate == 3).center_mm
        half = length_mm / 2 / np.sqrt(2)
        _line(picture, to_px, [(x - half, y + half), (x + half, y - half)], thick_mm)

    return draw


@pytest.mark.parametrize(
    ("length_mm", "thick_mm", "bilevel", "state"),
    [
        pytest.param(0.1, 0.35, False, MarkState.EMPTY, id="a dot"),
        pytest.param(0.9, 0.3, False, MarkState.DOUBTFUL, id="a dash"),
        pytest.param(3.0, 0.5, False, MarkState.MARKED, id="a stroke"),
        # It may be what thresholding left of a pale mark.
        pytest.param(0.1, 0.3, True, MarkState.DOUBTFUL, id="a dot in black and white"),
        pytest.param(3.0, 0.5, True, MarkState.MARKED, id="a stroke in black and white"),
    ],
)
def test_a_dot_in_a_box_is_dust_and_a_dash_is_not(
    print_house: Press, length_mm: float, thick_mm: float, bilevel: bool, state: MarkState
) -> None:
    printed = print_house("fjord", ElectionKind.MUNICIPAL_COUNCIL)
    reading = read_with(printed, _stroke(length_mm, thick_mm), bilevel=bilevel)
    assert {m.candidate: m.state for m in reading.marks}[3] is state


@pytest.mark.parametrize("dots", [{3}, {3, 6}])
def test_dots_in_the_middle_of_several_boxes_are_no_dust(print_house: Press, dots: set[int]) -> None:
    """One may be dust; dust does not choose the middles of boxes twice."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for mark in side.mark_boxes:
            if mark.candidate in dots:
                x, y = mark.box.center_mm
                _line(picture, to_px, [(x - 0.05, y), (x + 0.05, y)], 0.4)

    reading = read_with(print_house("fjord", ElectionKind.MUNICIPAL_COUNCIL), draw)
    doubted = {m.candidate for m in reading.marks if m.state is MarkState.DOUBTFUL}
    assert doubted == (dots if len(dots) > 1 else set())


@pytest.mark.parametrize("full", [{5}, {5, 7}])
def test_a_dot_beside_full_marks_is_dust_in_black_and_white_too(print_house: Press, full: set[int]) -> None:
    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        _stroke(0.1, 0.3)(picture, to_px, side)
        _crosses(full, None)(picture, to_px, side)

    reading = read_with(print_house("fjord", ElectionKind.MUNICIPAL_COUNCIL), draw, bilevel=True)
    assert {m.candidate for m in reading.marks if m.state is not MarkState.EMPTY} == full
    # Alone, so thick a cross may be one that was scribbled over in pale ink.
    assert {d.candidate for d in reading.doubts} == (full if len(full) == 1 else set())


@pytest.mark.parametrize("bilevel", [False, True])
def test_a_thick_cross_alone_counts_where_a_scribble_would_show(print_house: Press, bilevel: bool) -> None:
    """In black and white it may be a cross scribbled over in pale ink."""
    printed = print_house("fjord", ElectionKind.MUNICIPAL_COUNCIL)
    assert read_with(printed, _crosses({5}, None), bilevel=bilevel).accepted != bilevel


@pytest.mark.parametrize("specks", [2, 3])
def test_two_specks_near_each_other_are_dust_in_black_and_white(print_house: Press, specks: int) -> None:
    """More may be what is left of a pale stroke."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        x, y = side.width_mm / 2 + 25, side.height_mm - 25
        for step in range(specks):
            start = (x + 1.5 * step, y + 0.7 * (step % 2))
            _line(picture, to_px, [start, (start[0] + 0.1, start[1])], 0.4)

    printed = print_house("vidde", ElectionKind.MUNICIPAL_COUNCIL)
    reading = read_with(printed, draw, bilevel=True)
    assert (DoubtCode.INK_OUTSIDE_FIELDS in {d.code for d in reading.doubts}) == (specks == 3)


def _crosses(candidates: set[int], scribbled: int | None) -> Drawing:
    """Crosses of a felt pen; one of them perhaps scribbled over with the same pen."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for mark in side.mark_boxes:
            if mark.candidate not in candidates:
                continue
            (x, y), reach = mark.box.center_mm, 0.55 * mark.box.w_mm
            for slope in (1, -1):
                ends = [(x - reach, y - slope * reach), (x + reach, y + slope * reach)]
                _line(picture, to_px, ends, 0.19 * mark.box.w_mm)
            if mark.candidate == scribbled:
                ys = np.linspace(y - 0.6 * reach, y + 0.6 * reach, 6)
                zigzag = [(x + (-1) ** i * 0.7 * reach, float(row)) for i, row in enumerate(ys)]
                _line(picture, to_px, zigzag, 0.6)

    return draw


@pytest.mark.parametrize("house", ["fjord", "vidde", "skog"])
@pytest.mark.parametrize("scribbled", [None, 5])
def test_thick_crosses_count_beside_their_like_and_one_scribbled_over_does_not(
    print_house: Press, house: str, scribbled: int | None
) -> None:
    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    reading = read_with(printed, _crosses({2, 5, 7}, scribbled), bilevel=True)
    marked = {m.candidate for m in reading.marks if m.state is MarkState.MARKED}
    assert marked == {2, 5, 7} - {scribbled}
    assert {d.candidate for d in reading.doubts if d.candidate is not None} <= {scribbled}
    assert reading.accepted == (scribbled is None)


@pytest.mark.parametrize("house", ["vidde", "fjord"])
def test_a_fibre_that_touches_a_name_is_dust_in_black_and_white_and_a_small_cross_is_not(
    print_house: Press, house: str
) -> None:
    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)

    def at_name(side: SideLayout) -> tuple[float, float]:
        box = next(m.box for m in side.mark_boxes if m.candidate == 3)
        return box.right_mm + 9.0, box.center_mm[1]

    def fibre(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        x, y = at_name(side)
        bend = [(x, y), (x + 0.3, y - 0.5), (x + 0.5, y - 0.9), (x + 0.9, y - 1.2)]
        cv2.polylines(picture, [pixels(to_px, np.array(bend))], False, INK, 1, cv2.LINE_AA)

    def cross(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        x, y = at_name(side)
        for slope in (1, -1):
            _line(picture, to_px, [(x - 1.1, y - slope * 1.1), (x + 1.1, y + slope * 1.1)], 0.4)

    outside = DoubtCode.INK_OUTSIDE_FIELDS
    assert outside not in {d.code for d in read_with(printed, fibre, bilevel=True).doubts}
    assert outside in {d.code for d in read_with(printed, cross, bilevel=True).doubts}


@pytest.mark.parametrize("thick_mm", [0.1, 0.45])
def test_a_blot_that_closes_a_letter_is_no_fibre(print_house: Press, thick_mm: float) -> None:
    """A small cross over a letter leaves as little beside the print as a fibre of dust does."""
    printed = print_house("vidde", ElectionKind.MUNICIPAL_COUNCIL)

    def cross(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        name = next(box for box in side.other_text if box.w_mm > 20 and box.y_mm > 80)
        x, y = name.x_mm + 9.0, name.center_mm[1]
        for slope in (1, -1):
            _line(picture, to_px, [(x - 0.75, y - slope * 0.75), (x + 0.75, y + slope * 0.75)], thick_mm)

    doubted = {d.code for d in read_with(printed, cross, bilevel=True).doubts}
    assert (DoubtCode.INK_OUTSIDE_FIELDS in doubted) == (thick_mm > 0.3)


def _ticks(low: int, others: set[int]) -> Drawing:
    """Ticks of a thin pen; one of them keeps to the lower edge of its box."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for mark in side.mark_boxes:
            if mark.candidate not in others | {low}:
                continue
            (x, y), w = mark.box.center_mm, mark.box.w_mm
            drop = 0.34 * w if mark.candidate == low else 0.1 * w
            corners = [(x - 0.36 * w, y + drop - 0.25 * w), (x - 0.1 * w, y + drop)]
            _line(picture, to_px, [*corners, (x + 0.4 * w, y + drop - 0.45 * w)], 0.3)

    return draw


@pytest.mark.parametrize(("others", "accepted"), [({2, 5}, True), (set(), False)])
def test_a_low_tick_counts_beside_others_at_least(
    print_house: Press, others: set[int], accepted: bool
) -> None:
    """Alone it may be the end of a stroke of the next box, unless it has enough ink by itself."""
    reading = read_with(print_house("fjord", ElectionKind.MUNICIPAL_COUNCIL), _ticks(3, others))
    state = {m.candidate: m.state for m in reading.marks}[3]
    assert state is MarkState.MARKED or not accepted
    assert state is not MarkState.EMPTY


def test_a_hole_that_reaches_a_box_is_no_mark_though_others_have_as_much_ink(print_house: Press) -> None:
    """A campaign read the black behind a hole as a mark like the ballot's filled boxes."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        _crosses({2, 7}, None)(picture, to_px, side)
        box = next(m.box for m in side.mark_boxes if m.candidate == 4)
        left, right, bottom = box.x_mm - 0.3, box.right_mm + 0.3, box.y_mm + 0.5 * box.h_mm
        above = [(left - 2, box.y_mm - 3), (right + 2, box.y_mm - 4), (right + 1, box.y_mm - 1.2)]
        ragged = [
            *above,
            (right, bottom),
            (box.x_mm + 2, bottom - 0.5),
            (left, bottom),
            (left - 1, box.y_mm - 1.2),
        ]
        cv2.fillPoly(picture, [pixels(to_px, np.array(ragged))], (16, 16, 18))

    reading = read_with(print_house("fjord", ElectionKind.MUNICIPAL_COUNCIL), draw)
    states = {m.candidate: m.state for m in reading.marks}
    assert states[4] in {MarkState.DOUBTFUL, MarkState.TAKEN_BACK}
    assert states[7] is MarkState.MARKED
    assert not reading.accepted


@pytest.mark.parametrize("behind_mm", [9.0, 13.0, 17.0])
@pytest.mark.parametrize("house", ["fjord", "skog"])
def test_a_fold_through_names_is_no_ink(print_house: Press, house: str, behind_mm: float) -> None:
    """What lies beyond a fold is scanned a third of a millimetre lower, in the middle of words too."""

    def fold(picture: Colours, to_px: Matrix, side: SideLayout) -> Colours:
        box = next(m.box for m in side.mark_boxes if m.candidate == 2)
        at = int(pixels(to_px, np.array([(box.right_mm + behind_mm, box.y_mm)]))[0, 0, 0])
        folded = picture.copy()
        folded[3:, at:] = picture[:-3, at:]
        return folded

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), fold)
    assert DoubtCode.INK_OUTSIDE_FIELDS not in {d.code for d in reading.doubts}


@pytest.mark.parametrize("ends", [1, 2])
def test_two_ends_of_a_pale_cross_over_a_name_are_seen(print_house: Press, ends: int) -> None:
    """Print hides its middle, and one such end may be dust."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        box = next(m.box for m in side.mark_boxes if m.candidate == 3)
        x, y = box.right_mm + 12.0, box.center_mm[1]
        for way in (-1, 1)[:ends]:
            stroke = [(x, y + way * 1.0), (x + 0.7, y + way * 1.7)]
            points = [pixels(to_px, np.array(stroke))]
            cv2.polylines(picture, points, False, (150, 165, 205), 4, cv2.LINE_AA)

    reading = read_with(print_house("fjord", ElectionKind.MUNICIPAL_COUNCIL), draw)
    seen = [d for d in reading.doubts if d.code is DoubtCode.INK_OUTSIDE_FIELDS]
    assert len(seen) == ends - 1


@pytest.mark.parametrize("grains", [1, 3])
def test_grains_of_a_pale_mark_in_black_and_white_are_doubted(print_house: Press, grains: int) -> None:
    """A campaign read them as an empty box; dust leaves one speck."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        x, y = next(m.box for m in side.mark_boxes if m.candidate == 3).center_mm
        for step in range(grains):
            column, row = pixels(to_px, np.array([(x + 0.7 + 0.3 * step, y - 1.1 + 0.3 * step)]))[0, 0]
            picture[row, column] = 0

    printed = print_house("fjord", ElectionKind.MUNICIPAL_COUNCIL)
    reading = read_with(printed, draw, bilevel=True)
    doubted = {m.candidate for m in reading.marks if m.state is MarkState.DOUBTFUL}
    assert doubted == ({3} if grains > 1 else set())
