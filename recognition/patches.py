"""Cutting straightened pieces of a scan at measuring resolution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ballot.geometry import Box
from recognition.geometry import MM_PER_INCH, GreyImage, Matrix, compose, warp
from recognition.pyramid import halved
from recognition.reference import DETAIL_DPI
from recognition.register import Registration

PX_PER_MM = DETAIL_DPI / MM_PER_INCH

_LEAST_HALF_DPI = 185


@dataclass(frozen=True)
class DetailSource:
    """The scan's grey, reduced so that one source pixel is never much finer than a detail pixel.

    Attributes:
        scale: Pixels of the full scan a pixel of `grey` (horizontally, vertically).
    """

    grey: GreyImage
    scale: tuple[float, float]


def detail_source(grey: GreyImage, dpi: float) -> DetailSource:
    """Prepares a scan for cutting; scans above 350 dpi are averaged down first."""
    return DetailSource(*halved(grey, (dpi, dpi), _LEAST_HALF_DPI))


def cut(
    source: DetailSource, registration: Registration, area: Box, shift_mm: tuple[float, float]
) -> GreyImage:
    """The piece of the scan that shows `area` of the page, at `DETAIL_DPI`.

    Args:
        area: Page mm.
        shift_mm: Local correction at the area, in page mm.
    """
    width, height = max(1, round(area.w_mm * PX_PER_MM)), max(1, round(area.h_mm * PX_PER_MM))
    to_page: Matrix = np.array(
        [
            [1 / PX_PER_MM, 0.0, area.x_mm + shift_mm[0]],
            [0.0, 1 / PX_PER_MM, area.y_mm + shift_mm[1]],
        ]
    )
    to_grey = np.array([[1 / source.scale[0], 0.0, 0.0], [0.0, 1 / source.scale[1], 0.0]])
    return warp(source.grey, compose(to_grey, compose(registration.mm_to_scan, to_page)), width, height, 255)


def cut_reference(detail: GreyImage, area: Box) -> GreyImage:
    """The same piece of the blank at `DETAIL_DPI`."""
    width, height = max(1, round(area.w_mm * PX_PER_MM)), max(1, round(area.h_mm * PX_PER_MM))
    to_detail = np.array([[1.0, 0.0, area.x_mm * PX_PER_MM], [0.0, 1.0, area.y_mm * PX_PER_MM]])
    return warp(detail, to_detail, width, height, 255)
