"""Darkness of boxes from their grey levels, for many boxes at once.

A box's darkness depends only on the grey level and on the box's paper. So whether a pixel is darker than
a limit is asked of its 8-bit grey, and what does need a darkness looks it up.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import GreyImage, Mask, grey_percentile

Darkness = npt.NDArray[np.float32]
"""Missing light, 0 for paper, 1 for black."""

Numbers = npt.NDArray[np.float64]

_PAPER_PERCENT = 75
_BLACKEST_PAPER = 40.0


def darkness(patch: GreyImage) -> tuple[Darkness, float]:
    """Darkness relative to the local paper, and the paper's grey level."""
    paper = grey_percentile(patch, _PAPER_PERCENT)
    return _darkness(patch, np.float32(paper)), paper


def _darkness(grey: GreyImage, paper: np.float32 | Darkness) -> Darkness:
    dark = (paper - grey) / np.maximum(paper, np.float32(_BLACKEST_PAPER))
    return np.asarray(np.clip(dark, 0, 1, out=dark), np.float32)


def papers(patches: GreyImage) -> Numbers:
    """The grey level of the paper in each of many patches, shape (n, h, w)."""
    return percentiles(histograms(patches), _PAPER_PERCENT)


def darkness_tables(paper: Numbers) -> Darkness:
    """For each patch the darkness of all 256 grey levels, never rising with them, shape (n, 256)."""
    return _darkness(np.arange(256, dtype=np.uint8)[None], paper.astype(np.float32)[:, None])


def as_dark(patches: GreyImage, tables: Darkness, least: float) -> Mask:
    """Where the patches, shape (n, h, w), are at least so dark."""
    # White is never darker than the paper, so that there are 255 dark levels at most.
    levels = (tables >= np.float32(least)).sum(axis=1).astype(np.uint8)
    return np.asarray(patches < levels[:, None, None])


def histograms(patches: GreyImage, masks: Sequence[GreyImage] | GreyImage | None = None) -> Numbers:
    """How many pixels of each patch have which grey level, shape (n, 256); only where its mask is not 0."""
    counts = np.zeros((len(patches), 256))
    if patches.size:
        for index, patch in enumerate(patches):
            mask = None if masks is None else masks[index]
            counts[index] = cv2.calcHist([patch], [0], mask, [256], [0, 256]).ravel()
    return counts


def percentiles(counts: Numbers, percent: float) -> Numbers:
    """`recognition.geometry.grey_percentile` of each histogram; 0 for an empty one."""
    below = np.cumsum(counts, axis=1)
    rank = percent / 100 * np.maximum(below[:, -1] - 1, 0)
    whole = np.floor(rank)
    low = (below <= whole[:, None]).sum(axis=1)
    high = (below <= np.ceil(rank)[:, None]).sum(axis=1)
    found = low + (high - low) * (rank - whole)
    return np.where(below[:, -1] > 0, found, 0.0)


def lightest(planes: GreyImage, rank: int) -> GreyImage:
    """At each place of many planes the grey of this rank, 1 the lightest."""
    # The lightest found so far, in order. Ten times faster than partitioning many short rows.
    kept: list[GreyImage] = []
    for plane in planes:
        rest = np.ascontiguousarray(plane)
        for place, lighter in enumerate(kept):
            kept[place] = np.maximum(lighter, rest)
            rest = np.minimum(lighter, rest)
        if len(kept) < rank:
            kept.append(rest)
    return kept[-1]
