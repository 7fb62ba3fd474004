"""Holes, waves and black-and-white scans: what is not on paper is never read, and print is never ink."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.layout import SideLayout
from ballot.reading import DoubtCode, MarkState
from recognition.geometry import Matrix
from recognition.reference import PAGE_DPI, CompiledSide, compile_layouts
from tests.conftest import Press
from tests.drawn_sheets import Colours, pixels, read_with


@pytest.mark.parametrize("house", ["fjord", "vidde"])
@pytest.mark.parametrize("reach", [0.42, 0.6, 0.8], ids=["inside the outline", "through it", "round the box"])
@pytest.mark.parametrize("lid", [-7, -14])
def test_a_box_with_a_hole_is_never_read_as_empty(
    print_house: Press, house: str, reach: float, lid: int
) -> None:
    def hole(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        box = next(m.box for m in side.mark_boxes if m.candidate == 3)
        turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        circle = np.stack([np.cos(turns), np.sin(turns)], axis=1)
        corners = pixels(to_px, np.array(box.center_mm) + reach * box.w_mm * circle)
        paper = np.percentile(picture.reshape(-1, 3), 60, axis=0)
        cv2.fillPoly(picture, [corners], tuple(np.clip(paper + lid, 0, 255).tolist()))

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), hole)
    states = {m.candidate: m.state for m in reading.marks}
    assert states[3] is MarkState.DOUBTFUL
    assert [d.candidate for d in reading.doubts if d.code is DoubtCode.MARK_UNCERTAIN] == [3]


@pytest.mark.parametrize("house", ["fjord", "vidde"])
def test_thick_print_of_a_black_and_white_scan_is_no_ink_and_a_cross_over_a_name_is(
    print_house: Press, house: str
) -> None:
    def cross(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        box = next(m.box for m in side.mark_boxes if m.candidate == 3)
        x, y = box.right_mm + 12, box.center_mm[1]
        for start, end in (((-2, -2), (2, 2)), ((-2, 2), (2, -2))):
            ends = pixels(to_px, np.array([(x + start[0], y + start[1]), (x + end[0], y + end[1])]))
            cv2.polylines(picture, [ends], False, (20, 30, 110), 4)

    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    clean = read_with(printed, lambda *_: None, bilevel=True)
    assert [d.code for d in clean.doubts] == []
    crossed = read_with(printed, cross, bilevel=True)
    assert DoubtCode.INK_OUTSIDE_FIELDS in {d.code for d in crossed.doubts}


@pytest.mark.parametrize("house", ["fjord", "vidde"])
def test_uneven_feeding_between_the_anchors_is_followed(print_house: Press, house: str) -> None:
    def wave(picture: Colours, to_px: Matrix, side: SideLayout) -> Colours:
        height, width = picture.shape[:2]
        across, down = np.meshgrid(np.arange(width), np.arange(height))
        px_per_mm = 200 / 25.4
        moved = down + 0.4 * px_per_mm * np.sin(2 * np.pi * down / (110 * px_per_mm))
        return np.asarray(
            cv2.remap(picture, across.astype(np.float32), moved.astype(np.float32), cv2.INTER_LINEAR),
            np.uint8,
        )

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), wave)
    assert [d.code for d in reading.doubts] == []
    assert all(m.state is MarkState.EMPTY for m in reading.marks)


def _free_row_px(picture: Colours, x: int, reach_px: int, height_px: int) -> int:
    """Where a column of a picture is bare paper for so many pixels."""
    bare = picture[:, x - reach_px : x + reach_px].min(axis=(1, 2)) > 215
    runs = np.convolve(bare, np.ones(height_px), "valid")
    assert runs.max() == height_px
    return int(runs.argmax())


@pytest.mark.parametrize(
    ("length_mm", "grey"), [(8, 140), (30, 40), (30, 140)], ids=["pencil dash", "ruled pen", "ruled pencil"]
)
@pytest.mark.parametrize("house", ["fjord", "vidde"])
def test_a_line_drawn_where_the_sheet_is_folded_is_seen(
    print_house: Press, house: str, length_mm: int, grey: int
) -> None:
    def line(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        x = int(pixels(to_px, np.array([(side.width_mm / 2, side.height_mm / 2)]))[0, 0, 0])
        length = round(length_mm * 200 / 25.4)
        top = _free_row_px(picture, x, 30, length + 30) + 15
        cv2.line(picture, (x, top), (x, top + length), (grey, grey, grey), 4, cv2.LINE_AA)

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), line)
    assert DoubtCode.INK_OUTSIDE_FIELDS in {d.code for d in reading.doubts}


def _upright(picture: Colours, to_px: Matrix, x_mm: float, span_mm: tuple[float, float], grey: int) -> None:
    ends = pixels(to_px, np.array([(x_mm, y) for y in span_mm]))
    cv2.polylines(picture, [ends], False, (grey, grey, grey), 4, cv2.LINE_AA)


@pytest.mark.parametrize("house", ["fjord", "vidde"])
def test_a_dashed_line_along_the_fold_is_seen(print_house: Press, house: str) -> None:
    def dashes(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for top in np.arange(20, side.height_mm - 30, 16):
            _upright(picture, to_px, side.width_mm / 2, (top, top + 12), 40)

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), dashes)
    assert DoubtCode.INK_OUTSIDE_FIELDS in {d.code for d in reading.doubts}


@pytest.mark.parametrize("house", ["fjord", "vidde"])
def test_a_pale_pencil_line_beside_the_boxes_is_seen(print_house: Press, house: str) -> None:
    def line(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        boxes = {m.candidate: m.box for m in side.mark_boxes}
        _upright(picture, to_px, boxes[2].x_mm - 5, (boxes[2].y_mm, boxes[6].bottom_mm), 150)

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), line)
    assert DoubtCode.INK_OUTSIDE_FIELDS in {d.code for d in reading.doubts}


@pytest.mark.parametrize("house", ["fjord", "vidde"])
def test_a_pale_crease_along_the_page_is_not_ink(print_house: Press, house: str) -> None:
    def crease(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        ends = pixels(to_px, np.array([(side.width_mm / 2, 4), (side.width_mm / 2, side.height_mm - 4)]))
        drawn = picture.copy()
        cv2.polylines(drawn, [ends], False, (150, 150, 150), 3, cv2.LINE_AA)
        # Darker in places, as where paper was pressed harder.
        shade = 0.2 + 0.2 * np.sin(np.arange(len(picture)) / 40)[:, None, None]
        picture[:] = (picture + shade * (drawn.astype(np.float64) - picture)).astype(np.uint8)

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), crease)
    assert DoubtCode.INK_OUTSIDE_FIELDS not in {d.code for d in reading.doubts}


def _crosses(picture: Colours, to_px: Matrix, centres_mm: list[tuple[float, float]], half_mm: float) -> None:
    for x, y in centres_mm:
        for rise in (-half_mm, half_mm):
            ends = pixels(to_px, np.array([(x - half_mm, y - rise), (x + half_mm, y + rise)]))
            cv2.polylines(picture, [ends], False, (60, 60, 70), 3, cv2.LINE_AA)


@pytest.mark.parametrize("bilevel", [False, True], ids=["colour", "black and white"])
@pytest.mark.parametrize("house", ["fjord", "vidde"])
def test_a_small_cross_over_a_name_is_seen(print_house: Press, house: str, bilevel: bool) -> None:
    def cross(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        box = next(m.box for m in side.mark_boxes if m.candidate == 4)
        _crosses(picture, to_px, [(box.right_mm + 12, box.center_mm[1])], 1.0)

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), cross, bilevel=bilevel)
    assert DoubtCode.INK_OUTSIDE_FIELDS in {d.code for d in reading.doubts}


@pytest.mark.parametrize("house", ["fjord", "vidde"])
def test_a_cross_beside_a_box_is_not_taken_for_part_of_the_next_mark(print_house: Press, house: str) -> None:
    def crosses(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        boxes = {m.candidate: m.box for m in side.mark_boxes}
        own, below = boxes[2], boxes[3]
        _crosses(picture, to_px, [(own.x_mm - 2.2, own.center_mm[1]), below.center_mm], 1.4)
        # The arm of the lower cross comes out of its box, up to the edge of the upper one.
        arm = np.array([(below.x_mm + 0.2, own.bottom_mm + 0.3), below.center_mm])
        cv2.polylines(picture, [pixels(to_px, arm)], False, (60, 60, 70), 3, cv2.LINE_AA)

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), crosses)
    assert DoubtCode.INK_OUTSIDE_FIELDS in {d.code for d in reading.doubts}


def _beside_print(side: CompiledSide) -> tuple[float, float]:
    """A place among the lines of print that has 1 mm of paper around it, page mm."""
    per_mm = PAGE_DPI / 25.4
    free = (~side.near_print & ~side.fields.zone).astype(np.uint8)
    room = cv2.distanceTransform(free, cv2.DIST_L2, 5) >= 1.0 * per_mm
    for area in side.prints.areas:
        rows = slice(round(area.y_mm * per_mm) + 4, round(area.bottom_mm * per_mm) - 4)
        cols = slice(round(area.x_mm * per_mm) + 4, round(area.right_mm * per_mm) - 4)
        ys, xs = np.nonzero(room[rows, cols])
        if len(ys):
            return float(cols.start + xs[0]) / per_mm, float(rows.start + ys[0]) / per_mm
    raise AssertionError("there is no room beside the print")


@pytest.mark.parametrize("house", ["fjord", "vidde"])
def test_a_fibre_beside_print_is_dust_in_black_and_white_and_a_small_cross_is_not(
    print_house: Press, house: str
) -> None:
    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    sides = [ballot.inside for ballot in compile_layouts(printed.election, printed.layouts).ballots]

    def place(side: SideLayout) -> tuple[float, float]:
        return _beside_print(next(compiled for compiled in sides if compiled.layout == side))

    def fibre(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        turns = np.linspace(0, 1.6 * np.pi, 12)
        curl = np.array(place(side)) + 0.36 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
        cv2.polylines(picture, [pixels(to_px, curl)], False, (70, 70, 70), 2, cv2.LINE_AA)

    def cross(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        _crosses(picture, to_px, [place(side)], 1.0)

    outside = DoubtCode.INK_OUTSIDE_FIELDS
    assert outside not in {d.code for d in read_with(printed, fibre, bilevel=True).doubts}
    assert outside in {d.code for d in read_with(printed, cross, bilevel=True).doubts}


@pytest.mark.parametrize("house", ["fjord", "vidde", "skog"])
@pytest.mark.parametrize("kept_share", [0.35, 0.6, 0.85])
def test_digits_that_the_scan_cuts_through_are_not_read(
    print_house: Press, house: str, kept_share: float
) -> None:
    """The upper half of a 3 passes for a 7."""

    def cut(picture: Colours, to_px: Matrix, side: SideLayout) -> Colours | None:
        field = side.ballot_id
        assert field is not None
        height = picture.shape[0]
        at_end = pixels(to_px, np.array([field.box.center_mm]))[0, 0, 1] > height / 2
        kept_mm = kept_share * field.box.h_mm
        edge_mm = field.box.y_mm + kept_mm if at_end else field.box.bottom_mm - kept_mm
        edge = int(pixels(to_px, np.array([(field.box.center_mm[0], edge_mm)]))[0, 0, 1])
        return np.ascontiguousarray(picture[:edge] if at_end else picture[edge:])

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), cut)
    assert reading.ballot_id is None
    assert not reading.accepted
