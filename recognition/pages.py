"""The sheet as a whole: its stamp, stray ink and missing paper."""

from __future__ import annotations

from ballot.geometry import Box
from ballot.layout import SideLayout
from ballot.reading import DoubtCode, MarkState
from recognition.findings import Findings
from recognition.identified import IdentifiedSheet, SidePage
from recognition.ink import (
    InkPatch,
    Mask,
    SortedInk,
    compare_page,
    group_ink,
    is_crease,
    sort_ink,
    zone_mask,
)
from recognition.profile import Profile
from recognition.reference import CompiledLayouts
from recognition.register import seen_area
from recognition.sheet_stamp import StampArea, conclude_stamp, side_stamp
from recognition.stamp import StampFinding

_MARK_REACH_MM = 2.2
_ROW_REACH_MM = 1.0
_STROKE_GAP_MM = 2.0
_MIN_FOREIGN_PX = 5
_MIN_STROKE_MM = 0.4
"""Pens draw wider than this; a single row of pixels is the edge of a printed line."""
_MIN_LOST_MM2 = 8.0
_MIN_GONE_MM2 = 6.0


def inspect_pages(
    sheet: IdentifiedSheet, layouts: CompiledLayouts, profile: Profile, findings: Findings
) -> None:
    """Looks at everything outside the fields of both sides: stamp, stray ink, missing paper."""
    stamps: list[tuple[SidePage, StampFinding]] = []
    inks: list[tuple[SidePage, SortedInk, Mask]] = []
    for side in sheet.sides:
        registration, scan = side.placed.registration, side.placed.work.scan
        area = seen_area(side.placed.work, registration)
        seen = compare_page(side.page, registration.side, area, registration.residual_mm, scan.bilevel)
        digits = zone_mask(registration.side, _digit_lines(side.layout), 1.2)
        _doubt_lost_paper(side, seen.no_paper, seen.missing_print & ~digits, findings)
        stamps.append((side, side_stamp(side, _sorted(seen.trace, side).stray, profile)))
        inks.append((side, _sorted(seen.ink, side), registration.side.near_print & ~seen.strong))
    stamp = conclude_stamp(stamps, sheet, findings)
    for side, ink, print_like in inks:
        own = stamp if stamp is not None and stamp.scan is side.placed.scan else None
        _doubt_overlaid_marks(side, ink.foreign, own, findings)
        stray = ink.stray if own is None else ink.stray & ~own.own
        for patch in group_ink(stray, _STROKE_GAP_MM, print_like):
            if _is_stray_writing(patch, profile):
                findings.doubt(
                    DoubtCode.INK_OUTSIDE_FIELDS,
                    side.placed.scan,
                    patch.box,
                    detail="There is writing or a mark outside every field.",
                )


def _doubt_overlaid_marks(side: SidePage, foreign: Mask, stamp: StampArea | None, findings: Findings) -> None:
    """Marks that may be a stamp's or a long stroke's ink instead of the voter's cross."""
    doubted = {(d.candidate, d.party) for d in findings.doubts if d.box_mm is not None}
    compiled = side.placed.registration.side
    for mark in findings.marks:
        if mark.state is not MarkState.MARKED or (mark.candidate, mark.party) in doubted:
            continue
        if all(box.box != mark.expected for box in side.layout.mark_boxes):
            continue
        box = zone_mask(compiled, [mark.expected], 0.0)
        under_stamp = stamp is not None and bool((stamp.reach & box).any())
        crossed = int((foreign & box).sum()) >= _MIN_FOREIGN_PX
        if under_stamp or crossed:
            what = "A stamp" if under_stamp else "A stroke from outside"
            findings.doubt(
                DoubtCode.MARK_UNCERTAIN,
                side.placed.scan,
                mark.expected,
                candidate=mark.candidate,
                party=mark.party,
                detail=f"{what} runs over this box; it cannot be judged whether it is marked.",
            )


def _sorted(ink: Mask, side: SidePage) -> SortedInk:
    """Ink told apart by whether it belongs to a mark or row; digit lines left out."""
    layout, compiled = side.layout, side.placed.registration.side
    boxes = [b.box for b in layout.mark_boxes]
    cells = [cell for row in layout.write_in_rows for cell in (row.name, row.party) if cell is not None]
    if layout.party_write_in is not None:
        cells.append(layout.party_write_in)
    zone = zone_mask(compiled, boxes, _MARK_REACH_MM) | zone_mask(compiled, cells, _ROW_REACH_MM)
    core = zone_mask(compiled, boxes, 0.0) | zone_mask(compiled, cells, 0.0)
    outlines = zone_mask(compiled, boxes, 0.7) & ~zone_mask(compiled, boxes, -0.7)
    printed = zone_mask(compiled, _digit_lines(layout), 1.2)
    return sort_ink(ink & ~printed, zone, core, outlines)


def _digit_lines(layout: SideLayout) -> list[Box]:
    """The digit lines, which are read as such and differ from the blank."""
    return [d.box for d in (layout.ballot_number, layout.ballot_id) if d is not None]


def _is_stray_writing(patch: InkPatch, profile: Profile) -> bool:
    reach = max(patch.box.w_mm, patch.box.h_mm)
    seen = patch.free_mm2 >= profile.outside_free_mm2 or patch.ink_mm2 >= profile.over_print_ink_mm2
    return (
        seen
        and patch.ink_mm2 >= profile.outside_ink_mm2
        and reach >= profile.outside_reach_mm
        and min(patch.box.w_mm, patch.box.h_mm) >= _MIN_STROKE_MM
        and not is_crease(patch)
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
