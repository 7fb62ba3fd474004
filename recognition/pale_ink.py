"""Pale ink over print: a small cross in light blue on a name, of which grey shows hardly a trace.

No pixel of it is so dark that it must be ink, and print hides half of it. But it is spread over a few
millimetres both ways, which neither dust, nor a fibre, nor a fold is, and what a page's print leaves
unexplained elsewhere is next to nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.geometry import MM_PER_INCH, GreyImage, Mask
from recognition.level_folds import explained_twice
from recognition.overprint import PrintSeen, seen_pieces
from recognition.patches import PX_PER_MM
from recognition.print_model import Darkness, PrintModel
from recognition.print_mosaic import PrintMosaic, Tile, print_mosaic
from recognition.print_places import displacements
from recognition.print_residual import PrintResidual, print_residual, settled_residual, without_rim
from recognition.profile import Profile
from recognition.reference import PAGE_DPI, PRINT_PX_PER_MM
from recognition.sides import PlacedImage

_WINDOW_PX = round(3.0 * PX_PER_MM)
_LEAST_DARKNESS, _MOST_DARKNESS = 12.0, 20.0
"""Of a pixel's darkness beyond print, in grey levels, so much is noise, and no more than so much counts
above that: a speck of dust is dark in a small place."""

_SURELY_LESS = 0.99
"""Rounding makes a sum smaller by less than that."""

_SLOPE_SHARE = 0.5
_COLUMN_PERCENT, _ROW_PERCENT = 40, 20
"""The shade of a fold is as dark above and below a line of print, or left and right of it: what so much of a
column or row is not darker than."""

_PIECE_MM, _STEP_MM = 4.5, 1.75
_FOLDED_PIECE_MM, _FOLDED_STEP_MM = 3.5, 1.0
_MOST_SPOTS = 3
"""A fold through names leaves spots on many lines. There print is laid in shorter pieces, which explain more
of pale ink, too: of a step of 0.4 mm pieces of 4.5 mm leave up to 0.067 mm2, those of 3.5 mm 0.021."""

_PART_STEP_MM = 0.5
"""A level fold is looked for at every half millimetre of a spot."""

_AROUND_MM = 2.5
_PAGE_PX_PER_MM = PAGE_DPI / MM_PER_INCH


@dataclass(frozen=True)
class _Spot:
    """Where most of a piece's pale ink lies.

    Attributes:
        box: The window around it, page mm.
        weight_mm2: Area of black with as much darkness.
        spread_mm: Standard deviation of its places along the direction in which it is narrowest.
    """

    box: Box
    weight_mm2: float
    spread_mm: float

    def is_ink(self, least_mm2: float, profile: Profile) -> bool:
        """Whether there is so much of it, spread as far both ways as a small cross."""
        return self.weight_mm2 >= least_mm2 and self.spread_mm >= profile.pale_spread_mm


def pale_ink_over_print(
    placed: PlacedImage,
    page: GreyImage,
    seen: PrintSeen,
    residual: PrintResidual | None,
    accounted: Mask,
    profile: Profile,
) -> list[Box]:
    """Places where pale ink lies over the side's lines of print; none in black and white.

    Args:
        page: The straightened scan at `PAGE_DPI`.
        seen: The side's print, from `see_print`, and
        residual: what it leaves unexplained.
        accounted: Where ink is told of otherwise, same shape.
    """
    mosaic = placed.registration.side.prints
    model = seen.model
    if model is None or residual is None:
        return []
    accounted = accounted | placed.registration.side.dark_ground
    pales = zip(mosaic.areas, _pale(seen, mosaic, residual, profile.pale_weight_mm2), strict=True)
    spots = [_spot(_free(pale, area, accounted), area) for area, pale in pales if pale is not None]
    spots = [spot for spot in spots if spot.is_ink(profile.pale_weight_mm2, profile)]
    is_folded = len(spots) > _MOST_SPOTS
    return [
        spot.box
        for spot in spots
        if _second_look(placed, page, spot, model, is_folded).is_ink(profile.pale_left_mm2, profile)
        and not _is_level_fold(placed, page, spot, model, profile)
    ]


def _pale(
    seen: PrintSeen, mosaic: PrintMosaic, residual: PrintResidual, least_mm2: float
) -> list[Darkness | None]:
    """How dark each piece is beyond its print, noise taken off; None where that is surely too little."""
    least = least_mm2 * 255 * PX_PER_MM**2
    found: list[Darkness | None] = []
    for index, (tile, is_laid) in enumerate(zip(mosaic.tiles, seen.laid.tolist(), strict=True)):
        found.append(None)
        if not is_laid or not _is_enough(residual.beyond, tile, least):
            continue
        dx, dy = residual.moves[index].tolist()
        own, slope = settled_residual(residual, tile, (dx, dy))
        noise = np.asarray(_SLOPE_SHARE * slope + _LEAST_DARKNESS, np.float32)
        if float(_sums_of_windows(np.clip(own - noise, 0, _MOST_DARKNESS)).max()) >= least:
            darker = np.clip(own - noise - _shade(own), 0, _MOST_DARKNESS)
            found[-1] = np.asarray(without_rim(darker), np.float32)
    return found


def _is_enough(beyond: Darkness, tile: Tile, least: float) -> bool:
    """Whether any window with its middle on a piece has so much darkness beyond print."""
    rows, cols = tile
    top, left = (max(0, lines.start - _WINDOW_PX // 2) for lines in tile)
    around = beyond[top : rows.stop + _WINDOW_PX // 2, left : cols.stop + _WINDOW_PX // 2]
    pale = np.clip(around - _LEAST_DARKNESS, 0, _MOST_DARKNESS)
    if float(pale.sum()) < _SURELY_LESS * least:
        return False
    own = np.s_[rows.start - top : rows.stop - top, cols.start - left : cols.stop - left]
    return bool((_sums_of_windows(pale)[own] >= least).any())


def _sums_of_windows(pale: Darkness) -> Darkness:
    """The sum over the window around each pixel."""
    window = (_WINDOW_PX, _WINDOW_PX)
    total = cv2.boxFilter(pale, cv2.CV_32F, window, normalize=False, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(total, np.float32)


def _shade(residual: Darkness) -> Darkness:
    """What a whole column or row of a piece is darker by."""
    columns = np.percentile(residual, _COLUMN_PERCENT, axis=0)[None, :]
    rows = np.percentile(residual, _ROW_PERCENT, axis=1)[:, None]
    return np.asarray(np.maximum(np.maximum(columns, rows), 0), np.float32)


def _free(pale: Darkness, area: Box, accounted: Mask) -> Darkness:
    """Without what is told of otherwise."""
    height, width = pale.shape
    rows = ((area.y_mm + np.arange(height) / PX_PER_MM) * _PAGE_PX_PER_MM).astype(int)
    columns = ((area.x_mm + np.arange(width) / PX_PER_MM) * _PAGE_PX_PER_MM).astype(int)
    last_row, last_column = accounted.shape[0] - 1, accounted.shape[1] - 1
    known = accounted[np.ix_(np.clip(rows, 0, last_row), np.clip(columns, 0, last_column))]
    return np.where(known, np.float32(0), pale)


def _spot(pale: Darkness, area: Box) -> _Spot:
    """The window with most pale ink; places where it is infinite are not known, and do not count."""
    pale = np.where(np.isfinite(pale), pale, np.float32(0))
    total = _sums_of_windows(pale)
    middle = np.unravel_index(int(total.argmax()), total.shape)
    top, left = (max(0, int(at) - _WINDOW_PX // 2) for at in middle)
    own = pale[top : top + _WINDOW_PX, left : left + _WINDOW_PX]
    height, width = own.shape
    box = Box(
        area.x_mm + left / PX_PER_MM, area.y_mm + top / PX_PER_MM, width / PX_PER_MM, height / PX_PER_MM
    )
    return _Spot(box, float(own.sum()) / 255 / PX_PER_MM**2, _spread_mm(own))


def _spread_mm(weights: Darkness) -> float:
    at: npt.NDArray[np.int64] = np.stack(np.nonzero(weights))
    if at.shape[1] < 2:
        return 0.0
    least = float(np.linalg.eigvalsh(np.cov(at, aweights=weights[at[0], at[1]]))[0])
    return math.sqrt(max(least, 0.0)) / PX_PER_MM


def _second_look(
    placed: PlacedImage, page: GreyImage, spot: _Spot, model: PrintModel, is_folded: bool
) -> _Spot:
    """The spot seen with its print laid in short pieces, as an upright fold through the line asks for."""
    area = spot.box.grown(_AROUND_MM)
    long, step = (_FOLDED_PIECE_MM, _FOLDED_STEP_MM) if is_folded else (_PIECE_MM, _STEP_MM)
    left = _unexplained(placed, page, area, _pieces(area, long, step), model)
    return _spot(left, area) if np.isfinite(left).any() else spot


def _is_level_fold(
    placed: PlacedImage, page: GreyImage, spot: _Spot, model: PrintModel, profile: Profile
) -> bool:
    """Whether next to nothing is left of the spot where the print above and below a line is laid by itself.

    Partings beside the spot say nothing of it: the shade of whole columns, which is taken off each part,
    would there take upright strokes for a fold's.
    """
    partings = np.arange(spot.box.y_mm + _PART_STEP_MM, spot.box.bottom_mm, _PART_STEP_MM).tolist()
    return explained_twice(partings, partial(_is_explained, placed, page, spot, model, profile))


def _is_explained(
    placed: PlacedImage, page: GreyImage, spot: _Spot, model: PrintModel, profile: Profile, parting_mm: float
) -> bool:
    """Whether next to nothing is left of a spot where its print is laid in two parts.

    Where no print is found nothing is explained.
    """
    area, box = spot.box.grown(_AROUND_MM), spot.box
    above = replace(area, h_mm=parting_mm - area.y_mm)
    below = replace(area, y_mm=parting_mm, h_mm=area.bottom_mm - parting_mm)
    if not _is_found(placed, page, [above, below]):
        return False
    pieces = [piece for part in (above, below) for piece in _pieces(part, _PIECE_MM, _STEP_MM)]
    left = _unexplained(placed, page, area, pieces, model)
    rows = slice(round((box.y_mm - area.y_mm) * PX_PER_MM), round((box.bottom_mm - area.y_mm) * PX_PER_MM))
    columns = slice(round((box.x_mm - area.x_mm) * PX_PER_MM), round((box.right_mm - area.x_mm) * PX_PER_MM))
    is_known = bool(np.isfinite(left[rows, columns]).all())
    return is_known and _spot(left, area).weight_mm2 <= profile.pale_fold_mm2


def _is_found(placed: PlacedImage, page: GreyImage, parts: list[Box]) -> bool:
    """Whether the page surely shows the print of each part."""
    blank = placed.registration.side
    mosaic = print_mosaic(blank.detail, blank.page, parts, PRINT_PX_PER_MM)
    moves = displacements(mosaic.points, blank.page, page)
    return len(moves) == len(parts) and None not in moves


def _pieces(area: Box, long_mm: float, step_mm: float) -> list[Box]:
    starts = np.arange(0.0, max(area.w_mm - long_mm, 0.0) + step_mm / 2, step_mm).tolist()
    return [replace(area, x_mm=area.x_mm + x, w_mm=min(long_mm, area.w_mm)) for x in starts]


def _unexplained(
    placed: PlacedImage, page: GreyImage, area: Box, pieces: list[Box], model: PrintModel
) -> Darkness:
    """What no piece of an area's print explains, each laid by itself; infinite where none was found."""
    blank = placed.registration.side
    left = np.full((round(area.h_mm * PX_PER_MM) + 1, round(area.w_mm * PX_PER_MM) + 1), np.inf, np.float32)
    mosaic = print_mosaic(blank.detail, blank.page, pieces, PRINT_PX_PER_MM)
    if not mosaic.areas:
        return left
    seen = seen_pieces(placed, mosaic, displacements(mosaic.points, blank.page, page))
    residual = print_residual(seen.dark, seen.laid, mosaic, model)
    for own, pale in zip(mosaic.areas, _pale(seen, mosaic, residual, 0.0), strict=True):
        if pale is None:  # its print was not found
            continue
        top, start = round((own.y_mm - area.y_mm) * PX_PER_MM), round((own.x_mm - area.x_mm) * PX_PER_MM)
        height, width = pale.shape
        part = left[max(top, 0) : top + height, max(start, 0) : start + width]
        shown = pale[max(-top, 0) :, max(-start, 0) :][: part.shape[0], : part.shape[1]]
        np.minimum(part, shown, out=part)
    return left
