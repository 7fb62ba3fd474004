"""Strokes that strike out a name, or one or two words of it, or a part."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import GreyImage, Mask
from recognition.names.ink import INK_DARKNESS, unprinted

Points = npt.NDArray[np.float64]

SHAPES = (
    *("straight", "straight", "curved", "curved", "wavy", "zigzag", "steep"),
    *("cross", "double", "loops", "scribble", "hatched"),
)
"""Level strokes twice, since they are the likeliest and, when thin or pale, the hardest to see."""

EXTENTS = ("all", "first", "last", "one", "part")
_POINTS = 1200
_SHORTEST_PX = 20


@dataclass(frozen=True)
class _Span:
    """The writing to be struck: its ends, and the rows of its letters' bodies and of all its ink."""

    left: float
    right: float
    middle: float
    body: float
    top: float
    bottom: float


def strike(
    patch: GreyImage, blank: GreyImage, rng: np.random.Generator
) -> tuple[GreyImage, tuple[int, int]] | None:
    """A row with its name or part of it struck out, and the columns that the strokes span.

    None when little is written.
    """
    own = unprinted(patch, blank) > INK_DARKNESS
    if own.sum() < 60:
        return None
    span = _span(own, rng)
    if span is None:
        return None
    strokes = np.zeros(patch.shape, np.uint8)
    thick = int(rng.choice([1, 2, 2, 3, 3, 4, 5]))
    for points in _curves(str(rng.choice(SHAPES)), span, rng):
        cv2.polylines(strokes, [np.rint(16 * points).astype(np.int32)], False, 255, thick, cv2.LINE_AA, 4)
    tone = float(np.percentile(patch[own], 30) + rng.normal(0, 15))
    if rng.random() < 0.3:
        tone = float(rng.uniform(20, 175))
    tones = np.clip(tone, 5, 175) + rng.normal(0, 3, patch.shape)
    cover = strokes / 255.0 * _pressure(patch.shape, rng)
    struck = np.clip(patch * (1 - cover) + np.minimum(patch, tones) * cover, 0, 255).astype(np.uint8)
    if np.isin(patch, (0, 255)).mean() > 0.98:
        struck = np.where(struck < 128, 0, 255).astype(np.uint8)
    columns = np.flatnonzero(strokes.any(axis=0))
    return struck, (int(columns[0]), int(columns[-1]) + 1)


def _pressure(shape: tuple[int, ...], rng: np.random.Generator) -> Points:
    """How much of the ink reaches the paper: less where the hand is light, and in the paper's hollows."""
    hollows = cv2.GaussianBlur(rng.standard_normal(shape), (0, 0), 0.9)
    lightness = cv2.GaussianBlur(rng.standard_normal((1, shape[1])), (0, 0), float(rng.uniform(15, 60)))
    light = lightness / max(float(np.abs(lightness).max()), 1e-6)
    pressure = 1 - float(rng.uniform(0, 0.35)) * (1 + light) / 2 - float(rng.choice([0, 1, 4])) * hollows**2
    return np.asarray(np.clip(pressure, 0, 1), np.float64)


def _span(own: Mask, rng: np.random.Generator) -> _Span | None:
    columns = np.flatnonzero(own.any(axis=0))
    words = np.split(columns, np.flatnonzero(np.diff(columns) > int(rng.integers(10, 16))) + 1)
    left, right = float(columns[0]), float(columns[-1])
    extent = str(rng.choice(EXTENTS))
    if extent == "part":
        width = max(30.0, float(rng.uniform(0.3, 0.8)) * (right - left))
        left += float(rng.random()) * max(0.0, right - left - width)
        right = left + width
    elif extent != "all":
        word = {"first": 0, "last": len(words) - 1}.get(extent, int(rng.integers(len(words))))
        left, right = float(words[word][0]), float(words[word][-1])
    if right - left < _SHORTEST_PX:
        return None
    part = own[:, int(left) : int(right) + 1]
    rows, profile = np.flatnonzero(part.any(axis=1)), part.sum(axis=1)
    bodies = np.flatnonzero(profile > 0.4 * profile.max())
    return _Span(
        left - float(rng.uniform(-3, 8)),
        right + float(rng.uniform(-3, 8)),
        (bodies[0] + bodies[-1]) / 2,
        float(bodies[-1] - bodies[0] + 1),
        float(rows[0]),
        float(rows[-1]),
    )


def _curves(shape: str, span: _Span, rng: np.random.Generator) -> list[Points]:
    """The strokes' points, x and y."""
    along = np.linspace(0, 1, _POINTS)
    width, height = span.right - span.left, span.bottom - span.top
    x = span.left + width * along
    base = span.middle + rng.uniform(-0.25, 0.3) * span.body + rng.uniform(-0.1, 0.1) * width * (along - 0.5)
    if shape == "straight":
        return [_points(x, base + rng.uniform(0, 1) * np.sin(along * rng.uniform(2, 25)))]
    if shape == "curved":
        shake = 0.8 * np.sin(2 * np.pi * along * rng.uniform(1, 3))
        return [_points(x, base + rng.uniform(-8, 8) * np.sin(np.pi * along) + shake)]
    if shape == "wavy":
        waves = 2 * np.pi * along * width / rng.uniform(35, 120) + rng.uniform(0, 6)
        return [_points(x, base + rng.uniform(3, 10) * np.sin(waves))]
    if shape == "zigzag":
        teeth = np.abs((along * width / rng.uniform(14, 40)) % 2 - 1) * 2 - 1
        return [_points(x, base + rng.uniform(6, 16) * teeth)]
    if shape == "steep":
        fall = rng.choice([-1, 1]) * rng.uniform(0.4, 1.0) * height
        return [_points(x, (span.top + span.bottom) / 2 + fall * (along - 0.5))]
    if shape == "cross":
        return [_points(x, span.top + height * along), _points(x, span.bottom - height * along)]
    if shape == "double":
        below = base + rng.uniform(5, 14) + rng.normal(0, 1)
        return [_points(x, base), _points(x + rng.uniform(-4, 4), below)]
    if shape == "loops":
        turns, radius = along * width / rng.uniform(1, 7), rng.uniform(4, 12)
        return [_points(x + radius * np.cos(turns), base + radius * np.sin(turns))]
    if shape == "hatched":
        reach, lean = rng.uniform(0.3, 0.55) * height, rng.uniform(-12, 12)
        starts = np.arange(span.left, span.right, rng.uniform(5, 18))
        middle = (span.top + span.bottom) / 2 + rng.normal(0, 2, len(starts))
        return [
            _points([a - lean, a + lean], [m + reach, m - reach]) for a, m in zip(starts, middle, strict=True)
        ]
    runs = int(rng.integers(3, 9))
    corner_x = [span.left if run % 2 else span.right for run in range(runs + 1)]
    corner_y = [
        span.top + height * (0.15 + 0.7 * run / runs) + float(rng.normal(0, 2)) for run in range(runs + 1)
    ]
    place = np.linspace(0, runs, _POINTS)
    corners = np.arange(runs + 1)
    return [_points(np.interp(place, corners, corner_x), np.interp(place, corners, corner_y))]


def _points(x: npt.ArrayLike, y: npt.ArrayLike) -> Points:
    return np.stack([np.asarray(x, np.float64), np.asarray(y, np.float64)], axis=1)
