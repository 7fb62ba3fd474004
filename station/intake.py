"""Takes scanned sheets into a box and has them read: the way of a sheet up to its reading.

Every sheet is kept write-once and journalled before it is read, and every reading is stored
the moment it comes. A run may be killed at any point: the next run finds what is there, reads
what waits, and takes in the rest.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ballot.box import StoredSheet
from ballot.sheet import PageImage, SheetScan
from station.pipeline import ReaderRecipe, read_with
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
    """

    new: int
    known: int
    read: int
    accepted: int
    faults: int
    new_unopened: int


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

    def run(self, scans: Iterable[SheetScan], progress: Callable[[int], None] | None = None) -> IntakeReport:
        """Takes in and reads sheets, in order.

        Args:
            scans: The import's sheets; the same files in the same order name the same sheets.
            progress: Told the number of sheets read so far.

        Raises:
            StationError: There is no such box, it is closed, or the disk refuses.
        """
        self.store.box(self.box)  # a missing box is found before the first sheet
        counts: Counter[str] = Counter()
        in_work: deque[StoredSheet] = deque()
        outcomes = read_with(self._to_read(scans, in_work, counts), self.recipe, self.workers)
        for outcome in outcomes:
            sheet = in_work.popleft()
            self.store.add_reading(sheet.id, outcome.reading, self.reader, self.layout_sha256, outcome.fault)
            counts["read"] += 1
            counts["accepted"] += outcome.reading.accepted
            counts["faults"] += bool(outcome.fault)
            if progress is not None:
                progress(counts["read"])
        fields = ("new", "known", "read", "accepted", "faults", "new_unopened")
        return IntakeReport(*(counts[field] for field in fields))

    def _to_read(
        self, scans: Iterable[SheetScan], in_work: deque[StoredSheet], counts: Counter[str]
    ) -> Iterator[SheetScan]:
        """What an interrupted run left unread, then the new sheets, each taken in before it is handed on."""
        for sheet in self.store.unread(self.box):
            in_work.append(sheet)
            yield self.store.scan_of(sheet)
        seen: Counter[tuple[str, ...]] = Counter()
        for scan in scans:
            key = _identity(scan)
            sheet, new = self.store.take_in(self.box, scan, seen[key], self.by)
            seen[key] += 1
            if not new:
                counts["known"] += 1
                continue
            counts["new"] += 1
            counts["new_unopened"] += bool(scan.front.problem or (scan.back and scan.back.problem))
            in_work.append(sheet)
            yield scan


def _identity(scan: SheetScan) -> tuple[str, ...]:
    """Names and bytes of both sides, and of damaged ones what is wrong with which file.

    Two sheets of one import that share these are kept as two (and doubted as duplicates): no
    file that went in may vanish. The same sheet in a repeated import is the same sheet.
    """
    pages: tuple[PageImage, ...] = (scan.front,) if scan.back is None else (scan.front, scan.back)
    return tuple(part for page in pages for part in (page.name, sha256(page.data), page.problem))
