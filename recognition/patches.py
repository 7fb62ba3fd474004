"""Cutting straightened pieces of a scan at measuring resolution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.geometry import MM_PER_INCH, GreyImage, compose, warp
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


Cut = Callable[[Box, tuple[float, float]], GreyImage]
"""Gives the piece of a scan that shows an area (page mm) with a local correction (page mm)."""


def cutter(source: DetailSource, registration: Registration) -> Cut:
    """For cutting many pieces out of one scan, each straightened at `DETAIL_DPI`."""
    to_grey = np.array([[1 / source.scale[0], 0.0, 0.0], [0.0, 1 / source.scale[1], 0.0]])
    (a, b, tx), (c, d, ty) = compose(to_grey, registration.mm_to_scan).tolist()
    linear = a / PX_PER_MM, b / PX_PER_MM, c / PX_PER_MM, d / PX_PER_MM

    def piece(area: Box, shift_mm: tuple[float, float]) -> GreyImage:
        x, y = area.x_mm + shift_mm[0], area.y_mm + shift_mm[1]
        to_source = np.array(
            [[linear[0], linear[1], a * x + b * y + tx], [linear[2], linear[3], c * x + d * y + ty]]
        )
        width, height = _size_px(area)
        return warp(source.grey, to_source, width, height, 255)

    return piece


def cut_alike(
    source: DetailSource,
    registration: Registration,
    areas: Sequence[Box],
    shifts_mm: npt.NDArray[np.float64],
) -> GreyImage:
    """The pieces of the scan that show areas of one size, shape (n, rows, columns); see `cut`."""
    to_grey = np.array([[1 / source.scale[0], 0.0, 0.0], [0.0, 1 / source.scale[1], 0.0]])
    to_grey = compose(to_grey, registration.mm_to_scan)
    corners = np.array([[area.x_mm, area.y_mm] for area in areas]) + shifts_mm
    to_source = np.empty((len(areas), 2, 3))
    to_source[:, :, :2] = to_grey[:, :2] / PX_PER_MM
    to_source[:, :, 2] = to_grey[:, 0] * corners[:, :1] + to_grey[:, 1] * corners[:, 1:] + to_grey[:, 2]
    width, height = _size_px(areas[0])
    pieces = np.empty((len(areas), height, width), np.uint8)
    for piece, matrix in zip(pieces, to_source, strict=True):
        piece[:] = warp(source.grey, matrix, width, height, 255)
    return pieces


def _size_px(area: Box) -> tuple[int, int]:
    return max(1, round(area.w_mm * PX_PER_MM)), max(1, round(area.h_mm * PX_PER_MM))


def cut(
    source: DetailSource, registration: Registration, area: Box, shift_mm: tuple[float, float]
) -> GreyImage:
    """The piece of the scan that shows `area` of the page, at `DETAIL_DPI`.

    Args:
        area: Page mm.
        shift_mm: Local correction at the area, in page mm.
    """
    return cutter(source, registration)(area, shift_mm)


def cut_reference(detail: GreyImage, area: Box) -> GreyImage:
    """The same piece of the blank at `DETAIL_DPI`."""
    width, height = _size_px(area)
    to_detail = np.array([[1.0, 0.0, area.x_mm * PX_PER_MM], [0.0, 1.0, area.y_mm * PX_PER_MM]])
    return warp(detail, to_detail, width, height, 255)
