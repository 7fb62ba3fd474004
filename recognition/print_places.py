"""Where a page shows each piece of the blank's print: a fraction of a millimetre beside the fit.

All pieces at once, by least squares on the brightness of pixels at print (Lucas and Kanade, 1981),
with contrast and paper of each piece left free. Pieces that do not settle that way are searched for
one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.geometry import GreyImage

_NEAR_PX, _SEARCH_PX = 2, 4
"""Pixels of the page within which a piece is looked for, and looked for again."""

_MIN_FIT, _MIN_CONTRAST = 0.7, 4.0
_MIN_SETTLED_FIT = 0.85
_MOST_SETTLED_PX = 1.5
_ROUNDS = 3
_SAMPLES_A_PIECE = 160
_AT_PRINT_PX = 5
_AT_PRINT_GREY = 25
_MIN_CORNERS = 0.03
"""Less structure in one direction than this share of the other's is a straight line, which may lie
anywhere along itself."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PrintPoints:
    """Pixels of a blank page at the print of its pieces.

    Attributes:
        areas_px: The pieces: left, top, right, bottom.
        piece: The piece of each point, ascending, shape (n,).
        x, y: Places of the points, shape (n,).
        grey: The blank there, a little blurred.
        across, down: How fast it grows lighter to the right and downwards, a pixel.
    """

    areas_px: tuple[tuple[int, int, int, int], ...]
    piece: npt.NDArray[np.int64]
    x: npt.NDArray[np.float32]
    y: npt.NDArray[np.float32]
    grey: Floats
    across: Floats
    down: Floats


def print_points(blank: GreyImage, areas: Sequence[Box], px_per_mm: float) -> PrintPoints:
    """Chooses the points of pieces of a blank page."""
    height, width = blank.shape
    soft = _softened(blank)
    across = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8)
    darkest = cv2.erode(blank, np.ones((_AT_PRINT_PX, _AT_PRINT_PX), np.uint8))
    areas_px, pieces, xs, ys = [], [], [], []
    for index, area in enumerate(areas):
        x0, y0 = max(0, round(area.x_mm * px_per_mm)), max(0, round(area.y_mm * px_per_mm))
        x1, y1 = min(width, round(area.right_mm * px_per_mm)), min(height, round(area.bottom_mm * px_per_mm))
        areas_px.append((x0, y0, x1, y1))
        piece = darkest[y0:y1, x0:x1]
        paper = np.median(blank[y0:y1, x0:x1]) if piece.size else 0
        y, x = np.nonzero(piece < paper - _AT_PRINT_GREY)
        step = max(1, len(x) // _SAMPLES_A_PIECE)
        xs.append(x[::step] + x0)
        ys.append(y[::step] + y0)
        pieces.append(np.full(len(xs[-1]), index))
    x, y = np.concatenate([*xs, []]).astype(int), np.concatenate([*ys, []]).astype(int)
    return PrintPoints(
        tuple(areas_px),
        np.concatenate([*pieces, []]).astype(np.int64),
        x.astype(np.float32),
        y.astype(np.float32),
        soft[y, x].astype(np.float64),
        across[y, x].astype(np.float64),
        down[y, x].astype(np.float64),
    )


def displacements(points: PrintPoints, blank: GreyImage, page: GreyImage) -> list[tuple[float, float] | None]:
    """How many pixels a page shows each piece to the right and below of its place on the blank.

    None for print that says nothing certain of its place, such as a straight line.

    Args:
        page: The straightened scan, of the blank's size.
    """
    settled = _settled(points, page)
    return [
        move if move is not None else _searched(blank, page, area)
        for move, area in zip(settled, points.areas_px, strict=True)
    ]


def _settled(points: PrintPoints, page: GreyImage) -> list[tuple[float, float] | None]:
    count, piece = len(points.areas_px), points.piece
    if not len(piece):
        return [None] * count
    soft = _softened(page)

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(piece, values, minlength=count), np.float64)

    number = np.maximum(total(np.ones(len(piece))), 1)
    printed = points.grey - (total(points.grey) / number)[piece]
    power = np.maximum(total(printed * printed), 1.0)
    across = points.across - (total(points.across) / number)[piece]
    down = points.down - (total(points.down) / number)[piece]
    xx, xy, yy = total(across * across), total(across * down), total(down * down)
    determinant = xx * yy - xy * xy
    # The smaller eigenvalue over the larger one, nearly, for a straight line.
    corners = determinant / np.maximum((xx + yy) ** 2, 1.0)
    determinant = np.maximum(determinant, 1.0)
    moves = np.zeros((count, 2))
    fit = np.zeros(count)
    for _ in range(_ROUNDS):
        dx, dy = moves[piece].T.astype(np.float32)
        seen = cv2.remap(
            soft,
            (points.x + dx).reshape(1, -1),
            (points.y + dy).reshape(1, -1),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        scanned = seen.ravel().astype(np.float64)
        scanned -= (total(scanned) / number)[piece]
        both = total(scanned * printed)
        fit = both / np.sqrt(power * np.maximum(total(scanned * scanned), 1.0))
        contrast = np.maximum(both / power, 0.1)
        error = scanned - contrast[piece] * printed
        xe, ye = total(across * error) / contrast, total(down * error) / contrast
        moves[:, 0] -= np.clip((yy * xe - xy * ye) / determinant, -1, 1)
        moves[:, 1] -= np.clip((xx * ye - xy * xe) / determinant, -1, 1)
    sure = (fit >= _MIN_SETTLED_FIT) & (corners >= _MIN_CORNERS)
    sure &= np.abs(moves).max(axis=1) <= _MOST_SETTLED_PX
    return [(float(x), float(y)) if ok else None for (x, y), ok in zip(moves, sure, strict=True)]


def _softened(image: GreyImage) -> GreyImage:
    """Blurred, so that print is felt from a little further away."""
    return np.asarray(cv2.GaussianBlur(image, (3, 3), 0), np.uint8)


def _searched(
    blank: GreyImage, page: GreyImage, area_px: tuple[int, int, int, int]
) -> tuple[float, float] | None:
    x0, y0, x1, y1 = area_px
    printed, scanned = blank[y0:y1, x0:x1], page[y0:y1, x0:x1]
    for reach in (_NEAR_PX, _SEARCH_PX):
        inner = printed[reach:-reach, reach:-reach]
        if min(printed.shape) <= 2 * reach + 2 or float(cv2.meanStdDev(inner)[1][0, 0]) < _MIN_CONTRAST:
            return None
        response = cv2.matchTemplate(scanned, inner, cv2.TM_CCOEFF_NORMED)
        _, best, _, (x, y) = cv2.minMaxLoc(response)
        if best >= _MIN_FIT and 0 < x < 2 * reach and 0 < y < 2 * reach:
            across, down = _peak(response[y, x - 1 : x + 2]), _peak(response[y - 1 : y + 2, x])
            return x - reach + across, y - reach + down
    return None


def _peak(around: npt.NDArray[Any]) -> float:
    """Where the parabola through three values is highest, from the middle one."""
    before, middle, after = (float(v) for v in around)
    bend = before - 2 * middle + after
    return float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5)) if bend < -1e-9 else 0.0
