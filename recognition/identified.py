"""Which ballot a sheet is, and its sides laid onto that ballot's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from ballot.layout import PageSide, SideLayout
from ballot.reading import DoubtCode, SheetKind
from recognition.edge_shade import without_shade
from recognition.findings import Findings
from recognition.geometry import GreyImage
from recognition.identify import NumberVerdict, header_agrees, judge_number, read_digit_line
from recognition.ink import PageInk, compare_page
from recognition.local_fit import fitted_to_print
from recognition.missing_colour import missing_colour
from recognition.overprint import PrintSeen, see_print
from recognition.pale_hole import pale_holes
from recognition.print_places import displacements
from recognition.profile import Profile
from recognition.reference import CompiledBallot, CompiledLayouts, CompiledSide
from recognition.register import seen_area, straightened_page
from recognition.sides import PlacedImage, placed_as
from recognition.torn_corner import torn_corners


@dataclass(frozen=True)
class SidePage:
    """One side of an identified sheet.

    Attributes:
        page: Its straightened picture at `PAGE_DPI`.
        seen: What is on it beyond the blank's print, and what is missing.
        prints: What it shows of each of the blank's lines of print; None where there are none.
    """

    placed: PlacedImage
    page: GreyImage
    seen: PageInk
    prints: PrintSeen | None

    @cached_property
    def darker(self) -> GreyImage:
        """By how many grey levels each pixel of the page is darker than its blank can be."""
        return np.asarray(cv2.subtract(self.placed.registration.side.darkest_near, self.seen.level), np.uint8)

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
            sides.append(_compared(own, ballot.side(image.page.other)))
    findings.registrations = [s.placed.as_reading() for s in sides]
    sheet = IdentifiedSheet(ballot, tuple(sides))
    _check_header(sheet, layouts, profile, findings)
    return sheet


def _compared(placed: PlacedImage, back: CompiledSide) -> SidePage:
    """Compares an image with its blank.

    Args:
        back: The other side's blank.
    """
    registration, scan = placed.registration, placed.work.scan
    page = straightened_page(placed.work, registration)
    fit = fitted_to_print(registration, page)
    moves = fit.moves
    if fit.registration is not registration:
        registration = fit.registration
        placed = replace(placed, registration=registration)
        page = straightened_page(placed.work, registration)
        moves = displacements(registration.side.prints.points, registration.side.page, page)
    area = seen_area(placed.work, registration)
    seen = compare_page(page, registration.side, area, registration.residual_mm, scan.bilevel)
    gone = missing_colour(placed, page, area)
    if gone is not None and gone.any():
        seen = replace(seen, missing_print=seen.missing_print | gone)
    if not scan.bilevel:
        side = registration.side
        behind = back.shown_behind if back.page.shape == page.shape else None
        holes = pale_holes(page, side.page, area, behind)
        for lost in (torn_corners(placed, page, area, behind), holes):
            if lost is not None:
                seen = replace(seen, no_paper=seen.no_paper | without_shade(placed, page, lost))
    return SidePage(placed, page, seen, see_print(placed, moves))


def _fits(placed: PlacedImage, profile: Profile) -> bool:
    registration = placed.registration
    return (
        registration.agreeing >= profile.min_agreeing and registration.residual_mm <= profile.max_residual_mm
    )


def _ballot_by_number(
    placed: list[PlacedImage], layouts: CompiledLayouts, profile: Profile, findings: Findings
) -> CompiledBallot | None:
    """The ballot that its number names; that of another side, where that has one too, must agree."""
    read = []
    for image in placed:
        field = image.registration.side.layout.ballot_number
        if field is not None:
            scores = read_digit_line(image.source, image.registration, field, layouts.digit_shapes)
            read.append((image.scan, field.box, judge_number(scores, layouts, profile)))
    if not read:
        if placed:
            detail = "The side that carries the ballot number is missing."
            findings.doubt(DoubtCode.UNKNOWN_LIST, detail=detail)
        return None
    scan, box, number = read[0]
    for other_scan, other_box, other in read[1:]:
        told = number.ballot is not None and other.verdict is not NumberVerdict.UNREADABLE
        if told and other.ballot is not number.ballot:
            detail = f"The sides have different ballot numbers ({number.text} and {other.text})."
            findings.doubt(DoubtCode.SIDES_MISMATCH, other_scan, other_box, detail=detail)
            return None
    if number.verdict is NumberVerdict.OTHER_ELECTION:
        findings.ballot_number = number.text if "?" not in number.text else None
        detail = f"The ballot number {number.text} is not of this election."
        findings.doubt(DoubtCode.WRONG_ELECTION, scan, box, detail=detail)
    elif number.ballot is None:
        detail = f"The ballot number cannot be read with certainty (read {number.text})."
        findings.doubt(DoubtCode.UNKNOWN_LIST, scan, box, detail=detail)
    return number.ballot


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
