"""Proves that a station is whole: journal, images, readings, rulings, and every sheet in one class."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ballot.errors import StationError
from ballot.journal import GENESIS, Event, EventKind, first_break
from review.settle import resolve
from station.station_folder import Station
from store.station_store import StationStore, StoredRows

_LEFT_BY_A_SCAN = 2
"""Images of the sheet that was being taken in."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at and what is wrong.

    Attributes:
        head: Hash of the last event: noted on paper, it shows later that nothing was cut off.
        unused_images: Files that no sheet refers to. Where they are no more than the scans that were cut off
            can have left they are harmless, else they are among the problems.
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
    """Checks the journal's chain, that all rows are as they were journalled, and all images.

    Raises:
        StationError: The database cannot be read at all.
    """
    # A scan may be running: first the images, then all rows of one moment. A sheet's images come before it.
    kept = set(store.vault.names())
    stored = store.rows()
    events, sheets = stored.events, stored.taken_in
    pages = {p.sha256 for sheet in sheets for p in (sheet.front, sheet.back) if p is not None}
    problems = [
        *_chain(events),
        *_scanned_once(events, {sheet.id for sheet in sheets}),
        *_rows(store, stored),
        *_images(store, pages),
        *_left_over(events, len(kept - pages)),
    ]
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


def _rows(store: StationStore, stored: StoredRows) -> Iterator[str]:
    """Holds everything that is stored against what the journal says of it."""
    files = store.files()
    said: dict[EventKind, list[Event]] = defaultdict(list)
    for event in stored.events:
        said[event.kind].append(event)
    for event in said[EventKind.STATION_CREATED]:
        if json.loads(event.payload) != {
            "election_sha256": files.election_sha256,
            "layout_sha256": files.layout_sha256,
        }:
            yield "station: the election or the layout is not the one it was made with"
    boxes = {event.box: event.payload for event in said[EventKind.BOX_OPENED]}
    yield from _differences("box", boxes, stored.boxes)
    sheets = {event.sheet_id: (event.box, event.payload) for event in said[EventKind.SHEET_SCANNED]}
    for sheet, row in stored.sheets.items():
        if sheet in sheets and sheets[sheet] != row:
            yield f"sheet {sheet}: changed after it was scanned"
    read = {json.loads(event.payload)["reading"]: event for event in said[EventKind.SHEET_READ]}
    yield from _differences(
        "reading", {n: json.loads(event.payload)["sha256"] for n, event in read.items()}, stored.readings
    )
    for number, (sheet, *by) in stored.reading_origins.items():
        if number not in read:
            continue
        if read[number].sheet_id != sheet:
            yield f"reading {number}: of sheet {read[number].sheet_id}, but stored for sheet {sheet}"
        payload = json.loads(read[number].payload)
        if by != [payload["reader"], payload["layout_sha256"]]:
            yield f"reading {number}: its reader or layout was changed in the database"
    yield from (f"reading {number}: its ballot id was changed in the database" for number in stored.strayed)
    ruled = (json.loads(event.payload) for event in said[EventKind.RULING_MADE])
    yield from _differences("ruling", {made["ruling"]: made["sha256"] for made in ruled}, stored.rulings)


def _differences(what: str, journalled: Mapping[int | None, str], stored: Mapping[int, str]) -> Iterator[str]:
    for number in sorted(key for key in {*journalled, *stored} if key is not None):
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


def _left_over(events: tuple[Event, ...], unused: int) -> Iterator[str]:
    """Images without a sheet, when no scan can have left so many."""
    kinds = Counter(event.kind for event in events)
    cut_off = kinds[EventKind.SCAN_BEGUN] - kinds[EventKind.SCAN_ENDED]
    if unused > _LEFT_BY_A_SCAN * cut_off:
        yield (
            f"images: {unused} belong to no sheet, where scans that did not come to their end ({cut_off}) "
            f"leave {_LEFT_BY_A_SCAN * cut_off} at most. The database may have lost its end, as in a copy "
            "without station.db-wal. Hold the last hash against the one noted, and run the scans again: what "
            "is there is not doubled"
        )


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
