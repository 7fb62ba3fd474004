"""The official stamp: present, missing or doubtful."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from ballot.reading import StampState
from recognition.geometry import MM_PER_INCH
from recognition.ink import InkPatch, Mask, is_crease
from recognition.profile import Profile
from recognition.reference import DETAIL_DPI, PAGE_DPI

_PX_PER_MM = PAGE_DPI / MM_PER_INCH
_MIN_SIDE_MM, MAX_STAMP_MM = 11.0, 75.0
_MIN_OUTLINE = 0.72
"""A ring or frame lies on its own convex hull nearly all the way; handwriting touches its hull
at a few points (0.2 to 0.5)."""

_MIN_TEXT_MM = 18.0
_MIN_LETTERS = 8
_MIN_LETTER_MM, _MAX_LETTER_MM = 2.0, 9.0
_LINE_TOLERANCE_MM = 0.15
_LINE_TOLERANCE_SHARE = 0.045
_MIN_ALIGNED = 0.9
_MIN_ON_BASE = 0.65
"""Limits of a line of stamp print. Of the 4,956 handwritten lines of «Copiste d'un jour» at
letter heights from 2 to 6 mm, see ``docs/design_notes.md`` for how many pass."""


@dataclass(frozen=True)
class StampFinding:
    """The best candidate for a stamp on one side, if any ink could be one."""

    state: StampState
    box: Box | None


def judge_stamp(
    patches: list[InkPatch], sharpened: Callable[[InkPatch], Mask], profile: Profile
) -> StampFinding:
    """Decides from the ink groups of one side.

    Args:
        patches: Ink outside marks and rows, grouped so that a stamp is one group.
        sharpened: Gives the same ink at `DETAIL_DPI`, for judging whether it is print.
    """
    traces: Box | None = None
    for patch in sorted(patches, key=lambda p: -p.ink_mm2):
        if patch.is_reproduction:
            continue
        if is_framed_stamp(patch, profile) or is_printed_line(sharpened(patch), DETAIL_DPI / MM_PER_INCH):
            return StampFinding(StampState.PRESENT, patch.box)
        if patch.ink_mm2 >= profile.trace_ink_mm2 and not is_crease(patch):
            # What lies within a stamp's size of the largest trace is part of the same doubt.
            if traces is None:
                traces = patch.box
            elif max(patch.box.united(traces).w_mm, patch.box.united(traces).h_mm) <= MAX_STAMP_MM:
                traces = traces.united(patch.box)
    return StampFinding(StampState.MISSING if traces is None else StampState.DOUBTFUL, traces)


def is_framed_stamp(patch: InkPatch, profile: Profile) -> bool:
    """Whether a group of ink is certainly a framed stamp: of stamp size, enough ink, closed."""
    w, h = patch.box.w_mm, patch.box.h_mm
    if patch.ink_mm2 < profile.stamp_ink_mm2 or not _MIN_SIDE_MM <= min(w, h) <= max(w, h) <= MAX_STAMP_MM:
        return False
    return outline_share(patch) >= _MIN_OUTLINE


def is_printed_line(mask: Mask, px_per_mm: float) -> bool:
    """Whether ink is a straight line of machine print, as a stamp of text only leaves.

    The letters of a stamp stand on one baseline (or hang from it to one depth), and their tops
    lie on two lines (capitals and small letters), all to within a fifth of a millimetre over the
    whole line. Handwriting does not hold that over eight letters and more.

    Args:
        mask: Ink of one group, at 200 dpi or more.
        px_per_mm: Resolution of the mask.
    """
    length_mm = float(np.hypot(*mask.shape)) / px_per_mm
    if not _MIN_TEXT_MM <= length_mm <= MAX_STAMP_MM:
        return False
    letters = _letters(mask)
    if letters is None or len(letters.width) < _MIN_LETTERS:
        return False
    height_mm = letters.height / px_per_mm
    if not _MIN_LETTER_MM <= height_mm <= _MAX_LETTER_MM:
        return False
    weight = letters.width / letters.width.sum()
    tolerance = max(_LINE_TOLERANCE_MM * px_per_mm, _LINE_TOLERANCE_SHARE * letters.height)
    on_base = np.abs(letters.bottom - np.median(letters.bottom)) <= tolerance
    if float(weight[on_base].sum()) < _MIN_ON_BASE:
        return False
    feet = _on_two_lines(letters.bottom, weight, tolerance)
    return min(feet, _on_two_lines(letters.top, weight, tolerance)) >= _MIN_ALIGNED


@dataclass(frozen=True)
class _Letters:
    """Letters of a line, turned level: pixel extents, and the height of the tall ones."""

    top: npt.NDArray[np.float64]
    bottom: npt.NDArray[np.float64]
    width: npt.NDArray[np.float64]
    height: float


def _letters(mask: Mask) -> _Letters | None:
    """The connected parts of a line of ink, measured across its own direction."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    ys, xs = np.nonzero(mask)
    if len(xs) < 40:
        return None
    spread = np.cov(np.stack([xs, ys]).astype(np.float64))
    _values, vectors = np.linalg.eigh(spread)
    slope = float(np.arctan2(vectors[1, 1], vectors[0, 1]))
    owner = labels[ys, xs]
    for _ in range(2):
        across = -np.sin(slope) * xs + np.cos(slope) * ys
        along = np.cos(slope) * xs + np.sin(slope) * ys
        rows = []
        for index in range(1, count):
            if stats[index, cv2.CC_STAT_AREA] < 10:
                continue
            own = owner == index
            rise, run = across[own], along[own]
            rows.append((rise.min(), rise.max() + 1, run.max() - run.min() + 1, run.mean()))
        if len(rows) < 3:
            return None
        table = np.array(rows)
        heights = table[:, 1] - table[:, 0]
        tall = float(np.percentile(heights, 75))
        table = table[heights >= 0.4 * tall]
        tilt = _median_slope(table[:, 3], table[:, 1])
        slope += float(np.arctan(tilt))
    return _Letters(table[:, 0], table[:, 1], table[:, 2], tall)


def _median_slope(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> float:
    """The median of the slopes between all pairs of points (Theil and Sen), 0 for fewer than two."""
    i, j = np.triu_indices(len(x), 1)
    apart = np.abs(x[j] - x[i]) > 8
    if not apart.any():
        return 0.0
    return float(np.median((y[j] - y[i])[apart] / (x[j] - x[i])[apart]))


def _on_two_lines(tops: npt.NDArray[np.float64], weight: npt.NDArray[np.float64], tolerance: float) -> float:
    """The largest share of the weight that lies within `tolerance` of one of two levels."""
    near = np.abs(tops[:, None] - tops[None, :]) <= tolerance
    best = 0.0
    for first in near:
        for second in near:
            best = max(best, float(weight[first | second].sum()))
    return best


def outline_share(patch: InkPatch) -> float:
    """Share of the convex hull's outline that has ink within 0.8 mm."""
    points = np.argwhere(patch.mask)[:, ::-1].astype(np.int32)
    hull = cv2.convexHull(points.reshape(-1, 1, 2))
    outline = np.zeros(patch.mask.shape, np.uint8)
    cv2.polylines(outline, [hull], True, 1, 1)
    reach = 2 * round(0.8 * _PX_PER_MM) + 1
    near = cv2.dilate(patch.mask.astype(np.uint8), np.ones((reach, reach), np.uint8))
    on_hull = outline > 0
    return float((near[on_hull] > 0).mean()) if on_hull.any() else 0.0
