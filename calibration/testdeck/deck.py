"""A deck: sheet after sheet, each from its own seed, so that any part can be made alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ballot.election import BallotStyle, Election
from ballot.sheet import PageImage, SheetScan
from calibration.testdeck import inking
from calibration.testdeck.encoding import SUFFIX, ScanFormat, bundle_pages, encode_page
from calibration.testdeck.fields import FIELDS_FILE, FieldMap, read_fields
from calibration.testdeck.official import Stamping, stamp_ballot
from calibration.testdeck.options import DeckOptions
from calibration.testdeck.paper import Blank, print_ballot_id, render_blank
from calibration.testdeck.scanning import BACKGROUND_RGB, Background, ColourMode, Pass, pick_pass, scan_side
from calibration.testdeck.truth import truth_of
from calibration.testdeck.voters import Intent, choose, choose_style
from calibration.testdeck.wear import Wear, apply_wear, damage, harms, pick_wear, shine_through

ID_STEP = 48271  # coprime with 10^8: ids look random and never repeat
CACHE_BYTES = 420_000_000
CHUNK = 12
SCANS = "scans"
PALE_PENS = ("pencil", "light_blue")
BUNDLES = (ScanFormat.TIFF_PAGES, ScanFormat.PDF)


@dataclass(frozen=True, slots=True)
class SimulatedSheet:
    """One sheet as scanned, with its truth.

    Attributes:
        scan: Both images, each a single-page file, named as in `files`.
        files: What a scanner would have written: names and bytes.
        truth: The line for ``truth.jsonl``.
    """

    scan: SheetScan
    files: tuple[tuple[str, bytes], ...]
    truth: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """All decisions about one sheet."""

    intent: Intent
    stamping: Stamping
    wear: Wear
    way: Pass
    quality: int


class Press:
    """Unused ballots as pixels, kept while there is room."""

    def __init__(self, folder: Path, fields: FieldMap) -> None:
        self.folder = folder
        self.fields = fields
        self._cache: dict[tuple[str, int], Blank] = {}

    def blank(self, style: BallotStyle, dpi: int) -> Blank:
        """Both sides of a style at a resolution."""
        key = (style.key, dpi)
        if key not in self._cache:
            made = render_blank(self.folder / style.file, self.fields.of(style.key), dpi)
            size = made.inside.image.nbytes + made.outside.image.nbytes
            while self._cache and size * (len(self._cache) + 1) > CACHE_BYTES:
                self._cache.pop(next(iter(self._cache)))
            self._cache[key] = made
        return self._cache[key]


def fields_of(election: Election, folder: Path) -> FieldMap:
    """Where the fields stand: as printed by us, else found in the blanks of another print house.

    Raises:
        CalibrationError: The fields of a blank cannot be found.
    """
    if (folder / FIELDS_FILE).is_file():
        return read_fields(folder / FIELDS_FILE)
    from calibration.testdeck.locator import locate_fields

    return locate_fields(election, folder)


def plan_sheet(
    election: Election, fields: FieldMap, options: DeckOptions, rng: np.random.Generator
) -> SheetPlan:
    """Decides everything about a sheet before any pixel is drawn."""
    dpi = options.scanner.dpis[int(rng.integers(len(options.scanner.dpis)))]
    style = choose_style(election, options.voters, rng)
    ballot = fields.of(style.key)
    way = pick_pass(options.scanner, dpi, rng)
    voters = options.voters
    if way.mode is ColourMode.BILEVEL_FIXED:
        # A fixed threshold wipes out pale ink, and nobody can read what is not in the image.
        voters = replace(voters, pens=tuple(p for p in voters.pens if p[0] not in PALE_PENS))
    return SheetPlan(
        intent=choose(election, style, ballot, voters, rng),
        stamping=stamp_ballot(ballot, options.stamps, rng),
        wear=pick_wear(options.wear, ballot.inside, rng),
        way=way,
        quality=int(rng.integers(options.jpeg_quality[0], options.jpeg_quality[1] + 1)),
    )


def make_sheet(
    election: Election,
    press: Press,
    plan: SheetPlan,
    name: str,
    ballot_id: str,
    options: DeckOptions,
    rng: np.random.Generator,
) -> SimulatedSheet:
    """Prints, fills in, stamps, wears and scans one sheet."""
    way, wear = plan.way, plan.wear
    blank = press.blank(plan.intent.style, way.dpi)
    sheet = inking.Sheet(blank.inside.copy(), blank.outside.copy(), blank.fields)
    for paper, fields in ((sheet.inside, sheet.fields.inside), (sheet.outside, sheet.fields.outside)):
        if fields.ballot_id is not None:
            print_ballot_id(paper, fields.ballot_id, ballot_id)
    done = inking.vote(sheet, plan.intent, rng)
    stamped_boxes = inking.stamp(sheet, plan.stamping, election, rng)
    lights = shine_through(sheet.inside, sheet.outside, wear.show_through)
    images = []
    for paper, fields, light, is_back in (
        (sheet.inside, sheet.fields.inside, lights[0], False),
        (sheet.outside, sheet.fields.outside, lights[1], True),
    ):
        apply_wear(paper, wear, fields, light, rng)
        damage(paper, wear, is_back, BACKGROUND_RGB[way.background], rng)
        images.append(scan_side(paper, fields, way, is_back, rng))
    harmed = harms(wear, sheet.fields.inside, way.background is Background.BLACK or not way.bilevel)
    if way.swapped:
        images.reverse()
    pages = [
        encode_page(image, way.dpi, options.format, plan.quality, options.compact_jpeg) for image in images
    ]
    truth = truth_of(election, done, ballot_id, plan.stamping, stamped_boxes, wear, harmed, way)
    return _deliver(name, pages, options.format, truth)


def _deliver(name: str, pages: list[bytes], scan_format: ScanFormat, truth: dict[str, Any]) -> SimulatedSheet:
    suffix = SUFFIX[scan_format]
    if scan_format in BUNDLES:
        bundle = f"{name}.{suffix}"
        front, back = f"{bundle}#1", f"{bundle}#2"
        files: tuple[tuple[str, bytes], ...] = ((bundle, bundle_pages(pages, scan_format)),)
    else:
        front, back = f"{name}a.{suffix}", f"{name}b.{suffix}"
        files = ((front, pages[0]), (back, pages[1]))
    scan = SheetScan(PageImage(front, pages[0]), PageImage(back, pages[1]))
    return SimulatedSheet(scan, files, {"front": front, "back": back, **truth})


def simulate_deck(
    election: Election,
    folder: Path,
    seed: int,
    options: DeckOptions,
    sheets: int,
    start: int = 0,
    fields: FieldMap | None = None,
) -> Iterator[SimulatedSheet]:
    """Simulates sheets `start` to `start + sheets` of a deck.

    Each sheet depends on the seed and its own place only, so several processes can share a deck.

    Args:
        folder: Where the blanks are that ``ballots[].file`` names.
        fields: Where the fields stand; by default as in `fields_of`.

    Raises:
        CalibrationError: A blank is missing or its fields cannot be found.
    """
    press = Press(folder, fields if fields is not None else fields_of(election, folder))
    for index in range(start, start + sheets):
        rng = np.random.default_rng([seed, index])
        plan = plan_sheet(election, press.fields, options, rng)
        ballot_id = ballot_id_of(seed, index)
        yield make_sheet(election, press, plan, f"{index + 1:04d}", ballot_id, options, rng)


def simulate_with(
    executor: Executor, election: Election, folder: Path, seed: int, options: DeckOptions, sheets: int
) -> Iterator[SimulatedSheet]:
    """The same deck as `simulate_deck` gives, worked on in parallel; sheets come in order."""
    fields = fields_of(election, folder)
    starts = range(0, sheets, CHUNK)
    chunks = [
        executor.submit(_chunk, election, folder, seed, options, min(CHUNK, sheets - start), start, fields)
        for start in starts
    ]
    while chunks:
        yield from chunks.pop(0).result()


def _chunk(
    election: Election,
    folder: Path,
    seed: int,
    options: DeckOptions,
    sheets: int,
    start: int,
    fields: FieldMap,
) -> list[SimulatedSheet]:
    import cv2

    cv2.setNumThreads(1)
    return list(simulate_deck(election, folder, seed, options, sheets, start, fields))


def ballot_id_of(seed: int, index: int) -> str:
    """The eight digits of a deck's sheet: different on each of a hundred million."""
    return f"{((seed % 9973 + 2) * 1_009_831 + index * ID_STEP) % 100_000_000:08d}"


def write_deck(sheets: Iterator[SimulatedSheet], folder: Path) -> Iterator[dict[str, Any]]:
    """Writes ``scans/`` and ``truth.jsonl`` into a folder, yielding each truth when its sheet is written."""
    scans = folder / SCANS
    scans.mkdir(parents=True, exist_ok=True)
    with (folder / "truth.jsonl").open("w", encoding="utf-8") as lines:
        for sheet in sheets:
            for name, data in sheet.files:
                (scans / name).write_bytes(data)
            lines.write(json.dumps(sheet.truth, ensure_ascii=False) + "\n")
            yield sheet.truth
