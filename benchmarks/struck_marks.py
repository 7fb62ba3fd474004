"""Marks and what takes them back, drawn stroke by stroke for `benchmarks.strikes`.

The hand is not the test deck's: strokes are bent, of uneven width, and of six times the scan's fineness.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
Ink = npt.NDArray[np.uint8]

FINE = 6
"""The drawing's pixels to one of the scan."""

_STEP_PX, _TREMBLE, _WIDTH_SPREAD = 8, 0.12, 0.1
_LEAST_ANGLE_DEG = 22.0
"""So far from a mark's own strokes a line crosses it out."""

_SUBPIXEL_BITS = 4


class Shape(StrEnum):
    """Marks that voters make in boxes."""

    CROSS = "cross"
    TICK = "tick"
    RING = "ring"
    SLASH = "slash"


class TakenBack(StrEnum):
    """Ways to take a mark back. One line through a slash would be a cross."""

    LINE = "line"
    TWO_LINES = "two lines"
    SCRIBBLE = "scribble"


WAYS: dict[Shape, tuple[tuple[TakenBack, float], ...]] = {
    shape: (
        ((TakenBack.TWO_LINES, 0.5), (TakenBack.SCRIBBLE, 0.5))
        if shape is Shape.SLASH
        else ((TakenBack.LINE, 0.6), (TakenBack.TWO_LINES, 0.2), (TakenBack.SCRIBBLE, 0.2))
    )
    for shape in Shape
}
_OWN_ANGLES_DEG = {
    Shape.CROSS: (45.0, -45.0),
    Shape.TICK: (-55.0, 45.0),
    Shape.RING: (),
    Shape.SLASH: (-50.0,),
}


@dataclass(frozen=True)
class Hand:
    """Draws with one pen on one picture.

    Attributes:
        ink: Where ink is, 0 or 255, `FINE` times as fine as the scan.
        width_px: The pen's width in its pixels.
    """

    ink: Ink
    width_px: float
    rng: np.random.Generator

    def stroke(self, points: Points) -> None:
        """One stroke through these points, with a hand's tremor."""
        lengths = np.r_[0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
        count = max(8, int(lengths[-1] / _STEP_PX))
        at = np.linspace(0, lengths[-1], count)
        path = np.stack([np.interp(at, lengths, points[:, axis]) for axis in (0, 1)], axis=1)
        path += np.stack([self._slow(count) for _ in (0, 1)], axis=1) * _TREMBLE * self.width_px
        widths = self.width_px * (1 + _WIDTH_SPREAD * self._slow(count))
        fixed = np.rint(path * 2**_SUBPIXEL_BITS).astype(int).tolist()
        for start, end, width in zip(fixed[:-1], fixed[1:], widths.tolist(), strict=False):
            thick = max(1, round(width))
            cv2.line(self.ink, start, end, 255, thick, cv2.LINE_8, _SUBPIXEL_BITS)

    def line(self, middle: Points, angle_deg: float, reach: float, bend: float = 0.0) -> None:
        """A stroke of this half length, its middle off the straight line by `bend` of its length."""
        way = np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])
        along = np.linspace(-1, 1, 12)[:, None]
        off = 2 * reach * bend * (1 - along**2) * np.array([-way[1], way[0]])
        self.stroke(middle + reach * along * way + off)

    def _slow(self, count: int) -> Points:
        """Noise that changes slowly along a stroke."""
        kernel = np.hanning(7) / np.hanning(7).sum()
        padded = np.pad(self.rng.normal(0, 1, count), 3, mode="edge")
        return np.asarray(np.convolve(padded, kernel, "valid"))


def draw_mark(hand: Hand, shape: Shape, middle: Points, reach: float) -> None:
    """One mark that reaches so far from its middle, in pixels of the drawing."""
    _SHAPES[shape](hand, middle, reach)


def take_back(hand: Hand, shape: Shape, way: TakenBack, middle: Points, reach: float) -> None:
    """Takes back a mark of this shape."""
    rng = hand.rng
    match way:
        case TakenBack.LINE:
            own = np.array(_OWN_ANGLES_DEG[shape])
            angle = rng.uniform(-90, 90)
            while np.any(np.abs((angle - own + 90) % 180 - 90) < _LEAST_ANGLE_DEG):
                angle = rng.uniform(-90, 90)
            off = rng.normal(0, 0.12 * reach, 2)
            hand.line(middle + off, angle, reach * rng.uniform(1.05, 1.7), rng.normal(0, 0.03))
        case TakenBack.TWO_LINES:
            for y in (-0.3, 0.3):
                hand.line(middle + np.array([0, y * reach]), rng.normal(0, 8), reach * rng.uniform(1.05, 1.6))
        case TakenBack.SCRIBBLE:
            turns, size, turn = int(rng.integers(4, 9)), reach * rng.uniform(0.7, 1.2), rng.uniform(0, np.pi)
            along = size * np.linspace(-1, 1, turns)
            across = size * rng.uniform(0.8, 1.1, turns) * (-1.0) ** np.arange(turns)
            cos, sin = np.cos(turn), np.sin(turn)
            hand.stroke(middle + np.stack([along, across], axis=1) @ np.array([[cos, sin], [-sin, cos]]))


def _cross(hand: Hand, middle: Points, reach: float) -> None:
    rng = hand.rng
    for angle in (45, -45):
        off = rng.normal(0, 0.06 * reach, 2)
        long = 1.2 * reach * rng.uniform(0.85, 1.15)
        hand.line(middle + off, angle + rng.normal(0, 7), long, rng.normal(0, 0.04))


def _tick(hand: Hand, middle: Points, reach: float) -> None:
    low, high = (-1.0, -0.2), (-0.7, 0.2)
    ends = [(low, high), ((-0.3, 0.6), (0.0, 0.95)), ((0.8, -1.3), (1.3, -0.8))]
    hand.stroke(middle + reach * np.array([hand.rng.uniform(start, end) for start, end in ends]))


def _ring(hand: Hand, middle: Points, reach: float) -> None:
    rng = hand.rng
    turn = rng.uniform(0, 2 * np.pi) + np.linspace(0, 2 * np.pi * rng.uniform(0.97, 1.08), 30)
    radii = reach * rng.uniform(0.75, 1, 2)
    hand.stroke(middle + radii * np.stack([np.cos(turn), np.sin(turn)], axis=1))


def _slash(hand: Hand, middle: Points, reach: float) -> None:
    hand.line(middle, -50 + hand.rng.normal(0, 9), 1.1 * reach, hand.rng.normal(0, 0.04))


_SHAPES: dict[Shape, Callable[[Hand, Points, float], None]] = {
    Shape.CROSS: _cross,
    Shape.TICK: _tick,
    Shape.RING: _ring,
    Shape.SLASH: _slash,
}
