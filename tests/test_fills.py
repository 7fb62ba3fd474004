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

INK = (110, 40, 30)
EDGE_SHARE = 0.25


def _filled(picture: Colours, to_px: Matrix, box: Box) -> None:
    edge_mm = EDGE_SHARE * box.w_mm
    top, bottom = box.y_mm + edge_mm, box.bottom_mm - edge_mm
    rows = np.linspace(top, bottom, round((bottom - top) / 0.28) + 1)
    ends = [(box.x_mm + edge_mm, box.right_mm - edge_mm)[i % 2] for i in range(len(rows))]
    strokes = np.stack([ends, rows], axis=1)
    cv2.polylines(picture, [pixels(to_px, strokes)], False, INK, 3, cv2.LINE_AA)


def _crossed(picture: Colours, to_px: Matrix, box: Box) -> None:
    for left, right in ((box.x_mm, box.right_mm), (box.right_mm, box.x_mm)):
        ends = np.array([(left, box.y_mm), (right, box.bottom_mm)])
        cv2.polylines(picture, [pixels(to_px, ends)], False, INK, 3, cv2.LINE_AA)


def _drawing(filled: set[int], crossed: set[int]) -> Drawing:
    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for mark in side.mark_boxes:
            if mark.candidate in crossed:
                _crossed(picture, to_px, mark.box)
            if mark.candidate in filled:
                _filled(picture, to_px, mark.box)

    return draw


@pytest.mark.parametrize("house", ["fjord", "skog"])
@pytest.mark.parametrize(
    ("filled", "crossed", "doubted"),
    [
        pytest.param({2, 4, 5}, set(), set(), id="a voter who fills boxes"),
        pytest.param({4}, {2, 5}, {4}, id="a filled box among crosses"),
        pytest.param({4}, set(), {4}, id="a single filled box"),
        pytest.param({4}, {4}, {4}, id="a cross that is scribbled over"),
    ],
)
def test_a_filled_box_counts_only_among_its_like(
    print_house: Press, house: str, filled: set[int], crossed: set[int], doubted: set[int]
) -> None:
    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), _drawing(filled, crossed))
    states = {mark.candidate: mark.state for mark in reading.marks if mark.state is not MarkState.EMPTY}
    expected = {n: MarkState.TAKEN_BACK if n in doubted else MarkState.MARKED for n in filled | crossed}
    assert states == expected
    assert {d.candidate for d in reading.doubts if d.code is DoubtCode.MARK_TAKEN_BACK} == doubted
