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
from calibration.testdeck.strips import STRIP_ROWS, strips
from calibration.testdeck.views import FOLD_WIDTH_MM, Fold, View

NOISE_SEED = 20230911
NOISE_COLUMNS = 2048
NOISE_SHIFT = 512
BLUR_ROWS = 8
LEAST_BLUR_PX = 0.2
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


def view_of(planes: Planes, step: int, fields: SideFields, way: Pass, mirrored: bool) -> View:
    """Where on the paper a plane of the scan looks.

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
    u = ((np.arange(width) + 0.5 - width / 2) / ppm - side * way.shift_mm[0]) / way.stretch[0]
    v = ((np.arange(height) + 0.5 - height / 2) / ppm - way.shift_mm[1]) / way.stretch[1]
    v = v + way.wave_mm * np.sin(2 * np.pi * v / way.wave_length_mm + way.wave_phase)
    x_scale, y_scale = planes.x_px_per_mm / step, planes.y_px_per_mm / step
    shift = way.fold_step_mm * side
    return View(
        width,
        height,
        x_of_column=(cos * u * x_scale).astype(np.float32),
        x_of_row=((sin * v + fields.width_mm / 2) * x_scale - 0.5).astype(np.float32),
        y_of_column=(-sin * u * y_scale).astype(np.float32),
        y_of_row=((cos * v + fields.height_mm / 2) * y_scale - 0.5).astype(np.float32),
        folds_x=tuple(
            Fold(x * x_scale - 0.5, FOLD_WIDTH_MM * x_scale, shift * y_scale) for x in fields.folds_x_mm
        ),
        folds_y=tuple(
            Fold(y * y_scale - 0.5, FOLD_WIDTH_MM * y_scale, shift * x_scale) for y in fields.folds_y_mm
        ),
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
    white_from = np.maximum(cv2.boxFilter(grey, -1, (reach, reach)), 70 + 26) - np.uint8(26)
    return np.asarray(cv2.compare(grey, white_from, cv2.CMP_GE), np.uint8)


def scan_side(
    planes: Planes, fields: SideFields, way: Pass, mirrored: bool, rng: np.random.Generator
) -> Planes:
    """The image the scanner delivers of one side; two-tone when bilevel."""
    edges = values_of(BACKGROUND_RGB[way.background])
    tone, colour = _tone_table(way), _colour_table(way)
    # Noise of that strength in each of red, green and blue is less in their sum and differences.
    noises = tuple(s * way.noise for s in COLOUR_NOISE) if planes.colour else (way.noise,)
    images = _seen([planes.y], view_of(planes, 1, fields, way, mirrored), edges[:1])
    if planes.colour:
        images += _seen(list(planes.colour), view_of(planes, HALF, fields, way, mirrored), edges[1:])
    images = [
        _developed(image, way.blur_px / step, table)
        for image, step, table in zip(images, (1, HALF, HALF), (tone, colour, colour), strict=False)
    ]
    _streak(images, way, mirrored, rng)
    for image, noise in zip(images, noises, strict=True):
        for top, bottom in strips(image.shape[0]):
            _add_noise(image[top:bottom], noise, rng)
    y = _bilevel(images[0], way) if way.bilevel else images[0]
    scale = way.dpi / MM_PER_INCH
    return Planes(y, tuple(images[1:]), scale, scale)


def _seen(planes: list[Image], view: View, edges: tuple[int, ...]) -> list[Image]:
    """Planes of one size through the scanner's geometry."""
    images = [np.empty((view.height, view.width), np.uint8) for _ in planes]
    for top, bottom, x, y in view.maps():
        for plane, edge, image in zip(planes, edges, images, strict=True):
            cv2.remap(
                plane,
                x,
                y,
                cv2.INTER_LINEAR,
                dst=image[top:bottom],
                borderMode=cv2.BORDER_CONSTANT,
                borderValue=edge,
            )
    return images


def _developed(image: Image, blur_px: float, table: Image) -> Image:
    """The scanner's optics and tone."""
    if blur_px <= LEAST_BLUR_PX:
        return np.asarray(cv2.LUT(image, table), np.uint8)
    out = np.empty_like(image)
    for top, bottom in strips(image.shape[0]):
        above = max(0, top - BLUR_ROWS)
        soft = cv2.GaussianBlur(image[above : bottom + BLUR_ROWS], (0, 0), blur_px)
        cv2.LUT(soft[top - above : bottom - above], table, dst=out[top:bottom])
    return out


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
