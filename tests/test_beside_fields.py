"""Strokes beside boxes that are none of their marks: an arrow from a crossed box to an empty one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.layout import SideLayout
from ballot.reading import DoubtCode, Reading
from recognition.geometry import Matrix
from tests.conftest import Press
from tests.drawn_sheets import Colours, pixels, read_with

INK = (60, 40, 30)


def _read(print_house: Press, house: str, bilevel: bool, arrow: bool) -> Reading:
    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        boxes = {mark.candidate: mark.box for mark in side.mark_boxes}
        crossed, empty = boxes[4], boxes[6]
        lines = [
            [(crossed.x_mm + 0.6, crossed.y_mm + 0.6), (crossed.right_mm - 0.6, crossed.bottom_mm - 0.6)],
            [(crossed.right_mm - 0.6, crossed.y_mm + 0.6), (crossed.x_mm + 0.6, crossed.bottom_mm - 0.6)],
        ]
        if arrow:
            beside, end = crossed.x_mm - 1.0, (empty.x_mm - 0.7, empty.center_mm[1])
            lines.append(
                [
                    (beside, crossed.center_mm[1]),
                    (beside - 0.8, crossed.bottom_mm + 2.0),
                    (beside - 0.7, end[1] - 1),
                    end,
                ]
            )
            lines.append([(end[0] - 0.2, end[1] - 1.1), end, (end[0] - 1.2, end[1] - 0.3)])
        for line in lines:
            cv2.polylines(picture, [pixels(to_px, np.array(line))], False, INK, 3, cv2.LINE_AA)

    return read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), draw, bilevel=bilevel)


@pytest.mark.parametrize(
    ("house", "bilevel"), [("fjord", False), ("vidde", False), ("fjord", True), ("skog", True)]
)
def test_an_arrow_from_box_to_box_is_asked_about(print_house: Press, house: str, bilevel: bool) -> None:
    plain, pointed = (_read(print_house, house, bilevel, arrow) for arrow in (False, True))
    codes = {DoubtCode.INK_OUTSIDE_FIELDS, DoubtCode.MARK_UNCERTAIN, DoubtCode.MARK_TAKEN_BACK}
    assert plain.personal == (4,) and not codes & {doubt.code for doubt in plain.doubts}
    assert codes & {doubt.code for doubt in pointed.doubts}
