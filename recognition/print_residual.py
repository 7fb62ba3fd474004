"""What a page's print leaves unexplained, each piece of it moved by the part of a pixel it lies off."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import GreyImage
from recognition.print_model import Darkness, PrintModel
from recognition.print_mosaic import PrintMosaic, Tile

_INK_ALONE = 60.0
"""Darker than the print by so much is ink, which says nothing of where the print lies."""

_MOST_MOVE_PX = 0.6
_RIM_PX = 3


@dataclass(frozen=True)
class PrintResidual:
    """What a scan shows of a mosaic beyond its print, laid out as the mosaic is.

    Attributes:
        beyond: How much darker the scan is than the print as it renders it.
        rendered: That print.
        moves: By how many pixels each piece lies further right and down than it was cut, shape (n, 2).
    """

    beyond: Darkness
    rendered: Darkness
    moves: npt.NDArray[np.float64]


def print_residual(
    dark: GreyImage, laid: npt.NDArray[np.bool_], mosaic: PrintMosaic, model: PrintModel
) -> PrintResidual:
    """Takes the print off what a scan shows of a mosaic.

    Args:
        dark: Darkness of the scan, laid out as the mosaic is.
        laid: Which of the pieces surely lie on the blank's; of the others nothing tells how they moved.
    """
    rendered = model.rendered(mosaic.pictures)
    beyond = np.asarray(cv2.subtract(dark, rendered, dtype=cv2.CV_32F), np.float32)
    told = laid[mosaic.piece_of]
    moves = moves_of_pieces(beyond, rendered, mosaic.samples[told], mosaic.piece_of[told], len(mosaic.tiles))
    return PrintResidual(beyond, rendered, moves)


def settled_residual(
    residual: PrintResidual, tile: Tile, move: tuple[float, float]
) -> tuple[Darkness, Darkness]:
    """How much darker a piece is than its print, moved by a part of a pixel, and how steep the print is."""
    rows, cols = tile
    # Pieces have paper around them in the picture, on which their edges are seen as well.
    around = residual.rendered[rows.start - 2 : rows.stop + 2, cols.start - 2 : cols.stop + 2]
    across = np.asarray(cv2.Sobel(around, cv2.CV_32F, 1, 0, scale=1 / 8), np.float32)
    down = np.asarray(cv2.Sobel(around, cv2.CV_32F, 0, 1, scale=1 / 8), np.float32)
    slope = cv2.dilate(cv2.magnitude(across, down), np.ones((3, 3), np.uint8))[2:-2, 2:-2]
    across, down = across[2:-2, 2:-2], down[2:-2, 2:-2]
    # To first order: print that lies a little further on is darker where it grows darker before.
    return residual.beyond[tile] + (across * move[0] + down * move[1]), np.asarray(slope, np.float32)


def without_rim(ink: GreyImage) -> GreyImage:
    """What print beyond a piece adds to its edge is not known."""
    inner = np.zeros_like(ink)
    middle = slice(_RIM_PX, -_RIM_PX), slice(_RIM_PX, -_RIM_PX)
    inner[middle] = ink[middle]
    return inner


def moves_of_pieces(
    beyond: Darkness,
    rendered: Darkness,
    at: npt.NDArray[np.int64],
    piece: npt.NDArray[np.int64],
    count: int,
) -> npt.NDArray[np.float64]:
    """By how many pixels each piece lies further right and down than it was cut, shape (n, 2).

    Args:
        at: Flat indices of pixels at print.
        piece: The piece of each.
        count: How many pieces there are.
    """
    error = beyond.ravel()[at]
    sure = np.abs(error) < _INK_ALONE
    at, piece, error = at[sure], piece[sure], error[sure]
    gx, gy = _slopes(rendered, at)

    def total(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        return np.asarray(np.bincount(piece, values, minlength=count), np.float64)

    # Least squares of two unknowns a piece; the added unit keeps pieces without structure in place.
    xx, xy, yy = total(gx * gx) + 1e3, total(gx * gy), total(gy * gy) + 1e3
    xe, ye = -total(gx * error), -total(gy * error)
    determinant = xx * yy - xy * xy
    moves = np.stack([(yy * xe - xy * ye) / determinant, (xx * ye - xy * xe) / determinant], axis=1)
    return np.asarray(np.clip(moves, -_MOST_MOVE_PX, _MOST_MOVE_PX))


def _slopes(picture: Darkness, at: npt.NDArray[np.int64]) -> tuple[Darkness, Darkness]:
    """What Sobel's operator gives at few pixels, a pixel: growth to the right and downwards."""
    flat, width = picture.ravel(), picture.shape[1]
    (a, b, c), (d, _, f), (g, h, i) = (
        [flat[at + (down * width + right)] for right in (-1, 0, 1)] for down in (-1, 0, 1)
    )
    across = (c - a) + 2 * (f - d) + (i - g)
    below = (g - a) + 2 * (h - b) + (i - c)
    return np.asarray(across / 8, np.float32), np.asarray(below / 8, np.float32)
