"""Repeated imports, repeated sheets, and what the counts refuse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ballot.errors import StationError
from ballot.reading import DoubtCode
from ballot.ruling import SheetState, Verdict
from ballot.sheet import SheetScan
from review.desk import Desk
from station.station_counts import counts_of
from station.station_folder import Station
from store.station_store import StationStore
from tests.station_fakes import ELECTION, deck, intake, make_station, reading, scan


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StationStore]:
    with make_station(tmp_path / "s") as made:
        yield made


def twins() -> list[SheetScan]:
    """Two scans of one ballot: other pictures, the same printed id."""
    return [scan("x", reading(ballot_id="00000042")), scan("y", reading(ballot_id="00000042"))]


def test_importing_the_same_files_again_changes_nothing(store: StationStore) -> None:
    first = intake(store).run(deck(5))
    before = store.events()
    again = intake(store).run(deck(5))
    assert (first.new, first.read) == (5, 5)
    assert (again.new, again.known, again.read) == (0, 5, 0)
    assert store.events() == before


def test_a_later_import_with_more_files_adds_only_those(store: StationStore) -> None:
    intake(store).run(deck(5))
    report = intake(store).run(deck(8))
    assert (report.new, report.known) == (3, 5)
    assert [s.sequence for s in store.sheets()] == list(range(1, 9))


def test_equal_bytes_under_two_names_are_two_sheets_and_both_are_doubted(store: StationStore) -> None:
    intake(store).run([scan("x", noise="same"), scan("y", noise="same")])
    desk = Desk(store, ELECTION)
    assert [e.standing.state for e in desk.entries()] == [SheetState.NEEDS_REVIEW] * 2
    assert [i.key for i in desk.look("1-0001").standing.open] == ["duplicate_ballot/1-0002"]


def test_the_same_name_and_bytes_twice_in_one_import_are_two_sheets(store: StationStore) -> None:
    twice = [scan("x"), scan("x")]
    assert intake(store).run(twice).new == 2
    assert intake(store).run(twice).known == 2
    assert len(store.sheets()) == 2


def test_a_ballot_id_seen_twice_doubts_both_sheets_even_the_one_read_before(store: StationStore) -> None:
    intake(store).run(twins()[:1])
    desk = Desk(store, ELECTION)
    assert desk.look("1-0001").standing.state is SheetState.ACCEPTED
    intake(store).run(twins())
    for sheet, other in (("1-0001", "1-0002"), ("1-0002", "1-0001")):
        found = desk.look(sheet).standing
        assert found.state is SheetState.NEEDS_REVIEW
        assert [(i.code, i.other_sheet) for i in found.open] == [(DoubtCode.DUPLICATE_BALLOT, other)]


def test_one_of_a_pair_withdrawn_leaves_the_other_counted(store: StationStore) -> None:
    intake(store).run(twins())
    desk = Desk(store, ELECTION)
    desk.rule("1-0002", "1", Verdict.WITHDRAW, by="Kari")
    assert desk.look("1-0002").standing.state is SheetState.WITHDRAWN
    assert desk.look("1-0001").standing.state is SheetState.ACCEPTED
    counts = counts_of(Station(store, ELECTION, store.files()))
    assert counts.total == 1
    assert counts.sheets is not None
    assert counts.sheets.withdrawn == 1


def test_withdrawing_both_of_a_pair_is_refused(store: StationStore) -> None:
    intake(store).run(twins())
    desk = Desk(store, ELECTION)
    desk.rule("1-0002", "duplicate_ballot/1-0001", Verdict.WITHDRAW, by="Kari")
    with pytest.raises(Exception, match="no such doubt"):
        desk.rule("1-0001", "duplicate_ballot/1-0002", Verdict.WITHDRAW, by="Ola")
    assert desk.look("1-0001").standing.state is SheetState.ACCEPTED


def test_two_real_ballots_with_one_id_are_kept_by_two_rulings(store: StationStore) -> None:
    intake(store).run(twins())
    desk = Desk(store, ELECTION)
    desk.rule("1-0001", "1", Verdict.KEEP, by="Kari")
    assert desk.look("1-0002").standing.state is SheetState.NEEDS_REVIEW
    desk.rule("1-0002", "1", Verdict.KEEP, by="Kari")
    assert [e.standing.state for e in desk.entries()] == [SheetState.SETTLED] * 2


def test_a_third_scan_asks_again_about_a_sheet_that_was_kept(store: StationStore) -> None:
    intake(store).run(twins())
    desk = Desk(store, ELECTION)
    desk.rule("1-0001", "1", Verdict.KEEP, by="Kari")
    intake(store).run([*twins(), scan("z", reading(ballot_id="00000042"))])
    assert [i.key for i in desk.look("1-0001").standing.open] == ["duplicate_ballot/1-0003"]


def test_an_id_given_by_a_person_is_compared_too(store: StationStore) -> None:
    intake(store).run([scan("x", reading(ballot_id="00000042")), scan("y", reading(ballot_id=None))])
    desk = Desk(store, ELECTION)
    assert desk.look("1-0001").standing.state is SheetState.ACCEPTED
    desk.rule("1-0002", "ballot_id", Verdict.BALLOT_ID, "00000042", by="Kari")
    assert [i.key for i in desk.look("1-0001").standing.open] == ["duplicate_ballot/1-0002"]


def test_counts_are_refused_while_sheets_are_open_and_say_where(store: StationStore) -> None:
    intake(store).run(deck(8))
    station = Station(store, ELECTION, store.files())
    with pytest.raises(StationError, match=r"2 of 8 sheets are not decided[^|]*box 1: 2 waiting for review"):
        counts_of(station)
    counts = counts_of(station, allow_open=True)
    assert counts.total == 6
    assert counts.sheets is not None
    assert counts.sheets.pending == 2


def test_an_empty_station_has_no_counts(store: StationStore) -> None:
    with pytest.raises(StationError, match="No sheet"):
        counts_of(Station(store, ELECTION, store.files()))


def test_progress_puts_every_sheet_in_one_state(store: StationStore) -> None:
    intake(store).run(deck(8))
    (box,) = Desk(store, ELECTION).progress()
    assert box.sheets == 8
    assert box.states == {SheetState.ACCEPTED: 6, SheetState.NEEDS_REVIEW: 2}
