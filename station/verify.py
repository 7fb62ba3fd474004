"""Proves that a station is whole: journal, images, readings, rulings, and every sheet in one class."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ballot.errors import StationError
from ballot.journal import GENESIS, Event, EventKind, first_break
from review.settle import resolve
from station.station_folder import Station
from store.station_store import StationStore


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at and what is wrong.

    Attributes:
        head: Hash of the last event: noted on paper, it shows later that nothing was cut off.
        unused_images: Files that no sheet refers to, left by a run that was killed; harmless.
    """

    sheets: int
    images: int
    events: int
    head: str
    unused_images: int
    problems: tuple[str, ...]


def verify_station(station: Station) -> Verification:
    """Checks everything that `verify_store` does, and that every sheet is in exactly one class.

    Raises:
        StationError: The database cannot be read at all.
    """
    found = verify_store(station.store)
    problems = (*found.problems, *_classes(station))
    return Verification(found.sheets, found.images, found.events, found.head, found.unused_images, problems)


def verify_store(store: StationStore) -> Verification:
    """Checks the journal's chain, that all rows are journalled and unchanged, and all images.

    Raises:
        StationError: The database cannot be read at all.
    """
    events = store.events()
    sheets = store.sheets()
    pages = {p.sha256 for sheet in sheets for p in (sheet.front, sheet.back) if p is not None}
    problems = [
        *_chain(events),
        *_scanned_once(events, {sheet.id for sheet in sheets}),
        *_contents(store, events),
        *_images(store, pages),
    ]
    kept = set(store.vault.names())
    head = events[-1].hash if events else GENESIS
    return Verification(len(sheets), len(pages), len(events), head, len(kept - pages), tuple(problems))


def _chain(events: tuple[Event, ...]) -> Iterator[str]:
    broken = first_break(events)
    if broken:
        yield f"journal: {broken}"


def _scanned_once(events: tuple[Event, ...], sheets: set[str]) -> Iterator[str]:
    scanned = Counter(event.sheet_id for event in events if event.kind is EventKind.SHEET_SCANNED)
    for sheet, times in sorted(scanned.items(), key=str):
        if times != 1:
            yield f"sheet {sheet}: journalled as scanned {times} times"
    yield from (f"sheet {sheet}: not in the journal" for sheet in sorted(sheets - set(scanned), key=str))
    gone = {sheet for sheet in scanned if sheet is not None} - sheets
    yield from (f"sheet {sheet}: in the journal, but gone" for sheet in sorted(gone))


def _contents(store: StationStore, events: tuple[Event, ...]) -> Iterator[str]:
    readings, rulings = store.content_hashes()
    for what, kind, stored in (
        ("reading", EventKind.SHEET_READ, readings),
        ("ruling", EventKind.RULING_MADE, rulings),
    ):
        journalled: dict[int, str] = {}
        for event in events:
            if event.kind is kind:
                payload = json.loads(event.payload)
                journalled[payload[what]] = payload["sha256"]
        for number in sorted(journalled.keys() | stored.keys()):
            if number not in stored:
                yield f"{what} {number}: in the journal, but gone"
            elif number not in journalled:
                yield f"{what} {number}: not in the journal"
            elif stored[number] != journalled[number]:
                yield f"{what} {number}: changed after it was made"


def _images(store: StationStore, names: set[str]) -> Iterator[str]:
    for name in sorted(names):
        try:
            store.vault.get(name)
        except StationError as error:
            yield f"image: {error.message}"


def _classes(station: Station) -> Iterator[str]:
    for case in station.store.cases():
        standing = resolve(case, station.election)
        record = standing.record
        if record is None:
            continue
        classes = (
            record.list_id is not None,
            record.blank,
            record.rejected is not None,
            record.first_choice is not None,
        )
        if sum(classes) != 1:
            yield f"sheet {case.sheet.id}: in {sum(classes)} classes"
