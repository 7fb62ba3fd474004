"""What runs inside a worker process of the pipeline."""

from __future__ import annotations

import faulthandler
import logging
import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import BaseContext

from ballot.reading import Doubt, DoubtCode, Reading, SheetKind, StampState
from ballot.sheet import SheetScan

ReadOne = Callable[[SheetScan], Reading]

_log = logging.getLogger(__name__)

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_THREAD_LIMIT")

LONGEST_SHEET_S = 120.0
"""A sheet takes about half a second; one that takes this long never ends."""

_reader: ReadOne | None = None
_limit_s = LONGEST_SHEET_S


@dataclass(frozen=True, slots=True)
class Outcome:
    """A reading, and why the reader itself failed where it did.

    Attributes:
        fault: Empty, or what broke in the program (not what is wrong with the sheet): the last
            lines of the traceback, or that the worker was killed.
    """

    reading: Reading
    fault: str = ""


def usable_cores() -> int:
    """Cores this process may run on: the number of workers when none is asked for."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def one_thread_a_process() -> None:
    """Makes numeric libraries use one thread each.

    Must be called before numpy is first imported, and is inherited by worker processes. The
    libraries' own threads compete with the workers: they made the same run 1.7 times dearer.
    """
    for name in _THREAD_VARIABLES:
        os.environ.setdefault(name, "1")


def process_context() -> BaseContext:
    """How workers are started: from a clean server process where the system has it.

    Never by a plain fork: the parent holds a database connection and threads.
    """
    methods = multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")


def start_worker(recipe: Callable[[], ReadOne], limit_s: float = LONGEST_SHEET_S) -> None:
    """Initialises a worker: builds its reader once and ties its life to the parent's.

    Args:
        limit_s: A sheet that takes longer ends the worker, as one does that crashes it.
    """
    global _reader, _limit_s  # noqa: PLW0603 - a pool's initialiser has no other place to leave the reader
    _limit_s = limit_s
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    one_thread_a_process()
    _die_with_parent()
    _reader = recipe()


def read_in_worker(sheet: SheetScan, read_one: ReadOne | None = None) -> Outcome:
    """Reads one sheet; an exception in the reader becomes a doubt of that sheet.

    A fault in the reader must not end the run of a box: the sheet goes to a person, with the
    fault named, and the traceback is kept for the journal.
    """
    if read_one is None:
        return _read_watched(sheet)
    try:
        return Outcome(read_one(sheet))
    except Exception as error:  # noqa: BLE001 - any fault of the reader is this sheet's doubt
        _log.warning("reading failed: %s", type(error).__name__)
        return _failed(sheet, error)


def _read_watched(sheet: SheetScan) -> Outcome:
    """Reads in a worker, which ends when a sheet takes too long: nothing else stops foreign code."""
    if _reader is None:
        raise RuntimeError("the worker was not initialised")
    faulthandler.dump_traceback_later(_limit_s, exit=True)
    try:
        return read_in_worker(sheet, _reader)
    finally:
        faulthandler.cancel_dump_traceback_later()


def _failed(sheet: SheetScan, error: Exception) -> Outcome:
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    detail = f"The program failed on this sheet ({what}). Rule it from the picture or the paper."
    reading = unreadable(sheet, detail)
    return Outcome(reading, "".join(traceback.format_exception(error)[-8:]))


def unreadable(sheet: SheetScan, detail: str) -> Reading:
    """A reading that knows nothing but why."""
    return Reading(
        front=sheet.front.name,
        back=None if sheet.back is None else sheet.back.name,
        kind=SheetKind.UNKNOWN,
        list_id=None,
        ballot_number=None,
        ballot_id=None,
        stamp=StampState.DOUBTFUL,
        doubts=(Doubt(DoubtCode.UNREADABLE, detail=detail),),
    )


def _die_with_parent() -> None:
    """Ends this worker when the parent is gone, even if the parent was killed.

    A pool's workers hold both ends of their queue, so without this they would wait for work
    for ever.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
