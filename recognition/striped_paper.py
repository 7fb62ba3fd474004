"""Boxes on rows of a tint with lighter paper between them, which is made even before they are measured.

Paper is what is lightest around a box. Where that is the paper between two tinted rows, the tint within the
box looks like a hole, or like faint ink.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import GreyImage

Gains = npt.NDArray[np.float32]
"""By how much each pixel is made darker."""

_STROKE = np.ones((17, 17), np.uint8)
"""Print is taken off that is no wider than 2 mm at 200 dpi."""

_LEAST_STEP, _LEAST_SHARE = 5, 0.1
_DARKEST_TINT = 160
_BESIDE_PX = 6


def evening(blank: GreyImage, box: tuple[slice, slice]) -> Gains | None:
    """What makes the paper around a box even; None where it is, and where only the box itself is tinted.

    Args:
        blank: The box with paper around.
        box: Rows and columns of the box in it.
    """
    ground = np.asarray(cv2.morphologyEx(blank, cv2.MORPH_CLOSE, _STROKE), np.uint8)
    lightest = int(ground.max())
    tinted = (ground >= _DARKEST_TINT) & (ground <= lightest - _LEAST_STEP)
    but_box = tinted.copy()
    but_box[box] = True
    beside = (slice(max(0, side.start - _BESIDE_PX), side.stop + _BESIDE_PX) for side in box)
    is_on_tint = but_box[tuple(beside)].mean() > 1 - _LEAST_SHARE and tinted[box].mean() > 0.5
    if not is_on_tint or (ground >= lightest - _LEAST_STEP).mean() < _LEAST_SHARE:
        return None
    # Lightening the tint instead would make it as white as what lies behind a hole.
    target = float(np.median(ground[tinted]))
    return np.minimum(target / np.maximum(ground, 1), 1.0).astype(np.float32)


def evened(patches: GreyImage, gains: Gains | None) -> GreyImage:
    """Pieces of a scan, shape (n, rows, columns), with their paper made even."""
    if gains is None:
        return patches
    return np.asarray(np.rint(patches * gains), np.uint8)
