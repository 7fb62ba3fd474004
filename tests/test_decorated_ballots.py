"""Ballots with a coloured logo, striped rows, light print on a dark bar, and a frame around the numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from ballot.geometry import Box
from ballot.reading import DoubtCode
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

FIRST_ROW_MM, ROW_MM, STRIPE_MM = 56.0, 12.5, 9.0
"""Candidates' rows are so far apart; every second is on a stripe that ends 1.5 mm beyond its box."""

BAR = Box(120, 8, 110, 12)
RULE = Box(20, 176, 240, 1.4)


def _decorate(canvas: Any) -> None:
    def rect(box: Box, cmyk: tuple[float, float, float, float]) -> None:
        canvas.setFillColorCMYK(*cmyk)
        up = (HEIGHT_MM - box.bottom_mm) * PT
        canvas.rect(box.x_mm * PT, up, box.w_mm * PT, box.h_mm * PT, stroke=0, fill=1)

    for x_mm in (26.0, 156.0):
        for row in range(0, 6, 2):
            rect(Box(x_mm, FIRST_ROW_MM + ROW_MM * row - STRIPE_MM / 2, 98.0, STRIPE_MM), (0.1, 0.04, 0, 0))
    rect(BAR, (1, 0.7, 0, 0.45))
    rect(RULE, (0, 0.8, 0.8, 0.0))
    canvas.setFillColorCMYK(0, 0, 0, 0)
    canvas.setFont("Fifth", 13)
    canvas.drawString(126 * PT, (HEIGHT_MM - 16) * PT, "Fjellstrand kommune · Kommunestyrevalet")
    canvas.setFillColorCMYK(0.9, 0.3, 0, 0)
    canvas.circle(250 * PT, (HEIGHT_MM - 30) * PT, 9 * PT, stroke=0, fill=1)
    canvas.setFillColorCMYK(0, 0, 0, 0)
    canvas.circle(250 * PT, (HEIGHT_MM - 30) * PT, 5 * PT, stroke=0, fill=1)
    canvas.setStrokeColorCMYK(0, 0, 0, 1)
    canvas.setLineWidth(0.4 * PT)
    canvas.rect(56 * PT, (HEIGHT_MM - 192) * PT, 170 * PT, 9 * PT, stroke=1, fill=0)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return learn_house(tmp_path_factory.mktemp("decorated"), _decorate)


@pytest.mark.parametrize("grey", [False, True], ids=["colour", "grey"])
def test_crosses_on_and_off_stripes_count_and_only_the_stamp_is_missed(house: House, grey: bool) -> None:
    boxes = house[1]

    def draw(picture: Colours) -> None:
        for number in (1, 2, 7):
            strokes(picture, cross(boxes[number].center_mm, 2.0), BALLPOINT)

    reading = read(house, draw, grey)
    assert [d.code for d in reading.doubts] == [DoubtCode.STAMP_MISSING]
    assert reading.personal == (1, 2, 7)
    assert reading.ballot_id == "00000001"


@pytest.mark.parametrize("grey", [False, True], ids=["colour", "grey"])
@pytest.mark.parametrize("number", [1, 2])
def test_a_cross_over_a_name_is_seen_on_and_off_stripes(house: House, number: int, grey: bool) -> None:
    box = house[1][number]
    over_name = (box.x_mm - 70, box.center_mm[1])
    reading = read(house, lambda picture: strokes(picture, cross(over_name, 1.5), BALLPOINT), grey)
    assert DoubtCode.INK_OUTSIDE_FIELDS in {d.code for d in reading.doubts}


@pytest.mark.parametrize("number", [1, 2])
def test_a_light_blue_cross_over_a_name_is_seen_by_its_colour(house: House, number: int) -> None:
    """Names on and off stripes are judged apart, each by what is usual there."""
    box = house[1][number]
    over_name = (box.x_mm - 68, box.center_mm[1])
    reading = read(house, lambda picture: strokes(picture, cross(over_name, 1.6), LIGHT_BLUE), grey=False)
    assert DoubtCode.INK_OUTSIDE_FIELDS in {d.code for d in reading.doubts}


@pytest.mark.parametrize("grey", [False, True], ids=["colour", "grey"])
@pytest.mark.parametrize("number", [1, 3])
def test_a_pale_mark_in_a_box_on_a_stripe_is_not_read_as_empty(house: House, number: int, grey: bool) -> None:
    box = house[1][number]
    reading = read(house, lambda picture: strokes(picture, cross(box.center_mm, 1.8), LIGHT_BLUE), grey)
    doubted = {d.candidate for d in reading.doubts if d.candidate is not None}
    assert number in {*reading.personal, *doubted}


@pytest.mark.parametrize("depth", [1.0, 0.7, 0.45])
@pytest.mark.parametrize("number", [1, 3])
def test_a_hole_in_a_box_on_a_stripe_is_not_read_as_empty(house: House, number: int, depth: float) -> None:
    """Also where a scanner shows the tint lighter than the specimen has it."""
    box = house[1][number]
    at = tuple(round(v * PX_PER_MM) for v in box.center_mm)

    def draw(picture: Colours) -> None:
        pale = picture > 200
        picture[pale] = np.rint(255 - depth * (255.0 - picture[pale])).astype(np.uint8)
        cv2.circle(picture, at, 20, (255, 255, 255), -1)

    assert number in {d.candidate for d in read(house, draw, grey=True).doubts}


@pytest.mark.parametrize("depth", [0.7, 0.45])
def test_a_tint_that_a_scanner_shows_lighter_is_no_hole(house: House, depth: float) -> None:
    def wash(picture: Colours) -> None:
        pale = picture > 200
        picture[pale] = np.rint(255 - depth * (255.0 - picture[pale])).astype(np.uint8)

    assert [d.code for d in read(house, wash, grey=True).doubts] == [DoubtCode.STAMP_MISSING]


def _bar(x0_mm: float, x1_mm: float, level: int, rim_mm: float = 0.0) -> Callable[[Colours], None]:
    """Makes the dark of the bar as light as this between two places, but for its rim."""

    def wash(picture: Colours) -> None:
        ends = (BAR.y_mm + rim_mm, BAR.bottom_mm - rim_mm, x0_mm, x1_mm)
        top, bottom, left, right = (round(v * PX_PER_MM) for v in ends)
        place = picture[top:bottom, left:right]
        np.maximum(place, level, out=place)

    return wash


def test_a_bar_that_dropout_turns_pale_is_not_missing(house: House) -> None:
    reading = read(house, _bar(BAR.x_mm, BAR.right_mm, 190), grey=True)
    assert [d.code for d in reading.doubts] == [DoubtCode.STAMP_MISSING]


def test_a_bar_that_a_threshold_hollows_out_is_not_missing(house: House) -> None:
    hollow = _bar(BAR.x_mm + 1.5, BAR.right_mm - 1.5, 255, rim_mm=1.5)
    assert DoubtCode.TORN not in {d.code for d in read(house, hollow, grey=True, bilevel=True).doubts}


def test_a_bar_of_which_a_piece_is_covered_is_told(house: House) -> None:
    reading = read(house, _bar(BAR.x_mm, BAR.x_mm + 30, 250), grey=True)
    assert DoubtCode.TORN in {d.code for d in reading.doubts}


def test_a_coloured_rule_that_black_and_white_makes_black_is_no_ink(house: House) -> None:
    reading = read(house, lambda picture: None, grey=True, bilevel=True)
    assert DoubtCode.INK_OUTSIDE_FIELDS not in {d.code for d in reading.doubts}


def test_a_cross_over_a_coloured_rule_is_seen_beyond_it(house: House) -> None:
    over_rule = (RULE.x_mm + 60, RULE.center_mm[1])
    lines = cross(over_rule, 2.5)
    reading = read(house, lambda picture: strokes(picture, lines, BALLPOINT), grey=True, bilevel=True)
    assert DoubtCode.INK_OUTSIDE_FIELDS in {d.code for d in reading.doubts}
