"""Readings in the database, and sheets that look like the same ballot twice."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, select, text

from ballot.box import StoredReading
from ballot.errors import StationError
from ballot.journal import EventKind, canonical, text_hash
from ballot.reading import Reading
from ballot.reading_json import reading_from_json, reading_to_full_json
from store.journal_table import append, now
from store.schema import readings
from store.sheet_table import get_sheet

_MEASUREMENTS = ("marks", "registrations")

# The ballot id of every sheet: as a person has ruled it, else as read. Withdrawn: by a ruling in force.
_IDENTITIES = """
WITH latest AS (
  SELECT r.* FROM readings r WHERE r.number = (SELECT max(n.number) FROM readings n WHERE n.sheet = r.sheet)
), in_force AS (
  SELECT u.* FROM rulings u JOIN latest l ON l.number = u.reading
  WHERE NOT EXISTS (SELECT 1 FROM rulings later WHERE later.supersedes = u.number)
), identities AS MATERIALIZED (
  SELECT l.sheet, l.ballot_number, coalesce(
    (SELECT u.value FROM in_force u WHERE u.sheet = l.sheet AND u.verdict = 'ballot_id'), l.ballot_id
  ) AS ballot_id
  FROM latest l
)
"""

_DUPLICATES = (
    _IDENTITIES
    + """
SELECT a.sheet AS sheet, b.sheet AS other FROM identities a JOIN identities b
  ON b.ballot_id = a.ballot_id AND b.sheet != a.sheet
  AND (a.ballot_number IS NULL OR b.ballot_number IS NULL OR a.ballot_number = b.ballot_number)
UNION
SELECT a.id, b.id FROM sheets a JOIN sheets b ON b.pictures = a.pictures AND b.id != a.id
"""
)

_WITHDRAWN = _IDENTITIES + "SELECT sheet FROM in_force WHERE verdict = 'withdraw'"


def add_reading(
    connection: Connection, sheet_id: str, reading: Reading, reader: str, layout_sha256: str, fault: str
) -> int:
    """Keeps a reading and journals it, with the duplicates it reveals.

    A sheet that another run has read meanwhile keeps that reading.

    Args:
        reader: Name and version of the program and profile that read.
        fault: What broke in the program while reading, else empty.
    """
    sheet = get_sheet(connection, sheet_id)
    earlier = select(func.max(readings.c.number)).where(readings.c.sheet == sheet_id)
    already: int | None = connection.execute(earlier).scalar_one()
    if already is not None:
        return already
    full = reading_to_full_json(reading)
    light = canonical({key: value for key, value in full.items() if key not in _MEASUREMENTS})
    measurements = canonical({key: full[key] for key in _MEASUREMENTS})
    number = (connection.execute(select(func.max(readings.c.number))).scalar_one() or 0) + 1
    connection.execute(
        readings.insert().values(
            number=number,
            sheet=sheet_id,
            at=now(),
            reader=reader,
            layout_sha256=layout_sha256,
            reading=light,
            measurements=measurements,
            ballot_number=reading.ballot_number,
            ballot_id=reading.ballot_id,
        )
    )
    payload = {
        "reading": number,
        "reader": reader,
        "layout_sha256": layout_sha256,
        "sha256": text_hash(light + measurements),
        "doubts": [doubt.code.value for doubt in reading.doubts],
    }
    append(connection, EventKind.SHEET_READ, reader, payload, box=sheet.box, sheet_id=sheet_id)
    if fault:
        append(
            connection, EventKind.READER_FAILED, reader, {"fault": fault}, box=sheet.box, sheet_id=sheet_id
        )
    others = _same_ballot(connection, sheet_id, reading)
    if others:
        append(
            connection, EventKind.DUPLICATE_FOUND, reader, {"of": others}, box=sheet.box, sheet_id=sheet_id
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


def duplicates(connection: Connection) -> Mapping[str, frozenset[str]]:
    """For each sheet that has any: the other sheets with the same ballot id or the same pictures."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(text(_DUPLICATES)):
        found[row.sheet].add(row.other)
    return {sheet: frozenset(others) for sheet, others in found.items()}


def withdrawn(connection: Connection) -> frozenset[str]:
    """Sheets that a ruling in force has withdrawn."""
    return frozenset(connection.execute(text(_WITHDRAWN)).scalars())


def _same_ballot(connection: Connection, sheet_id: str, reading: Reading) -> list[str]:
    """Sheets read before that carry the same id, or the same pictures: the quick question at intake."""
    query = text(
        "SELECT sheet FROM readings WHERE ballot_id = :id AND ballot_number IS :number AND sheet != :sheet "
        "UNION SELECT b.id FROM sheets a JOIN sheets b ON b.pictures = a.pictures AND b.id != a.id "
        "WHERE a.id = :sheet ORDER BY 1"
    )
    values = {"id": reading.ballot_id, "number": reading.ballot_number, "sheet": sheet_id}
    return list(connection.execute(query, values).scalars())


def _stored_reading(row: Row[*tuple[Any, ...]], measurements: str) -> StoredReading:
    try:
        reading = reading_from_json(json.loads(row.reading) | json.loads(measurements))
    except (KeyError, TypeError, ValueError) as error:
        raise StationError(
            f"The stored reading {row.number} of sheet {row.sheet} is damaged ({type(error).__name__}).",
            "Run «valgskann verify DIR» and restore the station from a copy.",
        ) from error
    return StoredReading(row.number, reading, row.reader, row.layout_sha256)
