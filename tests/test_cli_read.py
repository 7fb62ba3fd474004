"""``valgskann read`` and ``layout``: files in, JSON lines out; broken scans stay with their sheet."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import station.pipeline
from ballot.errors import LayoutError, ScanSourceError, UsageError
from ballot.layout import LayoutSet
from ballot.reading import Doubt, DoubtCode, Reading, SheetKind, StampState
from ballot.sheet import SheetScan
from calibration.layout_basis import basis_of
from calibration.layout_file import save_layouts
from station.commands import layout as layout_command
from station.commands import read as read_command
from station.election_file import load_election
from tests.scan_files import jpeg

ELECTION: dict[str, Any] = {
    "format": "election/1",
    "election": {
        "id": "prove-2023",
        "name": "Prøvevalg",
        "date": "2023-09-11",
        "kind": "municipal_council",
    },
    "area": {"id": "9901", "name": "Prøve"},
    "seats": 11,
    "rules": "valglov-2002",
    "max_write_ins": 5,
    "districts": [{"id": "0001", "name": "Sentrum"}],
    "lists": [
        {"id": "A", "name": "Alfa", "parties": ["A"], "candidates": [{"number": 1, "name": "Kari Nordmann"}]}
    ],
    "ballots": [],
}
app = typer.Typer()
read_command.register(app)
layout_command.register(app)


def name_reader(sheets: Iterable[SheetScan], *_: object) -> Iterator[Reading]:
    """Stands in for recognition: accepts what has two pages, and passes problems on as doubts."""
    for sheet in sheets:
        pages = [page for page in (sheet.front, sheet.back) if page is not None]
        doubts = [Doubt(DoubtCode.UNREADABLE, detail=page.problem) for page in pages if page.problem]
        if sheet.back is None:
            doubts.append(Doubt(DoubtCode.MISSING_SIDE))
        yield Reading(
            front=sheet.front.name,
            back=sheet.back.name if sheet.back else None,
            kind=SheetKind.BLANK,
            list_id=None,
            ballot_number=None,
            ballot_id=None,
            stamp=StampState.PRESENT,
            doubts=tuple(doubts),
        )


@pytest.fixture
def election(tmp_path: Path) -> Path:
    path = tmp_path / "election.json"
    path.write_text(json.dumps(ELECTION))
    layouts = LayoutSet("prove-2023", (), basis_of(load_election(path)))
    save_layouts(layouts, tmp_path / "ballots.layout")
    return path


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    for name in ("0001a.jpg", "0001b.jpg", "0002a.jpg", "0003a.jpg", "0003b.jpg"):
        (folder / name).write_bytes(jpeg())
    (folder / "0003b.jpg").write_bytes(b"")
    (folder / "notes.txt").write_text("box 4")
    return folder


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=True)


def test_one_line_a_sheet_in_order_and_a_summary(
    monkeypatch: pytest.MonkeyPatch, election: Path, scans: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(station.pipeline, "read_many", name_reader)
    out = tmp_path / "readings.jsonl"
    result = run("read", election, scans, "--layout", tmp_path / "ballots.layout", "-o", out, "--json")
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(line["front"], line["back"], line["accepted"]) for line in lines] == [
        ("0001a.jpg", "0001b.jpg", True),
        ("0002a.jpg", None, False),
        ("0003a.jpg", "0003b.jpg", False),
    ]
    assert "empty" in lines[2]["doubts"][0]["detail"]
    summary = json.loads(result.stdout)
    assert (summary["sheets"], summary["accepted"], summary["doubted"]) == (3, 1, 2)
    assert summary["doubts"] == {"missing_side": 1, "unreadable": 1}
    assert [Path(entry["file"]).name for entry in summary["ignored"]] == ["notes.txt"]


def test_without_output_the_readings_alone_stand_on_standard_output(
    monkeypatch: pytest.MonkeyPatch, election: Path, scans: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(station.pipeline, "read_many", name_reader)
    result = run("read", election, scans, "--layout", tmp_path / "ballots.layout")
    assert [json.loads(line)["front"] for line in result.stdout.splitlines()] == [
        "0001a.jpg",
        "0002a.jpg",
        "0003a.jpg",
    ]
    assert "3 sheets read: 1 accepted, 2 doubted" in result.stderr
    assert "notes.txt" in result.stderr


def test_a_lost_reading_is_never_reported_as_success(
    monkeypatch: pytest.MonkeyPatch, election: Path, scans: Path, tmp_path: Path
) -> None:
    def losing(sheets: Iterable[SheetScan], *rest: object) -> Iterator[Reading]:
        yield from list(name_reader(sheets))[:-1]

    monkeypatch.setattr(station.pipeline, "read_many", losing)
    out = tmp_path / "readings.jsonl"
    result = run("read", election, scans, "--layout", tmp_path / "ballots.layout", "-o", out)
    assert "3 sheets went in and 2 readings came out" in str(result.exception)
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["nowhere"], ScanSourceError, "nowhere"),
        (["empty"], ScanSourceError, "no scan"),
        (["scans", "--layout", "other.layout"], LayoutError, "not of prove-2023"),
        (["scans", "--layout", "stale.layout"], LayoutError, "other candidates"),
        (["scans", "--layout", "gone.layout"], LayoutError, "gone.layout"),
        (["scans"], LayoutError, "no ballots"),
        (
            ["scans", "--layout", "ballots.layout", "-o", "ballots.layout/readings.jsonl"],
            UsageError,
            "cannot be written",
        ),
    ],
)
def test_wrong_use_says_what_is_wrong(
    election: Path,
    scans: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    error: type[Exception],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(station.pipeline, "read_many", name_reader)
    (tmp_path / "empty").mkdir()
    save_layouts(LayoutSet("another-2019", ()), tmp_path / "other.layout")
    save_layouts(LayoutSet("prove-2023", (), "0" * 64), tmp_path / "stale.layout")
    result = run("read", election, *arguments)
    assert isinstance(result.exception, error)
    assert words in str(result.exception)


SLOW = """
import sys, time
import station.pipeline
from tests.test_cli_read import app, name_reader
def slow(sheets, *rest):
    for reading in name_reader(sheets):
        print("one", file=sys.stderr, flush=True)
        time.sleep(30)
        yield reading
station.pipeline.read_many = slow
app()
"""


def test_a_killed_run_leaves_no_file_that_looks_finished(election: Path, scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "readings.jsonl"
    command = [sys.executable, "-c", SLOW, "read", str(election), str(scans)]
    command += ["--layout", str(tmp_path / "ballots.layout"), "-o", str(out)]
    repository = Path(__file__).parents[1]
    with subprocess.Popen(
        command, cwd=repository, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(repository)}
    ) as process:
        assert process.stderr is not None
        started = time.monotonic()
        assert process.stderr.readline() == b"one\n"
        assert time.monotonic() - started < 60
        assert (tmp_path / "readings.jsonl.part").exists()
        process.send_signal(signal.SIGKILL)
    assert not out.exists()


def test_a_layout_that_cannot_be_kept_is_refused_before_it_is_learnt(election: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, no folder")
    result = run("layout", election, "-o", tmp_path / "taken" / "ballots.layout")
    assert isinstance(result.exception, UsageError)
    assert f"{tmp_path / 'taken'} cannot be made" in str(result.exception)
    assert "Nothing was begun" in str(result.exception)
    result = run("layout", election, "-o", tmp_path)
    assert isinstance(result.exception, UsageError)
    assert f"{tmp_path} is a folder. Nothing was begun." in str(result.exception)
