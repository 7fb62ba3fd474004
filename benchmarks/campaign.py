"""The accuracy campaign: reads simulated ballots until a number of ballot positions was read.

    python -m benchmarks.campaign --folder out/campaign

It can be killed at any time and run again: finished chunks are kept, nothing is counted twice.
Progress goes to standard error; at the end, and with ``--report`` at any time, ``summary.txt`` and
``summary.html`` are written into the folder. Exit status 1 when there is a silent error.
With ``--published DIR`` it goes on from the log in there, when that is of this program, and
``--publish`` puts the log and the summary there.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

from benchmarks.campaign_log import CampaignLog, begin, fingerprint, go_on_from, publish
from benchmarks.campaign_parts import CHUNK, PARTS, Part, prepare, read_chunk, worker_recipe
from station.worker import one_thread_a_process, process_context, start_worker

POSITIONS = 1_549_703
"""The length of the old federal test: without an error in so many positions, the rate is below one in
500,000 with 95 % confidence."""
SEED = 4_000_000
TELL_SECONDS = 60.0
ROUND = 2
"""How often a part's share comes in a row: a worker needs two seconds to turn to another part."""


def chunks(parts: tuple[Part, ...]) -> Iterator[tuple[Part, int]]:
    """Chunk after chunk without end, in rounds that keep the parts' shares.

    Every other round goes through the parts backwards, so that those at the end have had their share
    wherever the campaign stops, and a worker goes on with the part it has the reader of.
    """
    turn = 0
    while True:
        for part in parts if turn % 2 == 0 else reversed(parts):
            count = ROUND * part.share
            for place in range(count):
                yield part, (turn * count + place) * CHUNK
        turn += 1


def run(
    folder: Path, positions: int, workers: int, seed: int, parts: tuple[Part, ...], log: CampaignLog
) -> None:
    """Reads chunks until enough positions were read."""
    done = sum(sheet["positions"] for line in log.lines() for sheet in line["sheets"])
    if done >= positions:
        return
    with ProcessPoolExecutor(workers, process_context(), start_worker, (worker_recipe,)) as pool:
        _tell(
            f"{done} of {positions} positions were read before; printing and learning {len(parts)} elections"
        )
        for future in [pool.submit(prepare, part, folder / "parts", seed) for part in parts]:
            future.result()
        _read(pool, folder, (done, positions), workers, seed, parts, log)


def _read(
    pool: ProcessPoolExecutor,
    folder: Path,
    span: tuple[int, int],
    workers: int,
    seed: int,
    parts: tuple[Part, ...],
    log: CampaignLog,
) -> None:
    begun = told = time.monotonic()
    (first, wanted), done, sides = span, span[0], 0
    waiting: set[Future[dict[str, Any]]] = set()
    todo = ((part, start) for part, start in chunks(parts) if not log.has(part.name, start))
    while done < wanted:
        while len(waiting) < 2 * workers:
            part, start = next(todo)
            waiting.add(pool.submit(read_chunk, part, folder / "parts", seed, start, folder / "silent"))
        finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        for future in finished:
            line = future.result()
            log.add(line)
            done += sum(sheet["positions"] for sheet in line["sheets"])
            sides += 2 * len(line["sheets"])
            for sheet in line["sheets"]:
                if sheet["errors"]:
                    _tell(f"SILENT ERROR {line['part']} sheet {sheet['index']}: {'; '.join(sheet['errors'])}")
        now = time.monotonic()
        if now - told >= TELL_SECONDS:
            told = now
            left = (wanted - done) / max(1.0, (done - first) / (now - begun))
            rate = sides / (now - begun)
            _tell(f"{done} of {wanted} positions, {rate:.1f} sides a second, {left / 3600:.1f} hours left")
    pool.shutdown(cancel_futures=True)


def _tell(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def again(folder: Path, seed: int, which: str) -> None:
    """Makes one sheet of the campaign again, and writes it with its reading and truth."""
    from benchmarks.campaign_parts import compiled, save_case, simulated
    from calibration.evaluate import compare

    name, _, index = which.partition(":")
    part = next((p for p in PARTS if p.name == name), None)
    if part is None or not index.isdigit():
        raise SystemExit(f"{which!r} is no PART:INDEX of the campaign; see its log for both.")
    prepare(part, folder / "parts", seed)
    election, read_one, press = compiled(folder / "parts" / part.name)
    sheet = next(simulated(part, election, press, seed, int(index), 1))
    reading = read_one(sheet.scan)
    case = save_case(folder / "again", f"{name}-{index}", sheet, reading, compare(reading, sheet.truth))
    print(folder / "again" / case)


def main(arguments: list[str] | None = None, parts: tuple[Part, ...] = PARTS) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="Where the campaign lives.")
    parser.add_argument("--positions", type=int, default=POSITIONS, help="Ballot positions to read.")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--mixed", action="store_true", help="Go on although the program has changed.")
    parser.add_argument("--report", action="store_true", help="Only sum up what was read so far.")
    parser.add_argument("--again", metavar="PART:INDEX", help="Only make one sheet again, to look at it.")
    parser.add_argument("--published", type=Path, metavar="DIR", help="A log kept with the program.")
    parser.add_argument("--publish", action="store_true", help="Put log and summary there.")
    args = parser.parse_args(arguments)
    if args.publish and args.published is None:
        parser.error("--publish needs --published DIR")
    one_thread_a_process()
    if args.again:
        again(args.folder, args.seed, args.again)
        return 0
    if not args.report:
        about = {"seed": args.seed, "program": fingerprint()}
        if args.published is not None and go_on_from(args.published, args.folder, about):
            _tell(f"going on from the log in {args.published}")
        begin(args.folder, about, args.mixed)
    log = CampaignLog(args.folder)
    if not args.report:
        run(args.folder, args.positions, args.workers, args.seed, parts, log)
    from benchmarks.campaign_report import SUMMARY_FILE, Totals, write_report

    totals = Totals()
    for line in log.lines():
        totals.add(line)
    text = write_report(totals, args.folder)
    if args.publish:
        publish(args.folder, args.published)
        (args.published / SUMMARY_FILE).write_text(text, encoding="utf-8")
    print(text)
    return 1 if totals.silent else 0


if __name__ == "__main__":
    raise SystemExit(main())
