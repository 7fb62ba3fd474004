"""Which images a PDF page draws, and where on the page."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf

from scanner.limits import UnreadablePageError

_POINTS_PER_INCH = 72.0
_MAX_NESTING = 8
_DRAWING_OPERATORS = "q Q cm Do INLINE IMAGE"

Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _product(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


@dataclass(frozen=True, slots=True)
class DrawnImage:
    """An image as one page draws it.

    Attributes:
        image: The image object; None for an image written into the page's content.
        matrix: Maps the unit square to the page, in points.
        coverage: The part of the page it covers, 0..1.
        quarter_turns: Clockwise turns under which a viewer shows it, 0..3; None when it is
            skewed, mirrored or turned by another angle.
    """

    image: Any | None
    width_px: int
    height_px: int
    matrix: Matrix
    coverage: float
    quarter_turns: int | None
    dpi: tuple[float, float]


def _matrix(values: Any) -> Matrix:
    a, b, c, d, e, f = (float(v) for v in values)
    return a, b, c, d, e, f


def _placements(owner: Any, resources: Any, start: Matrix, depth: int) -> Iterator[tuple[Any, Matrix]]:
    """Every image drawn by a page or form, as (image object or inline image, matrix)."""
    if depth > _MAX_NESTING:
        raise UnreadablePageError("the PDF page nests its drawings too deeply")
    objects = resources.get("/XObject", {}) if resources is not None else {}
    current, stack = start, list[Matrix]()
    for instruction in pikepdf.parse_content_stream(owner, _DRAWING_OPERATORS):
        operator = str(instruction.operator)
        if operator == "q":
            stack.append(current)
        elif operator == "Q":
            current = stack.pop() if stack else start
        elif operator == "cm":
            current = _product(_matrix(instruction.operands), current)
        elif operator == "INLINE IMAGE":
            yield instruction.operands[0], current
        elif operator == "Do":
            drawn = objects.get(str(instruction.operands[0]))
            if drawn is None:
                continue
            if drawn.get("/Subtype") == "/Image":
                yield drawn, current
            elif drawn.get("/Subtype") == "/Form":
                inner = _product(_matrix(drawn.get("/Matrix", _IDENTITY)), current)
                yield from _placements(drawn, drawn.get("/Resources", resources), inner, depth + 1)


def _quarter_turns(matrix: Matrix, page_turns: int) -> int | None:
    a, b, c, d, _, _ = matrix
    size = max(abs(a), abs(b), abs(c), abs(d))
    if a * d - b * c <= 0:
        return None
    if max(abs(b), abs(c)) < 0.01 * size:
        own = 0 if a > 0 else 2
    elif max(abs(a), abs(d)) < 0.01 * size:
        own = 1 if b < 0 else 3
    else:
        return None
    return (own + page_turns) % 4


def _coverage(matrix: Matrix, page_box: tuple[float, float, float, float]) -> float:
    a, b, c, d, e, f = matrix
    xs, ys = (e, e + a, e + c, e + a + c), (f, f + b, f + d, f + b + d)
    left, bottom, right, top = page_box
    width = max(0.0, min(max(xs), right) - max(min(xs), left))
    height = max(0.0, min(max(ys), top) - max(min(ys), bottom))
    area = (right - left) * (top - bottom)
    return width * height / area if area > 0 else 0.0


def drawn_images(page: pikepdf.Page) -> list[DrawnImage]:
    """Every image the page draws, also those inside forms, in drawing order.

    Raises:
        pikepdf.PdfError, UnreadablePageError: The page's content is damaged.
    """
    left, bottom, right, top = sorted_box(page)
    turns = int(page.obj.get("/Rotate", 0)) // 90 % 4
    unit = float(page.obj.get("/UserUnit", 1.0))
    found = []
    for image, matrix in _placements(page, page.resources, _IDENTITY, 0):
        inline = isinstance(image, pikepdf.PdfInlineImage)
        width_px, height_px = (
            (image.width, image.height)
            if inline
            else (int(image.get("/Width", 0)), int(image.get("/Height", 0)))
        )
        wide, high = math.hypot(matrix[0], matrix[1]) * unit, math.hypot(matrix[2], matrix[3]) * unit
        found.append(
            DrawnImage(
                image=None if inline else image,
                width_px=width_px,
                height_px=height_px,
                matrix=matrix,
                coverage=_coverage(matrix, (left, bottom, right, top)),
                quarter_turns=_quarter_turns(matrix, turns),
                dpi=(
                    width_px / wide * _POINTS_PER_INCH if wide > 0 else 0.0,
                    height_px / high * _POINTS_PER_INCH if high > 0 else 0.0,
                ),
            )
        )
    return found


def sorted_box(page: pikepdf.Page) -> tuple[float, float, float, float]:
    """The visible part of the page (crop box) as left, bottom, right, top in points."""
    x0, y0, x1, y1 = (float(v) for v in page.cropbox)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
