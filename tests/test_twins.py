"""No ballot is lost or counted twice when sheets look alike, come in parts, or are damaged."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ballot.errors import UsageError
from ballot.reading import Doubt, DoubtCode, Reading, SheetKind
from ballot.ruling import HandEntry, Role, SheetState, Verdict
from ballot.sheet import PageImage, SheetScan
from review.desk import Desk
from review.hand_entry import entry_to_text
from scanner.sheets import plan_sheets
from station.station_counts import counts_of
from station.station_folder import Station
from store.station_store import StationStore
from tests.rulings import INSIDE, doubtful
from tests.station_fakes import BOX, ELECTION, intake, make_station, reading, scan

H_NUMBER = "2" * 21 + "2"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StationStore]:
    with make_station(tmp_path / "s") as made:
        yield made


@pytest.fixture
def desk(store: StationStore) -> Desk:
    return Desk(store, ELECTION)


def states(desk: Desk) -> list[SheetState]:
    return [entry.standing.state for entry in desk.entries()]


def open_on(desk: Desk, sheet: str) -> list[str]:
    return [issue.key for issue in desk.look(sheet).standing.open]


def counted(store: StationStore) -> int:
    return counts_of(Station(store, ELECTION, store.files())).total


def with_id(ballot_id: str | None, **changes: Any) -> Reading:
    return reading(ballot_id=ballot_id, registrations=(INSIDE,), **changes)


def withdraw(desk: Desk, sheet: str, other: str) -> None:
    desk.rule(sheet, f"duplicate_ballot/{other}", Verdict.WITHDRAW, by="Kari")


def enter(desk: Desk, sheet: str, list_id: str = "A") -> None:
    entry = HandEntry(SheetKind.LIST, True, list_id)
    desk.rule(sheet, "sheet", Verdict.ENTER, entry_to_text(entry), by="Kari")


def sides(name: str, front: bytes, back: bytes | None) -> SheetScan:
    return SheetScan(
        PageImage(f"{name}a.jpg", front), None if back is None else PageImage(f"{name}b.jpg", back)
    )


@pytest.mark.parametrize("typo", ["00000147", "00000714"])
def test_of_two_ids_that_people_gave_the_later_is_compared(
    store: StationStore, desk: Desk, typo: str
) -> None:
    unsure = doubtful(Doubt(DoubtCode.BALLOT_ID_UNCERTAIN), ballot_id=None)
    intake(store).run([scan("x", with_id("00000417")), scan("y", unsure)])
    desk.rule("1-0002", "ballot_id", Verdict.BALLOT_ID, typo, by="Kari")
    desk.rule("1-0002", "ballot_id_uncertain", Verdict.BALLOT_ID, "00000417", by="Ola")
    assert open_on(desk, "1-0001") == ["duplicate_ballot/1-0002"]
    assert "duplicate_ballot/1-0001" in open_on(desk, "1-0002")


def test_a_withdrawal_ends_when_the_ids_part(store: StationStore, desk: Desk) -> None:
    unsure = doubtful(Doubt(DoubtCode.BALLOT_ID_UNCERTAIN), ballot_id=None)
    intake(store).run([scan("x", with_id("00000417")), scan("y", unsure)])
    desk.rule("1-0002", "ballot_id_uncertain", Verdict.BALLOT_ID, "00000417", by="Kari")
    withdraw(desk, "1-0002", "1-0001")
    assert states(desk) == [SheetState.ACCEPTED, SheetState.WITHDRAWN]
    desk.rule("1-0002", "ballot_id", Verdict.BALLOT_ID, "00000471", by="Ola")
    assert states(desk) == [SheetState.ACCEPTED, SheetState.NEEDS_REVIEW]
    assert open_on(desk, "1-0002") == ["duplicate_ballot/1-0001"]
    with pytest.raises(UsageError, match="does not stand for this ballot any more"):
        withdraw(desk, "1-0002", "1-0001")
    desk.rule("1-0002", "duplicate_ballot/1-0001", Verdict.KEEP, by="Ola")
    assert counted(store) == 2


def test_two_sheets_kept_while_the_ids_were_wrong_are_asked_about_when_they_are_right(
    store: StationStore, desk: Desk
) -> None:
    intake(store).run([scan("x", with_id("00000417")), scan("y", with_id("00000417"))])
    for sheet, other in (("1-0001", "1-0002"), ("1-0002", "1-0001")):
        withdraw(desk, sheet, other)
        desk.rule(sheet, "ballot_id", Verdict.BALLOT_ID, "00000471", by="Kari")
        desk.rule(sheet, f"duplicate_ballot/{other}", Verdict.KEEP, by="Kari")  # nothing else is possible
        desk.rule(sheet, "ballot_id", Verdict.BALLOT_ID, "00000417", by="Ola")
    assert states(desk) == [SheetState.NEEDS_REVIEW, SheetState.NEEDS_REVIEW]
    withdraw(desk, "1-0001", "1-0002")
    assert counted(store) == 1


def test_of_a_chain_of_pictures_no_ballot_is_lost(store: StationStore, desk: Desk) -> None:
    unreadable = doubtful(
        Doubt(DoubtCode.UNREADABLE), kind=SheetKind.UNKNOWN, list_id=None, ballot_number=None, ballot_id=None
    )
    of_h = with_id("00000417", list_id="H", ballot_number=H_NUMBER)
    intake(store).run([scan("a", with_id("00000417")), scan("b", unreadable), scan("c", of_h)])
    desk.rule("1-0002", "ballot_id", Verdict.BALLOT_ID, "00000417", by="Kari")
    withdraw(desk, "1-0001", "1-0002")
    withdraw(desk, "1-0002", "1-0003")
    assert states(desk) == [SheetState.NEEDS_REVIEW, SheetState.WITHDRAWN, SheetState.ACCEPTED]
    desk.rule("1-0001", "duplicate_ballot/1-0002", Verdict.KEEP, by="Kari")
    assert counted(store) == 2


def test_of_three_pictures_of_one_ballot_one_counts_and_nobody_is_asked_again(
    store: StationStore, desk: Desk
) -> None:
    intake(store).run([scan(name, with_id("00000417")) for name in "abc"])
    withdraw(desk, "1-0002", "1-0001")
    withdraw(desk, "1-0003", "1-0001")
    assert states(desk) == [SheetState.ACCEPTED, SheetState.WITHDRAWN, SheetState.WITHDRAWN]
    assert counted(store) == 1


def withdrawn_by_committee(desk: Desk, sheet: str, reason: str) -> None:
    desk.rule(sheet, "sheet", Verdict.PROPOSE_WITHDRAWAL, by="Kari", reason=reason)
    desk.rule(sheet, "committee/w", Verdict.WITHDRAW, by="Styret", role=Role.COMMITTEE, reason=reason)


def test_what_the_committee_withdrew_is_asked_for_when_it_comes_again(
    store: StationStore, desk: Desk
) -> None:
    intake(store).run([scan("test", with_id(None), noise="same")])
    withdrawn_by_committee(desk, "1-0001", "a test ballot")
    intake(store).run([scan("again", with_id(None), noise="same")])
    assert states(desk) == [SheetState.WITHDRAWN, SheetState.NEEDS_REVIEW]
    withdrawn_by_committee(desk, "1-0002", "a test ballot")
    assert states(desk) == [SheetState.WITHDRAWN, SheetState.WITHDRAWN]


def test_a_ballot_scanned_again_is_not_withdrawn_together_with_its_old_picture(
    store: StationStore, desk: Desk
) -> None:
    intake(store).run([scan("torn", with_id("00000417"))])
    withdrawn_by_committee(desk, "1-0001", "scanned again")
    intake(store).run([scan("again", with_id("00000417"))])
    with pytest.raises(UsageError, match=r"withdrawn sheet 1-0001 \(scanned again\), so neither would count"):
        withdraw(desk, "1-0002", "1-0001")
    desk.rule("1-0002", "duplicate_ballot/1-0001", Verdict.KEEP, by="Ola")
    assert states(desk) == [SheetState.WITHDRAWN, SheetState.SETTLED]
    assert counted(store) == 1


def test_a_sheet_of_which_one_side_came_first_is_asked_for_when_both_come(
    store: StationStore, desk: Desk
) -> None:
    whole = scan("x", with_id(None))
    assert whole.back is not None
    intake(store).run([dataclasses.replace(whole, back=None)])
    enter(desk, "1-0001")
    assert states(desk) == [SheetState.SETTLED]
    intake(store).run([whole])
    assert open_on(desk, "1-0001") == ["duplicate_ballot/1-0002"]
    withdraw(desk, "1-0001", "1-0002")
    assert counted(store) == 1
    desk.rule("1-0002", "sheet", Verdict.PROPOSE_WITHDRAWAL, by="Ola", reason="a test ballot")
    with pytest.raises(UsageError, match="1-0001 was withdrawn because this one counts"):
        desk.rule("1-0002", "committee/w", Verdict.WITHDRAW, by="S", role=Role.COMMITTEE, reason="a test")


def test_a_folder_scanned_again_with_its_pages_paired_otherwise_counts_no_ballot_twice(
    store: StationStore, desk: Desk
) -> None:
    pages = [dataclasses.replace(scan(f"{n}", with_id(None)).front, name=f"{n}.jpg") for n in range(1, 9)]
    shifted = [SheetScan(pages[n], pages[n + 1]) for n in range(1, 7, 2)]  # page 1 was not there yet
    intake(store).run(shifted)
    intake(store).run([SheetScan(pages[n], pages[n + 1]) for n in range(0, 8, 2)])
    assert [bool(entry.standing.open) for entry in desk.entries()] == [True] * 7
    assert open_on(desk, "1-0001") == ["duplicate_ballot/1-0004", "duplicate_ballot/1-0005"]
    withdraw(desk, "1-0001", "1-0004")
    withdraw(desk, "1-0002", "1-0005")
    withdraw(desk, "1-0003", "1-0006")
    assert counted(store) == 4


@pytest.mark.parametrize(("folder", "box"), [("b1/", 1), ("/scans/b1/", 1), ("", 2)])
def test_a_folder_scanned_again_through_the_one_above_or_into_another_box_counts_no_ballot_twice(
    store: StationStore, desk: Desk, folder: str, box: int
) -> None:
    pages = [dataclasses.replace(scan(f"{n}", with_id(None)).front, name=f"{n}.jpg") for n in range(4)]
    intake(store).run([SheetScan(pages[1], pages[2])])  # page 0 was not there yet
    named = [dataclasses.replace(page, name=folder + page.name) for page in pages]
    store.open_box(dataclasses.replace(BOX, number=2), "test")
    again = dataclasses.replace(intake(store), box=box)
    again.run([SheetScan(named[0], named[1]), SheetScan(named[2], named[3])])
    assert len(open_on(desk, "1-0001")) == 2
    assert [bool(entry.standing.open) for entry in desk.entries()] == [True] * 3


@pytest.mark.parametrize(("others", "asked"), [(2, True), (8, False)])
def test_a_white_side_that_many_sheets_share_asks_nothing(
    store: StationStore, desk: Desk, others: int, asked: bool
) -> None:
    white = scan("white", with_id(None)).front
    whole = [
        dataclasses.replace(
            scan(str(n), with_id(f"{n:08d}")), back=dataclasses.replace(white, name=f"{n}b.jpg")
        )
        for n in range(others)
    ]
    intake(store).run([*whole, SheetScan(white, None)])
    assert [bool(entry.case.duplicates) for entry in desk.entries()] == [*[False] * others, asked]


def test_what_was_ruled_of_a_lone_side_stays_when_more_sheets_share_it(
    store: StationStore, desk: Desk
) -> None:
    white = scan("white", with_id(None)).front
    whole = [
        dataclasses.replace(
            scan(str(n), with_id(f"{n:08d}")), back=dataclasses.replace(white, name=f"{n}b.jpg")
        )
        for n in range(8)
    ]
    intake(store).run([*whole[:2], SheetScan(white, None)])
    withdraw(desk, "1-0003", "1-0002")
    intake(store).run([*whole, SheetScan(white, None)])
    assert desk.look("1-0003").standing.state is SheetState.WITHDRAWN


def test_a_whole_sheet_scanned_often_still_asks_about_its_lone_side(store: StationStore, desk: Desk) -> None:
    whole = scan("x", with_id(None))
    copies = [
        dataclasses.replace(whole, front=dataclasses.replace(whole.front, name=f"{n}a.jpg")) for n in range(5)
    ]
    intake(store).run([dataclasses.replace(whole, back=None), *copies])
    assert len(desk.look("1-0001").case.duplicates) == 5


def test_two_whole_sheets_with_one_white_side_alike_are_two_ballots(store: StationStore, desk: Desk) -> None:
    one, two = scan("x", with_id(None)), scan("y", with_id(None))
    white = [PageImage(name, b"a white side") for name in ("1b.tif", "2b.tif")]
    intake(store).run([dataclasses.replace(one, back=white[0]), dataclasses.replace(two, back=white[1])])
    assert states(desk) == [SheetState.ACCEPTED] * 2


def test_a_sheet_and_the_one_it_was_withdrawn_for_are_not_both_withdrawn_when_the_ids_meet_again(
    store: StationStore, desk: Desk
) -> None:
    intake(store).run([scan("x", with_id("00000417")), scan("y", with_id("00000417"))])
    withdraw(desk, "1-0002", "1-0001")
    desk.rule("1-0002", "ballot_id", Verdict.BALLOT_ID, "00000471", by="Ola")
    withdrawn_by_committee(desk, "1-0001", "torn")
    desk.rule("1-0002", "ballot_id", Verdict.REOPEN, by="Ola")
    assert states(desk) == [SheetState.WITHDRAWN, SheetState.NEEDS_REVIEW]
    assert open_on(desk, "1-0002") == ["duplicate_ballot/1-0001"]
    desk.rule("1-0002", "duplicate_ballot/1-0001", Verdict.KEEP, by="Ola")
    assert counted(store) == 1


def take_in_two_copies_and_a_ballot(store: StationStore) -> None:
    """Sheets 1 and 2 are one picture, of an id that cannot be read; sheet 3 is read as of 00000417."""
    unsure = doubtful(Doubt(DoubtCode.BALLOT_ID_UNCERTAIN), ballot_id=None)
    copies = [scan(name, unsure, noise="same") for name in "ab"]
    intake(store).run([*copies, scan("c", with_id("00000417"))])


def test_a_copy_of_a_withdrawn_sheet_is_asked_about_as_the_sheet_that_this_stands_for(
    store: StationStore, desk: Desk
) -> None:
    take_in_two_copies_and_a_ballot(store)
    desk.rule("1-0001", "ballot_id_uncertain", Verdict.CONFIRM, by="Ola")
    desk.rule("1-0002", "ballot_id_uncertain", Verdict.BALLOT_ID, "00000417", by="Kari")
    withdraw(desk, "1-0002", "1-0003")
    assert open_on(desk, "1-0001") == ["duplicate_ballot/1-0003"]
    assert open_on(desk, "1-0003") == ["duplicate_ballot/1-0001"]
    withdraw(desk, "1-0001", "1-0003")
    assert states(desk) == [SheetState.WITHDRAWN, SheetState.WITHDRAWN, SheetState.ACCEPTED]
    assert counted(store) == 1


def test_copies_withdrawn_for_one_sheet_do_not_hold_each_other_when_its_id_is_corrected(
    store: StationStore, desk: Desk
) -> None:
    take_in_two_copies_and_a_ballot(store)
    desk.rule("1-0001", "ballot_id_uncertain", Verdict.BALLOT_ID, "00000417", by="Kari")
    desk.rule("1-0002", "ballot_id_uncertain", Verdict.CONFIRM, by="Kari")
    withdraw(desk, "1-0001", "1-0003")
    withdraw(desk, "1-0002", "1-0003")
    desk.rule("1-0003", "ballot_id", Verdict.BALLOT_ID, "00000471", by="Ola")
    assert states(desk) == [SheetState.NEEDS_REVIEW, SheetState.NEEDS_REVIEW, SheetState.SETTLED]
    desk.rule("1-0001", "duplicate_ballot/1-0003", Verdict.KEEP, by="Ola")
    desk.rule("1-0002", "duplicate_ballot/1-0003", Verdict.KEEP, by="Ola")
    withdraw(desk, "1-0002", "1-0001")
    assert counted(store) == 2


def test_a_copy_of_a_withdrawn_sheet_is_asked_about_the_last_of_a_chain(
    store: StationStore, desk: Desk
) -> None:
    unsure = doubtful(Doubt(DoubtCode.BALLOT_ID_UNCERTAIN), ballot_id=None)
    same = [scan(name, unsure, noise="same") for name in "ab"]
    intake(store).run([*same, scan("c", with_id("00000417")), scan("d", with_id("00000417"))])
    desk.rule("1-0001", "ballot_id_uncertain", Verdict.BALLOT_ID, "00000417", by="Kari")
    desk.rule("1-0002", "ballot_id_uncertain", Verdict.CONFIRM, by="Kari")
    withdraw(desk, "1-0001", "1-0003")
    withdraw(desk, "1-0003", "1-0004")
    assert open_on(desk, "1-0002") == ["duplicate_ballot/1-0004"]
    withdraw(desk, "1-0002", "1-0004")
    assert counted(store) == 1


@pytest.mark.parametrize("known", [True, False])
def test_a_sheet_entered_by_hand_is_compared_by_its_id_alone(
    store: StationStore, desk: Desk, known: bool
) -> None:
    misread = doubtful(
        Doubt(DoubtCode.WRONG_ELECTION),
        kind=SheetKind.LIST if known else SheetKind.UNKNOWN,
        ballot_number=H_NUMBER if known else "3" * 22,
        ballot_id=None,
    )
    intake(store).run([scan("x", with_id("00000417")), scan("y", misread)])
    enter(desk, "1-0002")
    desk.rule("1-0002", "ballot_id", Verdict.BALLOT_ID, "00000417", by="Kari")
    assert open_on(desk, "1-0001") == ["duplicate_ballot/1-0002"]
    assert open_on(desk, "1-0002") == ["duplicate_ballot/1-0001"]


@pytest.mark.parametrize("data", [(b"", b""), (b"%PDF-1.4 cut", b"%PDF-1.4 other")])
def test_damaged_files_of_one_name_are_two_sheets_and_one_in_a_repeated_import(
    store: StationStore, tmp_path: Path, data: tuple[bytes, bytes]
) -> None:
    batches = [tmp_path / "morning", tmp_path / "noon"]
    for turn, (batch, content) in enumerate(zip(batches, data, strict=True)):
        batch.mkdir()
        for side in "ab":
            path = batch / f"0002{side}.jpg"
            path.write_bytes(content)
            os.utime(path, ns=(0, (turn + 1) * 10**15))

    class Unread:
        def __call__(self) -> Any:
            return lambda sheet: doubtful(Doubt(DoubtCode.UNREADABLE), kind=SheetKind.UNKNOWN, list_id=None)

    def run(batch: Path) -> tuple[int, int]:
        made = dataclasses.replace(intake(store), recipe=Unread())
        report = made.run(plan_sheets([batch]))
        return report.new, report.known

    assert [run(batch) for batch in batches] == [(1, 0), (1, 0)]
    assert [run(batch) for batch in batches] == [(0, 1), (0, 1)]
    assert len(store.sheets()) == 2
    names = {sheet.front.problem for sheet in store.sheets()}
    assert len(names) == 2


def test_a_page_sees_no_newer_reading_than_its_duplicates(store: StationStore) -> None:
    intake(store).run([scan("x", with_id("00000417"))])
    store.cases()
    intake(store).run([scan("y", with_id("00000417"))])
    with store._database.reading() as connection:
        light = store._light_readings(connection)
        store._readings |= {"1-0003": dataclasses.replace(light["1-0002"], number=3)}
        assert set(store._light_readings(connection)) == {"1-0001", "1-0002"}


def test_a_number_of_a_doubt_that_may_have_moved_is_refused(store: StationStore, desk: Desk) -> None:
    intake(store).run([scan(name, with_id("00000417")) for name in "abc"])
    withdraw(desk, "1-0002", "1-0003")
    with pytest.raises(UsageError, match="may have become another doubt"):
        desk.rule("1-0001", "1", Verdict.KEEP, by="Kari")
    assert open_on(desk, "1-0001") == ["duplicate_ballot/1-0003"]


def test_a_number_that_meant_another_sheet_before_a_ballot_id_was_corrected_is_refused(
    store: StationStore, desk: Desk
) -> None:
    intake(store).run([scan("a", with_id("00000417")), scan("b", with_id("00000417")), scan("c")])
    withdraw(desk, "1-0001", "1-0002")
    desk.rule("1-0001", "ballot_id", Verdict.BALLOT_ID, "00000471", by="Kari")
    desk.rule("1-0003", "ballot_id", Verdict.BALLOT_ID, "00000471", by="Kari")
    assert open_on(desk, "1-0001")[0] == "duplicate_ballot/1-0003"
    with pytest.raises(UsageError, match="may have become another doubt"):
        desk.rule("1-0001", "1", Verdict.KEEP, by="Kari")
