"""Pictures of what each stage of reading saw on a sheet, for people who ask why.

Pure: from a reading and its trace to arrays. Colours are RGB.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from ballot.geometry import Box
from ballot.layout import BoxKind
from ballot.reading import Doubt, DoubtCode, MarkReading, MarkState, Reading, ScanSide, WriteInReading
from recognition.decode import ScanImage
from recognition.geometry import MM_PER_INCH, GreyImage, Mask
from recognition.identified import SidePage
from recognition.ink import sort_ink
from recognition.patches import cut
from recognition.reference import PAGE_DPI
from recognition.register import straightened_page
from recognition.sides import PlacedImage
from recognition.trace import SheetTrace

Picture = npt.NDArray[np.uint8]
"""RGB, shape (height, width, 3)."""

Colour = tuple[int, int, int]

_PX_PER_MM = PAGE_DPI / MM_PER_INCH
_STATES: dict[MarkState, Colour] = {
    MarkState.EMPTY: (120, 150, 190),
    MarkState.MARKED: (0, 140, 40),
    MarkState.DOUBTFUL: (235, 120, 0),
    MarkState.TAKEN_BACK: (150, 30, 190),
}
_READ, _DOUBTED, _UNUSED = (_STATES[s] for s in (MarkState.MARKED, MarkState.DOUBTFUL, MarkState.EMPTY))
_DIGITS = (0, 130, 150)
_STAMP, _STRAY, _LOST, _DOUBT = (255, 200, 0), (230, 0, 0), (200, 0, 200), (200, 0, 60)
_LEGEND: tuple[tuple[str, Colour], ...] = (
    ("box or row: empty", _UNUSED),
    ("marked, name read", _READ),
    ("doubtful", _DOUBTED),
    ("taken back", _STATES[MarkState.TAKEN_BACK]),
    ("printed digits", _DIGITS),
    ("stamp", _STAMP),
    ("ink outside fields", _STRAY),
    ("paper or print missing", _LOST),
    ("place of another doubt", _DOUBT),
)
_TEXT, _SMALL, _LINE = 15, 12, 20
_BOX_AROUND_MM, _BOX_ZOOM, _BOXES_ACROSS, _BOX_CELL = 2.0, 1.8, 10, (132, 150)
_LONG_SIDE_PX = 1200


def debug_pictures(reading: Reading, trace: SheetTrace) -> Iterator[tuple[str, Picture]]:
    """The pictures of a sheet, each with a short name: ``front``, ``back`` and ``boxes``.

    Args:
        reading: As `read_sheet` gave it.
        trace: As `read_sheet` filled it.
    """
    for scan, image in trace.scans.items():
        title = reading.front if scan is ScanSide.FRONT else reading.back
        yield scan.value, _side_picture(title or scan.value, scan, image, reading, trace)
    if reading.marks and trace.sheet is not None:
        yield "boxes", _boxes_picture(reading, trace.sheet.sides)


def _side_picture(
    name: str, scan: ScanSide, image: ScanImage, reading: Reading, trace: SheetTrace
) -> Picture:
    side = next((s for s in (trace.sheet.sides if trace.sheet else ()) if s.placed.scan is scan), None)
    placed = side.placed if side is not None else trace.placed.get(scan)
    if side is not None:
        page = _fields_drawn(_shaded(side, trace), side, reading)
    elif placed is not None:
        page = _rgb(straightened_page(placed.work, placed.registration))
    else:
        page = _rgb(_shrunk(image.grey))
    doubts = [d for d in reading.doubts if d.side in (scan, None)]
    head = [(f"{name}  ({scan.value})", (0, 0, 0)), (_what_it_is(reading, side, placed), (0, 0, 0))]
    head += [(f"{d.code.value}: {_sentence(d)}", _DOUBTED) for d in doubts[:12]]
    if len(doubts) > 12:
        head.append((f"and {len(doubts) - 12} more doubts", _DOUBTED))
    if not doubts:
        head.append(("nothing on this side is in doubt", _READ))
    return _framed(page, head)


def _what_it_is(reading: Reading, side: SidePage | None, placed: PlacedImage | None) -> str:
    if placed is None:
        return "No side of a ballot was found in this picture; it is shown as it came."
    fit = placed.registration
    text = (
        f"{placed.page.value}, {'upside down' if fit.upside_down else 'upright'} in the scan, "
        f"{fit.agreeing:.0%} of its print agrees within {fit.residual_mm:.2f} mm"
    )
    if side is None:
        return f"{text}; which ballot it is was not found out, so no field was read"
    return (
        f"{text}; list {reading.list_id or reading.kind.value}, number {reading.ballot_number}, "
        f"ballot id {reading.ballot_id or 'not read'}, stamp {reading.stamp.value}"
    )


def _sentence(doubt: Doubt) -> str:
    about = [
        f"{what} {value}"
        for what, value in (("candidate", doubt.candidate), ("row", doubt.row), ("party", doubt.party))
        if value is not None
    ]
    return f"{', '.join(about)}: {doubt.detail}" if about else doubt.detail


def _shaded(side: SidePage, trace: SheetTrace) -> Picture:
    """The straightened page with stamp, stray ink and missing paper shaded."""
    picture = _rgb(side.page)
    ink = sort_ink(side.seen.ink, side.placed.registration.side.fields)
    stray = ink.stray | ink.foreign
    if trace.stamp is not None and trace.stamp.scan is side.placed.scan:
        _shade(picture, trace.stamp.own, _STAMP, 0.35)
        stray &= ~trace.stamp.own
    _shade(picture, stray, _STRAY, 0.75)
    _shade(picture, side.seen.no_paper | side.seen.missing_print, _LOST, 0.5)
    return picture


def _shade(picture: Picture, where: Mask, colour: Colour, strength: float) -> None:
    shaded = picture[where] * (1 - strength) + np.array(colour) * strength
    picture[where] = shaded.astype(np.uint8)


def _fields_drawn(picture: Picture, side: SidePage, reading: Reading) -> Picture:
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    for field in (side.layout.ballot_number, side.layout.ballot_id):
        if field is not None:
            _outline(draw, field.box, _DIGITS, 1)
    own = {b.box for b in side.layout.mark_boxes}
    for mark in (m for m in reading.marks if m.expected in own):
        _outline(draw, mark.found, _STATES[mark.state], 1 if mark.state is MarkState.EMPTY else 3)
    written = {row.row: row for row in reading.write_ins}
    for row in side.layout.write_in_rows:
        found = written.get(row.row)
        colour = _UNUSED if found is None else _DOUBTED if found.doubtful else _READ
        _outline(draw, row.whole, colour, 1 if found is None else 3)
        if found is not None:
            beside = Box(row.whole.right_mm - 40, row.whole.bottom_mm - 0.5, 40, 1)
            _label(draw, beside, _name_of(found), colour)
    if side.layout.party_write_in is not None:
        _outline(draw, side.layout.party_write_in, _UNUSED, 1)
    for doubt in reading.doubts:
        shown = doubt.code in (DoubtCode.MARK_TAKEN_BACK, DoubtCode.WRITE_IN_UNCERTAIN)
        if doubt.side is side.placed.scan and doubt.box_mm is not None and not shown:
            colour = _DOUBTED if doubt.code is DoubtCode.MARK_UNCERTAIN else _DOUBT
            _outline(draw, doubt.box_mm.grown(1.2), colour, 2)
            if doubt.code is not DoubtCode.MARK_UNCERTAIN:
                _label(draw, doubt.box_mm.grown(1.2), doubt.code.value, colour)
    return np.array(image)


def _name_of(row: WriteInReading) -> str:
    if row.candidate is not None:
        return f"{row.candidate} ({row.confidence:.3f})"
    return f"best {row.best[0].candidate} ({row.best[0].confidence:.2f})" if row.best else "not read"


def _outline(draw: ImageDraw.ImageDraw, box: Box, colour: Colour, width: int) -> None:
    corners = [v * _PX_PER_MM for v in (box.x_mm, box.y_mm, box.right_mm, box.bottom_mm)]
    draw.rectangle(corners, outline=colour, width=width)


def _label(draw: ImageDraw.ImageDraw, box: Box, text: str, colour: Colour) -> None:
    at = (max(2.0, box.x_mm * _PX_PER_MM), max(0.0, box.y_mm * _PX_PER_MM - 15))
    draw.rectangle(draw.textbbox(at, text, font=ImageFont.load_default(_SMALL)), fill=(255, 255, 255))
    draw.text(at, text, fill=colour, font=ImageFont.load_default(_SMALL))


def _boxes_picture(reading: Reading, sides: tuple[SidePage, ...]) -> Picture:
    """Every box as scanned, the likeliest mark first, with candidate, score and state."""
    marks = sorted(reading.marks, key=lambda m: -m.score)
    across, down = min(_BOXES_ACROSS, len(marks)), math.ceil(len(marks) / _BOXES_ACROSS)
    width, height = _BOX_CELL
    sheet = Image.new("RGB", (max(across * width, 6 * width), down * height), "white")
    draw = ImageDraw.Draw(sheet)
    small = ImageFont.load_default(_SMALL)
    for index, mark in enumerate(marks):
        x, y = index % across * width, index // across * height
        side = next(s for s in sides if mark.expected in {b.box for b in s.layout.mark_boxes})
        piece = Image.fromarray(_box_crop(mark, side)).convert("RGB")
        piece.thumbnail((width - 16, height - 50))
        colour = _STATES[mark.state]
        sheet.paste(piece, (x + 8, y + 6))
        draw.rectangle((x + 5, y + 3, x + 10 + piece.width, y + 8 + piece.height), outline=colour, width=3)
        draw.text((x + 5, y + height - 38), _whose(mark), fill=(0, 0, 0), font=small)
        draw.text((x + 5, y + height - 22), f"{mark.score:.3f} {mark.state.value}", fill=colour, font=small)
    counts = ", ".join(f"{sum(m.state is s for m in marks)} {s.value}" for s in MarkState)
    head = [(f"{reading.front}: {len(marks)} boxes by score: {counts}", (0, 0, 0))]
    return _framed(np.array(sheet), head, legend=False)


def _whose(mark: MarkReading) -> str:
    if mark.candidate is None:
        return (mark.party or mark.kind.value.replace("_", " "))[:20]
    what = "candidate" if mark.kind is BoxKind.PERSONAL else mark.kind.value.replace("_", " ")
    return f"{what} {mark.candidate}"


def _box_crop(mark: MarkReading, side: SidePage) -> GreyImage:
    registration = side.placed.registration
    piece = cut(side.placed.source, registration, mark.found.grown(_BOX_AROUND_MM), (0.0, 0.0))
    size = round(piece.shape[1] * _BOX_ZOOM), round(piece.shape[0] * _BOX_ZOOM)
    return np.asarray(cv2.resize(piece, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def _framed(page: Picture, lines: list[tuple[str, Colour]], legend: bool = True) -> Picture:
    """The picture with its lines of text above it and the legend below."""
    height, width = page.shape[:2]
    font = ImageFont.load_default(_TEXT)
    most = max(30, width // 8)
    wrapped = [(part, colour) for text, colour in lines for part in textwrap.wrap(text, most) or [""]]
    top = _LINE * len(wrapped) + 12
    entries = list(_LEGEND) if legend else []
    places = _legend_places(entries, width, font)
    bottom = (max((y for _, y in places), default=-_LINE) + _LINE + 10) if legend else 4
    image = Image.new("RGB", (width, top + height + bottom), "white")
    draw = ImageDraw.Draw(image)
    for index, (text, colour) in enumerate(wrapped):
        draw.text((8, 6 + index * _LINE), text, fill=colour, font=font)
    image.paste(Image.fromarray(page), (0, top))
    draw.line((0, top - 1, width, top - 1), fill=(0, 0, 0))
    draw.line((0, top + height, width, top + height), fill=(0, 0, 0))
    for (text, colour), (x, y) in zip(entries, places, strict=True):
        y += top + height + 6
        draw.rectangle((x, y + 3, x + 14, y + 15), fill=colour)
        draw.text((x + 20, y), text, fill=(0, 0, 0), font=font)
    return np.array(image)


def _legend_places(
    entries: list[tuple[str, Colour]], width: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> list[tuple[int, int]]:
    places = [(8, 0)]
    widths = [round(font.getlength(text)) + 44 for text, _ in entries]
    for taken, wanted in pairwise(widths):
        x, y = places[-1][0] + taken, places[-1][1]
        places.append((x, y) if x + wanted <= width else (8, y + _LINE))
    return places[: len(entries)]


def _rgb(grey: GreyImage) -> Picture:
    return np.repeat(grey[:, :, None], 3, axis=2)


def _shrunk(grey: GreyImage) -> GreyImage:
    scale = min(1.0, _LONG_SIDE_PX / max(grey.shape))
    size = round(grey.shape[1] * scale), round(grey.shape[0] * scale)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
