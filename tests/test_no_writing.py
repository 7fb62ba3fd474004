"""What lies outside all fields and was written by nobody: fibres of dust, and ink of the other side."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.layout import PageSide, SideLayout
from ballot.reading import DoubtCode, Reading
from recognition.geometry import Matrix
from tests.conftest import Press
from tests.drawn_sheets import Colours, Drawing, pixels, read_with

HOUSES = ["fjord", "vidde"]
CURL_MM = [(0.0, 0.0), (0.7, 0.3), (1.1, -0.2), (1.6, -0.3), (2.2, 0.2)]
FELT, FIBRE, PENCIL = (30, 30, 32), (120, 120, 120), (125, 125, 128)


def _stray(reading: Reading) -> int:
    return sum(d.code is DoubtCode.INK_OUTSIDE_FIELDS for d in reading.doubts)


def _beside_box(side: SideLayout) -> tuple[float, float]:
    """White paper well away from any print: outwards of the third candidate's box, or between two."""
    box = next(m.box for m in side.mark_boxes if m.candidate == 3)
    return (box.x_mm - 7.5, box.center_mm[1]) if box.x_mm < 60 else (box.right_mm + 4.0, box.center_mm[1])


def _line(points_mm: list[tuple[float, float]], thick_px: int, colour: tuple[int, int, int]) -> Drawing:
    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        start = np.array(_beside_box(side))
        cv2.polylines(
            picture, [pixels(to_px, start + np.array(points_mm))], False, colour, thick_px, cv2.LINE_AA
        )

    return draw


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize(
    ("thick_px", "colour", "is_writing"),
    [(1, FIBRE, False), (3, FIBRE, True), (3, PENCIL, True), (2, FELT, True)],
)
def test_a_short_line_thinner_than_pens_draw_is_a_fibre(
    print_house: Press, house: str, thick_px: int, colour: tuple[int, int, int], is_writing: bool
) -> None:
    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    assert bool(_stray(read_with(printed, _line(CURL_MM, thick_px, colour)))) == is_writing


@pytest.mark.parametrize("house", HOUSES)
def test_a_small_cross_is_writing_however_thin_it_is(print_house: Press, house: str) -> None:
    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    strokes = [_line([(0.0, -0.9), (2.0, 0.9)], 1, FIBRE), _line([(0.1, 0.9), (1.9, -0.9)], 1, FIBRE)]

    def cross(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for draw in strokes:
            draw(picture, to_px, side)

    assert _stray(read_with(printed, cross))


@pytest.mark.parametrize("house", HOUSES)
def test_a_thin_line_longer_than_fibres_is_writing(print_house: Press, house: str) -> None:
    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    zigzag = [(0.5 * step, 0.7 * (-1) ** step) for step in range(9)]
    assert _stray(read_with(printed, _line(zigzag, 1, (60, 60, 60))))


def _disc(radius_mm: float, share_left: float, mirrored: bool, box_of: SideLayout) -> Drawing:
    """Darkens the third candidate's place, or what lies behind it, to so much of the light."""
    box = next(m.box for m in box_of.mark_boxes if m.candidate == 3)

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        x, y = box.center_mm
        x = box_of.width_mm - x if mirrored else x
        angles = np.linspace(0, 2 * np.pi, 24)
        ring = np.stack([x + radius_mm * np.cos(angles), y + radius_mm * np.sin(angles)], axis=1)
        mask = np.zeros(picture.shape[:2], np.uint8)
        cv2.fillPoly(mask, [pixels(to_px, ring)], 1)
        picture[mask > 0] = (picture[mask > 0] * share_left).astype(np.uint8)

    return draw


@pytest.mark.parametrize(
    ("house", "pale"), [("fjord", 0.74), ("vidde", 0.79)]
)  # one of them has a tint there
@pytest.mark.parametrize(
    ("in_front", "darker", "is_writing"), [(True, 1.0, False), (False, 1.0, True), (True, 0.7, True)]
)
def test_pale_ink_behind_strong_ink_shows_through(
    print_house: Press, house: str, pale: float, in_front: bool, darker: float, is_writing: bool
) -> None:
    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    inside = printed.layouts.ballots[0].inside
    strong = _disc(1.8, 0.3, False, inside) if in_front else None
    behind = _disc(1.6, pale * darker, True, inside)
    assert bool(_stray(read_with(printed, behind, PageSide.OUTSIDE, draw_behind=strong))) == is_writing
