"""Readings in the database: added, never edited."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select, text

from ballot.box import StoredReading
from ballot.errors import StationError
from ballot.journal import EventKind, canonical, text_hash
from ballot.reading import Reading, SheetKind
from ballot.reading_json import reading_from_json, reading_to_full_json
from store.journal_table import append, now
from store.schema import readings
from store.sheet_table import get_sheet
from store.twins import same_ballot

_MEASUREMENTS = ("marks", "registrations")


@dataclass(frozen=True)
class NewReading:
    """A reading to be kept.

    Attributes:
        reader: Name and version of the program and profile that read.
        fault: What broke in the program while reading, else empty.
        instead_of: Number of the reading that this one takes the place of; both are kept, the last is in
            force, and rulings on the other are not.
    """

    reading: Reading
    reader: str
    layout_sha256: str
    fault: str = ""
    instead_of: int | None = None


def add_reading(connection: Connection, sheet_id: str, new: NewReading) -> int:
    """Keeps a reading and journals it, with the duplicates it reveals; returns its number.

    A sheet that another run has read meanwhile keeps that reading.
    """
    sheet = get_sheet(connection, sheet_id)
    earlier = select(func.max(readings.c.number)).where(readings.c.sheet == sheet_id)
    already: int | None = connection.execute(earlier).scalar_one()
    if already is not None and already != new.instead_of:
        return already
    full = reading_to_full_json(new.reading)
    light = canonical({key: value for key, value in full.items() if key not in _MEASUREMENTS})
    measurements = canonical({key: full[key] for key in _MEASUREMENTS})
    number = newest(connection) + 1
    connection.execute(
        readings.insert().values(
            number=number,
            sheet=sheet_id,
            at=now(),
            reader=new.reader,
            layout_sha256=new.layout_sha256,
            reading=light,
            measurements=measurements,
            ballot_number=_number_for_sure(new.reading),
            ballot_id=new.reading.ballot_id,
        )
    )
    payload = {
        "reading": number,
        "reader": new.reader,
        "layout_sha256": new.layout_sha256,
        "sha256": text_hash(light + measurements),
        "doubts": [doubt.code.value for doubt in new.reading.doubts],
    }
    append(connection, EventKind.SHEET_READ, new.reader, payload, box=sheet.box, sheet_id=sheet_id)
    if new.fault:
        append(
            connection,
            EventKind.READER_FAILED,
            new.reader,
            {"fault": new.fault},
            box=sheet.box,
            sheet_id=sheet_id,
        )
    others = same_ballot(connection, sheet_id, new.reading.ballot_id, _number_for_sure(new.reading))
    if others:
        append(
            connection,
            EventKind.DUPLICATE_FOUND,
            new.reader,
            {"of": others},
            box=sheet.box,
            sheet_id=sheet_id,
        )
    return number


def reading_of(connection: Connection, sheet_id: str) -> StoredReading | None:
    """The reading of a sheet with every measurement; None while it waits."""
    query = select(readings).where(readings.c.sheet == sheet_id).order_by(readings.c.number.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _stored_reading(row, row.measurements)


def readings_after(connection: Connection, number: int) -> tuple[tuple[str, StoredReading], ...]:
    """Readings added after one, with their sheets, without the measurements (a tenth of the work)."""
    light = (
        readings.c.number,
        readings.c.sheet,
        readings.c.reader,
        readings.c.layout_sha256,
        readings.c.reading,
    )
    query = select(*light).where(readings.c.number > number).order_by(readings.c.number)
    return tuple((row.sheet, _stored_reading(row, "{}")) for row in connection.execute(query))


def reading_hashes(connection: Connection) -> dict[int, str]:
    """The hash of every stored reading as it lies in the database now, by its number."""
    return {
        row.number: text_hash(row.reading + row.measurements) for row in connection.execute(select(readings))
    }


def reading_origins(connection: Connection) -> dict[int, tuple[str, str, str]]:
    """Sheet, reader and layout of every stored reading as they lie in the database now, by its number."""
    query = select(readings.c.number, readings.c.sheet, readings.c.reader, readings.c.layout_sha256)
    return {row.number: (row.sheet, row.reader, row.layout_sha256) for row in connection.execute(query)}


_STRAYED = """
SELECT number FROM readings WHERE json_valid(reading) AND (
  ballot_id IS NOT json_extract(reading, '$.ballot_id')
  OR ballot_number IS NOT CASE
    WHEN json_extract(reading, '$.kind') != 'unknown' THEN json_extract(reading, '$.ballot_number')
  END
) ORDER BY number
"""


def strayed_ids(connection: Connection) -> tuple[int, ...]:
    """Readings beside which another ballot id or number stands than the one that was read.

    Ballots are told from each other by what stands beside them.
    """
    return tuple(connection.execute(text(_STRAYED)).scalars())


def newest(connection: Connection) -> int:
    """The number of the last reading; 0 before the first."""
    return connection.execute(select(func.max(readings.c.number))).scalar_one() or 0


def _number_for_sure(reading: Reading) -> str | None:
    """The ballot number; None where it was not known what ballot it is, since a digit may be misread."""
    return None if reading.kind is SheetKind.UNKNOWN else reading.ballot_number


def _stored_reading(row: Row[*tuple[Any, ...]], measurements: str) -> StoredReading:
    try:
        reading = reading_from_json(json.loads(row.reading) | json.loads(measurements))
    except (KeyError, TypeError, ValueError) as error:
        raise StationError(
            f"The stored reading {row.number} of sheet {row.sheet} is damaged ({type(error).__name__}).",
            "Run «valgskann verify DIR» and restore the station from a copy.",
        ) from error
    return StoredReading(row.number, reading, row.reader, row.layout_sha256)
