"""Runs of scanning into a box, as the journal tells them: begun, and come to their end or not."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from ballot.box import ScanRun
from ballot.journal import Event, EventKind
from store.journal_table import append, events_of_box
from store.schema import journal


def begin_scan(connection: Connection, box: int, sources: Sequence[str], by: str) -> ScanRun:
    """Notes that a run of scanning begins.

    Args:
        sources: The files and folders that were given, absolute.
    """
    begun = select(func.count()).where(journal.c.kind == EventKind.SCAN_BEGUN.value, journal.c.box == box)
    number = connection.execute(begun).scalar_one() + 1
    payload = {"scan": number, "sources": sorted(set(sources))}
    return _run(box, append(connection, EventKind.SCAN_BEGUN, by, payload, box=box))


def end_scan(connection: Connection, run: ScanRun) -> None:
    """Notes that a run took in all its files, read them, and looked for missing pages."""
    append(connection, EventKind.SCAN_ENDED, run.by, {"scan": run.number}, box=run.box)


def unfinished_scans(connection: Connection, box: int) -> tuple[ScanRun, ...]:
    """The runs of a box that have not come to their end, in order.

    A run that was cut off has done its work once a later one of at least the same files and folders
    came to its end. Those that still go on are among them, too.
    """
    begun: dict[int, ScanRun] = {}
    for event in events_of_box(connection, box, (EventKind.SCAN_BEGUN, EventKind.SCAN_ENDED)):
        number = json.loads(event.payload)["scan"]
        if event.kind is EventKind.SCAN_BEGUN:
            begun[number] = _run(box, event)
        elif number in begun:
            done = set(begun[number].sources)
            begun = {n: run for n, run in begun.items() if n > number or not set(run.sources) <= done}
    return tuple(begun.values())


def _run(box: int, event: Event) -> ScanRun:
    payload = json.loads(event.payload)
    return ScanRun(box, payload["scan"], tuple(payload["sources"]), event.at, event.by)
