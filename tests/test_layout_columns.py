"""Layouts of a ballot with two columns of names, leaders to the years, and a printed example of a mark."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ballot.election import Election, ElectionKind
from ballot.errors import LayoutError
from ballot.layout import BallotLayout
from calibration.learn import learn_layouts
from calibration.testdeck.elections import make_election

WIDTH_MM, HEIGHT_MM, BOX_MM, PITCH_MM = 297.0, 210.0, 4.0, 6.3
COLUMNS_MM = (14.0, 110.0)
FIRST_ROW_MM = 45.0
TABLE_LEFT_MM, TABLE_RIGHT_MM, TABLE_TOP_MM, ROW_MM, ROWS = 205.0, 287.0, 112.0, 9.0, 6


Frame = tuple[float, float, float, float]


@dataclass(frozen=True)
class Decoration:
    """What a print house may add to the names.

    Attributes:
        leaders: Whether dots lead from each name to the year.
        cells: Whether each name stands in a closed cell.
        example: Text right of a crossed box among the instructions, "" for no such box.
        example_at_mm: Where that box is.
        surplus: Text beside one more box under the last name, "" for no such box.
        boxes_right: Whether boxes stand right of the names, with a cell of their own where names have one.
        places: Whether each candidate's place stands under the name.
        grouped: Whether ballot number and id are set in groups of four.
        watermark: Whether a large pale word lies beneath.
        title: Text in larger print than the list's name, above it.
        frame: One more frame inside: left, top, width and height.
        telephone, telephone_mm: Digits among the text of the outside, and how far down.
    """

    leaders: bool = False
    cells: bool = False
    example: str = ""
    example_at_mm: tuple[float, float] = (230.0, 40.0)
    surplus: str = ""
    boxes_right: bool = False
    places: bool = False
    grouped: bool = False
    watermark: bool = False
    title: str = ""
    frame: Frame | None = None
    telephone: str = ""
    telephone_mm: float = 60


class _Page:
    """Draws in mm from the upper left corner."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def text(self, x: float, y: float, text: str, size: float = 9.0) -> None:
        self.canvas.setFont("Helvetica", size)
        self.canvas.drawString(x * mm, (HEIGHT_MM - y) * mm, text)

    def line(self, x0: float, y0: float, x1: float, y1: float, dashes: tuple[float, ...] = ()) -> None:
        self.canvas.setDash(list(dashes))
        self.canvas.setLineWidth(0.25 * mm)
        self.canvas.line(x0 * mm, (HEIGHT_MM - y0) * mm, x1 * mm, (HEIGHT_MM - y1) * mm)
        self.canvas.setDash([])

    def box(self, x: float, y: float, width: float, height: float) -> None:
        self.canvas.setLineWidth(0.3 * mm)
        self.canvas.rect(x * mm, (HEIGHT_MM - y - height) * mm, width * mm, height * mm)


def _draw_names(page: _Page, election: Election, decoration: Decoration) -> None:
    names = election.lists[0].candidates
    half = -(-len(names) // 2)
    for place, candidate in enumerate(names):
        x, y = COLUMNS_MM[place // half], FIRST_ROW_MM + place % half * PITCH_MM
        page.box(x + (62 if decoration.boxes_right else 0), y, BOX_MM, BOX_MM)
        if decoration.places:
            page.text(x + 13, y + 4.9, "lærer, Øvre Sandvika", 5)
        page.text(x + 7, y + 3.2, f"{candidate.number}")
        page.text(x + 13, y + 3.2, candidate.name)
        page.text(x + 74, y + 3.2, str(candidate.born or 1970))
        if decoration.leaders:
            page.line(x + 15 + 2 * len(candidate.name), y + 3.4, x + 72, y + 3.4, (0.4, 1.2))
        if decoration.cells and decoration.boxes_right:
            for left, right in ((5.5, 61.2), (61.2, 66.8), (66.8, 83.5)):
                page.box(x + left, y - 1.15, right - left, PITCH_MM)
        elif decoration.cells:
            for left, right in ((5.5, 11.5), (11.5, 83.5)):
                page.box(x + left, y - 1.15, right - left, PITCH_MM)
    if decoration.surplus:
        y = FIRST_ROW_MM + half * PITCH_MM
        page.box(COLUMNS_MM[0], y, BOX_MM, BOX_MM)
        page.text(COLUMNS_MM[0] + 13, y + 3.2, decoration.surplus)


def _draw_inside(page: _Page, election: Election, decoration: Decoration) -> None:
    if decoration.watermark:
        page.canvas.setFillGray(0.9)
        page.text(20, 130, "STEMMESEDDEL", 88)
        page.canvas.setFillGray(0)
    page.text(14, 13, decoration.title, 34)
    page.text(14, 22, election.lists[0].name, 24)
    _draw_names(page, election, decoration)
    if decoration.example:
        x, y = decoration.example_at_mm
        page.box(x, y, BOX_MM, BOX_MM)
        page.line(x + 0.5, y + 0.5, x + 3.5, y + 3.5)
        page.line(x + 0.5, y + 3.5, x + 3.5, y + 0.5)
        page.text(x + 7, y + 3.2, decoration.example)
    page.text(TABLE_LEFT_MM, TABLE_TOP_MM - 2, "Kandidatens navn")
    page.text(TABLE_LEFT_MM + 56, TABLE_TOP_MM - 2, "Parti/liste")
    for row in range(ROWS + 1):
        page.line(TABLE_LEFT_MM, TABLE_TOP_MM + row * ROW_MM, TABLE_RIGHT_MM, TABLE_TOP_MM + row * ROW_MM)
    page.text(14, 204, _set(election.ballots[0].number, decoration), 10)
    if decoration.frame is not None:
        page.box(*decoration.frame)


def _set(digits: str, decoration: Decoration) -> str:
    if not decoration.grouped:
        return digits
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def _learn(folder: Path, decoration: Decoration) -> BallotLayout:
    election = make_election(7_311, ElectionKind.MUNICIPAL_COUNCIL, seats=23, lists=2)
    election = replace(election, ballots=election.ballots[:1])
    path = folder / election.ballots[0].file
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas = Canvas(str(path), pagesize=(WIDTH_MM * mm, HEIGHT_MM * mm))
    page = _Page(canvas)
    _draw_inside(page, election, decoration)
    canvas.showPage()
    page.text(14, 22, "Stemmeseddel", 18)
    page.text(14, decoration.telephone_mm, f"Spørsmål? Ring {decoration.telephone}")
    page.box(180, 30, 60, 40)
    page.text(14, 204, _set("00000001", decoration), 10)
    canvas.save()
    (layout,) = learn_layouts(election, folder).ballots
    assert len(layout.inside.mark_boxes) == len(election.lists[0].candidates)
    return layout


@pytest.mark.parametrize(
    "decoration",
    [
        Decoration(),
        Decoration(leaders=True),
        Decoration(cells=True),
        Decoration(boxes_right=True, places=True),
        Decoration(boxes_right=True, cells=True, watermark=True),
    ],
)
def test_every_row_to_write_in_is_found_whatever_lines_the_names_have(
    tmp_path: Path, decoration: Decoration
) -> None:
    rows = _learn(tmp_path, decoration).inside.write_in_rows
    assert len(rows) == ROWS
    for index, row in enumerate(rows):
        assert row.name.x_mm == pytest.approx(TABLE_LEFT_MM, abs=0.3)
        assert row.name.y_mm == pytest.approx(TABLE_TOP_MM + index * ROW_MM, abs=0.3)
        assert row.party is not None
        assert row.party.right_mm == pytest.approx(TABLE_RIGHT_MM, abs=0.3)


@pytest.mark.parametrize("cells", [False, True])
@pytest.mark.parametrize("boxes_right", [False, True])
def test_every_box_is_found_where_it_belongs_to_a_name(
    tmp_path: Path, boxes_right: bool, cells: bool
) -> None:
    decoration = Decoration(boxes_right=boxes_right, cells=cells)
    marks = _learn(tmp_path, decoration).inside.mark_boxes
    half = -(-len(marks) // 2)
    for mark in marks:
        assert mark.candidate is not None
        column, row = divmod(mark.candidate - 1, half)
        assert mark.box.x_mm == pytest.approx(COLUMNS_MM[column] + (62 if boxes_right else 0), abs=0.3)
        assert mark.box.y_mm == pytest.approx(FIRST_ROW_MM + row * PITCH_MM, abs=0.3)
        assert mark.box.w_mm == pytest.approx(BOX_MM, abs=0.3)


def test_an_id_is_not_taken_from_the_groups_of_the_ballot_number(tmp_path: Path) -> None:
    layout = _learn(tmp_path, Decoration(grouped=True))
    assert layout.inside.ballot_id is None
    assert layout.inside.ballot_number is not None
    assert layout.outside.ballot_id is not None
    assert layout.outside.ballot_id.text == "00000001"


@pytest.mark.parametrize("text", ["Ola Nordmann", "Riktig / Riekta"])
@pytest.mark.parametrize("place", [(230.0, 40.0), (230.0, FIRST_ROW_MM), (COLUMNS_MM[0], 190.0)])
def test_a_printed_example_of_a_mark_is_nobodys_box(
    tmp_path: Path, text: str, place: tuple[float, float]
) -> None:
    layout = _learn(tmp_path, Decoration(example=text, example_at_mm=place))
    assert all(
        abs(mark.box.y_mm - place[1]) > 1 or abs(mark.box.x_mm - place[0]) > 1
        for mark in layout.inside.mark_boxes
    )


def test_a_box_that_goes_on_a_column_is_somebodys(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="printed «Ola Nordmann»"):
        _learn(tmp_path, Decoration(surplus="Ola Nordmann"))


def test_a_title_above_the_name_of_the_list_is_no_part_of_it(tmp_path: Path) -> None:
    header = _learn(tmp_path, Decoration(title="STEMMESEDDEL")).inside.header
    assert header is not None
    assert header.y_mm > 13


@pytest.mark.parametrize(
    "frame",
    [
        (TABLE_LEFT_MM - 3, TABLE_TOP_MM - 9, TABLE_RIGHT_MM - TABLE_LEFT_MM + 6, 70.0),
        (205.0, 45.0, 70.0, 45.0),
    ],
    ids=["around the table to write in", "empty"],
)
def test_no_frame_inside_is_a_stamp_field_beside_the_one_outside(tmp_path: Path, frame: Frame) -> None:
    """In it «LYKKE TIL MED VALGET», neatly written, made a ballot without a stamp an accepted one."""
    layout = _learn(tmp_path, Decoration(frame=frame))
    assert layout.inside.stamp_field is None
    assert layout.outside.stamp_field is not None
    assert layout.outside.stamp_field.as_list() == pytest.approx([180, 30, 60, 40], abs=0.3)


@pytest.mark.parametrize("down_mm", [60, 207])
def test_a_telephone_number_is_no_ballot_id(tmp_path: Path, down_mm: float) -> None:
    """All ballots have the same, so that each sheet was the same ballot once more."""
    layout = _learn(tmp_path, Decoration(telephone="51506070", telephone_mm=down_mm))
    assert layout.outside.ballot_id is not None
    assert layout.outside.ballot_id.text == "00000001"
