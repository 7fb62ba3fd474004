"""The shapes of marks that voters make in and beside boxes."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from ballot.geometry import Box
from calibration.testdeck.pens import Stroke, smooth_noise

POINTS = 40
NEIGHBOUR_GAP_MM = 0.35


class MarkShape(StrEnum):
    """What the voter draws."""

    CROSS = "cross"
    TICK = "tick"
    SLASH = "slash"
    FILL = "fill"
    CIRCLE = "circle"
    SMALL_CROSS = "small_cross"


def _line(
    p: tuple[float, float], q: tuple[float, float], rng: np.random.Generator, wobble: float = 0.05
) -> Stroke:
    """A hand-drawn line: slightly bent, slightly shaky."""
    t = np.linspace(0, 1, POINTS)
    along = np.array(q, float) - np.array(p, float)
    across = np.array([-along[1], along[0]])
    bow = rng.normal(0, wobble) * np.sin(np.pi * t) + 0.012 * smooth_noise(rng, POINTS, 6)
    return np.asarray(np.array(p, float) + t[:, None] * along + bow[:, None] * across)


def _zigzag(half: float, turns: int, rng: np.random.Generator) -> Stroke:
    """A pen going to and fro until an area of ± `half` is filled."""
    rows = np.linspace(-half, half, turns)
    points = []
    for i, row in enumerate(rows):
        end = half * rng.uniform(0.82, 1.08) * (1 if i % 2 else -1)
        points.append((end, row + rng.normal(0, half * 0.06)))
    corners = np.array(points)
    dense = [np.linspace(corners[i], corners[i + 1], 10) for i in range(len(corners) - 1)]
    angle = rng.uniform(-0.9, 0.9)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(np.concatenate(dense) @ turn.T)


def _unit_strokes(shape: MarkShape, rng: np.random.Generator) -> list[Stroke]:
    """The shape around the origin, for a box that reaches from −1 to 1."""

    def j(scale: float = 0.14) -> float:
        return float(rng.normal(0, scale))

    if shape in (MarkShape.CROSS, MarkShape.SMALL_CROSS):
        reach = rng.uniform(0.62, 1.05)
        first = _line((-reach + j(), -reach + j()), (reach + j(), reach + j()), rng)
        second = _line((reach + j(), -reach + j()), (-reach + j(), reach + j()), rng)
        return [first, second]
    if shape is MarkShape.TICK:
        low = (-0.2 + j(), 0.75 + j(0.1))
        down = _line((-0.8 + j(), 0.05 + j()), low, rng)
        up = _line(low, (rng.uniform(0.7, 1.25), -rng.uniform(0.75, 1.3)), rng, 0.08)
        return [np.concatenate([down, up])]
    if shape is MarkShape.SLASH:
        way = 1 if rng.random() < 0.8 else -1
        return [_line((-0.85 * way + j(), 0.9 + j()), (0.85 * way + j(), -0.9 + j()), rng)]
    if shape is MarkShape.FILL:
        return [_zigzag(rng.uniform(0.7, 0.85), int(rng.integers(9, 15)), rng)]
    radius = rng.uniform(0.45, 0.8)
    start, sweep = rng.uniform(0, 2 * np.pi), 2 * np.pi * rng.uniform(0.95, 1.15)
    t = start + np.linspace(0, sweep, 2 * POINTS)
    r = radius * (1 + 0.07 * smooth_noise(rng, 2 * POINTS, 4))
    return [np.stack([r * np.cos(t), r * np.sin(t) * rng.uniform(0.85, 1.1)], axis=1)]


def mark_strokes(
    shape: MarkShape, box: Box, others: tuple[Box, ...], pen_mm: float, rng: np.random.Generator
) -> list[Stroke]:
    """A mark in a box, off-centre and sometimes larger than the box, that keeps out of the others.

    The middle of the mark lies in the middle third of the box, so it is a mark in that box
    for anyone who looks.
    """
    half = min(box.w_mm, box.h_mm) / 2
    size = (
        rng.uniform(0.34, 0.5)
        if shape is MarkShape.SMALL_CROSS
        else rng.choice((rng.uniform(0.75, 1.0), rng.uniform(1.0, 1.45)), p=(0.72, 0.28))
    )
    if shape is MarkShape.FILL:
        size = min(size, 1.1)
    spread = 0.1 if size > 0.7 else 0.25
    x, y = box.center_mm
    center = np.array([x + rng.normal(0, spread * half), y + rng.normal(0, spread * half)])
    center = np.clip(center, (x - half / 3, y - half / 3), (x + half / 3, y + half / 3))
    units = _unit_strokes(shape, rng)
    return keep_out(units, center, half * float(size), others, pen_mm)


def keep_out(
    units: list[Stroke], center: Stroke, half_mm: float, others: tuple[Box, ...], pen_mm: float
) -> list[Stroke]:
    """Scales strokes around `center`, smaller until no ink comes into the other boxes."""
    while True:
        strokes = [center + unit * half_mm for unit in units]
        points = np.concatenate(strokes)
        reach = pen_mm / 2 + NEIGHBOUR_GAP_MM
        low, high = points.min(axis=0) - reach, points.max(axis=0) + reach
        around = Box(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
        if half_mm < 0.3 or not any(around.overlap_mm2(other) for other in others):
            return strokes
        half_mm *= 0.94


def scribble_strokes(
    box: Box, others: tuple[Box, ...], pen_mm: float, rng: np.random.Generator
) -> list[Stroke]:
    """The scribble with which a voter takes a mark back."""
    half = min(box.w_mm, box.h_mm) / 2
    units = [_zigzag(1.0, int(rng.integers(10, 15)), rng), _zigzag(0.95, int(rng.integers(8, 12)), rng)]
    return keep_out(units, np.array(box.center_mm), half * float(rng.uniform(1.0, 1.3)), others, pen_mm)


def beside_strokes(box: Box, name: Box | None, pen_mm: float, rng: np.random.Generator) -> list[Stroke]:
    """A cross that misses its box: in the margin away from the name, or on the name."""
    half = min(box.w_mm, box.h_mm) / 2
    x, y = box.center_mm
    if name is not None and rng.random() < 0.4:
        x = name.x_mm + min(name.w_mm / 2, 12)
    else:
        away = -1 if name is None or name.x_mm > box.x_mm else 1
        x += away * (2 * half + pen_mm + 0.8)
    units = _unit_strokes(MarkShape.CROSS, rng)
    return [np.array([x, y]) + unit * half * 0.72 for unit in units]


def strike_out_strokes(name: Box, rng: np.random.Generator) -> list[Stroke]:
    """A line through a printed name."""
    y = name.y_mm + name.h_mm * 0.5
    start = (name.x_mm - rng.uniform(0.0, 0.8), y + rng.normal(0, 0.3))
    end = (name.right_mm + rng.uniform(0.0, 2.0), y + rng.normal(0, 0.3))
    return [_line(start, end, rng, 0.008)]
