"""Strokes taken for a field's own that lie in none: an arrow drawn from one box to another."""

from __future__ import annotations

import numpy as np

from ballot.geometry import Box
from recognition.crease import on_crease
from recognition.geometry import MM_PER_INCH, Mask
from recognition.identified import SidePage
from recognition.ink import group_ink, zone_mask
from recognition.reference import PAGE_DPI
from recognition.sparse import Indices, SetPixels, set_pixels, strokes

_RIM_MM = 0.6
_LEAST_MM, _LEAST_MM2 = 4.0, 0.45
"""The arms of large crosses go on less far outside their boxes."""

_LEAST_WIDTH_MM = 0.4
"""A single row of pixels is the outline of a box, somewhat off its place."""

_GAP_MM = 1.0


def strokes_beside_fields(side: SidePage, owned: Mask) -> list[Box]:
    """Around each long stroke that has no ink within any field, page mm.

    What pens overrun around a box is its mark's: ink there is asked for only where it is longer than that.

    Args:
        owned: Ink of strokes that belong to fields, the stamp's left out.
    """
    pixels = set_pixels(owned)
    if not len(pixels.flat):
        return []
    stroke, count = strokes(pixels)
    longest_mm = _longest_px(pixels, stroke, count) * MM_PER_INCH / PAGE_DPI
    is_beside = longest_mm >= _LEAST_MM
    is_beside[stroke[pixels.of(_within(side))]] = False
    beside = pixels.where(is_beside[stroke])
    compiled = side.placed.registration.side
    return [
        patch.box
        for patch in group_ink(beside.as_mask(), _GAP_MM, compiled.near_print)
        if patch.ink_mm2 >= _LEAST_MM2
        and min(patch.box.w_mm, patch.box.h_mm) >= _LEAST_WIDTH_MM
        and not on_crease(side.page, compiled.page, side.seen.ink, patch)
    ]


def _within(side: SidePage) -> Mask:
    """What is within a field: of a box the part inside its outline."""
    compiled = side.placed.registration.side
    boxes = [box.box for box in side.layout.mark_boxes]
    others = compiled.fields.core & ~zone_mask(compiled, boxes, _RIM_MM)
    return np.asarray(others | zone_mask(compiled, boxes, -_RIM_MM))


def _longest_px(pixels: SetPixels, stroke: Indices, count: int) -> Indices:
    """The longer side of the rectangle around each stroke."""
    spans = []
    for at in (pixels.x, pixels.y):
        low, high = np.full(count, np.iinfo(np.int64).max), np.full(count, -1)
        np.minimum.at(low, stroke, at)
        np.maximum.at(high, stroke, at)
        spans.append(np.where(high >= 0, high - low + 1, 0))
    return np.asarray(np.maximum(*spans))
