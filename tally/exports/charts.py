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
    outer, inner = 100.0, 42.0
    rows = next((r for r in range(1, 12) if _capacity(r, inner, outer) >= total), 12)
    radii = [outer] if rows == 1 else [inner + (outer - inner) * i / (rows - 1) for i in range(rows)]
    places: list[tuple[float, float]] = []
    for radius, count in zip(radii, _share_out(total, radii), strict=True):
        for i in range(count):
            angle = math.pi * (i + 0.5) / count if count else 0.0
            places.append((angle, radius))
    places.sort()
    owners = [list_id for list_id, count in seats for _ in range(count)]
    gap = (outer - inner) / (rows - 1) if rows > 1 else 40.0
    along = min(
        (math.pi * r / n for r, n in zip(radii, _share_out(total, radii), strict=True) if n), default=gap
    )
    radius = round(min(gap, along, 24.0) * 0.43, 2)
    middle, base = outer + 14.0, outer + 14.0
    dots = tuple(
        SeatDot(round(middle - r * math.cos(angle), 2), round(base - r * math.sin(angle), 2), owner)
        for (angle, r), owner in zip(places, owners, strict=True)
    )
    return HalfCircle(width=2 * middle, height=base + 12.0, radius=radius, dots=dots)


def _capacity(rows: int, inner: float, outer: float) -> int:
    """How many seats fit in `rows` rows whose distance is also the distance along a row."""
    if rows == 1:
        return 9
    gap = (outer - inner) / (rows - 1)
    return sum(int(math.pi * (inner + gap * i) / gap) for i in range(rows))


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
