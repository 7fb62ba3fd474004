"""What goes wrong between the ballot box and the scanner: seen in the pictures, named in the truth."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ballot.election import Election
from ballot.layout import PageSide
from ballot.sheet import PageImage
from calibration.testdeck.deck import SimulatedSheet, simulate_deck
from calibration.testdeck.designs import design_named
from calibration.testdeck.elections import make_election
from calibration.testdeck.feeding import FeedRanges, dirt_on_glass
from calibration.testdeck.lost_marks import Loss
from calibration.testdeck.options import CLEAN, TROUBLE, DeckOptions
from calibration.testdeck.printing import print_election
from calibration.testdeck.scanning import Background, ColourMode

MM_AT_200_DPI = 200 / 25.4
Printed = tuple[Election, Path]


@pytest.fixture(scope="module", params=["fjord", "skog"])
def printed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Printed:
    election = make_election(7, seats=11, lists=2)
    folder = tmp_path_factory.mktemp(request.param)
    print_election(election, design_named(request.param, election.kind), folder)
    return election, folder


def _still(options: DeckOptions = CLEAN, **changes: Any) -> DeckOptions:
    """A grey scanner at 200 dpi that lays the sheet in the very middle of the picture."""
    scanner = replace(
        options.scanner, dpis=(200,), modes=(ColourMode.GREY,), backgrounds=(Background.CROPPED,),
        skew_deg=0.0, shift_mm=0.0, stretch=0.0, wave_mm=0.0, fold_step_mm=0.0, upside_down_rate=0.0,
        swapped_rate=0.0,
    )  # fmt: skip
    return replace(options, scanner=scanner, **changes)


def _grey(page: PageImage | None) -> np.ndarray:
    assert page is not None
    return np.asarray(Image.open(io.BytesIO(page.data)).convert("L")).astype(int)


def _deck(printed: Printed, options: DeckOptions, sheets: int, **more: Any) -> list[SimulatedSheet]:
    return list(simulate_deck(*printed, 31, options, sheets, **more))


def test_a_ballot_scanned_again_says_the_same_on_other_pictures(printed: Printed) -> None:
    deck = _deck(printed, replace(TROUBLE, feed=FeedRanges()), 6, passes=3)
    for sheets in (deck[:3], deck[3:]):
        same = ("kind", "list", "ballot_id", "personal", "undecided", "write_ins", "mark_boxes", "stamp")
        assert all(len({repr(s.truth[key]) for s in sheets}) == 1 for key in same)
        assert len({s.scan.front.data for s in sheets}) == 3
    assert deck[0].truth["ballot_id"] != deck[3].truth["ballot_id"]
    later = _deck(printed, replace(TROUBLE, feed=FeedRanges()), 2, start=4, passes=3)
    assert later == deck[4:]


def test_a_ballot_can_be_scanned_coarser_than_it_was_drawn(printed: Printed) -> None:
    options = replace(CLEAN, scanner=replace(CLEAN.scanner, dpis=(200, 300)))
    sizes = set()
    for sheet in _deck(printed, options, 8, passes=4):
        with Image.open(io.BytesIO(sheet.scan.front.data)) as picture:
            dpi = round(float(picture.info["dpi"][0]))
            assert f"dpi:{dpi}" in sheet.truth["conditions"]
            assert picture.width / dpi * 25.4 == pytest.approx(300, abs=30)
            sizes.add(dpi)
    assert sizes == {200, 300}


def test_dirt_on_the_glass_draws_the_same_streak_on_many_sheets(printed: Printed) -> None:
    options = _still(feed=FeedRanges(dirty=1.0, dirty_sheets=3))
    deck = _deck(printed, options, 6)
    places = []
    for sheet in deck:
        assert "streak" in sheet.truth["conditions"]
        lightest = _grey(sheet.scan.front).max(axis=0)
        places.append(int(np.argmin(lightest)))
        assert lightest.min() < 160
    assert max(places[:3]) - min(places[:3]) <= 2
    assert max(places[3:]) - min(places[3:]) <= 2
    assert abs(places[0] - places[3]) > 10
    assert dirt_on_glass(FeedRanges(), 31, 0) is None


def test_a_double_feed_is_too_long_and_shows_two_sheets(printed: Printed) -> None:
    single = _grey(_deck(printed, _still(), 1)[0].scan.front)
    for sheet in _deck(printed, _still(feed=FeedRanges(double_feed=1.0)), 4):
        assert "double_feed" in sheet.truth["conditions"]
        assert "double_feed" in sheet.truth["expected_doubts"]
        longer = _grey(sheet.scan.front)
        assert longer.shape[0] > 1.05 * single.shape[0]
        assert longer.shape[1] == single.shape[1]
        assert (longer[single.shape[0] :] < 128).any()


def test_empty_paper_shows_nothing(printed: Printed) -> None:
    sheet = _deck(printed, _still(feed=FeedRanges(empty_paper=1.0)), 1)[0]
    assert sheet.truth["kind"] == "unknown"
    assert sheet.truth["ballot_number"] is None
    assert sheet.truth["expected_doubts"] == ["unreadable"]
    assert "empty_paper" in sheet.truth["conditions"]
    for page in (sheet.scan.front, sheet.scan.back):
        assert np.percentile(_grey(page), 1) > 180


def test_lost_registration_marks_are_gone_and_named(printed: Printed) -> None:
    seen = set()
    options = _still(wear=replace(CLEAN.wear, lost_mark_rate=1.0, crease=0.0, specks=0))
    for lost, whole in zip(_deck(printed, options, 24), _deck(printed, _still(), 24), strict=True):
        words = [w for w in lost.truth["conditions"] if w.startswith("mark_")]
        assert 1 <= len(words) <= 2
        assert not any(w.startswith("mark_") for w in whole.truth["conditions"])
        for word in words:
            loss, side = word.split(":")
            seen.add((Loss(loss), PageSide(side)))
            first = lost.scan.front if side == PageSide.INSIDE.value else lost.scan.back
            other = whole.scan.front if side == PageSide.INSIDE.value else whole.scan.back
            changed = np.abs(_grey(first) - _grey(other)) > 60
            assert changed.sum() > 2 * MM_AT_200_DPI**2, word
    assert {loss for loss, _ in seen} == set(Loss)
    assert {side for _, side in seen} == set(PageSide)


def test_the_preset_trouble_has_every_kind_of_trouble(printed: Printed) -> None:
    feed = replace(TROUBLE.feed, dirty_sheets=5)
    options = replace(TROUBLE, scanner=replace(TROUBLE.scanner, dpis=(100,)), feed=feed)
    words: set[str] = set()
    doubts: set[str] = set()
    for sheet in _deck(printed, options, 150):
        words |= {word.split(":")[0] for word in sheet.truth["conditions"]}
        doubts |= set(sheet.truth["expected_doubts"])
    assert {"taken_back", "mark_beside", "comment", "torn", "hole", "streak", "fold_step"} <= words
    assert words & {loss.value for loss in Loss}
    assert {"stamp_missing", "mark_taken_back", "ink_outside_fields", "torn"} <= doubts
