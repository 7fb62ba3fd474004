"""Rulings in the database: added, never edited."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, func, select

from ballot.errors import StationError
from ballot.journal import EventKind, canonical, text_hash
from ballot.ruling import Role, Ruling, Verdict
from store.journal_table import append, now
from store.schema import rulings
from store.sheet_table import get_sheet


def add_ruling(connection: Connection, ruling: Ruling) -> Ruling:
    """Adds a ruling; number, time and what it supersedes are set here.

    Returns:
        The ruling as stored.

    Raises:
        StationError: Someone else has ruled on the same issue since `ruling.supersedes` was read.
    """
    in_force = _last_on_issue(connection, ruling)
    if in_force != ruling.supersedes:
        raise StationError(
            f"Someone else has ruled on {ruling.issue} of sheet {ruling.sheet_id} in the meantime.",
            "Your ruling was not stored. Look at the sheet again and rule anew if you still disagree.",
        )
    number = (connection.execute(select(func.max(rulings.c.number))).scalar_one() or 0) + 1
    stored = replace(ruling, number=number, at=now())
    values = _values(stored)
    connection.execute(rulings.insert().values(**values))
    append(
        connection,
        EventKind.RULING_MADE,
        stored.by,
        {"ruling": number, "sha256": text_hash(canonical(values))},
        box=get_sheet(connection, stored.sheet_id).box,
        sheet_id=stored.sheet_id,
    )
    return stored


def all_rulings(connection: Connection, sheet_id: str | None = None) -> dict[str, tuple[Ruling, ...]]:
    """Every ruling in the order made, by sheet."""
    query = select(rulings).order_by(rulings.c.number)
    if sheet_id is not None:
        query = query.where(rulings.c.sheet == sheet_id)
    found: dict[str, list[Ruling]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.sheet].append(_ruling(row))
    return {sheet: tuple(made) for sheet, made in found.items()}


def ruling_hashes(connection: Connection) -> dict[int, str]:
    """The hash of every ruling as it lies in the database now, by its number."""
    return {
        row.number: text_hash(canonical(dict(row._mapping))) for row in connection.execute(select(rulings))
    }


def _last_on_issue(connection: Connection, ruling: Ruling) -> int | None:
    query = select(func.max(rulings.c.number)).where(
        rulings.c.sheet == ruling.sheet_id,
        rulings.c.reading == ruling.reading,
        rulings.c.issue == ruling.issue,
    )
    last: int | None = connection.execute(query).scalar_one()
    return last


def _values(ruling: Ruling) -> dict[str, Any]:
    return {
        "number": ruling.number,
        "sheet": ruling.sheet_id,
        "reading": ruling.reading,
        "issue": ruling.issue,
        "verdict": ruling.verdict.value,
        "value": ruling.value,
        "by": ruling.by,
        "role": ruling.role.value,
        "at": ruling.at,
        "reason": ruling.reason,
        "supersedes": ruling.supersedes,
    }


def _ruling(row: Row[Any]) -> Ruling:
    return Ruling(
        row.number,
        row.sheet,
        row.reading,
        row.issue,
        Verdict(row.verdict),
        row.value,
        row.by,
        Role(row.role),
        row.at,
        row.reason,
        row.supersedes,
    )
