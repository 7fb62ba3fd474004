"""The stamps of a count are learnt from its first sheets, by ``read`` and by ``scan``."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from ballot.sheet import SheetScan
from calibration.layout_file import save_layouts
from calibration.testdeck.deck import simulate_deck, write_deck
from calibration.testdeck.options import CLEAN
from calibration.testdeck.scanning import ColourMode
from calibration.testdeck.stamps import StampDesign
from recognition.profile import DEFAULT_PROFILE
from scanner.sheets import plan_sheets
from station.commands import box as box_commands
from station.commands import read as read_command
from station.commands import station as station_commands
from station.count_stamps import looked_at, stamps_of_count
from station.election_file import election_to_json
from tests.print_houses import Printed

SHEETS, ODD = 9, 2
app = typer.Typer()
read_command.register(app)
box_commands.register(app)
station_commands.register(app)


@pytest.fixture(scope="module")
def count(printed: Printed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An election with its layout and a deck: every stamp in its field but the last, on the wrong side."""
    folder = tmp_path_factory.mktemp("count")
    document = election_to_json(printed.election)
    (folder / "election.json").write_text(json.dumps(document), encoding="utf-8")
    save_layouts(printed.layouts, folder / "layout.zip")
    stamps = replace(CLEAN.stamps, designs=(StampDesign.TEXT,), wrong_side=0.0)
    scanner = replace(CLEAN.scanner, dpis=(200,), modes=(ColourMode.GREY,))
    voters = replace(CLEAN.voters, no_personal_votes=1.0, party_ballots=0.0, blank_ballots=0.0)
    usual = replace(CLEAN, stamps=stamps, scanner=scanner, voters=voters)
    odd = replace(usual, stamps=replace(stamps, wrong_side=1.0))
    for place, options, seed, sheets in (("a", usual, 71, SHEETS), ("b", odd, 72, ODD)):
        deck = simulate_deck(
            printed.election, printed.folder, seed, options, sheets, fields=printed.fields, passes=1
        )
        assert len(list(write_deck(deck, folder / place))) == sheets
    return folder


def test_read_learns_the_stamp_and_finds_it_elsewhere(count: Path) -> None:
    for places, accepted, known in ((("b",), 0, 0), (("a", "b"), SHEETS + ODD, 1)):
        words = ["read", count / "election.json", *(count / p / "scans" for p in places)]
        words += ["--layout", count / "layout.zip", "--workers", 1, "--json", "-o", count / "out.jsonl"]
        done = CliRunner().invoke(app, [str(word) for word in words])
        assert done.exit_code == 0, done.output
        answer = json.loads(done.output)
        assert (answer["accepted"], answer["known_stamps"]) == (accepted, known)


def test_scan_shows_the_stamps_and_names_them_in_the_journal(count: Path, tmp_path: Path) -> None:
    station = tmp_path / "station"
    first = CliRunner().invoke(
        app, ["init", str(station), str(count / "election.json"), "--layout", str(count / "layout.zip")]
    )
    assert first.exit_code == 0, first.output
    district = json.loads((count / "election.json").read_text(encoding="utf-8"))["districts"][0]["id"]
    box = ["box", "open", str(station), "--number", "1", "--category", "VO", "--district", district]
    assert CliRunner().invoke(app, box).exit_code == 0
    scans = [str(count / place / "scans") for place in ("a", "b")]
    done = CliRunner().invoke(app, ["scan", str(station), "--box", "1", *scans, "--workers", "1", "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.output)
    assert answer["accepted"] == SHEETS + ODD
    with Image.open(answer["stamps"]) as picture:
        assert picture.width > 100
    journal = CliRunner().invoke(app, ["verify", str(station)])
    assert journal.exit_code == 0, journal.output


def test_broken_first_sheets_teach_nothing_and_stop_nothing(count: Path, printed: Printed) -> None:
    scans = sorted((count / "a" / "scans").iterdir())

    class Plan:
        """Nine sheets of which the first are broken."""

        def __len__(self) -> int:
            return SHEETS

        def __iter__(self):  # type: ignore[no-untyped-def]
            broken = plan_sheets([count / "a" / "scans"])
            for index, sheet in enumerate(broken):
                bad = replace(sheet.front, data=sheet.front.data[:900])
                yield SheetScan(bad, sheet.back) if index < looked_at(self) else sheet

    assert len(scans) == 2 * SHEETS
    told: list[int] = []
    found = stamps_of_count(Plan(), printed.election, printed.layouts, 1, DEFAULT_PROFILE, told.append)  # type: ignore[arg-type]
    assert (found.known, told) == ((), [1, 2, 3])


def test_one_ballot_scanned_again_and_again_teaches_no_stamp(count: Path, printed: Printed) -> None:
    sheets = list(plan_sheets([count / "a" / "scans"]))
    found = [
        stamps_of_count(plan, printed.election, printed.layouts, 1, DEFAULT_PROFILE).known  # type: ignore[arg-type]
        for plan in (sheets, [sheets[0]] * SHEETS)
    ]
    assert list(map(len, found)) == [1, 0]
