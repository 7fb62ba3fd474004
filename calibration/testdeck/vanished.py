"""Marks of which a scan in black and white shows nothing.

A pale pen, or a scan that is too light, can leave a mark wholly above the threshold. The picture then
shows an empty box, and nobody can tell it from one: the fault is the scanner's setting, which the
acceptance test with labels finds, so such marks are counted apart from what a reader got wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ballot.geometry import Box
from calibration.testdeck.fields import SideFields
from calibration.testdeck.paper import Image
from calibration.testdeck.planes import Planes
from calibration.testdeck.scanning import Pass, view_of

_EDGE_MM = 0.9
"""The printed edge of a box, with what thresholding adds to it."""

_LEAST_SHARE = 0.002
"""A pixel or two at 200 dpi. Marks that leave a hundredth of the box black are doubted."""


def vanished(
    scan: Image, paper: Planes, fields: SideFields, way: Pass, mirrored: bool, boxes: Sequence[Box]
) -> list[bool]:
    """For each marked box whether the scan has no black in it.

    Args:
        scan: What the scanner delivered of the side, black and white.
        paper: The side as it was fed.
        boxes: Page mm.
    """
    black = np.zeros(len(boxes))
    seen = np.zeros(len(boxes))
    for top, bottom, x, y in view_of(paper, 1, fields, way, mirrored).maps():
        x_mm, y_mm = (
            x / paper.x_px_per_mm,
            y / paper.y_px_per_mm,
        )
        dark = scan[top:bottom] == 0
        for index, box in enumerate(boxes):
            inner = box.grown(-_EDGE_MM)
            at = (
                (x_mm > inner.x_mm) & (x_mm < inner.right_mm) & (y_mm > inner.y_mm) & (y_mm < inner.bottom_mm)
            )
            seen[index] += at.sum()
            black[index] += (at & dark).sum()
    return [bool(s > 0 and b < _LEAST_SHARE * s) for b, s in zip(black, seen, strict=True)]
