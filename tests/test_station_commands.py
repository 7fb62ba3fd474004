"""The whole way on the command line with the real reader: scans in, counts out, killed and run again."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ballot.election import ElectionKind
from ballot.ruling import Verdict
from calibration.testdeck.deck import simulate_deck, write_deck
from calibration.testdeck.designs import design_named
from calibration.testdeck.elections import make_election
from calibration.testdeck.options import preset
from calibration.testdeck.printing import print_election
from station.election_file import election_to_json, load_election
from store.station_store import StationStore

ROOT = Path(__file__).parents[1]
SHEETS = 8


def command(*words: object) -> list[str]:
    return [sys.executable, "-c", "from station.cli import main; main()", *map(str, words)]


def run(*words: object, code: int = 0) -> str:
    done = subprocess.run(command(*words), cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stdout + done.stderr


def answer(*words: object) -> Any:
    return json.loads(run(*words, "--json"))


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small election: its blanks, its layout, and a clean deck of scans."""
    folder = tmp_path_factory.mktemp("election")
    election = make_election(3, ElectionKind.MUNICIPAL_COUNCIL, 11, 2)
    print_election(election, design_named("fjord", election.kind), folder)
    (folder / "election.json").write_text(json.dumps(election_to_json(election)), encoding="utf-8")
    deck = simulate_deck(load_election(folder / "election.json"), folder, 5, preset("clean"), SHEETS)
    assert len(list(write_deck(deck, folder / "deck"))) == SHEETS
    run("layout", folder / "election.json", "-o", folder / "layout.zip")
    return folder


@pytest.fixture
def station(printed: Path, tmp_path: Path) -> Path:
    """A station with an open box 1."""
    folder = tmp_path / "station"
    run("init", folder, printed / "election.json", "--layout", printed / "layout.zip")
    district = json.loads((printed / "election.json").read_text(encoding="utf-8"))["districts"][0]["id"]
    run("box", "open", folder, "--number", 1, "--category", "VO", "--district", district)
    return folder


def test_a_station_takes_no_layout_learnt_with_candidates_in_another_order(
    printed: Path, tmp_path: Path
) -> None:
    data = json.loads((printed / "election.json").read_text(encoding="utf-8"))
    people = data["lists"][0]["candidates"]
    people[0]["name"], people[1]["name"] = people[1]["name"], people[0]["name"]
    (tmp_path / "election.json").write_text(json.dumps(data), encoding="utf-8")
    words = ["init", tmp_path / "station", tmp_path / "election.json", "--layout", printed / "layout.zip"]
    refused = run(*words, code=4)
    assert "other candidates" in refused and "No station was made" in refused
    assert not (tmp_path / "station").exists()


def rule_everything(station: Path) -> None:
    """Rules as the first possible verdict says, sheet by sheet, as a script would."""
    values = {"candidate": "none", "party": None}
    for entry in answer("review", "list", station):
        for issue in answer("review", "show", station, entry["sheet"])["issues"]:
            verdicts = [v for v in issue["verdicts"] if v not in values]
            run("review", "rule", station, entry["sheet"], issue["number"], verdicts[0], "--by", "Kari")


def test_from_scans_to_counts(station: Path, printed: Path, tmp_path: Path) -> None:
    report = answer("scan", station, "--box", 1, printed / "deck" / "scans", "--workers", 2)
    assert (report["new"], report["read"]) == (SHEETS, SHEETS)
    assert report["accepted"] + report["doubted"] == SHEETS
    assert report["faults"] == 0
    with StationStore.open(station) as store:
        store.begin_scan(1, [str(printed / "deck" / "scans")], "a scan that was killed")
    assert "has not come to its end" in run("box", "close", station, "--number", 1, code=8)
    assert "A scan into box 1 still runs, or was cut off" in run("status", station)
    assert answer("scan", station, "--box", 1, printed / "deck" / "scans")["known"] == SHEETS
    assert answer("status", station)["boxes"][0]["unfinished_scans"] == 0
    if report["doubted"]:
        assert "are not decided" in run("export", station, "-o", tmp_path / "early", code=8)
        assert not (tmp_path / "early").exists()
    rule_everything(station)
    assert answer("status", station)["open"] == 0
    run("box", "close", station, "--number", 1)
    assert answer("box", "list", station)[0]["closed"] is True
    run("export", station, "-o", tmp_path / "out", "--readings")
    counts = json.loads((tmp_path / "out" / "counts.json").read_text(encoding="utf-8"))
    assert counts["sheets"]["read"] == SHEETS
    readings = (tmp_path / "out" / "readings.jsonl").read_text(encoding="utf-8").splitlines()
    truth = [json.loads(line) for line in (printed / "deck" / "truth.jsonl").read_text("utf-8").splitlines()]
    for line, true in zip(readings, truth, strict=True):
        read = json.loads(line)
        assert read["front"] == true["front"]
        if read["accepted"]:
            assert (read["list"], read["ballot_id"]) == (true["list"], true["ballot_id"])
    assert answer("verify", station)["problems"] == []


def test_ruled_names_are_measured_and_kept_without_their_ballots(
    station: Path, printed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VALGSKANN_NAME_ERROR", "0")  # every row to people, as when a count starts
    clean = preset("clean")
    options = replace(clean, voters=replace(clean.voters, write_in_rate=1.0, habits=()))
    deck = simulate_deck(load_election(printed / "election.json"), printed, 6, options, 4)
    truth = list(write_deck(deck, tmp_path / "deck"))
    answer("scan", station, "--box", 1, tmp_path / "deck" / "scans", "--workers", 2)
    written = {line["front"]: {row["row"]: row["candidate"] for row in line["write_ins"]} for line in truth}
    ruled = 0
    for entry in answer("review", "list", station):
        shown = answer("review", "show", station, entry["sheet"])
        for issue in shown["issues"]:
            doubt = issue["doubt"]
            if doubt["code"].startswith("write_in_un"):
                candidate = written[shown["reading"]["front"]][doubt["row"]]
                verdict = ("candidate", candidate) if candidate else ("no_candidate",)
                run("review", "rule", station, entry["sheet"], issue["number"], *verdict, "--by", "Kari")
                ruled += 1
    assert ruled >= 2
    found = answer("calibrate-names", station, "--report", tmp_path / "names.html")
    assert (found["rows"], found["pictures"], found["new_pictures"]) == (ruled, ruled, ruled)
    assert found["in_best"] > 0
    assert (found["enough"], found["advised_error"]) == (False, 0)
    (station / "ruled-names" / "stale.png").write_bytes(b"of a ruling that was taken back")
    assert answer("calibrate-names", station)["new_pictures"] == 0
    kept = (station / "ruled-names" / "rows.jsonl").read_text("utf-8").splitlines()
    assert all(set(json.loads(line)) == {"picture", "candidate"} for line in kept)
    assert len(list((station / "ruled-names").glob("*.png"))) == ruled
    assert "</html>" in (tmp_path / "names.html").read_text("utf-8")
    assert answer("verify", station)["problems"] == []


def test_pictures_are_written_with_the_doubts(station: Path, printed: Path, tmp_path: Path) -> None:
    broken = tmp_path / "scans"
    broken.mkdir()
    (broken / "0001a.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (broken / "0001b.jpg").write_bytes((printed / "deck" / "scans" / "0001b.jpg").read_bytes())
    report = answer("scan", station, "--box", 1, broken, "--workers", 1)
    assert (report["new"], report["doubted"]) == (1, 1)
    shown = answer("review", "show", station, "1-0001", "-o", tmp_path / "pictures")
    assert [Path(p).name for p in shown["pictures"]] == ["1-0001-back.png"]
    assert shown["state"] == "needs_review"
    taken = tmp_path / "a-file"
    taken.touch()
    assert "cannot be written" in run("review", "show", station, "1-0001", "-o", taken, code=2)
    run("review", "rule", station, "1-0001", "sheet", "propose_rejection", "c", "--by", "Kari")
    assert "committee" in run("review", "rule", station, "1-0001", "sheet", "reject", "c", code=2)
    run("review", "decide", station, "1-0001", "committee/c", "reject", "c", "--by", "Ola")
    assert answer("status", station)["states"]["rejected"] == 1


def test_killed_while_it_reads_and_run_again(station: Path, printed: Path) -> None:
    scans = printed / "deck" / "scans"
    for seconds in (2.5, 3.5):
        with subprocess.Popen(
            command("scan", station, "--box", 1, scans, "--workers", 2),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as scanning:
            time.sleep(seconds)
            scanning.send_signal(signal.SIGKILL)
    report = answer("scan", station, "--box", 1, scans, "--workers", 2)
    assert report["new"] + report["known"] == SHEETS
    listed = answer("review", "list", station, "--state", "accepted") + answer("review", "list", station)
    assert sorted(entry["sheet"] for entry in listed) == [f"1-{n:04d}" for n in range(1, SHEETS + 1)]
    assert answer("verify", station)["problems"] == []


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("status", "missing"), 8, "no counting station"),
        (("scan", "STATION", "--box", 7, "SCANS"), 8, "no box 7"),
        (("scan", "STATION", "--box", 1, "missing"), 5, "missing"),
        (("box", "open", "STATION", "--number", 2, "--category", "XX", "--district", "0001"), 2, "XX"),
        (("box", "open", "STATION", "--number", 2, "--category", "VO", "--district", "99"), 2, "99"),
        (("review", "show", "STATION", "1-9999"), 8, "no sheet"),
        (("review", "rule", "STATION", "1-9999", "1", "marked"), 8, "no sheet"),
        (("export", "STATION", "-o", "OUT"), 8, "No sheet has been scanned"),
    ],
)
def test_wrong_use_says_what_and_ends_with_its_code(
    station: Path, printed: Path, tmp_path: Path, words: tuple[object, ...], code: int, message: str
) -> None:
    places = {"STATION": station, "SCANS": printed / "deck" / "scans", "OUT": tmp_path / "out"}
    assert message in run(*(places.get(str(word), word) for word in words), code=code)


@pytest.mark.parametrize(
    "verb",
    ["init", "box open", "box list", "box close", "scan", "status", "export", "verify", "serve"]
    + [f"review {name}" for name in ("list", "show", "rule", "decide", "enter")],
)
def test_every_verb_explains_itself(verb: str) -> None:
    text = run(*verb.split(), "--help")
    assert "Usage" in text
    assert len(text) > 300
    if verb not in ("serve",):
        assert "--json" in text


def test_help_lists_the_verdicts_that_can_be_given() -> None:
    ruled, decided = (
        set(re.findall(r"[a-z_]+", run("review", verb, "--help"))) for verb in ("rule", "decide")
    )
    committee = {"reject", "approve", "turn_into_blank"}
    assert {verdict.value for verdict in Verdict} - committee - {"enter"} <= ruled
    assert not committee & ruled
    assert committee | {"withdraw", "reopen"} <= decided
    assert not {"marked", "keep", "propose_rejection"} & decided
    assert "no verdict 'maybe'" in run("review", "rule", "anywhere", "1-0001", "1", "maybe", code=2)
