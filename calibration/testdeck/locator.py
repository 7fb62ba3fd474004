"""Finds the fields of a blank that another print house made, from the PDF's own vectors and text.

Only the simulator uses this, to know where to put ink. It is kept apart from the layout learner
on purpose, so that a test deck cannot inherit the learner's mistakes; it asks more of the PDF:
vector rectangles for boxes and table cells, and text that can be copied.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from ballot.election import BallotKind, BallotStyle, Election
from ballot.errors import CalibrationError
from ballot.geometry import Box
from ballot.layout import BoxKind, DigitField, MarkBox, WriteInRow
from calibration.testdeck.fields import BallotFields, FieldMap, SideFields
from calibration.testdeck.sheet import digit_advance_mm, digit_field

MM_PER_PT = 25.4 / 72
BOX_MM = (2.5, 8.0)
CELL_H_MM = (6.0, 16.0)
CELL_W_MM = 25.0
STAMP_MM = 30.0
NUMBER_DIGITS, ID_DIGITS = 22, 8


@dataclass(frozen=True, slots=True)
class _Side:
    """The outlined rectangles and the lines of text of a page."""

    width_mm: float
    height_mm: float
    outlines: tuple[Box, ...]
    lines: tuple[tuple[str, Box], ...]
    digits: tuple[DigitField, ...]


def locate_fields(election: Election, folder: Path) -> FieldMap:
    """The fields of every ballot of an election.

    Raises:
        CalibrationError: A blank is missing, or its boxes do not fit the election.
    """
    import pypdfium2

    ballots = []
    for style in election.ballots:
        path = folder / style.file
        try:
            document = pypdfium2.PdfDocument(path)
        except (pypdfium2.PdfiumError, OSError) as error:
            raise CalibrationError(f"The blank ballot {path} cannot be opened ({error}).") from error
        inside, outside = (_read_side(document[i]) for i in (0, 1))
        document.close()
        ballots.append(BallotFields(style.key, _inside(election, style, inside), _outside(outside)))
    return FieldMap(tuple(ballots))


def _box(bounds: tuple[float, ...], height_pt: float) -> Box:
    left, bottom, right, top = (v * MM_PER_PT for v in bounds)
    return Box(left, height_pt * MM_PER_PT - top, right - left, top - bottom)


def _read_side(page: Any) -> _Side:
    import pypdfium2.raw as raw

    width, height = page.get_size()
    outlines = [
        _box(item.get_bounds(), height).grown(-_line_mm(item, raw))
        for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH])
        if raw.FPDFPath_CountSegments(item.raw) == 5 and _has_outline(item, raw)
    ]
    text = page.get_textpage()
    lines = []
    for i in range(text.count_rects()):
        rect = text.get_rect(i)
        lines.append((text.get_text_bounded(*rect).strip(), _box(rect, height)))
    digits = tuple(_digit_lines(text, height))
    return _Side(width * MM_PER_PT, height * MM_PER_PT, tuple(outlines), tuple(lines), digits)


def _has_outline(item: Any, raw: Any) -> bool:
    from ctypes import byref, c_int

    fill, stroke = c_int(), c_int()
    raw.FPDFPath_GetDrawMode(item.raw, byref(fill), byref(stroke))
    return bool(stroke.value)


def _line_mm(item: Any, raw: Any) -> float:
    """The width of an outline; bounds reach that far beyond its middle on every side."""
    from ctypes import byref, c_float

    width = c_float()
    raw.FPDFPageObj_GetStrokeWidth(item.raw, byref(width))
    return width.value * MM_PER_PT


def _digit_lines(text: Any, height_pt: float) -> Iterator[DigitField]:
    """Runs of digits as long as a ballot number or a ballot id."""
    characters = list(enumerate(text.get_text_range(0, text.count_chars())))
    for is_digit, run in groupby(characters, key=lambda pair: pair[1].isdigit()):
        found = list(run)
        if not is_digit or len(found) not in (NUMBER_DIGITS, ID_DIGITS):
            continue
        first, last = (_origin_mm(text, index, height_pt) for index in (found[0][0], found[-1][0]))
        advance_mm = (last[0] - first[0]) / (len(found) - 1)
        digits = "".join(character for _, character in found)
        yield digit_field(first[0], first[1], digits, advance_mm / digit_advance_mm(1.0))


def _origin_mm(text: Any, index: int, height_pt: float) -> tuple[float, float]:
    """Where a character starts on its baseline."""
    from ctypes import byref, c_double

    import pypdfium2.raw as raw

    x, y = c_double(), c_double()
    raw.FPDFText_GetCharOrigin(text.raw, index, byref(x), byref(y))
    return x.value * MM_PER_PT, (height_pt - y.value) * MM_PER_PT


def _label(side: _Side, box: Box) -> tuple[str, Box] | None:
    """The nearest line of text in the row of a box."""
    middle = box.center_mm[1]
    row = [
        (t, b) for t, b in side.lines if b.y_mm - 1 < middle < b.bottom_mm + 1 and any(c.isalpha() for c in t)
    ]
    return min(row, key=lambda line: abs(line[1].center_mm[0] - box.center_mm[0]), default=None)


def _squares(side: _Side) -> list[Box]:
    low, high = BOX_MM
    return [b for b in side.outlines if low <= b.w_mm <= high and abs(b.w_mm - b.h_mm) < 0.2]


def _mark_boxes(
    election: Election, style: BallotStyle, side: _Side
) -> tuple[tuple[MarkBox, ...], tuple[tuple[int, Box], ...]]:
    squares = _squares(side)
    if style.kind is BallotKind.MAYOR:
        return _choice_boxes(election, squares, side)
    boxes: list[MarkBox] = []
    names: list[tuple[int, Box]] = []
    by_label = {f"{c.number}. {c.name}": c for c in election.candidates_on(style)}
    for square in squares:
        label, place = _label(side, square) or ("", square)
        if label in by_label:
            number = by_label[label].number
            boxes.append(MarkBox(BoxKind.PERSONAL, square, candidate=number, label=by_label[label].name))
            names.append((number, place))
        elif label in style.parties:
            boxes.append(MarkBox(BoxKind.PARTY, square, party=label, label=label))
        elif style.kind is BallotKind.PARTY:
            boxes.append(MarkBox(BoxKind.BLANK_VOTE, square, label=label))
    wanted = len(by_label) + (len(style.parties) + 1 if style.kind is BallotKind.PARTY else 0)
    if len(boxes) != wanted:
        raise CalibrationError(
            f"{style.file}: {len(boxes)} boxes with a known name were found, {wanted} were expected.",
            "The simulator needs vector boxes and text; use blanks that have both.",
        )
    return tuple(sorted(boxes, key=lambda m: m.candidate or 0)), tuple(sorted(names, key=lambda n: n[0]))


def _choice_boxes(
    election: Election, squares: list[Box], side: _Side
) -> tuple[tuple[MarkBox, ...], tuple[tuple[int, Box], ...]]:
    """Two boxes a row, first choice to the left; rows in the order of the candidates."""
    rows = sorted({round(b.y_mm, 1) for b in squares})
    candidates = election.mayor_candidates
    if len(squares) != 2 * len(candidates) or len(rows) != len(candidates):
        raise CalibrationError(f"The mayor ballot has {len(squares)} boxes for {len(candidates)} candidates.")
    boxes, names = [], []
    for candidate, row in zip(candidates, rows, strict=True):
        pair = sorted((b for b in squares if round(b.y_mm, 1) == row), key=lambda b: b.x_mm)
        for kind, box in zip((BoxKind.FIRST_CHOICE, BoxKind.SECOND_CHOICE), pair, strict=True):
            boxes.append(MarkBox(kind, box, candidate=candidate.number, label=candidate.name))
        names += [
            (candidate.number, b) for t, b in side.lines if t == f"{candidate.number}. {candidate.name}"
        ]
    return tuple(boxes), tuple(names)


def _cells(side: _Side) -> list[Box]:
    low, high = CELL_H_MM
    return sorted(
        (b for b in side.outlines if b.w_mm >= CELL_W_MM and low <= b.h_mm <= high),
        key=lambda b: (b.y_mm, b.x_mm),
    )


def _write_in_rows(side: _Side) -> tuple[WriteInRow, ...]:
    rows: list[WriteInRow] = []
    for _, cells in groupby(_cells(side), key=lambda b: round(b.y_mm, 1)):
        row = list(cells)
        rows.append(WriteInRow(len(rows) + 1, row[0], row[1] if len(row) > 1 else None))
    return tuple(rows)


def _common(side: _Side) -> dict[str, Any]:
    printed = tuple(b for _, b in side.lines) + side.outlines
    upright = side.height_mm > side.width_mm
    return {
        "width_mm": side.width_mm,
        "height_mm": side.height_mm,
        "printed": printed,
        "folds_x_mm": () if upright else (side.width_mm / 2,),
        "folds_y_mm": (side.height_mm / 2,) if upright else (),
    }


def _inside(election: Election, style: BallotStyle, side: _Side) -> SideFields:
    boxes, names = _mark_boxes(election, style, side)
    cells = _cells(side)
    by_length = {len(d.text): d for d in side.digits}
    return SideFields(
        mark_boxes=boxes,
        names=names,
        write_in_rows=_write_in_rows(side)
        if style.kind is BallotKind.LIST and election.max_write_ins
        else (),
        party_write_in=cells[0] if style.kind is BallotKind.PARTY and cells else None,
        ballot_number=by_length.get(NUMBER_DIGITS),
        ballot_id=by_length.get(ID_DIGITS),
        **_common(side),
    )


def _outside(side: _Side) -> SideFields:
    fields = [b for b in side.outlines if min(b.w_mm, b.h_mm) > STAMP_MM]
    by_length = {len(d.text): d for d in side.digits}
    return SideFields(
        stamp_field=min(fields, key=lambda b: b.area_mm2, default=None),
        ballot_id=by_length.get(ID_DIGITS),
        ballot_number=by_length.get(NUMBER_DIGITS),
        **_common(side),
    )
