"""The parts of an accuracy campaign: its ballots, voters and scanners, and how sheets are read."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ballot.election import Election, ElectionKind

CHUNK = 24
PASSES = 2
"""How often each ballot is worn and scanned."""
MUNICIPAL, COUNTY, MAYOR = ElectionKind.MUNICIPAL_COUNCIL, ElectionKind.COUNTY_COUNCIL, ElectionKind.MAYOR


@dataclass(frozen=True)
class Part:
    """One made-up election on one print house's ballots through one kind of scanner.

    Attributes:
        share: Chunks of this part in each round of the campaign.
    """

    name: str
    house: str
    kind: ElectionKind
    seats: int
    lists: int
    preset: str
    share: int


PARTS = (  # the largest county council was Viken's of 2019, with 87 seats and up to 93 names on a ballot
    Part("fjord-county-normal", "fjord", COUNTY, 57, 5, "normal", 4),
    Part("bare-county-normal", "bare", COUNTY, 87, 4, "normal", 5),
    Part("skog-county-grey", "skog", COUNTY, 39, 5, "grey200", 4),
    Part("vidde-county-bilevel", "vidde", COUNTY, 87, 5, "bilevel200", 13),
    Part("bare-county-grey", "bare", COUNTY, 87, 4, "grey200", 15),
    Part("outer-county-bilevel", "outer", COUNTY, 75, 4, "bilevel200", 11),
    Part("fjord-municipal-trouble", "fjord", MUNICIPAL, 35, 4, "trouble", 6),
    Part("skog-municipal-trouble", "skog", MUNICIPAL, 35, 4, "trouble", 5),
    Part("vidde-municipal-trouble", "vidde", MUNICIPAL, 37, 4, "trouble", 6),
    Part("bare-municipal-trouble", "bare", MUNICIPAL, 53, 3, "trouble", 6),
    Part("outer-municipal-trouble", "outer", MUNICIPAL, 53, 3, "trouble", 6),
    Part("outer-municipal-normal", "outer", MUNICIPAL, 43, 4, "normal", 3),
    Part("bare-municipal-normal", "bare", MUNICIPAL, 41, 4, "normal", 2),
    Part("vidde-municipal-grey", "vidde", MUNICIPAL, 25, 6, "grey200", 2),
    Part("fjord-municipal-hard", "fjord", MUNICIPAL, 35, 5, "hard", 1),
    Part("skog-county-hard", "skog", COUNTY, 39, 4, "hard", 1),
    Part("skog-mayor-normal", "skog", MAYOR, 1, 5, "normal", 1),
    Part("vidde-mayor-hard", "vidde", MAYOR, 1, 6, "hard", 1),
)


def election_of(part: Part, seed: int) -> Election:
    """The part's own election."""
    from calibration.testdeck.elections import make_election

    place = [p.name for p in PARTS].index(part.name) if part in PARTS else 0
    return make_election(seed + place, part.kind, part.seats, part.lists)


def deck_seed(part: Part, seed: int) -> int:
    """The seed of the part's deck."""
    from zlib import crc32

    return seed * 1_000 + crc32(part.name.encode()) % 1_000


def prepare(part: Part, folder: Path, seed: int) -> None:
    """Prints the part's ballots and learns their layout and stamps, unless that was done before."""
    from benchmarks.deck_stamps import APART, FIRST_SHEETS, save_stamps, stamps_of_deck
    from benchmarks.houses import HOUSES, print_house, write_election
    from calibration.layout_file import save_layouts
    from calibration.learn import learn_layouts
    from calibration.testdeck.deck import fields_of
    from calibration.testdeck.designs import design_named
    from calibration.testdeck.press import Press
    from calibration.testdeck.printing import print_election

    place = folder / part.name
    if (place / "layout").is_file():
        return
    election = election_of(part, seed)
    write_election(election, place)
    if part.house in HOUSES:
        print_house(part.house, election, place)
    else:
        print_election(election, design_named(part.house, election.kind), place)
    layouts = learn_layouts(election, place)
    save_layouts(layouts, place / "layout.part")
    press = Press(place, fields_of(election, place))
    first = simulated(part, election, press, seed + APART, 0, FIRST_SHEETS)
    save_stamps(stamps_of_deck(election, layouts, first), place / "stamps")
    (place / "layout.part").rename(place / "layout")


@lru_cache(maxsize=1)
def compiled(place: Path) -> tuple[Election, Any, Any]:
    """A part's election, its reader, and its rendered blanks."""
    from benchmarks.deck_stamps import load_stamps
    from calibration.layout_file import load_layouts
    from calibration.testdeck.deck import fields_of
    from calibration.testdeck.press import Press
    from recognition.profile import DEFAULT_PROFILE
    from station.election_file import load_election
    from station.pipeline import recognition_recipe

    election = load_election(place / "election.json")
    recipe = recognition_recipe(
        election,
        load_layouts(place / "layout"),
        DEFAULT_PROFILE.name_error,
        stamps=load_stamps(place / "stamps"),
    )
    return election, recipe(), Press(place, fields_of(election, place))


def worker_recipe() -> Callable[..., Any]:
    """What a worker needs before its first chunk."""
    import cv2

    cv2.setNumThreads(1)
    return _no_reader


def _no_reader(*_: object) -> Any:
    raise RuntimeError("a campaign's worker reads chunks, not sheets")


def simulated(part: Part, election: Election, press: Any, seed: int, start: int, count: int) -> Iterator[Any]:
    """Sheets `start` to `start + count` of a part; always the same ones."""
    from calibration.testdeck.deck import simulate_deck
    from calibration.testdeck.options import preset

    options = preset(part.preset)
    return simulate_deck(
        election, press.folder, deck_seed(part, seed), options, count, start, passes=PASSES, press=press
    )


def read_chunk(part: Part, folder: Path, seed: int, start: int, cases: Path) -> dict[str, Any]:
    """Simulates and reads one chunk.

    Args:
        folder: Where `prepare` put the parts.
        cases: Where pictures of silent errors and missed doubts are kept.

    Returns:
        The line for the campaign's log: processor seconds, and one object a sheet.
    """
    from calibration.evaluate import compare
    from station.worker import read_in_worker

    begun = time.process_time()
    election, read_one, press = compiled(folder / part.name)
    sheets = []
    reading_seconds = 0.0
    for offset, sheet in enumerate(simulated(part, election, press, seed, start, CHUNK)):
        before = time.process_time()
        read = read_in_worker(sheet.scan, read_one)
        reading_seconds += time.process_time() - before
        outcome = compare(read.reading, sheet.truth)
        record = {
            "index": start + offset,
            "kind": sheet.truth["kind"],
            "accepted": outcome.accepted,
            "undamaged": outcome.undamaged,
            "clear_stamp": outcome.clear_stamp,
            "fills": outcome.fills,
            "positions": outcome.positions,
            "errors": list(outcome.errors),
            "missed": list(outcome.missed),
            "doubts": sorted({code.value for code in outcome.doubts}),
            "troubles": [[name, fate.value] for name, fate in outcome.troubles],
            "needless": list(outcome.needless),
            "vanished": outcome.vanished,
            "lost": list(outcome.lost),
        }
        if read.fault:
            record["fault"] = read.fault
        if outcome.errors:
            record["case"] = save_case(cases, f"{part.name}-{start + offset}", sheet, read.reading, outcome)
        sheets.append(record)
    return {
        "part": part.name,
        "start": start,
        "seconds": round(time.process_time() - begun, 2),
        "reading_seconds": round(reading_seconds, 2),
        "sheets": sheets,
    }


def save_case(cases: Path, name: str, sheet: Any, reading: Any, outcome: Any) -> str:
    """Keeps a sheet with its reading, its truth and pictures of the fields in question."""
    from ballot.reading_json import reading_to_json
    from benchmarks.campaign_pictures import field_pictures, small_picture

    folder = cases / name
    folder.mkdir(parents=True, exist_ok=True)
    for file, data in sheet.files:
        (folder / file).write_bytes(data)
    for side in ("front", "back"):
        (folder / f"small-{side}.jpg").write_bytes(small_picture(getattr(sheet.scan, side).data))
    for field, picture in field_pictures(sheet, reading, outcome.errors).items():
        (folder / f"field-{field}.jpg").write_bytes(picture)
    record = {"errors": outcome.errors, "reading": reading_to_json(reading), "truth": sheet.truth}
    (folder / "case.json").write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
    return name
