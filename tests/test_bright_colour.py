"""Yellow highlighter is as light as paper in grey, and still a mark."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.geometry import Box
from ballot.layout import SideLayout
from ballot.reading import DoubtCode, Reading
from recognition.geometry import Matrix
from tests.conftest import Press
from tests.drawn_sheets import Colours, Drawing, pixels, read_with

YELLOW = (1.0, 1.0, 0.45)
"""What the highlighter leaves of red, green and blue."""

PALE_BLUE = (0.72, 0.87, 1.0)
"""What a pale blue pen leaves of them: 85 % of the light."""


def _highlighted(candidate: int, offset_mm: tuple[float, float], size_mm: tuple[float, float]) -> Drawing:
    """A drawing that highlights a rectangle; its corner is told from the middle of a candidate's box."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        x, y = next(m.box for m in side.mark_boxes if m.candidate == candidate).center_mm
        left, top = x + offset_mm[0], y + offset_mm[1]
        right, bottom = left + size_mm[0], top + size_mm[1]
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
        mask = np.zeros(picture.shape[:2], np.uint8)
        cv2.fillPoly(mask, [pixels(to_px, corners)], 1)
        picture[mask > 0] = (picture[mask > 0] * np.array(YELLOW)).astype(np.uint8)

    return draw


def _beside_name(house: str) -> float:
    """Where names begin: right of the boxes, but for one house."""
    return -40.0 if house == "skog" else 4.0


@pytest.mark.parametrize("house", ["fjord", "vidde", "skog"])
def test_highlighter_over_a_name_is_seen(print_house: Press, house: str) -> None:
    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    reading = read_with(printed, _highlighted(3, (_beside_name(house), -2.0), (36.0, 4.0)))
    place = _doubted(reading)
    assert place.w_mm > 20
    assert place.h_mm < 8


@pytest.mark.parametrize("house", ["fjord", "vidde", "skog"])
def test_highlighter_over_a_box_is_seen(print_house: Press, house: str) -> None:
    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    reading = read_with(printed, _highlighted(3, (-3.0, -3.0), (6.0, 6.0)))
    expected = next(m.expected for m in reading.marks if m.candidate == 3)
    assert _doubted(reading).overlap_mm2(expected) > 0.5 * expected.area_mm2


def _doubted(reading: Reading) -> Box:
    """The one place where something was seen."""
    (place,) = (d.box_mm for d in reading.doubts if d.code is DoubtCode.INK_OUTSIDE_FIELDS)
    assert place is not None
    return place


@pytest.mark.parametrize("house", ["fjord", "vidde"])
def test_ink_in_pale_blue_over_a_name_is_seen(print_house: Press, house: str) -> None:
    """Grey shows hardly more of it than of paper, and print hides that."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        x, y = next(m.box for m in side.mark_boxes if m.candidate == 3).center_mm
        x += _beside_name(house) + 6.0
        stroke = np.zeros(picture.shape[:2], np.uint8)
        for way in (-1, 1):
            ends = np.array([(x - 1.5, y - 1.3 * way), (x + 1.5, y + 1.3 * way)])
            cv2.polylines(stroke, [pixels(to_px, ends)], False, 1, 4)
        picture[stroke > 0] = (picture[stroke > 0] * np.array(PALE_BLUE)).astype(np.uint8)

    place = _doubted(read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), draw))
    assert 1.5 < place.w_mm < 6
