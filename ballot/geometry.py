"""Rectangles and affine maps on the printed page, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle on a page, in millimetres from its upper left corner."""

    x_mm: float
    y_mm: float
    w_mm: float
    h_mm: float

    @property
    def right_mm(self) -> float:
        """The right edge."""
        return self.x_mm + self.w_mm

    @property
    def bottom_mm(self) -> float:
        """The lower edge."""
        return self.y_mm + self.h_mm

    @property
    def center_mm(self) -> tuple[float, float]:
        """The middle."""
        return self.x_mm + self.w_mm / 2, self.y_mm + self.h_mm / 2

    @property
    def area_mm2(self) -> float:
        """The area in square millimetres."""
        return self.w_mm * self.h_mm

    def grown(self, margin_mm: float) -> Box:
        """The box with every edge moved outwards (inwards when negative)."""
        return Box(
            self.x_mm - margin_mm,
            self.y_mm - margin_mm,
            self.w_mm + 2 * margin_mm,
            self.h_mm + 2 * margin_mm,
        )

    def overlap_mm2(self, other: Box) -> float:
        """Area shared with another box, in square millimetres."""
        w = min(self.right_mm, other.right_mm) - max(self.x_mm, other.x_mm)
        h = min(self.bottom_mm, other.bottom_mm) - max(self.y_mm, other.y_mm)
        return w * h if w > 0 and h > 0 else 0.0

    def gap_mm(self, other: Box) -> float:
        """How much lies between two boxes, sideways or up and down; negative where they overlap."""
        across = max(self.x_mm, other.x_mm) - min(self.right_mm, other.right_mm)
        down = max(self.y_mm, other.y_mm) - min(self.bottom_mm, other.bottom_mm)
        return max(across, down)

    def contains_point(self, x_mm: float, y_mm: float) -> bool:
        """Whether a point lies in the box or on its edge."""
        return self.x_mm <= x_mm <= self.right_mm and self.y_mm <= y_mm <= self.bottom_mm

    def united(self, other: Box) -> Box:
        """The smallest box that holds both."""
        x, y = min(self.x_mm, other.x_mm), min(self.y_mm, other.y_mm)
        return Box(x, y, max(self.right_mm, other.right_mm) - x, max(self.bottom_mm, other.bottom_mm) - y)

    def as_list(self) -> list[float]:
        """``[x, y, w, h]`` rounded to hundredths of a millimetre, as in the readings file."""
        return [round(v, 2) for v in (self.x_mm, self.y_mm, self.w_mm, self.h_mm)]


@dataclass(frozen=True, slots=True)
class Affine:
    """The map ``x' = a·x + b·y + tx``, ``y' = c·x + d·y + ty``."""

    a: float
    b: float
    tx: float
    c: float
    d: float
    ty: float

    def apply(self, x: float, y: float) -> tuple[float, float]:
        """The image of a point."""
        return self.a * x + self.b * y + self.tx, self.c * x + self.d * y + self.ty
