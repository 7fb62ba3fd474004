"""The sheet as a whole: which ballot it is, its stamp, stray ink and missing paper."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from ballot.geometry import Box
from ballot.layout import PageSide, SideLayout
from ballot.reading import DoubtCode, MarkState, SheetKind, StampState
from recognition.detail_ink import detail_ink
from recognition.findings import Findings
from recognition.geometry import GreyImage
from recognition.identify import NumberVerdict, header_agrees, judge_number, read_digit_line
from recognition.ink import (
    InkPatch,
    Mask,
    SortedInk,
    compare_page,
    faint_ink,
    group_ink,
    is_crease,
    sort_ink,
    zone_mask,
)
from recognition.profile import Profile
from recognition.reference import CompiledBallot, CompiledLayouts
from recognition.register import seen_area, straightened_page
from recognition.sides import PlacedImage, placed_as
from recognition.stamp import MAX_STAMP_MM, StampFinding, is_framed_stamp, judge_stamp

_MARK_REACH_MM = 2.2
_ROW_REACH_MM = 1.0
_STAMP_GAP_MM = 3.2
_STROKE_GAP_MM = 2.0
_STAMP_PART_MM = 6.0
_STAMP_REACH_MM = 15.0
"""Ink of a stamp that lies in boxes is not seen as part of it, so its true extent is larger."""

_MIN_FOREIGN_PX = 5
_MIN_STROKE_MM = 0.4
"""Pens draw wider than this; a single row of pixels is the edge of a printed line."""
_MIN_LOST_MM2 = 8.0
_MIN_GONE_MM2 = 6.0


@dataclass(frozen=True)
class SidePage:
    """One side of an identified sheet with its straightened picture at 100 dpi."""

    placed: PlacedImage
    page: GreyImage

    @property
    def layout(self) -> SideLayout:
        """Fields of this side."""
        return self.placed.registration.side.layout


@dataclass(frozen=True)
class IdentifiedSheet:
    """A sheet whose ballot style is known, with the sides that were delivered."""

    ballot: CompiledBallot
    sides: tuple[SidePage, ...]

    def on(self, page: PageSide) -> SidePage | None:
        """The inside or outside, when it was delivered."""
        return next((s for s in self.sides if s.placed.page is page), None)


def identify_ballot(
    placed: list[PlacedImage], layouts: CompiledLayouts, profile: Profile, findings: Findings
) -> IdentifiedSheet | None:
    """Names the ballot by its printed number, and lays both images onto that ballot's sides."""
    findings.registrations = [p.as_reading() for p in placed]
    if len(placed) == 2 and placed[0].page is placed[1].page:
        detail = f"Both images show the {placed[0].page.value} of a ballot."
        findings.doubt(DoubtCode.SIDES_MISMATCH, detail=detail)
        return None
    ballot = _ballot_by_number(placed, layouts, profile, findings)
    if ballot is None:
        return None
    findings.kind = SheetKind(ballot.layout.kind.value)
    findings.list_id = ballot.layout.list_id
    findings.ballot_number = ballot.layout.number
    sides = []
    for image in placed:
        own = placed_as(image, ballot.side(image.page), profile)
        if own is None or not _fits(own, profile):
            poor = own or image
            detail = (
                f"The {image.page.value} does not lie well on ballot {ballot.layout.key}: "
                f"{poor.registration.agreeing:.0%} of its print agrees, within "
                f"{poor.registration.residual_mm:.2f} mm."
            )
            findings.doubt(DoubtCode.REGISTRATION_POOR, image.scan, detail=detail)
        if own is not None:
            sides.append(SidePage(own, straightened_page(own.work, own.registration)))
    findings.registrations = [s.placed.as_reading() for s in sides]
    sheet = IdentifiedSheet(ballot, tuple(sides))
    _check_header(sheet, layouts, profile, findings)
    return sheet


def _fits(placed: PlacedImage, profile: Profile) -> bool:
    registration = placed.registration
    return (
        registration.agreeing >= profile.min_agreeing and registration.residual_mm <= profile.max_residual_mm
    )


def _ballot_by_number(
    placed: list[PlacedImage], layouts: CompiledLayouts, profile: Profile, findings: Findings
) -> CompiledBallot | None:
    seen_text = ""
    for image in placed:
        field = image.registration.side.layout.ballot_number
        if field is None:
            continue
        scores = read_digit_line(image.source, image.registration, field, layouts.digit_shapes)
        number = judge_number(scores, layouts, profile)
        if number.ballot is not None:
            return number.ballot
        seen_text = number.text
        if number.verdict is NumberVerdict.OTHER_ELECTION:
            findings.ballot_number = number.text if "?" not in number.text else None
            detail = f"The ballot number {number.text} is not of this election."
            findings.doubt(DoubtCode.WRONG_ELECTION, image.scan, field.box, detail=detail)
            return None
        findings.doubt(
            DoubtCode.UNKNOWN_LIST,
            image.scan,
            field.box,
            detail=f"The ballot number cannot be read with certainty (read {number.text}).",
        )
        return None
    if placed and not seen_text:
        detail = "The side that carries the ballot number is missing."
        findings.doubt(DoubtCode.UNKNOWN_LIST, detail=detail)
    return None


def _check_header(
    sheet: IdentifiedSheet, layouts: CompiledLayouts, profile: Profile, findings: Findings
) -> None:
    for side in sheet.sides:
        if not header_agrees(side.page, sheet.ballot, side.placed.registration.side, layouts, profile):
            findings.doubt(
                DoubtCode.UNKNOWN_LIST,
                side.placed.scan,
                side.layout.header,
                detail=f"The ballot number says {sheet.ballot.layout.key}, the party header does not agree.",
            )


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
        near = registration.side.near_print
        groups = group_ink(_sorted(seen.trace, side).stray, _STAMP_GAP_MM, near)
        stamps.append((side, _side_stamp(side, groups, profile)))
        inks.append((side, _sorted(seen.ink, side), near & ~seen.strong))
    taken = _conclude_stamp(stamps, sheet, findings)
    for side, ink, print_like in inks:
        patches = group_ink(ink.stray, _STROKE_GAP_MM, print_like)
        stamp = taken.get(side.placed.scan.value)
        if stamp is not None:
            stamp = _whole_stamp(stamp, patches, side.layout.stamp_field)
        _doubt_overlaid_marks(side, ink.foreign, stamp, findings)
        for patch in patches:
            if _is_stray_writing(patch, profile) and not _within(patch.box, stamp):
                findings.doubt(
                    DoubtCode.INK_OUTSIDE_FIELDS,
                    side.placed.scan,
                    patch.box,
                    detail="There is writing or a mark outside every field.",
                )


def _doubt_overlaid_marks(side: SidePage, foreign: Mask, stamp: Box | None, findings: Findings) -> None:
    """Marks that may be a stamp's or a long stroke's ink instead of the voter's cross."""
    doubted = {(d.candidate, d.party) for d in findings.doubts if d.box_mm is not None}
    compiled = side.placed.registration.side
    for mark in findings.marks:
        if mark.state is not MarkState.MARKED or (mark.candidate, mark.party) in doubted:
            continue
        if all(box.box != mark.expected for box in side.layout.mark_boxes):
            continue
        under_stamp = stamp is not None and stamp.grown(_STAMP_REACH_MM).overlap_mm2(mark.expected) > 0
        crossed = float((foreign & zone_mask(compiled, [mark.expected], 0.0)).sum()) >= _MIN_FOREIGN_PX
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


def _side_stamp(side: SidePage, groups: list[InkPatch], profile: Profile) -> StampFinding:
    """The stamp of one side; a weak one in the stamp field is looked at again for its frame."""
    found = judge_stamp(groups, partial(detail_ink, side.placed), profile)
    field = side.layout.stamp_field
    if found.state is StampState.PRESENT or field is None:
        return found
    faint = faint_ink(side.page, side.placed.registration.side, field.grown(-1.5))
    patches = group_ink(faint, _STAMP_GAP_MM, side.placed.registration.side.near_print)
    framed = [p for p in patches if is_framed_stamp(p, profile) and not p.is_reproduction]
    return StampFinding(StampState.PRESENT, framed[0].box) if framed else found


def _whole_stamp(found: Box, groups: list[InkPatch], field: Box | None) -> Box:
    """The stamp with its other parts: groups that overlap it, and in the stamp field its neighbours."""
    whole = found
    for _ in range(len(groups)):
        before = whole
        for patch in groups:
            in_field = field is not None and field.overlap_mm2(patch.box) > 0.5 * patch.box.area_mm2
            near = whole.grown(_STAMP_PART_MM if in_field else 0.0).overlap_mm2(patch.box) > 0
            united = whole.united(patch.box)
            if near and max(united.w_mm, united.h_mm) <= MAX_STAMP_MM:
                whole = united
        if whole == before:
            break
    return whole


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


def _within(box: Box, area: Box | None) -> bool:
    return area is not None and area.grown(2.0).overlap_mm2(box) > 0.5 * box.area_mm2


def _conclude_stamp(
    stamps: list[tuple[SidePage, StampFinding]], sheet: IdentifiedSheet, findings: Findings
) -> dict[str, Box]:
    """Sets the sheet's stamp from both sides. Returns where ink is the stamp's, by scan side."""
    for state in (StampState.PRESENT, StampState.DOUBTFUL):
        for side, found in stamps:
            if found.state is not state or found.box is None:
                continue
            if state is StampState.DOUBTFUL and not _may_be_stamp(side, found.box):
                continue
            findings.stamp = state
            box = found.box
            if state is StampState.DOUBTFUL:
                findings.doubt(
                    DoubtCode.STAMP_UNCERTAIN,
                    side.placed.scan,
                    found.box,
                    detail="There is ink that may be a stamp.",
                )
            return {side.placed.scan.value: box}
    if len(sheet.sides) < 2:
        findings.stamp = StampState.DOUBTFUL
        findings.doubt(
            DoubtCode.STAMP_UNCERTAIN, detail="No stamp on the side that was delivered; the other is missing."
        )
        return {}
    findings.stamp = StampState.MISSING
    outside = sheet.on(PageSide.OUTSIDE)
    place = None if outside is None else outside.layout.stamp_field
    scan = None if outside is None else outside.placed.scan
    findings.doubt(DoubtCode.STAMP_MISSING, scan, place, detail="No official stamp on either side.")
    return {}


def _may_be_stamp(side: SidePage, box: Box) -> bool:
    """Traces count as a doubtful stamp in the stamp field, elsewhere only when of stamp size."""
    field = side.layout.stamp_field
    if field is not None and field.overlap_mm2(box) > 0:
        return True
    return min(box.w_mm, box.h_mm) >= 8.0


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
