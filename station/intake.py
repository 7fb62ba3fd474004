"""Takes scanned sheets into a box and has them read: the way of a sheet up to its reading.

Every sheet is kept write-once and journalled before it is read, and every reading is stored
the moment it comes. A run may be killed at any point: the next run finds what is there, reads
what waits, and takes in the rest. At its end it looks whether a page is missing from the import.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from itertools import chain, repeat

from ballot.box import StoredSheet
from ballot.sheet import PageImage, SheetScan
from station.page_runs import with_doubts
from station.pipeline import ReaderRecipe, read_with
from store.reading_table import NewReading
from store.station_store import StationStore
from store.vault import sha256


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """What a run did.

    Attributes:
        new: Sheets taken in.
        known: Sheets that an earlier run had taken in.
        read: Sheets read now, those waiting from an earlier run included.
        accepted: Of these, how many were read without doubt.
        faults: Sheets on which the program itself failed; they go to review.
        new_unopened: New sheets with a page that could not be taken out of its file.
        moved: Sheets that were doubted because a page is missing from the import, or there twice.
        left: Sheets read now that another run took in and this one's files do not hold. That run has not come
            to its end: it may have more to take in, and has not looked for missing pages.
    """

    new: int
    known: int
    read: int
    accepted: int
    faults: int
    new_unopened: int
    moved: int
    left: int


@dataclass(slots=True)
class Intake:
    """A run of scanning into one box.

    Attributes:
        reader: Name and version of the reader, for the journal.
        by: Who runs it.
    """

    store: StationStore
    box: int
    recipe: ReaderRecipe
    workers: int
    reader: str
    layout_sha256: str
    by: str

    def run(
        self,
        scans: Iterable[SheetScan],
        progress: Callable[[int], None] | None = None,
        runs: Iterable[int | None] = (),
    ) -> IntakeReport:
        """Takes in and reads sheets, in order.

        Args:
            scans: The import's sheets; the same files in the same order name the same sheets.
            progress: Told the number of sheets read so far.
            runs: For each sheet of `scans` the run of pages it was paired in, from
                `scanner.page_series.PairedSheet`; a page missing from one is looked for at the end.

        Raises:
            StationError: There is no such box, it is closed, or the disk refuses.
        """
        self.store.box(self.box)  # a missing box is found before the first sheet
        state = _State()
        placed = zip(scans, chain(runs, repeat(None)), strict=False)
        for outcome in read_with(self._to_read(placed, state), self.recipe, self.workers):
            sheet = state.in_work.popleft()
            new = NewReading(outcome.reading, self.reader, self.layout_sha256, outcome.fault)
            self.store.add_reading(sheet.id, new)
            state.counts["read"] += 1
            state.counts["faults"] += bool(outcome.fault)
            if outcome.reading.accepted:
                state.accepted.add(sheet.id)
            if progress is not None:
                progress(state.counts["read"])
        for sheet_ids in state.paired.values():
            moved = self._doubt_moved(sheet_ids)
            state.counts["moved"] += len(moved)
            state.accepted -= moved
        state.counts["accepted"], state.counts["left"] = len(state.accepted), len(state.left)
        return IntakeReport(*(state.counts[field.name] for field in fields(IntakeReport)))

    def _doubt_moved(self, sheet_ids: Sequence[str]) -> set[str]:
        """Doubts the sheets of a run whose pages may be of two ballots, also those an earlier run read.

        A run of which another process still reads sheets is left to that process.
        """
        stored = [entry for entry in self.store.full_readings(sheet_ids) if entry is not None]
        if len(stored) < len(sheet_ids):
            return set()
        checked = with_doubts([entry.reading for entry in stored])
        moved = set()
        for sheet_id, entry, reading in zip(sheet_ids, stored, checked, strict=True):
            if reading is not entry.reading:
                new = NewReading(reading, entry.reader, entry.layout_sha256, instead_of=entry.number)
                self.store.add_reading(sheet_id, new)
                moved.add(sheet_id)
        return moved

    def _to_read(self, placed: Iterable[tuple[SheetScan, int | None]], state: _State) -> Iterator[SheetScan]:
        """What an interrupted run left unread, then the new sheets, each taken in before it is handed on."""
        for sheet in self.store.unread(self.box):
            state.in_work.append(sheet)
            state.left.add(sheet.id)
            yield self.store.scan_of(sheet)
        seen: Counter[tuple[str, ...]] = Counter()
        for scan, run in placed:
            key = _identity(scan)
            sheet, new = self.store.take_in(self.box, scan, seen[key], self.by)
            seen[key] += 1
            state.left.discard(sheet.id)
            if run is not None:
                state.paired.setdefault(run, []).append(sheet.id)
            if not new:
                state.counts["known"] += 1
                continue
            state.counts["new"] += 1
            state.counts["new_unopened"] += bool(scan.front.problem or (scan.back and scan.back.problem))
            state.in_work.append(sheet)
            yield scan


@dataclass(slots=True)
class _State:
    """Where a run of scanning stands.

    Attributes:
        in_work: Sheets handed out and not read yet, in order.
        accepted: Sheets read now, without doubt.
        paired: The sheets of each run of pages.
        left: Sheets that another run left unread and that this one has not met among its own.
    """

    in_work: deque[StoredSheet] = field(default_factory=deque)
    counts: Counter[str] = field(default_factory=Counter)
    accepted: set[str] = field(default_factory=set)
    paired: dict[int, list[str]] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)


def _identity(scan: SheetScan) -> tuple[str, ...]:
    """Names and bytes of both sides, and of damaged ones what is wrong with which file.

    Two sheets of one import that share these are kept as two (and doubted as duplicates): no
    file that went in may vanish. The same sheet in a repeated import is the same sheet.
    """
    pages: tuple[PageImage, ...] = (scan.front,) if scan.back is None else (scan.front, scan.back)
    return tuple(part for page in pages for part in (page.name, sha256(page.data), page.problem))
