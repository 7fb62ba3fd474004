"""Faults of the scanner's feeder and glass: streaks, two sheets at once, empty paper.

Each of them only adds doubts. What is looked at is the scan as it came, not the straightened
page: a streak runs along the scan's own columns whatever the skew of the paper, and a second
sheet lies where the ballot ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from ballot.reading import DoubtCode, MarkState, ScanSide
from recognition.decode import ScanImage
from recognition.findings import Findings
from recognition.geometry import MM_PER_INCH, GreyImage, apply
from recognition.identified import IdentifiedSheet, SidePage
from recognition.profile import Profile
from recognition.pyramid import halved
from recognition.reference import CompiledLayouts
from recognition.sides import PlacedImage
from recognition.streaks import Streak

_LIGHT_GREY = 140
_CROSSED_MM = 0.6

_MARK_DOUBTS = (DoubtCode.MARK_UNCERTAIN, DoubtCode.MARK_TAKEN_BACK)

_BEYOND_MM = 4.0
"""What lies closer to the page's outline may be its edge, shadow or skew."""

_SECOND_PAPER_MM = 4.0
_INK_DARKER = 60
_CENTRE_SHARE = 0.1
_EMPTY_DARKER = 30
_EMPTY_DPI = 50


def doubt_feed_faults(
    sheet: IdentifiedSheet, streaks: Mapping[ScanSide, list[Streak]], profile: Profile, findings: Findings
) -> None:
    """Doubts streaks, with every field they cross, and sheets that were fed two at a time."""
    for side in sheet.sides:
        for streak in streaks[side.placed.scan]:
            _doubt_streak(side, streak, findings)
    _doubt_second_sheet(sheet, profile, findings)


def is_empty_paper(image: ScanImage, profile: Profile) -> bool:
    """Whether nothing is printed in the middle of a scan: a stray speck or word is no print."""
    dpi = image.dpi or (300.0, 300.0)
    small = halved(image.grey, dpi, _EMPTY_DPI)[0]
    height, width = small.shape
    # The outermost part may show the scanner's background.
    top, left = round(height * _CENTRE_SHARE), round(width * _CENTRE_SHARE)
    middle = small[top : height - top, left : width - left]
    around = cv2.medianBlur(middle, 31)
    inked = cv2.subtract(around, middle) > _EMPTY_DARKER
    light = float(np.median(middle)) > _LIGHT_GREY
    return light and float(inked.mean()) <= profile.empty_paper_share


def too_long_mm(image: ScanImage, layouts: CompiledLayouts) -> float:
    """By how much a scan is longer than the longest ballot, going by the resolution it states."""
    if image.dpi is None:
        return 0.0
    longest = max((s.size_mm[1] for b in layouts.ballots for s in (b.inside, b.outside)), default=np.inf)
    return float(image.grey.shape[0] / image.dpi[1] * MM_PER_INCH - longest)


def _doubt_streak(side: SidePage, streak: Streak, findings: Findings) -> None:
    line = streak.line_mm
    left, right = float(line[:, 0].min()), float(line[:, 0].max())
    top, bottom = float(line[:, 1].min()), float(line[:, 1].max())
    box = Box(left - 0.5, top, right - left + 1, bottom - top)
    detail = "A line of the scanner's own runs over the whole picture; clean the scanner glass."
    findings.doubt(DoubtCode.STREAK, side.placed.scan, box, detail=detail)
    _doubt_crossed(side, line, findings)


def _doubt_crossed(side: SidePage, line: npt.NDArray[np.float64], findings: Findings) -> None:
    """Doubts every box and written row under a streak: its ink cannot be told from the voter's."""
    doubted = {(d.side, d.box_mm) for d in findings.doubts if d.code in _MARK_DOUBTS}
    own = {box.box for box in side.layout.mark_boxes}
    scan = side.placed.scan
    for mark in findings.marks:
        known = (scan, mark.expected) in doubted
        if mark.state not in (MarkState.MARKED, MarkState.EMPTY) or mark.expected not in own or known:
            continue
        if _crosses(line, mark.expected):
            findings.doubt(
                DoubtCode.MARK_UNCERTAIN,
                scan,
                mark.expected,
                candidate=mark.candidate,
                party=mark.party,
                detail="A scanner streak runs through this box; it cannot be judged whether it is marked.",
            )
    for row in side.layout.write_in_rows:
        for index, written in enumerate(findings.write_ins):
            if written.row == row.row and not written.doubtful and _crosses(line, row.whole):
                findings.write_ins[index] = replace(written, candidate=None, doubtful=True)
                detail = "A scanner streak runs through this row."
                findings.doubt(DoubtCode.WRITE_IN_UNCERTAIN, scan, row.whole, row=row.row, detail=detail)


def _crosses(line: npt.NDArray[np.float64], field: Box) -> bool:
    around = field.grown(_CROSSED_MM)
    x, y = line[:, 0], line[:, 1]
    inside = (x >= around.x_mm) & (x <= around.right_mm) & (y >= around.y_mm) & (y <= around.bottom_mm)
    return bool(inside.any())


def _doubt_second_sheet(sheet: IdentifiedSheet, profile: Profile, findings: Findings) -> None:
    for side in sheet.sides:
        ink = print_beyond_mm2(side.placed)
        if ink >= profile.beyond_ink_mm2:
            detail = "There is print beyond the edge of this ballot: two sheets were fed at once."
            findings.doubt(DoubtCode.DOUBLE_FEED, side.placed.scan, detail=detail)
            return
    apart = sides_apart_mm([s.placed for s in sheet.sides])
    if apart >= profile.sides_apart_mm:
        detail = (
            f"The picture is {apart:.0f} mm longer than this ballot, which lies at one end of it on the "
            "front and at the other on the back: two sheets were fed at once."
        )
        findings.doubt(DoubtCode.DOUBLE_FEED, detail=detail)


def print_beyond_mm2(placed: PlacedImage) -> float:
    """Ink on light paper around the page, in mm²: before or behind it in the scanner, or beside it.

    A scanner's background is light or dark, but it is not written on.
    """
    work, registration = placed.work, placed.registration
    width_mm, height_mm = registration.side.size_mm
    corners = np.array([[0, 0], [width_mm, 0], [width_mm, height_mm], [0, height_mm]], np.float64)
    px = apply(registration.mm_to_scan, corners) / np.array(work.page_scale)
    page, along = (work.page.T, 0) if work.scan.lies_on_its_side else (work.page, 1)
    per_mm = work.dpi[along] / work.page_scale[along] / MM_PER_INCH
    left, right = (round(float(v)) for v in (px[:, 1 - along].min(), px[:, 1 - along].max()))
    inset = round(_BEYOND_MM * per_mm)
    top, bottom = (round(float(v)) for v in (px[:, along].min(), px[:, along].max()))
    rows, columns = (slice(max(0, a + inset), max(0, b - inset)) for a, b in ((top, bottom), (left, right)))
    strips = [
        page[: max(0, top - inset), columns],
        page[max(0, bottom + inset) :, columns],
        page[rows, : max(0, left - inset)],
        page[rows, max(0, right + inset) :],
    ]
    return sum(_ink_on_paper_mm2(np.ascontiguousarray(strip), per_mm) for strip in strips)


def _ink_on_paper_mm2(strip: GreyImage, per_mm: float) -> float:
    """Strokes and letters: what is darker than light paper within two millimetres around."""
    if min(strip.shape) < _SECOND_PAPER_MM * per_mm:
        return 0.0
    size = 2 * round(_SECOND_PAPER_MM * per_mm / 2) + 1
    paper = cv2.morphologyEx(strip, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    inked = (cv2.subtract(paper, strip) > _INK_DARKER) & (paper > _LIGHT_GREY)
    # A streak goes on beyond the paper; it is no print.
    inked[:, inked.mean(axis=0) > 0.8] = False
    return float(inked.sum()) / per_mm**2


def sides_apart_mm(placed: list[PlacedImage]) -> float:
    """By how much the page lies at another end of the picture on the back than on the front.

    Zero unless both pictures are of one size and the two places together fill them, as where a
    scanner that crops its pictures takes in two sheets: each camera sees the sheet on its side.
    """
    ways = {p.work.scan.lies_on_its_side for p in placed}
    if len(placed) != 2 or len(ways) > 1:
        return 0.0
    along = 0 if ways == {True} else 1
    lengths = [p.work.scan.grey.shape[1 - along] / p.work.dpi[along] * MM_PER_INCH for p in placed]
    page = max(p.registration.side.size_mm[along] for p in placed)
    excess = min(lengths) - page
    starts = [_start_mm(p, along) for p in placed]
    apart = abs(starts[0] - starts[1])
    alike = abs(lengths[0] - lengths[1]) < _BEYOND_MM
    return apart if alike and apart > 0.6 * excess else 0.0


def _start_mm(placed: PlacedImage, along: int) -> float:
    """How far the start of the page along an axis is from the end of the picture that it points to."""
    registration = placed.registration
    start_mm = np.array([registration.side.size_mm]) / 2
    start_mm[0, along] = 0.0
    at_px = float(apply(registration.mm_to_scan, start_mm)[0, along])
    if registration.upside_down:
        at_px = placed.work.scan.grey.shape[1 - along] - at_px
    return at_px / placed.work.dpi[along] * MM_PER_INCH
