"""What lies in boxes and is no mark: dust, strokes that come in from outside, holes, stamps and writing.

Shapes lie around the origin, for a box that reaches from −1 to 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from training.mark_hand import Points, spline

FIBRE_WIDTH_MM, FIBRE_DARKNESS = (0.07, 0.16), (0.3, 0.85)
_LETTERS = "ABDEFGHKLMNORSTUVÅaebdghkmnoprstvy0123456789"
_FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX)


class Stray(StrEnum):
    """Kinds of what is no mark."""

    FIBRE = "fibre"
    SPECKS = "specks"
    COMING_IN = "stroke from outside"
    PASSING = "stroke that passes"
    BLOT = "blot or hole"
    ARC = "rim of a stamp"
    LETTERS = "letters"


STRAY_SHARES = {
    Stray.FIBRE: 0.2,
    Stray.SPECKS: 0.15,
    Stray.COMING_IN: 0.25,
    Stray.PASSING: 0.15,
    Stray.BLOT: 0.1,
    Stray.ARC: 0.07,
    Stray.LETTERS: 0.08,
}


@dataclass(frozen=True)
class Strayed:
    """Strokes, and areas that are dark.

    Attributes:
        thin: Whether the strokes are as thin as a fibre, not as a pen.
    """

    strokes: tuple[Points, ...] = ()
    areas: tuple[Points, ...] = ()
    thin: bool = False


def stray(kind: Stray, rng: np.random.Generator) -> Strayed:
    """Something of this kind."""
    return _STRAYS[kind](rng)


def _fibre(rng: np.random.Generator) -> Strayed:
    start = rng.uniform(-1.2, 1.2, 2)
    steps = np.cumsum(rng.normal(0, rng.uniform(0.15, 0.4), (int(rng.integers(3, 8)), 2)), axis=0)
    return Strayed((spline(start + steps, rng, 0.0),), thin=True)


def _specks(rng: np.random.Generator) -> Strayed:
    count = int(rng.integers(1, 4))
    return Strayed(areas=tuple(_patch(rng.uniform(0.04, 0.2), rng) for _ in range(count)))


def _patch(radius: float, rng: np.random.Generator) -> Points:
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    radii = radius * rng.uniform(0.7, 1.3, len(angle))
    middle = rng.uniform(-1.0, 1.0, 2)
    return np.asarray(middle + np.stack([radii * np.cos(angle), radii * np.sin(angle)], axis=1))


def _coming_in(rng: np.random.Generator) -> Strayed:
    """A stroke that begins outside and ends before the middle, as a neighbour's large mark does."""
    side = rng.uniform(-1.0, 1.0)
    inner = np.array([rng.uniform(-0.95, -0.25), side])
    outer = np.array([-rng.uniform(1.5, 3.5), side + rng.uniform(-2.0, 2.0)])
    lines = [spline(np.stack([outer, (outer + inner) / 2 + rng.normal(0, 0.1, 2), inner]), rng, 0.01)]
    if rng.random() < 0.25:
        lines.append(lines[0] + rng.normal(0, 0.4, 2) * np.array([0.2, 1.0]))
    turn = int(rng.integers(4))
    return Strayed(tuple(_quarter_turned(line, turn) for line in lines))


def _passing(rng: np.random.Generator) -> Strayed:
    """A long stroke through or beside the box: of a line drawn through several, or of a word."""
    angle = float(rng.choice([rng.normal(0, 12), rng.normal(90, 12), rng.uniform(0, 180)]))
    way = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    off = np.array([-way[1], way[0]]) * rng.uniform(-0.9, 0.9)
    ends = [
        off - way * rng.uniform(2.2, 4.5),
        off + rng.normal(0, 0.05, 2),
        off + way * rng.uniform(2.2, 4.5),
    ]
    return Strayed((spline(np.stack(ends), rng, 0.02),))


def _blot(rng: np.random.Generator) -> Strayed:
    return Strayed(areas=(_patch(rng.uniform(0.3, 1.6), rng) * rng.uniform(0.6, 1.3),))


def _arc(rng: np.random.Generator) -> Strayed:
    radius, turn = rng.uniform(2.5, 9), rng.uniform(0, 2 * np.pi)
    angle = turn + np.linspace(-3.5, 3.5, 60) / radius
    middle = -radius * np.array([np.cos(turn), np.sin(turn)]) + rng.uniform(-0.9, 0.9, 2)
    rim = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    apart = rng.uniform(0.25, 0.8)
    return Strayed(tuple(middle + (radius + apart * k) * rim for k in range(int(rng.integers(1, 3)))))


def _letters(rng: np.random.Generator) -> Strayed:
    """A few letters, as outlines of what a pen of no width would draw."""
    text = "".join(rng.choice(list(_LETTERS), int(rng.integers(3, 7))))
    picture = np.zeros((60, 240), np.uint8)
    cv2.putText(picture, text, (4, 44), int(rng.choice(_FONTS)), 1.2, 255, 1)
    outlines, _ = cv2.findContours(picture, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    size = rng.uniform(0.03, 0.06)
    where = np.array([rng.uniform(30, 150), 30.0]) + rng.normal(0, 8, 2)
    found = [
        np.concatenate([line[:, 0], line[:1, 0]]).astype(np.float64) for line in outlines if len(line) > 4
    ]
    return Strayed(tuple(size * (line - where) for line in found))


def _quarter_turned(points: Points, quarters: int) -> Points:
    turned: npt.NDArray[np.float64] = points
    for _ in range(quarters):
        turned = np.stack([-turned[:, 1], turned[:, 0]], axis=1)
    return turned


_STRAYS: dict[Stray, Callable[[np.random.Generator], Strayed]] = {
    Stray.FIBRE: _fibre,
    Stray.SPECKS: _specks,
    Stray.COMING_IN: _coming_in,
    Stray.PASSING: _passing,
    Stray.BLOT: _blot,
    Stray.ARC: _arc,
    Stray.LETTERS: _letters,
}
