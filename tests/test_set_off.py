"""Stamps reversed, as a wet one leaves itself on the ballot that lies on it, are no stamps."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ballot.layout import PageSide
from ballot.reading import DoubtCode, ScanSide, StampState
from ballot.sheet import PageImage, SheetScan
from calibration.testdeck.deck import simulate_deck
from calibration.testdeck.options import CLEAN
from calibration.testdeck.scanning import ColourMode
from calibration.testdeck.stamps import StampDesign
from calibration.testdeck.voters import VoterRanges
from recognition.count_stamps import CountStamps, KnownStamp
from recognition.profile import DEFAULT_PROFILE
from recognition.reader import CompiledLayouts, read_sheet
from recognition.stamp_learning import StampLearner, stamp_picture
from recognition.trace import SheetTrace
from tests.drawn_sheets import pixels
from tests.print_houses import Printed

SILENT = VoterRanges(
    no_personal_votes=1.0, write_in_rate=0.0, party_ballots=0.0, blank_ballots=0.0, odd_choices=0.0
)
Seen = list[tuple[SheetScan, SheetTrace, np.ndarray]]


@pytest.fixture(scope="module", params=list(StampDesign))
def seen(request: pytest.FixtureRequest, printed: Printed, layouts: CompiledLayouts) -> Seen:
    """Four sheets with one stamp in its field, and its picture on each."""
    scanner = replace(CLEAN.scanner, dpis=(200,), modes=(ColourMode.GREY,))
    stamps = replace(CLEAN.stamps, designs=(request.param,), wrong_side=0.0)
    options = replace(CLEAN, voters=SILENT, scanner=scanner, stamps=stamps)
    found: Seen = []
    for sheet in simulate_deck(printed.election, printed.folder, 97, options, 4, fields=printed.fields):
        trace = SheetTrace()
        read_sheet(sheet.scan, layouts, trace=trace)
        picture = stamp_picture(trace)
        assert picture is not None
        found.append((sheet.scan, trace, picture))
    return found


def _learnt(pictures: list[np.ndarray]) -> CountStamps:
    learner = StampLearner(DEFAULT_PROFILE)
    for picture in pictures:
        learner.add(picture)
    return learner.stamps()


def test_a_stamp_that_was_set_off_on_many_ballots_is_not_learnt(seen: Seen) -> None:
    own = [picture for _, _, picture in seen]
    reversed_ones = [np.ascontiguousarray((picture[:, ::-1] * 0.8).astype(np.uint8)) for picture in own]
    known = _learnt([picture for pair in zip(own, reversed_ones, strict=True) for picture in pair]).known
    assert len(known) == 1, "the reverse of a stamp is none"
    assert np.abs(known[0].picture.astype(int) - _learnt(own).known[0].picture).mean() < 5, (
        "and it is the stamp"
    )


def test_a_stamp_reversed_is_not_read_as_present(seen: Seen, layouts: CompiledLayouts) -> None:
    stamps = _learnt([picture for _, _, picture in seen])
    for scan, trace, _ in seen:
        assert read_sheet(scan, layouts, stamps=stamps).stamp is StampState.PRESENT
        reading = read_sheet(_with_field_reversed(scan, trace), layouts, stamps=stamps)
        assert reading.stamp is not StampState.PRESENT
        assert {DoubtCode.STAMP_UNCERTAIN, DoubtCode.STAMP_MISSING} & {d.code for d in reading.doubts}


def test_of_two_stamps_with_one_ring_the_reverse_of_one_is_not_the_other(
    seen: Seen, layouts: CompiledLayouts
) -> None:
    """The other has nothing in its middle."""
    (own,) = _learnt([picture for _, _, picture in seen]).known
    other = own.picture.copy()
    third = len(other) // 3
    other[third:-third, third:-third] = 0
    both = CountStamps((KnownStamp(other, 9), own), complete=True)
    scan, trace, _ = seen[0]
    for stamps in (both, CountStamps(both.known[:1])):
        assert read_sheet(scan, layouts, stamps=stamps).stamp is StampState.PRESENT
    for stamps in (both, CountStamps(both.known[:1], complete=True)):
        reading = read_sheet(_with_field_reversed(scan, trace), layouts, stamps=stamps)
        assert reading.stamp is not StampState.PRESENT


def _with_field_reversed(scan: SheetScan, trace: SheetTrace) -> SheetScan:
    outside = next(image for image in trace.placed.values() if image.page is PageSide.OUTSIDE)
    registration = outside.registration
    field = registration.side.layout.stamp_field
    assert field is not None
    ends = np.array([(field.x_mm, field.y_mm), (field.right_mm, field.bottom_mm)])
    (left, right), (top, bottom) = (
        np.sort(pixels(registration.mm_to_scan, ends)[:, 0, axis]) for axis in (0, 1)
    )
    page = scan.front if outside.scan is ScanSide.FRONT else scan.back
    assert page is not None
    picture = np.array(Image.open(io.BytesIO(page.data)))
    picture[top:bottom, left:right] = picture[top:bottom, left:right][:, ::-1]
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG", dpi=(200, 200))
    changed = PageImage(page.name, file.getvalue())
    return replace(scan, front=changed) if outside.scan is ScanSide.FRONT else replace(scan, back=changed)
