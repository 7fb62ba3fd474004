"""Marks in boxes and what takes them back, as many hands would draw them, for training alone.

Neither the test deck's hand nor that of `benchmarks.struck_marks`, which prove what is learnt here: strokes
are splines through points strewn at random, and there are more ways to make and to unmake a mark.
All shapes lie around the origin, for a box that reaches from −1 to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.interpolate import make_interp_spline

Points = npt.NDArray[np.float64]

_POINTS = 90
_LEAST_ANGLE_DEG = 20.0
"""So far from a mark's own strokes a line takes it back; a line along one of them only makes it thicker."""


class Shape(StrEnum):
    """Marks that are votes."""

    CROSS = "cross"
    SMALL_CROSS = "small cross"
    UPRIGHT_CROSS = "upright cross"
    ONE_PULL_CROSS = "cross in one pull"
    TICK = "tick"
    SLASH = "slash"
    RING = "ring"
    FILL = "fill"


SHAPE_SHARES = {
    Shape.CROSS: 0.4,
    Shape.SMALL_CROSS: 0.1,
    Shape.UPRIGHT_CROSS: 0.04,
    Shape.ONE_PULL_CROSS: 0.08,
    Shape.TICK: 0.14,
    Shape.SLASH: 0.08,
    Shape.RING: 0.1,
    Shape.FILL: 0.06,
}


class Undoing(StrEnum):
    """Ways to take a mark back."""

    LINE = "line"
    LINES = "lines"
    ZIGZAG = "zigzag"
    COIL = "coil"
    SCRAWL = "scrawl"
    HATCHING = "hatching"
    OVERFILL = "overfilled"
    RING_AROUND = "ring around"


UNDOING_SHARES = {
    Undoing.LINE: 0.3,
    Undoing.LINES: 0.15,
    Undoing.ZIGZAG: 0.2,
    Undoing.COIL: 0.1,
    Undoing.SCRAWL: 0.08,
    Undoing.HATCHING: 0.06,
    Undoing.OVERFILL: 0.06,
    Undoing.RING_AROUND: 0.05,
}


@dataclass(frozen=True)
class Drawn:
    """Strokes, and in which directions the straight ones among them go.

    Attributes:
        angles_deg: Of a mark whose strokes are straight; a line at another angle takes it back.
    """

    strokes: tuple[Points, ...]
    angles_deg: tuple[float, ...] = ()


def mark(shape: Shape, rng: np.random.Generator) -> Drawn:
    """A mark of this shape, off the middle of its box and tilted as hands do."""
    return _SHAPES[shape](rng)


def undoing(way: Undoing, made: Drawn, shape: Shape, rng: np.random.Generator) -> tuple[Points, ...]:
    """The strokes that take a mark back."""
    if way is Undoing.LINE and shape is Shape.SLASH:
        way = Undoing.LINES  # one line through a slash makes a cross
    return _UNDOINGS[way](made, rng)


def spline(points: Sequence[tuple[float, float]] | Points, rng: np.random.Generator, shake: float) -> Points:
    """A smooth stroke through these points, trembling a little."""
    at = np.asarray(points, np.float64)
    degree = min(3, len(at) - 1)
    along = np.linspace(0, 1, len(at))
    where = np.linspace(0, 1, _POINTS)
    path = make_interp_spline(along, at, k=degree)(where)
    knots = int(rng.integers(6, 14))
    tremor = make_interp_spline(np.linspace(0, 1, knots), rng.normal(0, shake, (knots, 2)), k=3)(where)
    return np.asarray(path + tremor, np.float64)


def _through(middle: Points, angle_deg: float, half: tuple[float, float], rng: np.random.Generator) -> Points:
    """A line through a place, bent a little, with its own length on either side."""
    way = np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])
    off = np.array([-way[1], way[0]]) * rng.normal(0, 0.05) * sum(half)
    return spline(
        np.stack([middle - half[0] * way, middle + off, middle + half[1] * way]), rng, 0.012 * sum(half)
    )


def _turned(points: Points, angle_deg: float) -> Points:
    cos, sin = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return np.asarray(points @ np.array([[cos, sin], [-sin, cos]]))


def _crossed(reach: tuple[float, float], tilt_deg: float, rng: np.random.Generator) -> Drawn:
    middle = rng.normal(0, 0.13, 2)
    angles = [tilt_deg + rng.normal(0, 9), tilt_deg - 90 + rng.normal(0, 9)]
    long = rng.uniform(*reach)
    strokes = [
        _through(
            middle + rng.normal(0, 0.09, 2) * long,
            angle,
            (long * rng.uniform(0.7, 1.3), long * rng.uniform(0.7, 1.3)),
            rng,
        )
        for angle in angles
    ]
    return Drawn(tuple(strokes), tuple(float(angle) for angle in angles))


def _cross(rng: np.random.Generator) -> Drawn:
    return _crossed((0.6, 1.6), 45 + rng.normal(0, 6), rng)


def _small_cross(rng: np.random.Generator) -> Drawn:
    return _crossed((0.28, 0.65), 45 + rng.normal(0, 10), rng)


def _upright_cross(rng: np.random.Generator) -> Drawn:
    return _crossed((0.5, 0.95), rng.normal(0, 8), rng)


def _one_pull_cross(rng: np.random.Generator) -> Drawn:
    """Down one arm, around at the side, and down the other, without lifting the pen."""
    reach, bulge = rng.uniform(0.5, 1.1), rng.uniform(0.85, 1.35)
    corners = reach * np.array([(-1, -1), (0, 0), (0.95, 0.9), (bulge, 0), (0.95, -0.9), (0, 0), (-1, 1)])
    corners = corners + rng.normal(0, 0.09 * reach, corners.shape)
    turn = float(rng.choice([0, 90, 180, 270])) + rng.normal(0, 8)
    return Drawn((_turned(spline(corners, rng, 0.01), turn) + rng.normal(0, 0.1, 2),), (45.0, -45.0))


def _tick(rng: np.random.Generator) -> Drawn:
    size = rng.uniform(0.6, 1.25)
    start = (-0.85 + rng.normal(0, 0.15), rng.normal(0.05, 0.2))
    low = (-0.2 + rng.normal(0, 0.15), 0.7 + rng.normal(0, 0.12))
    end = (rng.uniform(0.6, 1.4), -rng.uniform(0.5, 1.3))
    bend = ((low[0] + end[0]) / 2 + rng.normal(0, 0.1), (low[1] + end[1]) / 2 + rng.normal(0, 0.1))
    middle = rng.normal(0, 0.12, 2)
    down = size * spline([start, low], rng, 0.012)
    up = size * spline([low, bend, end], rng, 0.012)
    stroke = np.concatenate([down, up]) + middle
    angles = [float(np.degrees(np.arctan2(*(piece[-1] - piece[0])[::-1]))) for piece in (down, up)]
    return Drawn((stroke,), tuple(angles))


def _slash(rng: np.random.Generator) -> Drawn:
    angle = float(rng.choice([-1, 1])) * rng.uniform(35, 65)
    half = rng.uniform(0.6, 1.5, 2)
    return Drawn((_through(rng.normal(0, 0.12, 2), angle, (half[0], half[1]), rng),), (angle,))


def _ring(rng: np.random.Generator) -> Drawn:
    return Drawn((_around(rng.uniform(0.4, 1.0), rng) + rng.normal(0, 0.1, 2),))


def _around(radius: float, rng: np.random.Generator) -> Points:
    turns = rng.uniform(0.88, 1.35)
    angle = rng.uniform(0, 2 * np.pi) + np.linspace(0, 2 * np.pi * turns, int(10 * turns) + 3)
    radii = radius * (1 + rng.normal(0, 0.07, len(angle)))
    oval = rng.uniform(0.75, 1.0)
    path = np.stack([radii * np.cos(angle), oval * radii * np.sin(angle)], axis=1)
    return _turned(spline(path, rng, 0.004), rng.uniform(0, 180))


def _fill(rng: np.random.Generator) -> Drawn:
    size = rng.uniform(0.6, 0.92)
    if rng.random() < 0.4:
        turns = rng.uniform(2.5, 5)
        angle = np.linspace(0, 2 * np.pi * turns, int(12 * turns))
        radii = np.linspace(rng.uniform(0, 0.2), 1, len(angle)) * size * (1 + rng.normal(0, 0.04, len(angle)))
        return Drawn((spline(np.stack([radii * np.cos(angle), radii * np.sin(angle)], axis=1), rng, 0.004),))
    return Drawn((_to_and_fro(size, int(rng.integers(9, 18)), rng),))


def _to_and_fro(size: float, turns: int, rng: np.random.Generator) -> Points:
    across = np.linspace(-1, 1, turns) + rng.normal(0, 0.5 / turns, turns)
    along = (-1.0) ** np.arange(turns) * rng.uniform(0.72, 1.1, turns)
    corners = size * np.stack([along, across], axis=1)
    dense = [np.linspace(a, b, 14) for a, b in pairwise(corners)]
    path = np.concatenate(dense)
    if rng.random() < 0.5:  # rounded turns
        path = spline(corners, rng, 0.01)
    return _turned(path, rng.uniform(0, 180))


def _lines(made: Drawn, count: int, rng: np.random.Generator) -> tuple[Points, ...]:
    own = np.array(made.angles_deg or (1000.0,))
    angle = float(rng.choice([rng.normal(0, 14), rng.normal(0, 14), rng.uniform(-90, 90)]))
    while made.angles_deg and np.any(np.abs((angle - own + 90) % 180 - 90) < _LEAST_ANGLE_DEG):
        angle = rng.uniform(-90, 90)
    middle = np.mean(np.concatenate(made.strokes), axis=0) + rng.normal(0, 0.12, 2)
    across = np.array([-np.sin(np.radians(angle)), np.cos(np.radians(angle))])
    apart = rng.uniform(0.2, 0.6)
    return tuple(
        _through(
            middle + across * apart * (place - (count - 1) / 2),
            angle + rng.normal(0, 5),
            (rng.uniform(0.6, 2.2), rng.uniform(0.6, 2.2)),
            rng,
        )
        for place in range(count)
    )


def _line(made: Drawn, rng: np.random.Generator) -> tuple[Points, ...]:
    return _lines(made, 1, rng)


def _several_lines(made: Drawn, rng: np.random.Generator) -> tuple[Points, ...]:
    return _lines(made, int(rng.integers(2, 4)), rng)


def _zigzag(made: Drawn, rng: np.random.Generator) -> tuple[Points, ...]:
    middle = rng.normal(0, 0.12, 2)
    return (middle + _to_and_fro(rng.uniform(0.65, 1.5), int(rng.integers(4, 15)), rng),)


def _coil(made: Drawn, rng: np.random.Generator) -> tuple[Points, ...]:
    turns, radius, reach = rng.uniform(2.5, 7), rng.uniform(0.35, 0.9), rng.uniform(0.4, 1.1)
    angle = np.linspace(0, 2 * np.pi * turns, int(10 * turns))
    drift = np.linspace(-reach, reach, len(angle))
    path = np.stack([drift + radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    path += rng.normal(0, 0.05, path.shape)
    return (_turned(spline(path, rng, 0.004), rng.uniform(0, 180)) + rng.normal(0, 0.1, 2),)


def _scrawl(made: Drawn, rng: np.random.Generator) -> tuple[Points, ...]:
    count = int(rng.integers(7, 18))
    return (spline(rng.uniform(-1, 1, (count, 2)) * rng.uniform(0.8, 1.4), rng, 0.004),)


def _hatching(made: Drawn, rng: np.random.Generator) -> tuple[Points, ...]:
    turn, strokes = rng.uniform(0, 180), []
    for angle in (turn, turn + rng.uniform(60, 120)):
        for place in np.linspace(-0.8, 0.8, int(rng.integers(2, 5))):
            across = np.array([-np.sin(np.radians(angle)), np.cos(np.radians(angle))])
            half = rng.uniform(0.7, 1.3, 2)
            strokes.append(_through(across * place, angle + rng.normal(0, 4), (half[0], half[1]), rng))
    return tuple(strokes)


def _overfill(made: Drawn, rng: np.random.Generator) -> tuple[Points, ...]:
    return _fill(rng).strokes


def _ring_around(made: Drawn, rng: np.random.Generator) -> tuple[Points, ...]:
    return (_around(rng.uniform(1.15, 1.8), rng) + rng.normal(0, 0.1, 2),)


_SHAPES: dict[Shape, Callable[[np.random.Generator], Drawn]] = {
    Shape.CROSS: _cross,
    Shape.SMALL_CROSS: _small_cross,
    Shape.UPRIGHT_CROSS: _upright_cross,
    Shape.ONE_PULL_CROSS: _one_pull_cross,
    Shape.TICK: _tick,
    Shape.SLASH: _slash,
    Shape.RING: _ring,
    Shape.FILL: _fill,
}
_UNDOINGS: dict[Undoing, Callable[[Drawn, np.random.Generator], tuple[Points, ...]]] = {
    Undoing.LINE: _line,
    Undoing.LINES: _several_lines,
    Undoing.ZIGZAG: _zigzag,
    Undoing.COIL: _coil,
    Undoing.SCRAWL: _scrawl,
    Undoing.HATCHING: _hatching,
    Undoing.OVERFILL: _overfill,
    Undoing.RING_AROUND: _ring_around,
}
