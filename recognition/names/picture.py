"""From the ink of a row to the picture that the network reads."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class _Crop:
    """Where the writing is in the ink, how dark it is, and the margin around it, in pixels."""

    top: int
    bottom: int
    left: int
    right: int
    margin: int
    level: float


def row_picture(ink: Ink) -> GreyImage | None:
    """Black writing on white, cropped to the ink, `ROW_HEIGHT_PX` high; None when there is no ink.

    Tight cropping matters: with the ruling lines out and the crop tight, rows of two words gained
    four points over rows cut at the cell.
    """
    crop = _crop(ink)
    if crop is None:
        return None
    strength = np.clip(ink[crop.top : crop.bottom, crop.left : crop.right] / crop.level, 0.0, 1.0)
    height, width = strength.shape
    scale = ROW_HEIGHT_PX / (height + 2 * crop.margin)
    # Long rows are made smaller rather than narrower: the network's time goes with the width,
    # and it reads small letters better than squeezed ones.
    scale *= min(1.0, max(_SMALLEST, _FULL_WIDTH_PX / (width * scale)))
    padding = max(crop.margin, round((ROW_HEIGHT_PX / scale - height) / 2))
    padded = np.pad(strength, ((padding, padding), (2 * crop.margin, 2 * crop.margin)))
    wide = min(max(padded.shape[1] * scale, 24.0), _MAX_WIDTH_PX)
    size = (int(np.ceil(wide / 8)) * 8, ROW_HEIGHT_PX)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(padded.astype(np.float32), size, interpolation=way)
    return np.asarray(np.clip(255.0 * (1.0 - scaled), 0, 255), np.uint8)


def picture_span(ink: Ink) -> tuple[int, int] | None:
    """The columns of the ink that `row_picture` shows: the first, which may lie outside, and the end."""
    crop = _crop(ink)
    return None if crop is None else (crop.left - 2 * crop.margin, crop.right + 2 * crop.margin)


def _crop(ink: Ink) -> _Crop | None:
    dark = ink[ink > 0.15]
    if dark.size < 12:
        return None
    level = max(float(np.percentile(dark, 80)), 0.1)
    mask = ink > _CORE * level
    ys, xs = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if ys.size < 3 or xs.size < 3:
        return None
    top, bottom = int(ys[0]), int(ys[-1]) + 1
    margin = max(2, round(_MARGIN * (bottom - top)))
    return _Crop(top, bottom, int(xs[0]), int(xs[-1]) + 1, margin, level)
