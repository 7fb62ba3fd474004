"""The scanner: geometry in one resampling, then optics, tone and noise."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from calibration.testdeck.fields import SideFields
from calibration.testdeck.paper import MM_PER_INCH, Image, Paper, Rgb

NOISE_SEED = 20230911
FOLD_WIDTH_MM = 3.0
MAP_STEP = 8
NOISE_TILE = 2048
NOISE_SHIFT = 512


class ColourMode(StrEnum):
    """What the scanner delivers."""

    COLOUR = "colour"
    GREY = "grey"
    BILEVEL_FIXED = "bilevel_fixed"
    BILEVEL_ADAPTIVE = "bilevel_adaptive"


class Background(StrEnum):
    """What is seen beside the sheet; CROPPED ends at the sheet's size."""

    BLACK = "black"
    WHITE = "white"
    CROPPED = "cropped"


BACKGROUND_RGB: dict[Background, Rgb] = {
    Background.BLACK: (16, 16, 18),
    Background.WHITE: (246, 247, 246),
    Background.CROPPED: (236, 236, 234),
}


@dataclass(frozen=True, slots=True)
class ScannerRanges:
    """What a deck's scanners do: choices with equal chance, and the largest deviations."""

    dpis: tuple[int, ...] = (300,)
    modes: tuple[ColourMode, ...] = (ColourMode.COLOUR,)
    backgrounds: tuple[Background, ...] = (Background.WHITE,)
    skew_deg: float = 1.0
    shift_mm: float = 2.0
    stretch: float = 0.002
    wave_mm: float = 0.05
    fold_step_mm: float = 0.1
    blur_px: tuple[float, float] = (0.3, 0.6)
    noise: tuple[float, float] = (1.0, 3.0)
    brightness: float = 6.0
    contrast: float = 0.05
    gamma: float = 0.08
    streak_rate: float = 0.0
    upside_down_rate: float = 0.05
    swapped_rate: float = 0.05


@dataclass(frozen=True, slots=True)
class Pass:
    """One sheet's way through one scanner."""

    dpi: int
    mode: ColourMode
    background: Background
    skew_deg: float
    shift_mm: tuple[float, float]
    stretch: tuple[float, float]
    wave_mm: float
    wave_length_mm: float
    wave_phase: float
    fold_step_mm: float
    margin_mm: float
    blur_px: float
    noise: float
    brightness: float
    contrast: float
    gamma: float
    streak_at: float | None
    upside_down: bool
    swapped: bool

    @property
    def bilevel(self) -> bool:
        """Whether the scan is black and white."""
        return self.mode in (ColourMode.BILEVEL_FIXED, ColourMode.BILEVEL_ADAPTIVE)

    @property
    def conditions(self) -> list[str]:
        """Words for the truth file."""
        words = [
            f"dpi:{self.dpi}",
            self.mode.value,
            f"background:{self.background.value}",
            f"skew:{self.skew_deg:.1f}",
        ]
        if self.upside_down:
            words.append("upside_down")
        if self.swapped:
            words.append("sides_swapped")
        if self.streak_at is not None:
            words.append("streak")
        return words


def pick_pass(ranges: ScannerRanges, dpi: int, rng: np.random.Generator) -> Pass:
    """One pass within the ranges, at a resolution already chosen."""

    def both(most: float) -> float:
        return float(rng.uniform(-most, most))

    return Pass(
        dpi=dpi,
        mode=ranges.modes[int(rng.integers(len(ranges.modes)))],
        background=ranges.backgrounds[int(rng.integers(len(ranges.backgrounds)))],
        skew_deg=both(ranges.skew_deg),
        shift_mm=(both(ranges.shift_mm), both(ranges.shift_mm)),
        stretch=(1 + both(ranges.stretch), 1 + both(ranges.stretch)),
        wave_mm=float(rng.uniform(0, ranges.wave_mm)),
        wave_length_mm=float(rng.uniform(40, 160)),
        wave_phase=float(rng.uniform(0, 2 * np.pi)),
        fold_step_mm=both(ranges.fold_step_mm),
        margin_mm=float(rng.uniform(4, 14)),
        blur_px=float(rng.uniform(*ranges.blur_px)),
        noise=float(rng.uniform(*ranges.noise)),
        brightness=both(ranges.brightness),
        contrast=1 + both(ranges.contrast),
        gamma=1 + both(ranges.gamma),
        streak_at=float(rng.uniform(0.08, 0.92)) if rng.random() < ranges.streak_rate else None,
        upside_down=bool(rng.random() < ranges.upside_down_rate),
        swapped=bool(rng.random() < ranges.swapped_rate),
    )


def _maps(paper: Paper, fields: SideFields, way: Pass, mirrored: bool) -> tuple[Any, Any]:
    """For each pixel of the scan, where on the paper it looks.

    Worked out on every eighth pixel and interpolated: all of it is smooth over that distance.
    The back of a sheet is seen by the second camera: what turns the front to the left turns it
    to the right.
    """
    ppm = way.dpi / MM_PER_INCH
    margin = 0.0 if way.background is Background.CROPPED else way.margin_mm
    width, height = round((fields.width_mm + 2 * margin) * ppm), round((fields.height_mm + 2 * margin) * ppm)
    side = -1.0 if mirrored else 1.0
    angle = np.radians(way.skew_deg) * side + (np.pi if way.upside_down else 0.0)
    cos, sin = np.cos(angle), np.sin(angle)
    columns, rows = (MAP_STEP * (np.arange(-1, n // MAP_STEP + 2) + 0.5) for n in (width, height))
    u = (columns[None, :] / ppm - width / ppm / 2 - side * way.shift_mm[0]) / way.stretch[0]
    v = (rows[:, None] / ppm - height / ppm / 2 - way.shift_mm[1]) / way.stretch[1]
    v = v + way.wave_mm * np.sin(2 * np.pi * v / way.wave_length_mm + way.wave_phase)
    x_mm = cos * u + sin * v + fields.width_mm / 2
    y_mm = -sin * u + cos * v + fields.height_mm / 2
    for fold in fields.folds_x_mm:
        y_mm += way.fold_step_mm * side * np.clip((x_mm - fold) / FOLD_WIDTH_MM + 0.5, 0, 1)
    for fold in fields.folds_y_mm:
        x_mm += way.fold_step_mm * side * np.clip((y_mm - fold) / FOLD_WIDTH_MM + 0.5, 0, 1)
    maps = []
    for coarse, scale in ((x_mm, paper.x_px_per_mm), (y_mm, paper.y_px_per_mm)):
        pixels = (coarse * scale - 0.5).astype(np.float32)
        size = (pixels.shape[1] * MAP_STEP, pixels.shape[0] * MAP_STEP)
        fine = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR)
        maps.append(fine[MAP_STEP : MAP_STEP + height, MAP_STEP : MAP_STEP + width])
    return maps[0], maps[1]


@lru_cache(maxsize=1)
def _noise_bank() -> Any:
    """A fixed field of noise; each scan takes another part of it."""
    side = NOISE_TILE + NOISE_SHIFT
    return np.random.default_rng(NOISE_SEED).standard_normal((side, side), dtype=np.float32)


def _add_noise(image: Image, sigma: float, rng: np.random.Generator) -> None:
    """Adds noise to every value, in place."""
    top, left = (int(n) for n in rng.integers(NOISE_SHIFT, size=2))
    part = _noise_bank()[top : top + NOISE_TILE, left : left + NOISE_TILE]
    tile = np.rint(part * np.float32(sigma)).astype(np.int16)
    flat = image.reshape(image.shape[0], -1)
    for y in range(0, flat.shape[0], NOISE_TILE):
        for x in range(0, flat.shape[1], NOISE_TILE):
            view = flat[y : y + NOISE_TILE, x : x + NOISE_TILE]
            cv2.add(view, tile[: view.shape[0], : view.shape[1]], dst=view, dtype=cv2.CV_8U)


def _tone(image: Image, way: Pass) -> Image:
    """Brightness, contrast and gamma by table."""
    levels = np.arange(256) / 255
    toned = (levels**way.gamma - 0.5) * way.contrast + 0.5 + way.brightness / 255
    table = np.clip(np.rint(toned * 255), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table), np.uint8)


def _bilevel(grey: Image, way: Pass) -> Image:
    """Black and white as scanners make it."""
    if way.mode is ColourMode.BILEVEL_FIXED:
        return np.asarray(cv2.threshold(grey, 150, 255, cv2.THRESH_BINARY)[1], np.uint8)
    reach = int(way.dpi * 0.12) * 2 + 1
    local = cv2.boxFilter(grey, -1, (reach, reach))
    black = (grey.astype(np.int16) < local.astype(np.int16) - 26) | (grey < 70)
    return np.where(black, 0, 255).astype(np.uint8)


def scan_side(paper: Paper, fields: SideFields, way: Pass, mirrored: bool, rng: np.random.Generator) -> Image:
    """The image the scanner delivers of one side: RGB, or one channel when grey or bilevel."""
    source = paper.image
    if way.mode is not ColourMode.COLOUR:
        source = np.asarray(cv2.cvtColor(source, cv2.COLOR_RGB2GRAY), np.uint8)
    x, y = _maps(paper, fields, way, mirrored)
    border = BACKGROUND_RGB[way.background]
    image = cv2.remap(source, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=border)
    if way.blur_px > 0.2:
        image = cv2.GaussianBlur(image, (0, 0), way.blur_px)
    image = _tone(np.asarray(image, np.uint8), way)
    if way.streak_at is not None:
        at = int((1 - way.streak_at if mirrored else way.streak_at) * image.shape[1])
        thick = max(2, round(0.25 * way.dpi / MM_PER_INCH))
        grey = int(rng.integers(60, 130))
        image[:, at : at + thick] = np.minimum(image[:, at : at + thick], grey)
    _add_noise(image, way.noise, rng)
    if way.bilevel:
        image = _bilevel(image, way)
    return image
