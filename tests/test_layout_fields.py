"""Stamp fields and tables to write in of houses that frame more than fields, or set columns in new ways."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from typer.testing import CliRunner

from ballot.geometry import Box
from ballot.layout import WriteInRow
from calibration.blank import BlankSide, read_blank
from calibration.rectangles import Rectangle, find_rectangles
from calibration.stamp_field import find_stamp_field
from calibration.write_in_field import find_write_in_rows
from station.commands import layout as layout_command
from tests.conftest import Fifth
from tests.fifth_house import ELECTION

WIDTH_MM, HEIGHT_MM = 210.0, 110.0
STAMP = Box(140, 10, 55, 40)
ADDRESS = ("Returadresse:", "Valgstyret i Lia kommune", "Rådhusgata 4", "9990 Lia")
STEPS = (
    "1. Brett seddelen slik at denne siden vender ut.",
    "2. Få et stempel på stemmeseddelen.",
    "3. Legg stemmeseddelen i urnen.",
)
ROW_MM, ROWS = 8.0, 4
TABLE_TOP_MM = 40.0


class _Page:
    """Draws in mm from the upper left corner."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.text(12, 8, "Stemmeseddel for valget i Lia kommune")

    def text(self, x: float, y: float, text: str, size: float = 9.0) -> None:
        self.canvas.setFont("Helvetica", size)
        self.canvas.drawString(x * mm, (HEIGHT_MM - y) * mm, text)

    def line(self, x0: float, x1: float, y: float) -> None:
        self.canvas.setLineWidth(0.25 * mm)
        self.canvas.line(x0 * mm, (HEIGHT_MM - y) * mm, x1 * mm, (HEIGHT_MM - y) * mm)

    def frame(self, box: Box) -> None:
        self.canvas.setLineWidth(0.3 * mm)
        self.canvas.rect(box.x_mm * mm, (HEIGHT_MM - box.bottom_mm) * mm, box.w_mm * mm, box.h_mm * mm)

    def panel(self, box: Box, lines: tuple[str, ...]) -> None:
        """A frame around lines of print."""
        self.frame(box)
        for index, line in enumerate(lines):
            self.text(box.x_mm + 4, box.y_mm + 8 + 7 * index, line, 10)


def _learnt(folder: Path, draw: Callable[[_Page], None]) -> tuple[BlankSide, list[Rectangle]]:
    """A side as read from a PDF, with its rectangles."""
    canvas = Canvas(str(folder / "blank.pdf"), pagesize=(WIDTH_MM * mm, HEIGHT_MM * mm), invariant=1)
    draw(_Page(canvas))
    canvas.showPage()
    _Page(canvas)
    canvas.save()
    side, _ = read_blank(folder / "blank.pdf")
    return side, find_rectangles(side.grey)


def _assert_same(found: Box | None, true: Box) -> None:
    assert found is not None
    assert found.as_list() == pytest.approx(true.as_list(), abs=0.3)


@pytest.mark.parametrize("lines", [ADDRESS, STEPS])
def test_a_larger_frame_full_of_print_is_no_stamp_field(tmp_path: Path, lines: tuple[str, ...]) -> None:
    def draw(page: _Page) -> None:
        page.frame(STAMP)
        page.panel(Box(12, 30, 95, 40), lines)

    _assert_same(find_stamp_field(*_learnt(tmp_path, draw)), STAMP)


@pytest.mark.parametrize("label", ["Stempel", "Valgstyrets stempel:"])
def test_no_frame_elsewhere_is_taken_for_the_stamp_field_that_is_named(tmp_path: Path, label: str) -> None:
    def draw(page: _Page) -> None:
        page.text(STAMP.x_mm + 2, STAMP.y_mm + 4, label)
        page.panel(Box(12, 30, 95, 40), ("Tilleggsopplysninger",))

    assert find_stamp_field(*_learnt(tmp_path, draw)) is None


def test_instructions_that_speak_of_the_stamp_name_no_field(tmp_path: Path) -> None:
    def draw(page: _Page) -> None:
        page.frame(STAMP)
        for index, line in enumerate(STEPS):
            page.text(12, 80 + 6 * index, line)

    _assert_same(find_stamp_field(*_learnt(tmp_path, draw)), STAMP)


def test_what_a_field_says_of_its_stamp_is_no_print_in_it(tmp_path: Path) -> None:
    def draw(page: _Page) -> None:
        page.panel(
            STAMP, ("Her stempler valgfunksjonæren", "seddelen når den er stemplet", "og stemmes over")
        )

    _assert_same(find_stamp_field(*_learnt(tmp_path, draw)), STAMP)


Column = tuple[str, float, float]
"""Its heading, and where it begins and ends, in mm."""


def _table(page: _Page, columns: list[Column], with_cells: bool) -> None:
    page.text(columns[0][1], TABLE_TOP_MM - 12, "Kandidater fra andre lister", 12)
    page.text(columns[0][1], TABLE_TOP_MM - 6, "Skriv navn og parti eller liste tydelig.")
    for heading, left, right in columns:
        page.text(left + 1, TABLE_TOP_MM - 1.2, heading, 7)
        for row in range(ROWS):
            y = TABLE_TOP_MM + row * ROW_MM
            if with_cells:
                page.frame(Box(left, y, right - left, ROW_MM))
            else:
                page.line(left, right - 2, y + ROW_MM)


def _rows(folder: Path, columns: list[Column], with_cells: bool) -> tuple[WriteInRow, ...]:
    return find_write_in_rows(*_learnt(folder, lambda page: _table(page, columns, with_cells)))


def _assert_column(cells: Sequence[Box | None], column: Column, with_cells: bool) -> None:
    _, left, right = column
    for index, cell in enumerate(cells):
        true = Box(left, TABLE_TOP_MM + index * ROW_MM, right - left - (0 if with_cells else 2), ROW_MM)
        _assert_same(cell, true)


@pytest.mark.parametrize("with_cells", [True, False])
@pytest.mark.parametrize(
    ("headings", "widths_mm"),
    [
        (["Kandidatens navn", "Parti/gruppe"], [60, 40]),
        (["Kandidatens navn", "Født år", "Parti/gruppe"], [60, 18, 40]),
        (["Kandidatens navn", "Født", "Parti/gruppe"], [60, 10, 40]),
        (["Kandidatens navn", "Parti/gruppe", "Født år"], [60, 16, 30]),
        (["Parti/gruppe", "Kandidatens navn"], [40, 80]),
        (["Kandidatens navn", "Parti/gruppe"], [50, 60]),
    ],
)
def test_the_party_is_written_under_its_heading(
    tmp_path: Path, headings: list[str], widths_mm: list[float], with_cells: bool
) -> None:
    lefts = [20 + sum(widths_mm[:index]) for index in range(len(widths_mm))]
    columns = [(h, x, x + w) for h, x, w in zip(headings, lefts, widths_mm, strict=True)]
    rows = _rows(tmp_path, columns, with_cells)
    assert [row.row for row in rows] == list(range(1, ROWS + 1))
    _assert_column([r.name for r in rows], columns[headings.index("Kandidatens navn")], with_cells)
    _assert_column([r.party for r in rows], columns[headings.index("Parti/gruppe")], with_cells)


@pytest.mark.parametrize("with_cells", [True, False])
@pytest.mark.parametrize("party_mm", [30, 45])
def test_a_table_that_is_printed_twice_has_all_its_rows(
    tmp_path: Path, party_mm: float, with_cells: bool
) -> None:
    columns: list[Column] = [
        (heading, left, left + width)
        for start in (12, 110)
        for heading, left, width in [("Navn", start, 45), ("Parti", start + 45, party_mm)]
    ]
    rows = _rows(tmp_path, columns, with_cells)
    assert [row.row for row in rows] == list(range(1, 2 * ROWS + 1))
    for block, own in enumerate((rows[:ROWS], rows[ROWS:])):
        _assert_column([r.name for r in own], columns[2 * block], with_cells)
        _assert_column([r.party for r in own], columns[2 * block + 1], with_cells)


@pytest.mark.parametrize("with_cells", [True, False])
def test_a_table_without_parties_that_is_printed_twice_has_all_its_rows(
    tmp_path: Path, with_cells: bool
) -> None:
    columns = [("Navn og parti", 12.0, 102.0), ("Navn og parti", 110.0, 200.0)]
    rows = _rows(tmp_path, columns, with_cells)
    assert len(rows) == 2 * ROWS
    _assert_column([r.name for r in rows[ROWS:]], columns[1], with_cells)


@pytest.mark.parametrize(("count", "notes"), [(5, 0), (8, 2)])
def test_ballots_with_fewer_rows_than_written_names_count_are_noted(
    fifth: Fifth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, notes: int
) -> None:
    monkeypatch.setattr(
        "station.election_file.load_election", lambda _: replace(ELECTION, max_write_ins=count)
    )
    monkeypatch.setattr("calibration.learn.learn_layouts", lambda *_: fifth[2])
    app = typer.Typer()
    layout_command.register(app)
    command = ["election.json", "-o", str(tmp_path / "ballots.layout")]
    assert (
        CliRunner().invoke(app, command).stdout.count("5 write-in rows, but 8 written names count") == notes
    )
    answer = json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)
    assert [note.split()[1] for note in answer["notes"]] == ["AP", "BYGD"][:notes]
