"""What is on a scanned page beyond the blank's print, and which print is missing.

Works on the straightened page at 100 dpi. The scan is first brought to the blank's brightness
tile by tile, then compared with the darkest the blank could be within the misfit that folds and
feeding leave (half a millimetre).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.field_masks import FieldMasks, boxes_mask
from recognition.geometry import MM_PER_INCH, GreyImage, Mask
from recognition.reference import PAGE_DPI, CompiledSide

_PX_PER_MM = PAGE_DPI / MM_PER_INCH
_TILE_PX = 32
_INK_DARKNESS = 0.16
_STRONG_DARKNESS = 0.42
_TRACE_DARKNESS = 0.08
_TRACE_REACH_MM = 2.5
_FAINT_DARKNESS = 0.045
_SHARP_FIT_MM = 0.12
"""With a fit this good the blank's print is allowed for within a quarter of a millimetre only, so
that a cross drawn over a printed name is seen."""

_PALE_GREY, _WHITE_GREY = 90, 235
_LIGHTER = 0.027
_TINT_SPREAD = 0.06
"""A tint darker than expected by more than this has ink over it, which says nothing of the tint."""

_EDGE_MM = 2.5
"""Outermost strip that is not judged: sheet edges throw shadows there."""

_MIN_FREE_SHARE = 0.4
"""Writing over print covers the gaps too; misplaced print has less than a third of its ink free."""

_PRINT_GREY = 110
"""Print darker than this is seen by every scanner, so its absence means something."""


@dataclass(frozen=True)
class PageInk:
    """Masks over the page at `PAGE_DPI`.

    Attributes:
        ink: Darker than the blank can be.
        strong: Ink so dark that it is no halo of the blank's own print.
        trace: The ink and fainter ink around it, as a weak stamp leaves.
        missing_print: Paper-light where the blank has black print.
        no_paper: Scanner background inside the page's outline.
    """

    ink: Mask
    strong: Mask
    trace: Mask
    missing_print: Mask
    no_paper: Mask


@dataclass(frozen=True)
class InkPatch:
    """A group of ink that belongs together.

    Attributes:
        box: Around it, page mm.
        ink_mm2: Inked area.
        free_mm2: Inked area that is not close to the blank's own print.
        mask: The ink within its pixel rectangle.
    """

    box: Box
    ink_mm2: float
    free_mm2: float
    mask: Mask

    @property
    def is_reproduction(self) -> bool:
        """Whether the ink hugs the blank's print, as thick or misplaced print of the ballot does."""
        return self.free_mm2 < _MIN_FREE_SHARE * self.ink_mm2


def compare_page(
    page: GreyImage, side: CompiledSide, seen: Mask, residual_mm: float, bilevel: bool
) -> PageInk:
    """Compares a straightened page with its blank.

    Args:
        page: At `PAGE_DPI`.
        seen: Where the scan shows the page at all; nothing is said of the rest.
        residual_mm: How well the page is fitted.
        bilevel: Whether the scan is black and white only.
    """
    no_paper = _no_paper(page, side, bilevel) & seen
    level = _levelled(page, side.page)
    darkest = side.darkest_near if residual_mm <= _SHARP_FIT_MM else side.darkest
    if bilevel:
        # Thresholding thickens print by up to a pixel of the scan on each side.
        darkest = np.asarray(cv2.erode(side.page, np.ones((7, 7), np.uint8)), np.uint8)
    darker = cv2.subtract(darkest, level, dtype=cv2.CV_16S)
    judged = ~no_paper & seen
    if bilevel:
        # A tint becomes dots of black and white that differ from scan to scan.
        judged &= cv2.dilate(side.page, np.ones((9, 9), np.uint8)) >= 245
    _clear_edges(judged)
    ink = (darker > 255 * _INK_DARKNESS) & judged
    reach = 2 * round(_TRACE_REACH_MM * _PX_PER_MM) + 1
    near = cv2.dilate(ink.view(np.uint8), np.ones((reach, reach), np.uint8)).view(bool)
    blurred = cv2.boxFilter(darker, -1, (3, 3), normalize=False)
    trace = ink | ((blurred > 9 * 255 * _TRACE_DARKNESS) & judged & near)
    light = cv2.erode(level, np.ones((7, 7), np.uint8)) > 0.72 * 255
    missing = (side.page < _PRINT_GREY) & light & ~no_paper & seen
    if not bilevel:
        missing |= _missing_tint(page, side, seen) & seen
    _clear_edges(missing)
    strong = ink & (darker > 255 * _STRONG_DARKNESS) if not bilevel else np.zeros_like(ink)
    return PageInk(ink, strong, trace, missing, no_paper)


def _levelled(page: GreyImage, blank: GreyImage) -> GreyImage:
    """The scan with its paper brought to the blank's white, smoothly over the page."""
    gain = 255.0 / np.maximum(_paper_tiles(page, blank), 40.0)
    height, width = page.shape
    full = cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(page, full, dtype=cv2.CV_8U), np.uint8)


def _paper_tiles(page: GreyImage, blank: GreyImage) -> npt.NDArray[np.float32]:
    """Grey level that the blank's white has in the scan, tile by tile.

    Each tile compares its upper quartile with the blank's; the median of the surrounding tiles
    keeps ink and stamps from counting as shade.
    """
    height, width = page.shape
    rows, cols = -(-height // _TILE_PX), -(-width // _TILE_PX)
    pad = ((0, rows * _TILE_PX - height), (0, cols * _TILE_PX - width))

    def tiles(image: GreyImage) -> npt.NDArray[np.float32]:
        padded = np.pad(image, pad, mode="edge")
        blocks = padded.reshape(rows, _TILE_PX, cols, _TILE_PX).swapaxes(1, 2)
        small = blocks[:, :, ::3, ::3].reshape(rows, cols, -1)
        rank = small.shape[2] * 3 // 4
        return np.partition(small, rank, axis=2)[:, :, rank].astype(np.float32)

    ratio = tiles(page) / np.maximum(tiles(blank), 30.0)
    ratio = np.clip(ratio, 0.2, 1.15) * 255.0
    steady = cv2.medianBlur(np.clip(ratio, 0, 255).astype(np.uint8), 5).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(steady, (3, 3), 0), np.float32)


def _missing_tint(page: GreyImage, side: CompiledSide, seen: Mask) -> Mask:
    """Patches clearly lighter than the tint around them: a torn-off corner on a light background.

    Print within the tint is left out: scans render black lighter than it is.

    The page around is the measure, because a scan may render a tint lighter or darker than the
    blank has it, by more than what tells white background from a pale tint. It is taken as scanned:
    levelling its brightness would make the tint between the letters of a stamp lighter.
    """
    if side.tint_half is None:
        return np.zeros(page.shape, bool)
    small = side.tint_half.shape[::-1]
    scanned = cv2.resize(page, small, interpolation=cv2.INTER_AREA)
    blank = cv2.resize(side.page, small, interpolation=cv2.INTER_AREA)
    tinted = side.tint_half & (cv2.resize(seen.view(np.uint8), small, interpolation=cv2.INTER_NEAREST) > 0)
    if not tinted.any():
        return np.zeros(page.shape, bool)
    gain = float(np.median(blank[tinted] / np.maximum(scanned[tinted], 1.0)))
    lighter = scanned * np.float32(gain) - blank
    bare = tinted & (lighter > -255 * _TINT_SPREAD)
    tiles = -(-page.shape[1] // _TILE_PX), -(-page.shape[0] // _TILE_PX)
    share = cv2.resize(bare.astype(np.float32), tiles, interpolation=cv2.INTER_AREA)
    mean = cv2.resize(np.where(bare, lighter, np.float32(0)), tiles, interpolation=cv2.INTER_AREA)
    enough = share > 0.3
    if not enough.any():
        return np.zeros(page.shape, bool)
    mean = mean / np.maximum(share, 0.01)
    mean = np.where(enough, mean, np.median(mean[enough])).astype(np.float32)
    around = cv2.resize(cv2.medianBlur(mean, 5), small)
    patches = ((lighter - around > 255 * _LIGHTER) & tinted).view(np.uint8)
    solid = cv2.morphologyEx(patches, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    return cv2.resize(solid, page.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0


def _no_paper(page: GreyImage, side: CompiledSide, bilevel: bool) -> Mask:
    """Near-black areas where the blank is not black: torn off or holed.

    In a scan of black and white only, a tint may be black too, so only white paper counts.
    """
    light = _WHITE_GREY if bilevel else _PALE_GREY
    black = ((page < 45) & (side.darkest > light)).astype(np.uint8)
    solid = cv2.morphologyEx(black, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    return np.asarray(cv2.dilate(solid, np.ones((9, 9), np.uint8)), bool)


def faint_ink(page: GreyImage, side: CompiledSide, area: Box) -> Mask:
    """Ink within `area` (page mm) down to the weakest impression of a stamp.

    Only for judging the shape of what is there: show-through of print is as dark as this.
    """
    darker = cv2.subtract(side.darkest, _levelled(page, side.page), dtype=cv2.CV_16S)
    blurred = cv2.boxFilter(darker, -1, (3, 3), normalize=False)
    faint: Mask = (blurred > 9 * 255 * _FAINT_DARKNESS) & zone_mask(side, [area], 0.0)
    return faint


def _clear_edges(mask: Mask) -> None:
    edge = round(_EDGE_MM * _PX_PER_MM)
    mask[:edge] = mask[-edge:] = False
    mask[:, :edge] = mask[:, -edge:] = False


def zone_mask(side: CompiledSide, boxes: list[Box], margin_mm: float) -> Mask:
    """True in the given page boxes, grown by a margin."""
    return boxes_mask(boxes, margin_mm, side.page.shape, PAGE_DPI)


@dataclass(frozen=True)
class SortedInk:
    """Ink told apart by where its strokes belong.

    Attributes:
        stray: Outside every field and part of no field's stroke.
        foreign: Inside a field, but part of a stroke that lies mostly outside all fields.
        owned: Part of a field's stroke, wherever it lies.
    """

    stray: Mask
    foreign: Mask
    owned: Mask


def sort_ink(ink: Mask, fields: FieldMasks) -> SortedInk:
    """Tells strokes that belong to fields from those that do not. Digit lines are left out.

    A stroke belongs to a field when at least half of it lies inside the fields' zone (the fields
    and what pens overrun) and some of it inside the fields themselves, which are read. A ring
    around a box or a cross beside it does not, so it is left over and will be doubted. Ink cannot
    be seen on the printed edges of boxes, so strokes that cross them are joined there again.
    """
    ink = ink & ~fields.digits
    strokes = (ink | fields.outlines).astype(np.uint8)
    joined = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    # Only pixels with ink are looked at: they are few.
    at = np.flatnonzero(ink)
    label, in_core = labels.ravel()[at], fields.core.ravel()[at]
    total = np.bincount(label, minlength=count)
    inside = np.bincount(label[fields.zone.ravel()[at]], minlength=count)
    read = np.bincount(label[in_core], minlength=count)
    owned = (inside * 2 >= np.maximum(total, 1)) & (read > 0)
    owned[0] = False
    loose = ~owned[label]
    stray, foreign = np.zeros_like(ink), np.zeros_like(ink)
    stray.ravel()[at[loose & ~in_core]] = True
    foreign.ravel()[at[loose & in_core]] = True
    return SortedInk(stray, foreign, ink & ~stray & ~foreign)


def group_ink(mask: Mask, gap_mm: float, near_print: Mask) -> list[InkPatch]:
    """Groups ink whose parts are at most about `gap_mm` apart.

    Args:
        mask: Ink over the page at `PAGE_DPI`.
        near_print: Where the blank's own print is near, same shape.
    """
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    if width == 0:
        return []
    # Only the rectangle that has ink is looked at.
    mask = mask[top : top + height, left : left + width]
    near_print = near_print[top : top + height, left : left + width]
    size = max(1, round(gap_mm * _PX_PER_MM)) | 1
    joined = cv2.dilate(mask.view(np.uint8), np.ones((size, size), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    patches = []
    for index in range(1, count):
        x, y, w, h, _ = (int(v) for v in stats[index])
        own = mask[y : y + h, x : x + w] & (labels[y : y + h, x : x + w] == index)
        ys, xs = np.nonzero(own)
        if len(xs) == 0:
            continue
        x0, x1, y0, y1 = int(xs.min()), int(xs.max()) + 1, int(ys.min()), int(ys.max()) + 1
        box = Box(
            (left + x + x0) / _PX_PER_MM,
            (top + y + y0) / _PX_PER_MM,
            (x1 - x0) / _PX_PER_MM,
            (y1 - y0) / _PX_PER_MM,
        )
        free = int((own & ~near_print[y : y + h, x : x + w]).sum())
        area = len(xs) / _PX_PER_MM**2
        patches.append(InkPatch(box, area, free / _PX_PER_MM**2, own[y0:y1, x0:x1]))
    return patches


def is_crease(patch: InkPatch) -> bool:
    """Whether ink is a thin straight line along the page, as a fold or a scanner streak leaves."""
    long, short = max(patch.box.w_mm, patch.box.h_mm), min(patch.box.w_mm, patch.box.h_mm)
    return long > 20 and short < 1.6
