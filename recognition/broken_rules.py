"""Holes in the write-in table, told by the ruled lines they break.

A hole before a lid as white as the paper leaves nothing dark, and of a thin line too little is gone for the
comparison with the blank to notice.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from ballot.layout import WriteInRow
from recognition.geometry import GreyImage, grey_percentile
from recognition.patches import PX_PER_MM, DetailSource, cut, cut_reference
from recognition.register import Registration

_REACH_MM = 1.2
_LEAST_GAP_MM = 3.0
_RULED_SHARE, _DOTTED_SHARE = 0.3, 0.3
"""Share of a strip's columns in which the blank must have ink for it to be ruled, dotted lines included, and
of a gap's."""

_LEAST_CONTRAST = 25
_RULE_PERCENT = 25
_SEEN_SHARE = 0.4
"""A column is there that is darker than the paper by this share of what the line usually is."""

_WHOLE_SHARE = 0.95
"""Of the line beside a gap so much must be there: a threshold that is too high breaks all of it."""

Columns = npt.NDArray[np.bool_]


def broken_rule(
    source: DetailSource, registration: Registration, detail: GreyImage, rows: tuple[WriteInRow, ...]
) -> Box | None:
    """The longest piece that is gone of a line between the rows, in page mm; None where all are whole.

    Args:
        detail: The blank at the resolution of `recognition.patches`.
    """
    found = []
    for area in _lines(rows):
        shift = registration.shifts_at(np.array([area.center_mm]))[0]
        strip = cut(source, registration, area, (float(shift[0]), float(shift[1])))
        if (gap := _gap(strip, cut_reference(detail, area))) is not None:
            first, last = (end / PX_PER_MM for end in gap)
            found.append(Box(area.x_mm + first, area.y_mm, last - first, area.h_mm))
    return max(found, key=lambda gap: gap.w_mm, default=None)


def _lines(rows: tuple[WriteInRow, ...]) -> list[Box]:
    """The strips around the lines above and below the rows, each once."""
    strips: list[Box] = []
    for whole in (row.whole for row in rows):
        for y_mm in (whole.y_mm, whole.bottom_mm):
            strip = Box(whole.x_mm, y_mm - _REACH_MM, whole.w_mm, 2 * _REACH_MM)
            if all(strip.overlap_mm2(other) < strip.area_mm2 / 2 for other in strips):
                strips.append(strip)
    return strips


def _gap(strip: GreyImage, blank: GreyImage) -> tuple[int, int] | None:
    """The columns in which a line is gone that is whole on both sides of them."""
    ruled: Columns = blank.min(axis=0) < grey_percentile(blank, 80) - _LEAST_CONTRAST
    if ruled.mean() < _RULED_SHARE:
        return None
    darkest = strip.min(axis=0).astype(np.int16)
    paper = grey_percentile(strip, 80)
    usual = float(np.percentile(darkest[ruled], _RULE_PERCENT))
    if paper - usual < _LEAST_CONTRAST:
        return None
    seen: Columns = darkest < paper - _SEEN_SHARE * (paper - usual)
    edges = np.flatnonzero(np.diff(~seen[_span(ruled)], prepend=False, append=False)) + _span(ruled).start
    runs = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    if not runs:
        return None
    first, last = max(runs, key=lambda run: run[1] - run[0])
    beside = ruled.copy()
    beside[first:last] = False
    is_long = last - first >= _LEAST_GAP_MM * PX_PER_MM and ruled[first:last].mean() >= _DOTTED_SHARE
    is_whole = beside.any() and seen[beside].mean() >= _WHOLE_SHARE
    return (first, last) if is_long and is_whole else None


def _span(ruled: Columns) -> slice:
    """From the first to the last column of a line."""
    columns = np.flatnonzero(ruled)
    return slice(int(columns[0]), int(columns[-1]) + 1)
