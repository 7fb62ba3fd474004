"""The scanner: geometry in one resampling, then optics, tone and noise."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from calibration.testdeck.fields import SideFields
from calibration.testdeck.paper import MM_PER_INCH, Image, Rgb
from calibration.testdeck.planes import HALF, NEUTRAL, Planes, values_of
from calibration.testdeck.strips import STRIP_ROWS, interpolated, strips

NOISE_SEED = 20230911
FOLD_WIDTH_MM = 3.0
MAP_STEP = 8
NOISE_COLUMNS = 2048
NOISE_SHIFT = 512
BLUR_ROWS = 8
COLOUR_NOISE = (0.67, 0.31, 0.28)
"""Share of the noise of red, green and blue that is left in lightness and in halved differences."""


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
            f"stretch:{self.stretch[0]:.4f}x{self.stretch[1]:.4f}",
            f"feed_wave:{self.wave_mm:.2f}",
            f"fold_step:{self.fold_step_mm:+.2f}",
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


@dataclass(frozen=True, slots=True)
class _Maps:
    """The scan's size in pixels and, for every eighth of them, the pixel of the plane seen there."""

    width: int
    height: int
    x_px: Any
    y_px: Any


def _maps(planes: Planes, step: int, fields: SideFields, way: Pass, mirrored: bool) -> _Maps:
    """Where on the paper a plane of the scan looks.

    Worked out on every eighth pixel and interpolated: all of it is smooth over that distance.
    The back of a sheet is seen by the second camera: what turns the front to the left turns it
    to the right.

    Args:
        step: Size of a pixel of the wanted plane in pixels of the lightness.
    """
    ppm = way.dpi / MM_PER_INCH / step
    margin = 0.0 if way.background is Background.CROPPED else way.margin_mm
    width, height = (
        round((mm + 2 * margin) * way.dpi / MM_PER_INCH / HALF) * HALF // step
        for mm in (fields.width_mm, fields.height_mm)
    )
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
    return _Maps(
        width,
        height,
        (x_mm * planes.x_px_per_mm / step - 0.5).astype(np.float32),
        (y_mm * planes.y_px_per_mm / step - 0.5).astype(np.float32),
    )


@lru_cache(maxsize=40)
def _noise(quarters: int) -> tuple[Any, Any]:
    """Fixed fields of noise, what it adds and what it takes away; each strip takes another part."""
    rng = np.random.default_rng([NOISE_SEED, quarters])
    size = (STRIP_ROWS + NOISE_SHIFT, NOISE_COLUMNS + NOISE_SHIFT)
    values = np.rint(rng.standard_normal(size, dtype=np.float32) * np.float32(quarters / 4))
    return np.clip(values, 0, 255).astype(np.uint8), np.clip(-values, 0, 255).astype(np.uint8)


def _add_noise(strip: Image, sigma: float, rng: np.random.Generator) -> None:
    """Adds noise to every value, in place; its strength is a whole number of quarters."""
    more, less = _noise(round(4 * sigma))
    for x in range(0, strip.shape[1], NOISE_COLUMNS):
        view = strip[:, x : x + NOISE_COLUMNS]
        top, left = (int(n) for n in rng.integers(NOISE_SHIFT, size=2))
        part = (slice(top, top + view.shape[0]), slice(left, left + view.shape[1]))
        cv2.subtract(view, less[part], dst=view)
        cv2.add(view, more[part], dst=view)


def _tone_table(way: Pass) -> Image:
    """Brightness, contrast and gamma of each level."""
    levels = np.arange(256) / 255
    toned = (levels**way.gamma - 0.5) * way.contrast + 0.5 + way.brightness / 255
    return np.clip(np.rint(toned * 255), 0, 255).astype(np.uint8)


def _colour_table(way: Pass) -> Image:
    """More contrast is also more colour."""
    levels = NEUTRAL + (np.arange(256) - NEUTRAL) * way.contrast
    return np.asarray(np.clip(np.rint(levels), 0, 255), np.uint8)


def _bilevel(grey: Image, way: Pass) -> Image:
    """Black and white as scanners make it."""
    if way.mode is ColourMode.BILEVEL_FIXED:
        return np.asarray(cv2.threshold(grey, 150, 255, cv2.THRESH_BINARY)[1], np.uint8)
    reach = int(way.dpi * 0.12) * 2 + 1
    local = cv2.boxFilter(grey, -1, (reach, reach))
    black = (grey.astype(np.int16) < local.astype(np.int16) - 26) | (grey < 70)
    return np.where(black, 0, 255).astype(np.uint8)


def scan_side(
    planes: Planes, fields: SideFields, way: Pass, mirrored: bool, rng: np.random.Generator
) -> Planes:
    """The image the scanner delivers of one side; two-tone when bilevel."""
    border = values_of(BACKGROUND_RGB[way.background])
    tables = (_tone_table(way), _colour_table(way), _colour_table(way))
    # Noise of that strength in each of red, green and blue is less in their sum and differences.
    noises = (way.noise, 0.0, 0.0) if not planes.colour else tuple(s * way.noise for s in COLOUR_NOISE)
    seen = []
    for (plane, step), edge, table, noise in zip(planes.all, border, tables, noises, strict=False):
        maps = _maps(planes, step, fields, way, mirrored)
        blur = way.blur_px / step
        image = np.empty((maps.height, maps.width), np.uint8)
        for top, bottom in strips(maps.height):
            image[top:bottom] = _see(plane, maps, edge, blur, (top, bottom))
            cv2.LUT(image[top:bottom], table, dst=image[top:bottom])
        seen.append((image, noise))
    _streak([image for image, _ in seen], way, mirrored, rng)
    for image, noise in seen:
        for top, bottom in strips(image.shape[0]):
            _add_noise(image[top:bottom], noise, rng)
    y = _bilevel(seen[0][0], way) if way.bilevel else seen[0][0]
    scale = way.dpi / MM_PER_INCH
    return Planes(y, tuple(image for image, _ in seen[1:]), scale, scale)


def _see(plane: Image, maps: _Maps, border: int, blur_px: float, rows: tuple[int, int]) -> Image:
    """Some rows of the scan: geometry and optics."""
    top, bottom = max(0, rows[0] - BLUR_ROWS), min(maps.height, rows[1] + BLUR_ROWS)
    x, y = (interpolated(m, MAP_STEP, top, bottom, maps.width) for m in (maps.x_px, maps.y_px))
    seen = cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=border)
    if blur_px > 0.2:
        seen = cv2.GaussianBlur(seen, (0, 0), blur_px)
    return np.asarray(seen[rows[0] - top : rows[1] - top], np.uint8)


def _streak(images: list[Image], way: Pass, mirrored: bool, rng: np.random.Generator) -> None:
    """The line that dirt on the glass leaves from top to bottom."""
    if way.streak_at is None:
        return
    grey = int(rng.integers(60, 130))
    for image, level in zip(images, (grey, NEUTRAL, NEUTRAL), strict=False):
        at = int((1 - way.streak_at if mirrored else way.streak_at) * image.shape[1])
        thick = max(2, round(0.25 * way.dpi / MM_PER_INCH * image.shape[1] / images[0].shape[1]))
        view = image[:, at : at + thick]
        view[:] = np.minimum(view, level) if image is images[0] else level
