"""Where a side's fields are, as masks over the page. Computed once a blank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ballot.geometry import Box
from ballot.layout import SideLayout
from recognition.geometry import MM_PER_INCH, GreyImage, Mask

_MARK_REACH_MM = 2.2
_ROW_REACH_MM = 1.0
_OUTLINE_MM = 0.7
_DIGITS_MM = 1.2
_APART_MM = 1.0


Place = tuple[slice, slice]
"""Rows and columns of the page."""


@dataclass(frozen=True)
class BoxEdge:
    """The printed edge of a box on the page.

    Attributes:
        outer: The box with its edge, and what it needs to join strokes that cross it.
        box: The box itself.
        inner: What is not edge.
    """

    outer: Place
    box: Place
    inner: Place


@dataclass(frozen=True)
class FieldMasks:
    """Where the fields are on the page.

    Attributes:
        core: The boxes and write-in cells themselves, which are read.
        zone: The same with what pens overrun.
        boxes: The boxes and their printed edges.
        edges: Those edges, 1 for edge.
        digits: The digit lines, which are read as such and differ from the blank.
    """

    core: Mask
    zone: Mask
    boxes: tuple[BoxEdge, ...]
    edges: GreyImage
    digits: Mask

    def edges_with_ink(self, ink: Mask) -> Mask:
        """The printed edges of all boxes that have ink in them: strokes cross them."""
        return _drawn([edge for edge in self.boxes if ink[edge.box].any()], ink.shape)


def field_masks(layout: SideLayout, shape: tuple[int, ...], dpi: int) -> FieldMasks:
    """The masks of one side.

    Args:
        shape: Height and width of the page in pixels.
        dpi: Its resolution.
    """

    def mask(boxes: list[Box], margin_mm: float) -> Mask:
        return boxes_mask(boxes, margin_mm, shape, dpi)

    boxes = [b.box for b in layout.mark_boxes]
    edges = _edges(boxes, dpi)
    cells = [cell for row in layout.write_in_rows for cell in (row.name, row.party) if cell is not None]
    if layout.party_write_in is not None:
        cells.append(layout.party_write_in)
    digits = [d.box for d in (layout.ballot_number, layout.ballot_id) if d is not None]
    return FieldMasks(
        core=mask(boxes + cells, 0.0),
        zone=mask(boxes, _MARK_REACH_MM) | mask(cells, _ROW_REACH_MM),
        boxes=edges,
        edges=_drawn(edges, shape).view(np.uint8),
        digits=mask(digits, _DIGITS_MM),
    )


def _edges(boxes: list[Box], dpi: int) -> tuple[BoxEdge, ...]:
    """The boxes' printed edges, but never so wide that two of them come together.

    What crosses a printed edge is joined there; boxes that touched would make one stroke of a whole
    column, and the crosses in it would vouch for a cross beside it.
    """
    found = []
    for box in boxes:
        gap_mm = min((_gap_mm(box, other) for other in boxes if other != box), default=2 * _OUTLINE_MM)
        margin_mm = max(0.0, min(_OUTLINE_MM, (gap_mm - _APART_MM) / 2))
        outer, inner = box.grown(margin_mm), box.grown(-_OUTLINE_MM)
        found.append(BoxEdge(page_place(outer, dpi), page_place(box, dpi), page_place(inner, dpi)))
    return tuple(found)


def _drawn(edges: Sequence[BoxEdge], shape: tuple[int, ...]) -> Mask:
    found = np.zeros(shape, bool)
    for edge in edges:
        found[edge.outer] = True
    for edge in edges:
        found[edge.inner] = False
    return found


def _gap_mm(box: Box, other: Box) -> float:
    across = max(box.x_mm, other.x_mm) - min(box.right_mm, other.right_mm)
    down = max(box.y_mm, other.y_mm) - min(box.bottom_mm, other.bottom_mm)
    return max(across, down)


def boxes_mask(boxes: list[Box], margin_mm: float, shape: tuple[int, ...], dpi: int) -> Mask:
    """True in the given boxes (in mm), grown by a margin."""
    found = np.zeros(shape, bool)
    for box in boxes:
        found[page_place(box.grown(margin_mm), dpi)] = True
    return found


def page_place(box: Box, dpi: int) -> Place:
    """Rows and columns of a box (in mm) on a page of this resolution."""
    scale = dpi / MM_PER_INCH
    x0, y0 = max(0, int(box.x_mm * scale)), max(0, int(box.y_mm * scale))
    x1, y1 = max(0, int(np.ceil(box.right_mm * scale))), max(0, int(np.ceil(box.bottom_mm * scale)))
    return slice(y0, y1), slice(x0, x1)
