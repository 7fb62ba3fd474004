"""A station with drawn sheets for the desk: real pictures, readings with known places, no reader needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import uvicorn
from fastapi import FastAPI

from ballot.geometry import Affine, Box
from ballot.layout import BoxKind, PageSide
from ballot.reading import (
    Doubt,
    DoubtCode,
    MarkReading,
    MarkState,
    NamedCandidate,
    Reading,
    ScanSide,
    SheetKind,
    SideRegistration,
    StampState,
    WriteInReading,
)
from ballot.sheet import PageImage, SheetScan
from station.intake import Intake
from station.worker import ReadOne
from store.station_store import StationStore
from tests.station_fakes import make_station, reading

PX_A_MM = 4.0
WIDTH_MM, HEIGHT_MM = 210.0, 150.0
MARK = Box(20, 30, 4, 4)
ROW = Box(120, 60, 60, 8)
STAMP = Box(130, 40, 50, 40)

UPRIGHT = Affine(PX_A_MM, 0, 0, 0, PX_A_MM, 0)
ON_ITS_HEAD = Affine(-PX_A_MM, 0, WIDTH_MM * PX_A_MM, 0, -PX_A_MM, HEIGHT_MM * PX_A_MM)


def picture(boxes: Sequence[Box], upside_down: bool = False, seed: int = 0) -> bytes:
    """A white page with dark frames; `seed` makes the bytes of every sheet its own."""
    page = np.full((round(HEIGHT_MM * PX_A_MM), round(WIDTH_MM * PX_A_MM), 3), 245, np.uint8)
    cv2.putText(page, f"Seddel {seed}", (60, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (60, 60, 60), 2)
    for box in boxes:
        left, top, right, bottom = (
            round(v * PX_A_MM) for v in (box.x_mm, box.y_mm, box.right_mm, box.bottom_mm)
        )
        cv2.rectangle(page, (left, top), (right, bottom), (30, 30, 30), 2)
    if upside_down:
        page = cv2.rotate(page, cv2.ROTATE_180)
    return bytes(cv2.imencode(".png", page)[1])


def sides(upside_down: bool = False) -> tuple[SideRegistration, SideRegistration]:
    to_px = ON_ITS_HEAD if upside_down else UPRIGHT
    return (
        SideRegistration(ScanSide.FRONT, PageSide.INSIDE, to_px, 0.0, upside_down, PX_A_MM * 25.4),
        SideRegistration(ScanSide.BACK, PageSide.OUTSIDE, UPRIGHT, 0.0, False, PX_A_MM * 25.4),
    )


MARK_DOUBT = Doubt(DoubtCode.MARK_UNCERTAIN, ScanSide.FRONT, MARK, candidate=1)
ROW_DOUBT = Doubt(DoubtCode.WRITE_IN_UNCERTAIN, ScanSide.FRONT, ROW, row=1)
STAMP_DOUBT = Doubt(DoubtCode.STAMP_MISSING, ScanSide.BACK, STAMP)
WRITTEN = WriteInReading(
    1, "kari moe", "H:1", 0.7, (NamedCandidate("H:1", 0.7), NamedCandidate("H:2", 0.2)), True
)
MARKED = MarkReading(BoxKind.PERSONAL, 2, None, 1.0, MarkState.MARKED, Box(20, 40, 4, 4), Box(20, 40, 4, 4))

READINGS = (
    reading(personal=(2,), marks=(MARKED,)),
    reading(doubts=(MARK_DOUBT,), personal=(2,), marks=(MARKED,)),
    reading(doubts=(MARK_DOUBT, ROW_DOUBT), write_ins=(WRITTEN,)),
    reading(doubts=(STAMP_DOUBT,), stamp=StampState.MISSING),
    reading(
        kind=SheetKind.UNKNOWN,
        list_id=None,
        ballot_number=None,
        stamp=StampState.DOUBTFUL,
        doubts=(Doubt(DoubtCode.UNREADABLE, detail="The inside could not be registered."),),
    ),
)
"""Sheets 1-0001 … 1-0005: no doubt, a mark, a mark and a name, no stamp, unreadable."""


@dataclass(frozen=True)
class ByName:
    """A reader that knows each sheet by its file name."""

    readings: tuple[Reading, ...]

    def __call__(self) -> ReadOne:
        return lambda sheet: self.readings[int(sheet.front.name[:4])]


def make_desk_station(folder: Path) -> StationStore:
    """A station with the sheets of `READINGS`; those with a mark in doubt lie upside down."""
    store = make_station(folder)
    readings, scans = [], []
    for n, read in enumerate(READINGS):
        turned = MARK_DOUBT in read.doubts
        known = () if read.kind is SheetKind.UNKNOWN else sides(turned)
        readings.append(replace(read, registrations=known, ballot_id=f"{n:08d}"))
        front = PageImage(f"{n:04d}a.png", picture([MARK, ROW], turned, n))
        scans.append(SheetScan(front, PageImage(f"{n:04d}b.png", picture([STAMP], seed=100 + n))))
    Intake(store, 1, ByName(tuple(readings)), 1, "fake 1", "0" * 64, "test").run(scans)
    return store


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serves pages on a free port of 127.0.0.1 and gives their address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
