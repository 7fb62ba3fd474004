"""Telling the machine print of a stamp from handwriting, by how straight its lines are.

The letters of a printed line stand on one baseline (or hang from it to one depth), and their tops
lie on three levels (capitals, small letters, and what ends between them like a t), all to within
a tenth of a millimetre over the whole line. Handwriting does not hold that over eight letters and more.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import Mask

Values = npt.NDArray[np.float64]

MIN_TEXT_MM = 18.0
_MIN_LETTERS = 8
_MIN_LETTER_MM, _MAX_LETTER_MM = 2.0, 9.0
_LINE_TOLERANCE_MM = 0.1
_LINE_TOLERANCE_SHARE = 0.025
_MIN_ALIGNED, _MIN_ALIGNED_LONG, _LONG_LETTERS = 0.94, 0.92, 12
_MIN_ON_BASE = 0.65
"""Limits of a line of stamp print. How many handwritten lines pass them is in ``docs/design_notes.md``."""

_MIN_RUN = 4
_MIN_RUN_LETTER_MM, _RUN_TOLERANCE_MM = 1.6, 0.11
"""For a run of letters along a known direction."""

_ANGLE_STEP_DEG = 1.5
_BIN_PX = 2.5
"""Rows narrower than this fill unevenly at 45 degrees, where pixels lie on diagonals."""

_LINE_GAP_SHARE = 0.45
"""Letters whose middles lie closer than this share of the letter height are on one line."""

_MIN_LETTER_PX = 10
_MIN_LETTER_SHARE = 0.4
_MAX_LETTER_WIDTH = 4.0
"""Wider than so many letter heights is a ruled line, not letters that touch each other."""


@dataclass(frozen=True)
class _Letters:
    """Connected parts of the ink, turned level: extents and place in pixels."""

    top: Values
    bottom: Values
    width: Values
    along: Values

    @property
    def height(self) -> Values:
        return self.bottom - self.top

    @property
    def middle(self) -> Values:
        return (self.top + self.bottom) / 2

    def only(self, which: npt.NDArray[np.bool_]) -> _Letters:
        return _Letters(self.top[which], self.bottom[which], self.width[which], self.along[which])


def printed_lines(mask: Mask, px_per_mm: float) -> int:
    """How many straight lines of machine print a group of ink has, as a stamp of text does.

    Args:
        mask: Ink of one group, at 200 dpi or more.
        px_per_mm: Resolution of the mask.
    """
    parts = _Parts(mask)
    if len(parts.sizes) < _MIN_LETTERS or np.hypot(*mask.shape) < MIN_TEXT_MM * px_per_mm:
        return 0
    slope = parts.sharpest_slope()
    for line in _lines(parts.letters(slope)):
        if len(line.width) < _MIN_LETTERS:
            continue
        level = slope + float(np.arctan(_median_slope(line.along, line.bottom)))
        printed = sum(_is_print(own, px_per_mm) for own in _lines(parts.letters(level)))
        if printed:
            return printed
    return 0


def line_agreements(mask: Mask, level: float, px_per_mm: float) -> int:
    """How often letters of one line agree in their feet or tops, along a direction known beforehand.

    Each letter that stands on the level of another, or ends at its height, counts once; feet may
    keep to two levels and tops to three. The most that any run of neighbouring letters reaches.

    Args:
        mask: Ink of one group, at 200 dpi or more.
        level: Direction of the lines in radians.
        px_per_mm: Resolution of the mask.
    """
    parts = _Parts(mask)
    if len(parts.sizes) < _MIN_RUN:
        return 0
    return max((_agreements(line, px_per_mm) for line in _lines(parts.letters(level))), default=0)


def _agreements(line: _Letters, px_per_mm: float) -> int:
    if len(line.width) < _MIN_RUN:
        return 0
    tall = float(np.percentile(line.height, 75))
    if not _MIN_RUN_LETTER_MM <= tall / px_per_mm <= _MAX_LETTER_MM:
        return 0
    reach = 2 * max(_RUN_TOLERANCE_MM * px_per_mm, _LINE_TOLERANCE_SHARE * tall)
    order = np.argsort(line.along)
    feet, tops = line.bottom[order], line.top[order]
    best = 0
    for first in range(len(order) - _MIN_RUN + 1):
        for end in range(first + _MIN_RUN, len(order) + 1):
            below, above = _level_count(feet[first:end], reach), _level_count(tops[first:end], reach)
            if below > 2 or above > 3:
                break
            best = max(best, 2 * (end - first) - below - above)
    return best


def _level_count(edges: Values, reach: float) -> int:
    """The fewest levels, each `reach` high, that hold all edges."""
    ordered, count, index = np.sort(edges), 0, 0
    while index < len(ordered):
        count += 1
        index = int(np.searchsorted(ordered, ordered[index] + reach, side="right"))
    return count


def _is_print(line: _Letters, px_per_mm: float) -> bool:
    """Whether the letters of one line keep to its levels."""
    if len(line.width) < _MIN_LETTERS or np.ptp(line.along) + line.width.mean() < MIN_TEXT_MM * px_per_mm:
        return False
    tall = float(np.percentile(line.height, 75))
    if not _MIN_LETTER_MM <= tall / px_per_mm <= _MAX_LETTER_MM:
        return False
    weight = line.width / line.width.sum()
    tolerance = max(_LINE_TOLERANCE_MM * px_per_mm, _LINE_TOLERANCE_SHARE * tall)
    on_base = np.abs(line.bottom - np.median(line.bottom)) <= tolerance
    if float(weight[on_base].sum()) < _MIN_ON_BASE:
        return False
    feet = _on_levels(line.bottom, weight, tolerance, 2)
    # A hand that keeps level over eight letters by chance does not over twelve.
    least = _MIN_ALIGNED_LONG if len(line.width) >= _LONG_LETTERS else _MIN_ALIGNED
    return min(feet, _on_levels(line.top, weight, tolerance, 3)) >= least


class _Parts:
    """The connected parts of a group of ink."""

    def __init__(self, mask: Mask) -> None:
        count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
        large = np.flatnonzero(stats[:, cv2.CC_STAT_AREA] >= _MIN_LETTER_PX)
        large = large[large > 0]
        renumbered = np.full(count, -1)
        renumbered[large] = np.arange(len(large))
        ys, xs = np.nonzero(mask)
        owner = renumbered[labels[ys, xs]]
        kept = owner >= 0
        self.owner = owner[kept]
        self.x, self.y = xs[kept].astype(np.float64), ys[kept].astype(np.float64)
        self.sizes = np.bincount(self.owner, minlength=len(large))

    def sharpest_slope(self) -> float:
        """Direction of the lines in radians: that in which rows of ink are sharpest."""
        best, best_angle = -1.0, 0.0
        letters = self.sizes >= 0.25 * np.percentile(self.sizes, 75)
        of_letters = letters[self.owner]
        x, y = self.x[of_letters][::3], self.y[of_letters][::3]
        for angle in np.deg2rad(np.arange(-90, 90, _ANGLE_STEP_DEG)):
            across = -np.sin(angle) * x + np.cos(angle) * y
            rows = np.bincount(((across - across.min()) / _BIN_PX).astype(np.int64)).astype(np.float64)
            sharpness = float((np.diff(rows) ** 2).sum())
            if sharpness > best:
                best, best_angle = sharpness, float(angle)
        return best_angle

    def letters(self, slope: float) -> _Letters:
        """The parts measured along and across a direction."""
        across = -np.sin(slope) * self.x + np.cos(slope) * self.y
        along = np.cos(slope) * self.x + np.sin(slope) * self.y
        n = len(self.sizes)
        lowest, highest = np.full(n, np.inf), np.full(n, -np.inf)
        first, last = lowest.copy(), highest.copy()
        np.minimum.at(lowest, self.owner, across)
        np.maximum.at(highest, self.owner, across)
        np.minimum.at(first, self.owner, along)
        np.maximum.at(last, self.owner, along)
        return _Letters(lowest, highest + 1, last - first + 1, (first + last) / 2)


def _lines(letters: _Letters) -> list[_Letters]:
    """Letters parted into lines; dots, commas, specks and ruled lines left out."""
    tall = float(np.percentile(letters.height, 75))
    is_letter = (letters.height >= _MIN_LETTER_SHARE * tall) & (letters.width <= _MAX_LETTER_WIDTH * tall)
    letters = letters.only(is_letter)
    order = np.argsort(letters.middle)
    breaks = np.flatnonzero(np.diff(letters.middle[order]) > _LINE_GAP_SHARE * tall) + 1
    lines = []
    for indices in np.split(order, breaks):
        which = np.zeros(len(order), bool)
        which[indices] = True
        lines.append(letters.only(which))
    return lines


def _median_slope(x: Values, y: Values) -> float:
    """The median of the slopes between all pairs of points (Theil and Sen), 0 for fewer than two."""
    i, j = np.triu_indices(len(x), 1)
    apart = np.abs(x[j] - x[i]) > 8
    if not apart.any():
        return 0.0
    return float(np.median((y[j] - y[i])[apart] / (x[j] - x[i])[apart]))


def _on_levels(edges: Values, weight: Values, tolerance: float, levels: int) -> float:
    """The largest share of the weight that lies within `tolerance` of a few levels, taken greedily."""
    near = np.abs(edges[:, None] - edges[None, :]) <= tolerance
    share, left = 0.0, weight.copy()
    for _ in range(levels):
        reached = near @ left
        best = int(reached.argmax())
        share += float(reached[best])
        left = np.where(near[best], 0.0, left)
    return share
