"""The fields of an identified sheet: ballot id, boxes, write-in rows, party and choices."""

from __future__ import annotations

import math
from dataclasses import replace

from ballot.geometry import Box
from ballot.layout import BoxKind, WriteInRow
from ballot.reading import Choices, DoubtCode, MarkReading, MarkState, SheetKind, WriteInReading
from recognition.alike import JudgedBox, judged_together
from recognition.boxes import BoxMeasure, measure_boxes
from recognition.field_masks import place_of
from recognition.findings import Findings
from recognition.identified import IdentifiedSheet, SidePage
from recognition.identify import read_digit_line
from recognition.mark_network import odds_against
from recognition.marks import judge_mark, least_vote_odds, traits_of
from recognition.names.row import NameReader, PartyReading, RowReading, read_party_cell, read_row
from recognition.one_pen import held_to_one_pen
from recognition.profile import Profile
from recognition.reference import PAGE_DPI, CompiledLayouts
from recognition.set_off_marks import set_off_marks
from recognition.shared_strokes import joints
from recognition.write_ins import cell_ink, inked_rows

_NEXT_BOX_MM = 4.0
_AT_TEAR_MM, _NEAR_TEAR_MM = 0.5, 5.0

_MARK_DOUBTS = {
    MarkState.DOUBTFUL: (DoubtCode.MARK_UNCERTAIN, "It cannot be judged whether this box is marked."),
    MarkState.TAKEN_BACK: (DoubtCode.MARK_TAKEN_BACK, "The mark in this box may have been taken back."),
}


def read_fields(
    sheet: IdentifiedSheet,
    layouts: CompiledLayouts,
    profile: Profile,
    names: NameReader | None,
    findings: Findings,
) -> None:
    """Reads every field on both sides into `findings`."""
    party_ink = False
    _read_marks(sheet, profile, findings)
    for side in sheet.sides:
        _read_ballot_id(side, layouts, profile, findings)
        _read_rows(side, profile, names, findings)
        party_ink = party_ink or _has_party_ink(side, profile)
    match findings.kind:
        case SheetKind.LIST:
            findings.personal = _marked(findings.marks, BoxKind.PERSONAL)
        case SheetKind.PARTY:
            _read_party(sheet, _written_party(sheet, profile, names) if party_ink else None, findings)
        case SheetKind.MAYOR:
            _read_choices(sheet, findings)
        case _:
            pass


def _read_ballot_id(side: SidePage, layouts: CompiledLayouts, profile: Profile, findings: Findings) -> None:
    field = side.layout.ballot_id
    if field is None:
        return
    placed = side.placed
    scores = read_digit_line(placed.source, placed.registration, field, layouts.digit_shapes)
    text = scores.read(profile.min_digit_correlation, profile.min_digit_margin)
    if "?" in text:
        detail = f"The ballot id cannot be read with certainty (read {text})."
        findings.doubt(DoubtCode.BALLOT_ID_UNCERTAIN, placed.scan, field.box, detail=detail)
    elif findings.ballot_id not in (None, text):
        detail = f"The sides have different ballot ids ({findings.ballot_id} and {text})."
        findings.ballot_id = None
        findings.doubt(DoubtCode.SIDES_MISMATCH, placed.scan, field.box, detail=detail)
    else:
        findings.ballot_id = text


def _read_marks(sheet: IdentifiedSheet, profile: Profile, findings: Findings) -> None:
    judged: list[JudgedBox] = []
    for side in sheet.sides:
        judged += _judged_boxes(side, profile, len(judged))
    for box in judged_together(judged, profile):
        mark = box.mark
        findings.marks.append(mark)
        if mark.state in _MARK_DOUBTS:
            code, text = _MARK_DOUBTS[mark.state]
            if box.shares_mark:
                text = "The mark lies over this box and the next; it cannot be judged which is meant."
            elif box.is_set_off and mark.state is MarkState.DOUBTFUL:
                text = "The pale mark in this box may be another of the ballot's marks, set off by a fold."
            findings.doubt(
                code, box.scan, mark.expected, candidate=mark.candidate, party=mark.party, detail=text
            )


def _judged_boxes(side: SidePage, profile: Profile, first: int) -> list[JudgedBox]:
    """The boxes of a side, each judged by itself.

    Args:
        first: The index of its first box among those of the ballot.
    """
    boxes = side.layout.mark_boxes
    scan, bilevel = side.placed.scan, side.placed.work.scan.bilevel
    measured = measure_boxes(side.placed.source, side.placed.registration)
    measures = held_to_one_pen(measured, profile)
    marks = [judge_mark(box, m, profile, bilevel) for box, m in zip(boxes, measures, strict=True)]
    found = joints(
        side.placed.source,
        side.placed.registration,
        [box.box for box in boxes],
        measures,
        [mark.state is MarkState.MARKED for mark in marks],
        bilevel,
        profile,
    )
    one_mark = {index for joint in found if joint.is_one_mark for index in joint.boxes}
    set_off = set() if bilevel else set_off_marks(measures, profile)
    odds = odds_against(measures, [mark.state for mark in marks], bilevel)
    may_be_torn = bool(side.seen.no_paper.any())
    judged = []
    for index, (box, measure, mark) in enumerate(zip(boxes, measures, marks, strict=True)):
        reach_mm = _AT_TEAR_MM if mark.state is MarkState.EMPTY else _NEAR_TEAR_MM
        is_beside = bilevel and _is_marked_beside(index, marks, measures, profile)
        is_torn = may_be_torn and _is_torn(side, box.box, reach_mm)
        is_set_off = index in set_off and mark.state is not MarkState.EMPTY
        unclear = index in one_mark or is_beside or is_set_off or is_torn
        if unclear:
            mark = replace(mark, state=MarkState.DOUBTFUL)
        judged.append(
            JudgedBox(
                scan=scan,
                mark=mark,
                bilevel=bilevel,
                traits=traits_of(box.box, measure, profile, bilevel=bilevel, unclear=unclear),
                ink_mm2=measure.ink_mm2,
                whole_mm2=measure.ink_mm2 + measure.spill_mm2,
                shares_mark=index in one_mark,
                is_set_off=is_set_off,
                odds=odds[index],
                least_vote_odds=math.inf if unclear else least_vote_odds(box.box, measure, profile, bilevel),
                joined=tuple(first + i for j in found if index in j.boxes for i in j.boxes if i != index),
            )
        )
    return judged


def _is_marked_beside(
    index: int, marks: list[MarkReading], measures: list[BoxMeasure], profile: Profile
) -> bool:
    """Whether a tick or a small cross may lie on the outline of an empty box.

    In black and white the comparison of the pages is blind for a millimetre around the outlines. Ink near a
    box that is not empty may be that one's.
    """
    own = marks[index].expected
    if marks[index].state is not MarkState.EMPTY or measures[index].beside_mm2 < profile.beside_box_mm2:
        return False
    near = (m for m in marks if m is not marks[index] and m.expected.gap_mm(own) < _NEXT_BOX_MM)
    return all(mark.state is MarkState.EMPTY for mark in near)


def _is_torn(side: SidePage, field: Box, reach_mm: float) -> bool:
    """Whether paper is missing at a field: the scanner's black background there is no pen's ink.

    The ragged ends of a tear are too thin to be told from strokes, so ink near one is not read.
    """
    return bool(side.seen.no_paper[place_of(field.grown(reach_mm), PAGE_DPI)].any())


def _read_rows(side: SidePage, profile: Profile, names: NameReader | None, findings: Findings) -> None:
    """Reads the rows with ink; every one that is not certain goes to a person."""
    placed = side.placed
    detail = placed.registration.side.detail
    bilevel = placed.work.scan.bilevel
    rows = inked_rows(placed.source, placed.registration, detail, side.layout.write_in_rows, profile, bilevel)
    for row, is_written in rows:
        found = _read_row(side, row, profile, names, findings.list_id) if is_written else _specked(row)
        findings.write_ins.append(found.reading)
        if found.code is not None:
            findings.doubt(found.code, placed.scan, row.whole, row=row.row, detail=_row_detail(found))


def _specked(row: WriteInRow) -> RowReading:
    detail = "There are specks in this row, as pale writing leaves in black and white. Look at the paper."
    return RowReading(WriteInReading(row.row, "", None, 0.0, (), True), DoubtCode.WRITE_IN_UNCERTAIN, detail)


def _row_detail(found: RowReading) -> str:
    own = " The candidate it fits best stands on the ballot's own list, and would be ignored."
    return found.detail + own * found.own_list


def _read_row(
    side: SidePage, row: WriteInRow, profile: Profile, names: NameReader | None, own_list: str | None
) -> RowReading:
    unread = WriteInReading(row.row, "", None, 0.0, (), True)
    doubted = RowReading(unread, DoubtCode.WRITE_IN_UNCERTAIN, "A name is written in this row.")
    if names is None or _is_torn(side, row.whole, _NEAR_TEAR_MM):
        return doubted
    placed = side.placed
    found = read_row(
        placed.source,
        placed.registration,
        placed.registration.side.detail,
        row,
        own_list,
        names,
        profile.row_ink_mm2,
        profile.name_error,
    )
    return doubted if found is None else found


def _has_party_ink(side: SidePage, profile: Profile) -> bool:
    cell: Box | None = side.layout.party_write_in
    if cell is None:
        return False
    placed = side.placed
    detail = placed.registration.side.detail
    ink = cell_ink(placed.source, placed.registration, detail, cell)
    return ink.is_writing(profile) or (placed.work.scan.bilevel and ink.has_specks)


def _marked(marks: list[MarkReading], kind: BoxKind) -> list[int]:
    return [
        m.candidate
        for m in marks
        if m.kind is kind and m.state is MarkState.MARKED and m.candidate is not None
    ]


def _boxed_side(sheet: IdentifiedSheet) -> SidePage | None:
    return next((s for s in sheet.sides if s.layout.mark_boxes), None)


def _written_party(sheet: IdentifiedSheet, profile: Profile, names: NameReader | None) -> PartyReading:
    """What is written in a party ballot's field, as far as it can be read."""
    side = _boxed_side(sheet)
    cell = None if side is None else side.layout.party_write_in
    if names is None or side is None or cell is None or _is_torn(side, cell, _NEAR_TEAR_MM):
        return PartyReading("", None, False)
    placed = side.placed
    detail = placed.registration.side.detail
    return read_party_cell(placed.source, placed.registration, detail, cell, names, profile.row_ink_mm2)


def _read_party(sheet: IdentifiedSheet, written: PartyReading | None, findings: Findings) -> None:
    """A party ballot is clear with exactly one cross and nothing written in.

    A name that was written and can be read is given to the reviewer as the party, never counted
    without one: how often such a name is read wrongly has not been measured.
    """
    side = _boxed_side(sheet)
    scan = None if side is None else side.placed.scan
    cell = None if side is None else side.layout.party_write_in
    marked = [m for m in findings.marks if m.state is MarkState.MARKED]
    if written is not None:
        detail = f"A party or list name is written in{f': «{written.text}»' if written.text else ''}."
        findings.doubt(DoubtCode.PARTY_UNCLEAR, scan, cell, detail=detail)
    if len(marked) != 1:
        if written is not None:
            crossed = any(m.state is not MarkState.EMPTY for m in findings.marks)
            findings.party = written.name if written.clear and not crossed else None
        else:
            detail = f"{len(marked) or 'No'} parties are crossed; one is needed."
            findings.doubt(DoubtCode.PARTY_UNCLEAR, scan, detail=detail)
        return
    mark = marked[0]
    if mark.kind is BoxKind.BLANK_VOTE:
        findings.party = "blank"
        return
    findings.party = mark.party
    findings.list_id = sheet.ballot.style.list_of_party(mark.party or "")
    if findings.list_id is None:
        detail = f"«{mark.party}» has no list in this area: rejection for reason d is proposed."
        findings.doubt(DoubtCode.PARTY_UNCLEAR, scan, mark.expected, party=mark.party, detail=detail)


def _read_choices(sheet: IdentifiedSheet, findings: Findings) -> None:
    """A mayor ballot is clear with one first choice and at most one other, different, second."""
    side = _boxed_side(sheet)
    scan = None if side is None else side.placed.scan
    first = _marked(findings.marks, BoxKind.FIRST_CHOICE)
    second = _marked(findings.marks, BoxKind.SECOND_CHOICE)
    findings.choices = Choices(first[0] if len(first) == 1 else None, second[0] if len(second) == 1 else None)
    problems = []
    if len(first) != 1:
        problems.append(f"{len(first) or 'no'} first choices are crossed")
    if len(second) > 1:
        problems.append(f"{len(second)} second choices are crossed")
    if len(first) == 1 and first == second:
        problems.append("first and second choice are the same")
    if problems:
        text = "; ".join(problems)
        findings.doubt(DoubtCode.CHOICE_UNCLEAR, scan, detail=f"{text[0].upper()}{text[1:]}.")
