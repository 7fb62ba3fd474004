"""The official stamp: several designs, as they come off a stamp pad."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from calibration.testdeck.paper import Coverage, Paper, Rgb

STAMP_PX_PER_MM = 16
STAMP_FONT = "VeraBd.ttf"  # comes with reportlab; has the Norwegian letters


class StampDesign(StrEnum):
    """The shapes in use."""

    ROUND = "round"
    SQUARE = "square"
    TEXT = "text"


class StampQuality(StrEnum):
    """How well the impression came out."""

    CLEAR = "clear"
    FAINT = "faint"
    PARTIAL = "partial"
    DOUBLE = "double"
    SMEARED = "smeared"


STAMP_COLOURS: dict[str, Rgb] = {
    "black": (38, 36, 42),
    "blue": (35, 55, 150),
    "violet": (95, 45, 140),
    "red": (195, 35, 50),
}


@dataclass(frozen=True, slots=True)
class Impression:
    """One stamp on one sheet. The middle is in mm from the upper left of the side."""

    design: StampDesign
    colour: str
    quality: StampQuality
    x_mm: float
    y_mm: float
    angle_deg: float


def _text_line(text: str, height_px: int, most_px: int | None = None) -> Any:
    """A line of text; set narrower when it would be longer than `most_px`."""
    import reportlab
    from PIL import Image, ImageDraw, ImageFont

    file = Path(reportlab.__file__).parent / "fonts" / STAMP_FONT
    font = ImageFont.truetype(str(file), int(height_px * 1.25))
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4), 0)
    ImageDraw.Draw(image).text((2 - left, 2 - top), text, fill=255, font=font)
    picture = np.asarray(image)
    if most_px is None or picture.shape[1] <= most_px:
        return picture
    return cv2.resize(picture, (most_px, picture.shape[0]), interpolation=cv2.INTER_AREA)


def _paste(plate: Any, picture: Any, x: float, y: float) -> None:
    """Sets a picture with its middle at a point, the lighter of both showing."""
    h, w = picture.shape
    x0, y0 = int(x - w / 2), int(y - h / 2)
    view = plate[y0 : y0 + h, x0 : x0 + w]
    np.maximum(view, picture[: view.shape[0], : view.shape[1]], out=view)


def _round_plate(area: str, year: str) -> Any:
    """Two rings, a text between them, the year across the middle."""
    ppm = STAMP_PX_PER_MM
    side = 34 * ppm
    middle = side / 2
    strip = _text_line(f"VALGSTYRET  •  {area.upper()}  •  ", int(2.9 * ppm))
    radius = 13.4 * ppm
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
    dx, dy = columns - middle, rows - middle
    turn = (np.arctan2(dy, dx) + np.pi) / (2 * np.pi)
    source_y = strip.shape[0] / 2 + (radius - np.hypot(dx, dy))
    plate = cv2.remap(
        strip, (turn * strip.shape[1]).astype(np.float32), source_y.astype(np.float32), cv2.INTER_LINEAR
    )
    for ring_mm, line_mm in ((16.2, 0.7), (10.6, 0.4)):
        cv2.circle(
            plate, (int(middle), int(middle)), int(ring_mm * ppm), 255, int(line_mm * ppm), cv2.LINE_AA
        )
    _paste(plate, _text_line("VALG", int(3.4 * ppm), 15 * ppm), middle, middle - 3.2 * ppm)
    _paste(plate, _text_line(year, int(4.0 * ppm), 15 * ppm), middle, middle + 3.0 * ppm)
    return plate


def _square_plate(area: str, year: str) -> Any:
    ppm = STAMP_PX_PER_MM
    plate = np.zeros((26 * ppm, 40 * ppm), np.uint8)
    cv2.rectangle(plate, (ppm, ppm), (39 * ppm, 25 * ppm), 255, int(0.7 * ppm), cv2.LINE_AA)
    for i, (line, size) in enumerate((("VALGSTYRET", 3.6), (area, 2.8), (year, 3.6))):
        _paste(plate, _text_line(line, int(size * ppm), 35 * ppm), 20 * ppm, (6.2 + 6.8 * i) * ppm)
    return plate


def _text_plate(area: str, year: str) -> Any:
    ppm = STAMP_PX_PER_MM
    plate = np.zeros((16 * ppm, 46 * ppm), np.uint8)
    _paste(plate, _text_line(f"Valgstyret {year}", int(4.2 * ppm), 44 * ppm), 23 * ppm, 5 * ppm)
    _paste(plate, _text_line(area, int(3.4 * ppm), 44 * ppm), 23 * ppm, 11.5 * ppm)
    return plate


@lru_cache(maxsize=32)
def _plate(design: StampDesign, area: str, year: str) -> Any:
    makers = {
        StampDesign.ROUND: _round_plate,
        StampDesign.SQUARE: _square_plate,
        StampDesign.TEXT: _text_plate,
    }
    return makers[design](area, year)


def _turned(plate: Any, angle_deg: float, px_per_mm: float) -> Any:
    """The plate at the paper's scale, turned about its middle, with room around it."""
    scale = px_per_mm / STAMP_PX_PER_MM
    reduced = cv2.resize(plate, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    h, w = reduced.shape
    side = int(np.hypot(h, w)) + 4 * int(px_per_mm)
    matrix = cv2.getRotationMatrix2D((w / 2, h / 2), angle_deg, 1.0)
    matrix[:, 2] += ((side - w) / 2, (side - h) / 2)
    return cv2.warpAffine(reduced, matrix, (side, side), flags=cv2.INTER_LINEAR)


def _clouds(side: int, cells: int, rng: np.random.Generator) -> Coverage:
    """Smooth random values around zero."""
    coarse = rng.standard_normal((cells, cells)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)


def _impress(ink: Coverage, quality: StampQuality, px_per_mm: float, rng: np.random.Generator) -> Coverage:
    """What the quality does to the ink."""
    side = ink.shape[0]
    pad = np.float32(0.82) + np.float32(0.12) * _clouds(side, 7, rng)
    pad += np.float32(0.12) * rng.standard_normal((side, side)).astype(np.float32)
    ink = ink * np.clip(pad, 0, 1, out=pad)
    if quality is StampQuality.FAINT:
        ink *= rng.uniform(0.22, 0.42) * np.clip(0.9 + 0.5 * _clouds(side, 5, rng), 0.15, 1.3)
    elif quality is StampQuality.PARTIAL:
        angle = rng.uniform(0, 2 * np.pi)
        across = np.linspace(-1, 1, side)
        along = across * np.cos(angle) + across[:, None] * np.sin(angle)
        ink *= np.clip((along + rng.uniform(-0.15, 0.25)) * 5 + 0.5, 0, 1)
    elif quality is StampQuality.DOUBLE:
        shift = rng.uniform(0.8, 2.2, 2) * px_per_mm * rng.choice((-1, 1), 2)
        moved = cv2.warpAffine(
            ink.astype(np.float32), np.array([[1, 0, shift[0]], [0, 1, shift[1]]]), (side, side)
        )
        ink = np.maximum(ink, 0.6 * moved)
    elif quality is StampQuality.SMEARED:
        length = int(rng.uniform(1.5, 3.5) * px_per_mm)
        kernel = np.zeros((length, length), np.float32)
        np.fill_diagonal(kernel, 1 / length)
        ink = 0.45 * ink + 0.75 * cv2.filter2D(ink.astype(np.float32), -1, kernel)
    return np.clip(ink, 0, 1).astype(np.float32)


def press_stamp(
    paper: Paper, impression: Impression, area: str, year: str, rng: np.random.Generator
) -> tuple[Any, tuple[int, int]]:
    """Presses the stamp onto a side.

    Returns:
        Its ink as a share of full cover, and the column and row of its first pixel on the paper.
    """
    plate = _turned(_plate(impression.design, area, year), impression.angle_deg, paper.px_per_mm)
    ink = _impress(plate.astype(np.float32) / 255, impression.quality, paper.px_per_mm, rng)
    ink = cv2.GaussianBlur(ink, (0, 0), 0.06 * paper.px_per_mm) * np.float32(rng.uniform(0.75, 0.95))
    left, top = paper.corner_px(impression.x_mm, impression.y_mm)
    half = ink.shape[0] // 2
    paper.lay_ink(ink, left - half, top - half, STAMP_COLOURS[impression.colour])
    return ink, (left - half, top - half)
