"""The sheet as a whole: its stamp, stray ink and missing paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import cv2
import numpy as np

from ballot.geometry import Box
from ballot.reading import DoubtCode, MarkReading, MarkState, ScanSide, StampState
from recognition.box_outline import MARGIN_MM, darkness
from recognition.box_strokes import ink_beside_mm2
from recognition.bright_colour import bright_places
from recognition.coloured_ink import coloured_over_print
from recognition.count_stamps import CountStamps
from recognition.crease import on_crease
from recognition.fibre import is_fibre
from recognition.field_masks import place_of
from recognition.findings import Findings
from recognition.geometry import MM_PER_INCH, Mask
from recognition.identified import IdentifiedSheet, SidePage
from recognition.ink import InkPatch, SortedInk, group_ink, is_two_specks, sort_ink, zone_mask
from recognition.linking_strokes import linked_marks
from recognition.overprint import OverInk, ink_over_print, is_displaced_print
from recognition.patches import PX_PER_MM, cut, cut_reference
from recognition.profile import Profile
from recognition.reference import PAGE_DPI
from recognition.sheet_stamp import (
    StampArea,
    completed,
    conclude_stamp,
    held_to_known,
    known_stamp,
    side_stamp,
)
from recognition.show_through import shows_through
from recognition.sparse import set_pixels, short_page
from recognition.stamp import StampFinding
from recognition.streaks import Streak

_STROKE_GAP_MM = 2.0
_STAMP_REST_MM = 5.0
_MIN_FOREIGN_PX = 5
_LEAST_APART_MM = 0.3
"""What is nearer is the same ink, seen with two lines of print."""

_MIN_STROKE_MM = 0.4
"""Pens draw wider than this; a single row of pixels is the edge of a printed line."""
_BILEVEL_REACH_MM = 2.3
"""In black and white, fibres of dust are as black as ink; they are shorter than this."""

_ASIDE_PX = 5
_RIM_MM = 0.6
_MARK_REACH_MM = 1.2
_MIN_UNREAD_MM2 = 0.45
_MIN_BESIDE_MM2 = 0.2
_SPREAD_PX, _BILEVEL_SPREAD_PX = 1, 3
_MOST_DISPLACED_MM2 = 6.0
_PX_MM2 = (MM_PER_INCH / PAGE_DPI) ** 2
_MIN_LOST_MM2 = 8.0
_MIN_GONE_MM2 = 6.0


def inspect_pages(
    sheet: IdentifiedSheet,
    streaks: Mapping[ScanSide, list[Streak]],
    count: CountStamps,
    profile: Profile,
    findings: Findings,
) -> StampArea | None:
    """Looks at everything outside the fields of both sides: stamp, stray ink, missing paper.

    Args:
        streaks: Those of each side: their pieces are no writing.
        count: The stamps of this count.

    Returns:
        Where ink is the stamp's.
    """
    stamps: list[tuple[SidePage, StampFinding]] = []
    traces: list[Mask] = []
    inks: list[tuple[SidePage, SortedInk, Mask]] = []
    for side in sheet.sides:
        seen, fields = side.seen, side.placed.registration.side.fields
        _doubt_lost_paper(side, seen.no_paper, seen.missing_print & ~fields.digits, findings)
        traces.append(sort_ink(seen.trace, fields).stray)
        found = side_stamp(side, traces[-1], profile)
        stamps.append((side, held_to_known(side, found, count, profile)))
        inks.append(
            (side, sort_ink(seen.ink, fields), side.placed.registration.side.near_print & ~seen.strong)
        )
    known = count.known
    states = {found.state for _, found in stamps}
    if known and StampState.PRESENT not in states:
        everywhere = states == {StampState.MISSING}
        stamps = [
            (side, known_stamp(side, stray, known, everywhere, profile) or found)
            for (side, found), stray in zip(stamps, traces, strict=True)
        ]
    stamp = conclude_stamp(stamps, sheet, findings)
    for side, ink, print_like in inks:
        own = stamp if stamp is not None and stamp.scan is side.placed.scan else None
        places = _stray_places(side, ink, own, print_like, profile)
        if own is not None and known and _at(own, places):
            stamp = own = completed(side, own, known, profile)
            places = _stray_places(side, ink, own, print_like, profile)
        _doubt_overlaid_marks(side, ink.foreign, own, findings)
        _doubt_linked_marks(side, ink.owned, profile, findings)
        _doubt_unread_strokes(side, ink.owned, profile, findings)
        _doubt_stamped_rows(side, own, findings)
        other = next((s for s in sheet.sides if s is not side), None)
        written = [
            box
            for box in places
            if not (is_fibre(side, box, profile) or shows_through(side, other, box, profile))
        ]
        _doubt_places(side, written, streaks[side.placed.scan], profile, findings)
    return stamp


def _stray_places(
    side: SidePage, ink: SortedInk, stamp: StampArea | None, print_like: Mask, profile: Profile
) -> list[Box]:
    """Where there is writing outside every field that is not the stamp's."""
    of_stamp = np.zeros_like(ink.stray) if stamp is None else stamp.own
    patches = group_ink(ink.stray & ~of_stamp, _STROKE_GAP_MM, print_like)
    places = [p.box for p in patches if _is_stray_writing(side, p, profile)]
    return places + _overprinted(side, ink, of_stamp, profile)


def _doubt_places(
    side: SidePage, places: list[Box], streaks: list[Streak], profile: Profile, findings: Findings
) -> None:
    """Writing outside every field, and colours as light as paper; streaks are doubted as what they are."""
    code, scan = DoubtCode.INK_OUTSIDE_FIELDS, side.placed.scan
    for box in places:
        if not any(streak.covers(box) for streak in streaks):
            findings.doubt(code, scan, box, detail="There is writing or a mark outside every field.")
    for box in bright_places(side, profile):
        if all(box.overlap_mm2(place) == 0 for place in places):  # told already
            detail = "There is a bright colour here, as of a highlighter."
            findings.doubt(code, scan, box, detail=detail)


def _at(stamp: StampArea, places: list[Box]) -> bool:
    """Whether any of these touches the rectangle around a stamp, as the rest of it would."""
    pixels = set_pixels(stamp.own)
    if not len(pixels.flat):
        return False
    scale = MM_PER_INCH / PAGE_DPI
    ends = pixels.x.min(), pixels.y.min(), pixels.x.max() + 1, pixels.y.max() + 1
    left, top, right, bottom = (float(v) * scale for v in ends)
    around = Box(left, top, right - left, bottom - top).grown(_STAMP_REST_MM)
    return any(around.overlap_mm2(place) > 0 for place in places)


def _overprinted(side: SidePage, ink: SortedInk, of_stamp: Mask, profile: Profile) -> list[Box]:
    """Writing over the blank's print that is neither the stamp's nor part of a field's stroke."""
    if side.prints is None:
        return []
    compiled = side.placed.registration.side
    reach = 2 * round(_STROKE_GAP_MM * PAGE_DPI / MM_PER_INCH / 2) + 1
    accounted = cv2.dilate(ink.owned.view(np.uint8), np.ones((reach, reach), np.uint8)).view(bool)
    # Lines of print are laid onto the blank one by one, so that a stamp's ink may lie two pixels aside.
    aside = cv2.dilate(of_stamp.view(np.uint8), np.ones((_ASIDE_PX, _ASIDE_PX), np.uint8)).view(bool)
    accounted |= aside | compiled.fields.zone | ~side.seen.judged
    least_mm2 = _least_over_print_mm2(side, profile)
    found = ink_over_print(side.placed, side.page, side.prints, least_mm2, accounted)
    places = [group.box for group in found if _is_written_over(side, group, profile)]
    places += _ends_of_strokes(side, found, profile)
    coloured = coloured_over_print(side, accounted, profile)
    return places + [box for box in coloured if all(box.overlap_mm2(place) == 0 for place in places)]


def _ends_of_strokes(side: SidePage, found: list[OverInk], profile: Profile) -> list[Box]:
    """Pairs of short pieces of ink near each other at a line of print, which may hide what lies between.

    Of a pale cross over a name only the ends of two arms were seen, as little each as dust leaves.
    """
    if side.placed.work.scan.bilevel:
        return []
    pieces = [group for group in found if _is_stroke(group.box, profile.over_print_reach_mm)]
    return [
        one.box.united(other.box)
        for one, other in combinations(pieces, 2)
        if _LEAST_APART_MM <= one.box.gap_mm(other.box) <= profile.paired_gap_mm
        and one.ink_mm2 + other.ink_mm2 >= profile.line_ink_mm2
    ]


def _is_written_over(side: SidePage, group: OverInk, profile: Profile) -> bool:
    """Whether ink at a line of print is more than dust; print may hide the larger part of a stroke."""
    if not _is_stroke(group.box, profile.over_print_reach_mm) or _is_fibre(side, group, profile):
        return False
    is_long = max(group.box.w_mm, group.box.h_mm) >= profile.pale_line_reach_mm
    least_mm2 = profile.pale_line_ink_mm2 if is_long else profile.line_ink_mm2
    if group.ink_mm2 < least_mm2 and not side.placed.work.scan.bilevel:
        return False
    near = side.placed.registration.side.near_print
    x, y = (group.pixels_mm * (PAGE_DPI / MM_PER_INCH)).astype(int).T
    hidden = near[np.clip(y, 0, near.shape[0] - 1), np.clip(x, 0, near.shape[1] - 1)].any()
    return bool(hidden) or not _is_dust(side, group.box, group.ink_mm2, profile)


def _is_fibre(side: SidePage, group: OverInk, profile: Profile) -> bool:
    """Whether ink over print in black and white may be a fibre of dust; a cross is wider both ways."""
    length_mm, width_mm = sorted((group.box.w_mm, group.box.h_mm), reverse=True)
    return (
        side.placed.work.scan.bilevel
        and length_mm < profile.fibre_length_mm
        and width_mm < profile.fibre_width_mm
        and group.ink_mm2 < profile.fibre_ink_mm2
    )


def _is_dust(side: SidePage, box: Box, ink_mm2: float, profile: Profile) -> bool:
    """Whether ink that nothing hides is too short and too little for a stroke of a pen."""
    least, solid = profile.outside_reach_mm, profile.outside_solid_mm2
    if side.placed.work.scan.bilevel:
        least, solid = max(least, _BILEVEL_REACH_MM), profile.bilevel_outside_solid_mm2
    return max(box.w_mm, box.h_mm) < least and ink_mm2 < solid


def _least_over_print_mm2(side: SidePage, profile: Profile) -> float:
    return profile.bilevel_line_ink_mm2 if side.placed.work.scan.bilevel else profile.paired_ink_mm2


def _is_stroke(box: Box, least_reach_mm: float) -> bool:
    return max(box.w_mm, box.h_mm) >= least_reach_mm and min(box.w_mm, box.h_mm) >= _MIN_STROKE_MM


def _doubt_overlaid_marks(side: SidePage, foreign: Mask, stamp: StampArea | None, findings: Findings) -> None:
    """Marks that may be a stamp's or a long stroke's ink instead of the voter's cross."""
    doubted = {(d.candidate, d.party) for d in findings.doubts if d.box_mm is not None}
    for mark in findings.marks:
        if mark.state is not MarkState.MARKED or (mark.candidate, mark.party) in doubted:
            continue
        if all(box.box != mark.expected for box in side.layout.mark_boxes):
            continue
        box = place_of(mark.expected, PAGE_DPI)
        under_stamp = stamp is not None and bool(stamp.reach[box].any())
        crossed = np.count_nonzero(foreign[box]) >= _MIN_FOREIGN_PX
        if under_stamp or crossed:
            what = "A stamp" if under_stamp else "A stroke from outside"
            _doubt_mark(
                side, mark, f"{what} runs over this box; it cannot be judged whether it is marked.", findings
            )


def _doubt_linked_marks(side: SidePage, owned: Mask, profile: Profile, findings: Findings) -> None:
    """Marks that may be one stroke which runs through several boxes."""
    own = {box.box for box in side.layout.mark_boxes}
    counted = [m for m in findings.marks if m.state is MarkState.MARKED and m.expected in own]
    for mark in linked_marks(side, owned, counted, profile):
        detail = "One stroke runs through this box and another; it cannot be judged which is marked."
        _doubt_mark(side, mark, detail, findings)


def _doubt_mark(side: SidePage, mark: MarkReading, detail: str, findings: Findings) -> None:
    findings.doubt(
        DoubtCode.MARK_UNCERTAIN,
        side.placed.scan,
        mark.expected,
        candidate=mark.candidate,
        party=mark.party,
        detail=detail,
    )


def _doubt_unread_strokes(side: SidePage, owned: Mask, profile: Profile, findings: Findings) -> None:
    """Strokes at boxes that were all read as empty, such as a ring drawn along a box's outline."""
    compiled = side.placed.registration.side
    state = {mark.expected: mark.state for mark in findings.marks}
    empty = [b.box for b in side.layout.mark_boxes if state.get(b.box) is MarkState.EMPTY]
    others = [b.box for b in side.layout.mark_boxes if state.get(b.box) is not MarkState.EMPTY]
    pixels = set_pixels(owned)
    at_empty = pixels.of(zone_mask(compiled, empty, _MARK_REACH_MM))
    if np.count_nonzero(at_empty) * _PX_MM2 < _MIN_UNREAD_MM2:
        return
    # A stroke of a neighbour's mark is answered for there.
    short = short_page(pixels, 3)
    joined = cv2.morphologyEx(short.drawn(pixels), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    label = labels[short.row_of[pixels.y], short.column_of[pixels.x]]
    is_unread = np.ones(count, bool)
    is_unread[label[pixels.of(zone_mask(compiled, others, _MARK_REACH_MM))]] = False
    left = pixels.where(at_empty & is_unread[label])
    if len(left.flat) * _PX_MM2 < _MIN_UNREAD_MM2:
        return
    unread = left.as_mask()
    for box in empty:
        unread[place_of(box.grown(-_RIM_MM), PAGE_DPI)] = False  # that was judged with the box
        here = unread[place_of(box.grown(_MARK_REACH_MM), PAGE_DPI)]
        if np.count_nonzero(here) * _PX_MM2 < _MIN_UNREAD_MM2 or _is_speck(here, profile):
            continue
        found = next(m for m in findings.marks if m.expected == box)
        if _ink_at_mm2(side, found) < _MIN_BESIDE_MM2:
            continue  # the box itself, somewhat off the place where the page's fit has it
        detail = "A stroke lies along this box; it cannot be judged whether it is marked."
        _doubt_mark(side, found, detail, findings)


def _is_speck(ink: Mask, profile: Profile) -> bool:
    """Whether all ink of a piece of the page is a dot, to a pixel of the page."""
    reach_px = max(np.ptp(places) for places in np.nonzero(ink))
    return float(reach_px) * MM_PER_INCH / PAGE_DPI < profile.speck_reach_mm


def _ink_at_mm2(side: SidePage, mark: MarkReading) -> float:
    """Ink at a box beside its outline, measured where the box itself was found."""
    registration, box = side.placed.registration, mark.expected
    area = box.grown(MARGIN_MM)
    shift = mark.found.x_mm - box.x_mm, mark.found.y_mm - box.y_mm
    dark, _ = darkness(cut(side.placed.source, registration, area, shift))
    blank_dark, _ = darkness(cut_reference(registration.side.detail, area))
    start = round(MARGIN_MM * PX_PER_MM)
    rows, cols = (slice(start, start + round(length * PX_PER_MM)) for length in (box.h_mm, box.w_mm))
    spread = _BILEVEL_SPREAD_PX if side.placed.work.scan.bilevel else _SPREAD_PX
    return ink_beside_mm2(dark, blank_dark, (rows, cols), spread)


def _doubt_stamped_rows(side: SidePage, stamp: StampArea | None, findings: Findings) -> None:
    """Rows that were read although a stamp lies over them: its letters may be part of the name."""
    if stamp is None:
        return
    for row in side.layout.write_in_rows:
        if not stamp.reach[place_of(row.whole, PAGE_DPI)].any():
            continue
        for index, written in enumerate(findings.write_ins):
            if written.row == row.row and not written.doubtful:
                findings.write_ins[index] = replace(written, candidate=None, doubtful=True)
                detail = "A stamp lies over this row."
                findings.doubt(
                    DoubtCode.WRITE_IN_UNCERTAIN, side.placed.scan, row.whole, row=row.row, detail=detail
                )


def _is_stray_writing(side: SidePage, patch: InkPatch, profile: Profile) -> bool:
    seen = patch.free_mm2 >= profile.outside_free_mm2 or patch.ink_mm2 >= profile.over_print_ink_mm2
    return (
        seen
        and patch.ink_mm2 >= profile.outside_ink_mm2
        and not _is_dust(side, patch.box, patch.ink_mm2, profile)
        and not (side.placed.work.scan.bilevel and is_two_specks(patch, profile.outside_speck_mm))
        and min(patch.box.w_mm, patch.box.h_mm) >= _MIN_STROKE_MM
        and not _is_crease(side, patch)
        and not _is_print(side, patch, profile)
    )


def _is_crease(side: SidePage, patch: InkPatch) -> bool:
    """Whether ink is a piece of a fold, a crease or a streak along the page."""
    ink = side.seen.ink
    if side.placed.work.scan.bilevel:
        ink = np.zeros_like(ink)  # what is left of a fold there is as black as ink
    return on_crease(side.page, side.placed.registration.side.page, ink, patch)


def _is_print(side: SidePage, patch: InkPatch, profile: Profile) -> bool:
    """Whether a little ink is the blank's print off its place; much ink could hide the paper around it."""
    least_mm2 = profile.bilevel_line_ink_mm2 if side.placed.work.scan.bilevel else profile.line_ink_mm2
    return patch.ink_mm2 <= _MOST_DISPLACED_MM2 and is_displaced_print(
        side.placed, side.page, side.prints, patch.box, least_mm2
    )


def _doubt_lost_paper(side: SidePage, no_paper: Mask, missing_print: Mask, findings: Findings) -> None:
    near = side.placed.registration.side.near_print
    lost = [p for p in group_ink(no_paper, 1.0, near) if p.ink_mm2 >= _MIN_LOST_MM2]
    gone = [
        p
        for p in group_ink(missing_print, 2.0, near)
        if p.ink_mm2 >= _MIN_GONE_MM2 and min(p.box.w_mm, p.box.h_mm) > 0.6
    ]
    for patches, detail in ((lost, "Paper is missing here."), (gone, "Print is missing or covered here.")):
        if patches:
            worst = max(patches, key=lambda p: p.ink_mm2)
            findings.doubt(DoubtCode.TORN, side.placed.scan, worst.box, detail=detail)
