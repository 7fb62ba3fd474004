"""Ballots with a dark coloured band along the edge and fine pale lines through the boxes."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from ballot.reading import DoubtCode, Reading
from tests.decorated_house import (
    BALLPOINT,
    LIGHT_BLUE,
    PX_PER_MM,
    Colours,
    House,
    cross,
    learn_house,
    read,
    strokes,
)
from tests.fifth_house import HEIGHT_MM, PT

BAND_MM = 7.0
LINED = (2, 3)
"""The pale lines run through the boxes of these candidates, two of the first column."""


def _decorate(canvas: Any) -> None:
    canvas.setFillColorCMYK(1, 0.7, 0, 0.3)
    canvas.rect(0, 0, BAND_MM * PT, HEIGHT_MM * PT, stroke=0, fill=1)
    canvas.setStrokeColorCMYK(0.2, 0.08, 0, 0.02)
    canvas.setLineWidth(0.12 * PT)
    down = np.linspace(62, 88, 60)
    for phase in np.linspace(0, 2 * np.pi, 36, endpoint=False):
        across = 121 + 9 * np.sin(0.11 * down + phase)
        path = canvas.beginPath()
        path.moveTo(across[0] * PT, (HEIGHT_MM - down[0]) * PT)
        for x, y in zip(across[1:], down[1:], strict=True):
            path.lineTo(x * PT, (HEIGHT_MM - y) * PT)
        canvas.drawPath(path)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return learn_house(tmp_path_factory.mktemp("banded"), _decorate)


def _darker_lines(picture: Colours) -> None:
    """Shows what is pale about half as dark again, as scanners do that sharpen."""
    pale = picture > 150
    picture[pale] = np.clip(255 - 1.5 * (255.0 - picture[pale]), 0, 255).astype(np.uint8)


def _codes(reading: Reading) -> list[DoubtCode]:
    return [doubt.code for doubt in reading.doubts]


@pytest.mark.parametrize("grey", [False, True], ids=["colour", "grey"])
def test_crosses_count_and_empty_boxes_are_empty_on_pale_lines(house: House, grey: bool) -> None:
    def draw(picture: Colours) -> None:
        _darker_lines(picture)
        for number in (1, LINED[0]):
            strokes(picture, cross(house[1][number].center_mm, 2.0), BALLPOINT)

    reading = read(house, draw, grey)
    assert _codes(reading) == [DoubtCode.STAMP_MISSING]
    assert reading.personal == (1, LINED[0])


@pytest.mark.parametrize("grey", [False, True], ids=["colour", "grey"])
@pytest.mark.parametrize("number", LINED)
def test_a_pale_mark_on_pale_lines_is_not_read_as_empty(house: House, number: int, grey: bool) -> None:
    def draw(picture: Colours) -> None:
        _darker_lines(picture)
        strokes(picture, cross(house[1][number].center_mm, 1.8), LIGHT_BLUE)

    reading = read(house, draw, grey)
    assert number in {*reading.personal, *(doubt.candidate for doubt in reading.doubts)}


@pytest.mark.parametrize("grey", [False, True], ids=["colour", "grey"])
def test_a_hole_in_a_box_with_pale_lines_is_not_read_as_empty(house: House, grey: bool) -> None:
    at = tuple(round(v * PX_PER_MM) for v in house[1][LINED[0]].center_mm)
    reading = read(house, lambda picture: cv2.circle(picture, at, 20, (205, 205, 205), -1), grey)
    assert LINED[0] in {doubt.candidate for doubt in reading.doubts}


def test_a_highlighter_over_a_name_is_seen_beside_a_coloured_band(house: House) -> None:
    box = house[1][1]
    left, right, top, bottom = box.x_mm - 78, box.x_mm - 40, box.y_mm + 0.8, box.y_mm + 5.2

    def draw(picture: Colours) -> None:
        rows, columns = (
            slice(round(a * PX_PER_MM), round(b * PX_PER_MM)) for a, b in ((top, bottom), (left, right))
        )
        picture[rows, columns, 2] = np.minimum(picture[rows, columns, 2], 120)

    assert DoubtCode.INK_OUTSIDE_FIELDS in _codes(read(house, draw, grey=False))
