"""Strong ink of the other side that shows through the paper."""

from __future__ import annotations

import cv2
import numpy as np

from ballot.geometry import Box
from recognition.field_masks import place_of
from recognition.geometry import MM_PER_INCH, Mask
from recognition.identified import SidePage
from recognition.profile import Profile
from recognition.reference import PAGE_DPI

_SEEN_DARKNESS = 0.08
_LEAST_COVERED = 0.95


def shows_through(side: SidePage, other: SidePage | None, box: Box, profile: Profile) -> bool:
    """Whether the ink in `box` is pale and lies wholly behind strong ink of the sheet's other side.

    Where a place of one side lies on the other depends on whether the paper was turned about its upright
    or its level middle line between the two printings: both are tried. In black and white ink has no
    strength, so nothing is told of it.

    Args:
        other: The other side; None when it was not delivered.
        box: Around ink outside every field, page mm.
    """
    if other is None or other.seen.strong.shape != side.page.shape or not other.seen.strong.any():
        return False
    place = place_of(box, PAGE_DPI)
    darker = side.darker[place]
    pale = darker > 255 * _SEEN_DARKNESS
    if not pale.any() or float(darker.max()) > 255 * profile.shown_darkness:
        return False
    strong = other.seen.strong
    return any(
        float(_near(turned, box, profile.shown_reach_mm)[pale].mean()) >= _LEAST_COVERED
        for turned in (strong[:, ::-1], strong[::-1])
    )


def _near(ink: Mask, box: Box, reach_mm: float) -> Mask:
    """Where in `box` ink is so near."""
    reach = round(reach_mm * PAGE_DPI / MM_PER_INCH)
    rows, cols = place_of(box, PAGE_DPI)
    top, left = max(0, rows.start - reach), max(0, cols.start - reach)
    around = np.ascontiguousarray(ink[top : rows.stop + reach, left : cols.stop + reach]).view(np.uint8)
    round_px = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    near = np.asarray(cv2.dilate(around, round_px), np.uint8).view(bool)
    return near[rows.start - top : rows.stop - top, cols.start - left : cols.stop - left]
