"""The printed outline of a box: where it lies on a scan, and whether all of it is there."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from recognition.box_blanks import MARGIN_MM, BoxFrame, OutlineSides
from recognition.box_greys import Darkness, Numbers, as_dark, darkness, lightest
from recognition.geometry import GreyImage
from recognition.patches import PX_PER_MM

__all__ = ["MARGIN_MM", "Darkness", "darkness", "outline_shifts", "outlines_seen"]

_SEARCH_MM, _STEP_PX = 1.2, 0.25
_ALONG = 0.15
_LOW_PERCENT = 30
"""A printed line is dark all along, a pen stroke only where it crosses."""

_LEAST_LINE, _NEAR_BEST = 0.12, 0.65
_SEEN_DARKNESS = 0.15
_THICKNESS = np.ones((5, 5), np.uint8)


def outline_shifts(patches: GreyImage, tables: Darkness, frame: BoxFrame) -> Numbers:
    """Offsets in mm at which the four sides of each outline are darkest, shape (n, 2); NaN if unclear.

    Args:
        patches: Boxes of one size with paper around, shape (n, rows, columns).
        tables: See `recognition.box_greys.darkness_tables`.
        frame: Where the box lies in each patch.
    """
    left, w, h = frame.margin, frame.w, frame.h
    rows = slice(round(left + _ALONG * h), round(left + (1 - _ALONG) * h))
    cols = slice(round(left + _ALONG * w), round(left + (1 - _ALONG) * w))
    across = _pair_offsets(_low(patches[:, rows, :], 1, tables), left, w)
    down = _pair_offsets(_low(patches[:, :, cols], 2, tables), left, h)
    return np.stack([across, down], axis=1)


def _low(patches: GreyImage, axis: int, tables: Darkness) -> Darkness:
    """The darkness that all but a few pixels along an axis have."""
    # Counted from the lightest, which is the least dark.
    least = patches.shape[axis] * _LOW_PERCENT // 100 + 1
    grey = lightest(np.moveaxis(patches, axis, 0), least)
    return np.take_along_axis(tables, grey.astype(np.intp), axis=1)


def _pair_offsets(profiles: Darkness, start: float, length: float) -> npt.NDArray[np.float64]:
    """Where two lines `length` apart fit each darkness profile best, relative to `start`, in mm."""
    reach = round(_SEARCH_MM * PX_PER_MM)
    steps = np.arange(-reach, reach + 0.01, _STEP_PX)
    first, second = (_between(profiles, at - 0.5 + steps) for at in (start, start + length))
    both = np.minimum(first, second) + 0.25 * (first + second)
    best = both.argmax(axis=1)
    peaks = both[np.arange(len(both)), best]
    offsets = np.full(len(both), np.nan)
    places = np.arange(len(steps))
    far = both < _NEAR_BEST * peaks[:, None]
    # The run of places around the best that are nearly as good.
    starts = np.where(far & (places < best[:, None]), places, -1).max(axis=1) + 1
    stops = np.where(far & (places > best[:, None]), places, len(steps)).min(axis=1)
    is_clear = (peaks >= _LEAST_LINE) & (best > 0) & (best < len(steps) - 1)
    moments = both * steps
    for index in np.flatnonzero(is_clear).tolist():
        run = slice(starts[index], stops[index])
        offsets[index] = moments[index, run].sum() / both[index, run].sum() / PX_PER_MM
    return offsets


def _between(profiles: Darkness, at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Profiles between their pixels, by linear interpolation; the end pixels go on beyond the ends."""
    last = profiles.shape[1] - 1
    inside = np.clip(at, 0, last)
    low = np.minimum(inside.astype(np.int64), max(0, last - 1))
    share = inside - low
    return np.asarray(profiles[:, low] * (1 - share) + profiles[:, np.minimum(low + 1, last)] * share)


def outlines_seen(
    patches: GreyImage, tables: Darkness, sides: Sequence[OutlineSides]
) -> tuple[Numbers, Numbers]:
    """How much of each printed outline is there.

    Args:
        patches: Boxes of one size with paper around, shape (n, rows, columns).
        tables: See `recognition.box_greys.darkness_tables`.
        sides: What the blank shows.

    Returns:
        The worst side's share of outline pixels that are dark (or within two pixels of what is) where the
        blank's are, and the longest piece of outline that is missing, in mm.
    """
    dark = as_dark(patches, tables, _SEEN_DARKNESS)
    # All patches lie below each other; outlines are far enough from their rims for it not to matter.
    thick = cv2.dilate(dark.view(np.uint8).reshape(-1, dark.shape[2]), _THICKNESS).view(bool)
    thick = thick.reshape(dark.shape)
    worst, longest = np.ones(len(patches)), np.zeros(len(patches), np.int64)
    for side in sides:
        place = (slice(None), *side.place)
        seen = (thick[place] & side.expected).sum(axis=(1, 2)) / np.maximum(side.count, 1)
        worst = np.minimum(worst, np.where(side.count > 0, seen, 1.0))
        missing = side.along & ~dark[place].any(axis=side.across)
        for index in np.flatnonzero(missing.any(axis=1)):
            longest[index] = max(longest[index], _longest_run(missing[index]))
    return worst, longest / PX_PER_MM


def _longest_run(flags: npt.NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return int((edges[1::2] - edges[::2]).max())
