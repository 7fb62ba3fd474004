"""What a count says of the station it comes from, and how the command line tells of replaced rulings."""

from __future__ import annotations

import json
import resource
import signal
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from ballot.errors import CountsError, UsageError
from ballot.reading import Doubt, DoubtCode
from ballot.ruling import Role, Verdict
from review.desk import Desk, StaleError
from scanner.sheets import plan_sheets
from station.commands import review, settle, station
from station.election_file import parse_election
from station.intake import IntakeReport
from station.station_counts import counts_of
from station.station_folder import Station
from store.station_store import StationStore
from tally.counts import Counts
from tally.counts_file import parse_counts
from tests.rulings import doubtful, written
from tests.scan_files import jpeg
from tests.station_fakes import ELECTION, ELECTION_FILE, intake, make_station, reading, scan


def run(*words: str) -> Result:
    app = typer.Typer()
    for part in (review, settle, station):
        part.register(app)
    return CliRunner().invoke(app, list(words))


def folder_with(tmp_path: Path, *sheets: Any, closed: bool) -> Path:
    with make_station(tmp_path / "s") as store:
        intake(store).run(sheets)
        if closed:
            store.close_box(1, "test")
    return tmp_path / "s"


def election_file(tmp_path: Path, **changes: Any) -> str:
    path = tmp_path / "election.json"
    path.write_text(json.dumps(ELECTION_FILE | changes), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("closed", [True, False])
def test_a_box_that_is_not_closed_is_told_with_the_result(tmp_path: Path, closed: bool) -> None:
    folder = folder_with(tmp_path, scan("x"), closed=closed)
    settled = run("settle", election_file(tmp_path), str(folder), "--json")
    assert settled.exit_code == 0
    notices = json.loads(settled.stdout)["notices"]
    assert notices == ([] if closed else [notices[0]])
    assert closed or notices[0].startswith("Kasse 1 er ikke lukket (1 sedler er skannet).")
    written_files = run("export", str(folder), "-o", str(tmp_path / "o"))
    assert ("Not closed, so more sheets may come: box 1" in written_files.stdout) is not closed


def test_exported_counts_tell_their_election_and_the_boxes_that_are_not_closed(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, scan("x"), closed=False)
    run("export", str(folder), "-o", str(tmp_path / "o"))
    counts = str(tmp_path / "o" / "counts.json")
    settled = run("settle", election_file(tmp_path), counts, "--json")
    (notice,) = json.loads(settled.stdout)["notices"]
    assert notice.startswith("Kasse 1 var ikke lukket da tallene ble skrevet.")
    for key, changed, expected in (
        ("election", {"id": "KV-2"}, "election: these are counts of election KV-1, not of KV-2"),
        ("area", {"id": "9902"}, "area: these are counts of area 9901, not of 9902"),
    ):
        other = election_file(tmp_path, **{key: ELECTION_FILE[key] | changed})
        refused = run("settle", other, counts, "--json")
        assert isinstance(refused.exception, CountsError)
        assert expected in refused.exception.message


def test_a_scan_that_is_passed_over_is_not_called_something_else(tmp_path: Path) -> None:
    (tmp_path / ".0001.jpg").write_bytes(jpeg())
    (tmp_path / "readme").write_text("about")
    plan = plan_sheets([tmp_path])
    told = station._scan_message(tmp_path, 1, IntakeReport(0, 0, 0, 0, 0, 0, 0, 0), plan, 0, None)
    assert f"{tmp_path / '.0001.jpg'} (hidden or system file)" in told
    assert f"{tmp_path / 'readme'} (not an image or PDF)" in told


@pytest.mark.parametrize("name", ["station.db", "station.db-wal", "images/ab/picture"])
@pytest.mark.parametrize("option", ["--output", "--html"])
def test_no_result_is_written_over_the_station(tmp_path: Path, name: str, option: str) -> None:
    folder = folder_with(tmp_path, scan("x"), closed=True)
    (tmp_path / "link").symlink_to(folder)
    before = (folder / "station.db").read_bytes()
    refused = run("settle", election_file(tmp_path), str(folder), option, str(tmp_path / "link" / name))
    assert isinstance(refused.exception, UsageError)
    assert "belongs to the station" in refused.exception.message
    assert (folder / "station.db").read_bytes() == before
    assert run("settle", election_file(tmp_path), str(folder), option, str(folder / "r")).exit_code == 0


@pytest.mark.parametrize("verb", ["settle", "export"])
def test_a_box_that_is_filled_and_closed_while_it_is_counted_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    folder = folder_with(tmp_path, scan("x"), closed=False)

    def counted_too_early(*arguments: Any) -> Counts:
        counts = counts_of(*arguments)
        with StationStore.open(folder) as store:
            intake(store).run([scan("y")])
            store.close_box(1, "test")
        return counts

    monkeypatch.setattr("station.station_counts.counts_of", counted_too_early)
    if verb == "settle":
        settled = run("settle", election_file(tmp_path), str(folder), "--json")
        assert json.loads(settled.stdout)["notices"][0].startswith("Kasse 1 er ikke lukket")
    else:
        exported = run("export", str(folder), "-o", str(tmp_path / "o"))
        assert "1 ballots counted" in exported.stdout
        assert "Not closed, so more sheets may come: box 1" in exported.stdout


def test_a_full_disk_leaves_the_files_of_the_export_before(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, scan("x"), closed=False)
    exported = ("export", str(folder), "-o", str(tmp_path / "o"), "--readings")
    run(*exported)
    before = {path.name: path.read_text("utf-8") for path in (tmp_path / "o").iterdir()}
    with StationStore.open(folder) as store:
        intake(store).run([scan("y")])
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)
        ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            # The database's files are larger already, and are only read.
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(before["readings.jsonl"]) + 50, limit[1]))
            refused = run(*exported)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
            signal.signal(signal.SIGXFSZ, ignored)
    assert isinstance(refused.exception, UsageError)
    assert {path.name: path.read_text("utf-8") for path in (tmp_path / "o").iterdir()} == before


def test_a_ballot_proposed_for_withdrawal_is_not_proposed_for_rejection(tmp_path: Path) -> None:
    with make_station(tmp_path / "s") as store:
        intake(store).run([scan("x"), scan("y")])
        desk = Desk(store, ELECTION)
        for sheet, proposal, reason in (("1-0001", "w", "a cover sheet"), ("1-0002", "c", "")):
            verdict = Verdict.PROPOSE_WITHDRAWAL if proposal == "w" else Verdict.PROPOSE_REJECTION
            value = "" if proposal == "w" else proposal
            desk.rule(sheet, "sheet", verdict, value, by="Kari", reason=reason)
            desk.rule(sheet, f"committee/{proposal}", Verdict.APPROVE, by="Styret", role=Role.COMMITTEE)
        sheets = counts_of(Station(store, ELECTION, store.files())).sheets
    assert sheets is not None
    assert (sheets.reviewed, sheets.proposed_for_rejection) == (2, 1)


def test_write_ins_for_somebody_found_not_eligible_are_settled_from_the_ballots_only(tmp_path: Path) -> None:
    sheets = [scan(str(n), reading(ballot_id=f"{n:08d}", write_ins=(written(1, "H:1"),))) for n in range(3)]
    folder = folder_with(tmp_path, *sheets, closed=True)
    assert run("export", str(folder), "-o", str(tmp_path / "o")).exit_code == 0
    changed = deepcopy(ELECTION_FILE["lists"])
    changed[1]["candidates"][0]["eligible"] = False
    file = election_file(tmp_path, lists=changed)
    from_ballots = json.loads(run("settle", file, str(folder), "--json").stdout)
    assert from_ballots["lists"]["A"]["write_ins_given"] == 0
    counts = (tmp_path / "o" / "counts.json").read_bytes()
    with pytest.raises(CountsError, match="who is not eligible"):
        parse_counts(counts, parse_election(Path(file).read_bytes(), file), "counts.json")


def test_a_list_gets_no_more_write_ins_than_the_others_gave() -> None:
    lists: dict[str, Any] = {
        "A": {"ballots": 50},
        "H": {
            "ballots": 50,
            "write_ins_received": 40,
            "write_ins_given": 40,
            "candidates": {"1": {"write_ins": 40}},
        },
    }
    with pytest.raises(CountsError, match="is 40, but the other lists gave 0"):
        parse_counts(_counts(lists), ELECTION, "counts.json")
    lists["A"] |= {"write_ins_given": 40}
    lists["H"] |= {"write_ins_given": 0}
    assert parse_counts(_counts(lists), ELECTION, "counts.json").of_list("H").write_ins_received == 40


def _counts(lists: dict[str, Any]) -> bytes:
    return json.dumps({"format": "counts/1", "categories": [{"category": "VO", "lists": lists}]}).encode()


def test_the_command_line_names_whose_ruling_it_replaces(tmp_path: Path) -> None:
    unsure = doubtful(Doubt(DoubtCode.MARK_UNCERTAIN, candidate=3))
    folder = str(folder_with(tmp_path, scan("x", unsure), closed=False))
    first = run("review", "rule", folder, "1-0001", "1", "marked", "--by", "Kari", "--seen", "0")
    assert first.exit_code == 0, first.output
    late = run("review", "rule", folder, "1-0001", "1", "empty", "--by", "Ola", "--seen", "0")
    assert isinstance(late.exception, StaleError)
    second = run("review", "rule", folder, "1-0001", "1", "empty", "--by", "Ola")
    assert "instead of marked by Kari" in second.stdout


def test_a_ruling_on_another_reading_than_the_one_seen_is_not_stored(tmp_path: Path) -> None:
    unsure = doubtful(Doubt(DoubtCode.MARK_UNCERTAIN, candidate=3))
    folder = str(folder_with(tmp_path, scan("x", unsure), closed=False))
    number = json.loads(run("review", "show", folder, "1-0001", "--json").stdout)["reading_number"]
    assert f"read ({number}):" in run("review", "show", folder, "1-0001").stdout
    answer = ("review", "rule", folder, "1-0001", "1", "marked", "--by", "Kari", "--read")
    late = run(*answer, str(number + 1))
    assert isinstance(late.exception, StaleError)
    assert run(*answer, str(number)).exit_code == 0
    entered = run(
        "review", "enter", folder, "1-0001", "--kind", "blank", "--stamp", "--read", str(number + 1)
    )
    assert isinstance(entered.exception, StaleError)


@pytest.mark.parametrize(("images", "word"), [(2, "harmless"), (3, "station.db-wal")])
def test_more_images_without_a_sheet_than_one_run_leaves_are_no_trifle(
    images: int, word: str, tmp_path: Path
) -> None:
    with make_station(tmp_path / "s") as store:
        store.begin_scan(1, ["/scans"], "a scan that was cut off")
        for number in range(images):
            store.vault.put(bytes([number]))
    assert word in run("verify", str(tmp_path / "s")).output
