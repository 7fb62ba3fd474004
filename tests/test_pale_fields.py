"""Strokes that a bright scan has left a few per cent of, in boxes and rows."""

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
from tests.print_houses import Printed

CANDIDATE, ROW = 4, 1
WORD = [(0, 0), (0.8, 2.4), (1.6, 0), (2.4, 2.4), (3.2, 0.3), (4.0, 2.4), (4.8, 0.2), (5.6, 2.2), (6.4, 0.5)]


@pytest.fixture(scope="module", params=["fjord", "vidde"], ids=["white back", "tinted back"])
def printed(print_house: Press, request: pytest.FixtureRequest) -> Printed:
    return print_house(request.param, ElectionKind.MUNICIPAL_COUNCIL)


def _pale(picture: Colours, to_px: Matrix, lines_mm: list[list[tuple[float, float]]], left: float) -> None:
    """Lines of 0.45 mm that leave a share of the paper's light."""
    drawn = np.full(picture.shape[:2], 255, np.uint8)
    for line in lines_mm:
        cv2.polylines(drawn, [pixels(to_px, np.array(line))], False, 0, 4, cv2.LINE_AA)
    share = left + (1 - left) * cv2.GaussianBlur(drawn, (3, 3), 0).astype(np.float32) / 255
    picture[:] = (picture * share[..., None]).astype(np.uint8)


def _with_cross(printed: Printed, left: float) -> Reading:
    def draw(picture: Colours, to_px: Matrix, layout: SideLayout) -> None:
        box = next(b.box for b in layout.mark_boxes if b.candidate == CANDIDATE).grown(-0.5)
        x0, y0, x1, y1 = box.x_mm, box.y_mm, box.right_mm, box.bottom_mm
        _pale(picture, to_px, [[(x0, y0), (x1, y1)], [(x1, y0), (x0, y1)]], left)

    return read_with(printed, draw)


def _with_word(printed: Printed, left: float) -> Reading:
    def draw(picture: Colours, to_px: Matrix, layout: SideLayout) -> None:
        cell = next(row for row in layout.write_in_rows if row.row == ROW).name
        x, y = cell.x_mm + 8, cell.center_mm[1] - 1.2
        _pale(picture, to_px, [[(x + dx, y + dy) for dx, dy in WORD]], left)

    return read_with(printed, draw)


@pytest.mark.parametrize("left", [0.95, 0.93])
def test_a_pale_cross_is_asked_about(printed: Printed, left: float) -> None:
    reading = _with_cross(printed, left)
    asked = [d.candidate for d in reading.doubts if d.code is DoubtCode.MARK_UNCERTAIN]
    assert reading.personal == (CANDIDATE,) or asked == [CANDIDATE]


@pytest.mark.parametrize("left", [0.93, 0.9])
def test_a_pale_name_is_asked_about(printed: Printed, left: float) -> None:
    rows = [d.row for d in _with_word(printed, left).doubts if d.code is DoubtCode.WRITE_IN_UNCERTAIN]
    assert rows == [ROW]


@pytest.mark.parametrize(("left", "asked"), [(0.87, True), (1.0, False)])
def test_a_pale_party_is_asked_about(printed: Printed, left: float, asked: bool) -> None:
    """Beside a crossed box it would be another party's name."""

    def draw(picture: Colours, to_px: Matrix, layout: SideLayout) -> None:
        cell = layout.party_write_in
        assert cell is not None
        x, y = cell.x_mm + 6, cell.center_mm[1] - 1.2
        words = [[(x + 9 * n + dx, y + dy) for dx, dy in WORD] for n in range(3)]
        _pale(picture, to_px, words, left)

    reading = read_with(printed, draw, kind="party")
    cells = [doubt.box_mm for doubt in reading.doubts if doubt.code is DoubtCode.PARTY_UNCLEAR]
    assert bool([cell for cell in cells if cell is not None]) is asked


def test_paper_without_strokes_is_not(printed: Printed) -> None:
    assert _with_cross(printed, 1.0).accepted
