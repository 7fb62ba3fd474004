"""The pipeline keeps order, bounds what is in memory, and survives faults and killed workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ballot.errors import StationError, UsageError
from ballot.reading import DoubtCode, Reading, SheetKind, StampState
from ballot.sheet import PageImage, SheetScan
from station.pipeline import read_with
from station.worker import ReadOne


def sheet(n: int, data: bytes = b"fine") -> SheetScan:
    return SheetScan(PageImage(f"{n:04d}a.jpg", data), PageImage(f"{n:04d}b.jpg", data))


@dataclass(frozen=True)
class FakeRecipe:
    """A reader that does what the sheet's bytes say."""

    def __call__(self) -> ReadOne:
        return read_fake


def read_fake(scan: SheetScan) -> Reading:
    if scan.front.data == b"raise":
        raise ValueError("bad ink")
    if scan.front.data == b"kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if scan.front.data == b"hang":
        time.sleep(600)
    if scan.front.data == b"slow":
        time.sleep(0.05)
    return Reading(
        scan.front.name, None, SheetKind.BLANK, None, None, None, StampState.PRESENT, party=str(os.getpid())
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_readings_come_in_the_order_of_the_sheets(workers: int) -> None:
    sheets = [sheet(n, b"slow" if n % 3 == 0 else b"fine") for n in range(20)]
    names = [outcome.reading.front for outcome in read_with(sheets, FakeRecipe(), workers)]
    assert names == [s.front.name for s in sheets]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_exception_in_the_reader_is_a_doubt_of_that_sheet(workers: int) -> None:
    sheets = [sheet(0), sheet(1, b"raise"), sheet(2)]
    outcomes = list(read_with(sheets, FakeRecipe(), workers))
    assert [o.reading.accepted for o in outcomes] == [True, False, True]
    doubt = outcomes[1].reading.doubts[0]
    assert doubt.code is DoubtCode.UNREADABLE
    assert "bad ink" in doubt.detail
    assert "ValueError: bad ink" in outcomes[1].fault


def test_a_sheet_that_kills_its_worker_is_named_and_the_others_are_read() -> None:
    sheets = [sheet(n, b"kill" if n in (3, 9) else b"fine") for n in range(14)]
    outcomes = list(read_with(sheets, FakeRecipe(), 2))
    assert [o.reading.front for o in outcomes] == [s.front.name for s in sheets]
    doubted = [o for o in outcomes if not o.reading.accepted]
    assert [o.reading.front for o in doubted] == ["0003a.jpg", "0009a.jpg"]
    assert all("killed" in o.fault and o.reading.front in o.fault for o in doubted)


@pytest.mark.parametrize("workers", [1, 2])
def test_sheets_that_were_handed_out_are_read_though_no_more_can_be_taken_in(workers: int) -> None:
    def source() -> Iterator[SheetScan]:
        yield from (sheet(0), sheet(1))
        raise StationError("The box is closed.", "Open another.")

    outcomes = read_with(source(), FakeRecipe(), workers)
    assert [next(outcomes).reading.front for _ in range(2)] == ["0000a.jpg", "0001a.jpg"]
    with pytest.raises(StationError, match="The box is closed"):
        next(outcomes)


def test_sheets_are_drawn_only_as_fast_as_readings_are_taken() -> None:
    drawn = 0

    def source() -> Iterator[SheetScan]:
        nonlocal drawn
        for n in range(100):
            drawn += 1
            yield sheet(n)

    outcomes = read_with(source(), FakeRecipe(), 2)
    for taken in range(1, 6):
        next(outcomes)
        assert drawn <= 8 + taken
    outcomes.close()  # type: ignore[attr-defined]


def test_work_is_done_in_other_processes_with_one_thread_each() -> None:
    outcomes = list(read_with([sheet(n) for n in range(8)], FakeRecipe(), 2))
    pids = {o.reading.party for o in outcomes}
    assert str(os.getpid()) not in pids
    assert os.environ["OMP_NUM_THREADS"] == "1"


@dataclass(frozen=True)
class RecipeWithoutRoom:
    """A reader that cannot be built."""

    def __call__(self) -> ReadOne:
        raise MemoryError("no room")


def test_workers_that_cannot_start_are_no_fault_of_the_sheets() -> None:
    with pytest.raises(StationError, match="cannot be started"):
        list(read_with([sheet(n) for n in range(3)], RecipeWithoutRoom(), 2))


def test_no_workers_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="0 workers"):
        read_with([], FakeRecipe(), 0)


def _alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc (Linux)")
def test_a_sheet_that_never_ends_is_given_up_and_the_others_are_read() -> None:
    sheets = [sheet(n, b"hang" if n == 3 else b"fine") for n in range(8)]
    outcomes = list(read_with(sheets, FakeRecipe(), 2, limit_s=2.0))
    assert [o.reading.front for o in outcomes] == [s.front.name for s in sheets]
    assert [n for n, o in enumerate(outcomes) if not o.reading.accepted] == [3]
    assert "took too long" in outcomes[3].fault


def test_workers_die_with_a_killed_parent() -> None:
    script = (
        "from tests.test_station_pipeline import FakeRecipe, sheet\n"
        "from station.pipeline import read_with\n"
        "import itertools\n"
        "if __name__ == '__main__':\n"
        "    for outcome in read_with((sheet(n, b'slow') for n in itertools.count()), FakeRecipe(), 2):\n"
        "        print(outcome.reading.party, flush=True)\n"
    )
    root = Path(__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        workers = {int(parent.stdout.readline()) for _ in range(6)}
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + 10
        while any(_alive(pid) for pid in workers) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not [pid for pid in workers if _alive(pid)]
