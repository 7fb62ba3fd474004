"""The ink of one cell of a write-in row: what was written there, without the print."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.geometry import GreyImage, grey_percentile
from recognition.patches import PX_PER_MM, DetailSource, cut, cut_reference
from recognition.register import Registration

Ink = npt.NDArray[np.float32]
"""How dark each pixel is against its paper, 0 to 1; 0 where there is only print."""

Mask = npt.NDArray[np.bool_]

INK_DARKNESS = 0.14
"""Darker than this against the paper is ink; the same as for telling empty rows from written ones."""

_PRINT_DARKNESS = 0.1
_SLACK_PX = 7
_SPECK_MM2 = 0.12
_OVER_SHARE = 0.6
_OVER_MIN_MM = 3.0
_SIDE_MM = 3.0
_NEAR_PX = 9
_WORD_GAP_MM = 3.0
_MIN_STRIKE_MM = 6.0
_STEEPEST = 0.12
_STRIKE_SHARE = 0.85


class CellState(StrEnum):
    """What lies in a cell."""

    EMPTY = "empty"
    WRITTEN = "written"
    STRUCK_OUT = "struck_out"
    TWO_LINES = "two_lines"
    BEYOND_CELL = "beyond_cell"


@dataclass(frozen=True)
class CellInk:
    """The writing that belongs to a cell.

    Attributes:
        ink: At `recognition.reference.DETAIL_DPI`, cut with room around the cell.
        area_mm2: How much of it there is.
    """

    state: CellState
    ink: Ink
    area_mm2: float


def cell_ink(
    source: DetailSource, registration: Registration, detail: GreyImage, cell: Box, min_ink_mm2: float
) -> CellInk:
    """The writing in a cell of the registered page.

    Args:
        cell: The cell on the blank, page mm.
        min_ink_mm2: A cell with less ink is empty.
    """
    over_mm = max(_OVER_MIN_MM, _OVER_SHARE * cell.h_mm)
    area = Box(cell.x_mm - _SIDE_MM, cell.y_mm - over_mm, cell.w_mm + 2 * _SIDE_MM, cell.h_mm + 2 * over_mm)
    shift = registration.shifts_at(np.array([cell.center_mm]))[0]
    patch = cut(source, registration, area, (float(shift[0]), float(shift[1])))
    blank = cut_reference(detail, area)
    inside = round(_SIDE_MM * PX_PER_MM), round(over_mm * PX_PER_MM)
    return separate(patch, blank, inside, min_ink_mm2)


def separate(patch: GreyImage, blank: GreyImage, inside: tuple[int, int], min_ink_mm2: float) -> CellInk:
    """Tells the writing of a cell from print, from its neighbours' writing and from dust.

    Args:
        patch: The scan around the cell, at `DETAIL_DPI`.
        blank: The blank at the same place.
        inside: How far the cell lies from the patch's left and right, and upper and lower, edges.
    """
    ink = unprinted(patch, blank)
    own, beyond = _own_writing(ink > INK_DARKNESS, inside)
    ink = np.where(_grown(own), ink, np.float32(0))
    area = float(own.sum()) / PX_PER_MM**2
    if area < min_ink_mm2:
        return CellInk(CellState.EMPTY, ink, area)
    if beyond:
        return CellInk(CellState.BEYOND_CELL, ink, area)
    if _struck_out(own):
        return CellInk(CellState.STRUCK_OUT, ink, area)
    if _two_lines(own):
        return CellInk(CellState.TWO_LINES, ink, area)
    return CellInk(CellState.WRITTEN, ink, area)


def unprinted(patch: GreyImage, blank: GreyImage) -> Ink:
    """The darkness of the patch without the blank's print; strokes over printed lines are bridged."""
    print_mask = cv2.LUT(blank, (_darkness_of_grey(blank) > _PRINT_DARKNESS).astype(np.uint8))
    printed = cv2.dilate(print_mask, np.ones((_SLACK_PX, _SLACK_PX), np.uint8)) > 0
    # On grey levels rather than darkness, which falls as they rise: four times faster.
    free = np.where(printed, np.uint8(255), patch)
    # A stroke that crosses a printed line shows above and below it. A cell's corner or a letter
    # of print is thicker than a line and stays out.
    reach = 2 * _SLACK_PX + 1
    across = cv2.morphologyEx(free, cv2.MORPH_OPEN, np.ones((reach, 1), np.uint8))
    along = cv2.morphologyEx(free, cv2.MORPH_OPEN, np.ones((1, reach), np.uint8))
    bridged = np.where(printed, np.maximum(np.minimum(across, along), patch), patch)
    return np.asarray(cv2.LUT(bridged, _darkness_of_grey(patch)), np.float32)


def _darkness_of_grey(image: GreyImage) -> Ink:
    """The darkness against the image's paper that each of the 256 grey levels means."""
    paper = max(grey_percentile(image, 80), 40.0)
    levels = np.arange(256, dtype=np.float32)
    return np.asarray(np.clip((paper - levels) / paper, 0.0, 1.0), np.float32)


def _own_writing(mask: Mask, inside: tuple[int, int]) -> tuple[Mask, bool]:
    """The pieces of ink that belong to the cell, and whether the writing leaves it.

    A piece belongs to the cell when most of it lies in it. Long tails of letters may leave the
    cell; much ink beyond it, or ink that goes on at the edge of the patch, means that the
    writing of two rows or columns is joined.
    """
    height, width = mask.shape
    side, over = inside
    rows = slice(over, height - over)
    columns = slice(side, width - side)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    inner = labels[rows, columns]
    within = np.bincount(inner[inner > 0], minlength=count).astype(np.float64)
    own = (within >= 0.5 * areas) & ~_dust(np.asarray(labels, np.int32), areas)
    own[0] = False
    written: Mask = own[labels]
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    cut_off = own & ((left <= 0) | (right >= width) | (top <= 0) | (bottom >= height))
    total = float(areas[own].sum())
    outside = total - float(within[own].sum())
    # Pieces mostly outside that still reach well into the cell: writing of the next row, or this
    # row's own writing put too high or too low. Neither can be told from here.
    strays = ~own & (within > 0.25 * areas) & (within > 0.15 * max(total, 1.0))
    strays[0] = False
    joined = _goes_on_beside(written, mask, rows, columns)
    return written, bool(
        cut_off.any() or outside > 0.3 * total or (total > 0 and strays.any()) or (total > 0 and joined)
    )


def _goes_on_beside(own: Mask, mask: Mask, rows: slice, columns: slice) -> bool:
    """Whether writing follows so closely beyond the cell's left or right edge that it is one name.

    Where a ruled line has no printed edge between name and party, long names run on; the part in
    the cell could be the whole name of somebody else.
    """
    places = np.flatnonzero(own[rows].any(axis=0))
    beside = (mask & ~own)[rows]
    beside[:, columns] = False
    foreign = np.flatnonzero(beside.sum(axis=0) > 1)
    if not places.size or not foreign.size:
        return False
    gaps = np.abs(foreign[:, None] - np.array([places[0], places[-1]])[None, :])
    return bool(gaps.min() < _WORD_GAP_MM * PX_PER_MM)


def _dust(labels: npt.NDArray[np.int32], areas: npt.NDArray[np.float64]) -> Mask:
    """Which pieces are too small for writing even together with what lies within a millimetre."""
    near = cv2.dilate((labels > 0).astype(np.uint8), np.ones((_NEAR_PX, _NEAR_PX), np.uint8))
    _count, groups = cv2.connectedComponents(near, connectivity=8)
    places = np.flatnonzero(labels)
    groups_there = groups.ravel()[places]
    group_areas = np.bincount(groups_there, minlength=_count)
    group_of = np.zeros(len(areas), np.int64)
    group_of[labels.ravel()[places]] = groups_there
    return np.asarray(group_areas[group_of] < _SPECK_MM2 * PX_PER_MM**2)


def _grown(mask: Mask) -> Mask:
    """The mask with the soft edges of its strokes."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _struck_out(mask: Mask) -> bool:
    """Whether a straight stroke runs through most of the writing, or it is blackened.

    Along a stroke through a name nearly every column has ink in a narrow straight band, level or
    sloping; along the middle of mere letters about half of them do. A stroke below all letters
    is an underline.
    """
    ys, xs = np.nonzero(mask)
    left, width = int(xs.min()), int(xs.max() - xs.min()) + 1
    top, height = int(ys.min()), int(ys.max() - ys.min()) + 1
    if width < _MIN_STRIKE_MM * PX_PER_MM:
        return False
    if mask.sum() > 0.5 * width * height and height > 2 * PX_PER_MM:
        return True
    places = np.arange(width)
    for slope in np.linspace(-_STEEPEST, _STEEPEST, 9):
        drift = np.rint(slope * (places - width / 2)).astype(int)
        reach = int(np.abs(drift).max()) + 1
        level = np.zeros((height + 2 * reach + 2, width), bool)
        level[ys - top - drift[xs - left] + reach + 1, xs - left] = True
        band = level[:-2] | level[1:-1] | level[2:]
        strongest = int(band.sum(axis=1).argmax())
        if float(band[strongest].mean()) < _STRIKE_SHARE:
            continue
        above, below = level[: strongest - 2].sum(), level[strongest + 5 :].sum()
        if min(above, below) > 0.12 * mask.sum():
            return True
    return False


def _two_lines(mask: Mask) -> bool:
    """Whether two lines of writing stand over each other, with an almost empty band between."""
    ys = np.flatnonzero(mask.any(axis=1))
    box = mask[int(ys[0]) : int(ys[-1]) + 1]
    height = box.shape[0]
    if height < 4 * PX_PER_MM:
        return False
    widest = max(_extent(part.any(axis=0)) for part in np.array_split(box, 8))
    profile = box.sum(axis=1).astype(np.float64)
    for y in range(round(0.3 * height), round(0.7 * height)):
        if profile[y] > 0.04 * widest:
            continue
        upper, lower = box[:y], box[y + 1 :]
        if min(_extent(upper.any(axis=0)), _extent(lower.any(axis=0))) > 0.4 * widest and (
            min(float(upper.sum()), float(lower.sum())) > 0.25 * float(box.sum())
        ):
            return True
    return False


def _extent(columns: npt.ArrayLike) -> int:
    places = np.flatnonzero(columns)
    return int(places[-1] - places[0] + 1) if places.size else 0
