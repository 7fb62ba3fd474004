"""Ink drawn over the blank's own lines of print: a cross on a candidate's name, a name struck out.

Over print the page comparison at 100 dpi sees little, because it has to allow for print lying
half a millimetre off. Here each line of print is laid onto the blank by itself, to a fraction of a
pixel, and compared at `DETAIL_DPI` with how this page renders its print. All lines lie side by side
in one picture (`PrintMosaic`), so that each step is done once for the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.geometry import MM_PER_INCH, GreyImage, Mask
from recognition.level_folds import explained_twice
from recognition.patches import PX_PER_MM, cutter
from recognition.print_model import PrintModel, fit_print_model
from recognition.print_mosaic import PrintMosaic, print_mosaic
from recognition.print_places import Move, displacements
from recognition.print_residual import PrintResidual, print_residual, settled_residual, without_rim
from recognition.reference import PAGE_DPI, PRINT_PX_PER_MM
from recognition.sides import PlacedImage
from recognition.sparse import grouped, set_pixels, short_page
from recognition.thick_print import MOST_THICKER_PX, beyond_thickened, made_black, thicker_px

_PAGE_PX_PER_MM = PAGE_DPI / MM_PER_INCH
_AROUND_MM = 2.5
_PIECE_MM, _STEP_MM = 6.0, 2.0
_BILEVEL_PIECE_MM, _BILEVEL_STEP_MM = 10.0, 5.0
"""A fold through a name leaves no long piece on one of its sides: of 9 such sheets 6 were doubted only
with pieces of 10 mm. In black and white short pieces are laid less surely, and of 54 small crosses over
names one more was missed."""

_PART_STEP_MM = 0.5
"""A level fold is looked for at every half millimetre of a group."""

_PAPER_PERCENT, _WHITE_DARKNESS = 35, 2
_LOOSE_PX = 7
_GRAIN_MM2 = 0.06
_GAP_MM = 1.6
_EDGE_PX = 0.5
"""Print may lie so far off, beside the fit: its edges are judged that much less strictly."""

_INK_DARKNESS = 0.17 * 255
"""On 11,000 lines of print without ink in three designs the model leaves at most 0.7 mm2 so dark (dust
among it); 71 crosses of 3 to 4 mm over names leave 1.0 mm2 and more. Marks in felt pen on the other side
show through 0.15 dark at most."""

_LOOSE_INK_DARKNESS, _HALO_DARKNESS = 0.22 * 255, 0.08
_USUALLY_THICKER_PERCENT = 90
"""A stroke of a pen may blacken much of the rim around a few letters, so that no piece may be thicker
than most lines of the page are."""


@dataclass(frozen=True)
class OverInk:
    """A group of ink over or against print.

    Attributes:
        box: Around it, page mm.
        ink_mm2: Its area as far as the print lets it be seen.
        pixels_mm: Places of its pixels in page mm, shape (n, 2).
    """

    box: Box
    ink_mm2: float
    pixels_mm: npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Look:
    """What a second look at a group of ink needs.

    Attributes:
        page: The straightened scan at `PAGE_DPI`.
        seen: The side's print.
        least_mm2: Less ink than this is none.
    """

    placed: PlacedImage
    page: GreyImage
    seen: PrintSeen
    least_mm2: float

    @property
    def bilevel(self) -> bool:
        """Whether the scan is black and white."""
        return self.placed.work.scan.bilevel


@dataclass(frozen=True)
class PrintSeen:
    """What a scan shows of a mosaic of the blank's print.

    Attributes:
        dark: Darkness, laid out as the mosaic is.
        laid: Which of its pieces surely lie on the blank's.
        most_thicker_px: By how many pixels print may be thicker than the blank's; black and white only.
        model: How the scan renders print; None in black and white, or with too little print.
    """

    dark: GreyImage
    laid: npt.NDArray[np.bool_]
    most_thicker_px: int = MOST_THICKER_PX
    model: PrintModel | None = None

    def residual(self, mosaic: PrintMosaic) -> PrintResidual | None:
        """What the scan shows beyond the print; None without a model."""
        return None if self.model is None else print_residual(self.dark, self.laid, mosaic, self.model)


def see_print(placed: PlacedImage, moves: Sequence[Move | None]) -> PrintSeen | None:
    """Cuts all lines of a side's print out of its scan; None where there are none.

    Args:
        moves: Where it shows each line of print, as `displacements` finds it.
    """
    mosaic = placed.registration.side.prints
    if not mosaic.areas:
        return None
    seen = seen_pieces(placed, mosaic, moves)
    if not placed.work.scan.bilevel:
        return replace(seen, model=_model_of_page(seen, mosaic))
    if not seen.laid.any():
        return seen
    thicker = [
        thicker_px(seen.dark[tile], mosaic.dark[tile], MOST_THICKER_PX)
        for tile, is_laid in zip(mosaic.tiles, seen.laid.tolist(), strict=True)
        if is_laid
    ]
    return replace(seen, most_thicker_px=int(np.percentile(thicker, _USUALLY_THICKER_PERCENT)))


def ink_over_print(
    placed: PlacedImage,
    page: GreyImage,
    seen: PrintSeen,
    residual: PrintResidual | None,
    least_mm2: float,
    accounted: Mask,
) -> list[OverInk]:
    """Every group of ink over the side's lines of print with at least `least_mm2` not accounted for.

    Args:
        page: The straightened scan at `PAGE_DPI`.
        seen: The side's print, from `see_print`, and
        residual: what it leaves unexplained.
        accounted: Where ink is told of otherwise, same shape.
    """
    mosaic = placed.registration.side.prints
    bilevel = placed.work.scan.bilevel
    groups = _groups_of(mosaic, _unexplained(seen, mosaic, residual, bilevel, least_mm2), least_mm2)
    groups = [group for group in groups if _free(group, accounted).mean() * group.ink_mm2 >= least_mm2]
    look = _Look(placed, page, seen, least_mm2)
    again = [left for group in groups for left in _second_look(look, group)]
    return [part for group in again for part in _free_parts(group, accounted, least_mm2)]


def _free(group: OverInk, accounted: Mask) -> npt.NDArray[np.bool_]:
    """Which pixels of a group are not accounted for."""
    x, y = (group.pixels_mm * _PAGE_PX_PER_MM).astype(int).T
    height, width = accounted.shape
    return np.asarray(~accounted[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)])


def _free_parts(group: OverInk, accounted: Mask, least_mm2: float) -> list[OverInk]:
    """What is left of a group without what is accounted for: dust beside a stamp is as small as elsewhere."""
    free = _free(group, accounted)
    if free.all():
        return [group]
    corner = group.box.x_mm, group.box.y_mm
    shape = round(group.box.h_mm * PX_PER_MM) + 1, round(group.box.w_mm * PX_PER_MM) + 1
    x, y = np.rint((group.pixels_mm[free] - corner) * PX_PER_MM).astype(int).T
    left = np.zeros(shape, np.uint8)
    left[y, x] = 1
    return _groups(_without_grain(left), group.box, least_mm2)


def _second_look(look: _Look, group: OverInk) -> list[OverInk]:
    """What is left of a group when the print is laid in short pieces, as a fold through a line asks for."""
    mosaic, moves = _laid(look, _short_pieces(group.box.grown(_AROUND_MM), look.bilevel))
    left = _left_in_pieces(look, group, mosaic, moves)
    # In black and white print may be thicker than the blank's, and explains the arms of a small cross.
    return [] if left and not look.bilevel and _is_level_fold(look, group) else left


def _short_pieces(area: Box, bilevel: bool) -> list[Box]:
    """Overlapping pieces side by side."""
    long, step = (_BILEVEL_PIECE_MM, _BILEVEL_STEP_MM) if bilevel else (_PIECE_MM, _STEP_MM)
    starts = np.arange(0.0, max(area.w_mm - long, 0.0) + step, step)
    return [replace(area, x_mm=area.x_mm + x, w_mm=min(long, area.w_mm)) for x in starts.tolist()]


def _is_level_fold(look: _Look, group: OverInk) -> bool:
    """Whether nothing is left of a group where the print above and below a line is laid by itself."""
    area, box = group.box.grown(_AROUND_MM), group.box

    def is_explained(parting_mm: float) -> bool:
        above = replace(area, h_mm=parting_mm - area.y_mm)
        below = replace(area, y_mm=parting_mm, h_mm=area.bottom_mm - parting_mm)
        pieces = _short_pieces(above, look.bilevel) + _short_pieces(below, look.bilevel)
        mosaic, moves = _laid(look, pieces)
        is_found = bool(mosaic.areas) and None not in moves
        return is_found and not _left_in_pieces(look, group, mosaic, moves)

    partings = np.arange(box.y_mm, box.bottom_mm + _PART_STEP_MM, _PART_STEP_MM).tolist()
    return explained_twice(partings, is_explained)


def _laid(look: _Look, pieces: list[Box]) -> tuple[PrintMosaic, list[Move | None]]:
    """The blank's print in pieces, and where the page shows each of them."""
    blank = look.placed.registration.side
    mosaic = print_mosaic(blank.detail, blank.page, pieces, PRINT_PX_PER_MM)
    return mosaic, displacements(mosaic.points, blank.page, look.page)


def _left_in_pieces(
    look: _Look, group: OverInk, mosaic: PrintMosaic, moves: Sequence[Move | None]
) -> list[OverInk]:
    """What is left of a group when the print is laid in pieces.

    Pieces may overlap, and ink is only what no piece explains. A piece whose print is not found, as below
    a cross, explains nothing: there the first look stands.
    """
    if not mosaic.areas:
        return [group]
    found = seen_pieces(look.placed, mosaic, moves)
    seen = replace(found, most_thicker_px=look.seen.most_thicker_px, model=look.seen.model)
    ink = _unexplained(seen, mosaic, seen.residual(mosaic), look.bilevel, 0.0)
    corner = min(a.x_mm for a in mosaic.areas), min(a.y_mm for a in mosaic.areas)
    size = (
        max(a.right_mm for a in mosaic.areas) - corner[0],
        max(a.bottom_mm for a in mosaic.areas) - corner[1],
    )
    first = np.zeros((round(size[1] * PX_PER_MM), round(size[0] * PX_PER_MM)), np.uint8)
    x, y = np.rint((group.pixels_mm - corner) * PX_PER_MM).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < first.shape[1]) & (y < first.shape[0])
    first[y[inside], x[inside]] = 1
    # A piece that was laid elsewhere than its line shows the same ink there.
    again = np.asarray(cv2.dilate(first, np.ones((_LOOSE_PX, _LOOSE_PX), np.uint8)), np.uint8)
    covered = np.zeros_like(first)
    for own, tile, laid in zip(mosaic.areas, mosaic.tiles, seen.laid.tolist(), strict=True):
        if laid:
            top, start = round((own.y_mm - corner[1]) * PX_PER_MM), round((own.x_mm - corner[0]) * PX_PER_MM)
            height, width = ink[tile].shape
            again[top : top + height, start : start + width] &= ink[tile]
            covered[top : top + height, start : start + width] = 1
    left = np.where(covered > 0, again, first)
    return _groups(_without_grain(left), Box(*corner, *size), look.least_mm2)


def is_displaced_print(
    placed: PlacedImage, page: GreyImage, whole: PrintSeen | None, box: Box, least_mm2: float
) -> bool:
    """Whether what lies around `box` is the blank's own print, only somewhat off its place.

    Corners of a page lie up to a millimetre off when the sheet was bent there.

    Args:
        whole: The side's print, from `see_print`.
    """
    blank = placed.registration.side
    mosaic = print_mosaic(blank.detail, blank.page, [box.grown(_AROUND_MM)], PRINT_PX_PER_MM)
    if not mosaic.areas:
        return False
    seen = seen_pieces(placed, mosaic, displacements(mosaic.points, blank.page, page))
    if whole is not None:
        seen = replace(seen, most_thicker_px=whole.most_thicker_px)
    bilevel = placed.work.scan.bilevel
    seen = seen if bilevel else replace(seen, model=_model_of_page(seen, mosaic))
    if not seen.laid.all() or (seen.model is None and not bilevel):
        return False
    ink = _unexplained(seen, mosaic, seen.residual(mosaic), bilevel, least_mm2)
    return not _groups_of(mosaic, ink, least_mm2)


def seen_pieces(placed: PlacedImage, mosaic: PrintMosaic, moves: Sequence[Move | None]) -> PrintSeen:
    """Cuts the pieces out of the scan, each where its print was found."""
    registration = placed.registration
    shifts = registration.shifts_at(np.array([area.center_mm for area in mosaic.areas]))
    dark = np.zeros_like(mosaic.dark)
    laid = np.zeros(len(mosaic.areas), bool)
    piece = cutter(placed.source, registration)
    for index, (area, tile) in enumerate(zip(mosaic.areas, mosaic.tiles, strict=True)):
        move = moves[index]
        dx, dy = shifts[index]
        if move is not None:
            laid[index] = True
            dx, dy = dx + move[0] / _PAGE_PX_PER_MM, dy + move[1] / _PAGE_PX_PER_MM
        patch = piece(area, (float(dx), float(dy)))
        cv2.LUT(patch, _darkness_of(_paper(patch, mosaic.dark[tile])), dst=dark[tile])
    return PrintSeen(dark, laid)


def _paper(patch: GreyImage, blank_dark: GreyImage) -> float:
    """The paper's grey level: a low one of where the blank is white.

    Much of the piece may lie beyond the edge of the scan, or on a light background.
    """
    white = (blank_dark < _WHITE_DARKNESS).view(np.uint8)
    counts = cv2.calcHist([patch], [0], white, [256], [0, 256]).ravel()
    below = np.cumsum(counts)
    return float(np.searchsorted(below, below[-1] * _PAPER_PERCENT / 100))


@lru_cache(maxsize=256)
def _darkness_of(paper: float) -> GreyImage:
    level = np.arange(256, dtype=np.float64)
    return np.clip(255 * (paper - level) / max(paper, 40.0) + 0.5, 0, 255).astype(np.uint8)


def _model_of_page(seen: PrintSeen, mosaic: PrintMosaic) -> PrintModel | None:
    """How the scan renders print, learned from the pieces that surely lie on the blank's."""
    return fit_print_model(seen.dark, mosaic.pictures, mosaic.samples[seen.laid[mosaic.piece_of]])


def _unexplained(
    seen: PrintSeen, mosaic: PrintMosaic, residual: PrintResidual | None, bilevel: bool, least_mm2: float
) -> GreyImage:
    """Pixels darker than the print there can be, 1 for ink.

    Args:
        least_mm2: In pieces with less than this nothing need be shown.
    """
    ink = np.zeros_like(seen.dark)
    if residual is not None:
        _add_beyond_model(ink, seen, mosaic, residual, least_mm2)
    for tile, is_laid in zip(mosaic.tiles, seen.laid.tolist(), strict=True):
        if bilevel and is_laid:
            ink[tile] = beyond_thickened(seen.dark[tile], mosaic.dark[tile], seen.most_thicker_px)
        elif residual is None or not is_laid:
            printed = mosaic.dark[tile]
            ink[tile] = _beyond_loose(seen.dark[tile], made_black(printed) if bilevel else printed)
    return ink


def _add_beyond_model(
    ink: GreyImage, seen: PrintSeen, mosaic: PrintMosaic, residual: PrintResidual, least_mm2: float
) -> None:
    """Marks the ink in the pieces that surely lie on the blank's."""
    darker = np.asarray(residual.beyond > _INK_DARKNESS).view(np.uint8)
    for index in np.flatnonzero(seen.laid).tolist():
        tile, (dx, dy) = mosaic.tiles[index], residual.moves[index].tolist()
        # Moved by no more than the edges are allowed for, no pixel becomes darker than it is.
        settled = dx * dx + dy * dy <= _EDGE_PX**2
        if settled and cv2.countNonZero(darker[tile]) < max(least_mm2 * PX_PER_MM**2, 1):
            continue
        own, slope = settled_residual(residual, tile, (dx, dy))
        ink[tile] = own - _EDGE_PX * slope > _INK_DARKNESS


def _beyond_loose(seen: GreyImage, printed: GreyImage) -> GreyImage:
    """Ink on a piece whose print cannot be laid onto the blank's: well beside any print only."""
    allowed = cv2.dilate(printed, np.ones((_LOOSE_PX, _LOOSE_PX), np.uint8)).astype(np.float32)
    # Scans blur print outwards, so a little darkness around it is its own.
    halo = cv2.dilate(printed, np.ones((_LOOSE_PX + 2, _LOOSE_PX + 2), np.uint8)) * _HALO_DARKNESS
    return np.asarray(seen - allowed - halo > _LOOSE_INK_DARKNESS, np.uint8)


def _groups_of(mosaic: PrintMosaic, ink: GreyImage, least_mm2: float) -> list[OverInk]:
    found = []
    for area, tile in zip(mosaic.areas, mosaic.tiles, strict=True):
        own = ink[tile]
        if cv2.countNonZero(own) >= least_mm2 * PX_PER_MM**2:
            found += _groups(_without_grain(without_rim(own)), area, least_mm2)
    return found


def _without_grain(ink: GreyImage) -> GreyImage:
    """Ink without the single pixels that uneven print leaves."""
    pixels = set_pixels(ink.view(bool))
    if not len(pixels.flat):
        return ink
    page = short_page(pixels, 1)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(page.drawn(pixels), connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= _GRAIN_MM2 * PX_PER_MM**2
    kept = pixels.where(large[labels[page.row_of[pixels.y], page.column_of[pixels.x]]])
    return kept.as_mask().view(np.uint8)


def _groups(ink: GreyImage, area: Box, least_mm2: float) -> list[OverInk]:
    """Ink whose parts are close to each other, as print hides what lies between them."""
    pixels = set_pixels(ink.view(bool))
    found = []
    for own in grouped(pixels, round(_GAP_MM * PX_PER_MM) | 1, (0, 0)):
        if len(own) < least_mm2 * PX_PER_MM**2:
            continue
        x, y = pixels.x[own] / PX_PER_MM + area.x_mm, pixels.y[own] / PX_PER_MM + area.y_mm
        pixel = 1 / PX_PER_MM
        box = Box(float(x.min()), float(y.min()), float(np.ptp(x)) + pixel, float(np.ptp(y)) + pixel)
        found.append(OverInk(box, len(own) / PX_PER_MM**2, np.stack([x, y], axis=1)))
    return found
