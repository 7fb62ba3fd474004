"""``valgskann settle``."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import station.cli
from ballot.election import Election
from ballot.errors import CountsError, StationError, TieError, UsageError
from station.commands import settle as settle_command
from station.election_file import election_to_json
from tally.exports.results_html import results_to_html
from tally.exports.results_json import results_to_json
from tests import station_fakes
from tests.results_samples import COUNTS, MAYOR, MAYOR_COUNTS, sample_election, settled


def _files(folder: Path, counts: dict[str, Any], election: Election | None = None) -> tuple[str, str]:
    (folder / "election.json").write_text(
        json.dumps(election_to_json(election or sample_election())), "utf-8"
    )
    (folder / "counts.json").write_text(json.dumps(counts), "utf-8")
    return str(folder / "election.json"), str(folder / "counts.json")


def _run(*arguments: str) -> Any:
    app = typer.Typer()
    settle_command.register(app)
    return CliRunner().invoke(app, arguments)


def test_command_writes_every_form(tmp_path: Path) -> None:
    files = _files(tmp_path, COUNTS)
    output, html, tables = tmp_path / "out" / "results.json", tmp_path / "page.html", tmp_path / "csv"
    done = _run(*files, "--output", str(output), "--html", str(html), "--csv", str(tables))
    assert done.exit_code == 0, done.output
    assert "Alfa Nr2" in done.output
    assert json.loads(output.read_text("utf-8")) == results_to_json(settled())
    assert html.read_text("utf-8") == results_to_html(settled())
    assert sorted(path.name for path in tables.iterdir()) == [
        "kandidater.csv",
        "kategorier.csv",
        "lister.csv",
        "mandater.csv",
        "merknader.csv",
    ]
    assert not list(tmp_path.rglob("*.part"))


def test_command_prints_json(tmp_path: Path) -> None:
    done = _run(*_files(tmp_path, MAYOR_COUNTS, MAYOR), "--json")
    assert json.loads(done.output)["elected"] == 2
    done = _run(*_files(tmp_path, MAYOR_COUNTS, MAYOR))
    assert "Valgt: Ola" in done.output


def test_command_writes_nothing_when_lots_are_needed(tmp_path: Path) -> None:
    counts = {
        "format": "counts/1",
        "categories": [{"category": "VO", "lists": {"A": {"ballots": 20}, "H": {"ballots": 20}}}],
    }
    files, output = _files(tmp_path, counts), tmp_path / "results.json"
    done = _run(*files, "--output", str(output))
    assert isinstance(done.exception, TieError)
    assert not output.exists()
    done = _run(*files, "--output", str(output), "--lots", "H,A")
    assert done.exit_code == 0, done.output
    assert json.loads(output.read_text("utf-8"))["lists"]["H"]["seats"] == 3


@pytest.mark.parametrize(
    ("output", "html", "why"),
    [
        (".", "page.html", "is a folder"),
        ("counts.json", "page.html", "is named twice"),
        ("result", "result", "is named twice"),
    ],
)
def test_command_writes_no_result_over_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, html: str, why: str
) -> None:
    files = _files(tmp_path, COUNTS)
    monkeypatch.chdir(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    done = _run(*files, "--output", output, "--html", html)
    assert isinstance(done.exception, UsageError)
    assert why in str(done.exception)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_counts_of_an_impossible_name_are_said_to_be_unreadable(tmp_path: Path) -> None:
    election, _ = _files(tmp_path, COUNTS)
    done = _run(election, "x" * 300)
    assert isinstance(done.exception, CountsError)
    assert "cannot be read" in str(done.exception)


def test_command_names_bad_input(tmp_path: Path) -> None:
    election, _ = _files(tmp_path, COUNTS)
    assert isinstance(_run(election, str(tmp_path / "none.json")).exception, CountsError)
    blocked = _run(*_files(tmp_path, COUNTS), "--output", str(tmp_path / "election.json" / "x.json"))
    assert isinstance(blocked.exception, UsageError)


def test_command_settles_a_station(tmp_path: Path) -> None:
    """Eight sheets, every fourth in doubt: two wait, so only a provisional settlement is possible."""
    folder, election = tmp_path / "station", tmp_path / "e.json"
    election.write_bytes(station_fakes.ELECTION_BYTES)
    with station_fakes.make_station(folder) as store:
        station_fakes.intake(store).run(station_fakes.deck(8))
    assert isinstance(_run(str(election), str(folder)).exception, StationError)
    done = _run(str(election), str(folder), "--provisional", "--json")
    assert done.exit_code == 0, done.output
    data = json.loads(done.output)
    assert data["provisional"] is True
    assert data["sheets"] == {
        "read": 8,
        "accepted": 6,
        "reviewed": 0,
        "pending": 2,
        "withdrawn": 0,
        "proposed_for_rejection": 0,
    }
    # Sheets 0 and 4 wait; 1, 3, 5, 7 are of list H, 2 and 6 of A. All but 3 have crosses for 1 and 2.
    assert {name: entry["ballots"] for name, entry in data["lists"].items()} == {"A": 2, "H": 4, "RMDG": 0}
    crosses = {c["number"]: c["crosses"] for c in data["candidates"]["H"]}
    assert (crosses[1], crosses[2], crosses[3]) == (3, 3, 0)


def test_command_refuses_a_station_of_another_election(tmp_path: Path) -> None:
    folder, election = tmp_path / "station", tmp_path / "e.json"
    station_fakes.make_station(folder).close()
    election.write_text(json.dumps(station_fakes.ELECTION_FILE | {"seats": 13}), "utf-8")
    done = _run(str(election), str(folder))
    assert isinstance(done.exception, UsageError)
    assert "another election file" in done.exception.message


def test_an_answer_with_letters_that_the_terminal_lacks_does_not_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(terminal, encoding="latin-1", write_through=True))
    monkeypatch.setattr(station.cli, "_register_commands", lambda: None)
    monkeypatch.setattr(station.cli, "app", lambda: print("Biŋŋá: stored"))
    station.cli.main()
    assert terminal.getvalue() == "Bi\\u014b\\u014b\xe1: stored\n".encode("latin-1")
