"""Filled boxes: a vote of a voter who fills boxes, a doubt where they stand alone or among crosses."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.geometry import Box
from ballot.layout import SideLayout
from ballot.reading import DoubtCode, MarkState
from recognition.geometry import Matrix
from tests.conftest import Press
from tests.drawn_sheets import Colours, Drawing, pixels, read_with
from tests.print_houses import Printed, print_and_learn

INK = (110, 40, 30)
EDGE_SHARE, FULLER_EDGE_SHARE = 0.25, 0.2


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Printed:
    """A ballot of so many candidates that its boxes stand 0.7 mm apart."""
    return print_and_learn("skog", ElectionKind.COUNTY_COUNCIL, tmp_path_factory.mktemp("crowded"), seats=39)


def _filled(picture: Colours, to_px: Matrix, box: Box, edge_share: float = EDGE_SHARE) -> None:
    edge_mm = edge_share * box.w_mm
    top, bottom = box.y_mm + edge_mm, box.bottom_mm - edge_mm
    rows = np.linspace(top, bottom, round((bottom - top) / 0.28) + 1)
    ends = [(box.x_mm + edge_mm, box.right_mm - edge_mm)[i % 2] for i in range(len(rows))]
    strokes = np.stack([ends, rows], axis=1)
    cv2.polylines(picture, [pixels(to_px, strokes)], False, INK, 3, cv2.LINE_AA)


def _crossed(picture: Colours, to_px: Matrix, box: Box) -> None:
    for left, right in ((box.x_mm, box.right_mm), (box.right_mm, box.x_mm)):
        ends = np.array([(left, box.y_mm), (right, box.bottom_mm)])
        cv2.polylines(picture, [pixels(to_px, ends)], False, INK, 3, cv2.LINE_AA)


def _drawing(filled: set[int], crossed: set[int], edge_share: float) -> Drawing:
    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for mark in side.mark_boxes:
            if mark.candidate in crossed:
                _crossed(picture, to_px, mark.box)
            if mark.candidate in filled:
                _filled(picture, to_px, mark.box, edge_share)

    return draw


def _line(picture: Colours, to_px: Matrix, points_mm: list[tuple[float, float]], thick_px: int) -> None:
    cv2.polylines(picture, [pixels(to_px, np.array(points_mm))], False, INK, thick_px, cv2.LINE_AA)


@pytest.mark.parametrize("reach_mm", [1.3, 0.75], ids=["into the next boxes", "up to the next boxes"])
def test_a_line_struck_through_a_cross_is_seen_where_boxes_stand_close(
    crowded: Printed, reach_mm: float
) -> None:
    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        box = next(m.box for m in side.mark_boxes if m.candidate == 4)
        x = box.center_mm[0]
        _crossed(picture, to_px, box)
        _line(picture, to_px, [(x, box.y_mm - reach_mm), (x, box.bottom_mm + reach_mm)], 3)

    reading = read_with(crowded, draw)
    assert {m.candidate: m.state for m in reading.marks}[4] is MarkState.TAKEN_BACK


@pytest.mark.parametrize(("thick_px", "over_mm"), [(5, 0.0), (7, 0.3), (9, 0.5)])
def test_a_tick_is_not_struck_out_by_the_outlines_of_the_next_boxes(
    crowded: Printed, thick_px: int, over_mm: float
) -> None:
    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        box = next(m.box for m in side.mark_boxes if m.candidate == 4)
        x, y = box.center_mm
        leg = [(x - 0.35, box.bottom_mm + over_mm), (x + 0.35, box.y_mm - over_mm)]
        _line(picture, to_px, [(box.x_mm + 0.2, y - 0.2), *leg], thick_px)

    reading = read_with(crowded, draw)
    assert {m.candidate: m.state for m in reading.marks}[4] is MarkState.MARKED


@pytest.mark.parametrize("house", ["fjord", "vidde", "skog"])
def test_a_cross_with_a_small_scribble_over_it_is_doubted_among_crosses(
    print_house: Press, house: str
) -> None:
    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for mark in side.mark_boxes:
            if mark.candidate in {2, 4, 5}:
                _crossed(picture, to_px, mark.box)
            if mark.candidate == 4:
                _filled(picture, to_px, mark.box)

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), draw)
    states = {mark.candidate: mark.state for mark in reading.marks if mark.state is not MarkState.EMPTY}
    assert states == {2: MarkState.MARKED, 4: MarkState.TAKEN_BACK, 5: MarkState.MARKED}


@pytest.mark.parametrize(("house", "thick_px"), [("fjord", 5), ("vidde", 5), ("skog", 6)])
def test_a_ring_of_a_thick_pen_counts_among_its_crosses(
    print_house: Press, house: str, thick_px: int
) -> None:
    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for mark in side.mark_boxes:
            (x, y), reach = mark.box.center_mm, 0.4 * mark.box.w_mm
            if mark.candidate in {2, 5, 7}:
                for slope in (1, -1):
                    _line(
                        picture,
                        to_px,
                        [(x - reach, y - slope * reach), (x + reach, y + slope * reach)],
                        thick_px,
                    )
            if mark.candidate == 4:
                turn = np.linspace(0, 2 * np.pi, 30)
                ring = [(x + 0.75 * reach * np.cos(t), y + 0.75 * reach * np.sin(t)) for t in turn]
                _line(picture, to_px, ring, thick_px)

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), draw)
    marked = {mark.candidate for mark in reading.marks if mark.state is MarkState.MARKED}
    assert marked == {2, 4, 5, 7}
    assert reading.accepted


@pytest.mark.parametrize("house", ["fjord", "skog"])
@pytest.mark.parametrize(
    ("filled", "crossed", "edge_share", "doubted"),
    [
        pytest.param({2, 4, 5}, set(), EDGE_SHARE, set(), id="a voter who fills boxes"),
        pytest.param({4}, {2, 5}, FULLER_EDGE_SHARE, {4}, id="a filled box among crosses"),
        pytest.param({4}, set(), EDGE_SHARE, {4}, id="a single filled box"),
        pytest.param({4}, {4}, EDGE_SHARE, {4}, id="a cross that is scribbled over"),
    ],
)
def test_a_filled_box_counts_only_among_its_like(
    print_house: Press, house: str, filled: set[int], crossed: set[int], edge_share: float, doubted: set[int]
) -> None:
    reading = read_with(
        print_house(house, ElectionKind.MUNICIPAL_COUNCIL), _drawing(filled, crossed, edge_share)
    )
    states = {mark.candidate: mark.state for mark in reading.marks if mark.state is not MarkState.EMPTY}
    expected = {n: MarkState.TAKEN_BACK if n in doubted else MarkState.MARKED for n in filled | crossed}
    assert states == expected
    assert {d.candidate for d in reading.doubts if d.code is DoubtCode.MARK_TAKEN_BACK} == doubted
