"""Marks struck through or scribbled over, among plain ones by the same voter.

    python -m benchmarks.strikes --sheets 60

The test deck's voters scribble over crosses only. Here crosses, ticks, rings and slashes by pens of 0.3 to
1.15 mm are struck through by one line or two, or scribbled over, four of a ballot's fourteen, in grey and
in black and white, by a hand of its own (`benchmarks.struck_marks`). Printed are how many were read as votes,
and how many plain marks were doubted. Nobody votes like this: the figures are no error rates.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from ballot.election import ElectionKind
from ballot.layout import MarkBox, PageSide
from ballot.reading import MarkState, Reading, ScanSide
from ballot.sheet import PageImage, SheetScan
from benchmarks.struck_marks import FINE, WAYS, Hand, Shape, TakenBack, draw_mark, take_back
from recognition.geometry import apply
from recognition.reference import CompiledLayouts
from recognition.register import Registration

Colours = npt.NDArray[np.uint8]
Grey = npt.NDArray[np.uint8]

SEED = 8_100_000
HOUSES = (("fjord", 30), ("vidde", 60), ("skog", 30))
MARKS = 14
DPI = 200
_PENS_MM = ((0.3, 0.5), (0.4, 0.7), (0.8, 1.15))
_PEN_SHARES = (0.5, 0.3, 0.2)
_SHAPES = (Shape.CROSS, Shape.CROSS, Shape.TICK, Shape.RING, Shape.SLASH)
_AROUND = 2.6
"""How far from its middle a mark is drawn, in sides of its box."""

PLAIN = "plain"


class Scanned(StrEnum):
    """How a sheet is scanned."""

    GREY = "grey"
    FIXED = "black and white"
    ADAPTIVE = "black and white, adaptive"


@dataclass(frozen=True)
class Blank:
    """An unmarked scanned ballot.

    Attributes:
        side: Which scanned side has the boxes.
    """

    scan: SheetScan
    side: ScanSide
    registration: Registration

    @property
    def page(self) -> PageImage:
        """The scanned side with the boxes."""
        page = self.scan.front if self.side is ScanSide.FRONT else self.scan.back
        assert page is not None
        return page

    def scanned_as(self, data: bytes) -> SheetScan:
        """The sheet with another picture of that side."""
        page = PageImage(self.page.name, data)
        if self.side is ScanSide.FRONT:
            return replace(self.scan, front=page)
        return replace(self.scan, back=page)


def blanks_of(
    house: str, seats: int, folder: Path, seed: int, dpi: int = DPI
) -> tuple[list[Blank], CompiledLayouts]:
    """Prints a county's ballots, learns them, and scans three without any mark."""
    from calibration.learn import learn_layouts
    from calibration.testdeck.deck import simulate_deck
    from calibration.testdeck.designs import design_named
    from calibration.testdeck.elections import make_election
    from calibration.testdeck.options import CLEAN
    from calibration.testdeck.printing import print_election
    from recognition.reader import compile_layouts, read_sheet
    from recognition.trace import SheetTrace

    kind = ElectionKind.COUNTY_COUNCIL
    election = make_election(seed, kind, seats, lists=2)
    fields = print_election(election, design_named(house, kind), folder)
    layouts = compile_layouts(election, learn_layouts(election, folder))
    voters = replace(CLEAN.voters, habits=(), no_personal_votes=1.0, write_in_rate=0.0)
    options = replace(CLEAN, voters=voters, scanner=replace(CLEAN.scanner, dpis=(dpi,)))
    found = []
    for sheet in simulate_deck(election, folder, seed, options, 12, fields=fields):
        trace = SheetTrace()
        read_sheet(sheet.scan, layouts, trace=trace)
        inside = [image for image in trace.placed.values() if image.page is PageSide.INSIDE]
        if sheet.truth["kind"] == "list" and inside:
            found.append(Blank(sheet.scan, inside[0].scan, inside[0].registration))
    if not found:
        raise RuntimeError(f"none of {house}'s blank ballots was read")
    return found[:3], layouts


@dataclass(frozen=True)
class Voted:
    """A ballot that was drawn on.

    Attributes:
        made: What was done in each box, "plain" or how the mark was taken back.
    """

    scan: SheetScan
    shape: Shape
    scanned: Scanned
    made: dict[MarkBox, str]


@dataclass(frozen=True)
class _Voter:
    """How one voter marks boxes: with marks of one shape by one pen.

    Attributes:
        pen_mm: Width of the pen.
        darkness: Share of the light that its ink swallows.
        reach_share: How far marks reach from their middle, as a share of the box.
    """

    shape: Shape
    pen_mm: float
    darkness: float
    reach_share: float


def _voter(rng: np.random.Generator) -> _Voter:
    shape = _SHAPES[int(rng.integers(len(_SHAPES)))]
    pen_mm = rng.uniform(*_PENS_MM[int(rng.choice(len(_PENS_MM), p=_PEN_SHARES))])
    return _Voter(shape, pen_mm, darkness=rng.uniform(0.45, 0.9), reach_share=rng.uniform(0.3, 0.6))


def voted_sheet(blank: Blank, index: int, rng: np.random.Generator) -> Voted:
    """Some marks of one shape by one pen, every third of them taken back."""
    picture = np.array(Image.open(io.BytesIO(blank.page.data)).convert("RGB"))
    voter = _voter(rng)
    boxes = blank.registration.side.layout.mark_boxes
    made: dict[MarkBox, str] = {}
    for turn, at in enumerate(rng.permutation(len(boxes))[:MARKS].tolist()):
        ways = WAYS[voter.shape]
        way = ways[int(rng.choice(len(ways), p=[share for _, share in ways]))][0] if turn % 3 == 2 else None
        if _draw(picture, blank.registration, boxes[at], voter, way, rng):
            made[boxes[at]] = PLAIN if way is None else way.value
    scanned = tuple(Scanned)[index % len(Scanned)]
    return Voted(blank.scanned_as(_scan(picture, scanned, rng)), voter.shape, scanned, made)


def _draw(
    picture: Colours,
    registration: Registration,
    box: MarkBox,
    voter: _Voter,
    way: TakenBack | None,
    rng: np.random.Generator,
) -> bool:
    """Draws in one box; false where the picture ends too near."""
    size_mm = min(box.box.w_mm, box.box.h_mm)
    middle_mm = np.array([box.box.center_mm]) + rng.normal(0, 0.07 * size_mm, (1, 2))
    ends = apply(registration.mm_to_scan, np.concatenate([middle_mm, middle_mm + np.array([1.0, 0.0])]))
    px_per_mm = float(np.hypot(*(ends[1] - ends[0])))
    half = int(np.ceil(_AROUND * size_mm * px_per_mm))
    left, top = (np.rint(ends[0]).astype(int) - half).tolist()
    if min(left, top) < 0 or left + 2 * half > picture.shape[1] or top + 2 * half > picture.shape[0]:
        return False
    hand = Hand(np.zeros((2 * half * FINE,) * 2, np.uint8), voter.pen_mm * px_per_mm * FINE, rng)
    middle = (ends[0] - (left, top) + 0.5) * FINE
    reach = voter.reach_share * size_mm * rng.uniform(0.85, 1.15) * px_per_mm * FINE
    draw_mark(hand, voter.shape, middle, reach)
    if way is not None:
        take_back(hand, voter.shape, way, middle, reach)
    ink = cv2.resize(hand.ink, (2 * half, 2 * half), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    shade = 1 - voter.darkness * cv2.GaussianBlur(ink, (0, 0), 0.5)[..., None]
    place = picture[top : top + 2 * half, left : left + 2 * half]
    place[:] = (place * shade).astype(np.uint8)
    return True


def _scan(picture: Colours, scanned: Scanned, rng: np.random.Generator) -> bytes:
    grain = rng.normal(0, 3, picture.shape[:2])
    grey = np.clip(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) + grain, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    match scanned:
        case Scanned.GREY:
            Image.fromarray(grey).save(file, "JPEG", quality=int(rng.integers(60, 92)), dpi=(DPI, DPI))
            return file.getvalue()
        case Scanned.FIXED:
            white = grey > rng.integers(130, 190)
        case Scanned.ADAPTIVE:
            white = grey > cv2.blur(grey, (41, 41)).astype(float) - rng.uniform(18, 35)
    Image.fromarray(white).save(file, "PNG", dpi=(DPI, DPI))
    return file.getvalue()


def sheets(house: str, blanks: list[Blank], seed: int, count: int) -> Iterator[Voted]:
    """Ballots of one print house; always the same ones."""
    for index in range(count):
        rng = np.random.default_rng([seed, *house.encode(), index])
        yield voted_sheet(blanks[index % len(blanks)], index, rng)


def told(voted: Voted, reading: Reading) -> Counter[tuple[str, str, str, str]]:
    """How many marks there were of each kind, and how many of them were read as what they are not.

    Nothing of a sheet that was not read.
    """
    states = {mark.expected: mark.state for mark in reading.marks}
    counts: Counter[tuple[str, str, str, str]] = Counter()
    if not states:
        return counts
    mode = "grey" if voted.scanned is Scanned.GREY else "black and white"
    for box, made in voted.made.items():
        key, state = (mode, voted.shape.value, made), states.get(box.box, MarkState.DOUBTFUL)
        is_wrong = state is not MarkState.MARKED if made == PLAIN else state is MarkState.MARKED
        counts[*key, "made"] += 1
        counts[*key, "wrong"] += is_wrong
    return counts


def main() -> int:
    """Draws, reads, and prints the counts."""
    from recognition.reader import read_sheet
    from station.worker import one_thread_a_process

    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--sheets", type=int, default=60, help="of each print house")
    words.add_argument("--seed", type=int, default=SEED)
    given = words.parse_args()
    one_thread_a_process()
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for house, seats in HOUSES:
        with tempfile.TemporaryDirectory() as folder:
            blanks, layouts = blanks_of(house, seats, Path(folder), given.seed)
            unread = 0
            for voted in sheets(house, blanks, given.seed, given.sheets):
                own = told(voted, read_sheet(voted.scan, layouts))
                unread += not own
                counts += own
        print(f"{house}: {given.sheets - unread} of {given.sheets} sheets read", flush=True)
    for plain in (True, False):
        print("\nplain marks that were doubted" if plain else "\nmarks taken back that were read as votes")
        rows = sorted({key[:3] for key in counts if (key[2] == PLAIN) is plain})
        for row in rows:
            print(f"  {row[0]:16} {row[1]:6} {row[2]:10} {counts[*row, 'wrong']:4} of {counts[*row, 'made']}")
        wrong, made = (sum(counts[*row, what] for row in rows) for what in ("wrong", "made"))
        print(f"  all {wrong} of {made}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
