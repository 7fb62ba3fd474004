"""Print that a scan in black and white has thicker than the blank, and what no thickness explains."""

from __future__ import annotations

import cv2
import numpy as np

from recognition.geometry import GreyImage

MOST_THICKER_PX = 3
_THICKER_SHARE = 0.2
"""A stroke of a pen across a line of print blackens less of any rim around it."""

_BLACK, _BILEVEL_PRINT = 127, 80
_NEXT = np.ones((3, 3), np.uint8)


def beyond_thickened(seen: GreyImage, printed: GreyImage, most_px: int) -> GreyImage:
    """Ink on a piece of a scan, 1 where it is; the scan has the print thicker by some whole pixels.

    Args:
        seen, printed: Darkness of the scan and of the blank, 0 to 255, same shape.
        most_px: Print is thicker by no more than this.
    """
    thickened = _thickened(printed, thicker_px(seen, printed, most_px))
    return np.asarray(cv2.subtract(_black(seen), thickened), np.uint8)


def thicker_px(seen: GreyImage, printed: GreyImage, most_px: int) -> int:
    """By how many pixels print is thicker: one more, as long as much of the rim around it is black."""
    black = _black(seen)
    allowed = _thickened(printed, 0)
    for steps in range(most_px):
        wider = np.asarray(cv2.dilate(allowed, _NEXT), np.uint8)
        rim = cv2.subtract(wider, allowed)
        if cv2.countNonZero(cv2.bitwise_and(rim, black)) < _THICKER_SHARE * cv2.countNonZero(rim):
            return steps
        allowed = wider
    return most_px


def made_black(printed: GreyImage) -> GreyImage:
    """A blank's darkness as black and white may show it: print in a colour or in grey is black, too."""
    return np.asarray(np.where(printed > _BILEVEL_PRINT, np.uint8(255), printed), np.uint8)


def _black(seen: GreyImage) -> GreyImage:
    return (seen > _BLACK).view(np.uint8)


def _thickened(printed: GreyImage, by_px: int) -> GreyImage:
    """Where print may be black when its rims are wider by so much; a pixel more than that is usual."""
    return np.asarray(
        cv2.dilate((printed > _BILEVEL_PRINT).view(np.uint8), _NEXT, iterations=1 + by_px), np.uint8
    )
