"""What is on a scanned page beyond the blank's print, and which print is missing.

Works on the straightened page at 100 dpi. The scan is first brought to the blank's brightness
tile by tile, then compared with the darkest the blank could be within the misfit that folds and
feeding leave (half a millimetre).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.field_masks import FieldMasks, boxes_mask, place_of
from recognition.geometry import MM_PER_INCH, GreyImage, Mask, over
from recognition.paper import TILE_PX, halved_once, paper_tiles
from recognition.reference import PAGE_DPI, CompiledSide
from recognition.sparse import grouped, set_pixels, short_page

_PX_PER_MM = PAGE_DPI / MM_PER_INCH
_INK_DARKNESS = 0.16
_STRONG_DARKNESS = 0.42
_TRACE_DARKNESS = 0.08
_TRACE_REACH_MM = 2.5
_FAINT_DARKNESS = 0.045
_SHARP_FIT_MM = 0.12
"""With a fit this good the blank's print is allowed for within a quarter of a millimetre only, so
that a cross drawn over a printed name is seen."""

_NEXT = np.ones((3, 3), np.uint8)
_JOINED_PX = 3
"""What closing a stroke's gaps with `_NEXT` looks at, and one pixel more."""

_PALE_GREY, _WHITE_GREY = 90, 235
_LIGHTER = 0.027
_THIN_MM, _CREASE_MM = 1.6, 20.0
_BLACK_GREY, _HOLE_PX = 44, 9
_TINT_SPREAD = 0.06
"""A tint darker than expected by more than this has ink over it, which says nothing of the tint."""

_EDGE_MM = 2.5
"""Outermost strip that is not judged: sheet edges throw shadows there."""

_MIN_FREE_SHARE = 0.4
"""Writing over print covers the gaps too; misplaced print has less than a third of its ink free."""

_PRINT_GREY = 110
"""Print darker than this is seen by every scanner, so its absence means something."""

_UNSEEN_GREY = 128
"""A bar that is lighter than this, most of it, is one that the scan does not show: red dropout turns red bars
pale. In black and white thresholds that follow the surroundings hollow out bars, more or less."""


@dataclass(frozen=True)
class PageInk:
    """What a page shows, at `PAGE_DPI`: its picture, and masks over it.

    Attributes:
        level: The page with its paper brought to the blank's white.
        ink: Darker than the blank can be.
        strong: Ink so dark that it is no halo of the blank's own print.
        trace: The ink and fainter ink around it, as a weak stamp leaves.
        missing_print: Paper-light where the blank has black print.
        no_paper: Scanner background inside the page's outline.
        judged: Where ink can be seen at all: on paper, away from the edges, in black and white
            not on a tint.
    """

    level: GreyImage
    ink: Mask
    strong: Mask
    trace: Mask
    missing_print: Mask
    no_paper: Mask
    judged: Mask


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
    level = _levelled(page, side)
    darkest = side.darkest_near if residual_mm <= _SHARP_FIT_MM else side.darkest
    if bilevel:
        darkest = side.bilevel.darkest
    judged = seen & ~no_paper
    if bilevel:
        judged &= side.bilevel.judged
    _clear_edges(judged)
    darker = np.asarray(cv2.subtract(darkest, level), np.uint8)
    ink = over(darker, 255 * _INK_DARKNESS) & judged
    trace = ink | (_trace(ink, darkest, level) & judged)
    light = over(np.asarray(cv2.erode(level, np.ones((7, 7), np.uint8)), np.uint8), 0.72 * 255)
    missing = light & ~over(side.page, _PRINT_GREY - 1) & ~no_paper & seen
    for bar in side.bars:
        if bilevel or np.median(level[bar]) > _UNSEEN_GREY:
            missing &= ~bar
    if not bilevel and (bare := _missing_tint(page, side, seen)) is not None:
        missing |= bare & seen
    _clear_edges(missing)
    strong = ink & over(darker, 255 * _STRONG_DARKNESS) if not bilevel else np.zeros_like(ink)
    return PageInk(level, ink, strong, trace, missing, no_paper, judged)


def _trace(ink: Mask, darkest: GreyImage, level: GreyImage) -> Mask:
    """Where a little blurred the page is darker than its blank, near ink."""
    pixels = set_pixels(ink)
    if not len(pixels.flat):
        return np.zeros_like(ink)
    reach = round(_TRACE_REACH_MM * _PX_PER_MM)
    page = short_page(pixels, reach + 1)
    near = cv2.dilate(page.drawn(pixels), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    # Lighter pixels count against darker ones around them, so this is not cut off at zero.
    darker = cv2.subtract(page.cut(darkest), page.cut(level), dtype=cv2.CV_16S)
    blurred = cv2.boxFilter(darker, -1, (3, 3), normalize=False)
    return page.whole((blurred > 9 * 255 * _TRACE_DARKNESS) & near.view(bool), ink.shape)


def _levelled(page: GreyImage, side: CompiledSide) -> GreyImage:
    """The scan with its paper brought to the blank's white, smoothly over the page.

    Tile by tile the upper quartile is compared with the blank's; the median of the surrounding
    tiles keeps ink and stamps from counting as shade.
    """
    ratio = paper_tiles(page) / np.maximum(side.paper_tiles, 30.0)
    ratio = np.clip(ratio, 0.2, 1.0) * 255.0
    steady = cv2.GaussianBlur(cv2.medianBlur(ratio.astype(np.uint8), 5).astype(np.float32), (3, 3), 0)
    height, width = page.shape
    gain = cv2.resize(255.0 / np.maximum(steady, 40.0), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(page, gain, dtype=cv2.CV_8U), np.uint8)


def _missing_tint(page: GreyImage, side: CompiledSide, seen: Mask) -> Mask | None:
    """Patches clearly lighter than the tint around them: a torn-off corner on a light background.

    Print within the tint is left out: scans render black lighter than it is.

    The page around is the measure, because a scan may render a tint lighter or darker than the
    blank has it, by more than what tells white background from a pale tint. It is taken as scanned:
    levelling its brightness would make the tint between the letters of a stamp lighter.
    """
    tint = side.tint
    if tint is None:
        return None
    small = tint.blank.shape[::-1]
    scanned = halved_once(page)
    shown = np.ascontiguousarray(seen[: 2 * small[1] : 2, : 2 * small[0] : 2])
    tinted = tint.mask & shown
    sample = tint.sample[shown.ravel()[tint.sample]]
    if not len(sample):
        return None
    gain = float(np.median(tint.blank.ravel()[sample] / np.maximum(scanned.ravel()[sample], 1.0)))
    lighter = cv2.addWeighted(scanned, gain, tint.blank, -1.0, 0, dtype=cv2.CV_32F)
    bare = (tinted & (lighter > -255 * _TINT_SPREAD)).astype(np.float32)
    tiles = -(-page.shape[1] // TILE_PX), -(-page.shape[0] // TILE_PX)
    share = cv2.resize(bare, tiles, interpolation=cv2.INTER_AREA)
    mean = cv2.resize(cv2.multiply(lighter, bare), tiles, interpolation=cv2.INTER_AREA)
    enough = share > 0.3
    if not enough.any():
        return None
    mean = mean / np.maximum(share, 0.01)
    mean = np.where(enough, mean, np.median(mean[enough])).astype(np.float32)
    around = cv2.resize(cv2.medianBlur(mean, 5), small)
    patches = ((cv2.subtract(lighter, around) > 255 * _LIGHTER) & tinted).view(np.uint8)
    solid = cv2.morphologyEx(patches, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    if not solid.any():
        return None
    whole = np.zeros(page.shape, bool)
    whole[: 2 * small[1], : 2 * small[0]] = np.repeat(np.repeat(solid.view(bool), 2, axis=0), 2, axis=1)
    return whole


def _no_paper(page: GreyImage, side: CompiledSide, bilevel: bool) -> Mask:
    """Near-black areas where the blank is not black: torn off or holed.

    In a scan of black and white only, a tint may be black too, so only white paper counts.
    """
    light = _WHITE_GREY if bilevel else _PALE_GREY
    black = (over(side.darkest, light) & ~over(page, _BLACK_GREY)).view(np.uint8)
    # No hole is so small that it fits between the pixels looked at, even half over the page's edge.
    every = _HOLE_PX // 2 + 1
    if not black[::every, ::every].any():
        return np.zeros(page.shape, bool)
    pixels = set_pixels(black.view(bool))
    short = short_page(pixels, _HOLE_PX)
    square = np.ones((_HOLE_PX, _HOLE_PX), np.uint8)
    solid = cv2.morphologyEx(short.drawn(pixels), cv2.MORPH_OPEN, square)
    return short.whole(np.asarray(cv2.dilate(solid, square), np.uint8).view(bool), page.shape)


def faint_ink(level: GreyImage, side: CompiledSide, area: Box) -> Mask:
    """Ink within `area` (page mm) down to the weakest impression of a stamp.

    Only for judging the shape of what is there: show-through of print is as dark as this.

    Args:
        level: See `PageInk`.
    """
    faint = np.zeros(level.shape, bool)
    place = place_of(area, PAGE_DPI)
    if not faint[place].size:
        return faint
    # One pixel more on each side, for what is blurred into the area.
    top, left = max(0, place[0].start - 1), max(0, place[1].start - 1)
    around = slice(top, place[0].stop + 1), slice(left, place[1].stop + 1)
    darker = cv2.subtract(side.darkest[around], level[around], dtype=cv2.CV_16S)
    dark = cv2.boxFilter(darker, -1, (3, 3), normalize=False) > 9 * 255 * _FAINT_DARKNESS
    height, width = faint[place].shape
    y, x = place[0].start - top, place[1].start - left
    faint[place] = dark[y : y + height, x : x + width]
    return faint


def _clear_edges(mask: Mask) -> None:
    edge = round(_EDGE_MM * _PX_PER_MM)
    mask[:edge] = mask[-edge:] = False
    mask[:, :edge] = mask[:, -edge:] = False


def zone_mask(side: CompiledSide, boxes: list[Box], margin_mm: float) -> Mask:
    """True in the given page boxes, grown by a margin."""
    return boxes_mask(boxes, margin_mm, side.page.shape, PAGE_DPI)


def grown(mask: Mask, margin_mm: float) -> Mask:
    """A part of a page at `PAGE_DPI` with so much more around it."""
    size = 2 * round(margin_mm * _PX_PER_MM) + 1
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((size, size), np.uint8)), bool)


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

    Strokes are parted in two ways, and both must agree that ink belongs to a field. Joined over small
    gaps everywhere, the pieces of a stamp over boxes stay one. Joined only at the edges of boxes that
    have ink in them, the long arm of one box's cross does not vouch for a cross beside the next.
    """
    pixels = set_pixels(ink)
    pixels = pixels.where(~pixels.of(fields.digits))
    if not len(pixels.flat):
        return SortedInk(*(np.zeros(ink.shape, bool) for _ in range(3)))
    page = short_page(pixels, _JOINED_PX, fields.edge_lines)
    seen = page.drawn(pixels)
    edges = fields.edges_with_ink(seen, page)
    near = cv2.bitwise_or(seen, edges)
    at_edges = cv2.bitwise_and(cv2.morphologyEx(near, cv2.MORPH_CLOSE, _NEXT), cv2.dilate(edges, _NEXT))
    anywhere = cv2.morphologyEx(cv2.bitwise_or(seen, page.cut(fields.edges)), cv2.MORPH_CLOSE, _NEXT)
    at = page.row_of[pixels.y], page.column_of[pixels.x]
    in_core, in_zone = pixels.of(fields.core), pixels.of(fields.zone)
    apart = _is_owned(cv2.bitwise_or(near, at_edges), at, in_core, in_zone)
    owned = apart & _is_owned(anywhere, at, in_core, in_zone)
    parts = ~owned & ~in_core, ~owned & in_core, owned
    return SortedInk(*(pixels.where(part).as_mask() for part in parts))


def _is_owned(
    strokes: npt.NDArray[Any],
    at: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
    in_core: npt.NDArray[np.bool_],
    in_zone: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """For each pixel of ink whether its stroke belongs to a field."""
    count, labels = cv2.connectedComponents(strokes, connectivity=8)
    label = labels[at]
    total = np.bincount(label, minlength=count)
    inside = np.bincount(label[in_zone], minlength=count)
    read = np.bincount(label[in_core], minlength=count)
    owned = (inside * 2 >= np.maximum(total, 1)) & (read > 0)
    owned[0] = False
    return np.asarray(owned[label])


def group_ink(mask: Mask, gap_mm: float, near_print: Mask) -> list[InkPatch]:
    """Groups ink whose parts are at most about `gap_mm` apart.

    Args:
        mask: Ink over the page at `PAGE_DPI`.
        near_print: Where the blank's own print is near, same shape.
    """
    pixels = set_pixels(mask)
    if not len(pixels.flat):
        return []
    size = max(1, round(gap_mm * _PX_PER_MM)) | 1
    free = ~pixels.of(near_print)
    patches = []
    for own in grouped(pixels, size, (int(pixels.y[0]), int(pixels.x.min()))):
        y, x = pixels.y[own], pixels.x[own]
        x0, y0 = int(x.min()), int(y[0])
        w, h = int(x.max()) + 1 - x0, int(y[-1]) + 1 - y0
        box = Box(x0 / _PX_PER_MM, y0 / _PX_PER_MM, w / _PX_PER_MM, h / _PX_PER_MM)
        shape = np.zeros((h, w), bool)
        shape[y - y0, x - x0] = True
        own_free = int(np.count_nonzero(free[own]))
        patches.append(InkPatch(box, len(own) / _PX_PER_MM**2, own_free / _PX_PER_MM**2, shape))
    return patches


def is_thin_line(patch: InkPatch) -> bool:
    """Whether ink is a thin straight line along the page."""
    long, short = max(patch.box.w_mm, patch.box.h_mm), min(patch.box.w_mm, patch.box.h_mm)
    return short < _THIN_MM and long >= 2 * short


def is_two_specks(patch: InkPatch, reach_mm: float) -> bool:
    """Whether ink is two specks of at most this length that happen to lie near each other."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(patch.mask.view(np.uint8), connectivity=8)
    longest_px = int(stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max())
    return count - 1 == 2 and longest_px <= reach_mm * _PX_PER_MM


def is_crease(patch: InkPatch) -> bool:
    """Whether ink is so long a thin line as a fold or a scanner streak leaves."""
    return is_thin_line(patch) and max(patch.box.w_mm, patch.box.h_mm) > _CREASE_MM


def patch_place(patch: InkPatch) -> tuple[slice, slice]:
    """Rows and columns of a patch on the page at `PAGE_DPI`."""
    top, left = round(patch.box.y_mm * _PX_PER_MM), round(patch.box.x_mm * _PX_PER_MM)
    height, width = patch.mask.shape
    return slice(top, top + height), slice(left, left + width)
