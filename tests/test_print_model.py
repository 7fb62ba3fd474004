"""Ink over lines of print is told from the print, however the scan renders it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from ballot.geometry import Box
from recognition.print_model import PrintPictures, fit_print_model
from recognition.print_mosaic import PrintMosaic, print_mosaic
from recognition.print_places import _sampled, displacements, print_points

Picture = npt.NDArray[np.uint8]
TEXTS = ("1. Kari Nordmann", "2. Ola Hansen", "3. Unni Aasen", "4. Per Moe 1951")
PX_PER_MM = (8.0, 4.0)
LINES = [Box(1, 1 + 9 * row, 55, 8) for row in range(len(TEXTS))]


def _blank() -> Picture:
    picture = np.full((320, 480), 255, np.uint8)
    for area, text in zip(LINES, TEXTS, strict=True):
        left, base = round(area.x_mm * 8) + 16, round(area.bottom_mm * 8) - 20
        cv2.putText(picture, text, (left, base), cv2.FONT_HERSHEY_DUPLEX, 0.9, 35, 1, cv2.LINE_AA)
    return picture


def _half(picture: Picture) -> Picture:
    size = picture.shape[1] // 2, picture.shape[0] // 2
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _mosaic(blank: Picture) -> PrintMosaic:
    return print_mosaic(blank, _half(blank), LINES, PX_PER_MM)


def _scanned(dark: Picture, spread: int, blur_px: float, contrast: float) -> Picture:
    thick = cv2.dilate(dark, np.ones((spread, spread), np.uint8))
    return np.asarray(cv2.GaussianBlur(thick, (0, 0), blur_px) * contrast, np.uint8)


@pytest.mark.parametrize("spread", [1, 3])
@pytest.mark.parametrize("blur_px", [0.4, 1.0, 1.5])
@pytest.mark.parametrize("contrast", [0.6, 1.0])
def test_print_is_explained_and_a_cross_over_it_is_not(spread: int, blur_px: float, contrast: float) -> None:
    mosaic = _mosaic(_blank())
    seen = _scanned(mosaic.dark, spread, blur_px, contrast)
    crossed = seen.copy()
    own = crossed[mosaic.tiles[1]]
    for start, end in (((120, 15), (150, 45)), ((120, 45), (150, 15))):
        cv2.line(own, start, end, 115, 3, cv2.LINE_AA)
    seen = np.maximum(seen, crossed)
    model = fit_print_model(seen, mosaic.pictures, mosaic.samples)
    assert model is not None
    rest = seen - model.rendered(mosaic.pictures)
    for index, tile in enumerate(mosaic.tiles):
        if index == 1:
            assert int((rest[tile] > 51).sum()) > 60
        else:
            assert float(np.percentile(np.abs(rest[tile]), 99)) < 38


def test_too_little_print_gives_no_model() -> None:
    bare = np.zeros((40, 40), np.uint8)
    samples = np.arange(40)
    assert fit_print_model(bare, PrintPictures(bare), samples) is None


def test_pieces_of_a_mosaic_show_their_areas_and_keep_apart() -> None:
    blank = _blank()
    mosaic = _mosaic(blank)
    covered = np.zeros(mosaic.dark.shape, int)
    for area, tile in zip(mosaic.areas, mosaic.tiles, strict=True):
        covered[tile] += 1
        top, left = round(area.y_mm * 8), round(area.x_mm * 8)
        height, width = mosaic.dark[tile].shape
        piece = blank[top : top + height, left : left + width]
        assert np.abs(mosaic.dark[tile].astype(int) - (255 - piece)).max() <= 1
    assert covered.max() == 1
    assert mosaic.dark[covered == 0].max() == 0


def test_areas_beyond_the_page_are_cut_off() -> None:
    blank = _blank()
    mosaic = print_mosaic(blank, _half(blank), [Box(50, 30, 30, 30), Box(200, 10, 5, 5)], PX_PER_MM)
    assert len(mosaic.areas) == 1
    assert mosaic.areas[0].right_mm == 60
    assert mosaic.areas[0].bottom_mm == 40


@pytest.mark.parametrize(("dx", "dy"), [(0.0, 0.0), (0.6, -0.4), (-1.2, 0.9), (2.6, -1.7)])
def test_pieces_are_found_where_the_page_has_them(dx: float, dy: float) -> None:
    blank = _half(_blank())
    height, width = blank.shape
    moved = cv2.warpAffine(
        blank, np.array([[1, 0, dx], [0, 1, dy]]), (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    page = np.asarray(moved * 0.8 + 20, np.uint8)
    for move in displacements(print_points(blank, LINES, 4.0), blank, page):
        assert move is not None
        assert move == pytest.approx((dx, dy), abs=0.15)


def test_a_straight_line_says_nothing_of_its_place() -> None:
    blank = np.full((80, 240), 255, np.uint8)
    blank[40:42] = 0
    area = [Box(5, 5, 50, 10)]
    assert displacements(print_points(blank, area, 4.0), blank, blank) == [None]


def test_more_print_than_a_row_of_a_picture_can_hold_is_looked_up() -> None:
    """A county's ballot of 49 names with numbers and dotted lines has 39,116 points."""
    image = np.random.default_rng(3).integers(0, 255, (60, 80)).astype(np.uint8)
    x, y = np.random.default_rng(4).integers(0, 60, (2, 70_001)).astype(np.float32)
    assert np.array_equal(_sampled(image, x, y), image[y.astype(int), x.astype(int)])
