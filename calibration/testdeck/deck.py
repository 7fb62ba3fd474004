"""A deck: sheet after sheet, each from its own seed, so that any part can be made alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ballot.election import Election
from ballot.layout import PageSide
from ballot.sheet import PageImage, SheetScan
from calibration.testdeck.encoding import SUFFIX, ScanFormat, bundle_pages, encode_page
from calibration.testdeck.feeding import (
    ONE_BALLOT,
    Fed,
    Mishap,
    dirt_on_glass,
    empty_paper,
    longer,
    overlapping,
    pick_feed,
)
from calibration.testdeck.fields import FIELDS_FILE, BallotFields, FieldMap, read_fields
from calibration.testdeck.lost_marks import lose_marks
from calibration.testdeck.official import Stamping, stamp_ballot
from calibration.testdeck.options import DeckOptions
from calibration.testdeck.out_of_view import shows_tear
from calibration.testdeck.planes import Planes, planes_of
from calibration.testdeck.press import Press, UsedBallot, use_ballot
from calibration.testdeck.scanning import BACKGROUND_RGB, Background, ColourMode, Pass, pick_pass, scan_side
from calibration.testdeck.truth import truth_of
from calibration.testdeck.vanished import vanished
from calibration.testdeck.voters import Intent, choose, choose_style
from calibration.testdeck.wear import Wear, damage, harms, pick_wear, shadow_of, worn

ID_STEP = 48271  # coprime with 10^8: ids look random and never repeat
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
    fed: Fed = ONE_BALLOT


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
        wear=pick_wear(options.wear, ballot, rng),
        way=way,
        quality=_pick_quality(options, rng),
        fed=pick_feed(options.feed, election, rng),
    )


def plan_again(
    election: Election, fields: FieldMap, plan: SheetPlan, options: DeckOptions, rng: np.random.Generator
) -> SheetPlan:
    """The same ballot, as voted and stamped, after other wear and on another way through a scanner."""
    dpi = options.scanner.dpis[int(rng.integers(len(options.scanner.dpis)))]
    way = pick_pass(options.scanner, dpi, rng)
    if way.mode is ColourMode.BILEVEL_FIXED and plan.intent.pen in PALE_PENS:
        way = replace(way, mode=ColourMode.BILEVEL_ADAPTIVE)
    wear = pick_wear(options.wear, fields.of(plan.intent.style.key), rng)
    quality = _pick_quality(options, rng)
    return replace(plan, way=way, wear=wear, quality=quality, fed=pick_feed(options.feed, election, rng))


def _pick_quality(options: DeckOptions, rng: np.random.Generator) -> int:
    return int(rng.integers(options.jpeg_quality[0], options.jpeg_quality[1] + 1))


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
    used = use_ballot(election, press, plan.intent, plan.stamping, ballot_id, plan.way.dpi, rng)
    return scan_ballot(election, press, used, plan, name, options, rng)


def scan_ballot(
    election: Election,
    press: Press,
    used: UsedBallot,
    plan: SheetPlan,
    name: str,
    options: DeckOptions,
    rng: np.random.Generator,
) -> SimulatedSheet:
    """Wears and scans a ballot as voter and official left it; the ballot itself stays as it is."""
    way, wear = plan.way, plan.wear
    sides, fields = _fed(press, used, plan)
    behind = BACKGROUND_RGB[way.background]
    images = []
    lost: list[bool] = []
    tears_shown: list[bool] = []
    for side, back, area, page in (
        (sides[0], sides[1], fields.inside, PageSide.INSIDE),
        (sides[1], sides[0], fields.outside, PageSide.OUTSIDE),
    ):
        is_back = page is PageSide.OUTSIDE
        paper = worn(side, wear, area, shadow_of(back), rng)
        damage(paper, wear, is_back, behind, rng)
        lose_marks(paper, wear.lost_marks, page, area, behind, rng)
        images.append(scan_side(paper, area, way, is_back, rng))
        if wear.tear is not None:
            tears_shown.append(shows_tear(wear.tear, paper, area, way, is_back))
        if way.bilevel and not is_back:
            marks = used.intent.marks
            boxes, taken_back = [m.mark_box.box for m in marks], [m.taken_back for m in marks]
            lost = vanished(images[0].y, paper, area, way, is_back, boxes, taken_back)
    seen_through = way.background is Background.BLACK or not way.bilevel
    if way.swapped:
        images.reverse()
    pages = [
        encode_page(image, way.dpi, options.format, plan.quality, options.compact_jpeg) for image in images
    ]
    harmed = harms(wear, fields.inside, seen_through, any(tears_shown))
    truth = truth_of(election, used, wear, harmed, way, plan.fed.mishap, lost)
    return _deliver(name, pages, options.format, truth)


def _fed(press: Press, used: UsedBallot, plan: SheetPlan) -> tuple[tuple[Planes, Planes], BallotFields]:
    """What the scanner takes in: the ballot, or what a mishap makes of it."""
    way, fed, fields = plan.way, plan.fed, used.sheet.fields
    coloured = way.mode is ColourMode.COLOUR
    sides = used.sides(way.dpi, coloured)
    if fed.mishap is Mishap.EMPTY_PAPER:
        return (empty_paper(sides[0]), empty_paper(sides[1])), fields
    if fed.below is not None:
        blank = press.blank(fed.below, way.dpi)
        below = (planes_of(blank.inside, coloured), planes_of(blank.outside, coloured))
        if all(a.y.shape == b.y.shape for a, b in zip(sides, below, strict=True)):
            return overlapping(sides, below, fed.offset), longer(fields, fed.offset)
        return overlapping(sides, sides, fed.offset), longer(fields, fed.offset)
    return sides, fields


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
    passes: int = 1,
    press: Press | None = None,
) -> Iterator[SimulatedSheet]:
    """Simulates sheets `start` to `start + sheets` of a deck.

    Each sheet depends on the seed and its own place only, so several processes can share a deck.

    Args:
        folder: Where the blanks are that ``ballots[].file`` names.
        fields: Where the fields stand; by default as in `fields_of`.
        passes: How often each ballot is worn and scanned, in other ways each time: several passes
            make a large deck cheaper. Sheets with the same ballot follow each other.
        press: Blanks already rendered, for those who make a deck piece by piece.

    Raises:
        CalibrationError: A blank is missing or its fields cannot be found.
    """
    if press is None:
        press = Press(folder, fields if fields is not None else fields_of(election, folder))
    ballot, plan, used = -1, None, None
    for index in range(start, start + sheets):
        turn = index % passes
        if plan is None or used is None or index // passes != ballot:
            ballot, used = index // passes, None  # room for the next one
            rng = np.random.default_rng([seed, ballot])
            plan = plan_sheet(election, press.fields, options, rng)
            dpi = plan.way.dpi if passes == 1 else max(options.scanner.dpis)
            ballot_id = ballot_id_of(seed, ballot)
            used = use_ballot(election, press, plan.intent, plan.stamping, ballot_id, dpi, rng)
        if turn:
            rng = np.random.default_rng([seed, ballot, turn])
            plan = plan_again(election, press.fields, plan, options, rng)
        dirt = dirt_on_glass(options.feed, seed, index)
        now = plan if dirt is None else replace(plan, way=replace(plan.way, streak_at=dirt))
        yield scan_ballot(election, press, used, now, f"{index + 1:04d}", options, rng)


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
