"""SIGKILL anywhere in a run of 60 sheets, run again: the same result, no sheet lost or doubled."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ballot.reading_json import reading_to_full_json
from review.desk import Desk
from station.station_counts import counts_of
from station.station_folder import Station
from station.verify import verify_store
from store.station_store import StationStore
from tests.station_fakes import ELECTION, deck, intake, make_station

ROOT = Path(__file__).parents[1]
SHEETS = 60


def crash(folder: Path, point: int, workers: int = 1) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.crashing_run", str(folder), str(point), str(workers)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def result(store: StationStore) -> list[object]:
    """Everything that a count could depend on, sheet by sheet."""
    found: list[object] = []
    for entry in Desk(store, ELECTION).entries():
        full = store.case(entry.case.sheet.id)
        assert full.reading is not None
        scan = store.scan_of(full.sheet)
        assert scan.back is not None
        found.append(
            (full.sheet, reading_to_full_json(full.reading.reading), entry.standing, scan.front.data[:50])
        )
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    with make_station(tmp_path_factory.mktemp("station") / "s") as store:
        intake(store).run(deck(SHEETS))
        return result(store)


@pytest.fixture(scope="module")
def events_in_a_run(tmp_path_factory: pytest.TempPathFactory) -> int:
    folder = tmp_path_factory.mktemp("count") / "s"
    make_station(folder).close()
    return int(crash(folder, -1).stdout)


def finish(folder: Path) -> list[object]:
    """The next run, by a new process' worth of state, and the proof that nothing is broken."""
    with StationStore.open(folder) as store:
        report = intake(store).run(deck(SHEETS))
        assert report.new + report.known == SHEETS
        assert verify_store(store).problems == ()
        return result(store)


# Spread over the run, at points that fall on every kind of step: 7 and 11 share no factor with
# the number of steps a sheet takes.
@pytest.mark.parametrize("share", [0.0, 0.02, 0.13, 0.29, 0.37, 0.5, 0.61, 0.73, 0.88, 0.97, 0.999])
def test_killed_at_a_point_and_run_again(
    share: float, tmp_path: Path, undisturbed: list[object], events_in_a_run: int
) -> None:
    folder = tmp_path / "s"
    make_station(folder).close()
    point = 1 + int(share * events_in_a_run)
    assert crash(folder, point).returncode == -signal.SIGKILL
    assert finish(folder) == undisturbed


def test_killed_at_every_step_of_one_sheet(
    tmp_path: Path, undisturbed: list[object], events_in_a_run: int
) -> None:
    """One sheet takes some thirty steps; a run that dies at each of them in turn still ends right."""
    folder = tmp_path / "s"
    make_station(folder).close()
    steps = events_in_a_run // SHEETS + 2
    killed = sum(crash(folder, point).returncode == -signal.SIGKILL for point in range(8, 8 + steps))
    assert killed == steps
    assert finish(folder) == undisturbed


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_a_moment_with_workers(seed: int, tmp_path: Path, undisturbed: list[object]) -> None:
    folder = tmp_path / "s"
    make_station(folder).close()
    command = [sys.executable, "-m", "tests.crashing_run", str(folder), "-1", "2"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        time.sleep(random.Random(seed).uniform(0.4, 2.0))
        run.kill()
    assert finish(folder) == undisturbed
    with StationStore.open(folder) as store:
        station = Station(store, ELECTION, store.files())
        assert counts_of(station, allow_open=True).total == SHEETS - SHEETS // 4
