"""The blank's lines of print, side by side in one picture, so that a page's are compared at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.geometry import GreyImage, grey_percentile
from recognition.print_model import PrintPictures
from recognition.print_places import PrintPoints, print_points

_GAP_PX = 6
"""Paper between two pieces, wider than any blur or thickening reaches."""

_WIDTH_PX = 640
_AT_PRINT_PX, _AT_PRINT_DARKNESS = 5, 20
_MOST_SAMPLES = 8_000

Tile = tuple[slice, slice]
"""Rows and columns of a piece in the picture."""


@dataclass(frozen=True)
class PrintMosaic:
    """Pieces of a blank side with print on them.

    Attributes:
        areas: What each piece shows, page mm.
        tiles: Where it lies in the picture.
        pictures: What a scan's rendering of the print is put together from.
        samples: Flat indices of pixels at print, from which that rendering is learned.
        piece_of: The piece of each sample.
        points: Pixels of the blank page by which each piece is found on a scan.
    """

    areas: tuple[Box, ...]
    tiles: tuple[Tile, ...]
    pictures: PrintPictures
    samples: npt.NDArray[np.int64]
    piece_of: npt.NDArray[np.int64]
    points: PrintPoints

    @property
    def dark(self) -> GreyImage:
        """The picture: missing light, 0 for paper, 255 for black."""
        return self.pictures.plain


def print_mosaic(
    detail: GreyImage, page: GreyImage, areas: Sequence[Box], px_per_mm: tuple[float, float]
) -> PrintMosaic:
    """Packs pieces of a blank into a picture.

    Args:
        detail: The blank at measuring resolution.
        page: The blank at the resolution of the straightened page.
        areas: Page mm; what lies beyond the page is cut off, and pieces come to lie on whole pixels.
        px_per_mm: Resolution of `detail` and of `page`.
    """
    fine, coarse = px_per_mm
    sources = [_whole_pixels(area, fine, detail.shape) for area in areas]
    sources = [(rows, cols) for rows, cols in sources if rows.stop > rows.start and cols.stop > cols.start]
    tiles, height, width = _packed(sources)
    dark = np.zeros((height, width), np.uint8)
    owner = np.full((height, width), -1, np.int16)
    for index, (source, tile) in enumerate(zip(sources, tiles, strict=True)):
        piece = detail[source]
        white = max(grey_percentile(np.ascontiguousarray(piece), 75), 40.0)
        dark[tile] = np.clip(255 * (1 - piece / white), 0, 255).astype(np.uint8)
        owner[tile] = index
    at = cv2.dilate(dark, np.ones((_AT_PRINT_PX, _AT_PRINT_PX), np.uint8)) > _AT_PRINT_DARKNESS
    samples = np.flatnonzero(at & (owner >= 0))
    samples = samples[:: max(1, len(samples) // _MOST_SAMPLES)]
    placed = tuple(
        Box(
            cols.start / fine,
            rows.start / fine,
            (cols.stop - cols.start) / fine,
            (rows.stop - rows.start) / fine,
        )
        for rows, cols in sources
    )
    return PrintMosaic(
        areas=placed,
        tiles=tiles,
        pictures=PrintPictures(dark),
        samples=samples,
        piece_of=owner.ravel()[samples].astype(np.int64),
        points=print_points(page, placed, coarse),
    )


def _whole_pixels(area: Box, px_per_mm: float, shape: tuple[int, ...]) -> Tile:
    rows = slice(max(0, round(area.y_mm * px_per_mm)), min(shape[0], round(area.bottom_mm * px_per_mm)))
    cols = slice(max(0, round(area.x_mm * px_per_mm)), min(shape[1], round(area.right_mm * px_per_mm)))
    return rows, cols


def _packed(sources: list[Tile]) -> tuple[tuple[Tile, ...], int, int]:
    """Places for pieces on shelves of one height each, and the size of the whole."""
    sizes = [(rows.stop - rows.start, cols.stop - cols.start) for rows, cols in sources]
    in_one_row = _GAP_PX + sum(w + _GAP_PX for _, w in sizes)
    width = max([min(_WIDTH_PX, in_one_row), *(w + 2 * _GAP_PX for _, w in sizes)])
    tiles: list[Tile] = [(slice(0), slice(0))] * len(sizes)
    left, top, shelf = _GAP_PX, _GAP_PX, 0
    for index in sorted(range(len(sizes)), key=lambda i: -sizes[i][0]):
        h, w = sizes[index]
        if left + w + _GAP_PX > width:
            left, top, shelf = _GAP_PX, top + shelf + _GAP_PX, 0
        tiles[index] = slice(top, top + h), slice(left, left + w)
        left, shelf = left + w + _GAP_PX, max(shelf, h)
    return tuple(tiles), top + shelf + _GAP_PX, width
