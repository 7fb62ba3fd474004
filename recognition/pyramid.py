"""A scan at the working resolutions.

Halving averages two by two pixels, which is twenty times faster than averaging by a fraction, so
the working resolutions are those that halving gives; maps between them and the page are affine
anyway.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from recognition.decode import ScanImage
from recognition.geometry import GreyImage
from recognition.reference import COARSE_DPI, PAGE_DPI

Scale = tuple[float, float]
"""Two factors or resolutions, horizontally and vertically."""

_LEAST = 0.95
"""A level may fall short of the resolution wanted by this much: scanners state 199 dpi for 200."""


@dataclass(frozen=True)
class WorkImage:
    """A scan prepared for registration.

    Attributes:
        scan: As decoded.
        dpi: Resolution of the scan, as stated or guessed.
        page: The scan at `PAGE_DPI` or up to twice that.
        page_scale: Pixels of the full scan a pixel of `page`.
        coarse: The scan at about `COARSE_DPI`.
        coarse_scale: Pixels of the full scan a pixel of `coarse`.
    """

    scan: ScanImage
    dpi: Scale
    page: GreyImage
    page_scale: Scale
    coarse: GreyImage
    coarse_scale: Scale


def prepare(scan: ScanImage, dpi: Scale) -> WorkImage:
    """Scales a scan down to the working resolutions."""
    page, page_scale = halved(scan.grey, dpi, PAGE_DPI)
    page = _softened(page, min(dpi[0] / page_scale[0], dpi[1] / page_scale[1]) / PAGE_DPI)
    small, by = halved(page, (dpi[0] / page_scale[0], dpi[1] / page_scale[1]), 2 * COARSE_DPI)
    small_scale = page_scale[0] * by[0], page_scale[1] * by[1]
    width = max(1, round(small.shape[1] * COARSE_DPI * small_scale[0] / dpi[0]))
    height = max(1, round(small.shape[0] * COARSE_DPI * small_scale[1] / dpi[1]))
    coarse = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    coarse_scale = small_scale[0] * small.shape[1] / width, small_scale[1] * small.shape[0] / height
    return WorkImage(scan, dpi, page, page_scale, coarse, coarse_scale)


def _softened(image: GreyImage, finer: float) -> GreyImage:
    """An image that is `finer` than `PAGE_DPI` as soft as one of that resolution.

    Fetching a pixel between four others averages 1/6 of a squared pixel each way, and a pixel
    itself 1/12; what finer pixels lack of that is made up by blurring. Without it the grain of
    scans of black and white comes through as ink.
    """
    variance = (finer**2 - 1) / 4
    if variance < 0.02:
        return image
    beside = min(variance / 2, 0.3)
    sigma = float(np.sqrt(-0.5 / np.log(beside / (1 - 2 * beside))))
    return np.asarray(cv2.GaussianBlur(image, (3, 3), sigma), np.uint8)


def halved(image: GreyImage, dpi: Scale, least_dpi: float) -> tuple[GreyImage, Scale]:
    """Halves an image as often as that leaves it at least `least_dpi`, in each direction.

    Returns:
        The smaller image, and how many pixels of the given one a pixel of it covers.
    """
    scale = (1, 1)
    while True:
        fx, fy = (2 if d / s / 2 >= _LEAST * least_dpi else 1 for d, s in zip(dpi, scale, strict=True))
        height, width = image.shape
        if fx == fy == 1 or width < 2 * fx or height < 2 * fy:
            return image, scale
        # An odd last row or column is left out, so that every pixel is the mean of whole ones.
        whole = image[: height // fy * fy, : width // fx * fx]
        size = width // fx, height // fy
        image = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.uint8)
        scale = scale[0] * fx, scale[1] * fy
