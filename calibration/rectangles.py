"""Printed rectangles of a blank side, found from pixels alone.

A field is a patch of light paper that the print closes off: a box or table cell inside drawn
lines, or a white field left out of a tint. Both are connected light components whose contour
fills its bounding rectangle, at some threshold. Nothing is assumed about line weight, size,
colour or place, so any print house's fields are found the same way.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ballot.geometry import Box
from calibration.blank import LEARN_DPI, MM_PER_INCH, GreyImage

_PX_PER_MM = LEARN_DPI / MM_PER_INCH
_THRESHOLDS = (128, 176, 216, 240)
"""Grey levels between ink and paper: from black lines on white to white fields in a pale tint."""

_MIN_SIDE_MM = 2.2
_MAX_PAGE_SHARE = 0.6
_MIN_FILL = 0.74
"""Contour area over bounding box: 1 for a rectangle, 0.785 for an ellipse, less for letters."""

_MAX_LINE_MM = 1.2
"""A printed edge wider than this is a tinted area, and the field ends where it begins."""


_CONCENTRIC_MM = 0.2
_LINE_GROUND_MM, _LEAST_LINE_GREY = 2.0, 79
"""A line is so much darker than the paper or tint that it is drawn on."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A printed rectangle: the middle of its outline, and how rectangular it is (0 to 1)."""

    box: Box
    fill: float


def find_rectangles(grey: GreyImage) -> list[Rectangle]:
    """All closed light fields of a side at `LEARN_DPI`, outermost duplicates removed."""
    found: list[Rectangle] = []
    for threshold in _THRESHOLDS:
        known = list(found)
        for candidate in _light_components(grey, threshold):
            if any(_same(candidate.box, other.box) for other in found):
                continue
            if not any(_is_inside_of(candidate.box, other.box) for other in known):
                found.append(candidate)
    return found


def _light_components(grey: GreyImage, threshold: int) -> list[Rectangle]:
    light = (grey > threshold).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(light, connectivity=4)
    height, width = grey.shape
    minimum = _MIN_SIDE_MM * _PX_PER_MM
    result = []
    for index in range(1, count):
        x, y, w, h, _area = (int(v) for v in stats[index])
        if w < minimum or h < minimum or w * h > _MAX_PAGE_SHARE * width * height:
            continue
        if x == 0 or y == 0 or x + w == width or y + h == height:
            continue
        mask = (labels[y : y + h, x : x + w] == index).astype(np.uint8)
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        # Contours run through pixel centres, so the area of a full w×h block is (w-1)(h-1).
        fill = max(cv2.contourArea(c) for c in contours) / max(1, (w - 1) * (h - 1))
        if fill >= _MIN_FILL:
            result.append(Rectangle(_outline_middle(grey, threshold, x, y, w, h), float(fill)))
    return result


def _outline_middle(grey: GreyImage, threshold: int, x: int, y: int, w: int, h: int) -> Box:
    """Moves each edge of a light component outwards to the middle of the line that closes it."""
    rows = slice(y + h // 4, y + h - h // 4)
    cols = slice(x + w // 4, x + w - w // 4)
    left = x - _half_line(grey[rows, max(0, x - _reach()) : x][:, ::-1], threshold, axis=0)
    right = x + w + _half_line(grey[rows, x + w : x + w + _reach()], threshold, axis=0)
    top = y - _half_line(grey[max(0, y - _reach()) : y, cols][::-1], threshold, axis=1)
    bottom = y + h + _half_line(grey[y + h : y + h + _reach(), cols], threshold, axis=1)
    mm = 1 / _PX_PER_MM
    return Box(left * mm, top * mm, (right - left) * mm, (bottom - top) * mm)


def _reach() -> int:
    return round(_MAX_LINE_MM * _PX_PER_MM) + 2


def _half_line(outwards: GreyImage, threshold: int, axis: int) -> float:
    """Half the width in pixels of the dark line that begins at an edge, 0 for a tinted area.

    Args:
        outwards: Pixels beyond the edge, the first ones next to it.
        axis: Axis along the edge, over which the median is taken.
    """
    profile = np.median(outwards, axis=axis)
    light_again = np.flatnonzero(profile > threshold)
    if len(light_again) == 0 or light_again[0] > _MAX_LINE_MM * _PX_PER_MM:
        return 0.0
    return float(light_again[0]) / 2


def _is_inside_of(inside: Box, outline: Box) -> bool:
    """Whether a light field is what a thick line closes, whose middle was found before.

    A line on a tint ends, for thresholds above the tint, at its inner edge.
    """
    more_mm = outline.w_mm - inside.w_mm, outline.h_mm - inside.h_mm
    off_mm = (abs(a - b) for a, b in zip(inside.center_mm, outline.center_mm, strict=True))
    return max(off_mm) < _CONCENTRIC_MM and min(more_mm) >= 0 and max(more_mm) <= _MAX_LINE_MM


def _same(a: Box, b: Box) -> bool:
    return a.overlap_mm2(b) > 0.8 * max(a.area_mm2, b.area_mm2)


def find_horizontal_lines(grey: GreyImage, min_length_mm: float) -> list[Box]:
    """Drawn or dotted horizontal lines at least `min_length_mm` long, as flat boxes."""
    around = np.ones((round(_LINE_GROUND_MM * _PX_PER_MM) | 1,) * 2, np.uint8)
    dark = (cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, around) > _LEAST_LINE_GREY).astype(np.uint8)
    gap = round(1.5 * _PX_PER_MM)
    joined = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    long = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((1, round(min_length_mm * _PX_PER_MM)), np.uint8))
    count, _labels, stats, _ = cv2.connectedComponentsWithStats(long, connectivity=8)
    mm = 1 / _PX_PER_MM
    lines = []
    for index in range(1, count):
        x, y, w, h, _area = (int(v) for v in stats[index])
        if h <= _MAX_LINE_MM * _PX_PER_MM:
            lines.append(Box(x * mm, y * mm, w * mm, h * mm))
    return lines
