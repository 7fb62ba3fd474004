"""Prints an election's ballots: a blank PDF for each style, page 1 inside, page 2 outside."""

from __future__ import annotations

import io
from pathlib import Path

from ballot.election import BallotStyle, Election
from calibration.testdeck.designs import Design, TextAs
from calibration.testdeck.fields import FIELDS_FILE, BallotFields, FieldMap, write_fields
from calibration.testdeck.pages import print_inside, print_outside
from calibration.testdeck.sheet import PT_PER_MM, PrintedSide

PICTURE_DPI = 400


def print_ballot(election: Election, style: BallotStyle, design: Design) -> tuple[bytes, BallotFields]:
    """One blank as a PDF, and where its fields are. The same arguments give the same bytes.

    Raises:
        CalibrationError: The design has no room for the list.
    """
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    page = (design.width_mm * PT_PER_MM, design.height_mm * PT_PER_MM)
    canvas = Canvas(buffer, pagesize=page, invariant=1, pageCompression=1)
    canvas.setTitle(f"{election.name} – {style.key}")
    inside = print_inside(PrintedSide(canvas, design), election, style)
    canvas.showPage()
    outside = print_outside(PrintedSide(canvas, design), election, style)
    canvas.showPage()
    canvas.save()
    pdf = buffer.getvalue()
    if design.text_as is TextAs.PIXELS:
        pdf = _as_picture(pdf)
    return pdf, BallotFields(style.key, inside, outside)


def _as_picture(pdf: bytes) -> bytes:
    """The same pages as pictures, as from a print house that delivers no text."""
    import pypdfium2
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    document = pypdfium2.PdfDocument(pdf)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1, pageCompression=1)
    for i in range(len(document)):
        page = document[i]
        width, height = page.get_size()
        picture = page.render(scale=PICTURE_DPI / 72).to_pil().quantize(64)
        png = io.BytesIO()
        picture.save(png, "PNG")
        canvas.setPageSize((width, height))
        canvas.drawImage(ImageReader(png), 0, 0, width, height)
        canvas.showPage()
    canvas.save()
    document.close()
    return buffer.getvalue()


def print_election(election: Election, design: Design, folder: Path, with_fields: bool = True) -> FieldMap:
    """Writes the blanks that the election names into a folder.

    Args:
        with_fields: Also write the map of their fields, for the simulator.

    Raises:
        CalibrationError: The design has no room for a list.
    """
    ballots = []
    for style in election.ballots:
        pdf, fields = print_ballot(election, style, design)
        path = folder / style.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pdf)
        ballots.append(fields)
    field_map = FieldMap(tuple(ballots))
    if with_fields:
        write_fields(field_map, folder / FIELDS_FILE)
    return field_map
