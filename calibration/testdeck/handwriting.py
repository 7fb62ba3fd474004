"""Handwritten names: handwriting fonts, bent and shaken so that no two letters are alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from ballot.geometry import Box
from calibration.testdeck.paper import Coverage, Paper
from calibration.testdeck.pens import Pen, grain_of
from calibration.testdeck.sheet import FONTS

OVERSAMPLING = 2
PIECE_PX = 8
HANDS = (
    "caveat",
    "cedarville-cursive",
    "homemade-apple",
    "kalam",
    "nothing-you-could-do",
    "patrick-hand",
    "reenie-beanie",
)


@dataclass(frozen=True, slots=True)
class Writer:
    """One voter's hand.

    Attributes:
        capital_mm: Height of a capital letter.
        slant: Horizontal shift for each unit of height; positive leans right.
        rise: How much the line climbs along its length.
        unrest: Size of the random bends, in capital heights.
        capitals: Writes in block letters.
    """

    font: str
    capital_mm: float
    slant: float
    rise: float
    unrest: float
    capitals: bool


def pick_writer(rng: np.random.Generator, hands: tuple[str, ...] = HANDS) -> Writer:
    """A random hand."""
    font = hands[int(rng.integers(len(hands)))]
    return Writer(
        font=font,
        capital_mm=float(rng.uniform(3.0, 4.8)),
        slant=float(rng.normal(0.05, 0.12)),
        rise=float(rng.normal(0.0, 0.012)),
        unrest=float(rng.uniform(0.03, 0.07)),
        capitals=font in ("patrick-hand", "kalam") and rng.random() < 0.3,
    )


@lru_cache(maxsize=64)
def _font(name: str, size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.truetype(str(FONTS / f"{name}.ttf"), size)


@lru_cache(maxsize=16)
def _capital_em(name: str) -> float:
    """Height of a capital H in em."""
    box = _font(name, 400).getbbox("H", anchor="ls")
    return float(-box[1]) / 400


def _line_coverage(
    text: str, writer: Writer, px_per_mm: float, rng: np.random.Generator
) -> tuple[Coverage, float]:
    """A written line and the row of its baseline, in pixels of the paper."""
    from PIL import Image, ImageDraw

    capital_px = writer.capital_mm * px_per_mm * OVERSAMPLING
    size = max(8, round(capital_px / _capital_em(writer.font)))
    font = _font(writer.font, size)
    shown = text.upper() if writer.capitals else text
    width = int(font.getlength(shown) * 1.25 + 3 * capital_px)
    height = int(4.2 * capital_px)
    baseline = 2.4 * capital_px
    image = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(image)
    x = capital_px
    for word in shown.split(" "):
        draw.text((x, baseline + rng.normal(0, 0.06 * capital_px)), word, fill=255, font=font, anchor="ls")
        x += font.getlength(word) + capital_px * rng.uniform(0.35, 0.6)
    bent = _bend(np.asarray(image, np.uint8), writer, baseline, capital_px, rng)
    small = cv2.resize(bent, None, fx=1 / OVERSAMPLING, fy=1 / OVERSAMPLING, interpolation=cv2.INTER_AREA)
    return np.asarray(small / 255, np.float32), baseline / OVERSAMPLING


def _bend(image: Any, writer: Writer, baseline: float, capital_px: float, rng: np.random.Generator) -> Any:
    """Slant, climb and smooth random displacement in one resampling."""
    height, width = image.shape
    coarse = (max(3, int(height / (0.8 * capital_px))), max(3, int(width / (0.8 * capital_px))))
    unrest = writer.unrest * capital_px
    dx, dy = (_smooth(rng.normal(0, unrest, coarse), width, height) for _ in range(2))
    rows, columns = np.arange(height)[:, None], np.arange(width)
    dx += (columns - baseline * writer.slant).astype(np.float32) + (rows * writer.slant).astype(np.float32)
    dy += rows.astype(np.float32) + (columns * writer.rise).astype(np.float32)
    return cv2.remap(image, dx, dy, cv2.INTER_LINEAR)


def _smooth(values: Any, width: int, height: int) -> Any:
    """A curved surface through the values; it is so smooth that straight pieces make it up."""
    pieces = (max(1, width // PIECE_PX), max(1, height // PIECE_PX))
    curved = cv2.resize(values.astype(np.float32), pieces, interpolation=cv2.INTER_CUBIC)
    return cv2.resize(curved, (width, height), interpolation=cv2.INTER_LINEAR)


def write_text(paper: Paper, text: str, box: Box, writer: Writer, pen: Pen, rng: np.random.Generator) -> None:
    """Writes a line into a field, smaller when it would not fit."""
    coverage, baseline = _line_coverage(text, writer, paper.px_per_mm, rng)
    inked = np.flatnonzero(coverage.max(axis=0) > 0.2)
    left, right = int(inked[0]), int(inked[-1]) + 1
    room = (box.w_mm - 2.5) * paper.px_per_mm
    if right - left > room:
        scale = room / (right - left)
        coverage = np.asarray(
            cv2.resize(coverage, None, fx=scale, fy=max(scale, 0.72), interpolation=cv2.INTER_AREA),
            np.float32,
        )
        baseline, left = baseline * max(scale, 0.72), int(left * scale)
        right = left + int(room)
    start_mm = box.x_mm + rng.uniform(
        1.0, 1.0 + max(0.1, min(6.0, (room - (right - left)) / paper.px_per_mm))
    )
    baseline_mm = box.bottom_mm - box.h_mm * rng.uniform(0.2, 0.34)
    x_px, y_px = paper.corner_px(float(start_mm), float(baseline_mm))
    ink = np.clip(coverage * 1.25, 0, 1) * grain_of((coverage.shape[0], coverage.shape[1]), pen.grain, rng)
    paper.lay_ink((ink * pen.opacity).astype(np.float32), x_px - left, int(y_px - baseline), pen.colour)
