"""Deciding what the ink in a box means. Measuring is done in `recognition.boxes`."""

from __future__ import annotations

from ballot.geometry import Box
from ballot.layout import MarkBox
from ballot.reading import MarkReading, MarkState
from recognition.boxes import BoxMeasure
from recognition.profile import Profile

_MIN_OUTLINE = 0.5
_MIN_REACH_SHARE = 0.25
_MIN_CORE_SHARE = 0.03
_MIN_RING_SHARE = 0.5
_RING_INK = 1.4


def judge_mark(box: MarkBox, measure: BoxMeasure, profile: Profile) -> MarkReading:
    """The state of one box."""
    dx, dy = measure.shift_mm
    return MarkReading(
        kind=box.kind,
        candidate=box.candidate,
        party=box.party,
        score=mark_score(measure, profile),
        state=_state(box.box, measure, profile),
        expected=box.box,
        found=Box(box.box.x_mm + dx, box.box.y_mm + dy, box.box.w_mm, box.box.h_mm),
    )


def mark_score(measure: BoxMeasure, profile: Profile) -> float:
    """Ink on a scale where 0 is clean, 0.5 the limit to doubt and 1 twice a certain mark."""
    if measure.ink_mm2 <= profile.empty_ink_mm2:
        return 0.5 * measure.ink_mm2 / profile.empty_ink_mm2
    span = 2 * profile.marked_ink_mm2 - profile.empty_ink_mm2
    return min(1.0, 0.5 + 0.5 * (measure.ink_mm2 - profile.empty_ink_mm2) / span)


def _state(box: Box, measure: BoxMeasure, profile: Profile) -> MarkState:
    if measure.outline < _MIN_OUTLINE:
        return MarkState.DOUBTFUL
    if measure.ink_mm2 < profile.empty_ink_mm2:
        faint = measure.faint_mm2 - measure.ink_mm2
        return MarkState.DOUBTFUL if faint > profile.faint_ink_mm2 else MarkState.EMPTY
    if measure.ink_share > profile.overfull_share:
        return MarkState.TAKEN_BACK
    enough = measure.ink_mm2 >= profile.marked_ink_mm2
    # Circles and low ticks leave the middle free, but they spread both ways and have much ink.
    round_the_middle = measure.depth_mm >= _MIN_RING_SHARE * min(box.w_mm, box.h_mm)
    central = measure.core_mm2 >= _MIN_CORE_SHARE * measure.ink_mm2 or (
        round_the_middle and measure.ink_mm2 >= _RING_INK * profile.marked_ink_mm2
    )
    spread = measure.reach_mm >= _MIN_REACH_SHARE * min(box.w_mm, box.h_mm)
    if enough and central and spread and not measure.bridges:
        return MarkState.MARKED
    return MarkState.DOUBTFUL
