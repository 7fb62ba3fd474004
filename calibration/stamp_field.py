"""The white field for the official stamp."""

from __future__ import annotations

from collections.abc import Sequence

from ballot.geometry import Box
from calibration.blank import BlankSide
from calibration.rectangles import Rectangle

_MIN_MM, _MAX_MM = 18.0, 140.0


def find_stamp_field(side: BlankSide, rectangles: Sequence[Rectangle]) -> Box | None:
    """The largest field of stamp size; one that says «stempel» in or beside it wins."""
    fields = [
        r.box
        for r in rectangles
        if r.fill > 0.9 and min(r.box.w_mm, r.box.h_mm) >= _MIN_MM and max(r.box.w_mm, r.box.h_mm) <= _MAX_MM
    ]
    if not fields:
        return None
    words = [w.box for w in side.words if w.text.casefold().startswith(("stemp", "steampal"))]

    def rank(field: Box) -> tuple[bool, float]:
        return any(field.grown(8).overlap_mm2(word) > 0 for word in words), field.area_mm2

    return max(fields, key=rank)
