"""How colourful a scan is, laid onto the page."""

from __future__ import annotations

import cv2
import numpy as np

from recognition.geometry import MM_PER_INCH, GreyImage, compose, scaling, warp
from recognition.reference import PAGE_DPI
from recognition.sides import PlacedImage


def laid_chroma(placed: PlacedImage, shape: tuple[int, int]) -> GreyImage | None:
    """The greatest less the least of a pixel's colours, on the straightened page at half `PAGE_DPI`.

    Args:
        shape: Height and width of the page at that resolution.

    Returns:
        None for a scan without colour.
    """
    scan = placed.work.scan
    if scan.colour is None:
        return None
    blue, green, red = cv2.split(scan.colour)
    chroma = cv2.subtract(cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red))
    down, along = (small / whole for small, whole in zip(chroma.shape, scan.grey.shape, strict=True))
    smaller = np.array([[along, 0.0, 0.0], [0.0, down, 0.0]])
    to_mm = scaling(2 * MM_PER_INCH / PAGE_DPI)
    to_colour = compose(smaller, compose(placed.registration.mm_to_scan, to_mm))
    return warp(np.ascontiguousarray(chroma), to_colour, shape[1], shape[0], 0)
