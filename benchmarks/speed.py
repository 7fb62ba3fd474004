"""Measures what reading costs beside decoding alone, a side at 300 dpi colour JPEG, on one core.

    python -m benchmarks.speed --sheets 12

Both are measured in the same run and process, so their ratio says the same on a fast and on a slow
machine. Times are those of the processor, the median of several rounds. A sheet's sides are told
apart by reading the sheet without one of them: what the other side adds is its share. The stamps of
the count are not known, since a side without the stamp would be searched for one.
"""

from __future__ import annotations

import argparse
import cProfile
import multiprocessing
import pstats
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ballot.election import Election, ElectionKind
from ballot.layout import LayoutSet, PageSide
from ballot.sheet import SheetScan
from benchmarks.accuracy import print_houses
from station.worker import one_thread_a_process

SPEED_SEED = 930_000
PRESET = "normal"
ROUNDS = 5
LIMITS = {PageSide.INSIDE: 2.0, PageSide.OUTSIDE: 1.5}
MEMORY_LIMIT_MB = 400
STAGE_ROWS = 40
_readers: list[Callable[[SheetScan], object]] = []
"""In a worker's process its reader."""


@dataclass(frozen=True)
class SideCost:
    """Processor time of one side of one sheet, in ms."""

    page: PageSide
    decode_ms: float
    read_ms: float


@dataclass(frozen=True)
class Deck:
    """Simulated sheets with what reading them needs."""

    election: Election
    layouts: LayoutSet
    sheets: list[SheetScan]


def make_decks(designs: list[str], count: int) -> list[Deck]:
    """Prints, learns and scans. Runs in a process of its own: it needs far more memory than reading."""
    from calibration.testdeck.deck import simulate_deck
    from calibration.testdeck.options import preset
    from station.election_file import load_election

    decks = []
    with tempfile.TemporaryDirectory() as folder:
        for part in print_houses(Path(folder), SPEED_SEED, ElectionKind.MUNICIPAL_COUNCIL, designs, PRESET):
            election = load_election(part.folder / "election.json")
            made = simulate_deck(election, part.folder, SPEED_SEED, preset(PRESET), count)
            decks.append(Deck(election, part.layouts, [sheet.scan for sheet in made]))
    return decks


def median_ms(jobs: list[Callable[[], object]], rounds: int = ROUNDS) -> list[float]:
    """The median processor time of each job over several rounds.

    The jobs take turns, so that what else the machine does hits all alike.
    """
    times: list[list[float]] = [[] for _ in jobs]
    for _ in range(rounds):
        for job, taken in zip(jobs, times, strict=True):
            begun = time.process_time()
            job()
            taken.append(1000 * (time.process_time() - begun))
    return [statistics.median(taken) for taken in times]


def decode(data: bytes) -> object:
    """Decoding to grey and nothing else, with the fastest decoder there is (OpenCV takes a quarter more)."""
    import simplejpeg

    return simplejpeg.decode_jpeg(data, colorspace="GRAY")


def sheet_costs(sheet: SheetScan, read: Callable[[SheetScan], Any]) -> list[SideCost]:
    """What each side of a sheet costs; empty when the reader does not know both sides."""
    reading = read(sheet)
    pages = {r.scan.value: r.page for r in reading.registrations}
    if sheet.back is None or len(pages) < 2:
        return []
    alone = {
        "front": replace(sheet, back=None),
        "back": replace(sheet, front=sheet.back, back=None),
    }
    # A side without the ballot number cannot be read alone, so the other one is taken away.
    kept = next((side for side, lone in alone.items() if read(lone).ballot_number is not None), None)
    if kept is None:
        return []
    images = {"front": sheet.front, "back": sheet.back}
    whole, own, front, back = median_ms(
        [
            lambda: read(sheet),
            lambda: read(alone[kept]),
            lambda: decode(sheet.front.data),
            lambda: decode(images["back"].data),
        ]
    )
    decoding = {"front": front, "back": back}
    return [
        SideCost(page, decoding[side], own if side == kept else whole - own) for side, page in pages.items()
    ]


def profile_table(run: Callable[[], object], sides: int) -> list[str]:
    """The reader's own functions by the time spent in and below each, in ms a side."""
    profiler = cProfile.Profile()
    profiler.runcall(run)
    rows = []
    for (file, _line, name), (_calls, count, own, below, _callers) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        if Path(file).parent.name == "recognition" and not name.startswith("<"):
            rows.append(
                (1000 * below / sides, 1000 * own / sides, count / sides, f"{Path(file).stem}.{name}")
            )
    rows.sort(reverse=True)
    head = f"  {'ms a side':>9} {'own':>7} {'calls':>7}  function"
    return [
        head,
        *(f"  {below:9.2f} {own:7.2f} {calls:7.1f}  {name}" for below, own, calls, name in rows[:STAGE_ROWS]),
    ]


def peak_memory_mb() -> float:
    """The most memory this process has held since it started."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(text for text in status.read_text().splitlines() if text.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def worker_memory_mb(deck: Deck) -> float:
    """The most memory of a process that is given one sheet after the other, as a station's worker is."""
    clean = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, clean, _start_reading, (deck.election, deck.layouts)) as pool:
        for sheet in deck.sheets:
            pool.submit(_read, sheet).result()
        return pool.submit(peak_memory_mb).result()


def _start_reading(election: Election, layouts: LayoutSet) -> None:
    import cv2

    from recognition.reader import compile_layouts, read_sheet

    cv2.setNumThreads(1)
    compiled = compile_layouts(election, layouts)
    _readers[:] = [lambda sheet: read_sheet(sheet, compiled)]


def _read(sheet: SheetScan) -> None:
    _readers[0](sheet)


def measure(deck: Deck) -> tuple[list[SideCost], list[str]]:
    """Reads a deck in this process: cost of each side, and the profile."""
    import cv2

    from recognition.reader import compile_layouts, read_sheet

    cv2.setNumThreads(1)
    compiled = compile_layouts(deck.election, deck.layouts)
    for sheet in deck.sheets:  # also warms caches
        read_sheet(sheet, compiled)
    costs = [cost for sheet in deck.sheets for cost in sheet_costs(sheet, lambda s: read_sheet(s, compiled))]
    table = profile_table(lambda: [read_sheet(s, compiled) for s in deck.sheets], 2 * len(deck.sheets))
    return costs, table


def report(costs: Iterable[SideCost], memory_mb: float) -> bool:
    """Prints the figures; returns whether all aims are met."""
    met = memory_mb <= MEMORY_LIMIT_MB
    print(
        f"{'side':8} {'sides':>5} {'decode ms':>10} {'reading ms':>11} {'ratio':>6} {'worst':>6} {'aim':>5}"
    )
    for page, limit in LIMITS.items():
        own = [c for c in costs if c.page is page]
        if not own:
            print(f"{page.value:8} {0:5}   no side of this kind was read")
            met = False
            continue
        decode, read = (statistics.fmean(getattr(c, name) for c in own) for name in ("decode_ms", "read_ms"))
        worst = max(c.read_ms / c.decode_ms for c in own)
        print(
            f"{page.value:8} {len(own):5} {decode:10.1f} {read:11.1f}"
            f" {read / decode:6.2f} {worst:6.2f} {limit:5.1f}"
        )
        met = met and read / decode <= limit
    print(f"peak memory of a worker: {memory_mb:.0f} MB (aim: at most {MEMORY_LIMIT_MB} MB)")
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sheets", type=int, default=12, help="Sheets of each design.")
    parser.add_argument("--designs", default="fjord,skog,vidde")
    parser.add_argument("--strict", action="store_true", help="Exit status 1 when an aim is missed.")
    args = parser.parse_args()
    one_thread_a_process()
    clean = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, clean) as pool:
        decks = pool.submit(make_decks, args.designs.split(","), args.sheets).result()
    costs: list[SideCost] = []
    memory = 0.0
    for name, deck in zip(args.designs.split(","), decks, strict=True):
        with ProcessPoolExecutor(1, clean) as pool:
            own, table = pool.submit(measure, deck).result()
        costs += own
        memory = max(memory, worker_memory_mb(deck))
        print(f"\n{name}: where the time goes (the profiler itself makes short functions look slower)")
        print("\n".join(table))
    print("\nall designs, 300 dpi colour JPEG, processor time on one core")
    met = report(costs, memory)
    return 1 if args.strict and not met else 0


if __name__ == "__main__":
    raise SystemExit(main())
