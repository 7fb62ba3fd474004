"""Reads simulated decks and counts silent errors and needless doubts.

    python -m benchmarks.accuracy --sheets 2000 --preset normal

Each print house design gets its share of the sheets. The seeds and made-up elections are not
those that any threshold was fitted on (fitting uses seeds below 10,000). Exit status 1 when
there is a silent error.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ballot.election import ElectionKind
from ballot.layout import LayoutSet
from calibration.evaluate import Outcome
from station.worker import one_thread_a_process

if TYPE_CHECKING:
    from recognition.count_stamps import CountStamps

CHUNK = 10
PROOF_SEED = 995_000


@dataclass(frozen=True)
class Part:
    """One print house's share of the sheets."""

    name: str
    folder: Path
    layouts: LayoutSet
    stamps: CountStamps


def read_chunk(part: Part, preset_name: str, seed: int, start: int, count: int, keep: str) -> list[Outcome]:
    import cv2

    from calibration.evaluate import compare
    from calibration.testdeck.deck import simulate_deck
    from calibration.testdeck.options import preset

    cv2.setNumThreads(1)
    election, read_one = _reader(part)
    outcomes = []
    for sheet in simulate_deck(election, part.folder, seed, preset(preset_name), count, start):
        reading = read_one(sheet.scan)
        outcome = compare(reading, sheet.truth)
        outcomes.append(outcome)
        if keep and (outcome.errors or (outcome.undamaged and not outcome.accepted)):
            folder = Path(keep) / part.name
            folder.mkdir(parents=True, exist_ok=True)
            for name, data in sheet.files:
                (folder / name).write_bytes(data)
            from ballot.reading_json import reading_to_json

            record = {"errors": outcome.errors, "reading": reading_to_json(reading), "truth": sheet.truth}
            (folder / (outcome.front + ".json")).write_text(json.dumps(record, ensure_ascii=False, indent=1))
    return outcomes


_cache: dict[str, tuple[Any, ...]] = {}


def _reader(part: Part) -> tuple[Any, ...]:
    from recognition.profile import DEFAULT_PROFILE
    from station.election_file import load_election
    from station.pipeline import recognition_recipe

    if part.name not in _cache:
        election = load_election(part.folder / "election.json")
        recipe = recognition_recipe(election, part.layouts, DEFAULT_PROFILE.name_error, stamps=part.stamps)
        _cache[part.name] = election, recipe()
    return _cache[part.name]


def print_houses(
    folder: Path, seed: int, kind: ElectionKind, names: list[str], preset_name: str
) -> Iterator[Part]:
    from benchmarks.deck_stamps import APART, FIRST_SHEETS, stamps_of_deck
    from calibration.learn import learn_layouts
    from calibration.testdeck.deck import simulate_deck
    from calibration.testdeck.designs import FJORD, SKOG, VIDDE
    from calibration.testdeck.elections import make_election
    from calibration.testdeck.options import preset
    from calibration.testdeck.printing import print_election
    from station.election_file import election_to_json

    designs = {d.name: d for d in (FJORD, SKOG, VIDDE)}
    for offset, name in enumerate(names):
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        election = make_election(seed + offset, kind)
        (place / "election.json").write_text(json.dumps(election_to_json(election), ensure_ascii=False))
        print_election(election, designs[name], place)
        layouts = learn_layouts(election, place)
        first = simulate_deck(election, place, seed + APART, preset(preset_name), FIRST_SHEETS)
        yield Part(name, place, layouts, stamps_of_deck(election, layouts, first))


def report(name: str, outcomes: list[Outcome], seconds: float) -> int:
    silent = [o for o in outcomes if o.errors]
    undamaged = [o for o in outcomes if o.undamaged]
    print(f"\n{name}: {len(outcomes)} sheets, {sum(o.positions for o in outcomes)} boxes, {seconds:.0f} s")
    print(f"  silent errors: {len(silent)}")
    for outcome in silent[:20]:
        print(f"    {outcome.front}: {'; '.join(outcome.errors)}")
    missed = Counter(what for o in outcomes for what in o.missed)
    print(f"  missed on sheets that were doubted for another reason: {dict(missed)}")
    written = [o for o in outcomes if o.written]
    accepted = sum(o.accepted for o in written)
    print(f"  sheets with slengere, else undamaged: {len(written)}, accepted {accepted}")
    print(f"  accepted: {sum(o.accepted for o in outcomes)}")
    for what, sheets in (
        ("with a clear stamp", [o for o in undamaged if o.clear_stamp]),
        ("with any stamp", undamaged),
    ):
        count = sum(o.accepted for o in sheets)
        share = count / max(1, len(sheets))
        print(
            f"  undamaged sheets without handwriting, {what}: {len(sheets)}, accepted {count} ({share:.1%})"
        )
    needless = Counter(code.value for o in undamaged for code in set(o.doubts))
    print(f"  their doubts: {dict(needless.most_common())}")
    print(f"  all doubts: {dict(Counter(c.value for o in outcomes for c in set(o.doubts)).most_common())}")
    return len(silent)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sheets", type=int, default=2000)
    parser.add_argument("--preset", default="normal")
    parser.add_argument("--seed", type=int, default=PROOF_SEED)
    parser.add_argument("--kind", default="municipal_council")
    parser.add_argument("--designs", default="fjord,skog,vidde")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", default="", help="Folder for sheets with errors or needless doubts.")
    args = parser.parse_args()
    one_thread_a_process()
    errors = 0
    with tempfile.TemporaryDirectory() as folder:
        names = args.designs.split(",")
        parts = list(print_houses(Path(folder), args.seed, ElectionKind(args.kind), names, args.preset))
        with ProcessPoolExecutor(args.workers, get_context("spawn")) as pool:
            for part in parts:
                begun = time.monotonic()
                count = args.sheets // len(parts)
                jobs = [
                    pool.submit(
                        read_chunk, part, args.preset, args.seed, start, min(CHUNK, count - start), args.keep
                    )
                    for start in range(0, count, CHUNK)
                ]
                outcomes = [o for job in jobs for o in job.result()]
                errors += report(f"{part.name}, {args.preset}", outcomes, time.monotonic() - begun)
    print(f"\n{errors} silent errors in {args.sheets // len(parts) * len(parts)} sheets")
    return 1 if errors else 0


if __name__ == "__main__":
    raise SystemExit(main())
