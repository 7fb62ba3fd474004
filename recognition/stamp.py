"""The official stamp: present, missing or doubtful."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from ballot.geometry import Box
from ballot.reading import StampState
from recognition.detail_ink import DETAIL_MARGIN_MM
from recognition.geometry import MM_PER_INCH, Mask
from recognition.ink import InkPatch, is_crease
from recognition.known_stamp import StampMatch
from recognition.profile import Profile
from recognition.reference import DETAIL_DPI, PAGE_DPI
from recognition.stamp_frame import Points, fit_frame, stroke_share
from recognition.stamp_ink import WeakInk
from recognition.stamp_part import stamp_part
from recognition.stamp_text import MIN_TEXT_MM, printed_lines

_PX_PER_MM = PAGE_DPI / MM_PER_INCH
_MIN_SIDE_MM, MAX_STAMP_MM = 11.0, 75.0
_LEAST_EXTENT_SHARE = 0.7
"""A frame that is inked nearly all round is hardly larger than its ink: no smaller group need be fitted."""

_LINES_WITHOUT_FIELD = 2
_IN_FIELD_SHARE = 0.5


@dataclass(frozen=True)
class StampFinding:
    """The best candidate for a stamp on one side, if any ink could be one.

    Attributes:
        state: Present, doubtful or missing.
        box: Around the ink in question, page mm.
        outline_mm: The stamp's own outline as a polygon, shape (n, 2), when it is present.
        framed: Whether the outline is the stamp's frame, so that nothing of it lies outside,
        ring_mm: but perhaps within this ring, when only a part of it was found; shape (n, 2).
        known: How a stamp known from other sheets lies there, when that is the proof,
        like: or when one lies where the stamp was found by itself.
        why: Why it is doubtful, for the reviewer.
    """

    state: StampState
    box: Box | None
    outline_mm: Points | None = None
    framed: bool = False
    ring_mm: Points | None = None
    known: StampMatch | None = None
    like: StampMatch | None = None
    why: str = "There is ink that may be a stamp."

    @property
    def whole(self) -> bool:
        """Whether it was found as a whole by itself."""
        return self.state is StampState.PRESENT and self.outline_mm is not None and self.ring_mm is None


@dataclass(frozen=True)
class StampRoom:
    """Where on a side print without a frame is a stamp of text, and not a voter's neat writing.

    Of 7,434 pieces of real handwritten lines 2 keep as level as print, and greetings in the fonts of the
    test deck do more often, also in two lines: "LYKKE TIL" was taken for a stamp once. Voters hardly
    write where the stamp belongs; elsewhere on that side, and on the inside, a person looks. On an outside
    without such a place two lines of print are proof.

    Attributes:
        field: Where the ballot has room for the stamp, page mm; None when there is none on this side.
        is_outside: Whether the side lies outside when the ballot is folded.
    """

    field: Box | None
    is_outside: bool

    def admits(self, box: Box, lines: int) -> bool:
        """Whether so many lines of print in a group of ink, with this box around it, prove a stamp."""
        if self.field is not None:
            return lines > 0 and self.field.overlap_mm2(box) >= _IN_FIELD_SHARE * box.w_mm * box.h_mm
        return self.is_outside and lines >= _LINES_WITHOUT_FIELD


def judge_stamp(
    patches: list[InkPatch], sharpened: Callable[[InkPatch], Mask], room: StampRoom, profile: Profile
) -> StampFinding:
    """Decides from the ink groups of one side.

    Args:
        patches: Ink outside marks and rows, grouped so that a stamp is one group.
        sharpened: Gives the same ink at `DETAIL_DPI`, for judging whether it is print.
        room: Where a stamp of text only can be told from what a voter writes.
    """
    traces: Box | None = None
    for patch in sorted(patches, key=lambda p: -p.ink_mm2):
        if patch.is_reproduction:
            continue
        framed = framed_stamp(patch, sharpened, profile)
        if framed is not None:
            return framed
        if _is_stamp_sized(patch):
            lines = printed_lines(sharpened(patch), DETAIL_DPI / MM_PER_INCH)
            if room.admits(patch.box, lines):
                return StampFinding(StampState.PRESENT, patch.box, _level_outline(patch))
        if patch.ink_mm2 >= profile.trace_ink_mm2 and not is_crease(patch):
            # What lies within a stamp's size of the largest trace is part of the same doubt.
            if traces is None:
                traces = patch.box
            elif max(patch.box.united(traces).w_mm, patch.box.united(traces).h_mm) <= MAX_STAMP_MM:
                traces = traces.united(patch.box)
    return StampFinding(StampState.MISSING if traces is None else StampState.DOUBTFUL, traces)


def _is_stamp_sized(patch: InkPatch) -> bool:
    return MIN_TEXT_MM <= float(np.hypot(patch.box.w_mm, patch.box.h_mm)) <= MAX_STAMP_MM


def weak_stamp(patch: InkPatch, ink: WeakInk) -> StampFinding | None:
    """The stamp, when what came out of it proves it: an arc of its ring and print along it.

    Only what lies within the ring is the stamp's, so that a comment beside it is still seen.
    """
    px_per_mm = DETAIL_DPI / MM_PER_INCH
    for mask in ink.masks:
        part = stamp_part(mask, px_per_mm)
        if part is not None:
            own, ring = (
                points / px_per_mm + np.array(ink.corner_mm) for points in (part.own_px, part.ring_px)
            )
            return StampFinding(StampState.PRESENT, patch.box, own, framed=True, ring_mm=ring)
    return None


def framed_stamp(
    patch: InkPatch, sharpened: Callable[[InkPatch], Mask], profile: Profile
) -> StampFinding | None:
    """The stamp, when a group of ink certainly is a framed one: of stamp size, closed, with text in it.

    A comment that touches the stamp is in the same group, so the frame is fitted to the ink.

    Args:
        sharpened: Gives the same ink at `DETAIL_DPI`, to see whether what is inside are letters.
    """
    too_small = min(patch.box.w_mm, patch.box.h_mm) < _LEAST_EXTENT_SHARE * _MIN_SIDE_MM
    if too_small or patch.ink_mm2 < profile.stamp_ink_mm2:
        return None
    frame = fit_frame(patch.mask, _PX_PER_MM)
    if frame is None:
        return None
    if frame.covered >= profile.stamp_frame_share and frame.inner >= profile.stamp_inner_share:
        outline = frame.outline_px / _PX_PER_MM
        size = np.ptp(outline, axis=0)
        if _MIN_SIDE_MM <= size.min() <= size.max() <= MAX_STAMP_MM and not _is_hatched(
            sharpened(patch), outline, profile
        ):
            return StampFinding(StampState.PRESENT, patch.box, outline + _corner_mm(patch), framed=True)
    return None


def _is_hatched(detail: Mask, outline_mm: Points, profile: Profile) -> bool:
    outline_px = (outline_mm + DETAIL_MARGIN_MM) * (DETAIL_DPI / MM_PER_INCH)
    return stroke_share(detail, outline_px, DETAIL_DPI / MM_PER_INCH) > profile.stamp_stroke_share


def _corner_mm(patch: InkPatch) -> Points:
    return np.array([patch.box.x_mm, patch.box.y_mm])


def _level_outline(patch: InkPatch) -> Points:
    """The smallest rectangle around a group of ink, in page mm."""
    points = np.argwhere(patch.mask)[:, ::-1].astype(np.float32)
    rectangle = cv2.boxPoints(cv2.minAreaRect(points.reshape(-1, 1, 2)))
    return np.asarray((rectangle + 0.5) / _PX_PER_MM + _corner_mm(patch), np.float64)
