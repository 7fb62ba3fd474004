"""The sheet as a whole: its stamp, stray ink and missing paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce

import numpy as np

from ballot.geometry import Box
from ballot.reading import DoubtCode, MarkReading, MarkState, ScanSide, StampState
from recognition.beside_fields import strokes_beside_fields
from recognition.box_outline import MARGIN_MM, darkness
from recognition.box_strokes import ink_beside_mm2
from recognition.bright_colour import bright_places
from recognition.broken_rules import broken_rule
from recognition.coloured_ink import other_colour_in_stamp
from recognition.count_stamps import CountStamps
from recognition.field_masks import place_of
from recognition.findings import Findings
from recognition.geometry import MM_PER_INCH, Mask
from recognition.identified import IdentifiedSheet, SidePage
from recognition.ink import SortedInk, group_ink, sort_ink, zone_mask
from recognition.linking_strokes import linked_marks
from recognition.out_of_view import out_of_view
from recognition.pale_fields import pale_fields
from recognition.pale_writing import PalePaper, pale_paper
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
from recognition.sparse import set_pixels, strokes
from recognition.stamp import StampFinding
from recognition.stray_ink import stray_places
from recognition.streaks import Streak
from recognition.struck_digits import is_written_over

_STAMP_REST_MM = 5.0
_MIN_FOREIGN_PX = 5
_RIM_MM = 0.6
_TOGETHER_MM = 1.0
_MARK_REACH_MM = 1.2
_MIN_UNREAD_MM2 = 0.45
_MIN_BESIDE_MM2 = 0.2
_SPREAD_PX, _BILEVEL_SPREAD_PX = 1, 3
_PX_MM2 = (MM_PER_INCH / PAGE_DPI) ** 2
_MIN_LOST_MM2 = 8.0
_MIN_GONE_MM2 = 6.0
_NO_PRINT = "Print is missing or covered here."
_ABOUT_MARKS = (DoubtCode.MARK_UNCERTAIN, DoubtCode.MARK_TAKEN_BACK)
_UNSEEN = "A part of the page lies outside the picture here: scan it again, or look at the paper."


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
    _doubt_unseen(sheet, profile, findings)
    _doubt_torn_id(sheet, findings)
    known = count.known
    states = {found.state for _, found in stamps}
    if known and StampState.PRESENT not in states:
        everywhere = states == {StampState.MISSING}
        stamps = [
            (side, known_stamp(side, stray, known, everywhere, profile) or found)
            for (side, found), stray in zip(stamps, traces, strict=True)
        ]
    stamp = conclude_stamp(stamps, sheet, profile, findings)
    for side, ink, print_like in inks:
        own = stamp if stamp is not None and stamp.scan is side.placed.scan else None
        other = next((s for s in sheet.sides if s is not side), None)
        of_stamp = np.zeros_like(ink.stray) if own is None else own.own
        paper = pale_paper(side, other, profile)
        places = stray_places(side, other, paper, ink, of_stamp, print_like, profile)
        if own is not None and known and _at(own, places):
            stamp = own = completed(side, own, known, profile)
            places = stray_places(side, other, paper, ink, own.own, print_like, profile)
        if own is not None:
            places += other_colour_in_stamp(side, own.own, ink.owned, profile)
        places += strokes_beside_fields(side, ink.owned if own is None else ink.owned & ~own.reach)
        _doubt_overlaid_marks(side, ink.foreign, own, findings)
        _doubt_linked_marks(side, ink.owned, profile, findings)
        _doubt_unread_strokes(side, ink.owned, profile, findings)
        _doubt_stamped_rows(side, own, findings)
        _doubt_written_digits(side, own, findings)
        _doubt_pale_fields(side, paper, own, profile, findings)
        _doubt_places(side, places, streaks[side.placed.scan], profile, findings)
    return stamp


def _doubt_places(
    side: SidePage, places: list[Box], streaks: list[Streak], profile: Profile, findings: Findings
) -> None:
    """Writing outside every field, and colours as light as paper; streaks are doubted as what they are."""
    code, scan = DoubtCode.INK_OUTSIDE_FIELDS, side.placed.scan
    written = [box for box in places if not any(streak.covers(box) for streak in streaks)]
    colours = bright_places(side, profile)
    # Of a highlighter's stroke over a name only the piece between two words may pass for writing.
    for box in _together([reduce(Box.united, _touching(box, colours), box) for box in written]):
        findings.doubt(code, scan, box, detail="There is writing or a mark outside every field.")
    for box in colours:
        if not _touching(box, written):
            detail = "There is a bright colour here, as of a highlighter."
            findings.doubt(code, scan, box, detail=detail)


def _together(places: list[Box]) -> list[Box]:
    """Places near each other as one: of a struck-out name every look sees a piece; a person answers once."""
    apart: list[Box] = []
    for place in places:
        whole = place
        while near := [other for other in apart if other.grown(_TOGETHER_MM).overlap_mm2(whole) > 0]:
            whole = reduce(Box.united, near, whole)
            apart = [other for other in apart if other not in near]
        apart.append(whole)
    return apart


def _touching(box: Box, others: list[Box]) -> list[Box]:
    return [other for other in others if box.overlap_mm2(other) > 0]


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


def _doubt_overlaid_marks(side: SidePage, foreign: Mask, stamp: StampArea | None, findings: Findings) -> None:
    """Marks that may be a stamp's or a long stroke's ink instead of the voter's cross."""
    doubted = {d.box_mm for d in findings.doubts if d.code in _ABOUT_MARKS and d.side is side.placed.scan}
    for mark in findings.marks:
        if mark.state is not MarkState.MARKED or mark.expected in doubted:
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
    stroke, count = strokes(pixels)
    is_unread = np.ones(count, bool)
    is_unread[stroke[pixels.of(zone_mask(compiled, others, _MARK_REACH_MM))]] = False
    left = pixels.where(at_empty & is_unread[stroke])
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


def _doubt_pale_fields(
    side: SidePage, paper: PalePaper | None, stamp: StampArea | None, profile: Profile, findings: Findings
) -> None:
    """Boxes and rows that were read as empty and have strokes too pale to be judged."""
    asked = {doubt.box_mm for doubt in findings.doubts if doubt.side is side.placed.scan}
    boxes = {m.expected: m for m in findings.marks if m.state is MarkState.EMPTY and m.expected not in asked}
    own = [box.box for box in side.layout.mark_boxes if box.box in boxes]
    written = {row.row for row in findings.write_ins}
    rows = [row for row in side.layout.write_in_rows if row.row not in written]
    cells = {cell: row for row in rows for cell in (row.name, row.party) if cell is not None}
    told = np.zeros(side.page.shape, bool) if stamp is None else stamp.reach
    party = side.layout.party_write_in
    parties = [] if party is None or party in asked else [party]
    found = pale_fields(side, paper, [*own, *cells, *parties], told, profile)
    for box in own:
        if box in found:
            _doubt_mark(side, boxes[box], "There may be a pale mark in this box.", findings)
    for row in {cells[cell].row: cells[cell] for cell in found if cell in cells}.values():
        detail = "There may be pale writing in this row."
        code = DoubtCode.WRITE_IN_UNCERTAIN
        findings.doubt(code, side.placed.scan, row.whole, row=row.row, detail=detail)
    for cell in parties:
        if cell in found:
            detail = "There may be pale writing in the field for a party."
            findings.doubt(DoubtCode.PARTY_UNCLEAR, side.placed.scan, cell, detail=detail)


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


def _doubt_written_digits(side: SidePage, stamp: StampArea | None, findings: Findings) -> None:
    """Ink over the ballot number or the ballot id, which may be read through it; a stamp's is none."""
    for field, name in ((side.layout.ballot_number, "ballot number"), (side.layout.ballot_id, "ballot id")):
        if field is None or (stamp is not None and stamp.reach[place_of(field.box, PAGE_DPI)].any()):
            continue
        if is_written_over(side, field):
            detail = f"Something is written over the {name}."
            findings.doubt(DoubtCode.INK_OUTSIDE_FIELDS, side.placed.scan, field.box, detail=detail)


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


def _doubt_lost_paper(side: SidePage, no_paper: Mask, missing_print: Mask, findings: Findings) -> None:
    near = side.placed.registration.side.near_print
    lost = [p for p in group_ink(no_paper, 1.0, near) if p.ink_mm2 >= _MIN_LOST_MM2]
    gone = [
        p
        for p in group_ink(missing_print, 2.0, near)
        if p.ink_mm2 >= _MIN_GONE_MM2 and min(p.box.w_mm, p.box.h_mm) > 0.6
    ]
    for patches, detail in ((lost, "Paper is missing here."), (gone, _NO_PRINT)):
        if patches:
            worst = max(patches, key=lambda p: p.ink_mm2)
            findings.doubt(DoubtCode.TORN, side.placed.scan, worst.box, detail=detail)
    if not gone:
        placed, rows = side.placed, side.layout.write_in_rows
        gap = broken_rule(placed.source, placed.registration, placed.registration.side.detail, rows)
        if gap is not None:
            findings.doubt(DoubtCode.TORN, placed.scan, gap, detail=_NO_PRINT)


def _doubt_unseen(sheet: IdentifiedSheet, profile: Profile, findings: Findings) -> None:
    for side in sheet.sides:  # both sides of a page askew lack a part: one question is enough
        unseen = out_of_view(side.placed, profile.max_unseen_mm)
        if unseen is not None:
            findings.doubt(DoubtCode.TORN, side.placed.scan, unseen, detail=_UNSEEN)
            return


def _doubt_torn_id(sheet: IdentifiedSheet, findings: Findings) -> None:
    """An id with a tear through it, as either side shows it: of a 2 without its foot a 7 is left.

    Before a lid as white as the paper the side with the id may show nothing of the tear.
    """
    for side in sheet.sides:
        field = side.layout.ballot_id
        if field is None or findings.ballot_id is None:
            continue
        torn = [
            place
            for doubt in findings.doubts
            if doubt.code is DoubtCode.TORN and doubt.box_mm is not None
            for place in _as_seen_from(side, doubt.box_mm, doubt.side is side.placed.scan)
        ]
        if any(place.overlap_mm2(field.box) > 0 for place in torn):
            detail = f"Paper or print is missing at the ballot id (read {findings.ballot_id})."
            findings.ballot_id = None
            findings.doubt(DoubtCode.BALLOT_ID_UNCERTAIN, side.placed.scan, field.box, detail=detail)


def _as_seen_from(side: SidePage, place: Box, is_own: bool) -> list[Box]:
    """Where a place is on a side; one of the other side may be there in two ways, by how that is turned."""
    if is_own:
        return [place]
    across_mm, down_mm = side.layout.width_mm - place.right_mm, side.layout.height_mm - place.bottom_mm
    return [replace(place, x_mm=across_mm), replace(place, y_mm=down_mm)]
