"""Geometry of the pictures on the result page; the template draws them as SVG.

Lengths are in SVG user units.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class SeatDot:
    """One seat in the half-circle."""

    x: float
    y: float
    list_id: str


@dataclass(frozen=True, slots=True)
class HalfCircle:
    """Seats in concentric half-circles.

    Attributes:
        width: Of the picture; its base line is at `height`.
        radius: Of each seat.
    """

    width: float
    height: float
    radius: float
    dots: tuple[SeatDot, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A horizontal bar: `length` is 0..1 of the longest possible bar."""

    label: str
    name: str
    votes: int
    share: str
    length: float
    colour: str


def half_circle(seats: list[tuple[str, int]]) -> HalfCircle:
    """Places all seats, list by list from the left.

    Args:
        seats: Lists from left to right with their seats.
    """
    total = sum(count for _, count in seats)
    rows = _rows_for(total)
    radii = [_OUTER] if rows == 1 else [_INNER + (_OUTER - _INNER) * i / (rows - 1) for i in range(rows)]
    shares = _share_out(total, radii)
    places = sorted(
        (math.pi * (i + 0.5) / count, radius)
        for radius, count in zip(radii, shares, strict=True)
        for i in range(count)
    )
    owners = [list_id for list_id, count in seats for _ in range(count)]
    gap = (_OUTER - _INNER) / (rows - 1) if rows > 1 else _LARGEST_GAP
    along = [math.pi * radius / count for radius, count in zip(radii, shares, strict=True) if count]
    radius = round(min([gap, _LARGEST_GAP, *along]) * 0.45, 2)
    middle, base = _OUTER + radius + 1, _OUTER + radius + 1
    dots = tuple(
        SeatDot(round(middle - r * math.cos(angle), 2), round(base - r * math.sin(angle), 2), owner)
        for (angle, r), owner in zip(places, owners, strict=True)
    )
    return HalfCircle(width=2 * middle, height=base + 8.0, radius=radius, dots=dots)


_INNER, _OUTER = 46.0, 100.0
"""Radii of the innermost and outermost row; inside there is room for the number of seats."""

_LARGEST_GAP = 30.0
"""Between neighbouring seats of small councils."""


def _rows_for(total: int) -> int:
    """The number of rows whose distance comes closest to the distance of seats along a row."""
    if total <= 9:
        return 1

    def mismatch(rows: int) -> float:
        gap = (_OUTER - _INNER) / (rows - 1)
        along = math.pi * rows * (_INNER + _OUTER) / 2 / total
        return abs(math.log(gap / along))

    return min(range(2, 14), key=mismatch)


def _share_out(total: int, radii: list[float]) -> list[int]:
    """Shares seats among rows in proportion to their length (largest remainders)."""
    length = sum(radii)
    exact = [total * radius / length for radius in radii]
    counts = [int(value) for value in exact]
    by_remainder = sorted(range(len(radii)), key=lambda i: exact[i] - counts[i], reverse=True)
    for i in by_remainder[: total - sum(counts)]:
        counts[i] += 1
    return counts


def bar_length(votes: int, longest: int) -> float:
    """Length of a bar relative to the longest one."""
    return round(float(Fraction(votes, longest)), 5) if longest else 0.0
