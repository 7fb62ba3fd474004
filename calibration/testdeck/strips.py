"""Large pictures worked on in strips of rows that stay in the processor's cache.

What is smooth (shade) is worked out on a coarse grid and interpolated strip by strip; a
full-size map would cost more than everything it is used for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2

STRIP_ROWS = 128


def strips(rows: int, height: int = STRIP_ROWS) -> Iterator[tuple[int, int]]:
    """First row and the row after the last, strip by strip."""
    for top in range(0, rows, height):
        yield top, min(top + height, rows)


def interpolated(coarse: Any, step: int, top: int, bottom: int, width: int) -> Any:
    """Rows `top` to `bottom` of a coarse grid, interpolated to every pixel.

    Args:
        coarse: One value (of any channels) for every cell of `step` × `step` pixels, with one cell
            more on every side.
        width: Columns wanted.
    """
    first, last = top // step, -(-bottom // step) + 2
    part = coarse[first:last]
    size = (part.shape[1] * step, part.shape[0] * step)
    fine = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)
    skip = step + top - first * step
    return fine[skip : skip + bottom - top, step : step + width]
