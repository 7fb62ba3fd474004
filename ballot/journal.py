"""The journal: what happened at a station, in order, each event sealed with the one before.

Every event holds the SHA-256 of the previous event, so nothing can be changed, removed or
put in between without breaking the chain from there on. Cutting off the end leaves a whole
chain: note the last hash on paper (``valgskann verify`` prints it) to notice that as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

GENESIS = "0" * 64
"""What the first event holds in place of a previous hash."""


class EventKind(StrEnum):
    """What can happen at a station."""

    STATION_CREATED = "station_created"
    BOX_OPENED = "box_opened"
    BOX_CLOSED = "box_closed"
    SCAN_BEGUN = "scan_begun"
    SCAN_ENDED = "scan_ended"
    SHEET_SCANNED = "sheet_scanned"
    SHEET_READ = "sheet_read"
    READER_FAILED = "reader_failed"
    DUPLICATE_FOUND = "duplicate_found"
    RULING_MADE = "ruling_made"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the journal.

    Attributes:
        number: From 1, without gaps.
        at: Time in UTC, ISO 8601.
        by: The person or the part of the program that did it.
        payload: A JSON object as canonical text (`canonical`).
        previous: Hash of the event before, `GENESIS` for the first.
        hash: `seal` of all the above.
    """

    number: int
    at: str
    by: str
    kind: EventKind
    box: int | None
    sheet_id: str | None
    payload: str
    previous: str
    hash: str


def canonical(value: object) -> str:
    """JSON with one spelling only: sorted keys, no spaces, no escapes beyond the necessary."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def text_hash(text: str) -> str:
    """SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def seal(event: Event) -> str:
    """The hash that an event must carry."""
    return text_hash(
        canonical(
            [
                event.number,
                event.at,
                event.by,
                event.kind.value,
                event.box,
                event.sheet_id,
                event.payload,
                event.previous,
            ]
        )
    )


def first_break(events: Iterable[Event]) -> str:
    """Says where a journal's chain is broken; empty when it is whole."""
    previous = GENESIS
    for expected, event in enumerate(events, start=1):
        if event.number != expected:
            return f"event {expected} is missing (event {event.number} stands in its place)"
        if event.previous != previous:
            return f"event {event.number} does not continue event {event.number - 1}"
        if seal(event) != event.hash:
            return f"event {event.number} ({event.kind.value}) was changed after it was written"
        previous = event.hash
    return ""
