"""Specks in a write-in row: what a low threshold leaves of a name in pale ink."""

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

ROW = 2


@pytest.fixture(scope="module")
def printed(print_house: Press) -> Printed:
    return print_house("fjord", ElectionKind.MUNICIPAL_COUNCIL)


def _with_specks(printed: Printed, count: int, pitch_mm: float, bilevel: bool = True) -> Reading:
    def draw(picture: Colours, to_px: Matrix, layout: SideLayout) -> None:
        cell = next(row for row in layout.write_in_rows if row.row == ROW).name
        x_mm, y_mm = cell.x_mm + 6, cell.center_mm[1]
        places = np.array([(x_mm + pitch_mm * n, y_mm + 0.3 * (n % 3)) for n in range(count)])
        for x, y in pixels(to_px, places).reshape(-1, 2).tolist():
            cv2.rectangle(picture, (x, y), (x + 1, y), (30, 30, 30), -1)

    return read_with(printed, draw, bilevel=bilevel)


def _rows_asked(reading: Reading) -> list[int | None]:
    return [doubt.row for doubt in reading.doubts if doubt.code is DoubtCode.WRITE_IN_UNCERTAIN]


@pytest.mark.parametrize("count", [4, 7, 15])
def test_specks_along_a_row_are_asked_about_in_black_and_white(printed: Printed, count: int) -> None:
    reading = _with_specks(printed, count, 20 / count)
    assert _rows_asked(reading) == [ROW]
    assert [(row.row, row.candidate, row.doubtful) for row in reading.write_ins] == [(ROW, None, True)]


def test_specks_of_dust_are_not(printed: Printed) -> None:
    assert _rows_asked(_with_specks(printed, 3, 7.0)) == []
    assert _rows_asked(_with_specks(printed, 7, 0.5)) == [], "a spot of dirt breaks up"
    assert _rows_asked(_with_specks(printed, 7, 3.0, bilevel=False)) == [], "grey shows what is there"
