"""Marks on the outlines of boxes: rings around most of them, which no scan makes of each, and ticks."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.layout import SideLayout
from ballot.reading import DoubtCode
from recognition.geometry import Matrix
from tests.conftest import Press
from tests.drawn_sheets import Colours, pixels, read_with


@pytest.mark.parametrize("hand", [0, 1, 2])
@pytest.mark.parametrize("bilevel", [False, True])
def test_rings_around_most_boxes_are_asked_about(print_house: Press, hand: int, bilevel: bool) -> None:
    """Of sixteen such ballots in black and white five were accepted without a vote."""
    rng = np.random.default_rng([hand, 13])
    ringed: list[int] = []

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for box in side.mark_boxes[:13]:
            (x, y), reach_mm = box.box.center_mm, box.box.w_mm / 2 * (1.2 + 0.04 * hand)
            around = np.linspace(0, 2 * np.pi, 60)
            wide = reach_mm * (1 + 0.015 * np.sin(2 * around + rng.uniform(0, 6)))
            x, y = (at + rng.normal(0, 0.06) for at in (x, y))
            ring = np.stack([x + wide * np.cos(around), y + wide * np.sin(around)], axis=1)
            cv2.polylines(picture, [pixels(to_px, ring)], True, (140, 50, 40), 3, cv2.LINE_AA)
            ringed.append(box.candidate or 0)

    reading = read_with(print_house("fjord", ElectionKind.MUNICIPAL_COUNCIL), draw, bilevel=bilevel)
    marks = (DoubtCode.MARK_UNCERTAIN, DoubtCode.MARK_TAKEN_BACK)
    asked = {doubt.candidate for doubt in reading.doubts if doubt.code in marks}
    assert set(ringed) <= asked | set(reading.personal)


@pytest.mark.parametrize("corner", [0, 1, 2, 3])
@pytest.mark.parametrize("bilevel", [False, True])
def test_ticks_on_the_corners_of_boxes_are_asked_about(
    print_house: Press, corner: int, bilevel: bool
) -> None:
    """Of thirty such ballots in black and white eight were accepted without a vote."""
    rng = np.random.default_rng(corner)

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for index in (2, 6, 9):
            box, half_mm = side.mark_boxes[index].box, 1.4
            x = (box.x_mm if corner in (0, 3) else box.right_mm) + rng.normal(0, 0.2)
            y = (box.y_mm if corner < 2 else box.bottom_mm) + rng.normal(0, 0.2)
            tick = np.array([(x - half_mm, y), (x - 0.3 * half_mm, y + half_mm), (x + half_mm, y - half_mm)])
            cv2.polylines(picture, [pixels(to_px, tick)], False, (60, 50, 40), 3, cv2.LINE_AA)

    reading = read_with(print_house("fjord", ElectionKind.MUNICIPAL_COUNCIL), draw, bilevel=bilevel)
    assert not reading.accepted
