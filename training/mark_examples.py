"""Draws the examples that the network for marks is trained on.

    python -m training.mark_examples OUTPUT [--sheets N] [--seed S]

Ballots of three print houses are printed, scanned without marks at 200 and 300 dpi, and drawn on by one
voter a sheet. OUTPUT gets one file for each print house and resolution.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.strikes import blanks_of
from station.worker import one_thread_a_process
from training.mark_sheets import examples

HOUSES = (("fjord", 57), ("vidde", 75), ("skog", 36))
DPIS = (200, 300)
SEED = 11


@dataclass(frozen=True)
class Examples:
    """Marks drawn for training, one entry each.

    Attributes:
        pictures: See `recognition.mark_picture`, 0 to 255, shape (n, 2, rows, columns).
        inks: Ink inside and in all in mm2, width of the pen in pixels, size of the box in pixels, and the
            inked share of the box; shape (n, 5).
        is_vote: Whether it is a mark that was not taken back.
        counts: Whether the rules for single boxes would let it pass.
        bilevel: Whether it was scanned in black and white.
        voters: Whose it is.
        made: What was drawn.
    """

    pictures: npt.NDArray[np.uint8]
    inks: npt.NDArray[np.float32]
    is_vote: npt.NDArray[np.bool_]
    counts: npt.NDArray[np.bool_]
    bilevel: npt.NDArray[np.bool_]
    voters: npt.NDArray[np.int64]
    made: npt.NDArray[np.str_]


def load(paths: Sequence[Path]) -> Examples:
    """All examples of some files, the voters of each apart from those of the others."""
    parts: list[dict[str, npt.NDArray[np.generic]]] = []
    first = 0
    for path in paths:
        with np.load(path) as archive:
            part = {field.name: archive[field.name] for field in fields(Examples)}
        part["voters"] = part["voters"] + first
        first = int(part["voters"].max()) + 1
        parts.append(part)
    return Examples(
        **{field.name: np.concatenate([part[field.name] for part in parts]) for field in fields(Examples)}
    )


def draw(house: str, seats: int, dpi: int, sheets: int, seed: int, output: Path) -> int:
    """Draws the examples of one print house and resolution; returns how many there are."""
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        blanks, _ = blanks_of(house, seats, Path(folder), seed, dpi)
    greys = [np.array(Image.open(io.BytesIO(blank.page.data)).convert("L")) for blank in blanks]
    found = []
    for index in range(sheets):
        rng = np.random.default_rng([seed, *house.encode(), dpi, index])
        which = index % len(blanks)
        found += examples(blanks[which], greys[which], dpi, index, rng)
    drawn = Examples(
        pictures=np.stack([np.rint(255 * e.picture).astype(np.uint8) for e in found]),
        inks=np.array([e.inks for e in found], np.float32),
        is_vote=np.array([e.is_vote for e in found]),
        counts=np.array([e.counts for e in found]),
        bilevel=np.array([e.bilevel for e in found]),
        voters=np.array([e.voter for e in found], np.int64),
        made=np.array([e.made for e in found]),
    )
    np.savez_compressed(output / f"{house}-{dpi}.npz", **asdict(drawn))
    return len(found)


def main() -> None:
    """Draws all examples, two files at a time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--sheets", type=int, default=560, help="of each print house and resolution")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    one_thread_a_process()
    given.output.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(2) as pool:
        jobs = {
            (house, dpi): pool.submit(draw, house, seats, dpi, given.sheets, given.seed, given.output)
            for house, seats in HOUSES
            for dpi in DPIS
        }
        for (house, dpi), job in jobs.items():
            print(f"{house} at {dpi} dpi: {job.result()} marks", flush=True)


if __name__ == "__main__":
    main()
