"""Simulated sheets on which a test draws, before they are read."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PIL import Image

from ballot.layout import PageSide, SideLayout
from ballot.reading import Reading, ScanSide
from ballot.sheet import PageImage, SheetScan
from calibration.testdeck.deck import simulate_deck
from calibration.testdeck.options import CLEAN, DeckOptions
from recognition.geometry import Matrix, apply
from recognition.reader import compile_layouts, read_sheet
from recognition.register import Registration
from recognition.trace import SheetTrace
from tests.print_houses import Printed

Colours = npt.NDArray[np.uint8]
Drawing = Callable[[Colours, Matrix, SideLayout], Colours | None]
"""Draws on a picture, given the map from page mm to pixels; may return another picture of its size."""

SEED = 740_000


def read_with(
    printed: Printed,
    draw: Drawing,
    page: PageSide = PageSide.INSIDE,
    bilevel: bool = False,
    stamped: bool = True,
    kind: str = "list",
    draw_behind: Drawing | None = None,
) -> Reading:
    """Reads a ballot on one scanned side of which something is drawn; list ballots have no other mark.

    Args:
        draw_behind: Draws on the other side.
    """
    layouts = compile_layouts(printed.election, printed.layouts)
    options = _unmarked(stamped)
    deck = simulate_deck(printed.election, printed.folder, SEED, options, 20, fields=printed.fields)
    sheet = next(s for s in deck if s.truth["kind"] == kind)
    trace = SheetTrace()
    read_sheet(sheet.scan, layouts, trace=trace)
    pages = {ScanSide.FRONT: sheet.scan.front, ScanSide.BACK: sheet.scan.back}
    for image in trace.placed.values():
        drawing, scanned = draw if image.page is page else draw_behind, pages[image.scan]
        if drawing is not None and scanned is not None:
            pages[image.scan] = _drawn(scanned, drawing, image.registration, bilevel)
    front = pages[ScanSide.FRONT]
    assert front is not None
    return read_sheet(SheetScan(front, pages[ScanSide.BACK]), layouts)


def _drawn(scanned: PageImage, draw: Drawing, registration: Registration, bilevel: bool) -> PageImage:
    picture = np.array(Image.open(io.BytesIO(scanned.data)).convert("RGB"))
    drawn = draw(picture, registration.mm_to_scan, registration.side.layout)
    image = Image.fromarray(picture if drawn is None else drawn)
    file = io.BytesIO()
    if bilevel:
        image.convert("L").point(lambda grey: 255 * (grey > 170)).convert("1").save(
            file, "PNG", dpi=(200, 200)
        )
    else:
        image.save(file, "JPEG", quality=90, dpi=(200, 200))
    return PageImage(scanned.name, file.getvalue())


def pixels(to_px: Matrix, points_mm: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """Page mm as OpenCV wants polygons."""
    return np.rint(apply(to_px, points_mm)).astype(np.int32).reshape(-1, 1, 2)


def _unmarked(stamped: bool) -> DeckOptions:
    voters = replace(CLEAN.voters, habits=(), no_personal_votes=1.0, write_in_rate=0.0)
    stamps = CLEAN.stamps if stamped else replace(CLEAN.stamps, missing=1.0)
    return replace(CLEAN, voters=voters, stamps=stamps, scanner=replace(CLEAN.scanner, dpis=(200,)))
