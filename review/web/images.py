"""The pictures of the pages: a side upright, and the surroundings of a doubt."""

from __future__ import annotations

from functools import lru_cache

from fastapi import Response

from ballot.errors import StationError
from ballot.reading import ScanSide
from review import pictures
from review.desk import Desk
from store.vault import ImageVault

_REMEDY = "Go back to the sheet's page."
# Pictures never change under a sheet's address (the reading may, and with it how they lie).
_HEADERS = {"Cache-Control": "private, max-age=60"}


def side_jpeg(desk: Desk, sheet_id: str, side: str) -> Response:
    """One side, upright, at screen size.

    Raises:
        StationError: There is no such sheet or side, or its picture cannot be shown.
    """
    if side not in list(ScanSide):
        raise StationError(f"A sheet has no side {side!r}.", _REMEDY)
    case = desk.store.case(sheet_id)
    page = case.sheet.front if side == ScanSide.FRONT else case.sheet.back
    pixels = None if page is None else _decoded(desk.store.vault, page.sha256)
    if pixels is None:
        raise StationError(f"The {side} of sheet {sheet_id} cannot be shown.", _REMEDY)
    reading = None if case.reading is None else case.reading.reading
    registration = None if reading is None else pictures.registration_of(reading, ScanSide(side))
    way = pictures.for_screen(pixels, registration)
    return Response(pictures.to_jpeg(pictures.turned(pixels, way)), media_type="image/jpeg", headers=_HEADERS)


def crop_jpeg(desk: Desk, sheet_id: str, number: int) -> Response:
    """The surroundings of a doubt, straightened.

    Raises:
        StationError: There is no such doubt, or it has no place on a picture.
    """
    entry = desk.look(sheet_id)
    issue = next((i for i in entry.standing.issues if i.number == number), None)
    reading = None if entry.case.reading is None else entry.case.reading.reading
    if issue is None or reading is None or issue.doubt.box_mm is None or issue.doubt.side is None:
        raise StationError(f"Doubt {number} of sheet {sheet_id} has no place on a picture.", _REMEDY)
    sheet = entry.case.sheet
    page = sheet.front if issue.doubt.side is ScanSide.FRONT else sheet.back
    registration = pictures.registration_of(reading, issue.doubt.side)
    pixels = None if page is None else _decoded(desk.store.vault, page.sha256)
    if pixels is None or registration is None:
        raise StationError(f"Doubt {number} of sheet {sheet_id} has no place on a picture.", _REMEDY)
    cut = pictures.crop(pixels, registration, issue.doubt.box_mm)
    return Response(pictures.to_jpeg(cut), media_type="image/jpeg", headers=_HEADERS)


@lru_cache(maxsize=6)  # both sides of the sheet at hand, and the neighbours: 26 MB a side at 300 dpi
def _decoded(vault: ImageVault, sha256: str) -> pictures.Pixels | None:
    return pictures.decode(vault.get(sha256))
