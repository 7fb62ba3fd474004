"""Reading printed OCR-B digits at a known place by comparing shapes.

The blank's own digits are the shapes where it shows them, so the print house's rendering is
matched exactly; the standard's shapes stand in for digits no blank shows.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from ballot.layout import DigitField, SideLayout
from recognition.geometry import MM_PER_INCH, GreyImage
from recognition.ocrb_glyphs import CELL_WIDTH_PX, PNG_BASE64

_DPI = 200
CELL_W, CELL_H = 20, 28
"""Cell of a digit shape in pixels at 200 dpi: 2.5 × 3.6 mm, a 10-point digit with a margin."""

_REACH_PX = 4
"""How far a digit may be off its place: half a millimetre either way."""

_BETWEEN_PX = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))
"""Where a standard's shape may lie between pixels. Half a pixel off in both directions costs a 0
drawn by another renderer 0.04 of its correlation, which is then 0.79 instead of 0.83."""


@dataclass(frozen=True)
class DigitShapes:
    """Shapes of the digits 0 to 9: for each, one or more grey cells of (CELL_H, CELL_W)."""

    shapes: tuple[tuple[GreyImage, ...], ...]

    @cached_property
    def normalised(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.intp]]:
        """All shapes as rows of mean 0 and length 1, and the digit of each row."""
        rows = np.array([s.ravel() for own in self.shapes for s in own], dtype=np.float32)
        rows -= rows.mean(axis=1, keepdims=True)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
        return rows, np.repeat(np.arange(10), [len(own) for own in self.shapes])


@dataclass(frozen=True)
class DigitScores:
    """How well each place of a line agrees with each digit.

    Attributes:
        correlation: Shape (n, 10), best normalised correlation near the place.
    """

    correlation: npt.NDArray[np.float64]

    def read(self, min_correlation: float, min_margin: float) -> str:
        """The digits, with ``?`` where none agrees well and clearly better than the second."""
        text = ""
        for row in self.correlation:
            first, second = np.partition(row, -2)[[-1, -2]]
            sure = first >= min_correlation and first - second >= min_margin
            text += str(int(row.argmax())) if sure else "?"
        return text


@cache
def _standard_shapes(height_px: int) -> tuple[tuple[GreyImage, ...], ...]:
    """The standard's digits 0 to 9, `height_px` tall, each on and between the pixels."""
    sheet = cv2.imdecode(np.frombuffer(base64.b64decode(PNG_BASE64), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert sheet is not None, "the constant is a valid PNG"
    rows = np.flatnonzero((sheet < 128).any(axis=1))
    scale = height_px / (rows[-1] - rows[0] + 1)
    middle = (rows[0] + rows[-1] + 1) / 2
    shapes = []
    for digit in range(10):
        cell = sheet[:, digit * CELL_WIDTH_PX : (digit + 1) * CELL_WIDTH_PX]
        columns = np.flatnonzero((cell < 128).any(axis=0))
        center = (columns[0] + columns[-1] + 1) / 2
        softened = np.asarray(cv2.GaussianBlur(cell, (0, 0), max(0.3, 0.45 / scale)), np.uint8)
        origin = np.array([CELL_W / 2 - scale * center, CELL_H / 2 - scale * middle])
        shapes.append(tuple(_placed(softened, scale, origin + between) for between in _BETWEEN_PX))
    return tuple(shapes)


def _placed(glyph: GreyImage, scale: float, origin_px: npt.NDArray[np.float64]) -> GreyImage:
    """A cell with a glyph scaled, its corner at `origin_px`."""
    matrix = np.array([[scale, 0, origin_px[0]], [0, scale, origin_px[1]]])
    cell = cv2.warpAffine(glyph, matrix, (CELL_W, CELL_H), flags=cv2.INTER_LINEAR, borderValue=255)
    return np.asarray(cell, np.uint8)


def digit_shapes_of(sides: Sequence[tuple[GreyImage, SideLayout]]) -> DigitShapes:
    """Collects digit shapes from blanks (at 200 dpi), adding the standard's for those not shown."""
    seen: list[list[GreyImage]] = [[] for _ in range(10)]
    heights: list[int] = []
    for detail, layout in sides:
        for field in (layout.ballot_number, layout.ballot_id):
            if field is None:
                continue
            for char, box in zip(field.text, field.digits, strict=True):
                heights.append(round(box.h_mm * _DPI / MM_PER_INCH))
                if len(seen[int(char)]) < 2:
                    seen[int(char)].append(_cut(detail, box))
    height = int(np.median(heights)) if heights else 20
    standard = _standard_shapes(height)
    shapes = tuple(tuple(own) if own else standard[digit] for digit, own in enumerate(seen))
    return DigitShapes(shapes)


def _cut(detail: GreyImage, box: Box) -> GreyImage:
    """The cell around a digit of the blank, the digit's own box in its middle."""
    scale = _DPI / MM_PER_INCH
    cx, cy = box.center_mm[0] * scale, box.center_mm[1] * scale
    return np.asarray(cv2.getRectSubPix(detail, (CELL_W, CELL_H), (cx - 0.5, cy - 0.5)), np.uint8)


@lru_cache(maxsize=256)
def digit_places(field: DigitField) -> npt.NDArray[np.float64]:
    """Where each digit of a line is centred, in page mm, shape (n, 2).

    OCR-B has a fixed pitch, so places are whole cells apart whatever digits stand there; spaces
    between groups are empty cells. They are the same for all sheets, and must not be changed.
    """
    centers = np.array([box.center_mm for box in field.digits])
    if len(centers) < 2:
        return centers
    steps = np.diff(centers[:, 0])
    cells = np.concatenate([[0], np.cumsum(np.maximum(1, np.round(steps / np.median(steps))))])
    fit_x = np.polyfit(cells, centers[:, 0], 1)
    return np.stack([np.polyval(fit_x, cells), np.full(len(centers), np.median(centers[:, 1]))], axis=1)


def score_digits(strip: GreyImage, places_px: npt.NDArray[np.float64], shapes: DigitShapes) -> DigitScores:
    """Compares each place of a straightened digit line with all ten digits.

    Args:
        strip: The line at 200 dpi.
        places_px: Centres of the digits in the strip, continuous, shape (n, 2).
    """
    correlation = np.full((len(places_px), 10), -1.0)
    padded = cv2.copyMakeBorder(strip, 24, 24, 24, 24, cv2.BORDER_REPLICATE)
    size = (CELL_W + 2 * _REACH_PX, CELL_H + 2 * _REACH_PX)
    cells = [cv2.getRectSubPix(padded, size, (float(x) + 23.5, float(y) + 23.5)) for x, y in places_px]
    windows = np.asarray(cells, np.uint8)
    greys = windows.astype(np.float32)
    printed = np.flatnonzero(greys.std(axis=(1, 2)) >= 8)
    if len(printed) == 0:
        return DigitScores(correlation)
    rows, digits = shapes.normalised
    shifted = np.lib.stride_tricks.sliding_window_view(greys[printed], (CELL_H, CELL_W), axis=(1, 2))
    # Shapes have mean 0, so the mean of a piece does not matter here.
    products = shifted.reshape(-1, CELL_H * CELL_W) @ rows.T
    products /= np.sqrt(np.maximum(_lengths2(windows[printed]), 1.0)).ravel()[:, None]
    best = products.reshape(len(printed), -1, len(rows)).max(axis=1)
    for digit in range(10):
        correlation[printed, digit] = best[:, digits == digit].max(axis=1)
    return DigitScores(correlation)


def _lengths2(windows: GreyImage) -> npt.NDArray[np.float32]:
    """Squared length of each cell in each window, its mean taken off, shape (n, rows, columns)."""
    count, height, width = windows.shape
    parts = cv2.integral2(windows.reshape(-1, width))
    sums, squares = (_cell_sums(np.asarray(part, np.float64), count, height) for part in parts)
    return np.asarray(squares - sums * sums / (CELL_H * CELL_W), np.float32)


def _cell_sums(integral: npt.NDArray[np.float64], count: int, height: int) -> npt.NDArray[np.float64]:
    """Sums over each cell of windows that lie below each other, from their integral image."""
    tops = (np.arange(count)[:, None] * height + np.arange(height - CELL_H + 1)).ravel()
    tall = integral[tops + CELL_H] - integral[tops]
    cells: npt.NDArray[np.float64] = tall[:, CELL_W:] - tall[:, :-CELL_W]
    return cells.reshape(count, height - CELL_H + 1, cells.shape[1])
