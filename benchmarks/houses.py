"""Two print houses that only the accuracy campaign knows: drawn with reportlab, sharing no code with
the test deck's designs.

BARE has no registration marks of any kind, landscape, three columns, a text that runs on, and its
write-in table inside. OUTER is an upright sheet with bull's-eyes, boxes right of the names, and
its write-in field on the outside. Both tell the simulator where they drew the fields.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import reportlab
from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

import calibration.testdeck
from ballot.election import BallotKind, BallotStyle, Election
from ballot.geometry import Box
from ballot.layout import BoxKind, DigitField, MarkBox, WriteInRow
from calibration.testdeck.fields import FIELDS_FILE, BallotFields, FieldMap, SideFields, write_fields

POINT_MM = 25.4 / 72
OCRB_TTF = Path(calibration.testdeck.__file__).parent / "fonts" / "OCRB.ttf"
DIGITS_PT = 10.0
PROOF = "00000001"
LINE_MM = 0.3
BARE, OUTER = "bare", "outer"
HOUSES = (BARE, OUTER)


@dataclass
class Side:
    """One side being drawn; measures in mm from the upper left corner."""

    canvas: Any
    width: float
    height: float
    printed: list[Box] = field(default_factory=list)
    marks: list[Box] = field(default_factory=list)

    def write(self, x: float, base: float, words: str, points: float, bold: bool = False) -> Box:
        font = "HouseBold" if bold else "HouseText"
        self.canvas.setFillColorCMYK(0, 0, 0, 1)
        self.canvas.setFont(font, points)
        self.canvas.drawString(x / POINT_MM, (self.height - base) / POINT_MM, words)
        wide = pdfmetrics.stringWidth(words, font, points) * POINT_MM
        box = Box(x, base - 0.75 * points * POINT_MM, wide, points * POINT_MM)
        self.printed.append(box)
        return box

    def box(self, box: Box, line: float = LINE_MM, fill: tuple[float, ...] | None = None) -> Box:
        self.canvas.setStrokeColorCMYK(0, 0, 0, 1)
        self.canvas.setLineWidth(line / POINT_MM)
        if fill is not None:
            self.canvas.setFillColorCMYK(*fill)
        self.canvas.rect(
            box.x_mm / POINT_MM, (self.height - box.bottom_mm) / POINT_MM,
            box.w_mm / POINT_MM, box.h_mm / POINT_MM, stroke=int(line > 0), fill=int(fill is not None),
        )  # fmt: skip
        if line > 0:
            self.printed.append(box)
        return box

    def digits(self, x: float, base: float, text: str) -> DigitField:
        self.canvas.setFillColorCMYK(0, 0, 0, 1)
        self.canvas.setFont("HouseDigits", DIGITS_PT)
        self.canvas.drawString(x / POINT_MM, (self.height - base) / POINT_MM, text)
        em = DIGITS_PT * POINT_MM / 1000
        font = ImageFont.truetype(str(OCRB_TTF), 1000)
        boxes = []
        for place, digit in enumerate(text):
            left, top, right, bottom = font.getbbox(digit, anchor="ls")
            start = x + place * font.getlength("0") * em
            boxes.append(Box(start + left * em, base + top * em, (right - left) * em, (bottom - top) * em))
        whole = boxes[0].united(boxes[-1])
        self.printed.append(whole)
        return DigitField(whole, text, tuple(boxes))

    def bulls_eye(self, x: float, y: float) -> None:
        for radius, black in ((3.0, 1), (2.0, 0), (1.0, 1)):
            self.canvas.setFillColorCMYK(0, 0, 0, black)
            self.canvas.circle(
                x / POINT_MM, (self.height - y) / POINT_MM, radius / POINT_MM, stroke=0, fill=1
            )
        self.marks.append(Box(x - 3, y - 3, 6, 6))

    def fields(self, **more: Any) -> SideFields:
        return SideFields(
            self.width, self.height, printed=tuple(self.printed), registration_marks=tuple(self.marks), **more
        )


def print_house(house: str, election: Election, folder: Path) -> FieldMap:
    """Writes every blank of an election, and the map of their fields for the simulator."""
    fonts = Path(reportlab.__file__).parent / "fonts"
    for name, file in (("HouseText", fonts / "Vera.ttf"), ("HouseBold", fonts / "VeraBd.ttf")):
        pdfmetrics.registerFont(TTFont(name, str(file)))
    pdfmetrics.registerFont(TTFont("HouseDigits", str(OCRB_TTF)))
    draw = {BARE: _bare, OUTER: _outer}[house]
    ballots = []
    for style in election.ballots:
        path = folder / style.file
        path.parent.mkdir(parents=True, exist_ok=True)
        inside, outside = draw(path, election, style)
        ballots.append(BallotFields(style.key, inside, outside))
    fields = FieldMap(tuple(ballots))
    write_fields(fields, folder / FIELDS_FILE)
    return fields


def _title(election: Election, style: BallotStyle) -> str:
    entry = election.list_by_id(style.list_id) if style.list_id is not None else None
    if entry is not None:
        return entry.name
    return {BallotKind.PARTY: "Partistemmeseddel", BallotKind.BLANK: "Blank stemmeseddel"}[style.kind]


def _entries(election: Election, style: BallotStyle) -> list[tuple[BoxKind, int | None, str]]:
    """What stands beside each box."""
    if style.kind is BallotKind.PARTY:
        parties = [(BoxKind.PARTY, None, name) for name in style.parties]
        return [*parties, (BoxKind.BLANK_VOTE, None, "Blank stemme")]
    entry = election.list_by_id(style.list_id) if style.list_id is not None else None
    people = entry.candidates if entry is not None else ()
    return [(BoxKind.PERSONAL, c.number, c.name) for c in people]


def _mark(kind: BoxKind, number: int | None, name: str, box: Box) -> MarkBox:
    return MarkBox(kind, box, number, name if kind is BoxKind.PARTY else None, name)


def _bare(path: Path, election: Election, style: BallotStyle) -> tuple[SideFields, SideFields]:
    width, height = 310.0, 230.0
    canvas = Canvas(str(path), pagesize=(width / POINT_MM, height / POINT_MM), invariant=1)
    side = Side(canvas, width, height)
    side.write(16, 24, _title(election, style), 22, bold=True)
    side.write(16, 32, f"{election.name}, {election.area_name}", 9)
    side.write(16, 37.5, "Vil du gi personstemme? Sett kryss i ruten foran navnet.", 8)
    entries = _entries(election, style)
    boxes, names = [], []
    has_table = style.kind is BallotKind.LIST and election.max_write_ins > 0
    rows = max(22, -(-len(entries) // (2 if has_table else 3)))
    pitch = min(7.4, 168 / rows)
    for place, (kind, number, name) in enumerate(entries):
        column, row = divmod(place, rows)
        x, middle = 16.0 + 98 * column, 47 + pitch * row
        box = side.box(Box(x, middle - 2, 4, 4), 0.25)
        label = side.write(x + 6.5, middle + 1.2, name if number is None else f"{number}. {name}", 8.5)
        boxes.append(_mark(kind, number, name, box))
        if number is not None:
            names.append((number, label))
    table: tuple[WriteInRow, ...] = ()
    party_field = None
    if has_table:
        table = _table(side, 196, 60, 66, 34, min(10.0, 130 / election.max_write_ins), election.max_write_ins)
    elif style.kind is BallotKind.PARTY:
        side.write(212, 150, "Annet parti eller gruppe:", 8)
        party_field = side.box(Box(212, 153, 84, 12), 0.25)
    number_field = side.digits(16, height - 9, style.number)
    id_field = side.digits(width - 40, height - 9, PROOF)
    inside = side.fields(
        mark_boxes=tuple(boxes), names=tuple(names), write_in_rows=table, party_write_in=party_field,
        ballot_number=number_field, ballot_id=id_field, folds_x_mm=(width / 2,),
    )  # fmt: skip
    canvas.showPage()
    back = Side(canvas, width, height)
    back.box(Box(0, 0, width, height), 0, fill=(0.06, 0.02, 0.34, 0))
    canvas.setStrokeColorCMYK(0.14, 0.06, 0.5, 0)
    canvas.setLineWidth(0.5)
    for step in range(-46, 63):
        start = step * 5.0 / POINT_MM
        canvas.line(start, 0, start + height / POINT_MM, height / POINT_MM)
    back.write(172, 28, election.name, 16, bold=True)
    back.write(172, 36, election.area_name, 11)
    stamp = back.box(Box(186, 80, 74, 54), 0.5, fill=(0, 0, 0, 0))
    back.write(188, 85, "Stempel", 7)
    back.write(172, 216, "Brett seddelen slik at denne siden vender ut.", 8)
    canvas.showPage()
    canvas.save()
    return inside, back.fields(stamp_field=stamp, folds_x_mm=(width / 2,))


def _outer(path: Path, election: Election, style: BallotStyle) -> tuple[SideFields, SideFields]:
    width, height = 215.0, 300.0
    canvas = Canvas(str(path), pagesize=(width / POINT_MM, height / POINT_MM), invariant=1)
    side = Side(canvas, width, height)
    _four_eyes(side)
    number_field = side.digits(60, 10.5, style.number)
    id_field = side.digits(150, 10.5, PROOF)
    side.write(22, 30, _title(election, style), 20, bold=True)
    side.write(22, 38, f"{election.name} – {election.area_name}", 9)
    side.write(22, 43.5, "Kryss av i ruten til høyre for navnet.", 8.5)
    entries = _entries(election, style)
    rows = max(30, -(-len(entries) // 2))
    pitch = min(9.0, 230 / rows)
    boxes, names = [], []
    for place, (kind, number, name) in enumerate(entries):
        column, row = divmod(place, rows)
        x, middle = 22.0 + 92 * column, 54 + pitch * row
        label = side.write(x, middle + 1.2, name if number is None else f"{number}. {name}", 9)
        box = side.box(Box(x + 76, middle - 2.3, 4.6, 4.6), 0.35)
        boxes.append(_mark(kind, number, name, box))
        if number is not None:
            names.append((number, label))
    party_field = None
    if style.kind is BallotKind.PARTY:
        side.write(114, 200, "Annet parti eller gruppe:", 9)
        party_field = side.box(Box(114, 203, 84, 12), 0.35)
    inside = side.fields(
        mark_boxes=tuple(boxes), names=tuple(names), party_write_in=party_field,
        ballot_number=number_field, ballot_id=id_field, folds_y_mm=(height / 2,),
    )  # fmt: skip
    canvas.showPage()
    back = Side(canvas, width, height)
    back.box(Box(0, 0, width, height), 0, fill=(0.3, 0.04, 0.1, 0))
    canvas.setFillColorCMYK(0.42, 0.08, 0.16, 0)
    for row in range(60):
        for column in range(43):
            x, y = column * 5.0 + (row % 2) * 2.5, row * 5.0
            canvas.circle(x / POINT_MM, y / POINT_MM, 0.6 / POINT_MM, stroke=0, fill=1)
    _four_eyes(back)
    back.write(30, 34, election.name, 17, bold=True)
    back.write(30, 42, election.area_name, 11)
    stamp = back.box(Box(118, 52, 70, 56), 0.4, fill=(0, 0, 0, 0))
    back.write(120, 57, "Stempel", 7)
    table: tuple[WriteInRow, ...] = ()
    if style.kind is BallotKind.LIST and election.max_write_ins:
        pitch = min(11.0, 104 / election.max_write_ins)
        whole = Box(20, 160, 176, 22 + pitch * election.max_write_ins)
        back.box(whole, 0, fill=(0, 0, 0, 0))
        table = _table(back, 26, 176, 106, 58, pitch, election.max_write_ins)
    canvas.showPage()
    canvas.save()
    return inside, back.fields(stamp_field=stamp, write_in_rows=table, folds_y_mm=(height / 2,))


def _four_eyes(side: Side) -> None:
    for x in (10.0, side.width - 10):
        for y in (10.0, side.height - 10):
            side.bulls_eye(x, y)


def _table(
    side: Side, x: float, y: float, name_mm: float, party_mm: float, pitch: float, count: int
) -> tuple[WriteInRow, ...]:
    """The field for candidates of other lists, each cell with its own frame."""
    side.write(x, y - 7, "Kandidater fra andre lister", 11, bold=True)
    side.write(x + 1, y - 1.5, "Navn", 7)
    side.write(x + name_mm + 1, y - 1.5, "Parti/gruppe", 7)
    return tuple(
        WriteInRow(
            row + 1,
            side.box(Box(x, y + row * pitch, name_mm, pitch), 0.25),
            side.box(Box(x + name_mm, y + row * pitch, party_mm, pitch), 0.25),
        )
        for row in range(count)
    )


def write_election(election: Election, folder: Path) -> None:
    """Writes ``election.json`` beside the blanks."""
    from station.election_file import election_to_json

    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(election_to_json(election), ensure_ascii=False)
    (folder / "election.json").write_text(text, encoding="utf-8")
