"""The way of a sheet: from two images to a reading."""

from __future__ import annotations

from ballot.reading import DoubtCode, Reading, ScanSide
from ballot.sheet import PageImage, SheetScan
from recognition.count_stamps import NO_STAMPS, CountStamps
from recognition.decode import Undecodable, decode_page
from recognition.feed_faults import doubt_feed_faults, is_empty_paper, too_long_mm
from recognition.fields import read_fields
from recognition.findings import Findings
from recognition.identified import identify_ballot
from recognition.names.row import NameReader
from recognition.pages import inspect_pages
from recognition.profile import DEFAULT_PROFILE, Profile
from recognition.reference import CompiledLayouts, compile_layouts
from recognition.sides import PlacedImage, place_image
from recognition.streaks import find_streaks
from recognition.trace import SheetTrace

_FOREIGN = "shows no side of any ballot of this election"

__all__ = ["CompiledLayouts", "compile_layouts", "read_sheet"]


def read_sheet(
    sheet: SheetScan,
    layouts: CompiledLayouts,
    profile: Profile = DEFAULT_PROFILE,
    names: NameReader | None = None,
    trace: SheetTrace | None = None,
    stamps: CountStamps = NO_STAMPS,
) -> Reading:
    """Reads one sheet. Pure: the same input gives the same reading.

    Args:
        sheet: Both sides as delivered, either first, either way up.
        layouts: From `compile_layouts`.
        profile: Decision thresholds.
        names: Reads handwritten names; without it every written row goes to a person.
        trace: Filled with what each stage saw; the reading is the same without it.
        stamps: Those of this count, from `recognition.stamp_learning`; without them weak stamps and
            stamps of text in odd places go to a person, and a stamp of another office passes.

    Returns:
        The reading; everything the machine is not sure of is a doubt in it.
    """
    findings = Findings(sheet)
    placed = [
        image
        for scan, page in ((ScanSide.FRONT, sheet.front), (ScanSide.BACK, sheet.back))
        if (image := _placed(scan, page, layouts, profile, findings, trace)) is not None
    ]
    identified = identify_ballot(placed, layouts, profile, findings)
    if trace is not None:
        trace.placed = {image.scan: image for image in placed}
        trace.sheet = identified
    if identified is None:
        return findings.reading()
    read_fields(identified, layouts, profile, names, findings)
    streaks = {side.placed.scan: find_streaks(side, profile) for side in identified.sides}
    stamp = inspect_pages(identified, streaks, stamps, profile, findings)
    if trace is not None:
        trace.stamp = stamp
    doubt_feed_faults(identified, streaks, profile, findings)
    return findings.reading()


def _placed(
    scan: ScanSide,
    page: PageImage | None,
    layouts: CompiledLayouts,
    profile: Profile,
    findings: Findings,
    trace: SheetTrace | None,
) -> PlacedImage | None:
    """Decodes and registers one image; what stands in the way becomes a doubt."""
    if page is None:
        findings.doubt(DoubtCode.MISSING_SIDE, scan, detail="Only one side of this sheet was delivered.")
        return None
    if page.problem:
        findings.doubt(DoubtCode.UNREADABLE, scan, detail=f"{page.name}: {page.problem}.")
        return None
    image = decode_page(page.data)
    if isinstance(image, Undecodable):
        findings.doubt(DoubtCode.UNREADABLE, scan, detail=f"{page.name}: {image.reason}.")
        return None
    if trace is not None:
        trace.scans[scan] = image
    placed = place_image(scan, image, layouts, profile)
    if placed is None:
        empty = is_empty_paper(image, profile)
        what = "is an empty sheet of paper, nothing is printed on it" if empty else _FOREIGN
        detail = f"{page.name}: {what}."
        findings.doubt(DoubtCode.UNREADABLE, scan, detail=detail)
        beyond = too_long_mm(image, layouts)
        if beyond >= profile.too_long_mm and not empty:
            detail = f"{page.name}: {beyond:.0f} mm longer than any ballot here; two sheets may lie in it."
            findings.doubt(DoubtCode.DOUBLE_FEED, scan, detail=detail)
    return placed
