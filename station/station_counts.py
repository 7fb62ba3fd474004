"""From a station's sheets to counts, when every sheet is decided."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from ballot.errors import StationError
from ballot.ruling import OPEN_STATES, SheetState
from review.desk import BoxProgress, Desk, DeskEntry
from review.settle import WITHDRAWAL
from station.station_folder import Station, open_station
from tally.count import count_records
from tally.counts import Counts, SheetTotals

_WAITS_FOR = {
    SheetState.WAITING: ("not read", "valgskann scan {folder} --box {box} SCANS"),
    SheetState.NEEDS_REVIEW: ("waiting for review", "valgskann review list {folder} --box {box}"),
    SheetState.PROPOSED_REJECTION: (
        "waiting for the electoral committee",
        "valgskann review list {folder} --box {box} --state proposed_rejection",
    ),
}


def counts_of_station(station_dir: Path, allow_open: bool = False) -> Counts:
    """Counts the sheets of a station's folder.

    Args:
        allow_open: Count what is decided and leave out the rest; the counts then say in
            `sheets.pending` how many are missing.

    Raises:
        StationError: Sheets wait for somebody; says how many, in which box, and what to run.
        CountsError: The records contradict the election.
    """
    with open_station(station_dir) as station:
        return counts_of(station, allow_open)


def counts_of(station: Station, allow_open: bool = False) -> Counts:
    """As `counts_of_station`, of a station that is open."""
    entries = Desk(station.store, station.election).entries()
    if not entries:
        raise StationError(
            f"No sheet has been scanned in the station {station.store.folder}.",
            "Open a box and scan: valgskann box open …, valgskann scan …",
        )
    states = Counter(entry.standing.state for entry in entries)
    pending = sum(states[state] for state in OPEN_STATES)
    if pending and not allow_open:
        raise StationError(_what_is_open(station.store.folder, entries, pending), "Nothing was counted.")
    records = [entry.standing.record for entry in entries if entry.standing.record is not None]
    totals = SheetTotals(
        read=len(entries),
        accepted=states[SheetState.ACCEPTED],
        reviewed=states[SheetState.SETTLED] + states[SheetState.REJECTED],
        pending=pending,
        withdrawn=states[SheetState.WITHDRAWN],
        proposed_for_rejection=sum(
            any(p.reason != WITHDRAWAL for p in entry.standing.proposals)
            and entry.standing.state is not SheetState.WITHDRAWN
            for entry in entries
        ),
    )
    return count_records(station.election, records, sheets=totals)


def unclosed_boxes(station: Station) -> tuple[BoxProgress, ...]:
    """The boxes that may still get sheets: a count with one of these may not be whole.

    To be asked before the counting: a box that is closed in the middle of it may have got its last sheets
    after they were counted.
    """
    return tuple(found for found in Desk(station.store, station.election).progress() if not found.box.closed)


def unclosed_notices(station: Station) -> tuple[str, ...]:
    """The same in sentences for a result, in its language."""
    return tuple(
        f"Kasse {found.box.number} er ikke lukket ({found.sheets} sedler er skannet). "
        "Resultatet er ikke endelig før alle kasser er skannet og lukket."
        for found in unclosed_boxes(station)
    )


def _what_is_open(folder: Path, entries: tuple[DeskEntry, ...], pending: int) -> str:
    by_box = Counter((entry.case.box.number, entry.standing.state) for entry in entries)
    lines = [f"{pending} of {len(entries)} sheets are not decided, so the station cannot be settled:"]
    for (box, state), count in sorted(by_box.items()):
        if state in _WAITS_FOR:
            what, command = _WAITS_FOR[state]
            lines.append(f"  box {box}: {count} {what} — {command.format(folder=folder, box=box)}")
    return "\n".join(lines)
