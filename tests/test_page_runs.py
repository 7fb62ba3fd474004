"""A page lost from a run of pages, or there twice: no sheet with pages of two ballots passes unasked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from ballot.geometry import Affine
from ballot.layout import PageSide
from ballot.reading import Doubt, DoubtCode, Reading, ScanSide, SheetKind, SideRegistration
from ballot.ruling import SheetState, Verdict
from review.desk import Desk
from station.commands.review import review_app
from station.page_runs import by_run, with_doubts
from station.verify import verify_store
from store.station_store import StationStore
from tests.station_fakes import ELECTION, intake, make_station, reading, scan

Page = tuple[int, PageSide]
BOTH = (PageSide.INSIDE, PageSide.OUTSIDE)


def stack(turned: list[bool]) -> list[Page]:
    """The pages of ballots, each with its inside first, or turned."""
    return [(n, side) for n, back in enumerate(turned) for side in (reversed(BOTH) if back else BOTH)]


def askew(degrees: float) -> Affine:
    turn = math.radians(degrees)
    return Affine(8 * math.cos(turn), -8 * math.sin(turn), 0, 8 * math.sin(turn), 8 * math.cos(turn), 0)


def read(pages: list[Page], at: int, skews: Mapping[Page, float] | None = None) -> Reading:
    """A sheet of the page at a place and the next, as the reader sees them: by what they show."""
    scans = list(zip(ScanSide, pages[at : at + 2], strict=False))
    shown = tuple(
        SideRegistration(where, page, askew((skews or {}).get((n, page), 0.0)), 0.05, False, 300)
        for where, (n, page) in scans
    )
    same = len(scans) == 2 and scans[0][1][1] is scans[1][1][1]
    return reading(
        front=f"{at:04}.jpg",
        back=f"{at + 1:04}.jpg" if len(scans) == 2 else None,
        registrations=shown,
        ballot_id=f"{pages[at][0]:08}",
        kind=SheetKind.UNKNOWN if same else SheetKind.LIST,
        doubts=(Doubt(DoubtCode.SIDES_MISMATCH),) if same else (),  # as the reader has it
    )


def asked_and_mixed(
    pages: list[Page], skews: Mapping[Page, float] | None = None
) -> tuple[set[int], set[int]]:
    """The sheets that are asked about, and those whose two pages are of two ballots and differ in side."""
    places = range(0, len(pages), 2)
    checked = with_doubts([read(pages, at, skews) for at in places])
    asked = {
        n for n, sheet in enumerate(checked) if DoubtCode.SIDES_MISMATCH in {d.code for d in sheet.doubts}
    }
    mixed = {
        n for n, at in enumerate(places) if len(pages[at : at + 2]) == 2 and pages[at][0] != pages[at + 1][0]
    }
    return asked, mixed


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_a_whole_stack_is_asked_about_nowhere(turned: list[bool]) -> None:
    assert asked_and_mixed(stack(turned)) == (set(), set())


@given(st.booleans(), st.integers(2, 40), st.data())
def test_after_a_lost_page_every_mixed_sheet_is_asked_about_and_no_other(
    outside_first: bool, count: int, data: st.DataObject
) -> None:
    pages = stack([outside_first] * count)
    del pages[data.draw(st.integers(1, len(pages) - 1))]  # one lost at the very start leaves no trace
    asked, mixed = asked_and_mixed(pages)
    assert asked == mixed


@given(st.booleans(), st.integers(2, 40), st.data())
def test_after_a_page_scanned_twice_too(outside_first: bool, count: int, data: st.DataObject) -> None:
    pages = stack([outside_first] * count)
    at = data.draw(st.integers(1, len(pages) - 1))
    pages.insert(at, pages[at])
    asked, mixed = asked_and_mixed(pages)
    assert mixed <= asked


@given(st.lists(st.booleans(), min_size=2, max_size=40), st.data())
def test_in_a_stack_laid_in_both_ways_a_mixed_sheet_passes_only_at_the_start(
    turned: list[bool], data: st.DataObject
) -> None:
    pages = stack(turned)
    del pages[data.draw(st.integers(1, len(pages) - 1))]
    asked, mixed = asked_and_mixed(pages)
    passed = mixed - asked
    # Ballots that lie the other way than those after the loss, from the first on: nothing tells it from a
    # stack that starts whole.
    assert len({pages[2 * n][1] for n in range(max(passed, default=0) + 1)}) == 1


@given(st.integers(4, 30), st.data())
def test_two_lost_backs_or_two_lost_fronts_show_themselves(count: int, data: st.DataObject) -> None:
    first, second = sorted(data.draw(st.sets(st.integers(1, count - 2), min_size=2, max_size=2)))
    for side in (0, 1):
        pages = stack([False] * count)
        del pages[2 * second + side], pages[2 * first + side]
        asked, mixed = asked_and_mixed(pages)
        assert mixed <= asked


def skews_of(pages: list[Page], seed: int, mirrored: bool) -> dict[Page, float]:
    """How far each page lies askew: both sides of a sheet alike, as from one feed, or each by itself."""
    random = Random(seed)
    fed = {n: random.gauss(0, 0.4) for n, _ in pages}
    return {
        (n, side): (fed[n] if side is PageSide.INSIDE else -fed[n]) + random.gauss(0, 0.03)
        if mirrored
        else random.gauss(0, 0.4)
        for n, side in pages
    }


@pytest.mark.parametrize("outside_first", [False, True])
def test_a_page_lost_at_the_very_start_shows_in_how_the_pages_lie(outside_first: bool) -> None:
    pages = stack([outside_first] * 30)
    skews = skews_of(pages, 1, mirrored=True)
    asked, mixed = asked_and_mixed(pages[1:], skews)
    assert asked >= mixed - {28}  # the last has no next to compare with
    assert asked_and_mixed(pages, skews)[0] == set()


def test_a_front_and_later_a_back_lost_show_in_how_the_pages_lie() -> None:
    pages = stack([False] * 60)
    skews = skews_of(pages, 2, mirrored=True)
    del pages[101], pages[20]
    asked, mixed = asked_and_mixed(pages, skews)
    assert len(mixed) == 40
    assert len(mixed - asked) <= 2
    assert len(asked - mixed) <= 4  # sixteen sheets are looked at together


@given(st.integers(0, 10**6), st.booleans())
def test_whole_stacks_pass_whether_or_not_both_sides_lie_alike(seed: int, mirrored: bool) -> None:
    pages = stack([False] * 40)
    assert asked_and_mixed(pages, skews_of(pages, seed, mirrored))[0] == set()


def test_straightened_pictures_on_their_side_say_nothing_by_how_they_lie() -> None:
    pages = stack([False] * 40)
    random = Random(5)
    on_side = {page: random.choice([90.0, -90.0]) + random.gauss(0, 0.02) for page in pages}
    assert asked_and_mixed(pages, on_side)[0] == set()


def test_one_sheet_with_two_insides_leaves_the_others_alone() -> None:
    pages = stack([False] * 9)
    pages[7] = (9, PageSide.INSIDE)  # two ballots stuck together, back to back
    asked, _ = asked_and_mixed(pages)
    assert asked == {3}


def test_runs_are_checked_apart_and_order_is_kept() -> None:
    whole, short = stack([False] * 4), stack([False] * 4)
    del short[3]
    sheets: list[tuple[Reading, int | None]] = [(read(whole, at), 0) for at in range(0, 8, 2)]
    sheets += [(read(stack([False]), 0), None)]
    sheets += [(read(short, at), 8) for at in range(0, 7, 2)]
    found = list(by_run(sheets))
    assert [reading.front for reading in found] == [reading.front for reading, _ in sheets]
    assert [n for n, reading in enumerate(found) if reading.doubts] == [6, 7]


def test_a_run_is_held_until_it_ends_and_not_longer() -> None:
    drawn = []
    whole = stack([False] * 2)

    def source() -> list[tuple[Reading, int | None]]:
        return [(read(whole, 0), 0), (read(whole, 2), 0), (read(whole, 0), 4), (read(whole, 0), None)]

    def watched() -> object:
        for entry in source():
            drawn.append(entry)
            yield entry

    released = by_run(watched())  # type: ignore[arg-type]
    next(released)
    assert len(drawn) == 3


def short_run() -> tuple[list[Reading], list[int]]:
    """Six ballots of which the third lost its back."""
    pages = stack([False] * 6)
    del pages[5]
    return [read(pages, at) for at in range(0, len(pages), 2)], [0] * 6


def test_the_station_asks_about_moved_pages_and_keeps_the_first_reading(tmp_path: Path) -> None:
    readings, runs = short_run()
    with make_station(tmp_path / "s") as store:
        report = intake(store).run([scan(r.front, r) for r in readings], runs=runs)
        assert (report.read, report.moved, report.accepted) == (6, 2, 3)
        desk = Desk(store, ELECTION)
        states = [entry.standing.state for entry in desk.entries()]
        assert states == [SheetState.ACCEPTED] * 2 + [SheetState.NEEDS_REVIEW] * 3 + [SheetState.ACCEPTED]
        assert not verify_store(store).problems
        assert len(store.rows().readings) == 8
        desk.rule("1-0004", "sides_mismatch", Verdict.CONFIRM, by="Kari")
        assert desk.look("1-0004").standing.state is SheetState.SETTLED


def test_the_station_asks_though_it_was_stopped_before_the_end(tmp_path: Path) -> None:
    readings, runs = short_run()
    scans = [scan(r.front, r) for r in readings]
    with make_station(tmp_path / "s") as store:
        intake(store).run(scans[:5])  # as a run that was killed: nothing was looked at
        assert intake(store).run(scans, runs=runs).moved == 2
        before = store.events()
        assert intake(store).run(scans, runs=runs).moved == 0
        assert store.events() == before


def test_a_scan_of_other_files_tells_that_the_one_before_did_not_come_to_its_end(tmp_path: Path) -> None:
    with make_station(tmp_path / "s") as store:
        scans = [scan(str(n)) for n in range(3)]
        intake(store).run(scans[:1])
        store.take_in(1, scans[1], 0, "test")
        report = intake(store).run([scan("other")])
        assert (report.new, report.read, report.left) == (1, 2, 1)
        store.take_in(1, scans[2], 0, "test")
        assert intake(store).run(scans).left == 0


def test_a_batch_scanned_again_is_withdrawn_at_once(tmp_path: Path) -> None:
    readings, runs = short_run()
    folder = tmp_path / "s"

    def review(verb: str, *words: str) -> str:
        done = CliRunner().invoke(review_app, [verb, str(folder), *words, "--by", "Kari"])
        assert done.exit_code == 0, done.output
        return done.output

    with make_station(folder) as store:
        intake(store).run([scan(r.front, r) for r in readings], runs=runs)
        Desk(store, ELECTION).rule("1-0004", "sheet", Verdict.PROPOSE_WITHDRAWAL, by="Ola", reason="again")
    words = ("1-0003", "--to", "1-0006", "--reason", "scanned again in box 7")
    review("rule", words[0], "sheet", "propose_withdrawal", *words[1:])
    assert "4 rulings stored" in review("decide", words[0], "committee/w", "withdraw", *words[1:])
    with StationStore.open(folder) as store:
        states = [entry.standing.state for entry in Desk(store, ELECTION).entries()]
    assert states == [SheetState.ACCEPTED] * 2 + [SheetState.WITHDRAWN] * 4


@pytest.mark.parametrize(
    ("first", "issue", "verdict", "last", "why"),
    [
        ("1-0002", "sides_mismatch", "confirm", "1-0004", "many sheets at once"),
        ("1-0004", "sheet", "propose_withdrawal", "1-0002", "no range"),
        ("1-0002", "sheet", "propose_withdrawal", "1-0009", "no sheet '1-0009'"),
        ("1-0002", "committee/w", "withdraw", "1-0004", "nothing is proposed"),
        ("1-0002", "sheet", "propose_withdrawal", "1-0004 --seen 1", "are of one sheet"),
        ("1-0002", "sheet", "propose_withdrawal", "1-0004 --read 1", "are of one sheet"),
    ],
)
def test_what_is_no_withdrawal_of_a_range_stores_nothing(
    tmp_path: Path, first: str, issue: str, verdict: str, last: str, why: str
) -> None:
    readings, runs = short_run()
    folder = tmp_path / "s"
    with make_station(folder) as store:
        intake(store).run([scan(r.front, r) for r in readings], runs=runs)
        before = store.events()
        verb = "decide" if issue.startswith("committee") else "rule"
        said = CliRunner().invoke(
            review_app, [verb, str(folder), first, issue, verdict, "--to", *last.split(), "--reason", "x"]
        )
        assert said.exit_code != 0
        assert why in str(said.exception) + said.output
        assert store.events() == before
