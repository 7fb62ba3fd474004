"""Ink in colour over the blank's print, which hides most of it in grey but has no colour of its own."""

from __future__ import annotations

import cv2
import numpy as np

from ballot.geometry import Box
from recognition.chroma import CHROMA_PX_PER_MM, laid_tint
from recognition.geometry import Mask
from recognition.identified import SidePage
from recognition.profile import Profile

_USUAL_PERCENT, _TIMES_USUAL = 99, 2.0
_EVERY = 7
"""Of some ten thousands of pixels at print every seventh tells what is usual."""


def coloured_over_print(side: SidePage, accounted: Mask, profile: Profile) -> list[Box]:
    """Where there is colour at the blank's letters and lines, in page mm.

    A campaign accepted a cross in light blue over the middle of a name, of which grey shows nothing between
    the letters. Its tint was 22 there. Of 282 sheets in colour one other showed so much over so large an area
    without ink there, and was doubted anyway; of the others 99 of 100 pixels at print have at most 8. A
    scanner with wide fringes along print sees less.

    Args:
        accounted: Where colour is told of otherwise, on the page at `PAGE_DPI`.
    """
    height, width = (length // 2 for length in side.page.shape)
    if not side.layout.mark_boxes:
        return []  # decoding the colour of a side takes as long as decoding it in grey
    tint = laid_tint(side.placed, (height, width))
    if tint is None:
        return []
    halved = np.s_[: 2 * height : 2, : 2 * width : 2]
    near = side.placed.registration.side.near_print[halved] & ~accounted[halved]
    if not near.any():
        return []
    places = np.flatnonzero(near)
    tints = tint.reshape(2, -1)
    usual = np.median(tints[:, places[::_EVERY]], axis=1)
    strength = cv2.magnitude(*(plane - np.float32(level) for plane, level in zip(tint, usual, strict=True)))
    at_places = strength.ravel()[places]
    least = max(profile.tint, _TIMES_USUAL * float(np.percentile(at_places[::_EVERY], _USUAL_PERCENT)))
    least_px = profile.tint_ink_mm2 * CHROMA_PX_PER_MM**2
    if np.count_nonzero(at_places >= least) < least_px:
        return []
    coloured = (strength >= least) & ~accounted[halved]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(coloured.astype(np.uint8), connectivity=8)
    at_print = np.bincount(labels[near], minlength=count)
    return [
        Box(*(float(v) / CHROMA_PX_PER_MM for v in stats[label, : cv2.CC_STAT_AREA]))
        for label in range(1, count)
        if at_print[label] >= least_px
    ]
