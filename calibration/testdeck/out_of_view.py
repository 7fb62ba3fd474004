"""Torn corners that a scan does not show, since it was cut close and askew."""

from __future__ import annotations

import numpy as np

from calibration.testdeck.fields import SideFields
from calibration.testdeck.paper import MM_PER_INCH
from calibration.testdeck.planes import Planes
from calibration.testdeck.scanning import Background, Pass, view_of

LEAST_SHOWN_MM2 = 16.0
"""A square of 4 mm. Of a corner without a field less tells nobody anything, and harms no vote."""


def shows_tear(
    tear: tuple[int, float, float], paper: Planes, fields: SideFields, way: Pass, mirrored: bool
) -> bool:
    """Whether so much of a torn corner lies within the scan that a person would be asked about it.

    Args:
        tear: Corner of the inside (0 to 3, from upper left by rows) and its legs in mm.
        paper: The side as it was fed.
        mirrored: Whether it is the outside.
    """
    if way.background is not Background.CROPPED:
        return True
    corner, along_x, along_y = tear
    right, below = bool(corner % 2) != mirrored, corner >= 2
    shown = 0
    for _, _, x, y in view_of(paper, 1, fields, way, mirrored).maps():
        x_mm, y_mm = x / paper.x_px_per_mm, y / paper.y_px_per_mm
        from_side = fields.width_mm - x_mm if right else x_mm
        from_end = fields.height_mm - y_mm if below else y_mm
        is_gone = (from_side >= 0) & (from_end >= 0) & (from_side / along_x + from_end / along_y < 1)
        shown += int(np.count_nonzero(is_gone))
    return shown * (MM_PER_INCH / way.dpi) ** 2 >= LEAST_SHOWN_MM2
