"""Registration marks (styremerker) of a blank side: squares, L corners, crosses, timing bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from ballot.geometry import Box
from calibration.blank import LEARN_DPI, MM_PER_INCH, GreyImage, Word

_PX_PER_MM = LEARN_DPI / MM_PER_INCH
_EDGE_ZONE_MM = 20.0
_MIN_MM, _MAX_MM = 1.4, 25.0
_MIN_AREA_MM2 = 1.0
_BLACK = (90, 45)
"""Registration marks are printed in full black, so that every scanner sees them. A mark on a
dark band parts from it only at the lower level; on paper both levels find the same mark."""


def find_registration_marks(grey: GreyImage, words: Sequence[Word], fields: Sequence[Box]) -> tuple[Box, ...]:
    """Solid black shapes near the edges that are neither text nor part of a field.

    Args:
        grey: The side at `LEARN_DPI`.
        words: Printed words, whose letters are not marks.
        fields: Boxes, cells and other fields, whose outlines are not marks.
    """
    marks: list[Box] = []
    for level in _BLACK:
        for box in _black_shapes(grey, level):
            if any(mark.overlap_mm2(box) > 0 for mark in marks):
                continue
            if any(word.box.grown(0.4).overlap_mm2(box) > 0.3 * box.area_mm2 for word in words):
                continue
            if any(field.grown(0.6).overlap_mm2(box) > 0.3 * box.area_mm2 for field in fields):
                continue
            marks.append(box)
    return tuple(sorted(marks, key=lambda b: (round(b.y_mm, 1), b.x_mm)))


def _black_shapes(grey: GreyImage, level: int) -> Iterator[Box]:
    """Connected shapes of a mark's size near the edges, no lighter than `level`."""
    height_mm, width_mm = grey.shape[0] / _PX_PER_MM, grey.shape[1] / _PX_PER_MM
    dark = (grey < level).astype(np.uint8)
    count, _labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    for index in range(1, count):
        x, y, w, h, area = (float(v) for v in stats[index])
        box = Box(x / _PX_PER_MM, y / _PX_PER_MM, w / _PX_PER_MM, h / _PX_PER_MM)
        if not _MIN_MM <= max(box.w_mm, box.h_mm) <= _MAX_MM or area < _MIN_AREA_MM2 * _PX_PER_MM**2:
            continue
        edge = min(box.x_mm, box.y_mm, width_mm - box.right_mm, height_mm - box.bottom_mm)
        if edge <= _EDGE_ZONE_MM:
            yield box
