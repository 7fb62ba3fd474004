"""Names that are struck out, wholly or one word of them, must not be read through the stroke.

    python -m benchmarks.name_strikes

Rows of writers and fonts kept for proof, struck out with the test deck's pens; the strokes of the
training are drawn by other code (`training.strikes`) and without these pens. Prints how many of the rows
that are accepted as written are still accepted when struck out, and how many more would be accepted as
written if nobody looked for strokes.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.name_rows import INSIDE, Row
from benchmarks.name_trials import MIN_INK_MM2, Written, distinct, lexicons, writers_of
from benchmarks.names import interval
from calibration.testdeck.paper import Paper
from calibration.testdeck.pens import PEN_KINDS, draw_strokes, pick_up_pen
from recognition.geometry import GreyImage
from recognition.names.ink import separate
from recognition.names.lexicon import build_lexicon
from recognition.names.network import NameNetwork, Sighting
from recognition.names.row import NameReader, read_cells
from recognition.patches import PX_PER_MM
from station.name_model import load_name_model

Stroke = npt.NDArray[np.float64]
Area = tuple[float, float, float, float]
"""Left, top, right and bottom of the writing that is struck out, in mm."""

SEED = 21
KINDS = (
    "two words, real",
    "three words, real",
    "two words, real, bilevel",
    "block letters, fonts",
    "cursive, fonts",
    "pencil, fonts",
)
EXTENTS = ("whole", "first word", "last word", "half a word")
SIZE = 300
_DARKER = 30


def one_line(box: Area, rng: np.random.Generator) -> list[Stroke]:
    """A line as from a hand in no hurry, through the middle."""
    left, top, right, bottom = box
    y = top + (bottom - top) * rng.uniform(0.4, 0.68)
    ends = y + rng.uniform(-0.6, 0.6, 2)
    return [
        np.array(
            [
                (left - rng.uniform(0, 1), ends[0]),
                ((left + right) / 2, y),
                (right + rng.uniform(0, 1), ends[1]),
            ]
        )
    ]


def two_lines(box: Area, rng: np.random.Generator) -> list[Stroke]:
    """Two lines, one above the other."""
    first = one_line(box, rng)[0]
    return [first, first + np.array([rng.uniform(-0.6, 0.6), rng.uniform(0.5, 1.2)])]


def wave(box: Area, rng: np.random.Generator) -> list[Stroke]:
    """A wavy line of four to nine millimetres' length of wave."""
    left, top, right, bottom = box
    x = np.linspace(left - 0.4, right + 0.4, max(12, int((right - left) * 6)))
    height = (bottom - top) * rng.uniform(0.08, 0.22)
    return [np.stack([x, (top + bottom) / 2 + height * np.sin(x * 2 * np.pi / rng.uniform(4, 9))], axis=1)]


def coil(box: Area, rng: np.random.Generator) -> list[Stroke]:
    """A row of loops."""
    left, top, right, bottom = box
    turn = np.arange(0, max(2.0, (right - left) / rng.uniform(0.7, 1.4)) * 2 * np.pi, 0.3)
    reach = (bottom - top) * rng.uniform(0.2, 0.4)
    x = left + (right - left) * turn / turn[-1] + 0.6 * np.cos(turn)
    return [np.stack([x, (top + bottom) / 2 + reach * np.sin(turn)], axis=1)]


def big_x(box: Area, rng: np.random.Generator) -> list[Stroke]:
    """Two strokes from corner to corner."""
    left, top, right, bottom = box
    s = rng.uniform(-0.5, 0.5, 8)
    return [
        np.array([(left + s[0], top + s[1]), (right + s[2], bottom + s[3])]),
        np.array([(left + s[4], bottom + s[5]), (right + s[6], top + s[7])]),
    ]


def slash(box: Area, rng: np.random.Generator) -> list[Stroke]:
    """One stroke from a lower to an upper corner."""
    return [big_x(box, rng)[1]]


def hatching(box: Area, rng: np.random.Generator) -> list[Stroke]:
    """Short slanting strokes beside each other."""
    left, top, right, bottom = box
    starts = np.arange(left, right - 0.5, rng.uniform(1.2, 2.2))
    return [
        np.array([(x, bottom + rng.uniform(-0.4, 0.4)), (x + 1.5, top + rng.uniform(-0.4, 0.4))])
        for x in starts
    ]


SHAPES: tuple[Callable[[Area, np.random.Generator], list[Stroke]], ...] = (
    one_line, two_lines, wave, coil, big_x, slash, hatching,
)  # fmt: skip


def struck(row: Row, extent: str, shape: int, rng: np.random.Generator) -> GreyImage | None:
    """The row with a word or all of it struck out; None when its words cannot be told apart."""
    dark = row.patch.astype(int) < row.blank.astype(int) - _DARKER
    dark[: INSIDE[1] + 4], dark[-INSIDE[1] - 4 :] = False, False
    columns = np.flatnonzero(dark[:, INSIDE[0] + 4 : -INSIDE[0] - 4].any(axis=0)) + INSIDE[0] + 4
    gaps = np.argsort(-np.diff(columns), kind="stable")[: len(row.text.split()) - 1]
    if extent != "whole" and (not gaps.size or np.diff(columns)[gaps].min() < 6):
        return None
    words = np.split(columns, np.sort(gaps) + 1)
    chosen = {"whole": columns, "first word": words[0]}.get(extent, words[-1])
    ends = int(chosen[0]), int(chosen[-1])
    if extent == "half a word":
        ends = int(chosen[0]) + (ends[1] - ends[0]) // 2, ends[1]
    lines = np.flatnonzero(dark[:, ends[0] : ends[1] + 1].sum(axis=1) > 1)
    if ends[1] - ends[0] < 25 or lines.size < 10:
        return None
    box = (ends[0] / PX_PER_MM, lines[0] / PX_PER_MM, ends[1] / PX_PER_MM, lines[-1] / PX_PER_MM)
    paper = Paper(np.repeat(row.patch[:, :, None], 3, axis=2), PX_PER_MM, PX_PER_MM)
    pen = pick_up_pen(PEN_KINDS[str(rng.choice(["ballpoint_blue", "ballpoint_black", "pencil"]))], rng)
    draw_strokes(paper, [_smooth(stroke) for stroke in SHAPES[shape](box, rng)], pen, rng)
    grey = cv2.cvtColor(paper.image, cv2.COLOR_RGB2GRAY)
    if row.kind.endswith("bilevel"):
        grey = np.where(grey < 165, 0, 255)
    return np.asarray(grey, np.uint8)


def _smooth(stroke: Stroke) -> Stroke:
    """The stroke with points close enough for the pen's pressure to vary along it."""
    far = np.append(0, np.cumsum(np.hypot(*np.diff(stroke, axis=0).T)))
    places = np.linspace(0, far[-1], max(24, int(far[-1] * 6)))
    return np.stack([np.interp(places, far, stroke[:, 0]), np.interp(places, far, stroke[:, 1])], axis=1)


class Unsuspecting(NameNetwork):
    """The network as if it saw no strokes."""

    def read(self, row: GreyImage) -> Sighting:
        """As `NameNetwork.read`."""
        return replace(super().read(row), struck=-np.inf)


def accepted(patch: GreyImage, row: Row, reader: NameReader) -> bool:
    """Whether the row is read without a person."""
    found = read_cells(1, separate(patch, row.blank, INSIDE, MIN_INK_MM2), None, None, reader)
    return found is not None and found.code is None


def batches(rows: int, network: NameNetwork) -> Iterator[tuple[list[Written], NameReader]]:
    """Rows of each kind and the reader whose list they are on."""
    for kind in KINDS:
        rng, chance = np.random.default_rng([SEED, len(kind)]), random.Random(f"{SEED}{kind}")
        names, fillers = writers_of(kind, True, rng, chance)
        batch = list(distinct(names, rows))
        _, _, lexicon = next(found for found in lexicons(batch, fillers, chance) if found[:2] == (SIZE, True))
        yield batch, NameReader(network, lexicon, build_lexicon(()))


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=60, help="rows of each kind")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    model = load_name_model()
    network, unsuspecting = NameNetwork(model), Unsuspecting(model)
    every = lost = 0
    kept: Counter[tuple[str, str]] = Counter()
    drawn: Counter[tuple[str, str]] = Counter()
    rng = np.random.default_rng(SEED)
    for batch, reader in batches(arguments.rows, network):
        before = [w.row for w in batch if accepted(w.row.patch, w.row, replace(reader, network=unsuspecting))]
        after = [row for row in before if accepted(row.patch, row, reader)]
        every, lost = every + len(before), lost + len(before) - len(after)
        print(f"{batch[0].row.kind}: {len(after)} of {len(batch)} accepted, without the search {len(before)}")
        for row in after:
            for extent in EXTENTS:
                shape = int(rng.integers(len(SHAPES)))
                patch = struck(row, extent, shape, rng)
                if patch is None:
                    continue
                through = accepted(patch, row, reader)
                for key in ((extent, "any shape"), ("any extent", SHAPES[shape].__name__), ("all", "all")):
                    drawn[key] += 1
                    kept[key] += through
    low, high = interval(lost, every)
    print(f"clean rows lost: {lost} of {every} [{low:.2%}, {high:.2%}]")
    for key, count in drawn.items():
        low, high = interval(kept[key], count)
        print(f"{key[0]}, {key[1]}: {kept[key]} of {count} read through [{low:.2%}, {high:.2%}]")


if __name__ == "__main__":
    main()
