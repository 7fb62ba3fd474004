"""Pieces along the page's end that look as if torn off, but are paper in shade.

The facets of crumpled paper are flat and end sharply, as what is seen of a lid where paper is gone. But such
a piece ends at the page's edge, and beyond it the lid has another tone; where paper is gone it has the same.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from ballot.geometry import Box
from recognition.geometry import MM_PER_INCH, GreyImage, Mask, apply
from recognition.patches import cut
from recognition.reference import PAGE_DPI
from recognition.sides import PlacedImage

_AT_EDGE_MM, _BEYOND_MM, _STRIP_MM = 5.0, 1.0, 2.0
"""What is closest to the edge is not looked at, so that a piece reaches it that ends within 5 mm of it. The
lid is looked at from 1 mm beyond it on."""

_LID_GREY = 8
"""The shade of a sheet on the lid stays within so many grey levels."""

_MM_PER_PX = MM_PER_INCH / PAGE_DPI


def without_shade(placed: PlacedImage, page: GreyImage, lost: Mask) -> Mask:
    """What is left of lost paper without pieces that end at an edge beyond which the lid has another tone.

    Args:
        page: The straightened scan at `PAGE_DPI`.
        lost: Where paper may be missing, same shape.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(lost.astype(np.uint8), connectivity=8)
    kept = lost.copy()
    for label in range(1, count):
        x, y, w, h = (value * _MM_PER_PX for value in stats[label, :4].tolist())
        piece = labels == label
        tone = float(np.median(page[piece]))
        beside = [_tone_of(placed, strip) for strip in _beyond(placed, Box(x, y, w, h))]
        seen = [lid for lid in beside if lid is not None]
        # At a corner a driver may have painted over one of the two edges.
        if seen and min(abs(lid - tone) for lid in seen) > _LID_GREY:
            kept &= ~piece
    return kept


def _beyond(placed: PlacedImage, piece: Box) -> list[Box]:
    """Strips beyond the edges of the page that a piece reaches."""
    side = placed.registration.side.layout
    strips = []
    if piece.x_mm <= _AT_EDGE_MM:
        strips.append(replace(piece, x_mm=-_BEYOND_MM - _STRIP_MM, w_mm=_STRIP_MM))
    if piece.right_mm >= side.width_mm - _AT_EDGE_MM:
        strips.append(replace(piece, x_mm=side.width_mm + _BEYOND_MM, w_mm=_STRIP_MM))
    if piece.y_mm <= _AT_EDGE_MM:
        strips.append(replace(piece, y_mm=-_BEYOND_MM - _STRIP_MM, h_mm=_STRIP_MM))
    if piece.bottom_mm >= side.height_mm - _AT_EDGE_MM:
        strips.append(replace(piece, y_mm=side.height_mm + _BEYOND_MM, h_mm=_STRIP_MM))
    return strips


def _tone_of(placed: PlacedImage, strip: Box) -> float | None:
    """The grey level there; None where the picture does not show all of it."""
    ends = np.array([(x, y) for y in (strip.y_mm, strip.bottom_mm) for x in (strip.x_mm, strip.right_mm)])
    on_scan = apply(placed.registration.mm_to_scan, ends)
    height, width = placed.work.scan.grey.shape
    if (on_scan < 0).any() or (on_scan > (width, height)).any():
        return None
    return float(np.median(cut(placed.source, placed.registration, strip, (0.0, 0.0))))
