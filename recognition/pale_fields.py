"""Pale strokes in boxes and rows that were read as empty.

A bright scan leaves a few per cent of a pencil or a light blue pen: less than ink of a box or a name is
known by, but over a place that no grain of paper covers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ballot.geometry import Box
from recognition.field_masks import place_of
from recognition.geometry import Mask
from recognition.identified import SidePage
from recognition.pale_writing import PalePaper, pale_writing
from recognition.profile import Profile
from recognition.reference import PAGE_DPI
from recognition.stray_ink import is_crease

_RIM_MM = 0.6
"""So far from its edge a field is not looked at: its outline may lie there."""


def pale_fields(
    side: SidePage, paper: PalePaper | None, fields: Sequence[Box], told: Mask, profile: Profile
) -> list[Box]:
    """Those of the fields that have pale strokes; none in black and white.

    Args:
        paper: The side's paper; None in black and white.
        fields: Boxes and cells in page mm that were read as empty.
        told: Where ink is told of otherwise, on the straightened page.
    """
    if paper is None:
        return []
    inside = np.zeros(side.page.shape, bool)
    for field in fields:
        inside[place_of(field.grown(-_RIM_MM), PAGE_DPI)] = True
    if not inside.any():
        return []
    patches = pale_writing(paper, ~inside | told, profile, profile.pale_field_darkness)
    strokes = [patch.box for patch in patches if not is_crease(side, patch)]
    return [field for field in fields if any(field.overlap_mm2(box) > 0 for box in strokes)]
