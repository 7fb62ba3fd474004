"""Sheets to readings, on one core or many, in the order they came.

The parent hands each sheet to a pool of worker processes and takes the readings back in
order. Workers get everything they need with their start and with each sheet: they open no
database and share no disk. What goes wrong with one sheet stays with that sheet: an
exception in the reader, or even a worker that is killed, gives a reading with the doubt
``unreadable`` that says so, and the run goes on.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace

from ballot.election import Election
from ballot.errors import StationError, UsageError
from ballot.layout import LayoutSet
from ballot.reading import Reading
from ballot.sheet import SheetScan
from recognition.count_stamps import NO_STAMPS, CountStamps
from recognition.profile import DEFAULT_PROFILE, Profile
from station.worker import (
    LONGEST_SHEET_S,
    Outcome,
    ReadOne,
    one_thread_a_process,
    process_context,
    read_in_worker,
    start_worker,
    unreadable,
)

# Sheets handed out a worker: enough that no worker waits for the parent, few enough that a
# colour scan of 600 dpi (20 MB a sheet) does not fill the memory.
_IN_FLIGHT_PER_WORKER = 4

ReaderRecipe = Callable[[], ReadOne]
"""Builds a reader. Called once in every worker, so it must survive pickling."""


@dataclass(frozen=True, slots=True)
class RecognitionRecipe:
    """The recipe of the real reader: compiles the layouts, then reads with a profile.

    Attributes:
        name_model: The network for handwritten names, from `station.name_model.load_name_model`.
        name_error: Largest share of wrong names among the rows that are accepted; it goes before
            the profile's own.
        profile: The reader's other thresholds.
        stamps: Those of the count, from `station.count_stamps`.
    """

    election: Election
    layouts: LayoutSet
    name_model: bytes
    name_error: float
    profile: Profile = DEFAULT_PROFILE
    stamps: CountStamps = NO_STAMPS

    def __call__(self) -> ReadOne:
        """Compiles the layouts in this process."""
        import cv2

        from recognition.names.row import name_reader
        from recognition.reader import compile_layouts, read_sheet

        cv2.setNumThreads(1)
        compiled = compile_layouts(self.election, self.layouts)
        names = name_reader(self.election, self.name_model)
        profile = replace(self.profile, name_error=self.name_error)
        stamps = self.stamps
        return lambda sheet: read_sheet(sheet, compiled, profile, names, stamps=stamps)


def recognition_recipe(
    election: Election,
    layouts: LayoutSet,
    name_error: float,
    profile: Profile = DEFAULT_PROFILE,
    stamps: CountStamps = NO_STAMPS,
) -> RecognitionRecipe:
    """The recipe of the real reader, with its networks checked before anything is read.

    Raises:
        ModelError: A network is missing or altered.
    """
    from recognition.mark_network import mark_network
    from station.name_model import load_name_model

    mark_network()
    return RecognitionRecipe(election, layouts, load_name_model(), name_error, profile, stamps)


def read_many(
    sheets: Iterable[SheetScan],
    election: Election,
    layouts: LayoutSet,
    workers: int,
    name_error: float = DEFAULT_PROFILE.name_error,
    profile: Profile | None = None,
    stamps: CountStamps = NO_STAMPS,
) -> Iterator[Reading]:
    """Reads sheets with the real reader; readings come in the order of the sheets.

    Args:
        workers: Number of processes; 1 reads in this process.
        name_error: Largest share of wrong names among the rows that are accepted.
        profile: The reader's other thresholds; those that ``VALGSKANN_PROFILE`` names when None.
        stamps: Those of the count, from `station.count_stamps`.

    Raises:
        UsageError: `workers` is less than 1.
        ModelError: A network is missing or altered.
        CalibrationError: ``VALGSKANN_PROFILE`` names a file that cannot be used.
    """
    from station.profile_file import configured_profile

    used = configured_profile() if profile is None else profile
    recipe = recognition_recipe(election, layouts, name_error, used, stamps)
    for outcome in read_with(sheets, recipe, workers):
        yield outcome.reading


def read_with(
    sheets: Iterable[SheetScan], recipe: ReaderRecipe, workers: int, limit_s: float = LONGEST_SHEET_S
) -> Generator[Outcome, None, None]:
    """Reads sheets with any reader; outcomes come in the order of the sheets.

    `sheets` is drawn from only as fast as readings are taken: at most four sheets a worker
    are in memory. When it fails, the sheets that it gave are read first: the same failure would keep
    a few of them from being read in the next run, too.

    Args:
        limit_s: A sheet that takes longer in a worker process is given up, and doubted. With one
            worker sheets are read in this process, where nothing can stop them.

    Raises:
        UsageError: `workers` is less than 1.
        StationError: The worker processes cannot be started.
    """
    if workers < 1:
        raise UsageError(f"{workers} workers cannot read anything.", "Give --workers 1 or more.")
    one_thread_a_process()
    if workers == 1:
        return _read_here(sheets, recipe)
    return _read_in_pool(sheets, _Pool(recipe, workers, limit_s))


def _read_here(sheets: Iterable[SheetScan], recipe: ReaderRecipe) -> Generator[Outcome, None, None]:
    read_one = recipe()
    for sheet in sheets:
        yield read_in_worker(sheet, read_one)


def _read_in_pool(sheets: Iterable[SheetScan], pool: _Pool) -> Generator[Outcome, None, None]:
    waiting: deque[tuple[SheetScan, Future[Outcome]]] = deque()
    source = iter(sheets)
    refused: Exception | None = None
    try:
        while True:
            while refused is None and len(waiting) < pool.workers * _IN_FLIGHT_PER_WORKER:
                try:
                    sheet = next(source, None)
                except Exception as error:  # noqa: BLE001 - raised again when what was handed out is read
                    refused = error
                    break
                if sheet is None:
                    break
                waiting.append((sheet, pool.submit(sheet)))
            if not waiting:
                if refused is not None:
                    raise refused
                return
            sheet, future = waiting.popleft()
            try:
                outcome = future.result()
            except BrokenProcessPool:
                suspects = [sheet, *(waiting_sheet for waiting_sheet, _ in waiting)]
                waiting.clear()
                yield from _read_one_by_one(pool, suspects)
                continue
            yield outcome
    finally:
        pool.close()


def _read_one_by_one(pool: _Pool, suspects: list[SheetScan]) -> Iterator[Outcome]:
    """Reads, alone in a fresh pool, the sheets that were about when a worker died.

    The one that kills its worker again is the culprit and gets the doubt. Reading is pure, so
    reading the innocent ones a second time changes nothing.
    """
    pool.rebuild()
    for sheet in suspects:
        try:
            yield pool.submit(sheet).result()
        except BrokenProcessPool:
            yield _killed_its_worker(sheet)
            pool.rebuild()


def _killed_its_worker(sheet: SheetScan) -> Outcome:
    names = sheet.front.name if sheet.back is None else f"{sheet.front.name}, {sheet.back.name}"
    fault = (
        f"The process reading {names} was killed or took too long, twice; no other sheet was being read "
        "the second time."
    )
    return Outcome(unreadable(sheet, fault), fault)


class _Pool:
    """A process pool that can be replaced when a worker has died."""

    def __init__(self, recipe: ReaderRecipe, workers: int, limit_s: float) -> None:
        self._recipe = recipe
        self.workers = workers
        self._limit_s = limit_s
        self._executor = self._start()

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.workers,
            mp_context=process_context(),
            initializer=start_worker,
            initargs=(self._recipe, self._limit_s),
        )

    def submit(self, sheet: SheetScan) -> Future[Outcome]:
        try:
            return self._executor.submit(read_in_worker, sheet)
        except BrokenProcessPool as error:
            # The pool broke between two submissions: let the caller meet it in the result.
            failed: Future[Outcome] = Future()
            failed.set_exception(error)
            return failed

    def rebuild(self) -> None:
        """Replaces the processes, and sees that they start: no sheet is at fault when they cannot.

        Raises:
            StationError: They cannot.
        """
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor = self._start()
        try:
            self._executor.submit(os.getpid).result()
        except BrokenProcessPool as error:
            raise StationError(
                "The processes that read sheets cannot be started (out of memory?). Sheets that "
                "were not read wait; none was given up.",
                "Close other programs, or read with --workers 1, and run the command again.",
            ) from error

    def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)
