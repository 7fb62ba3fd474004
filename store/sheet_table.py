"""Boxes and sheets in the database: taking in, and reading back."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, func, select

from ballot.box import BallotBox, StoredPage, StoredSheet
from ballot.errors import StationError
from ballot.journal import EventKind, canonical
from ballot.record import CountCategory
from store.journal_table import append, closed_boxes
from store.scan_runs import unfinished_scans
from store.schema import boxes, readings, sheets


def add_box(connection: Connection, box: BallotBox, by: str) -> None:
    """Opens a box.

    Raises:
        StationError: There is a box with this number.
    """
    if connection.execute(select(boxes.c.number).where(boxes.c.number == box.number)).first():
        raise StationError(
            f"Box {box.number} is already there.", "Give the number on the label of the new box."
        )
    values = {
        "number": box.number,
        "election": box.election,
        "area": box.area,
        "district": box.district,
        "category": box.category.value,
        "label": box.label,
    }
    connection.execute(boxes.insert().values(**values))
    append(connection, EventKind.BOX_OPENED, by, values, box=box.number)


def close_box(connection: Connection, number: int, by: str, leave_scans: bool = False) -> None:
    """Closes a box: no more sheets come into it.

    Args:
        leave_scans: Also when a scan has not come to its end.

    Raises:
        StationError: There is no such box, it is closed, or it has sheets that are not read yet or a scan
            that has not come to its end: there may be more to bring.
    """
    if get_box(connection, number).closed:
        raise StationError(f"Box {number} is already closed.", "Nothing to do.")
    left = unfinished_scans(connection, number)
    if left and not leave_scans:
        sources = ", ".join(left[0].sources)
        raise StationError(
            f"The scan of {sources} into box {number} ({left[0].by}, {left[0].at}) has not come to its end: "
            "sheets of it may be missing, and pages may have moved. The box was not closed.",
            f"Run it again: valgskann scan DIR --box {number} {shlex.join(left[0].sources)}. "
            "Where its files are gone for good, close the box with --unfinished.",
        )
    waiting = len(unread_sheets(connection, number))
    if waiting:
        raise StationError(
            f"{waiting} sheets of box {number} are not read yet; the box was not closed.",
            f"Run the scan to its end: valgskann scan DIR --box {number} SCANS (where its files are gone, an "
            "empty folder: what was taken in is read from the station).",
        )
    count = connection.execute(select(func.count()).where(sheets.c.box == number)).scalar_one()
    values = {"sheets": count} | ({"unfinished_scans": [run.number for run in left]} if left else {})
    append(connection, EventKind.BOX_CLOSED, by, values, box=number)


def all_boxes(connection: Connection) -> tuple[BallotBox, ...]:
    """Every box, by number."""
    closed = closed_boxes(connection)
    return tuple(_box(row, closed) for row in connection.execute(select(boxes).order_by(boxes.c.number)))


def get_box(connection: Connection, number: int) -> BallotBox:
    """One box.

    Raises:
        StationError: There is no box with this number.
    """
    row = connection.execute(select(boxes).where(boxes.c.number == number)).one_or_none()
    if row is None:
        known = ", ".join(str(box.number) for box in all_boxes(connection)) or "none yet"
        raise StationError(
            f"There is no box {number} (boxes: {known}).",
            f"Open it: valgskann box open DIR --number {number} --district … --category …",
        )
    return _box(row, closed_boxes(connection))


def add_sheet(
    connection: Connection,
    box: int,
    front: StoredPage,
    back: StoredPage | None,
    occurrence: int,
    by: str,
) -> tuple[StoredSheet, bool]:
    """Takes a sheet into a box, unless it is there from an earlier run of the same import.

    Returns:
        The sheet, and whether it is new.

    Raises:
        StationError: The box is closed and the sheet is not in it.
    """
    known = _find(connection, box, front, back, occurrence)
    if known is not None:
        return known, False
    if get_box(connection, box).closed:
        raise StationError(
            f"Box {box} is closed and {front.name} is not in it.",
            "Nothing was added. Open a box with another number for sheets found later.",
        )
    last = connection.execute(select(func.max(sheets.c.sequence)).where(sheets.c.box == box)).scalar_one()
    sequence = (last or 0) + 1
    sheet = StoredSheet(f"{box}-{sequence:04d}", box, sequence, front, back)
    values: dict[str, Any] = {
        "sequence": sequence,
        "front_name": front.name,
        "front_sha256": front.sha256,
        "front_problem": front.problem,
        "back_name": back.name if back else None,
        "back_sha256": back.sha256 if back else None,
        "back_problem": back.problem if back else None,
        "occurrence": occurrence,
        "pictures": _pictures(front, back),
    }
    connection.execute(sheets.insert().values(id=sheet.id, box=box, **values))
    append(connection, EventKind.SHEET_SCANNED, by, values, box=box, sheet_id=sheet.id)
    return sheet, True


def get_sheet(connection: Connection, sheet_id: str) -> StoredSheet:
    """One sheet.

    Raises:
        StationError: There is no such sheet.
    """
    row = connection.execute(select(sheets).where(sheets.c.id == sheet_id)).one_or_none()
    if row is None:
        raise StationError(
            f"There is no sheet {sheet_id!r} in this station.",
            "Sheets are named <box>-<number>, for example 3-0012; «valgskann review list DIR» lists them.",
        )
    return stored_sheet(row)


def unread_sheets(connection: Connection, box: int) -> tuple[StoredSheet, ...]:
    """Sheets of a box that were taken in and not read, in scanning order."""
    read = select(readings.c.sheet).where(readings.c.sheet == sheets.c.id).exists()
    query = select(sheets).where(sheets.c.box == box, ~read).order_by(sheets.c.sequence)
    return tuple(stored_sheet(row) for row in connection.execute(query))


def stored_sheets(connection: Connection, box: int | None) -> Iterator[StoredSheet]:
    """All sheets, or those of one box, by box and scanning order."""
    query = select(sheets).order_by(sheets.c.box, sheets.c.sequence)
    for row in connection.execute(query if box is None else query.where(sheets.c.box == box)):
        yield stored_sheet(row)


def journalled_boxes(connection: Connection) -> dict[int, str]:
    """What the journal must say of every box as it lies in the database now, by its number."""
    return {row.number: canonical(dict(row._mapping)) for row in connection.execute(select(boxes))}


def journalled_sheets(connection: Connection) -> dict[str, tuple[int, str]]:
    """The box of every sheet as it lies in the database now, and what the journal must say, by its id."""
    return {
        row.id: (row.box, canonical({k: v for k, v in row._mapping.items() if k not in ("id", "box")}))
        for row in connection.execute(select(sheets))
    }


def stored_sheet(row: Row[Any]) -> StoredSheet:
    """A row of `sheets` as the rest of the program knows it."""
    back = None if row.back_name is None else StoredPage(row.back_name, row.back_sha256, row.back_problem)
    front = StoredPage(row.front_name, row.front_sha256, row.front_problem)
    return StoredSheet(row.id, row.box, row.sequence, front, back)


def _find(
    connection: Connection, box: int, front: StoredPage, back: StoredPage | None, occurrence: int
) -> StoredSheet | None:
    """The same delivery; of pages that could not be opened only the problem tells which file it was."""
    query = select(sheets).where(
        sheets.c.box == box,
        sheets.c.front_name == front.name,
        sheets.c.front_sha256 == front.sha256,
        sheets.c.front_problem == front.problem,
        sheets.c.back_name.is_(None) if back is None else sheets.c.back_name == back.name,
        sheets.c.back_sha256.is_(None) if back is None else sheets.c.back_sha256 == back.sha256,
        sheets.c.back_problem.is_(None) if back is None else sheets.c.back_problem == back.problem,
        sheets.c.occurrence == occurrence,
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else stored_sheet(row)


def _pictures(front: StoredPage, back: StoredPage | None) -> str | None:
    """Names a pair of pictures whichever comes first; None where one could not be taken out."""
    pages = [front] if back is None else [front, back]
    if any(page.problem for page in pages):
        return None
    return " ".join(sorted(page.sha256 for page in pages))


def _box(row: Row[Any], closed: frozenset[int]) -> BallotBox:
    return BallotBox(
        row.number,
        row.election,
        row.area,
        row.district,
        CountCategory(row.category),
        row.label,
        row.number in closed,
    )
