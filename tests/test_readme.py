"""The commands of the README do what it says, typed one after the other in a fresh checkout."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ballot.errors import StationError
from station import cli

ROOT = Path(__file__).parents[1]
_FOR_PEOPLE = "serve"


def operators_commands() -> list[list[str]]:
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("## The operator's five minutes")[2]
    block = re.split(r"(?m)^```$", text)[1]
    commands = [shlex.split(line, comments=True) for line in block.splitlines()]
    return [words[1:] for words in commands if words and words[0] == "valgskann" and words[1] != _FOR_PEOPLE]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that a checkout shows and nothing that a count leaves there."""
    for entry in ROOT.iterdir():
        if entry.name != "out" and not entry.name.startswith("."):
            (tmp_path / entry.name).symlink_to(entry)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VALGSKANN_NAME_ERROR", "0")
    return tmp_path


def test_the_operators_five_minutes_run_from_the_checkout_and_leave_it_as_it_was(checkout: Path) -> None:
    before = {entry.name for entry in checkout.iterdir()}
    cli._register_commands()
    said: dict[str, str] = {}
    for words in operators_commands():
        done = CliRunner().invoke(cli.app, words)
        if words[0] == "settle":  # sheets are doubted that nobody ruled on here
            assert isinstance(done.exception, StationError), done.output
            said["settle"] = str(done.exception)
        else:
            assert done.exit_code == 0, f"{words}: {done.output} {done.exception}"
            said[" ".join(words[:2])] = done.output
    assert "8 ballots" in said["layout sample_scans/election.json"]
    assert "60 sheets taken in" in said["scan out/station"]
    assert "needs_review" in said["review list"]
    assert "Box 1 is closed with 60 sheets" in said["box close"]
    assert "Nothing was counted" in said["settle"]
    assert "all whole" in said["verify out/station"]
    assert (checkout / "out/station/stamps/box-1.png").is_file()
    assert {entry.name for entry in checkout.iterdir()} - before == {"out"}
