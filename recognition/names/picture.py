"""From the ink of a row to the picture that the network reads."""

from __future__ import annotations

import cv2
import numpy as np

from recognition.geometry import GreyImage
from recognition.names.ink import Ink
from recognition.names.network import ROW_HEIGHT_PX

_MARGIN = 0.06
_FULL_WIDTH_PX = 280.0
_SMALLEST = 0.68
_MAX_WIDTH_PX = 640.0
_CORE = 0.35
"""A pixel this dark, as a share of the writing's own darkness, decides where the crop ends."""


def row_picture(ink: Ink) -> GreyImage | None:
    """Black writing on white, cropped to the ink, `ROW_HEIGHT_PX` high; None when there is no ink.

    Tight cropping matters: with the ruling lines out and the crop tight, rows of two words gained
    four points over rows cut at the cell.
    """
    dark = ink[ink > 0.15]
    if dark.size < 12:
        return None
    level = float(np.percentile(dark, 80))
    strength = np.clip(ink / max(level, 0.1), 0.0, 1.0)
    mask = strength > _CORE
    ys, xs = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if ys.size < 3 or xs.size < 3:
        return None
    top, bottom, left, right = int(ys[0]), int(ys[-1]) + 1, int(xs[0]), int(xs[-1]) + 1
    height = bottom - top
    margin = max(2, round(_MARGIN * height))
    scale = ROW_HEIGHT_PX / (height + 2 * margin)
    # Long rows are made smaller rather than narrower: the network's time goes with the width,
    # and it reads small letters better than squeezed ones.
    scale *= min(1.0, max(_SMALLEST, _FULL_WIDTH_PX / ((right - left) * scale)))
    padding = max(margin, round((ROW_HEIGHT_PX / scale - height) / 2))
    padded = np.pad(strength[top:bottom, left:right], ((padding, padding), (2 * margin, 2 * margin)))
    wide = min(max(padded.shape[1] * scale, 24.0), _MAX_WIDTH_PX)
    size = (int(np.ceil(wide / 8)) * 8, ROW_HEIGHT_PX)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(padded.astype(np.float32), size, interpolation=way)
    return np.asarray(np.clip(255.0 * (1.0 - scaled), 0, 255), np.uint8)
