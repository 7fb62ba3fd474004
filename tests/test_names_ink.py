"""What lies in a cell of a write-in row, told from print, neighbours and dust."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ballot.geometry import Box
from recognition.geometry import GreyImage
from recognition.names.ink import CellState, separate
from recognition.names.network import ROW_HEIGHT_PX
from recognition.names.picture import row_picture
from recognition.patches import PX_PER_MM
from tests.name_rows import CELL, INSIDE, blank_cell, ink_of, write


def ruled(patch: GreyImage, height_share: float, rise_px: int = 0, thick: int = 3) -> GreyImage:
    """The patch with a pen's straight stroke across the writing."""
    struck = patch.copy()
    columns = np.flatnonzero(
        (patch[INSIDE[1] + 8 : -INSIDE[1] - 8, INSIDE[0] + 6 : -INSIDE[0] - 6] < 150).any(0)
    )
    x0, x1 = int(columns[0]) + INSIDE[0] + 4, int(columns[-1]) + INSIDE[0] + 8
    rows = np.flatnonzero((patch[INSIDE[1] + 8 : -INSIDE[1] - 8, x0:x1] < 150).any(1)) + INSIDE[1] + 8
    y = int(rows[0] + height_share * (rows[-1] - rows[0]))
    cv2.line(struck, (x0, y + rise_px), (x1, y - rise_px), 60, thick, cv2.LINE_AA)
    return struck


def test_name_that_begins_in_the_margin_is_found() -> None:
    blank = blank_cell()
    blank[:, : INSIDE[0] + 4] = 248  # no printed edge between margin and name
    early = Box(CELL.x_mm - 8.0, CELL.y_mm, CELL.w_mm, CELL.h_mm)
    patch = write("Kari Nordmann", cell=early, onto=blank)
    assert separate(patch, blank, INSIDE, 0.8).state is CellState.BEYOND_CELL


def test_cell_with_its_lines_only_is_empty() -> None:
    for shift in (-2, -1, 0, 1, 2):
        assert ink_of(np.roll(blank_cell(), shift, axis=(0, 1))).state is CellState.EMPTY


def test_dust_is_nothing_but_the_dots_of_faint_writing_are_kept() -> None:
    dusty = blank_cell()
    for x in range(60, 600, 60):
        dusty[80:82, x : x + 2] = 60
    assert ink_of(dusty).area_mm2 == 0.0
    dotted = blank_cell()
    for x in range(100, 300, 4):
        dotted[80:84, x : x + 2] = 60
    assert ink_of(dotted).area_mm2 == pytest.approx(50 * 8 / PX_PER_MM**2)


@pytest.mark.parametrize("font", ["patrick-hand", "kalam", "caveat", "cedarville-cursive", "homemade-apple"])
@pytest.mark.parametrize("capitals", [False, True])
def test_names_are_writing(font: str, capitals: bool) -> None:
    found = ink_of(write("Kari Nordmann", font, capitals=capitals))
    assert found.state is CellState.WRITTEN
    assert found.area_mm2 > 5


@pytest.mark.parametrize("font", ["patrick-hand", "kalam", "caveat"])
@pytest.mark.parametrize("rise_px", [-9, 0, 9])
def test_struck_out_name_is_found(font: str, rise_px: int) -> None:
    patch = write("Kari Nordmann", font)
    assert ink_of(ruled(patch, 0.55, rise_px)).state is CellState.STRUCK_OUT


def test_underline_is_not_a_strike() -> None:
    assert ink_of(ruled(write("Anna Moen", "patrick-hand"), 1.08)).state is CellState.WRITTEN


def test_blackened_row_is_struck_out() -> None:
    patch = write("Kari Nordmann")
    patch[INSIDE[1] + 15 : -INSIDE[1] - 15, 60:400] = 40
    assert ink_of(patch).state is CellState.STRUCK_OUT


def test_two_lines_in_a_row_are_found() -> None:
    upper = Box(CELL.x_mm, CELL.y_mm, CELL.w_mm, 4.6)
    lower = Box(CELL.x_mm, CELL.y_mm + 5.0, CELL.w_mm, 4.6)
    patch = write("Kari Nordmann", cell=upper, capital_mm=2.2)
    patch = write("Ola Hansen", cell=lower, capital_mm=2.2, onto=patch)
    assert ink_of(patch).state is CellState.TWO_LINES


def test_writing_into_the_next_row_is_found() -> None:
    low = Box(CELL.x_mm, CELL.y_mm + 4.2, CELL.w_mm, CELL.h_mm)
    assert ink_of(write("Kari Nordmann", cell=low)).state is CellState.BEYOND_CELL


def test_name_that_runs_on_into_the_party_column_is_found() -> None:
    blank = blank_cell()
    blank[:, -INSIDE[0] - 4 :] = 248  # no printed edge between name and party
    wide = Box(CELL.x_mm + 55, CELL.y_mm, CELL.w_mm, CELL.h_mm)
    patch = write("Kari Nordmann Lie", cell=wide, onto=blank)
    assert separate(patch, blank, INSIDE, 0.8).state is CellState.BEYOND_CELL
    apart = write("Ap", cell=Box(CELL.right_mm, CELL.y_mm, 20, CELL.h_mm), onto=write("Kari Lie", onto=blank))
    assert separate(apart, blank, INSIDE, 0.8).state is CellState.WRITTEN


def test_neighbours_writing_is_left_out() -> None:
    below = Box(CELL.x_mm, CELL.bottom_mm, CELL.w_mm, CELL.h_mm)
    alone = ink_of(write("Kari Nordmann"))
    both = ink_of(write("Ola Moen", cell=below, onto=write("Kari Nordmann"), seed=2))
    assert both.state is CellState.WRITTEN
    assert both.area_mm2 == pytest.approx(alone.area_mm2, rel=0.05)


def test_strokes_over_table_lines_are_bridged() -> None:
    patch = np.roll(blank_cell(), 1, axis=0)
    middle = INSIDE[1]
    patch[middle - 20 : middle + 60, 300:304] = 40
    assert (ink_of(patch).ink[middle - 20 : middle + 60, 301] > 0.5).all()


def test_picture_is_tight_and_as_high_as_the_network_wants() -> None:
    picture = row_picture(ink_of(write("Kari Nordmann")).ink)
    assert picture is not None
    assert picture.shape[0] == ROW_HEIGHT_PX and picture.shape[1] % 8 == 0
    dark = picture < 128
    assert dark[:6].any() and dark[-8:].any()
    assert dark[:, :24].any() and dark[:, -24:].any()


def test_empty_ink_gives_no_picture() -> None:
    assert row_picture(np.zeros((160, 600), np.float32)) is None
