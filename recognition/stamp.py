"""The official stamp: present, missing or doubtful."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ballot.geometry import Box
from ballot.reading import StampState
from recognition.geometry import MM_PER_INCH
from recognition.ink import InkPatch
from recognition.profile import Profile
from recognition.reference import PAGE_DPI

_PX_PER_MM = PAGE_DPI / MM_PER_INCH
_MIN_SIDE_MM, _MAX_SIDE_MM = 11.0, 75.0
_MIN_OUTLINE = 0.72
"""A ring or frame lies on its own convex hull nearly all the way; handwriting touches its hull
at a few points (0.2 to 0.5)."""


@dataclass(frozen=True)
class StampFinding:
    """The best candidate for a stamp on one side, if any ink could be one."""

    state: StampState
    box: Box | None


def judge_stamp(patches: list[InkPatch], profile: Profile) -> StampFinding:
    """Decides from the ink groups of one side.

    Args:
        patches: Ink outside marks and rows, grouped so that a stamp is one group.
    """
    doubtful: StampFinding | None = None
    for patch in sorted(patches, key=lambda p: -p.ink_mm2):
        if is_stamp(patch, profile):
            return StampFinding(StampState.PRESENT, patch.box)
        if patch.ink_mm2 >= profile.trace_ink_mm2 and doubtful is None:
            doubtful = StampFinding(StampState.DOUBTFUL, patch.box)
    return doubtful or StampFinding(StampState.MISSING, None)


def is_stamp(patch: InkPatch, profile: Profile) -> bool:
    """Whether a group of ink is certainly a stamp: of stamp size, enough ink, a closed frame."""
    w, h = patch.box.w_mm, patch.box.h_mm
    if patch.ink_mm2 < profile.stamp_ink_mm2 or not _MIN_SIDE_MM <= min(w, h) <= max(w, h) <= _MAX_SIDE_MM:
        return False
    return outline_share(patch) >= _MIN_OUTLINE


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
