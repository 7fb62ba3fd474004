"""How colourful a scan is, laid onto the page."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import MM_PER_INCH, GreyImage, compose, scaling, warp
from recognition.reference import PAGE_DPI
from recognition.sides import PlacedImage

CHROMA_PX_PER_MM = PAGE_DPI / MM_PER_INCH / 2
"""Half the page's resolution is enough for strokes of a pen in colour."""

_NO_COLOUR = 128
_LAID_PX = 3


def laid_chroma(placed: PlacedImage, shape: tuple[int, int]) -> GreyImage | None:
    """The greatest less the least of a pixel's colours, on the straightened page at half `PAGE_DPI`.

    Args:
        shape: Height and width of the page at that resolution.

    Returns:
        None for a scan without colour.
    """
    colour = placed.work.scan.colour
    if colour is None:
        return None
    blue, green, red = cv2.split(colour)
    most, least = cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red)
    return _laid(placed, np.asarray(cv2.subtract(most, least), np.uint8), shape, 0)


def laid_tint(placed: PlacedImage, shape: tuple[int, int]) -> npt.NDArray[np.float32] | None:
    """By how much red and blue differ from green, each the mean of some pixels, shape (2, rows, columns).

    Unlike `laid_chroma` they have a sign: the fringes in which a scanner's colours lie beside each other
    along print have the opposite one on the other side of each line, and leave little of each other.
    """
    colour = placed.work.scan.colour
    if colour is None:
        return None
    blue, green, red = cv2.split(colour)
    planes = np.empty((2, *shape), np.float32)
    for plane, one in zip(planes, (red, blue), strict=True):
        half: GreyImage = np.asarray(cv2.addWeighted(one, 0.5, cv2.bitwise_not(green), 0.5, 0.5), np.uint8)
        laid = _laid(placed, half, shape, _NO_COLOUR).astype(np.float32)
        cv2.blur(laid, (_LAID_PX, _LAID_PX), dst=plane)
    return 2 * (planes - np.float32(_NO_COLOUR))


def _laid(placed: PlacedImage, plane: GreyImage, shape: tuple[int, int], beyond: int) -> GreyImage:
    whole = placed.work.scan.grey.shape
    down, along = (small / large for small, large in zip(plane.shape, whole, strict=True))
    smaller = np.array([[along, 0.0, 0.0], [0.0, down, 0.0]])
    to_mm = scaling(2 * MM_PER_INCH / PAGE_DPI)
    to_colour = compose(smaller, compose(placed.registration.mm_to_scan, to_mm))
    return warp(np.ascontiguousarray(plane), to_colour, shape[1], shape[0], beyond)
