"""Corners torn off before a lid that is nearly as light as the paper; shade that is no tear."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from ballot.election import ElectionKind
from ballot.layout import SideLayout
from ballot.reading import DoubtCode
from recognition.geometry import Matrix
from tests.conftest import Press
from tests.drawn_sheets import Colours, pixels, read_with

HOUSES = pytest.mark.parametrize("house", ["fjord", "vidde"])


def _lay_bare(
    picture: Colours, to_px: Matrix, side: SideLayout, corner: npt.NDArray[np.int32], lid: int
) -> None:
    """Shows the scanner's lid, `lid` grey levels from the paper's, at a corner and beside the page."""
    paper = np.percentile(picture.reshape(-1, 3), 60, axis=0)
    tone = np.clip(paper + lid, 0, 255)
    beside = np.ones(picture.shape[:2], np.uint8)
    ends = np.array([(0, 0), (side.width_mm, 0), (side.width_mm, side.height_mm), (0, side.height_mm)])
    cv2.fillPoly(beside, [pixels(to_px, ends)], 0)
    cv2.fillPoly(beside, [corner], 1)
    picture[beside > 0] = tone


@HOUSES
@pytest.mark.parametrize(
    ("lid", "right", "below"), [(-7, False, False), (-14, True, False), (-14, False, True), (-7, True, True)]
)
def test_a_torn_corner_is_seen_before_a_light_lid(
    print_house: Press, house: str, lid: int, right: bool, below: bool
) -> None:
    def tear(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        x, y = (side.width_mm if right else 0.0), (side.height_mm if below else 0.0)
        along_x, along_y = (-17 if right else 17), (-23 if below else 23)
        beyond_x, beyond_y = (4 if right else -4), (4 if below else -4)
        edge_mm = [
            (x + along_x, y + beyond_y),
            (x + 0.6 * along_x, y + 0.5 * along_y),
            (x + beyond_x, y + along_y),
        ]
        corner = pixels(to_px, np.array([*edge_mm, (x + beyond_x, y + beyond_y)]))
        _lay_bare(picture, to_px, side, corner, lid)

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), tear)
    assert DoubtCode.TORN in {d.code for d in reading.doubts}


@HOUSES
def test_a_corner_in_soft_shade_is_not_torn(print_house: Press, house: str) -> None:
    def shade(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        height, width = picture.shape[:2]
        away_mm = np.hypot(*np.meshgrid(np.arange(width), np.arange(height))) * 25.4 / 200
        light = 1 - 0.06 * np.exp(-away_mm / 20)
        picture[:] = np.rint(picture * light[:, :, None]).astype(np.uint8)

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), shade)
    assert reading.doubts == ()


@HOUSES
def test_of_a_torn_corner_a_few_millimetres_are_enough(print_house: Press, house: str) -> None:
    """A scan that was cut close shows no more of it."""

    def tear(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        corner = pixels(to_px, np.array([(10.5, -4.0), (9.5, 5.0), (5.0, 9.5), (-4.0, 10.5), (-4.0, -4.0)]))
        _lay_bare(picture, to_px, side, corner, -14)

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), tear)
    assert DoubtCode.TORN in {d.code for d in reading.doubts}
