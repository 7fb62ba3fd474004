"""The official stamp of a sheet: found on either side, and the ink that is its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np

from ballot.geometry import Box
from ballot.layout import PageSide
from ballot.reading import DoubtCode, ScanSide, StampState
from recognition.count_stamps import CountStamps, KnownStamp
from recognition.detail_ink import detail_ink
from recognition.findings import Findings
from recognition.geometry import MM_PER_INCH, Mask
from recognition.identified import IdentifiedSheet, SidePage
from recognition.ink import InkPatch, faint_ink, group_ink, zone_mask
from recognition.known_stamp import StampMatch, find_known, grown_near, second_impression
from recognition.profile import Profile
from recognition.reference import PAGE_DPI, CompiledSide
from recognition.stamp import MAX_STAMP_MM, StampFinding, StampRoom, framed_stamp, judge_stamp, weak_stamp
from recognition.stamp_frame import Points
from recognition.stamp_ink import weak_ink
from recognition.stamp_search import Place, likely_place

_STAMP_GAP_MM = 3.2
_MIN_WEAK_MM2 = 12.0
_MOST_PLACES = 2
_MIDDLE_PX = 8
_FRAME_MARGIN_MM = 1.0
_LOOSE_MARGIN_MM = 2.0
_UNLIKE_KNOWN = (
    "It looks like a stamp, but not all of it like one of those on the other ballots: "
    "another office's, or written over."
)
_SET_OFF = "It is the print of a stamp reversed: set off from another ballot while it was wet."
_MORE_REVERSED = 0.15
"""So much more of a stamp must be seen reversed: in black and white a clear one had about as much."""

_HIDDEN_REACH_MM = 15.0
"""Ink of a stamp that lies in boxes is not seen as part of it, so without a frame its true extent
may be larger than what was found."""


@dataclass(frozen=True)
class StampArea:
    """Where ink of one scanned side is the stamp's.

    Attributes:
        own: Its ink lies here.
        reach: It may reach so far under the fields, whose ink is not told apart.
        whole: Whether it was found as a whole, so that its picture may serve for finding it elsewhere.
    """

    scan: ScanSide
    own: Mask
    reach: Mask
    whole: bool


def side_stamp(side: SidePage, stray: Mask, profile: Profile) -> StampFinding:
    """The stamp of one side; a weak one in the stamp field is looked at again for its frame.

    Args:
        stray: Ink and traces of ink that belong to no field.
    """
    near = side.placed.registration.side.near_print
    groups = group_ink(stray, _STAMP_GAP_MM, near)
    field = side.layout.stamp_field
    room = StampRoom(field, side.placed.page is PageSide.OUTSIDE)
    sharpened = partial(detail_ink, side.placed)
    found = judge_stamp(groups, sharpened, room, profile)
    if found.state is StampState.PRESENT:
        return found
    weak = _weak_stamp(side, groups)
    if weak is not None:
        return weak
    if field is None:
        return found
    faint = faint_ink(side.seen.level, side.placed.registration.side, field.grown(-1.5))
    for patch in group_ink(faint, _STAMP_GAP_MM, near):
        framed = None if patch.is_reproduction else framed_stamp(patch, sharpened, profile)
        if framed is not None:
            return framed
    return found


def known_stamp(
    side: SidePage, stray: Mask, stamps: tuple[KnownStamp, ...], everywhere: bool, profile: Profile
) -> StampFinding | None:
    """A stamp of the count where one side has ink that could be one, or where the stamp belongs.

    Args:
        stray: Ink and traces of ink that belong to no field.
        everywhere: Whether to look at the rest of the side as well, as where a tint in black and white
            hides all ink.
    """
    compiled = side.placed.registration.side
    groups = group_ink(stray, _STAMP_GAP_MM, compiled.near_print)
    boxes = [p.box for p in sorted(groups, key=lambda p: -p.ink_mm2) if p.ink_mm2 >= _MIN_WEAK_MM2]
    places = [(_pixels(box), stamps) for box in boxes[:_MOST_PLACES]]
    if side.layout.stamp_field is not None:
        places.append((_pixels(side.layout.stamp_field), stamps))
    darker, bilevel = side.darker, side.placed.work.scan.bilevel
    if everywhere:
        anywhere = ((likely_place(darker, stamp), (stamp,)) for stamp in stamps)
        places += [(place, one) for place, one in anywhere if place is not None]
    for place, some in places:
        for match in find_known(darker, place, some, compiled.near_print, bilevel):
            if not match.is_there(profile):
                continue
            if match.is_clear or not _is_set_off(side, place, stamps, profile):
                return StampFinding(StampState.PRESENT, match.box(), known=match)
    return None


def held_to_known(side: SidePage, found: StampFinding, count: CountStamps, profile: Profile) -> StampFinding:
    """A stamp that was found, with the known one that lies there when it was found as a whole.

    Where the stamps of the count are all known, one that is like none of them is doubted: it may be a
    voter's drawing, or print of another office. One that is a known stamp reversed was set off from another
    ballot, and is none.
    """
    if found.state is not StampState.PRESENT or not count.known:
        return found
    places = _places_of(side, found, count.complete, profile)
    like = _known_at(side, places, count.known, profile)
    is_clear = like is not None and like.is_clear
    if not is_clear and any(_is_set_off(side, place, count.known, profile) for place in places):
        return replace(found, state=StampState.DOUBTFUL, why=_SET_OFF)
    if like is not None:
        return replace(found, like=like) if found.whole else found
    is_unlike = found.whole and count.complete and bool(places)
    return replace(found, state=StampState.DOUBTFUL, why=_UNLIKE_KNOWN) if is_unlike else found


def _is_set_off(side: SidePage, place: Place, stamps: tuple[KnownStamp, ...], profile: Profile) -> bool:
    """Whether clearly more of the known stamps lies there reversed than upright.

    Half of the pieces of a ring of letters look alike both ways: of six stamps that were set off 39 to 53 %
    of the stamp was seen, and all of its reverse; of own stamps all, and 45 to 55 % of the reverse.
    """
    compiled = side.placed.registration.side
    darker, bilevel = side.darker, side.placed.work.scan.bilevel

    def most(some: tuple[KnownStamp, ...]) -> StampMatch | None:
        found = find_known(darker, place, some, compiled.near_print, bilevel)
        return max(found, key=lambda match: match.share, default=None)

    reverse = most(tuple(stamp.mirrored() for stamp in stamps))
    if reverse is None or not reverse.is_proof(profile):
        return False  # hardly any is, so that the other search, which takes as long, is seldom made
    upright = most(stamps)
    return reverse.share > (0.0 if upright is None else upright.share + _MORE_REVERSED)


def _places_of(side: SidePage, found: StampFinding, closely: bool, profile: Profile) -> list[Place]:
    """Where the middle of a stamp that was found may be; closely: anywhere within it, too."""
    ys, xs = np.nonzero(_area(side, found, profile).own)
    if not len(ys):
        return []
    row, col = int(ys.min() + ys.max()) // 2, int(xs.min() + xs.max()) // 2
    middle = slice(row - _MIDDLE_PX, row + _MIDDLE_PX), slice(col - _MIDDLE_PX, col + _MIDDLE_PX)
    whole = slice(int(ys.min()), int(ys.max()) + 1), slice(int(xs.min()), int(xs.max()) + 1)
    return [middle, whole] if closely else [middle]


def _known_at(
    side: SidePage, places: list[Place], stamps: tuple[KnownStamp, ...], profile: Profile
) -> StampMatch | None:
    """The stamp that lies at the first place where one does; a clear one before others."""
    compiled = side.placed.registration.side
    darker, bilevel = side.darker, side.placed.work.scan.bilevel
    for place in places:
        there: list[StampMatch] = []
        for match in find_known(darker, place, stamps, compiled.near_print, bilevel):
            if match.is_there(profile):
                if match.is_clear:
                    return match
                there.append(match)
        if there:
            return there[0]
    return None


def completed(side: SidePage, area: StampArea, known: tuple[KnownStamp, ...], profile: Profile) -> StampArea:
    """The area of a stamp found in part, with all that the known one has there, and its second impression."""
    ys, xs = np.nonzero(area.own)
    if not len(ys):
        return area
    place = (slice(int(ys.min()), int(ys.max()) + 1), slice(int(xs.min()), int(xs.max()) + 1))
    compiled = side.placed.registration.side
    darker, bilevel = side.darker, side.placed.work.scan.bilevel
    for match in find_known(darker, place, known, compiled.near_print, bilevel):
        if match.is_there(profile):
            shape = area.own.shape
            own, reach = area.own | match.ink(shape), area.reach | match.area(shape)
            bounced = second_impression(darker, match)
            if bounced is not None:
                own, reach = own | bounced.ink(shape), reach | bounced.area(shape)
            return replace(area, own=own, reach=reach, whole=False)
    return area


def _pixels(box: Box) -> tuple[slice, slice]:
    scale = PAGE_DPI / MM_PER_INCH
    return (
        slice(int(box.y_mm * scale), int(box.bottom_mm * scale) + 1),
        slice(int(box.x_mm * scale), int(box.right_mm * scale) + 1),
    )


def _weak_stamp(side: SidePage, groups: list[InkPatch]) -> StampFinding | None:
    """Looks again, closer, at the largest groups; not in black and white, where print thickens."""
    if side.placed.work.scan.bilevel:
        return None
    largest = [p for p in groups if p.ink_mm2 >= _MIN_WEAK_MM2 and not p.is_reproduction]
    for patch in sorted(largest, key=lambda p: -p.ink_mm2)[:2]:
        if max(patch.box.w_mm, patch.box.h_mm) <= MAX_STAMP_MM:
            found = weak_stamp(patch, weak_ink(side.placed, patch))
            if found is not None:
                return found
    return None


def conclude_stamp(
    stamps: list[tuple[SidePage, StampFinding]], sheet: IdentifiedSheet, profile: Profile, findings: Findings
) -> StampArea | None:
    """Sets the sheet's stamp from both sides. Returns where ink is the stamp's."""
    for state in (StampState.PRESENT, StampState.DOUBTFUL):
        for side, found in stamps:
            if found.state is not state or found.box is None:
                continue
            if state is StampState.DOUBTFUL and not _may_be_stamp(side, found):
                continue
            findings.stamp = state
            if state is StampState.DOUBTFUL:
                findings.doubt(DoubtCode.STAMP_UNCERTAIN, side.placed.scan, found.box, detail=found.why)
            area = _area(side, found, profile)
            if state is StampState.DOUBTFUL and not _in_stamp_field(side, found.box):
                # Elsewhere it may as well be a comment, which is told of as such too.
                area = replace(area, own=np.zeros_like(area.own))
            return area
    if len(sheet.sides) < 2:
        findings.stamp = StampState.DOUBTFUL
        detail = "No stamp on the side that was delivered; the other is missing."
        findings.doubt(DoubtCode.STAMP_UNCERTAIN, detail=detail)
        return None
    findings.stamp = StampState.MISSING
    outside = sheet.on(PageSide.OUTSIDE)
    place = None if outside is None else outside.layout.stamp_field
    scan = None if outside is None else outside.placed.scan
    findings.doubt(DoubtCode.STAMP_MISSING, scan, place, detail="No official stamp on either side.")
    return None


def _may_be_stamp(side: SidePage, found: StampFinding) -> bool:
    """Traces count as a doubtful stamp in the stamp field, elsewhere only when of stamp size."""
    box = found.box
    if box is None:
        return False
    return _in_stamp_field(side, box) or min(box.w_mm, box.h_mm) >= 8.0


def _in_stamp_field(side: SidePage, box: Box) -> bool:
    field = side.layout.stamp_field
    return field is not None and field.overlap_mm2(box) > 0


def _area(side: SidePage, found: StampFinding, profile: Profile) -> StampArea:
    compiled = side.placed.registration.side
    if found.known is not None:
        shape = compiled.page.shape
        return StampArea(side.placed.scan, found.known.ink(shape), found.known.area(shape), whole=False)
    if found.outline_mm is None:
        own = zone_mask(compiled, [found.box] if found.box is not None else [], _LOOSE_MARGIN_MM)
    else:
        own = _within(found.outline_mm, compiled, _FRAME_MARGIN_MM if found.framed else _LOOSE_MARGIN_MM)
    reach = own if found.framed else grown_near(own, _HIDDEN_REACH_MM)
    if found.ring_mm is not None:
        reach = reach | _within(found.ring_mm, compiled, _FRAME_MARGIN_MM)
    if found.like is not None and (found.like.is_clear or found.like.has_other_ink(profile)):
        # What a voter wrote within the frame of a stamp is no part of it, even in its colour.
        own = found.like.ink(own.shape, crisp=True)
    return StampArea(side.placed.scan, own, reach, found.whole)


def _within(outline_mm: Points, side: CompiledSide, margin_mm: float) -> Mask:
    drawn = np.zeros(side.page.shape, np.uint8)
    corners = np.rint(outline_mm * (PAGE_DPI / MM_PER_INCH)).astype(np.int32)
    cv2.fillPoly(drawn, [corners.reshape(-1, 1, 2)], 1)
    return grown_near(drawn > 0, margin_mm)
