"""The store keeps what it is given, gives it back unchanged, and lets nobody change or delete it."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ballot.errors import StationError, UsageError
from ballot.geometry import Box
from ballot.journal import EventKind, first_break
from ballot.layout import BoxKind
from ballot.reading import DoubtCode, MarkReading, MarkState
from ballot.ruling import Role, Ruling, Verdict
from ballot.sheet import PageImage, SheetScan
from station.verify import verify_store
from store import schema
from store.database import newest_form
from store.station_store import DATABASE_NAME, StationStore
from store.vault import ImageVault, sha256
from tests.station_fakes import BOX, ELECTION_BYTES, deck, intake, make_station, reading, scan


@pytest.fixture
def store(tmp_path: Path):
    with make_station(tmp_path / "s") as made:
        yield made


def raw(store: StationStore) -> sqlite3.Connection:
    return sqlite3.connect(store.folder / DATABASE_NAME)


def ruling(sheet: str = "1-0001", **changes: object) -> Ruling:
    values: dict[str, object] = {
        "number": 0,
        "sheet_id": sheet,
        "reading": 1,
        "issue": "mark_uncertain/3",
        "verdict": Verdict.MARKED,
        "value": "",
        "by": "Kari",
        "role": Role.REVIEWER,
        "at": "",
    }
    return Ruling(**(values | changes))  # type: ignore[arg-type]


def fill(store: StationStore) -> None:
    """One row in every table."""
    intake(store).run(deck(1))
    store.add_ruling(ruling(), lambda case: None)


def test_the_database_is_durable_and_strict(store: StationStore) -> None:
    with store._database.reading() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous")
        }
    assert pragma == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2}


def test_the_migrations_make_the_tables_that_the_program_uses(store: StationStore) -> None:
    assert store._database.form() == newest_form()
    connection = raw(store)
    for table in schema.metadata.sorted_tables:
        made = {
            (name, kind, bool(not_null) or bool(key))
            for _, name, kind, not_null, _, key in connection.execute(f"PRAGMA table_info({table.name})")
        }
        assert made == {(c.name, str(c.type.compile()), not c.nullable) for c in table.columns}
    connection.close()


@pytest.mark.parametrize("table", schema.APPEND_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_no_row_can_be_changed_or_deleted(store: StationStore, table: str, verb: str) -> None:
    fill(store)
    connection = raw(store)
    column = connection.execute(f"SELECT * FROM {table}").description[0][0]
    statement = f"UPDATE {table} SET {column} = {column}" if verb == "UPDATE" else f"DELETE FROM {table}"
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()


def test_only_the_committee_can_reject_even_in_the_database(store: StationStore) -> None:
    fill(store)
    with pytest.raises(StationError, match="committee_rejects"):
        store.add_ruling(ruling(issue="sheet", verdict=Verdict.REJECT, value="a"), lambda case: None)


def test_a_reading_comes_back_as_it_was(store: StationStore) -> None:
    mark = MarkReading(BoxKind.PERSONAL, 3, None, 0.5, MarkState.DOUBTFUL, Box(1, 2, 3, 4), Box(1, 2, 3, 4))
    read = reading(marks=(mark,), ballot_id="00000007")
    intake(store).run([scan("x", read)])
    stored = store.case("1-0001").reading
    assert stored is not None
    assert stored.reading == read
    light = store.cases()[0].reading
    assert light is not None
    assert light.reading.marks == ()
    assert light.reading.ballot_id == "00000007"


def test_pages_that_could_not_be_opened_are_kept_with_their_problem(store: StationStore) -> None:
    broken = SheetScan(PageImage("1.pdf#1", b"", "the page is damaged"), None)
    report = intake(store).run([broken, broken])
    sheets = store.sheets()
    assert [s.front.problem for s in sheets] == ["the page is damaged"] * 2
    assert report.new_unopened == 2
    assert store.case("1-0001").duplicates == ()
    assert report.faults == 2  # the fake reader cannot read nothing; the run went on all the same


@pytest.mark.parametrize("name", ["a?mode=1", "b#1", "c%20d", "e\nf", "g:memory:", "h\udce5"])
def test_a_station_lies_in_its_folder_whatever_that_is_called(tmp_path: Path, name: str) -> None:
    with make_station(tmp_path / name) as made:
        intake(made).run(deck(1))
    with StationStore.open(tmp_path / name) as again:
        assert len(again.sheets()) == 1
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_station_is_not_made_over_another(store: StationStore) -> None:
    with pytest.raises(StationError, match="already"):
        StationStore.create(store.folder, ELECTION_BYTES, b"", "test")


def test_a_station_killed_while_it_was_made_can_be_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / DATABASE_NAME).touch()
    with pytest.raises(StationError, match="form none"):
        StationStore.open(folder)
    StationStore.create(folder, ELECTION_BYTES, b"layout", "test").close()
    with StationStore.open(folder) as made:
        assert made.files().layout == b"layout"


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(StationError, match="not an empty folder"):
        StationStore.create(tmp_path, ELECTION_BYTES, b"", "test")


def test_a_closed_box_takes_no_new_sheet_but_knows_its_own(store: StationStore) -> None:
    intake(store).run(deck(2))
    store.close_box(1, "Kari")
    assert intake(store).run(deck(2)).known == 2
    with pytest.raises(StationError, match="closed"):
        intake(store).run(deck(3))
    with pytest.raises(StationError, match="already closed"):
        store.close_box(1, "Kari")


def test_a_box_with_a_sheet_that_is_not_read_is_not_closed(store: StationStore) -> None:
    intake(store).run(deck(2))
    store.take_in(1, deck(3)[2], 0, "test")
    with pytest.raises(StationError, match="1 sheets of box 1 are not read yet; the box was not closed"):
        store.close_box(1, "Kari")
    assert not store.box(1).closed
    intake(store).run(deck(3))
    store.close_box(1, "Kari")


def test_box_numbers_are_unique(store: StationStore) -> None:
    with pytest.raises(StationError, match="already there"):
        store.open_box(BOX, "test")


def test_two_people_cannot_rule_past_each_other(store: StationStore) -> None:
    fill(store)
    with pytest.raises(StationError, match="Someone else"):
        store.add_ruling(ruling(verdict=Verdict.EMPTY), lambda case: None)
    second = store.add_ruling(ruling(verdict=Verdict.EMPTY, supersedes=1), lambda case: None)
    assert (second.number, second.supersedes) == (2, 1)
    assert [r.verdict for r in store.case("1-0001").rulings] == [Verdict.MARKED, Verdict.EMPTY]


def test_every_step_is_in_the_journal_and_the_chain_holds(store: StationStore) -> None:
    fill(store)
    events = store.events()
    assert [e.kind for e in events] == [
        EventKind.STATION_CREATED,
        EventKind.BOX_OPENED,
        EventKind.SHEET_SCANNED,
        EventKind.SHEET_READ,
        EventKind.RULING_MADE,
    ]
    assert first_break(events) == ""
    assert first_break(events[1:]) == "event 1 is missing (event 2 stands in its place)"


def tamper(store: StationStore, statement: str) -> str:
    """Changes the file as somebody with the disk in hands would: past the triggers."""
    fill(store)
    connection = raw(store)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(statement)
    connection.commit()
    connection.close()
    return " | ".join(verify_store(store).problems)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE journal SET by = 'Ola' WHERE number = 3", "event 3 (sheet_scanned) was changed"),
        ("DELETE FROM journal WHERE number = 2", "event 2 is missing"),
        ("UPDATE rulings SET verdict = 'empty'", "ruling 1: changed after it was made"),
        ("DELETE FROM rulings", "ruling 1: in the journal, but gone"),
        ("UPDATE readings SET reading = replace(reading, '\"A\"', '\"H\"')", "reading 1: changed after"),
        ("DELETE FROM journal WHERE number = 5", "ruling 1: not in the journal"),
        ("UPDATE sheets SET id = '1-0002'", "sheet 1-0001: in the journal, but gone"),
        ("UPDATE sheets SET back_name = 'z.jpg'", "sheet 1-0001: changed after it was scanned"),
        ("UPDATE sheets SET back_sha256 = front_sha256", "sheet 1-0001: changed after it was scanned"),
        ("UPDATE boxes SET category = 'FO'", "box 1: changed after it was made"),
        ("UPDATE readings SET ballot_id = '99999999'", "reading 1: its ballot id was changed"),
        ("UPDATE readings SET ballot_number = NULL", "reading 1: its ballot id was changed"),
        ("UPDATE readings SET reader = 'another'", "reading 1: its reader or layout was changed"),
        ("UPDATE readings SET layout_sha256 = 'ab'", "reading 1: its reader or layout was changed"),
        ("UPDATE readings SET reading = 'x'", "reading 1: changed after it was made"),
        (
            "UPDATE station SET layout_file = CAST('x' AS BLOB), layout_sha256 = "
            f"'{hashlib.sha256(b'x').hexdigest()}'",
            "station: the election or the layout is not the one",
        ),
    ],
)
def test_verify_sees_what_was_changed_behind_the_programs_back(
    store: StationStore, statement: str, problem: str
) -> None:
    assert problem in tamper(store, statement)


def test_verify_finds_nothing_wrong_while_sheets_are_taken_in(
    store: StationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(store).run(deck(2))
    more = iter(deck(9)[2:])

    def slow(real: Callable[..., Any]) -> Callable[..., Any]:
        def read(*arguments: Any) -> Any:
            found = real(*arguments)
            with StationStore.open(store.folder) as other:
                intake(other).run([next(more)])
            return found

        return read

    for name in ("events", "sheets", "rows", "files"):
        monkeypatch.setattr(store, name, slow(getattr(store, name)))
    assert verify_store(store).problems == ()


def test_verify_sees_images_that_changed_or_are_gone(store: StationStore) -> None:
    fill(store)
    assert verify_store(store).problems == ()
    first, second = sorted(store.vault.names())
    path = store.vault.path(first)
    path.chmod(0o644)
    path.write_bytes(b"other")
    store.vault.path(second).unlink()
    problems = verify_store(store).problems
    assert len(problems) == 2
    assert "has changed since it was scanned" in " ".join(problems)
    assert "missing from the vault" in " ".join(problems)


def test_the_vault_writes_once_and_read_only(tmp_path: Path) -> None:
    vault = ImageVault(tmp_path / "images")
    vault.create()
    name = vault.put(b"picture")
    assert name == sha256(b"picture") == vault.put(b"picture")
    assert vault.path(name).stat().st_mode & 0o777 == 0o444
    assert list(vault.names()) == [name]
    vault.path(name).chmod(0o644)
    vault.path(name).write_bytes(b"forged")
    with pytest.raises(StationError, match="changed"):
        vault.put(b"picture")


def test_a_doubt_of_every_code_survives_the_store(store: StationStore) -> None:
    from ballot.reading import Doubt

    doubts = tuple(Doubt(code, row=1 if "write_in" in code else None) for code in DoubtCode)
    intake(store).run([scan("x", reading(doubts=doubts))])
    stored = store.case("1-0001").reading
    assert stored is not None
    assert stored.reading.doubts == doubts


def test_a_station_in_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StationError, match="cannot be written"):
        StationStore.create(tmp_path / "file" / "s", ELECTION_BYTES, b"no layout", "test")


def test_an_older_database_is_brought_to_the_newest_form(tmp_path: Path) -> None:
    with make_station(tmp_path / "s") as made:
        fill(made)
        before = made.sheets()
    with sqlite3.connect(tmp_path / "s" / DATABASE_NAME) as connection:
        connection.execute("DROP INDEX sheet_source")
        connection.execute(
            "CREATE UNIQUE INDEX sheet_source ON sheets (box, front_name, front_sha256, "
            "coalesce(back_name, ''), coalesce(back_sha256, ''), occurrence)"
        )
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    with StationStore.open(tmp_path / "s") as store:
        assert store._database.form() == newest_form() == "0002"
        assert store.sheets() == before


def test_what_the_database_cannot_hold_is_refused(tmp_path: Path) -> None:
    with make_station(tmp_path / "s") as store:
        for number, label in ((10**20, ""), (2, "K\udce5fjord")):
            with pytest.raises(UsageError, match="cannot hold what was given"):
                store.open_box(replace(BOX, number=number, label=label), "Kari")
        assert len(store.boxes()) == 1


def test_a_folder_that_cannot_be_looked_into_is_named(tmp_path: Path) -> None:
    with pytest.raises(StationError, match="cannot be opened"):
        StationStore.open(tmp_path / ("x" * 300))
