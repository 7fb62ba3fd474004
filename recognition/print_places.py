"""Where a page shows each piece of the blank's print: a fraction of a millimetre beside the fit.

All pieces at once, by least squares on the brightness of pixels at print (Lucas and Kanade, 1981),
with contrast and paper of each piece left free. Pieces that do not settle that way are searched for
one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
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
_SAMPLES_A_ROW = 4096
_AT_PRINT_PX = 5
_AT_PRINT_GREY = 25
_MIN_CORNERS = 0.03
"""Less structure in one direction than this share of the other's is a straight line, which may lie
anywhere along itself."""

_BEYOND_AREA_PX = 8
"""So far beyond a piece the page is looked at: the moves of all rounds, and what blurs and edges need."""

Floats = npt.NDArray[np.float64]
Move = tuple[float, float]
"""Pixels to the right and down."""


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

    @cached_property
    def structure(self) -> _Structure:
        """What the least squares need of the blank alone."""
        return _structure(self)


@dataclass(frozen=True)
class _Structure:
    """Sums over the points of each piece that has points, and what they are multiplied with.

    Attributes:
        shown: The pieces with points, shape (k,).
        first: The first point of each of them.
        number: How many points each has.
        terms: Brightness and both slopes of each point beyond its piece's mean, shape (3, n).
        power: Sum of the squares of the brightness.
        printed_across, printed_down: Sums of brightness times slope.
        xx, xy, yy: Sums of products of the slopes.
        corners: How much structure there is in either direction, 0 for a straight line.
    """

    shown: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    number: npt.NDArray[np.int64]
    terms: Floats
    power: Floats
    printed_across: Floats
    printed_down: Floats
    xx: Floats
    xy: Floats
    yy: Floats
    corners: Floats


def _structure(points: PrintPoints) -> _Structure:
    shown, first, number = np.unique(points.piece, return_index=True, return_counts=True)
    terms = np.stack([points.grey, points.across, points.down])
    terms -= np.repeat(np.add.reduceat(terms, first, axis=1) / number, number, axis=1)
    printed, across, down = terms

    def total(values: Floats) -> Floats:
        return np.asarray(np.add.reduceat(values, first))

    xx, xy, yy = total(across * across), total(across * down), total(down * down)
    return _Structure(
        shown,
        first,
        number,
        terms,
        power=np.maximum(total(printed * printed), 1.0),
        printed_across=total(printed * across),
        printed_down=total(printed * down),
        xx=xx,
        xy=xy,
        yy=yy,
        # The smaller eigenvalue over the larger one, nearly, for a straight line.
        corners=(xx * yy - xy * xy) / np.maximum((xx + yy) ** 2, 1.0),
    )


def print_points(blank: GreyImage, areas: Sequence[Box], px_per_mm: float) -> PrintPoints:
    """Chooses the points of pieces of a blank page."""
    height, width = blank.shape
    areas_px = [_area_px(area, px_per_mm, width, height) for area in areas]
    left, top, part = _around(blank, areas_px)
    soft = _softened(part)
    across = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8)
    darkest = cv2.erode(part, np.ones((_AT_PRINT_PX, _AT_PRINT_PX), np.uint8))
    pieces, xs, ys = [], [], []
    for index, (x0, y0, x1, y1) in enumerate(areas_px):
        piece = darkest[y0 - top : y1 - top, x0 - left : x1 - left]
        paper = np.median(blank[y0:y1, x0:x1]) if piece.size else 0
        y, x = np.nonzero(piece < paper - _AT_PRINT_GREY)
        step = max(1, len(x) // _SAMPLES_A_PIECE)
        xs.append(x[::step] + x0)
        ys.append(y[::step] + y0)
        pieces.append(np.full(len(xs[-1]), index))
    x, y = np.concatenate([*xs, []]).astype(int), np.concatenate([*ys, []]).astype(int)
    at = y - top, x - left
    return PrintPoints(
        tuple(areas_px),
        np.concatenate([*pieces, []]).astype(np.int64),
        x.astype(np.float32),
        y.astype(np.float32),
        soft[at].astype(np.float64),
        across[at].astype(np.float64),
        down[at].astype(np.float64),
    )


def _area_px(area: Box, px_per_mm: float, width: int, height: int) -> tuple[int, int, int, int]:
    x0, y0 = max(0, round(area.x_mm * px_per_mm)), max(0, round(area.y_mm * px_per_mm))
    x1, y1 = min(width, round(area.right_mm * px_per_mm)), min(height, round(area.bottom_mm * px_per_mm))
    return x0, y0, max(x0, x1), max(y0, y1)


def _around(image: GreyImage, areas_px: Sequence[tuple[int, int, int, int]]) -> tuple[int, int, GreyImage]:
    """The part of an image around all areas, with its left and top: often they are in one small place."""
    if not areas_px:
        return 0, 0, image
    lefts, tops, rights, bottoms = zip(*areas_px, strict=True)
    height, width = image.shape
    left = min(max(0, min(lefts) - _BEYOND_AREA_PX), width - 1)
    top = min(max(0, min(tops) - _BEYOND_AREA_PX), height - 1)
    return left, top, image[top : max(bottoms) + _BEYOND_AREA_PX, left : max(rights) + _BEYOND_AREA_PX]


def displacements(points: PrintPoints, blank: GreyImage, page: GreyImage) -> list[Move | None]:
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


def _settled(points: PrintPoints, page: GreyImage) -> list[Move | None]:
    found: list[Move | None] = [None] * len(points.areas_px)
    if not len(points.piece):
        return found
    blank = points.structure
    left, top, part = _around(page, points.areas_px)
    soft = _softened(part)
    determinant = np.maximum(blank.xx * blank.yy - blank.xy * blank.xy, 1.0)
    moves = np.zeros((len(blank.shown), 2))
    fit = np.zeros(len(blank.shown))
    products = np.empty((5, len(points.x)))
    for _ in range(_ROUNDS):
        dx, dy = np.repeat(moves.astype(np.float32), blank.number, axis=0).T
        scanned = _sampled(soft, points.x + dx - left, points.y + dy - top)
        # The blank's terms have no mean within a piece, so that the scan's does not matter to them.
        np.multiply(blank.terms, scanned, out=products[:3])
        np.multiply(scanned, scanned, out=products[3])
        products[4] = scanned
        both, xs, ys, squares, sums = np.add.reduceat(products, blank.first, axis=1)
        fit = both / np.sqrt(blank.power * np.maximum(squares - sums * sums / blank.number, 1.0))
        contrast = np.maximum(both / blank.power, 0.1)
        xe, ye = xs / contrast - blank.printed_across, ys / contrast - blank.printed_down
        moves[:, 0] -= np.clip((blank.yy * xe - blank.xy * ye) / determinant, -1, 1)
        moves[:, 1] -= np.clip((blank.xx * ye - blank.xy * xe) / determinant, -1, 1)
    sure = (fit >= _MIN_SETTLED_FIT) & (blank.corners >= _MIN_CORNERS)
    sure &= np.abs(moves).max(axis=1) <= _MOST_SETTLED_PX
    for piece, (right, below) in zip(blank.shown[sure].tolist(), moves[sure].tolist(), strict=True):
        found[piece] = right, below
    return found


def _sampled(
    image: GreyImage, x: npt.NDArray[np.float32], y: npt.NDArray[np.float32]
) -> npt.NDArray[np.float64]:
    """The grey levels at many places, laid out in rows: OpenCV takes no more than 32,766 in one."""
    rows = -(-len(x) // _SAMPLES_A_ROW)
    places = np.zeros((2, rows * _SAMPLES_A_ROW), np.float32)
    places[:, : len(x)] = x, y
    across, down = places.reshape(2, rows, _SAMPLES_A_ROW)
    seen = cv2.remap(image, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen.ravel()[: len(x)], np.float64)


def _softened(image: GreyImage) -> GreyImage:
    """Blurred, so that print is felt from a little further away."""
    return np.asarray(cv2.GaussianBlur(image, (3, 3), 0), np.uint8)


def _searched(blank: GreyImage, page: GreyImage, area_px: tuple[int, int, int, int]) -> Move | None:
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
