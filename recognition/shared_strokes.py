"""Strokes that two boxes share: a cross drawn over both, or a line from one into the other.

Each box for itself has ink enough for a mark then, and two votes would be read where the voter made one
mark. What that mark means is for a person to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ballot.geometry import Box
from recognition.bands import beyond_two_strokes
from recognition.box_blanks import Place
from recognition.box_greys import Darkness, darkness
from recognition.boxes import BoxMeasure
from recognition.followed import followed
from recognition.geometry import Mask
from recognition.patches import PX_PER_MM, DetailSource, cut, cut_reference
from recognition.profile import Profile
from recognition.register import Registration

_AROUND_MM = 1.5
_INK_DARKNESS, _PRINT_DARKNESS = 0.22, 0.15
_RIM_PX = 2
"""A scan may show print thicker by so much."""

_CLEAR_DARKNESS = 0.1
"""Paper that no stroke crosses, even between two outlines close to each other."""

_LEAST_OWN_SHARE = 0.7
"""With less of a box's ink in the joined strokes it has a mark of its own."""


@dataclass(frozen=True)
class Joint:
    """Two boxes whose ink is joined between them.

    Attributes:
        boxes: Their indices.
        is_one_mark: Whether all of it may be one mark. Two strokes of a pen, each bent a little at most, are
            all there is then, and both boxes would be read as marked, or the middle of the mark lies in
            neither. Two crosses that touch are four strokes; a cross that only runs over into the next box
            has its middle at home.
    """

    boxes: tuple[int, int]
    is_one_mark: bool


def joints(
    source: DetailSource,
    registration: Registration,
    boxes: Sequence[Box],
    measures: Sequence[BoxMeasure],
    marked: Sequence[bool],
    bilevel: bool,
    profile: Profile,
) -> list[Joint]:
    """The neighbouring boxes of a side whose ink is joined.

    Args:
        boxes: In page mm.
        measures: What was measured of each.
        marked: Whether each would be read as marked.
        bilevel: Whether the side was scanned in black and white, where a stroke may have gaps.
    """
    blanks = registration.side.box_blanks
    found = []
    for i, j in blanks.pairs:
        if min(measures[i].ink_mm2, measures[j].ink_mm2) < profile.shared_ink_mm2:
            continue
        area = boxes[i].united(boxes[j]).grown(_AROUND_MM)
        shift = np.mean([measures[i].shift_mm, measures[j].shift_mm], axis=0).tolist()
        scan = darkness(cut(source, registration, area, (shift[0], shift[1])))[0]
        blank = darkness(cut_reference(registration.side.detail, area))[0]
        places = [_place(box, area) for box in (boxes[i], boxes[j])]
        clear = np.zeros_like(scan, bool) if bilevel else scan < _CLEAR_DARKNESS
        ink, strokes = _joined(scan, blank, clear, places, 2 * blanks.frame_of(i).line + 1, profile)
        if strokes.any():
            size_px = min(boxes[i].w_mm, boxes[i].h_mm) * PX_PER_MM
            may_be_one = (marked[i] and marked[j]) or not any(_holds_middle(at, strokes) for at in places)
            is_one_mark = may_be_one and _are_two(scan, ink, strokes, places, size_px, profile)
            found.append(Joint((i, j), is_one_mark))
    return found


def _place(box: Box, area: Box) -> Place:
    left, top = (box.x_mm - area.x_mm) * PX_PER_MM, (box.y_mm - area.y_mm) * PX_PER_MM
    right, bottom = left + box.w_mm * PX_PER_MM, top + box.h_mm * PX_PER_MM
    return slice(round(top), round(bottom)), slice(round(left), round(right))


def _holds_middle(place: Place, strokes: Mask) -> bool:
    ys, xs = np.nonzero(strokes)
    rows, columns = place
    y, x = float(ys.mean()), float(xs.mean())
    return bool(rows.start <= y < rows.stop and columns.start <= x < columns.stop)


def _joined(
    dark: Darkness, blank: Darkness, clear: Mask, boxes: Sequence[Place], line_px: int, profile: Profile
) -> tuple[Mask, Mask]:
    """All ink, and the strokes that run from one box into the other.

    A stroke is followed over the printed outlines, where ink cannot be told from print, as far as ink on
    both sides faces each other.

    Args:
        clear: Where there is surely no ink.
        boxes: Where both lie.
        line_px: Width of their outlines.
    """
    printed = (blank > _PRINT_DARKNESS).astype(np.uint8)
    rim = cv2.dilate(printed, np.ones((2 * _RIM_PX + 1,) * 2, np.uint8)).view(bool)
    ink = (dark >= _INK_DARKNESS) & ~rim
    strokes = followed(ink, rim & ~clear, 2 * _RIM_PX + line_px)
    count, labels = cv2.connectedComponents(strokes.astype(np.uint8), connectivity=8)
    least_px = profile.shared_ink_mm2 * PX_PER_MM**2
    one, other = (np.bincount(labels[box][ink[box]], minlength=count) >= least_px for box in boxes)
    return ink, np.asarray((one & other)[labels])


def _are_two(
    dark: Darkness, ink: Mask, strokes: Mask, boxes: Sequence[Place], size_px: float, profile: Profile
) -> bool:
    """Whether joined strokes are hardly more than two, and there is hardly other ink in the boxes."""
    if any((ink & strokes)[box].sum() < _LEAST_OWN_SHARE * ink[box].sum() for box in boxes):
        return False
    beyond, _ = beyond_two_strokes(dark, strokes, size_px)
    return bool(beyond * size_px**2 <= profile.shared_rest_share * float(strokes.sum()))
