"""Lines along the whole page: folds, creases and scanner streaks, which no voter drew."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.geometry import MM_PER_INCH, GreyImage, Mask
from recognition.ink import InkPatch, is_thin_line, patch_place
from recognition.reference import PAGE_DPI

_REACH_PX, _LEAN_PX, _SIDE_PX = 12, 3, 6
_BAND_PX, _LEAST_ROWS = 8, 4
_FEWEST_BANDS = 20
_DARKER_GREY = 2.5
"""The mean of a band of paper varies by one grey level."""

_SHARE = 0.6
_WHOLE_SHARE, _PALER_THAN_INK_GREY = 0.8, 38
"""A pale line as long as the page leaves no rest of it to look at. No hand draws one so upright."""

_EVEN_GREY = 8
_DARK_PERCENT, _MOST_DARKER, _DARKER_BY_GREY = 95, 1.5, 10.0
"""A piece may be so much darker than the darkest twentieth of what goes on: the pieces of folds that were
seen as ink are as dark or little darker, a pencil on a fold of 6 grey levels is darker by 50."""


def on_crease(page: GreyImage, blank: GreyImage, ink: Mask, patch: InkPatch) -> bool:
    """Whether a thin line is a piece of one that goes on, paler than ink, along most of the page.

    Where a sheet was folded twice an upright and a level line cross; both must go on.

    Args:
        page: The straightened scan, at the resolution of the patch.
        blank: The blank, same shape.
        ink: What vouches for nothing, as the pieces of a dashed line; same shape.
    """
    if is_thin_line(patch):
        return _goes_on(page, blank, ink, patch)
    arms = _arms(patch)
    return arms is not None and all(is_thin_line(arm) and _goes_on(page, blank, ink, arm) for arm in arms)


def _arms(patch: InkPatch) -> tuple[InkPatch, InkPatch] | None:
    """The upright and the level line of which a group is made; None of a group with anything else."""
    column = int(patch.mask.sum(axis=0).argmax())
    upright, level = np.zeros_like(patch.mask), np.zeros_like(patch.mask)
    near = slice(max(0, column - _LEAN_PX), column + _LEAN_PX + 1)
    upright[:, near] = patch.mask[:, near]
    rest = patch.mask & ~upright
    row = int(rest.sum(axis=1).argmax())
    near = slice(max(0, row - _LEAN_PX), row + _LEAN_PX + 1)
    level[near] = rest[near]
    if not level.any() or (rest & ~level).any():
        return None
    return _part(patch, upright), _part(patch, level)


def _part(patch: InkPatch, mask: Mask) -> InkPatch:
    """Some of the ink of a patch."""
    rows, cols = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    own = mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    px_mm = MM_PER_INCH / PAGE_DPI
    left, top = patch.box.x_mm + cols[0] * px_mm, patch.box.y_mm + rows[0] * px_mm
    box = Box(float(left), float(top), own.shape[1] * px_mm, own.shape[0] * px_mm)
    ink_mm2 = int(np.count_nonzero(own)) * px_mm**2
    return InkPatch(box, ink_mm2, ink_mm2, own)


def _goes_on(page: GreyImage, blank: GreyImage, ink: Mask, patch: InkPatch) -> bool:
    rows, cols = patch_place(patch)
    if patch.box.w_mm > patch.box.h_mm:
        page, blank, ink, rows, cols = page.T, blank.T, ink.T, cols, rows
    middle = (cols.start + cols.stop) // 2
    if middle < _REACH_PX or middle + _REACH_PX >= page.shape[1]:
        return False
    strip = slice(middle - _REACH_PX, middle + _REACH_PX + 1)
    even = np.ptp(blank[:, strip], axis=1) <= _EVEN_GREY
    even &= ~ink[:, strip].any(axis=1)
    even[rows] = False  # the patch does not vouch for itself
    paper = page[:, strip].astype(np.float64)
    if rows.stop - rows.start >= _WHOLE_SHARE * len(page):
        return _darkness(paper[rows]) <= _PALER_THAN_INK_GREY
    darker = _darker_in_middle(paper, even)
    if len(darker) < _FEWEST_BANDS or float(np.mean(darker > _DARKER_GREY)) < _SHARE:
        return False
    most = _MOST_DARKER * float(np.percentile(darker, _DARK_PERCENT)) + _DARKER_BY_GREY
    return _darkness(paper[rows]) <= most


def _darker_in_middle(strip: npt.NDArray[np.float64], even: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """By how many grey levels each band of a strip is darker near its middle than at both sides.

    Args:
        even: The rows in which the blank has no print.
    """
    found = []
    for start in range(0, len(strip), _BAND_PX):
        band = strip[start : start + _BAND_PX][even[start : start + _BAND_PX]]
        if len(band) < _LEAST_ROWS:
            continue
        found.append(_darkness(band))
    return np.array(found)


def _darkness(band: npt.NDArray[np.float64]) -> float:
    profile = band.mean(axis=0)
    beside = min(profile[:_SIDE_PX].mean(), profile[-_SIDE_PX:].mean())
    return float(beside - profile[_REACH_PX - _LEAN_PX : _REACH_PX + _LEAN_PX + 1].min())
