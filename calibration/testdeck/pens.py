"""Pens, and the strokes they leave on paper."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from calibration.testdeck.paper import Coverage, Paper, Rgb

Stroke = npt.NDArray[np.float64]
OVERSAMPLING = 4
_SUBPIXEL_BITS = 4


@dataclass(frozen=True, slots=True)
class PenKind:
    """A kind of pen.

    Attributes:
        width_mm: Narrowest and widest line among pens of the kind.
        opacity: Weakest and strongest ink.
        grain: How much the paper's roughness shows in the line, 0..1.
        bleed: Share of the ink that can be seen on the other side.
    """

    name: str
    colours: tuple[Rgb, ...]
    width_mm: tuple[float, float]
    opacity: tuple[float, float]
    grain: float
    bleed: float = 0.0


PEN_KINDS = {
    kind.name: kind
    for kind in (
        PenKind("ballpoint_blue", ((25, 42, 135), (40, 60, 160)), (0.32, 0.52), (0.78, 0.97), 0.16),
        PenKind("ballpoint_black", ((28, 28, 34), (45, 42, 48)), (0.32, 0.52), (0.78, 0.97), 0.16),
        PenKind("pencil", ((72, 72, 76), (95, 94, 96)), (0.40, 0.70), (0.55, 0.85), 0.45),
        PenKind("light_blue", ((95, 150, 215), (120, 170, 220)), (0.40, 0.60), (0.75, 0.95), 0.15),
        PenKind("felt", ((22, 20, 26), (30, 40, 120)), (0.90, 1.50), (0.93, 1.0), 0.04, bleed=0.18),
        PenKind("red", ((190, 30, 42), (205, 60, 50)), (0.35, 0.55), (0.80, 0.97), 0.15),
    )
}


@dataclass(frozen=True, slots=True)
class Pen:
    """One pen in one voter's hand."""

    kind: str
    colour: Rgb
    width_mm: float
    opacity: float
    grain: float
    bleed: float


def pick_up_pen(kind: PenKind, rng: np.random.Generator) -> Pen:
    """A pen of the kind, with its own colour, width and strength."""
    return Pen(
        kind=kind.name,
        colour=kind.colours[int(rng.integers(len(kind.colours)))],
        width_mm=float(rng.uniform(*kind.width_mm)),
        opacity=float(rng.uniform(*kind.opacity)),
        grain=kind.grain,
        bleed=kind.bleed,
    )


def smooth_noise(rng: np.random.Generator, count: int, knots: int) -> npt.NDArray[np.float64]:
    """A smooth random curve of `count` values around zero, with about `knots` turns."""
    values = rng.standard_normal(knots + 2)
    t = np.linspace(0, knots + 1, count)
    left = np.minimum(t.astype(int), knots)
    f = t - left
    f = f * f * (3 - 2 * f)
    return np.asarray(values[left] * (1 - f) + values[left + 1] * f)


def grain_of(shape: tuple[int, int], amount: float, rng: np.random.Generator) -> Coverage:
    """How well the paper takes ink, pixel by pixel: about 1, less in the hollows."""
    noise = rng.standard_normal(shape, dtype=np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), 0.8) * 1.9
    return np.asarray(np.clip(1 + amount * (noise - 0.4), 0, 1), np.float32)


def draw_strokes(
    paper: Paper, strokes: list[Stroke], pen: Pen, rng: np.random.Generator
) -> tuple[Coverage, int, int]:
    """Draws strokes (points in mm) with varying width and pressure.

    Returns:
        The ink that was laid and its upper left pixel, for what shows on the other side.
    """
    points = np.concatenate(strokes)
    pad = pen.width_mm + 0.3
    left, top = paper.corner_px(points[:, 0].min() - pad, points[:, 1].min() - pad)
    right, bottom = paper.corner_px(points[:, 0].max() + pad, points[:, 1].max() + pad)
    size = (bottom - top + 1, right - left + 1)
    ink = np.zeros(size, np.float32)
    for stroke in strokes:
        scaled = stroke * (paper.x_px_per_mm, paper.y_px_per_mm) - (left, top)
        ink = ink + (1 - ink) * _stroke_coverage(scaled, pen, paper.px_per_mm, size, rng)
    ink *= grain_of(size, pen.grain, rng) * pen.opacity
    paper.lay_ink(ink, left, top, pen.colour)
    return ink, left, top


def _stroke_coverage(
    points_px: Stroke, pen: Pen, px_per_mm: float, size: tuple[int, int], rng: np.random.Generator
) -> Coverage:
    mask = np.zeros((size[0] * OVERSAMPLING, size[1] * OVERSAMPLING), np.uint8)
    count = len(points_px)
    pressure = np.clip(0.92 + 0.07 * smooth_noise(rng, count, 4), 0.6, 1.0)
    lift = np.minimum(1.0, 0.45 + np.arange(count)[::-1] / max(count * 0.12, 1))
    width = (
        pen.width_mm
        * px_per_mm
        * OVERSAMPLING
        * (0.95 + 0.1 * smooth_noise(rng, count, 3))
        * (0.55 + 0.45 * lift)
    )
    fixed = np.rint(points_px * OVERSAMPLING * (1 << _SUBPIXEL_BITS)).astype(int)
    for i in range(count - 1):
        grey = int(255 * pressure[i] * (0.6 + 0.4 * lift[i]))
        thick = max(1, round(width[i]))
        cv2.line(mask, fixed[i].tolist(), fixed[i + 1].tolist(), grey, thick, cv2.LINE_AA, _SUBPIXEL_BITS)
    small = cv2.resize(mask, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(small / 255, np.float32)
