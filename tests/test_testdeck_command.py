"""``valgskann testdeck`` from a made-up election to scans on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ballot.errors import CalibrationError, UsageError
from calibration.testdeck.sample import CASES, sample_election
from station.commands import testdeck
from station.election_file import load_election

app = typer.Typer()
testdeck.register(app)
app.command("other")(lambda: None)
run = CliRunner()


def _answer(*words: str) -> dict[str, object]:
    result = run.invoke(app, ["testdeck", *words, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    answer: dict[str, object] = json.loads(result.stdout)
    return answer


@pytest.mark.parametrize("kind", ["municipal_council", "county_council", "mayor"])
def test_from_nothing_to_scans(kind: str, tmp_path: Path) -> None:
    made = _answer("election", "-o", str(tmp_path / "e"), "--seed", "5", "--kind", kind, "--lists", "4")
    _answer("print", str(made["election"]), "-o", str(tmp_path / "p"), "--design", "vidde")
    assert load_election(tmp_path / "p/election.json") == load_election(tmp_path / "e/election.json")
    scanned = _answer(
        "scan", str(tmp_path / "p/election.json"), "-o", str(tmp_path / "s"), "--sheets", "3", "--dpi", "200",
        "--seed", "9", "--preset", "clean", "--format", "png",
    )  # fmt: skip
    assert scanned["sheets"] == 3
    truths = [
        json.loads(line) for line in (tmp_path / "s/truth.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    names = {truth[side] for truth in truths for side in ("front", "back")}
    assert names == {path.name for path in (tmp_path / "s/scans").iterdir()}
    assert len(names) == 6


def test_workers_change_nothing_but_the_time(tmp_path: Path) -> None:
    _answer("election", "-o", str(tmp_path / "e"))
    _answer("print", str(tmp_path / "e/election.json"), "-o", str(tmp_path / "p"))
    contents = []
    for workers in ("1", "2"):
        out = tmp_path / workers
        _answer(
            "scan", str(tmp_path / "p/election.json"), "-o", str(out), "--sheets", "14",
            "--preset", "grey200", "--workers", workers,
        )  # fmt: skip
        contents.append({path.name: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()})
    assert contents[0] == contents[1]


def test_wrong_words_are_refused(tmp_path: Path) -> None:
    _answer("election", "-o", str(tmp_path))
    election = str(tmp_path / "election.json")
    for words, error in (
        (["scan", election, "-o", str(tmp_path), "--format", "gif"], UsageError),
        (["scan", election, "-o", str(tmp_path), "--preset", "easy"], CalibrationError),
        (["scan", election, "-o", str(tmp_path)], CalibrationError),
        (["print", election, "-o", str(tmp_path), "--design", "fjell"], CalibrationError),
    ):
        result = run.invoke(app, ["testdeck", *words])
        assert isinstance(result.exception, error)


@pytest.mark.parametrize("below", ["", "/in-it"])
def test_a_folder_that_cannot_be_written_is_wrong_use(tmp_path: Path, below: str) -> None:
    _answer("election", "-o", str(tmp_path))
    election, taken = str(tmp_path / "election.json"), tmp_path / "a-file"
    taken.touch()
    for words in (["election"], ["print", election], ["scan", election], ["sample"]):
        result = run.invoke(app, ["testdeck", *words, "-o", f"{taken}{below}"])
        assert isinstance(result.exception, UsageError)
        assert f"{taken}{below} cannot be written" in str(result.exception)


def test_the_sample_is_the_size_it_should_be() -> None:
    assert sum(case.sheets for case in CASES) == 60
    election = sample_election(2)
    assert 17 <= election.seats <= 21
    assert len(election.lists) == 6


def test_the_committed_sample_is_whole() -> None:
    folder = Path(__file__).parents[1] / "sample_scans"
    assert load_election(folder / "election.json") == sample_election(2)
    truths = [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    readme = (folder / "README.md").read_text(encoding="utf-8")
    files = {str(truth[side]).split("#")[0] for truth in truths for side in ("front", "back")}
    assert files == {path.name for path in (folder / "scans").iterdir()}
    assert all(f"`{name}`" in readme for name in files)
    assert sum(path.stat().st_size for path in folder.rglob("*")) < 40_000_000
