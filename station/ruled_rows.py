"""Written rows that people have ruled on: for measuring the reader on this station's own hands.

The pictures are kept without anything that leads back to a ballot: named by what is in them, and
listed in that order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2

from ballot.box import SheetCase
from ballot.geometry import Box
from ballot.layout import LayoutSet
from ballot.reading import Reading, ScanSide, SideRegistration
from ballot.ruling import Verdict, standing
from calibration.crops import cut_box
from calibration.ruled_names import RuledRow
from recognition.decode import Undecodable, decode_page
from review.issues import ROW_CODES, issues_of
from station.station_folder import Station

CROPS = "ruled-names"
_MARGIN_MM = 1.0
_PX_PER_MM = 8


@dataclass(frozen=True, slots=True)
class Kept:
    """How many pictures of rows are kept, and how many of them are new."""

    total: int
    added: int


def ruled_rows(station: Station) -> Iterator[tuple[SheetCase, int, RuledRow]]:
    """Every row of the station that a person has ruled on, with its sheet and row number."""
    for sheet in station.store.sheets():
        case = station.store.case(sheet.id)
        for row, ruled in rows_of(case):
            yield case, row, ruled


def rows_of(case: SheetCase) -> Iterator[tuple[int, RuledRow]]:
    """The rows of a sheet whose candidate, or that they name none, a person has said.

    Rows of sheets that were entered by hand as a whole are not among them: nobody said which row is
    which.
    """
    if case.reading is None:
        return
    reading = case.reading.reading
    in_force = standing(case.rulings)
    read = {entry.row: entry for entry in reading.write_ins}
    for issue in issues_of(reading, case.duplicates):
        ruling, row = in_force.get(issue.key), issue.doubt.row
        if issue.code not in ROW_CODES or row is None or ruling is None or row not in read:
            continue
        if ruling.verdict in (Verdict.CANDIDATE, Verdict.NO_CANDIDATE):
            truth = ruling.value if ruling.verdict is Verdict.CANDIDATE else None
            best = tuple(named.candidate for named in read[row].best)
            yield row, RuledRow(best, read[row].confidence, truth)


def keep_crops(station: Station, folder: Path) -> Kept:
    """Writes the pictures of all ruled rows and what they say into the station's folder.

    Args:
        folder: The station's.

    Returns:
        How many there are. Rows whose place on the scan is unknown are left out.
    """
    crops = folder / CROPS
    crops.mkdir(exist_ok=True)
    before = {path.name for path in crops.glob("*.png")}
    kept: dict[str, str | None] = {}
    layouts = station.layouts()
    for case, row, ruled in ruled_rows(station):
        picture = _picture(station, layouts, case, row)
        if picture is None:
            continue
        name = hashlib.sha256(picture).hexdigest()[:24] + ".png"
        if name not in before:
            _write_whole(crops / name, picture)
        kept[name] = ruled.truth
    lines = [
        json.dumps({"picture": name, "candidate": kept[name]}, ensure_ascii=False) for name in sorted(kept)
    ]
    _write_whole(crops / "rows.jsonl", "".join(line + "\n" for line in lines).encode())
    # Rulings that were taken back since label nothing any more.
    for name in before - kept.keys():
        (crops / name).unlink()
    return Kept(len(kept), len(kept.keys() - before))


def _write_whole(path: Path, data: bytes) -> None:
    """Writes a file so that it is there whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)


def _picture(station: Station, layouts: LayoutSet, case: SheetCase, row: int) -> bytes | None:
    if case.reading is None:
        return None
    place = _place(layouts, case.reading.reading, row)
    if place is None:
        return None
    box, registration = place
    scan = station.store.scan_of(case.sheet)
    page = scan.front if registration.scan is ScanSide.FRONT else scan.back
    image = None if page is None else decode_page(page.data)
    if image is None or isinstance(image, Undecodable):
        return None
    picture = cut_box(image.grey, box.grown(_MARGIN_MM), registration.mm_to_px, _PX_PER_MM)
    ok, png = cv2.imencode(".png", picture)
    assert ok, "an 8-bit picture always encodes as PNG"
    return png.tobytes()


def _place(layouts: LayoutSet, reading: Reading, row: int) -> tuple[Box, SideRegistration] | None:
    """Where a row's name is on the page, and how the page lies in its scan."""
    ballot = layouts.by_number(reading.ballot_number or "")
    if ballot is None:
        return None
    for registration in reading.registrations:
        side = next(s for s in ballot.sides if s.side is registration.page)
        found = next((r.name for r in side.write_in_rows if r.row == row), None)
        if found is not None:
            return found, registration
    return None
