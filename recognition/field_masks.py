"""Where a side's fields are, as masks over the page. Computed once a blank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ballot.geometry import Box
from ballot.layout import SideLayout
from recognition.geometry import MM_PER_INCH, GreyImage, Mask
from recognition.sparse import Lines, ShortPage, grown_lines

_MARK_REACH_MM = 2.2
_ROW_REACH_MM = 1.0
_OUTLINE_MM = 0.7
_DIGITS_MM = 1.2
_APART_MM = 1.0
_BESIDE_EDGE_PX = 3
"""Joining strokes over an edge looks no farther than this beside it."""


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
        edge_lines: The rows and the columns of the page that have edges, and some beside them.
        digits: The digit lines, which are read as such and differ from the blank.
    """

    core: Mask
    zone: Mask
    boxes: tuple[BoxEdge, ...]
    edges: GreyImage
    edge_lines: tuple[Lines, Lines]
    digits: Mask

    def edges_with_ink(self, ink: GreyImage, page: ShortPage) -> GreyImage:
        """The printed edges of all boxes that have ink in them: strokes cross them.

        Args:
            ink: On the short page, 1 for ink.
            page: It has all of `edge_lines`.
        """
        crossed = [edge for edge in self.boxes if ink[page.place(edge.box)].any()]
        places = [(page.place(edge.outer), page.place(edge.inner)) for edge in crossed]
        return _drawn(places, ink.shape)


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
    drawn = _drawn([(edge.outer, edge.inner) for edge in edges], shape)
    cells = [cell for row in layout.write_in_rows for cell in (row.name, row.party) if cell is not None]
    if layout.party_write_in is not None:
        cells.append(layout.party_write_in)
    digits = [d.box for d in (layout.ballot_number, layout.ballot_id) if d is not None]
    return FieldMasks(
        core=mask(boxes + cells, 0.0),
        zone=mask(boxes, _MARK_REACH_MM) | mask(cells, _ROW_REACH_MM),
        boxes=edges,
        edges=drawn,
        edge_lines=(
            grown_lines(np.asarray(drawn.any(axis=1)), _BESIDE_EDGE_PX),
            grown_lines(np.asarray(drawn.any(axis=0)), _BESIDE_EDGE_PX),
        ),
        digits=mask(digits, _DIGITS_MM),
    )


def _edges(boxes: list[Box], dpi: int) -> tuple[BoxEdge, ...]:
    """The boxes' printed edges, but never so wide that two of them come together.

    What crosses a printed edge is joined there; boxes that touched would make one stroke of a whole
    column, and the crosses in it would vouch for a cross beside it.
    """
    found = []
    for box in boxes:
        gap_mm = min((box.gap_mm(other) for other in boxes if other != box), default=2 * _OUTLINE_MM)
        margin_mm = max(0.0, min(_OUTLINE_MM, (gap_mm - _APART_MM) / 2))
        outer, inner = box.grown(margin_mm), box.grown(-_OUTLINE_MM)
        found.append(BoxEdge(place_of(outer, dpi), place_of(box, dpi), place_of(inner, dpi)))
    return tuple(found)


def _drawn(edges: Sequence[tuple[Place, Place]], shape: tuple[int, ...]) -> GreyImage:
    """Edges given by what is around them and what is in them."""
    found = np.zeros(shape, np.uint8)
    for outer, _ in edges:
        found[outer] = 1
    for _, inner in edges:
        found[inner] = 0
    return found


def boxes_mask(boxes: list[Box], margin_mm: float, shape: tuple[int, ...], dpi: int) -> Mask:
    """True in the given boxes (in mm), grown by a margin."""
    found = np.zeros(shape, bool)
    for box in boxes:
        found[place_of(box.grown(margin_mm), dpi)] = True
    return found


def place_of(box: Box, dpi: int) -> Place:
    """The rows and columns of a page that a box (in mm) touches."""
    scale = dpi / MM_PER_INCH
    x0, y0 = max(0, int(box.x_mm * scale)), max(0, int(box.y_mm * scale))
    x1, y1 = max(0, int(np.ceil(box.right_mm * scale))), max(0, int(np.ceil(box.bottom_mm * scale)))
    return slice(y0, y1), slice(x0, x1)
