"""A print house that exists only in the tests, drawn with reportlab directly.

It shares no code with the test deck's designs, and differs in everything the law leaves open:
angles and discs as registration marks, rounded boxes of 6 mm right of the names, surnames first,
nynorsk words, an example box in the instruction, numbered write-in rows on the outside, and a
ballot number set in groups.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from ballot.election import (
    BallotKind,
    BallotStyle,
    Candidate,
    CandidateList,
    District,
    Election,
    ElectionKind,
    Rules,
)
from ballot.geometry import Box

WIDTH_MM, HEIGHT_MM = 280.0, 200.0
PT = 72 / 25.4
BOX_MM = 6.0
EXAMPLE_MM = 3.4
PROOF_ID = "00000001"
DIGIT_PT = 11.0

LISTS = (
    CandidateList(
        "AP",
        "Arbeidarpartiet",
        ("AP",),
        tuple(
            Candidate(n, name)
            for n, name in enumerate(
                (
                    "Åshild Øvrebø", "Kåre Ness", "Marit Sæbø Lid", "Per-Olav Eide", "Jorunn Hauge",
                    "Odd Ivar Moen", "Synnøve Aa", "Jon Lie", "Liv Berg",
                ),
                1,
            )
        ),
    ),
    CandidateList(
        "BYGD",
        "Tverrpolitisk bygdeliste",
        ("BYGD",),
        tuple(
            Candidate(n, name)
            for n, name in enumerate(
                ("Anne Grete Dale", "Ola Fjell", "Kari Fjell", "Nils Ås", "Gro Sunde", "Arne By", "Eva Ek"), 1
            )
        ),
    ),
)  # fmt: skip
PARTIES = (("Arbeidarpartiet", "AP"), ("Høgre", None), ("Tverrpolitisk bygdeliste", "BYGD"))
ELECTION = Election(
    id="KV2023-4641",
    name="Kommunestyrevalet 2023",
    date="2023-09-11",
    kind=ElectionKind.MUNICIPAL_COUNCIL,
    rules=Rules.VALGLOV_2002,
    area_id="4641",
    area_name="Fjellstrand kommune",
    seats=11,
    max_write_ins=5,
    districts=(District("0001", "Bygda"),),
    lists=LISTS,
    ballots=(
        BallotStyle(BallotKind.LIST, "2990464100100000000003", "AP.pdf", list_id="AP"),
        BallotStyle(BallotKind.LIST, "2990464100200000000004", "BYGD.pdf", list_id="BYGD"),
        BallotStyle(
            BallotKind.PARTY,
            "2990464190100000000003",
            "PARTI.pdf",
            parties=tuple(name for name, _ in PARTIES),
            party_lists=PARTIES,
        ),
    ),
)


@dataclass(frozen=True)
class Fields:
    """Where one ballot's fields were drawn."""

    boxes: dict[int | str, Box]
    names: list[Box]
    parties: list[Box]
    party_write_in: Box | None
    stamp: Box
    marks: tuple[list[Box], list[Box]]


def print_fifth_house(folder: Path, decorate: Callable[[Any], None] | None = None) -> dict[str, Fields]:
    """Writes every blank; returns the fields by ballot key.

    Args:
        decorate: Draws on the inside first, what lies beneath everything else.
    """
    fonts = Path(reportlab.__file__).parent / "fonts"
    for name, file in (("Fifth", "Vera.ttf"), ("FifthBold", "VeraBd.ttf")):
        pdfmetrics.registerFont(TTFont(name, str(fonts / file)))
    return {style.key: _print(style, folder / style.file, decorate) for style in ELECTION.ballots}


def _print(style: BallotStyle, path: Path, decorate: Callable[[Any], None] | None) -> Fields:
    canvas = Canvas(str(path), pagesize=(WIDTH_MM * PT, HEIGHT_MM * PT), invariant=1)
    if decorate is not None:
        decorate(canvas)
    inside_marks = _registration_marks(canvas)
    entry = next((e for e in LISTS if e.id == style.list_id), None)
    _text(canvas, 30, 32, entry.name if entry else "Partirøystesetel", 24, bold=True)
    _text(canvas, 30, 41, "Set kryss i ruta til høgre for namnet. Slik skal krysset stå i ruta:", 9)
    _frame(canvas, Box(150, 37.8, EXAMPLE_MM, EXAMPLE_MM), 0.2)
    party_write_in = None
    boxes: dict[int | str, Box] = {}
    if entry is not None:
        for index, candidate in enumerate(entry.candidates):
            x, y = (30.0, 56 + 12.5 * index) if index < 6 else (160.0, 56 + 12.5 * (index - 6))
            first, _, last = candidate.name.rpartition(" ")
            boxes[candidate.number] = _row(canvas, x, y, f"{candidate.number}. {last}, {first}")
    else:
        for index, name in enumerate((*style.parties, "Blank røyst")):
            boxes[name] = _row(canvas, 30, 56 + 12.5 * index, name)
        _text(canvas, 160, 60, "Anna parti eller gruppe (skriv namnet):", 9)
        party_write_in = Box(160, 64, 95, 11)
        _frame(canvas, party_write_in, 0.35)
    groups = [style.number[:4], *(style.number[i : i + 6] for i in range(4, 22, 6))]
    canvas.setFillColorCMYK(0, 0, 0, 1)
    canvas.setFont("Courier", DIGIT_PT)
    canvas.drawString(60 * PT, _up(188), " ".join(groups))
    canvas.drawString(190 * PT, _up(188), PROOF_ID)
    canvas.showPage()
    outside = _outside(canvas, has_rows=entry is not None)
    canvas.showPage()
    canvas.save()
    names, parties, stamp, outside_marks = outside
    return Fields(boxes, names, parties, party_write_in, stamp, (inside_marks, outside_marks))


def _outside(canvas: Any, has_rows: bool) -> tuple[list[Box], list[Box], Box, list[Box]]:
    canvas.setFillColorCMYK(0.1, 0.3, 0.0, 0.0)
    canvas.rect(0, 0, WIDTH_MM * PT, HEIGHT_MM * PT, stroke=0, fill=1)
    marks = _registration_marks(canvas)
    _text(canvas, 160, 40, "Kommunestyrevalet 2023", 15, bold=True)
    _text(canvas, 160, 48, "Fjellstrand kommune", 11)
    stamp = Box(170, 60, 66, 50)
    _frame(canvas, stamp, 0.4, white=True)
    _text(canvas, 172, 115, "Stempel", 8)
    names, parties = [], []
    if has_rows:
        canvas.setFillColorCMYK(0, 0, 0, 0)
        canvas.rect(22 * PT, _up(150), 122 * PT, 110 * PT, stroke=0, fill=1)
        _text(canvas, 30, 50, "Kandidatar frå andre lister", 12, bold=True)
        _text(canvas, 39, 60.5, "Namnet på kandidaten", 8)
        _text(canvas, 103, 60.5, "Parti/gruppe", 8)
        for row in range(ELECTION.max_write_ins):
            y = 63 + 14.0 * row
            _frame(canvas, Box(28, y, 9, 11), 0.25)
            _text(canvas, 31, y + 7, str(row + 1), 10)
            names.append(Box(37, y, 64, 11))
            parties.append(Box(101, y, 36, 11))
            _frame(canvas, names[-1], 0.25)
            _frame(canvas, parties[-1], 0.25)
    return names, parties, stamp, marks


def _registration_marks(canvas: Any) -> list[Box]:
    """Angles of 7 mm in three corners, discs of 3 mm in the fourth and in the middle of the left edge."""
    canvas.setFillColorCMYK(0, 0, 0, 1)
    marks = []
    for x, y, dx, dy in ((9, 9, 1, 1), (WIDTH_MM - 9, 9, -1, 1), (9, HEIGHT_MM - 9, 1, -1)):
        path = canvas.beginPath()
        corners = ((0, 0), (7, 0), (7, 1.5), (1.5, 1.5), (1.5, 7), (0, 7))
        path.moveTo(x * PT, _up(y))
        for a, b in corners[1:]:
            path.lineTo((x + a * dx) * PT, _up(y + b * dy))
        path.close()
        canvas.drawPath(path, stroke=0, fill=1)
        marks.append(Box(min(x, x + 7 * dx), min(y, y + 7 * dy), 7, 7))
    for x, y in ((WIDTH_MM - 11, HEIGHT_MM - 11), (11, HEIGHT_MM / 2)):
        canvas.circle(x * PT, _up(y), 1.5 * PT, stroke=0, fill=1)
        marks.append(Box(x - 1.5, y - 1.5, 3, 3))
    return marks


def _row(canvas: Any, x_mm: float, middle_mm: float, label: str) -> Box:
    _text(canvas, x_mm, middle_mm + 1.4, label, 11)
    box = Box(x_mm + 84, middle_mm - BOX_MM / 2, BOX_MM, BOX_MM)
    canvas.setStrokeColorCMYK(0, 0, 0, 1)
    canvas.setLineWidth(0.45 * PT)
    canvas.roundRect(box.x_mm * PT, _up(box.bottom_mm), BOX_MM * PT, BOX_MM * PT, 0.8 * PT, stroke=1, fill=0)
    return box


def _frame(canvas: Any, box: Box, line_mm: float, white: bool = False) -> None:
    canvas.setStrokeColorCMYK(0, 0, 0, 1)
    canvas.setFillColorCMYK(0, 0, 0, 0)
    canvas.setLineWidth(line_mm * PT)
    canvas.rect(box.x_mm * PT, _up(box.bottom_mm), box.w_mm * PT, box.h_mm * PT, stroke=1, fill=int(white))


def _text(canvas: Any, x_mm: float, base_mm: float, text: str, size_pt: float, bold: bool = False) -> None:
    canvas.setFillColorCMYK(0, 0, 0, 1)
    canvas.setFont("FifthBold" if bold else "Fifth", size_pt)
    canvas.drawString(x_mm * PT, _up(base_mm), text)


def _up(y_mm: float) -> float:
    """Millimetres from the upper edge to points from the lower edge."""
    return (HEIGHT_MM - y_mm) * PT
