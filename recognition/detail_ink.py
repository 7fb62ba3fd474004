"""The ink of a group at measuring resolution."""

from __future__ import annotations

import cv2
import numpy as np

from recognition.geometry import MM_PER_INCH, Mask, grey_percentile
from recognition.ink import InkPatch
from recognition.patches import cut, cut_reference
from recognition.reference import PAGE_DPI
from recognition.sides import PlacedImage

DETAIL_MARGIN_MM = 1.0
_INK_DARKNESS = 0.22
_FAINT_DARKNESS = 0.09
_BLACK_SHARE = 0.55
"""Print darker than this share of the paper hides the ink over it."""


def detail_ink(placed: PlacedImage, patch: InkPatch) -> Mask:
    """The ink of a group found at `PAGE_DPI`, cut again from the scan at `DETAIL_DPI`.

    Only ink near the group's own is kept, and none where the blank has print.

    Returns:
        The group's box, with `DETAIL_MARGIN_MM` around it.
    """
    area = patch.box.grown(DETAIL_MARGIN_MM)
    shift = placed.registration.shifts_at(np.array([patch.box.center_mm]))[0]
    grey = cut(placed.source, placed.registration, area, (float(shift[0]), float(shift[1])))
    blank = cut_reference(placed.registration.side.detail, area)
    paper = grey_percentile(grey, 75)
    darkness = (paper - np.arange(256)) / max(paper, 40.0)
    # A faint stamp is judged by its own blackness, so that its letters do not fall apart.
    own = (paper - grey_percentile(grey, 3)) / max(paper, 40.0)
    darkest = darkness >= min(_INK_DARKNESS, max(_FAINT_DARKNESS, 0.45 * own))
    dark = cv2.LUT(grey, darkest.astype(np.uint8)) > 0
    # Ink is what is darker than the blank's print; over pale tints it is seen all the same.
    white = float(np.percentile(blank, 75))
    print_darkness = np.maximum(0, (white - blank.astype(np.float32)) / max(white, 40.0))
    dark &= darkness[grey] - cv2.dilate(print_darkness, np.ones((5, 5), np.uint8)) >= _FAINT_DARKNESS
    printed = cv2.dilate((blank < _BLACK_SHARE * white).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    coarse = np.pad(patch.mask, round(DETAIL_MARGIN_MM * PAGE_DPI / MM_PER_INCH)).astype(np.uint8)
    wider = cv2.dilate(coarse, np.ones((5, 5), np.uint8))
    near = cv2.resize(wider, (dark.shape[1], dark.shape[0]), interpolation=cv2.INTER_NEAREST) > 0
    kept: Mask = dark & ~printed & near
    return kept
