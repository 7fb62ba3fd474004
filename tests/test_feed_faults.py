"""Faults of feeder and glass: named as such, doubted, and never seen where there are none."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ballot.reading import DoubtCode, MarkState, Reading, ScanSide
from ballot.sheet import PageImage, SheetScan
from calibration.testdeck.deck import SimulatedSheet, simulate_deck
from calibration.testdeck.feeding import FeedRanges
from calibration.testdeck.options import CLEAN
from calibration.testdeck.scanning import Background, ColourMode
from recognition.reader import CompiledLayouts, read_sheet
from tests.print_houses import Printed

DPI = 200
NAMED = {DoubtCode.STREAK, DoubtCode.DOUBLE_FEED}


def _deck(
    printed: Printed, sheets: int, background: Background, skew_deg: float = 0.0, **feed: float
) -> list[SimulatedSheet]:
    scanner = replace(
        CLEAN.scanner, dpis=(DPI,), modes=(ColourMode.GREY,), backgrounds=(background,),
        skew_deg=skew_deg, upside_down_rate=0.0, swapped_rate=0.0,
    )  # fmt: skip
    options = replace(CLEAN, scanner=scanner, feed=FeedRanges(**feed))  # type: ignore[arg-type]
    deck = simulate_deck(printed.election, printed.folder, 4_711, options, sheets, fields=printed.fields)
    return list(deck)


def _pixels(page: PageImage | None) -> np.ndarray:
    assert page is not None
    return np.array(Image.open(io.BytesIO(page.data)).convert("L"))


def _page(pixels: np.ndarray, name: str = "changed.png") -> PageImage:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG", dpi=(DPI, DPI))
    return PageImage(name, file.getvalue())


def _codes(reading: Reading) -> set[DoubtCode]:
    return {d.code for d in reading.doubts}


@pytest.mark.parametrize("background", list(Background))
def test_sheets_fed_one_by_one_over_clean_glass_have_no_fault(
    printed: Printed, layouts: CompiledLayouts, background: Background
) -> None:
    for sheet in _deck(printed, 3, background, skew_deg=1.0):
        assert not _codes(read_sheet(sheet.scan, layouts)) & NAMED


@pytest.mark.parametrize("background", list(Background))
def test_dirt_on_the_glass_is_named_on_both_sides(
    printed: Printed, layouts: CompiledLayouts, background: Background
) -> None:
    for sheet in _deck(printed, 2, background, skew_deg=1.0, dirty=1.0, dirty_sheets=1):
        doubts = [d for d in read_sheet(sheet.scan, layouts).doubts if d.code is DoubtCode.STREAK]
        assert {d.side for d in doubts if d.side} == {"front", "back"}
        assert all("clean the scanner glass" in d.detail for d in doubts)


def test_every_box_under_a_streak_is_doubted(printed: Printed, layouts: CompiledLayouts) -> None:
    sheet = _deck(printed, 1, Background.WHITE)[0]
    straight = read_sheet(sheet.scan, layouts)
    marks = [m for m in straight.marks if m.candidate is not None]
    assert len(marks) >= 4
    registration = next(r for r in straight.registrations if r.page == "inside")
    x, _ = registration.mm_to_px.apply(*marks[0].expected.center_mm)
    pixels = _pixels(sheet.scan.front)
    pixels[:, round(x) : round(x) + 2] = np.minimum(pixels[:, round(x) : round(x) + 2], 90)
    reading = read_sheet(SheetScan(_page(pixels), sheet.scan.back), layouts)
    column = {m.candidate for m in marks if abs(m.expected.x_mm - marks[0].expected.x_mm) < 1}
    doubted = {
        d.candidate for d in reading.doubts if d.code in (DoubtCode.MARK_UNCERTAIN, DoubtCode.MARK_TAKEN_BACK)
    }
    assert len(column) >= 3
    assert column <= doubted
    assert DoubtCode.STREAK in _codes(reading)


def test_a_streak_is_no_writing_but_writing_across_it_is(printed: Printed, layouts: CompiledLayouts) -> None:
    sheet = _deck(printed, 1, Background.WHITE)[0]
    pixels = _pixels(sheet.scan.front)
    height, width = pixels.shape
    x = width - round(9 / 25.4 * DPI)
    pixels[:, x : x + 2] = np.minimum(pixels[:, x : x + 2], 40)
    reading = read_sheet(SheetScan(_page(pixels), sheet.scan.back), layouts)
    assert _codes(reading) == {DoubtCode.STREAK}
    for step in range(-20, 20):
        pixels[height // 3 + step : height // 3 + step + 3, x + step : x + step + 3] = 40
    reading = read_sheet(SheetScan(_page(pixels), sheet.scan.back), layouts)
    assert _codes(reading) == {DoubtCode.STREAK, DoubtCode.INK_OUTSIDE_FIELDS}


@pytest.mark.parametrize("kind", ["fold across", "fold askew", "pen line", "line over half the page"])
def test_other_lines_are_no_streaks(printed: Printed, layouts: CompiledLayouts, kind: str) -> None:
    sheet = _deck(printed, 1, Background.WHITE)[0]
    pixels = _pixels(sheet.scan.front).astype(int)
    height, width = pixels.shape
    rows = np.arange(height)
    if kind == "fold across":
        pixels[height // 2 : height // 2 + 3] -= 40
    elif kind == "fold askew":
        for offset in range(3):
            pixels[rows, width // 3 + offset + rows // 60] -= 40
    elif kind == "pen line":
        wobble = width // 3 + np.rint(4 * np.sin(rows / 90)).astype(int)
        for offset in range(4):
            pixels[rows[150:-150], wobble[150:-150] + offset] = 60
    else:
        pixels[height // 2 :, width // 3 : width // 3 + 2] = 90
    front = _page(np.clip(pixels, 0, 255).astype(np.uint8))
    reading = read_sheet(SheetScan(front, sheet.scan.back), layouts)
    assert not _codes(reading) & NAMED


def test_a_second_sheet_that_sticks_out_at_the_side_is_named(
    printed: Printed, layouts: CompiledLayouts
) -> None:
    """Eighteen millimetres of another ballot beside the first, as the scanner sees them on both sides."""
    sheet = _deck(printed, 1, Background.WHITE)[0]
    straight = read_sheet(sheet.scan, layouts)
    assert not _codes(straight) & NAMED
    strip_px = round(18 / 25.4 * DPI)
    pages = {ScanSide.FRONT: sheet.scan.front, ScanSide.BACK: sheet.scan.back}
    for found in straight.registrations:
        pixels = _pixels(pages[found.scan])
        assert not found.upside_down
        ends = [round(found.mm_to_px.apply(x_mm, 100.0)[0]) for x_mm in (0.0, _width_mm(layouts))]
        at = ends[1] if found.page == "inside" else ends[0]
        strip = pixels[:, at - strip_px : at] if found.page == "inside" else pixels[:, at : at + strip_px]
        pages[found.scan] = _page(np.concatenate([pixels[:, :at], strip, pixels[:, at:]], axis=1))
    front, back = pages[ScanSide.FRONT], pages[ScanSide.BACK]
    assert front is not None
    assert DoubtCode.DOUBLE_FEED in _codes(read_sheet(SheetScan(front, back), layouts))


def _width_mm(layouts: CompiledLayouts) -> float:
    return layouts.ballots[0].inside.layout.width_mm


@pytest.mark.parametrize("background", list(Background))
def test_two_sheets_at_once_are_named(
    printed: Printed, layouts: CompiledLayouts, background: Background
) -> None:
    for sheet in _deck(printed, 4, background, double_feed=1.0):
        doubts = [d for d in read_sheet(sheet.scan, layouts).doubts if d.code is DoubtCode.DOUBLE_FEED]
        assert doubts, sheet.truth["conditions"]
        assert all("two sheets" in d.detail for d in doubts)


def test_a_long_picture_of_one_sheet_is_no_double_feed(printed: Printed, layouts: CompiledLayouts) -> None:
    sheet = _deck(printed, 1, Background.WHITE)[0]
    pages = []
    for page in (sheet.scan.front, sheet.scan.back):
        pixels = _pixels(page)
        longer = np.full((pixels.shape[0] + 150, pixels.shape[1]), pixels[0, 0], np.uint8)
        longer[: pixels.shape[0]] = pixels
        pages.append(_page(longer))
    assert not _codes(read_sheet(SheetScan(*pages), layouts)) & NAMED


def test_empty_paper_is_called_empty_and_other_print_is_not(
    printed: Printed, layouts: CompiledLayouts
) -> None:
    sheet = _deck(printed, 1, Background.BLACK, empty_paper=1.0)[0]
    details = [d.detail for d in read_sheet(sheet.scan, layouts).doubts if d.code is DoubtCode.UNREADABLE]
    assert len(details) == 2
    assert all("nothing is printed on it" in detail for detail in details)
    letter = _pixels(sheet.scan.front)
    for top in range(300, 1500, 60):
        letter[top : top + 12, 400:1400:9] = 40
    reading = read_sheet(SheetScan(_page(letter), sheet.scan.back), layouts)
    assert ["shows no side of any ballot" in d.detail for d in reading.doubts].count(True) == 1


def test_no_doubt_is_taken_away_by_a_streak(printed: Printed, layouts: CompiledLayouts) -> None:
    sheet = _deck(printed, 1, Background.WHITE, dirty=1.0)[0]
    reading = read_sheet(sheet.scan, layouts)
    uncertain = {m.candidate for m in reading.marks if m.state is MarkState.DOUBTFUL}
    assert uncertain <= {d.candidate for d in reading.doubts}
    assert not reading.accepted


def _on_its_side(printed: Printed) -> tuple[np.ndarray, np.ndarray]:
    """Both pictures of a ballot fed by its short edge."""
    sheet = _deck(printed, 1, Background.CROPPED)[0].scan
    front, back = (np.rot90(_pixels(page)).copy() for page in (sheet.front, sheet.back))
    return front, back


def test_ballots_on_their_side_without_a_fault_have_none(printed: Printed, layouts: CompiledLayouts) -> None:
    front, back = _on_its_side(printed)
    reading = read_sheet(SheetScan(_page(front), _page(back, "b.png")), layouts)
    assert reading.list_id is not None
    assert not _codes(reading) & NAMED


def test_dirt_on_the_glass_is_named_on_ballots_on_their_side(
    printed: Printed, layouts: CompiledLayouts
) -> None:
    front, back = _on_its_side(printed)
    inside = read_sheet(SheetScan(_page(front), _page(back, "b.png")), layouts)
    box = next(mark for mark in inside.marks if mark.candidate is not None)
    at = next(r for r in inside.registrations if r.page == "inside")
    picture = front if at.scan == "front" else back
    x, _ = at.mm_to_px.apply(*box.found.center_mm)
    picture[:, round(x) : round(x) + 2] = np.minimum(picture[:, round(x) : round(x) + 2], 90)
    reading = read_sheet(SheetScan(_page(front), _page(back, "b.png")), layouts)
    assert DoubtCode.STREAK in _codes(reading)
    asked = (DoubtCode.MARK_UNCERTAIN, DoubtCode.MARK_TAKEN_BACK)
    assert box.candidate in {d.candidate for d in reading.doubts if d.code in asked}, reading.doubts


def test_two_ballots_at_once_on_their_side_are_named(printed: Printed, layouts: CompiledLayouts) -> None:
    front, back = _on_its_side(printed)
    behind = [picture[: picture.shape[0] // 2] for picture in (front, back)]
    longer = [np.concatenate([one, other]) for one, other in zip((front, back), behind, strict=True)]
    reading = read_sheet(SheetScan(_page(longer[0]), _page(longer[1], "b.png")), layouts)
    assert DoubtCode.DOUBLE_FEED in _codes(reading)
