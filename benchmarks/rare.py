"""Decks of rare things together: every kind of pen with every habit through every kind of scanner.

    python -m benchmarks.rare --folder out/rare

A campaign draws pens, habits and scanners as they come, so that a light blue pen takes a mark back on
one of a thousand sheets. Here nearly every sheet does something of the kind, and what a reader cannot
do with one pen shows in minutes. Its figures are no error rates: nobody votes like this. Progress goes
to standard error; exit status 1 when there is a silent error.
"""

from __future__ import annotations

import argparse
import pickle
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from benchmarks.campaign_parts import PARTS, compiled, prepare, worker_recipe
from station.worker import one_thread_a_process, process_context, start_worker

SEED = 6_100_000
HOUSES = ("vidde-county-bilevel", "skog-county-grey", "outer-county-bilevel", "bare-county-grey")
SCANNERS = ("normal", "grey200", "bilevel200", "hard")
PENS = ("ballpoint_blue", "pencil", "light_blue", "felt", "red")
HABITS = ("plain", "taken_back", "mark_beside", "comment", "strike_out")
HABIT_SHARE = 0.7
UNSEEN_WRITING = ("light_blue", "pencil")
"""Pens that the simulator keeps from scanners with a fixed threshold, which show nothing of them."""


@dataclass(frozen=True)
class Deck:
    """One kind of pen and habit on one print house's ballots through one kind of scanner."""

    part: str
    scanner: str
    pen: str
    habit: str


@dataclass(frozen=True)
class Found:
    """What came of a deck: counts, and a line for each sheet that was read wrongly in silence."""

    deck: Deck
    counts: Counter[str]
    errors: tuple[str, ...]


def decks(parts: tuple[str, ...]) -> Iterator[Deck]:
    """Every combination."""
    for part, scanner, pen, habit in product(parts, SCANNERS, PENS, HABITS):
        yield Deck(part, scanner, pen, habit)


def read_deck(deck: Deck, folder: Path, seed: int, sheets: int) -> Found:
    """Simulates and reads one deck; sheets read wrongly are kept in `folder` as pickles."""
    from calibration.evaluate import compare
    from calibration.testdeck.deck import simulate_deck
    from calibration.testdeck.options import preset
    from calibration.testdeck.scanning import ColourMode
    from calibration.testdeck.voters import Habit
    from station.worker import read_in_worker

    election, read_one, press = compiled(folder / "parts" / deck.part)
    options = preset(deck.scanner)
    habits = () if deck.habit == "plain" else ((Habit(deck.habit), HABIT_SHARE),)
    voters = replace(
        options.voters, pens=((deck.pen, 1.0),), habits=habits, write_in_rate=0.0, no_personal_votes=0.2
    )
    scanner = options.scanner
    if deck.pen in UNSEEN_WRITING:
        modes = tuple(mode for mode in scanner.modes if mode is not ColourMode.BILEVEL_FIXED)
        scanner = replace(scanner, modes=modes)
    options = replace(options, voters=voters, scanner=scanner)
    counts: Counter[str] = Counter()
    errors = []
    made = simulate_deck(election, press.folder, seed, options, sheets, 0, passes=1, press=press)
    for index, sheet in enumerate(made):
        outcome = compare(read_in_worker(sheet.scan, read_one).reading, sheet.truth)
        counts["accepted"] += outcome.accepted
        counts["hidden"] += len(outcome.lost)
        counts["missed"] += len(outcome.missed)
        counts.update(fate.value for _, fate in outcome.troubles)
        if outcome.errors:
            name = f"{deck.part}-{deck.scanner}-{deck.pen}-{deck.habit}-{index}"
            (folder / f"{name}.pkl").write_bytes(pickle.dumps((deck.part, index, sheet)))
            errors.append(f"{name}: {'; '.join(outcome.errors)}{'' if outcome.accepted else ' (reviewed)'}")
    return Found(deck, counts, tuple(errors))


def main() -> int:
    """Reads all decks and prints what came of each habit and pen."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--folder", type=Path, required=True)
    words.add_argument("--sheets", type=int, default=12)
    words.add_argument("--seed", type=int, default=SEED)
    words.add_argument("--workers", type=int, default=2)
    words.add_argument("--parts", nargs="*", default=HOUSES, choices=[part.name for part in PARTS])
    given = words.parse_args()
    one_thread_a_process()
    (given.folder / "parts").mkdir(parents=True, exist_ok=True)
    todo = list(decks(tuple(given.parts)))
    wrong = 0
    with ProcessPoolExecutor(given.workers, process_context(), start_worker, (worker_recipe,)) as pool:
        own = [part for part in PARTS if part.name in given.parts]
        for ready in [pool.submit(prepare, part, given.folder / "parts", given.seed) for part in own]:
            ready.result()
        running = [pool.submit(read_deck, deck, given.folder, given.seed, given.sheets) for deck in todo]
        for done, future in enumerate(running, start=1):
            found = future.result()
            told = ", ".join(f"{name} {count}" for name, count in sorted(found.counts.items()) if count)
            deck = found.deck
            print(f"{deck.part:22} {deck.scanner:10} {deck.pen:14} {deck.habit:11} {told}", flush=True)
            for error in found.errors:
                print(f"    {error}", flush=True)
            wrong += len(found.errors)
            print(f"{done} of {len(todo)} decks, {wrong} sheets read wrongly", file=sys.stderr)
    print(f"\n{wrong} of {len(todo) * given.sheets} sheets read wrongly in silence")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
