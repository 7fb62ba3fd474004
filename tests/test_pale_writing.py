"""Words in hard pencil or pale ink on free paper, no pixel of which is surely ink."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.layout import SideLayout
from ballot.reading import DoubtCode
from recognition.geometry import Matrix
from tests.conftest import Press
from tests.drawn_sheets import Colours, Drawing, pixels, read_with

HOUSES = ["fjord", "vidde", "skog"]
WORD = [[(0.9 * i, 1.5 * (i % 2)) for i in range(10)]]
SPECKS = [[(0.0, 0.0), (0.2, 0.1)], [(1.2, 0.0), (1.4, 0.1)]]
STREAK = [[(-30.0, 0.0), (30.0, 0.0)]]
FREE_MM = (16.0, 8.0)


def _free_middle(picture: Colours, to_px: Matrix, side: SideLayout) -> tuple[float, float]:
    """The middle of a place without print, away from all fields."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    half = np.array(FREE_MM) / 2
    for y in np.arange(side.height_mm - 25.0, 25.0, -3.0):
        for x in np.arange(25.0, side.width_mm - 25.0, 3.0):
            if any(
                abs(x - b.box.center_mm[0]) < 20 and abs(y - b.box.center_mm[1]) < 12 for b in side.mark_boxes
            ):
                continue
            corners = pixels(to_px, np.array([(x, y), (x, y)]) + np.array([-half, half])).reshape(2, 2)
            (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
            if grey[top:bottom, left:right].min() > 228:
                return float(x), float(y)
    raise AssertionError("no free place on this side")


def _pale(strokes_mm: list[list[tuple[float, float]]], left: float) -> Drawing:
    """Darkens lines on free paper by a share of the light."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        start = np.array(_free_middle(picture, to_px, side)) - (4.0, 0.75)
        mask = np.zeros(picture.shape[:2], np.uint8)
        for stroke in strokes_mm:
            cv2.polylines(mask, [pixels(to_px, start + np.array(stroke))], False, 255, 3, cv2.LINE_AA)
        share = 1 - (1 - left) * cv2.GaussianBlur(mask, (0, 0), 0.5)[..., None] / 255
        picture[:] = (picture * share).astype(np.uint8)

    return draw


def _is_doubted(press: Press, house: str, draw: Drawing) -> bool:
    reading = read_with(press(house, ElectionKind.MUNICIPAL_COUNCIL), draw)
    return any(d.code is DoubtCode.INK_OUTSIDE_FIELDS for d in reading.doubts)


@pytest.mark.parametrize("left", [0.85, 0.88])
@pytest.mark.parametrize("house", HOUSES)
def test_a_pale_word_is_noticed(print_house: Press, house: str, left: float) -> None:
    assert _is_doubted(print_house, house, _pale(WORD, left))


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize(("strokes", "left"), [(SPECKS, 0.6), (STREAK, 0.88), (WORD, 0.97)])
def test_specks_lines_and_the_grain_of_paper_are_no_words(
    print_house: Press, house: str, strokes: list[list[tuple[float, float]]], left: float
) -> None:
    assert not _is_doubted(print_house, house, _pale(strokes, left))


@pytest.mark.parametrize("house", HOUSES)
def test_the_shade_of_crumples_is_no_word(print_house: Press, house: str) -> None:
    """It is as dark as pale ink and spread as far both ways, but over more than a stroke's width."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        start = np.array(_free_middle(picture, to_px, side)) - (4.0, 1.5)
        mask = np.zeros(picture.shape[:2], np.uint8)
        for facet in ([(0.0, 0.0), (4.0, 0.5), (1.5, 3.0)], [(4.0, 0.5), (7.0, 3.0), (4.5, 3.5)]):
            cv2.fillPoly(mask, [pixels(to_px, start + np.array(facet))], 255)
        share = 1 - 0.12 * cv2.GaussianBlur(mask, (0, 0), 2.0)[..., None] / 255
        picture[:] = (picture * share).astype(np.uint8)

    assert not _is_doubted(print_house, house, draw)


@pytest.mark.parametrize("house", HOUSES)
def test_a_pale_word_is_noticed_though_a_fibre_lies_on_it(print_house: Press, house: str) -> None:
    """The fibre is no writing, and tells nothing of the word."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        start = np.array(_free_middle(picture, to_px, side)) - (4.0, 0.75)
        _pale(WORD, 0.86)(picture, to_px, side)
        fibre = pixels(to_px, start + np.array([(3.0, 0.2), (3.8, 0.6), (4.6, 0.3), (5.2, 0.4)]))
        cv2.polylines(picture, [fibre], False, (120, 120, 120), 1, cv2.LINE_AA)

    assert _is_doubted(print_house, house, draw)


def test_nothing_is_told_of_it_in_black_and_white(print_house: Press) -> None:
    """There a pale word is either black or not there."""
    printed = print_house("fjord", ElectionKind.MUNICIPAL_COUNCIL)
    assert read_with(printed, _pale(WORD, 0.88), bilevel=True).accepted
