"""The printed blanks: deterministic, to scale, with the fields where the printer says they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from ballot.election import BallotKind, Election, ElectionKind
from ballot.errors import CalibrationError
from ballot.geometry import Box
from calibration.testdeck.designs import DESIGNS, TextAs, design_named
from calibration.testdeck.elections import ballot_number, make_election
from calibration.testdeck.fields import FIELDS_FILE, read_fields
from calibration.testdeck.printing import print_ballot, print_election

DPI = 300
ALL = [(name, kind) for name in DESIGNS for kind in ElectionKind]


def _election(kind: ElectionKind) -> Election:
    return make_election(7, kind, seats=19, lists=6)


def _grey(pdf: bytes, page: int) -> np.ndarray:
    document = pypdfium2.PdfDocument(pdf)
    pixels = document[page].render(scale=DPI / 72, grayscale=True).to_numpy().copy()
    document.close()
    return pixels


def _dark_share(grey: np.ndarray, box: Box) -> float:
    to_px = DPI / 25.4
    top, bottom = round(box.y_mm * to_px), round(box.bottom_mm * to_px)
    left, right = round(box.x_mm * to_px), round(box.right_mm * to_px)
    return float((grey[top : bottom + 1, left : right + 1] < 128).mean())


def test_same_seed_same_election_other_seed_other_election() -> None:
    assert make_election(3) == make_election(3)
    assert make_election(3) != make_election(4)


def test_numbers_are_those_of_the_rule() -> None:
    assert ballot_number(ElectionKind.MUNICIPAL_COUNCIL, "9901", 1) == "2990100100000000000002"
    assert ballot_number(ElectionKind.MAYOR, "9901", 1) == "6990100100000000000006"


@pytest.mark.parametrize("lists", [2, 4, 5, 9])
@pytest.mark.parametrize("kind", list(ElectionKind))
def test_elections_have_the_lists_asked_for(kind: ElectionKind, lists: int) -> None:
    election = make_election(5, kind, lists=lists)
    assert len(election.mayor_candidates if kind is ElectionKind.MAYOR else election.lists) == lists
    numbers = [style.number for style in election.ballots]
    assert len(set(numbers)) == len(numbers)
    assert {len(number) for number in numbers} == {22}


def test_namesakes_stand_on_different_lists() -> None:
    election = make_election(11, namesakes=2)
    names = [c.name for entry in election.lists for c in entry.candidates]
    assert len(names) - len(set(names)) == 2
    assert all(len({c.name for c in e.candidates}) == len(e.candidates) for e in election.lists)


def test_too_many_lists_is_refused() -> None:
    with pytest.raises(CalibrationError, match="30 were asked for"):
        make_election(1, lists=30)


@pytest.mark.parametrize(("name", "kind"), ALL)
def test_print_is_deterministic(name: str, kind: ElectionKind) -> None:
    election = _election(kind)
    design = design_named(name, kind)
    for style in election.ballots:
        assert print_ballot(election, style, design) == print_ballot(election, style, design)


@pytest.mark.parametrize(("name", "kind"), ALL)
def test_boxes_are_drawn_where_the_map_says(name: str, kind: ElectionKind) -> None:
    election = _election(kind)
    design = design_named(name, kind)
    for style in election.ballots:
        pdf, fields = print_ballot(election, style, design)
        grey = _grey(pdf, 0)
        size_mm = np.array(grey.shape) * 25.4 / DPI
        assert size_mm == pytest.approx([design.height_mm, design.width_mm], abs=0.2)
        for mark in fields.inside.mark_boxes:
            inner, b = mark.box.grown(-design.box_line_mm), mark.box
            edges = [
                Box(b.x_mm, b.y_mm, b.w_mm, 0),
                Box(b.x_mm, b.bottom_mm, b.w_mm, 0),
                Box(b.x_mm, b.y_mm, 0, b.h_mm),
                Box(b.right_mm, b.y_mm, 0, b.h_mm),
            ]
            assert _dark_share(grey, inner) == 0
            assert min(_dark_share(grey, edge) for edge in edges) > 0.9
        for digits in (fields.inside.ballot_number, fields.inside.ballot_id):
            assert digits is not None
            assert min(_dark_share(grey, d) for d in digits.digits) > 0.15
            assert _dark_share(grey, digits.box.grown(2)) < 0.3


@pytest.mark.parametrize("name", list(DESIGNS))
def test_each_ballot_has_the_fields_of_its_kind(name: str) -> None:
    election = _election(ElectionKind.MUNICIPAL_COUNCIL)
    design = design_named(name, election.kind)
    for style in election.ballots:
        _, fields = print_ballot(election, style, design)
        rows = fields.inside.write_in_rows + fields.outside.write_in_rows
        assert len(rows) == (election.max_write_ins if style.kind is BallotKind.LIST else 0)
        assert (fields.inside.party_write_in is not None) == (style.kind is BallotKind.PARTY)
        assert fields.outside.stamp_field is not None
        candidates = election.candidates_on(style)
        if style.kind is BallotKind.LIST:
            assert [m.candidate for m in fields.inside.mark_boxes] == [c.number for c in candidates]


def test_text_can_be_copied_and_pictures_have_none() -> None:
    election = _election(ElectionKind.MUNICIPAL_COUNCIL)
    style = election.ballots[0]
    for text_as, expected in ((TextAs.TEXT, True), (TextAs.PIXELS, False)):
        pdf, _ = print_ballot(election, style, design_named("skog", election.kind, text_as))
        document = pypdfium2.PdfDocument(pdf)
        text = document[0].get_textpage().get_text_range()
        document.close()
        assert all((c.name in text) is expected for c in election.candidates_on(style))
        assert (style.number in text) is expected


def test_the_map_survives_its_file(tmp_path: Path) -> None:
    election = _election(ElectionKind.MUNICIPAL_COUNCIL)
    fields = print_election(election, design_named("fjord", election.kind), tmp_path)
    assert read_fields(tmp_path / FIELDS_FILE) == fields
    assert all((tmp_path / style.file).stat().st_size > 1000 for style in election.ballots)
    (tmp_path / FIELDS_FILE).write_text("[{}]", encoding="utf-8")
    with pytest.raises(CalibrationError, match="does not hold printed fields"):
        read_fields(tmp_path / FIELDS_FILE)


def test_a_list_too_long_for_the_design_is_refused() -> None:
    election = make_election(2, ElectionKind.MUNICIPAL_COUNCIL, seats=55)
    with pytest.raises(CalibrationError, match="no room for"):
        print_ballot(election, election.ballots[0], design_named("skog", election.kind))


def test_unknown_design_is_refused() -> None:
    with pytest.raises(CalibrationError, match="fjord, skog, vidde"):
        design_named("nope", ElectionKind.MAYOR)
