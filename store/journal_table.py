"""Appends to the journal and reads it back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from ballot.errors import StationError
from ballot.journal import GENESIS, Event, EventKind, canonical, seal
from store.schema import journal


def now() -> str:
    """The time in UTC, ISO 8601 to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def append(
    connection: Connection,
    kind: EventKind,
    by: str,
    payload: Mapping[str, object],
    *,
    box: int | None = None,
    sheet_id: str | None = None,
) -> Event:
    """Adds an event after the last, in the caller's transaction."""
    last = connection.execute(
        select(journal.c.number, journal.c.hash).order_by(journal.c.number.desc()).limit(1)
    ).one_or_none()
    number, previous = (1, GENESIS) if last is None else (last.number + 1, last.hash)
    draft = Event(number, now(), by, kind, box, sheet_id, canonical(payload), previous, "")
    sealed = seal(draft)
    connection.execute(
        journal.insert().values(
            number=number,
            at=draft.at,
            by=by,
            kind=kind.value,
            box=box,
            sheet=sheet_id,
            payload=draft.payload,
            previous=previous,
            hash=sealed,
        )
    )
    return Event(number, draft.at, by, kind, box, sheet_id, draft.payload, previous, sealed)


def events(connection: Connection) -> Iterator[Event]:
    """The whole journal, in order."""
    for row in connection.execute(select(journal).order_by(journal.c.number)):
        yield _event(row)


def events_of_sheet(connection: Connection, sheet_id: str) -> tuple[Event, ...]:
    """What happened to one sheet, in order."""
    query = select(journal).where(journal.c.sheet == sheet_id).order_by(journal.c.number)
    return tuple(_event(row) for row in connection.execute(query))


def events_of_box(connection: Connection, box: int, kinds: Collection[EventKind]) -> tuple[Event, ...]:
    """What happened to one box, of these kinds, in order."""
    named = [kind.value for kind in kinds]
    query = select(journal).where(journal.c.box == box, journal.c.kind.in_(named)).order_by(journal.c.number)
    return tuple(_event(row) for row in connection.execute(query))


def closed_boxes(connection: Connection) -> frozenset[int]:
    """Numbers of the boxes that were closed."""
    query = select(journal.c.box).where(journal.c.kind == EventKind.BOX_CLOSED.value)
    return frozenset(connection.execute(query).scalars())


def _event(row: Row[Any]) -> Event:
    try:
        kind = EventKind(row.kind)
    except ValueError as error:
        raise StationError(
            f"Event {row.number} of the journal is of an unknown kind: {row.kind!r}.",
            "The journal was changed by hand, or by a newer version of the program.",
        ) from error
    return Event(
        row.number,
        row.at,
        row.by,
        kind,
        row.box,
        row.sheet,
        row.payload,
        row.previous,
        row.hash,
    )
