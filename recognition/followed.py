"""Strokes followed over the printed outlines of boxes, where ink cannot be told from print."""

from __future__ import annotations

import cv2
import numpy as np

from recognition.geometry import Mask

_ROUND = 2
"""A spot twice as wide as what hides a stroke does not slip in between the stroke's ends."""


def followed(ink: Mask, hidden: Mask, across_px: int) -> Mask:
    """The ink, and of what is hidden that which lies between ink on both sides of it.

    Args:
        hidden: Where ink cannot be told from print.
        across_px: How wide that is across an outline.
    """
    size = _ROUND * across_px | 1
    spot = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    closed = cv2.morphologyEx(np.pad(ink, size).astype(np.uint8), cv2.MORPH_CLOSE, spot)
    return ink | (closed[size:-size, size:-size].astype(bool) & hidden)
