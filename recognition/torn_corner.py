"""Corners of a page that are gone, told by the step of tone where the paper ends.

Before a lid that is nearly as light as the paper a torn-off corner hides no print that would be missed,
but its tone is another one, up to a sharp edge that runs from one side of the page to the next.
Shade on paper ends nowhere sharply, and a fold does not end at two neighbouring sides so near a corner.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import MM_PER_INCH, GreyImage, Mask
from recognition.pale_hole import lies_behind
from recognition.paper import halved_once
from recognition.reference import PAGE_DPI
from recognition.sides import PlacedImage

_PX_PER_MM = PAGE_DPI / MM_PER_INCH / 2
_WINDOW_MM, _EDGE_MM, _PATCH_MM = 50.0, 1.5, 7.0
_MIN_AREA_MM2, _MIN_KNOWN_SHARE = 20.0, 0.4
_STROKE_PX = 7
"""Print and pen lines up to this width, 3.5 mm, are taken for the paper around them."""

_DARK_GREY, _SAME_GREY = 90, 10
"""Only the blank's main tone is compared, and not on dark grounds, where scans differ most."""

_MIN_STEP = 0.02
"""As a share of the paper's tone: 5 grey levels. Before, 15 of 40 torn corners of white ballots in grey were
missed, with this none of 208 of five print houses; of 996 undamaged sheets one was taken for torn, for a
crease in crumpled paper."""

_SHARP_SHARE, _SHARP_STEP, _BESIDE_PX = 0.85, 0.5, 7
"""So much of the edge must show so much of the step, between the 3 mm on either side: shade is wider."""

_BESIDE_MM, _EVERY, _LEAST_LID_SHARE, _LID_GREY = 2.0, 8, 0.01, 8
"""The lid is looked at beyond 2 mm from the page; a sheet's own shade on it stays within 8 grey levels."""

Tone = npt.NDArray[np.float32]


def torn_corners(placed: PlacedImage, page: GreyImage, seen: Mask, behind: Mask | None = None) -> Mask | None:
    """Where corners of a straightened page are gone, at `PAGE_DPI`; None where none is.

    Args:
        page: The straightened scan.
        seen: Where the scan shows the page at all.
        behind: Where solid print of the other side may show through, at half the page's size.
    """
    scanned, blank = halved_once(page), halved_once(placed.registration.side.page)
    lid = _lid_grey(placed)
    height, width = scanned.shape
    edge_px = round(_EDGE_MM * _PX_PER_MM)
    kernel = np.ones((2 * edge_px + 1, 2 * edge_px + 1), np.uint8)
    halved = seen[: 2 * height : 2, : 2 * width : 2].astype(np.uint8)
    shown = cv2.erode(halved, kernel, borderValue=0).astype(bool)
    size = round(_WINDOW_MM * _PX_PER_MM)
    gone = np.zeros((height, width), bool)
    for rows in (slice(None, size), slice(None, -size - 1, -1)):
        for cols in (slice(None, size), slice(None, -size - 1, -1)):
            found = _gone(scanned[rows, cols], blank[rows, cols], shown[rows, cols])
            if found is None:
                continue
            corner, darker = found
            if not _may_be_lid(scanned[rows, cols][corner], lid):
                continue
            if behind is None or not lies_behind(corner, behind[rows, cols], darker):
                gone[rows, cols] |= corner
    if not gone.any():
        return None
    whole = np.zeros(page.shape, bool)
    whole[: 2 * height, : 2 * width] = np.repeat(np.repeat(gone, 2, axis=0), 2, axis=1)
    return whole


def _lid_grey(placed: PlacedImage) -> float | None:
    """The grey level of the scanner's lid beside the page; None when none of it is to be seen."""
    grey, side = placed.work.scan.grey, placed.registration.side.layout
    x0, y0, x1, y1 = -_BESIDE_MM, -_BESIDE_MM, side.width_mm + _BESIDE_MM, side.height_mm + _BESIDE_MM
    to_scan = placed.registration.mm_to_scan
    corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]) @ to_scan[:, :2].T + to_scan[:, 2]
    few = grey[::_EVERY, ::_EVERY]
    beside = np.ones(few.shape, np.uint8)
    cv2.fillPoly(beside, [np.rint(corners / _EVERY).astype(np.int32).reshape(-1, 1, 2)], 0)
    shown = few[beside > 0]
    return float(np.median(shown)) if shown.size >= _LEAST_LID_SHARE * few.size else None


def _may_be_lid(greys: GreyImage, lid: float | None) -> bool:
    """Whether a part of the page is as dark as the lid beside it; a corner bent up is not."""
    return lid is None or abs(float(np.median(greys)) - lid) <= _LID_GREY


def _gone(scanned: GreyImage, blank: GreyImage, shown: Mask) -> tuple[Mask, float] | None:
    """The part of a window that is gone, when its first row and column are the page's edges.

    Returns:
        With it by which share of the paper's tone it is darker, or lighter: less than 0.
    """
    ground = _tone(blank)
    # Where a tint ends, a misplaced or thicker edge of it would be a step as well.
    main = float(np.median(ground))
    known = shown & (np.abs(ground - main) <= _SAME_GREY) & (main >= _DARK_GREY)
    if known.mean() < _MIN_KNOWN_SHARE:
        return None
    tone = np.where(known, _tone(scanned) / np.maximum(ground, 1.0), np.nan).astype(np.float32)
    away = np.arange(known.shape[0])[:, None] + np.arange(known.shape[1])
    patch = known & (away <= away[known].min() + _PATCH_MM * _PX_PER_MM)
    own, usual = float(np.median(tone[patch])), float(np.median(tone[known]))
    step = usual - own
    if abs(step) < _MIN_STEP:
        return None
    alike = np.abs(tone - own) < abs(step) / 2
    count, labels = cv2.connectedComponents(alike.astype(np.uint8), connectivity=4)
    sizes = np.bincount(labels[patch], minlength=count)
    sizes[0] = 0
    region = labels == int(sizes.argmax()) if sizes.any() else np.zeros_like(alike)
    if region.sum() < _MIN_AREA_MM2 * _PX_PER_MM**2 or region[-1].any() or region[:, -1].any():
        return None
    return (region, step / max(usual, 1e-6)) if _is_sharp(tone, region, step) else None


def _tone(picture: GreyImage) -> Tone:
    """The ground of a picture without the strokes on it."""
    kernel = np.ones((_STROKE_PX, _STROKE_PX), np.uint8)
    return cv2.blur(cv2.morphologyEx(np.ascontiguousarray(picture), cv2.MORPH_CLOSE, kernel), (3, 3)).astype(
        np.float32
    )


def _is_sharp(tone: Tone, region: Mask, step: float) -> bool:
    """Whether the tone changes at once along the whole of a region's border within the page."""
    filled = cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    known = ~np.isnan(tone)
    inner = cv2.erode(filled, np.ones((3, 3), np.uint8)).astype(bool) & known
    outer = ~cv2.dilate(filled, np.ones((3, 3), np.uint8)).astype(bool) & known
    values = np.nan_to_num(tone)
    within, beyond = (_mean_of(values, part) for part in (inner, outer))
    border = cv2.morphologyEx(filled, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).astype(bool)
    steps = ((beyond - within) * np.sign(step))[border]
    steps = steps[~np.isnan(steps)]
    return len(steps) > 0 and float((steps >= _SHARP_STEP * abs(step)).mean()) >= _SHARP_SHARE


def _mean_of(values: Tone, part: Mask) -> Tone:
    """The mean of the values of a part around each pixel; not a number where there are none."""
    weight = cv2.blur(part.astype(np.float32), (_BESIDE_PX, _BESIDE_PX))
    total = cv2.blur(np.where(part, values, np.float32(0)), (_BESIDE_PX, _BESIDE_PX))
    return np.where(weight > 0.05, total / np.maximum(weight, 1e-6), np.nan).astype(np.float32)
