"""Strokes that run from one marked box far over the page into another."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ballot.reading import MarkReading
from recognition.field_masks import place_of
from recognition.geometry import MM_PER_INCH, Mask
from recognition.identified import SidePage
from recognition.profile import Profile
from recognition.reference import PAGE_DPI
from recognition.sparse import set_pixels, short_page

_PX_MM2 = (MM_PER_INCH / PAGE_DPI) ** 2
_JOINED_PX = 3
_NEXT = np.ones((3, 3), np.uint8)
_LEAST_PX = 3


def linked_marks(
    side: SidePage, owned: Mask, marks: Sequence[MarkReading], profile: Profile
) -> list[MarkReading]:
    """Those of the given marks that one stroke links, over paper that is near no field.

    It may be one mark, as a line from a first choice to another's second choice. Crosses that touch in a
    column of boxes are linked within reach of their boxes only.

    Args:
        owned: Ink of strokes that belong to fields.
        marks: Marks of this side that would count.
    """
    least_px = profile.linked_ink_mm2 / _PX_MM2
    fields = side.placed.registration.side.fields
    if len(marks) < 2 or np.count_nonzero(owned & ~fields.zone) < least_px:
        return []
    pixels = set_pixels(owned)
    page = short_page(pixels, _JOINED_PX, fields.edge_lines)
    strokes = cv2.bitwise_or(page.drawn(pixels), page.cut(fields.edges))
    count, labels = cv2.connectedComponents(cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, _NEXT))
    label = labels[page.row_of[pixels.y], page.column_of[pixels.x]]
    far = np.bincount(label[~pixels.of(fields.zone)], minlength=count) >= least_px
    touched = []
    for mark in marks:
        rows, columns = place_of(mark.expected, PAGE_DPI)
        inside = (rows.start <= pixels.y) & (pixels.y < rows.stop)
        inside &= (columns.start <= pixels.x) & (pixels.x < columns.stop)
        touched.append(far & (np.bincount(label[inside], minlength=count) >= _LEAST_PX))
    shared = np.sum(touched, axis=0) >= 2
    return [mark for mark, own in zip(marks, touched, strict=True) if (own & shared).any()]
