"""Layouts of print houses nobody has seen before: every field in place, every contradiction said."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from ballot.election import BallotKind, BallotStyle, Candidate, Election, ElectionKind
from ballot.errors import LayoutError
from ballot.geometry import Box
from ballot.layout import BoxKind, MarkBox, SideLayout
from calibration.learn import learn_layouts
from calibration.testdeck.designs import DESIGNS, TextAs, design_named
from calibration.testdeck.elections import make_election
from calibration.testdeck.fields import SideFields
from calibration.testdeck.printing import print_ballot, print_election
from tests.conftest import Fifth, Press
from tests.fifth_house import BOX_MM, ELECTION, PROOF_ID
from tests.pdf_drawing import assert_same_boxes, read_pages, worst_edge_mm
from tests.print_houses import Printed

TOLERANCE_MM = 0.3
WAYS = [(name, kind) for name in DESIGNS for kind in ElectionKind]


@pytest.fixture(params=WAYS, ids=[f"{name}-{kind.value}" for name, kind in WAYS])
def printed(request: pytest.FixtureRequest, print_house: Press) -> Printed:
    return print_house(*request.param)


def _pairs(printed: Printed) -> list[tuple[SideLayout, SideFields]]:
    """What was learnt of each side, and what was drawn there."""
    pairs = []
    for style in printed.election.ballots:
        layout, drawn = printed.layouts.by_number(style.number), printed.fields.of(style.key)
        assert layout is not None
        pairs += [(layout.inside, drawn.inside), (layout.outside, drawn.outside)]
    return pairs


def _meaning(mark: MarkBox) -> tuple[str, int, str]:
    return mark.kind.value, mark.candidate or 0, mark.party or ""


def test_every_box_is_found_with_its_meaning(printed: Printed) -> None:
    for layout, drawn in _pairs(printed):
        learnt = sorted(layout.mark_boxes, key=_meaning)
        true = sorted(drawn.mark_boxes, key=_meaning)
        assert [_meaning(m) for m in learnt] == [_meaning(m) for m in true]
        for a, b in zip(learnt, true, strict=True):
            assert worst_edge_mm(a.box, b.box) <= TOLERANCE_MM


def test_write_in_rows_are_found_in_order(printed: Printed) -> None:
    for layout, drawn in _pairs(printed):
        assert [r.row for r in layout.write_in_rows] == [r.row for r in drawn.write_in_rows]
        for a, b in zip(layout.write_in_rows, drawn.write_in_rows, strict=True):
            assert worst_edge_mm(a.name, b.name) <= TOLERANCE_MM
            assert a.party is not None
            assert b.party is not None
            assert worst_edge_mm(a.party, b.party) <= TOLERANCE_MM


def test_the_stamp_field_is_found(printed: Printed) -> None:
    for layout, drawn in _pairs(printed):
        a, b = layout.stamp_field, drawn.stamp_field
        assert_same_boxes([a] if a else [], [b] if b else [], TOLERANCE_MM)


def test_the_field_for_a_party_name_is_found(printed: Printed) -> None:
    for layout, drawn in _pairs(printed):
        field, true = layout.party_write_in, drawn.party_write_in
        if true is None or field is None:
            assert field is true
            continue
        for a, b in (
            (field.x_mm, true.x_mm),
            (field.right_mm, true.right_mm),
            (field.bottom_mm, true.bottom_mm),
        ):
            assert a == pytest.approx(b, abs=TOLERANCE_MM)
        # A field with nothing but a line to write on has no drawn upper edge: it ends at the text above.
        assert -2.0 <= field.y_mm - true.y_mm <= TOLERANCE_MM


def test_registration_marks_are_found_and_nothing_else(printed: Printed) -> None:
    for layout, drawn in _pairs(printed):
        assert_same_boxes(list(layout.registration_marks), _merged(drawn.registration_marks), TOLERANCE_MM)


def _merged(boxes: tuple[Box, ...]) -> list[Box]:
    """Both arms of an angle are one mark."""
    merged: list[Box] = []
    for box in boxes:
        touching = [m for m in merged if m.overlap_mm2(box) > 0]
        for other in touching:
            merged.remove(other)
            box = box.united(other)
        merged.append(box)
    return merged


def test_every_digit_has_its_box(printed: Printed) -> None:
    for style in printed.election.ballots:
        layout = printed.layouts.by_number(style.number)
        assert layout is not None
        page = read_pages(printed.folder / style.file)[0]
        for field, text in ((layout.inside.ballot_number, style.number), (layout.inside.ballot_id, PROOF_ID)):
            assert field is not None
            assert field.text == text
            for digit, char in zip(field.digits, page.run_of(text), strict=True):
                assert worst_edge_mm(digit, char) <= TOLERANCE_MM
        assert layout.outside.ballot_number is None
        assert layout.outside.ballot_id is None


def test_a_blank_without_text_layer_is_read_from_its_pixels(tmp_path: Path) -> None:
    election = make_election(71, ElectionKind.MAYOR, lists=4)
    design = design_named("skog", election.kind, TextAs.PIXELS)
    fields = print_election(election, design, tmp_path)
    printed = Printed(election, tmp_path, fields, learn_layouts(election, tmp_path))
    test_every_box_is_found_with_its_meaning(printed)
    test_the_stamp_field_is_found(printed)
    inside = printed.layouts.ballots[0].inside
    assert inside.ballot_number is not None
    with_text, _ = print_ballot(election, election.ballots[0], design_named("skog", election.kind))
    (tmp_path / "text.pdf").write_bytes(with_text)
    printed_digits = read_pages(tmp_path / "text.pdf")[0].run_of(election.ballots[0].number)
    for digit, char in zip(inside.ballot_number.digits, printed_digits, strict=True):
        assert worst_edge_mm(digit, char) <= TOLERANCE_MM
    with pytest.raises(LayoutError) as error:
        learn_layouts(_with_candidates(election, _exchange_names), tmp_path)
    for candidate in election.mayor_candidates[:2]:
        assert candidate.name in str(error.value)


def test_a_fifth_house_has_its_boxes_right_of_the_names(fifth: Fifth) -> None:
    for ballot in fifth[2].ballots:
        drawn = fifth[1][ballot.key].boxes
        learnt: dict[int | str, Box] = {}
        for mark in ballot.inside.mark_boxes:
            is_blank = mark.kind is BoxKind.BLANK_VOTE
            learnt[mark.candidate or mark.party or ("Blank røyst" if is_blank else "")] = mark.box
        assert learnt.keys() == drawn.keys()
        for key, box in drawn.items():
            assert worst_edge_mm(learnt[key], box) <= TOLERANCE_MM
            assert learnt[key].w_mm == pytest.approx(BOX_MM, abs=TOLERANCE_MM)


def test_a_fifth_house_has_its_write_in_rows_outside(fifth: Fifth) -> None:
    for ballot in fifth[2].ballots:
        drawn = fifth[1][ballot.key]
        assert not ballot.inside.write_in_rows
        rows = ballot.outside.write_in_rows
        assert [r.row for r in rows] == list(range(1, len(drawn.names) + 1))
        assert_same_boxes([r.name for r in rows], drawn.names, TOLERANCE_MM)
        assert_same_boxes([r.party for r in rows if r.party], drawn.parties, TOLERANCE_MM)
        field = [ballot.inside.party_write_in] if ballot.inside.party_write_in else []
        assert_same_boxes(field, [drawn.party_write_in] if drawn.party_write_in else [], TOLERANCE_MM)


def test_a_fifth_house_has_its_own_marks_stamp_field_and_grouped_number(fifth: Fifth) -> None:
    folder, fields, layouts = fifth
    for style, ballot in zip(ELECTION.ballots, layouts.ballots, strict=True):
        drawn = fields[ballot.key]
        for side, marks in zip(ballot.sides, drawn.marks, strict=True):
            assert_same_boxes(list(side.registration_marks), marks, TOLERANCE_MM)
        assert ballot.outside.stamp_field is not None
        assert worst_edge_mm(ballot.outside.stamp_field, drawn.stamp) <= TOLERANCE_MM
        page = read_pages(folder / style.file)[0]
        for field, text in ((ballot.inside.ballot_number, style.number), (ballot.inside.ballot_id, PROOF_ID)):
            assert field is not None
            assert field.text == text
            for digit, char in zip(field.digits, page.run_of(text), strict=True):
                assert worst_edge_mm(digit, char) <= TOLERANCE_MM


def _with_candidates(
    election: Election, change: Callable[[tuple[Candidate, ...]], tuple[Candidate, ...]]
) -> Election:
    """The election with only its first ballot, whose candidates are changed."""
    style = election.ballots[0]
    if style.kind is BallotKind.MAYOR:
        return replace(election, mayor_candidates=change(election.mayor_candidates), ballots=(style,))
    first = replace(election.lists[0], candidates=change(election.lists[0].candidates))
    return replace(election, lists=(first, *election.lists[1:]), ballots=(style,))


def _exchange_names(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    a, b, *rest = candidates
    return (replace(a, name=b.name), replace(b, name=a.name), *rest)


def _change_a_letter(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    first, *rest = candidates
    letter = "x" if first.name[-2] != "x" else "y"
    return (replace(first, name=first.name[:-2] + letter + first.name[-1]), *rest)


def _change_a_name(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    first, *rest = candidates
    return (replace(first, name="Gudveig Trollhaug"), *rest)


@pytest.mark.parametrize("kind", [ElectionKind.COUNTY_COUNCIL, ElectionKind.MAYOR])
@pytest.mark.parametrize("change", [_exchange_names, _change_a_letter, _change_a_name])
def test_a_wrong_name_in_the_election_file_is_shown_beside_the_printed_one(
    print_house: Press,
    kind: ElectionKind,
    change: Callable[[tuple[Candidate, ...]], tuple[Candidate, ...]],
) -> None:
    printed = print_house("fjord", kind)
    wrong = _with_candidates(printed.election, change)
    true_name = printed.election.candidates_on(printed.election.ballots[0])[0].name
    file_name = wrong.candidates_on(wrong.ballots[0])[0].name
    with pytest.raises(LayoutError) as error:
        learn_layouts(wrong, printed.folder)
    assert f"printed «1. {true_name}», the election file has «1. {file_name}»" in str(error.value)


def test_a_candidate_that_the_file_lacks_is_shown_as_printed(print_house: Press) -> None:
    printed = print_house("fjord", ElectionKind.COUNTY_COUNCIL)
    last = printed.election.lists[0].candidates[-1]
    with pytest.raises(LayoutError, match=f"printed «{last.number}. {last.name}», the election file has"):
        learn_layouts(_with_candidates(printed.election, lambda c: c[:-1]), printed.folder)


def test_a_candidate_that_the_blank_lacks_is_named(print_house: Press) -> None:
    printed = print_house("fjord", ElectionKind.COUNTY_COUNCIL)
    number = len(printed.election.lists[0].candidates) + 1
    extra = Candidate(number, "Gudveig Trollhaug")
    with pytest.raises(LayoutError, match=f"no box found for «{number}. Gudveig Trollhaug»"):
        learn_layouts(_with_candidates(printed.election, lambda c: (*c, extra)), printed.folder)


@pytest.mark.parametrize("name", ["Bygdepartiet", "Arbeiderparti", "Arbeiderpartiex"])
def test_another_list_name_is_shown_beside_the_printed_header(print_house: Press, name: str) -> None:
    printed = print_house("fjord", ElectionKind.COUNTY_COUNCIL)
    first, *others = printed.election.lists
    wrong = replace(
        printed.election,
        lists=(replace(first, name=name), *others),
        ballots=printed.election.ballots[:1],
    )
    with pytest.raises(LayoutError, match=f"printed «{first.name}», the election file has «{name}»"):
        learn_layouts(wrong, printed.folder)


def test_another_ballot_number_is_shown_beside_the_printed_one(print_house: Press) -> None:
    printed = print_house("fjord", ElectionKind.MAYOR)
    (style,) = printed.election.ballots
    wrong = replace(style, number=style.number[:-2] + "77")
    shown = f"printed «{style.number}», the election file has «{wrong.number}»"
    with pytest.raises(LayoutError, match=shown):
        learn_layouts(replace(printed.election, ballots=(wrong,)), printed.folder)


def test_another_party_is_shown_beside_the_printed_one(fifth: Fifth) -> None:
    style = ELECTION.ballots[2]
    wrong = replace(style, parties=("Arbeidarpartiet", "Raudt", "Tverrpolitisk bygdeliste"))
    with pytest.raises(LayoutError, match=r"printed «Høgre», the election file has «"):
        learn_layouts(replace(ELECTION, ballots=(wrong,)), fifth[0])


def test_the_ballot_of_another_list_does_not_pass(fifth: Fifth) -> None:
    mixed_up = replace(ELECTION.ballots[0], file=ELECTION.ballots[1].file)
    with pytest.raises(LayoutError) as error:
        learn_layouts(replace(ELECTION, ballots=(mixed_up,)), fifth[0])
    for text in (mixed_up.number, ELECTION.ballots[1].number, "Tverrpolitisk bygdeliste", "Arbeidarpartiet"):
        assert text in str(error.value)


def _blank_election(file: str) -> Election:
    style = BallotStyle(BallotKind.BLANK, ELECTION.ballots[0].number, file)
    return replace(ELECTION, ballots=(style,))


def _pdf(pages: int) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for _ in range(pages):
        canvas.drawString(100, 100, "Blank røystesetel for kommunestyrevalet")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (_pdf(1), "this file has 1"),
        (_pdf(3), "this file has 3"),
        (_pdf(2)[:200], "broken or locked"),
        (b"%PDF-1.4\nnothing of the sort", "broken or locked"),
        (b"", "not a PDF and not an image"),
        (b"just text", "not a PDF and not an image"),
        (None, "cannot be opened"),
    ],
)
def test_a_blank_that_cannot_be_used_is_named(tmp_path: Path, data: bytes | None, message: str) -> None:
    if data is not None:
        (tmp_path / "blank.pdf").write_bytes(data)
    with pytest.raises(LayoutError, match=message) as error:
        learn_layouts(_blank_election("blank.pdf"), tmp_path)
    assert "blank.pdf" in str(error.value)
    assert error.value.remedy or "\n" in error.value.message


def test_problems_of_all_blanks_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(LayoutError) as error:
        learn_layouts(ELECTION, tmp_path)
    for style in ELECTION.ballots:
        assert style.file in str(error.value)


def test_an_election_without_blanks_has_no_layout(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="names no ballots"):
        learn_layouts(replace(ELECTION, ballots=()), tmp_path)
