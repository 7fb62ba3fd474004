"""Cutting a printed line of digits into one box a digit."""

from __future__ import annotations

import numpy as np

from ballot.geometry import Box
from calibration.blank import LEARN_DPI, MM_PER_INCH, GreyImage

_PX_PER_MM = LEARN_DPI / MM_PER_INCH


def cut_digits(grey: GreyImage, line: Box, count: int) -> tuple[Box, ...]:
    """Tight boxes of the `count` digits on a line, left to right; empty when they do not part.

    Args:
        grey: The side at `LEARN_DPI`.
        line: Around the line; a margin of half a millimetre is allowed for.
        count: How many digits the line has.
    """
    area = line.grown(0.5)
    x0, y0 = round(area.x_mm * _PX_PER_MM), round(area.y_mm * _PX_PER_MM)
    x1, y1 = round(area.right_mm * _PX_PER_MM), round(area.bottom_mm * _PX_PER_MM)
    ink = grey[max(0, y0) : y1, max(0, x0) : x1] < 150
    columns = ink.any(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], columns, [False]]).astype(np.int8)))
    runs = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    if len(runs) != count:
        return ()
    boxes = []
    for left, right in runs:
        rows = np.flatnonzero(ink[:, left:right].any(axis=1))
        top, bottom = int(rows[0]), int(rows[-1]) + 1
        boxes.append(
            Box(
                (x0 + left) / _PX_PER_MM,
                (y0 + top) / _PX_PER_MM,
                (right - left) / _PX_PER_MM,
                (bottom - top) / _PX_PER_MM,
            )
        )
    return tuple(boxes)
