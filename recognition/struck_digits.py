"""Ink over a printed line of digits: a line through the ballot number, a blot on the ballot id.

Digits differ from ballot to ballot, so ink on them is not told from print. But between digits there is paper,
whichever they are, and what is drawn over several of them crosses it.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ballot.layout import DigitField
from recognition.box_greys import darkness
from recognition.geometry import Mask
from recognition.identified import SidePage
from recognition.identify import StraightLine, straight_line

_INK_DARKNESS = 0.3
"""What shows through of the other side, and most folds, are paler."""

_GAP_SHARE = 0.15
"""Middle part of the pitch of the digits that is looked at: 0.4 mm, which thick print leaves free."""

_LINE_SHARE = 0.8
_LEAST_GAPS = 2
_HALF_DIGIT_SHARE = 0.8
"""Of the pitch, above and below the middle of the line: digits of OCR-B are about as high as the pitch."""


def is_written_over(side: SidePage, field: DigitField) -> bool:
    """Whether ink runs over the paper between neighbouring digits, twice in a row at least."""
    line = straight_line(side.placed.source, side.placed.registration, field)
    in_a_row = most = 0
    for crossed in _crossed_gaps(line):
        in_a_row = in_a_row + 1 if crossed else 0
        most = max(most, in_a_row)
    return most >= _LEAST_GAPS


def _crossed_gaps(line: StraightLine) -> list[bool]:
    """For each two neighbours whether ink crosses what is paper between them on the blank."""
    steps = np.diff(line.places_px[:, 0])
    if not len(steps):
        return []
    pitch = float(np.median(steps))
    ink, print_ = (darkness(piece)[0] >= _INK_DARKNESS for piece in (line.strip, line.blank))
    crossed = []
    for (x0, y), (x1, _) in pairwise(line.places_px.tolist()):
        if x1 - x0 > 1.5 * pitch:
            crossed.append(False)  # a space parts groups of digits
            continue
        half = max(1, round(_GAP_SHARE * pitch / 2))
        middle = round((x0 + x1) / 2)
        rows = slice(max(0, round(y - _HALF_DIGIT_SHARE * pitch)), round(y + _HALF_DIGIT_SHARE * pitch))
        gap = (rows, slice(middle - half, middle + half + 1))
        crossed.append(_is_crossed(ink[gap]) and not print_[gap].any())
    return crossed


def _is_crossed(gap: Mask) -> bool:
    return bool(gap.size) and bool((gap.mean(axis=1) >= _LINE_SHARE).any())
