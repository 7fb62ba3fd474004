"""A station's folder: the database and the image vault behind one door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, select

from ballot.box import BallotBox, ScanRun, SheetCase, StoredPage, StoredReading, StoredSheet
from ballot.errors import StationError
from ballot.journal import Event, EventKind
from ballot.ruling import Ruling, Verdict, twin_of
from ballot.sheet import PageImage, SheetScan
from store import journal_table, reading_table, ruling_table, scan_runs, schema, sheet_table
from store.database import Database, newest_form
from store.reading_table import NewReading
from store.twins import Twins, twins
from store.vault import ImageVault, sha256

DATABASE_NAME = "station.db"
VAULT_NAME = "images"


@dataclass(frozen=True, slots=True)
class StationFiles:
    """What a station was made from, byte for byte."""

    election: bytes
    election_sha256: str
    layout: bytes
    layout_sha256: str


@dataclass(frozen=True, slots=True)
class StoredRows:
    """What lies in the database at one moment, as far as the journal says what it must be, and the journal.

    Attributes:
        events: The journal, in order.
        taken_in: Every sheet, by box and scanning order.
        boxes: What the journal must say of each box.
        sheets: The box of each sheet, and what the journal must say of it.
        readings: The hash of each reading.
        reading_origins: Sheet, reader and layout of each reading.
        strayed: Readings beside which another ballot id stands than the one that was read.
        rulings: The hash of each ruling.
    """

    events: tuple[Event, ...]
    taken_in: tuple[StoredSheet, ...]
    boxes: dict[int, str]
    sheets: dict[str, tuple[int, str]]
    readings: dict[int, str]
    reading_origins: dict[int, tuple[str, str, str]]
    strayed: tuple[int, ...]
    rulings: dict[int, str]


class StationStore:
    """Everything a station keeps. Rows never leave: it takes and gives the types of `ballot`.

    Every method is one transaction. Nothing is ever changed or deleted.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vault = ImageVault(folder / VAULT_NAME)
        self._database = Database(folder / DATABASE_NAME)
        # Readings never change, so those seen once need not be parsed again.
        self._readings: dict[str, StoredReading] = {}

    @classmethod
    def create(cls, folder: Path, election: bytes, layout: bytes, by: str) -> Self:
        """Makes a station in a folder that is missing or empty.

        Raises:
            StationError: There is a station, or something else, in the folder.
        """
        try:
            if (folder / DATABASE_NAME).exists():
                cls._refuse_existing(folder)
            elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
                raise StationError(
                    f"{folder} is not an empty folder.", "Give the name of a new folder for the station."
                )
            store = cls(folder)
            folder.mkdir(parents=True, exist_ok=True)
            store.vault.create()
        except OSError as error:
            raise StationError(
                f"{folder} cannot be written ({error.strerror or error}).",
                "Give another folder for the station.",
            ) from error
        store._database.migrate()
        hashes = {"election_sha256": sha256(election), "layout_sha256": sha256(layout)}
        with store._database.writing() as connection:
            connection.execute(
                schema.station.insert().values(
                    id=1, created_at=journal_table.now(), election_file=election, layout_file=layout, **hashes
                )
            )
            journal_table.append(connection, EventKind.STATION_CREATED, by, hashes)
        return store

    @classmethod
    def _refuse_existing(cls, folder: Path) -> None:
        """Lets a station that was killed while it was made be made again, and no other."""
        with cls(folder) as store:
            if store._database.form() is None:
                return
            with store._database.reading() as connection:
                if connection.execute(select(schema.station.c.id)).first() is None:
                    return
        raise StationError(
            f"There is a counting station in {folder} already.",
            "Nothing was changed. Use it, or another folder.",
        )

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Opens a station, bringing an older database to the newest form.

        Raises:
            StationError: There is no station in the folder, or it is of a newer version.
        """
        try:
            there = (folder / DATABASE_NAME).is_file()
        except OSError as error:
            raise StationError(
                f"{folder} cannot be opened ({error.strerror or error}).", "Check its name and rights."
            ) from error
        if not there:
            raise StationError(
                f"There is no counting station in {folder}.", "Make one: valgskann init DIR ELECTION"
            )
        store = cls(folder)
        try:
            form, newest = store._database.form(), newest_form()
            if form is None or (newest is not None and form > newest):
                raise StationError(
                    f"The station in {folder} has tables of form {form or 'none'}, not {newest}.",
                    "Run «valgskann init» again if it was interrupted; else use the version that made it.",
                )
            if form != newest:
                store._database.migrate()
        except StationError:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Lets go of the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def files(self) -> StationFiles:
        """The election and layout files, checked against their hashes.

        Raises:
            StationError: The station was not made to the end, or the files have changed.
        """
        with self._database.reading() as connection:
            row = connection.execute(select(schema.station)).one_or_none()
        if row is None:
            raise StationError(
                f"The station in {self.folder} was not made to the end.", "Run «valgskann init» again."
            )
        files = StationFiles(row.election_file, row.election_sha256, row.layout_file, row.layout_sha256)
        if (sha256(files.election), sha256(files.layout)) != (files.election_sha256, files.layout_sha256):
            raise StationError(
                "The station's election or layout file has changed since the station was made.",
                "Restore the station from a copy.",
            )
        return files

    # Boxes

    def open_box(self, box: BallotBox, by: str) -> None:
        """Enters a new box; its number must be free."""
        with self._database.writing() as connection:
            sheet_table.add_box(connection, box, by)

    def close_box(self, number: int, by: str, leave_scans: bool = False) -> None:
        """Lets no more sheets into a box; refused while sheets of it wait to be read.

        Args:
            leave_scans: Also when a scan into it has not come to its end.
        """
        with self._database.writing() as connection:
            sheet_table.close_box(connection, number, by, leave_scans)

    def boxes(self) -> tuple[BallotBox, ...]:
        """Every box, by number."""
        with self._database.reading() as connection:
            return sheet_table.all_boxes(connection)

    def box(self, number: int) -> BallotBox:
        """One box; StationError when there is none with this number."""
        with self._database.reading() as connection:
            return sheet_table.get_box(connection, number)

    # Runs of scanning

    def begin_scan(self, box: int, sources: Sequence[str], by: str) -> ScanRun:
        """Journals that a scan of these files and folders begins; StationError when there is no such box."""
        with self._database.writing() as connection:
            sheet_table.get_box(connection, box)
            return scan_runs.begin_scan(connection, box, sources, by)

    def end_scan(self, run: ScanRun) -> None:
        """Journals that a scan took in all its files, read them, and looked for missing pages."""
        with self._database.writing() as connection:
            scan_runs.end_scan(connection, run)

    def unfinished_scans(self, box: int) -> tuple[ScanRun, ...]:
        """The scans into a box that have not come to their end, in order."""
        with self._database.reading() as connection:
            return scan_runs.unfinished_scans(connection, box)

    # Sheets

    def take_in(self, box: int, scan: SheetScan, occurrence: int, by: str) -> tuple[StoredSheet, bool]:
        """Keeps a sheet's bytes write-once, then enters and journals it in one transaction.

        Args:
            occurrence: How many sheets with the same names and bytes came before it in the
                same import; tells a repeated import from a repeated sheet.

        Returns:
            The sheet, and whether it is new (False: an earlier run took it in).

        Raises:
            StationError: The box is closed, or the disk refuses.
        """
        front = self._keep(scan.front)
        back = None if scan.back is None else self._keep(scan.back)
        with self._database.writing() as connection:
            return sheet_table.add_sheet(connection, box, front, back, occurrence, by)

    def unread(self, box: int) -> tuple[StoredSheet, ...]:
        """Sheets of a box that wait to be read, in scanning order."""
        with self._database.reading() as connection:
            return sheet_table.unread_sheets(connection, box)

    def sheets(self, box: int | None = None) -> tuple[StoredSheet, ...]:
        """All sheets, or those of one box, by box and scanning order."""
        with self._database.reading() as connection:
            return tuple(sheet_table.stored_sheets(connection, box))

    def scan_of(self, sheet: StoredSheet) -> SheetScan:
        """The sheet as it came from the scanner, its bytes checked."""
        return SheetScan(self._page(sheet.front), None if sheet.back is None else self._page(sheet.back))

    def add_reading(self, sheet_id: str, new: NewReading) -> int:
        """Keeps a reading, journals it and the duplicates it reveals; returns its number."""
        with self._database.writing() as connection:
            return reading_table.add_reading(connection, sheet_id, new)

    def full_readings(self, sheet_ids: Sequence[str]) -> tuple[StoredReading | None, ...]:
        """The readings of these sheets with every measurement; None for those that wait."""
        with self._database.reading() as connection:
            return tuple(reading_table.reading_of(connection, sheet_id) for sheet_id in sheet_ids)

    # Review

    def case(self, sheet_id: str) -> SheetCase:
        """One sheet with everything known about it, measurements too."""
        with self._database.reading() as connection:
            return _case(connection, sheet_id, twins(connection))

    def cases(self, box: int | None = None) -> tuple[SheetCase, ...]:
        """All sheets, or those of one box, without the measurements of their readings."""
        with self._database.reading() as connection:
            boxes = {entry.number: entry for entry in sheet_table.all_boxes(connection)}
            read = self._light_readings(connection)
            ruled = ruling_table.all_rulings(connection)
            alike = twins(connection)
            return tuple(
                _assemble(
                    sheet,
                    boxes[sheet.box],
                    read.get(sheet.id),
                    ruled.get(sheet.id, ()),
                    alike,
                )
                for sheet in sheet_table.stored_sheets(connection, box)
            )

    def add_ruling(self, ruling: Ruling, allowed: Callable[[SheetCase], None]) -> Ruling:
        """Adds a ruling if it is allowed on the sheet as it stands at that moment.

        Args:
            allowed: Raises when the ruling may not be made. Runs inside the transaction, so
                two people cannot each withdraw one of a pair.

        Raises:
            StationError: Someone else has ruled on the issue in the meantime.
        """
        return self.add_rulings([(ruling, allowed)])[-1]

    def add_rulings(self, made: Sequence[tuple[Ruling, Callable[[SheetCase], None]]]) -> list[Ruling]:
        """Adds rulings one after the other, each if it is allowed; all of them, or none."""
        stored: list[Ruling] = []
        with self._database.writing() as connection:
            alike: Twins | None = None
            for ruling, allowed in made:
                # Looking for twins is most of the work, and others wait for the lock.
                if alike is None or not _leaves_twins(stored[-1]):
                    alike = twins(connection)
                allowed(_case(connection, ruling.sheet_id, alike))
                stored.append(ruling_table.add_ruling(connection, ruling))
        return stored

    # Journal

    def events(self, sheet_id: str | None = None) -> tuple[Event, ...]:
        """The journal, or what happened to one sheet, in order."""
        with self._database.reading() as connection:
            if sheet_id is not None:
                return journal_table.events_of_sheet(connection, sheet_id)
            return tuple(journal_table.events(connection))

    def rows(self) -> StoredRows:
        """All rows as they lie in the database now, to be held against the journal of the same moment."""
        with self._database.reading() as connection:
            return StoredRows(
                tuple(journal_table.events(connection)),
                tuple(sheet_table.stored_sheets(connection, None)),
                sheet_table.journalled_boxes(connection),
                sheet_table.journalled_sheets(connection),
                reading_table.reading_hashes(connection),
                reading_table.reading_origins(connection),
                reading_table.strayed_ids(connection),
                ruling_table.ruling_hashes(connection),
            )

    def _light_readings(self, connection: Connection) -> dict[str, StoredReading]:
        """Every reading that this transaction sees; another thread may have remembered newer ones."""
        known = self._readings
        seen = max((entry.number for entry in known.values()), default=0)
        self._readings = known = known | dict(reading_table.readings_after(connection, seen))
        newest = reading_table.newest(connection)
        return {sheet: entry for sheet, entry in known.items() if entry.number <= newest}

    def _keep(self, page: PageImage) -> StoredPage:
        return StoredPage(page.name, self.vault.put(page.data), page.problem)

    def _page(self, page: StoredPage) -> PageImage:
        return PageImage(page.name, self.vault.get(page.sha256), page.problem)


def _leaves_twins(ruling: Ruling) -> bool:
    """Whether a ruling changes nothing in which sheets are asked about as twins of which."""
    proposed = ruling.verdict is Verdict.PROPOSE_WITHDRAWAL
    return proposed or (ruling.verdict is Verdict.WITHDRAW and twin_of(ruling.issue) is None)


def _case(connection: Connection, sheet_id: str, alike: Twins) -> SheetCase:
    sheet = sheet_table.get_sheet(connection, sheet_id)
    return _assemble(
        sheet,
        sheet_table.get_box(connection, sheet.box),
        reading_table.reading_of(connection, sheet_id),
        ruling_table.all_rulings(connection, sheet_id).get(sheet_id, ()),
        alike,
    )


def _assemble(
    sheet: StoredSheet,
    box: BallotBox,
    reading: StoredReading | None,
    rulings: tuple[Ruling, ...],
    alike: Twins,
) -> SheetCase:
    return SheetCase(
        sheet,
        box,
        reading,
        tuple(r for r in rulings if reading is not None and r.reading == reading.number),
        alike.asked(sheet.id),
        alike.stood_for(sheet.id),
    )
