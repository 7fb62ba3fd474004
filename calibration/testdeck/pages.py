"""What stands on each side of each kind of ballot."""

from __future__ import annotations

from dataclasses import dataclass

from ballot.election import BallotKind, BallotStyle, Candidate, Election, ElectionKind
from ballot.errors import CalibrationError
from ballot.geometry import Box
from ballot.layout import BoxKind, MarkBox, PageSide, WriteInRow
from calibration.testdeck.designs import BoxPlace, Column, Design, WriteInStyle
from calibration.testdeck.fields import SideFields
from calibration.testdeck.sheet import PrintedSide

PROOF_ID = "00000001"
MIN_GAP_MM = 0.7
TEXT_GAP_MM = 2.6
RULE_MM = 0.25
MAX_WRITE_IN_ROW_MM = 10.5
HEADING_PT = 7.0
INSTRUCTION = {
    ElectionKind.MUNICIPAL_COUNCIL: "Sett kryss i ruten ved kandidatene du vil gi personstemme.",
    ElectionKind.COUNTY_COUNCIL: "Sett kryss i ruten ved kandidatene du vil gi personstemme.",
    ElectionKind.MAYOR: "Sett ett kryss for førstevalg og, om du vil, ett for andrevalg.",
}


@dataclass(frozen=True, slots=True)
class _Rows:
    """Row distance and how many rows each column takes."""

    pitch_mm: float
    counts: tuple[int, ...]


def _flow(design: Design, columns: tuple[Column, ...], needed: int, what: str) -> _Rows:
    """Fills column after column; sets the rows closer when they do not fit."""
    pitch = design.row_mm
    while pitch >= design.box_mm + MIN_GAP_MM:
        room = [int((c.bottom_mm - c.top_mm) / pitch) for c in columns]
        counts = []
        left = needed
        for slots in room:
            counts.append(min(left, slots))
            left -= counts[-1]
        if left == 0:
            return _Rows(pitch, tuple(counts))
        pitch -= 0.1
    raise CalibrationError(
        f"The design {design.name!r} has no room for {needed} rows on {what}.",
        "Make an election with fewer seats, or use another design.",
    )


def _slots(design: Design, columns: tuple[Column, ...], needed: int, what: str) -> list[tuple[Column, float]]:
    """Column and vertical middle of each row, in order."""
    rows = _flow(design, columns, needed, what)
    return [
        (column, column.top_mm + (i + 0.5) * rows.pitch_mm)
        for column, count in zip(columns, rows.counts, strict=True)
        for i in range(count)
    ]


def _box_at(design: Design, column: Column, middle_mm: float) -> Box:
    left = column.x_mm if design.box_place is BoxPlace.LEFT else column.x_mm + column.w_mm - design.box_mm
    return Box(left, middle_mm - design.box_mm / 2, design.box_mm, design.box_mm)


def _text_x(design: Design, column: Column) -> float:
    return column.x_mm + (design.box_mm + TEXT_GAP_MM if design.box_place is BoxPlace.LEFT else 0.0)


def _baseline(middle_mm: float, size_pt: float) -> float:
    """Baseline that sets capitals in the middle of a row."""
    return middle_mm + 0.35 * size_pt * 25.4 / 72


def _header(side: PrintedSide, title: str, lines: tuple[str, ...]) -> Box:
    d = side.design
    x, y = d.header_xy_mm
    box = side.text(x, y, title, d.header_pt, bold=True)
    for i, line in enumerate(lines):
        side.text(x, y + 7.5 + 5.2 * i, line, d.text_pt + (2 if i == 0 else 0))
    return box


def _candidate_rows(
    side: PrintedSide, candidates: tuple[Candidate, ...], what: str
) -> tuple[tuple[MarkBox, ...], tuple[tuple[int, Box], ...]]:
    d = side.design
    slots = _slots(d, d.columns, len(candidates), what)
    boxes, names = [], []
    for candidate, (column, middle) in zip(candidates, slots, strict=True):
        box = _box_at(d, column, middle)
        side.frame(box, d.box_line_mm)
        label = f"{candidate.number}. {candidate.name}"
        baseline = _baseline(middle, d.name_pt)
        name_box = side.text(_text_x(d, column), baseline, label, d.name_pt, bold=candidate.stemmetillegg)
        if d.born_printed and candidate.born is not None:
            end = column.x_mm + column.w_mm - (0 if d.box_place is BoxPlace.LEFT else d.box_mm + 6)
            year = str(candidate.born)
            side.text(end - side.text_width_mm(year, d.name_pt - 1), baseline, year, d.name_pt - 1)
        boxes.append(MarkBox(BoxKind.PERSONAL, box, candidate=candidate.number, label=candidate.name))
        names.append((candidate.number, name_box))
    return tuple(boxes), tuple(names)


def _write_in_rows(side: PrintedSide, count: int) -> tuple[WriteInRow, ...]:
    """The field «Kandidater fra andre lister»."""
    d = side.design
    table = d.write_in
    row_h = min(MAX_WRITE_IN_ROW_MM, table.h_mm / count)
    split = table.x_mm + table.w_mm * d.write_in_split
    bottom = table.y_mm + count * row_h
    if d.write_in_side is PageSide.OUTSIDE:
        side.solid(
            Box(table.x_mm - 5, table.y_mm - 19, table.w_mm + 10, bottom - table.y_mm + 25),
            (0, 0, 0, 0),
            note=False,
        )
    side.text(table.x_mm, table.y_mm - 11.5, "Kandidater fra andre lister", d.text_pt + 3, bold=True)
    side.text(
        table.x_mm,
        table.y_mm - 6.5,
        f"Du kan føre opp inntil {count} kandidater fra andre lister.",
        d.text_pt - 1,
    )
    side.text(table.x_mm + 1, table.y_mm - 1.6, "Kandidatens navn", HEADING_PT)
    side.text(split + 1, table.y_mm - 1.6, "Parti/gruppe", HEADING_PT)
    grid = d.write_in_style is WriteInStyle.GRID
    for i in range(count + 1):
        side.rule(table.x_mm, table.y_mm + i * row_h, table.right_mm, table.y_mm + i * row_h, RULE_MM)
    if grid:
        for x in (table.x_mm, split, table.right_mm):
            side.rule(x, table.y_mm, x, bottom, RULE_MM)
    side.printed.append(Box(table.x_mm, table.y_mm, table.w_mm, count * row_h))
    return tuple(
        WriteInRow(
            row=i + 1,
            name=Box(table.x_mm, table.y_mm + i * row_h, split - table.x_mm, row_h),
            party=Box(split, table.y_mm + i * row_h, table.right_mm - split, row_h),
        )
        for i in range(count)
    )


def _party_rows(side: PrintedSide, style: BallotStyle) -> tuple[MarkBox, ...]:
    """A box for each registered party and one for a blank vote."""
    d = side.design
    entries = [(BoxKind.PARTY, name) for name in style.parties] + [(BoxKind.BLANK_VOTE, "Blank stemme")]
    boxes = []
    for (kind, name), (column, middle) in zip(
        entries, _slots(d, d.columns[:1], len(entries), "the party ballot"), strict=True
    ):
        box = _box_at(d, column, middle)
        side.frame(box, d.box_line_mm)
        side.text(_text_x(d, column), _baseline(middle, d.name_pt + 1), name, d.name_pt + 1)
        boxes.append(MarkBox(kind, box, party=name if kind is BoxKind.PARTY else None, label=name))
    return tuple(boxes)


def _party_write_in(side: PrintedSide) -> Box:
    """The field for the name of a group that is not printed; below or beside the parties."""
    d = side.design
    column = d.columns[-1]
    box = Box(column.x_mm, column.bottom_mm - 34, column.w_mm, 12)
    side.text(box.x_mm, box.y_mm - 2, "Annet parti eller annen gruppe:", d.text_pt)
    if d.write_in_style is WriteInStyle.GRID:
        side.frame(box, RULE_MM)
    else:
        side.rule(box.x_mm, box.bottom_mm, box.right_mm, box.bottom_mm, RULE_MM)
        side.printed.append(box)
    return box


def _mayor_rows(
    side: PrintedSide, candidates: tuple[Candidate, ...]
) -> tuple[tuple[MarkBox, ...], tuple[tuple[int, Box], ...]]:
    """Two boxes a candidate: first and second choice."""
    d = side.design
    column = d.columns[0]
    pitch = min(13.0, (column.bottom_mm - column.top_mm) / len(candidates))
    step = d.box_mm + 12
    left = d.box_place is BoxPlace.LEFT
    first_x = column.x_mm if left else column.x_mm + column.w_mm - step - d.box_mm
    text_x = first_x + step + d.box_mm + TEXT_GAP_MM if left else column.x_mm
    boxes, names = [], []
    for i, (kind, heading) in enumerate(
        ((BoxKind.FIRST_CHOICE, "1. valg"), (BoxKind.SECOND_CHOICE, "2. valg"))
    ):
        middle = first_x + i * step + d.box_mm / 2
        side.text(
            middle - side.text_width_mm(heading, d.text_pt, True) / 2,
            column.top_mm - 3,
            heading,
            d.text_pt,
            bold=True,
        )
        for row, candidate in enumerate(candidates):
            box = Box(first_x + i * step, column.top_mm + row * pitch + 1, d.box_mm, d.box_mm)
            side.frame(box, d.box_line_mm)
            boxes.append(MarkBox(kind, box, candidate=candidate.number, label=candidate.name))
    for row, candidate in enumerate(candidates):
        baseline = _baseline(column.top_mm + row * pitch + 1 + d.box_mm / 2, d.name_pt + 1.5)
        label = f"{candidate.number}. {candidate.name}"
        names.append((candidate.number, side.text(text_x, baseline, label, d.name_pt + 1.5, bold=True)))
        side.text(text_x, baseline + 4, candidate.list_name or "", d.text_pt - 1)
    return tuple(boxes), tuple(names)


def print_inside(side: PrintedSide, election: Election, style: BallotStyle) -> SideFields:
    """Draws the inside and says where its fields are."""
    d = side.design
    side.bands(election.kind)
    marks = side.registration_marks()
    boxes: tuple[MarkBox, ...] = ()
    names: tuple[tuple[int, Box], ...] = ()
    rows: tuple[WriteInRow, ...] = ()
    party_field = None
    where = f"{election.name} · {election.area_name}"
    found = election.list_by_id(style.list_id) if style.list_id is not None else None
    if style.kind is BallotKind.LIST and found is not None:
        header = _header(side, found.name, (where, INSTRUCTION[election.kind]))
        boxes, names = _candidate_rows(side, found.candidates, f"the list {found.id}")
        if election.max_write_ins and d.write_in_side is PageSide.INSIDE:
            rows = _write_in_rows(side, election.max_write_ins)
    elif style.kind is BallotKind.PARTY:
        header = _header(side, "Partistemmeseddel", (where, "Sett ett kryss ved partiet du vil stemme på."))
        boxes = _party_rows(side, style)
        party_field = _party_write_in(side)
    elif style.kind is BallotKind.MAYOR:
        header = _header(side, "Ordførervalg", (where, INSTRUCTION[election.kind]))
        boxes, names = _mayor_rows(side, election.mayor_candidates)
    else:
        header = _header(side, "Blank stemmeseddel", (where,))
    return SideFields(
        width_mm=d.width_mm,
        height_mm=d.height_mm,
        mark_boxes=boxes,
        write_in_rows=rows,
        party_write_in=party_field,
        ballot_number=side.digits(*d.number_xy_mm, style.number),
        ballot_id=side.digits(*d.id_xy_mm, PROOF_ID),
        header=header,
        registration_marks=marks,
        names=names,
        printed=tuple(side.printed),
        folds_x_mm=d.folds_x_mm,
        folds_y_mm=d.folds_y_mm,
    )


def print_outside(side: PrintedSide, election: Election, style: BallotStyle) -> SideFields:
    """Draws the outside: title, stamp field, folding instruction, perhaps the write-in field."""
    d = side.design
    side.background(election.kind)
    marks = side.registration_marks()
    x, y = d.outside_title_xy_mm
    side.text(x, y, election.name, d.text_pt + 6, bold=True)
    side.text(x, y + 7, election.area_name, d.text_pt + 2)
    side.frame(d.stamp_field, 0.3, white=True)
    side.text(d.stamp_field.x_mm + 3, d.stamp_field.y_mm + 5, "Stempel", d.text_pt - 1)
    tell_y = d.height_mm - 26 if d.stamp_field.bottom_mm < d.height_mm - 40 else d.height_mm - 16
    side.text(
        d.mark_inset_mm + 14,
        tell_y,
        "Brett seddelen slik at denne siden vender ut, og få den stemplet.",
        d.text_pt,
    )
    rows: tuple[WriteInRow, ...] = ()
    if style.kind is BallotKind.LIST and election.max_write_ins and d.write_in_side is PageSide.OUTSIDE:
        rows = _write_in_rows(side, election.max_write_ins)
    return SideFields(
        width_mm=d.width_mm,
        height_mm=d.height_mm,
        write_in_rows=rows,
        stamp_field=d.stamp_field,
        registration_marks=marks,
        printed=tuple(side.printed),
        folds_x_mm=tuple(d.width_mm - x for x in d.folds_x_mm),
        folds_y_mm=d.folds_y_mm,
    )
