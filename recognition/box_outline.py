"""The printed outline of a box: where it lies on a scan, and whether all of it is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.geometry import GreyImage, grey_percentile
from recognition.patches import PX_PER_MM

Darkness = npt.NDArray[np.float32]
"""Missing light, 0 for paper, 1 for black."""

MARGIN_MM = 2.4
"""Paper around a box that is cut out with it."""

_SEARCH_MM, _STEP_PX = 1.2, 0.25
_ALONG = 0.15
_LOW_PERCENT = 30
"""A printed line is dark all along, a pen stroke only where it crosses."""

_LEAST_LINE, _NEAR_BEST = 0.12, 0.65
_SIDE_PX = 4
_OUTLINE_DARKNESS, _SEEN_DARKNESS = 0.3, 0.15


def darkness(patch: GreyImage) -> tuple[Darkness, float]:
    """Darkness relative to the local paper, and the paper's grey level."""
    paper = grey_percentile(patch, 75)
    dark = (np.float32(paper) - patch) / np.float32(max(paper, 40.0))
    return np.clip(dark, 0, 1, out=dark), paper


def outline_shifts(patches: Sequence[GreyImage], boxes: Sequence[Box]) -> npt.NDArray[np.float64]:
    """Offsets in mm at which the four sides of each outline are darkest, shape (n, 2); NaN if unclear.

    Args:
        patches: The boxes with `MARGIN_MM` around them.
    """
    found = np.full((len(boxes), 2), np.nan)
    alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, (patch, box) in enumerate(zip(patches, boxes, strict=True)):
        alike[(*patch.shape, *_size_px(box))].append(index)
    for (_, _, w, h), group in alike.items():
        dark = np.stack([darkness(patches[i])[0] for i in group])
        left = round(MARGIN_MM * PX_PER_MM)
        rows = slice(round(left + _ALONG * h), round(left + (1 - _ALONG) * h))
        cols = slice(round(left + _ALONG * w), round(left + (1 - _ALONG) * w))
        found[group, 0] = _pair_offsets(_low(dark[:, rows, :], 1), left, w)
        found[group, 1] = _pair_offsets(_low(dark[:, :, cols], 2), left, h)
    return found


def _size_px(box: Box) -> tuple[int, int]:
    return round(box.w_mm * PX_PER_MM), round(box.h_mm * PX_PER_MM)


def _low(dark: Darkness, axis: int) -> Darkness:
    rank = dark.shape[axis] * _LOW_PERCENT // 100
    return np.asarray(np.partition(dark, rank, axis=axis).take(rank, axis=axis), np.float32)


def _pair_offsets(profiles: Darkness, start: float, length: float) -> npt.NDArray[np.float64]:
    """Where two lines `length` apart fit each darkness profile best, relative to `start`, in mm."""
    reach = round(_SEARCH_MM * PX_PER_MM)
    steps = np.arange(-reach, reach + 0.01, _STEP_PX)
    first, second = (_between(profiles, at - 0.5 + steps) for at in (start, start + length))
    both = np.minimum(first, second) + 0.25 * (first + second)
    best = both.argmax(axis=1)
    peaks = both[np.arange(len(both)), best]
    offsets = np.full(len(both), np.nan)
    for index in np.flatnonzero((peaks >= _LEAST_LINE) & (best > 0) & (best < len(steps) - 1)):
        near = both[index] >= _NEAR_BEST * peaks[index]
        apart = np.flatnonzero(~near)
        low = apart[apart < best[index]].max(initial=-1) + 1
        high = apart[apart > best[index]].min(initial=len(steps))
        weights = both[index, low:high]
        offsets[index] = float((steps[low:high] * weights).sum() / weights.sum() / PX_PER_MM)
    return offsets


def _between(profiles: Darkness, at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Profiles between their pixels, by linear interpolation; the end pixels go on beyond the ends."""
    last = profiles.shape[1] - 1
    inside = np.clip(at, 0, last)
    low = np.minimum(inside.astype(np.int64), max(0, last - 1))
    share = inside - low
    return np.asarray(profiles[:, low] * (1 - share) + profiles[:, np.minimum(low + 1, last)] * share)


def outline_seen(
    dark: Darkness, blank_dark: Darkness, box: tuple[slice, slice], thick: Darkness
) -> tuple[float, float]:
    """How much of the printed outline is there.

    Args:
        dark, blank_dark: The scan and the blank around the box.
        box: Rows and columns of the box in them.
        thick: `dark`, each pixel the darkest within two.

    Returns:
        The worst side's share of outline pixels that are dark where the blank's are, and the
        longest piece of outline that is missing, in mm.
    """
    rows, cols = box
    ends = [slice(s - _SIDE_PX, s + _SIDE_PX + 1) for s in (cols.start, cols.stop, rows.start, rows.stop)]
    sides = ((rows, ends[0], 1), (rows, ends[1], 1), (ends[2], cols, 0), (ends[3], cols, 0))
    worst, longest = 1.0, 0
    for side_rows, side_cols, across in sides:
        expected = blank_dark[side_rows, side_cols] >= _OUTLINE_DARKNESS
        if not expected.any():
            continue
        worst = min(worst, float((thick[side_rows, side_cols][expected] >= _SEEN_DARKNESS).mean()))
        there = np.asarray((dark[side_rows, side_cols] >= _SEEN_DARKNESS).any(axis=across))
        missing = np.asarray(expected.any(axis=across)) & ~there
        if missing.any():
            longest = max(longest, _longest_run(missing))
    return worst, longest / PX_PER_MM


def _longest_run(flags: npt.NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return int((edges[1::2] - edges[::2]).max())
