"""Layouts learnt from another print house's blanks, held against what its PDFs draw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ballot.election import BallotKind, BallotStyle, Election
from ballot.geometry import Box
from ballot.layout import BallotLayout, BoxKind, MarkBox, SideLayout
from calibration.learn import learn_layouts
from station.election_file import load_election
from tests.pdf_drawing import Page, assert_same_boxes, nearest, read_pages, worst_edge_mm

PRINT_HOUSE = Path(__file__).parents[1].parent / "shared" / "print_house"
ELECTIONS = ("nordvik_municipal_2023", "vestfjord_county_2023", "nordvik_mayor_2007")
TOLERANCE_MM = 0.3
PROOF_ID = "00000001"

pytestmark = pytest.mark.skipif(
    not PRINT_HOUSE.is_dir(), reason="needs ../shared/print_house beside the repository"
)


@dataclass(frozen=True)
class LearntBallot:
    """A ballot as learnt, and both pages as drawn."""

    election: Election
    style: BallotStyle
    layout: BallotLayout
    pages: tuple[Page, Page]

    @property
    def sides(self) -> Iterator[tuple[SideLayout, Page]]:
        return zip(self.layout.sides, self.pages, strict=True)


@pytest.fixture(scope="session")
def learnt() -> dict[str, tuple[LearntBallot, ...]]:
    """All ballots of the three elections, learnt once a run."""
    result = {}
    for name in ELECTIONS:
        folder = PRINT_HOUSE / name
        election = load_election(folder / "election.json")
        layouts = learn_layouts(election, folder)
        ballots = []
        for style in election.ballots:
            layout = layouts.by_number(style.number)
            assert layout is not None
            inside, outside = read_pages(folder / style.file)
            ballots.append(LearntBallot(election, style, layout, (inside, outside)))
        result[name] = tuple(ballots)
    return result


@pytest.fixture(params=ELECTIONS)
def ballots(request: pytest.FixtureRequest, learnt: dict[str, tuple[LearntBallot, ...]]) -> tuple:
    return learnt[request.param]


def test_every_ballot_is_learnt_at_its_true_size(ballots: tuple[LearntBallot, ...]) -> None:
    for ballot in ballots:
        assert ballot.layout.kind is ballot.style.kind
        assert ballot.layout.list_id == ballot.style.list_id
        for side, page in ballot.sides:
            assert side.width_mm == pytest.approx(page.width_mm, abs=0.05)
            assert side.height_mm == pytest.approx(page.height_mm, abs=0.05)


def test_mark_boxes_lie_on_the_drawn_lines_and_none_is_missed(ballots: tuple[LearntBallot, ...]) -> None:
    for ballot in ballots:
        for side, page in ballot.sides:
            drawn = page.stroked((2, 2), (12, 12))
            assert_same_boxes([m.box for m in side.mark_boxes], drawn, TOLERANCE_MM)


def test_each_candidate_and_party_has_exactly_its_boxes(ballots: tuple[LearntBallot, ...]) -> None:
    for ballot in ballots:
        marks = [(m.kind, m.candidate, m.party) for m in ballot.layout.inside.mark_boxes]
        numbers = [c.number for c in ballot.election.candidates_on(ballot.style)]
        match ballot.style.kind:
            case BallotKind.LIST:
                expected = [(BoxKind.PERSONAL, n, None) for n in numbers]
            case BallotKind.MAYOR:
                kinds = (BoxKind.FIRST_CHOICE, BoxKind.SECOND_CHOICE)
                expected = [(kind, n, None) for kind in kinds for n in numbers]
            case BallotKind.PARTY:
                expected = [(BoxKind.PARTY, None, p) for p in ballot.style.parties]
                expected.append((BoxKind.BLANK_VOTE, None, None))
            case BallotKind.BLANK:
                expected = []
        assert sorted(marks, key=str) == sorted(expected, key=str)
        assert not ballot.layout.outside.mark_boxes


def test_each_box_belongs_to_the_text_printed_next_to_it(ballots: tuple[LearntBallot, ...]) -> None:
    looked_at = 0
    for ballot in ballots:
        page = ballot.pages[0]
        names = {c.number: c.name for c in ballot.election.candidates_on(ballot.style)}
        for mark in ballot.layout.inside.mark_boxes:
            printed = page.text_in(_beside(mark, page))
            if mark.candidate is not None:
                wanted = f"{mark.candidate}.{names[mark.candidate]}"
            else:
                wanted = mark.party or "Blank stemme"
            assert printed.startswith("".join(wanted.split())), (ballot.style.file, mark)
            looked_at += 1
    assert looked_at >= 14


def _beside(mark: MarkBox, page: Page) -> Box:
    """The row right of a box, or left of it where boxes follow the name."""
    box = mark.box
    if mark.kind in (BoxKind.FIRST_CHOICE, BoxKind.SECOND_CHOICE):
        return Box(0, box.y_mm, box.x_mm, box.h_mm)
    stops = [b.x_mm for b in page.stroked((2, 2), (400, 400)) if b.x_mm > box.right_mm]
    right = min([*stops, page.width_mm])
    return Box(box.right_mm, box.y_mm, right - box.right_mm, box.h_mm)


def test_choices_stand_under_their_headings(learnt: dict[str, tuple[LearntBallot, ...]]) -> None:
    (ballot,) = learnt["nordvik_mayor_2007"]
    for kind, heading in ((BoxKind.FIRST_CHOICE, "Førstevalg"), (BoxKind.SECOND_CHOICE, "Andrevalg")):
        letters = ballot.pages[0].run_of(heading)
        left, right = letters[0].x_mm, letters[-1].right_mm
        for mark in ballot.layout.inside.mark_boxes:
            assert (mark.kind is kind) == (left - 3 <= mark.box.center_mm[0] <= right + 3)


def test_write_in_rows_lie_on_the_drawn_cells(ballots: tuple[LearntBallot, ...]) -> None:
    for ballot in ballots:
        has_rows = ballot.style.kind is BallotKind.LIST and ballot.election.max_write_ins > 0
        for side, page in ballot.sides:
            cells = page.stroked((30, 5), (200, 20)) if has_rows else []
            names = [c for c in cells if c.w_mm > 60]
            parties = [c for c in cells if c.w_mm <= 60]
            assert_same_boxes([r.name for r in side.write_in_rows], names, TOLERANCE_MM)
            assert_same_boxes([r.party for r in side.write_in_rows if r.party], parties, TOLERANCE_MM)
            assert [r.row for r in side.write_in_rows] == list(range(1, len(names) + 1))
            assert [r.name.y_mm for r in side.write_in_rows] == sorted(
                r.name.y_mm for r in side.write_in_rows
            )
            for row in side.write_in_rows:
                assert row.party is not None
                assert abs(row.party.center_mm[1] - row.name.center_mm[1]) < TOLERANCE_MM
        found = sum(len(side.write_in_rows) for side in ballot.layout.sides)
        assert found == (ballot.election.max_write_ins if has_rows else 0)


def test_the_field_for_a_party_name_is_found_on_party_ballots_only(ballots: tuple[LearntBallot, ...]) -> None:
    for ballot in ballots:
        for side, page in ballot.sides:
            is_there = ballot.style.kind is BallotKind.PARTY and side is ballot.layout.inside
            drawn = page.stroked((60, 6), (200, 20)) if is_there else []
            found = [] if side.party_write_in is None else [side.party_write_in]
            assert_same_boxes(found, drawn, TOLERANCE_MM)


def test_the_stamp_field_lies_on_its_frame(ballots: tuple[LearntBallot, ...]) -> None:
    for ballot in ballots:
        (frame,) = ballot.pages[1].stroked((20, 20), (140, 140))
        assert ballot.layout.outside.stamp_field is not None
        assert worst_edge_mm(ballot.layout.outside.stamp_field, frame) <= TOLERANCE_MM
        assert ballot.layout.inside.stamp_field is None


def test_registration_marks_are_the_solid_shapes(ballots: tuple[LearntBallot, ...]) -> None:
    for ballot in ballots:
        for side, page in ballot.sides:
            solid = [
                path.box
                for path in page.paths
                if path.is_filled and not path.is_stroked and max(path.box.w_mm, path.box.h_mm) < 20
            ]
            assert len(solid) == 5
            assert_same_boxes(list(side.registration_marks), solid, TOLERANCE_MM)


def test_digits_lie_on_the_printed_characters(ballots: tuple[LearntBallot, ...]) -> None:
    for ballot in ballots:
        inside, page = ballot.layout.inside, ballot.pages[0]
        for field, text in ((inside.ballot_number, ballot.style.number), (inside.ballot_id, PROOF_ID)):
            assert field is not None
            assert field.text == text
            printed = page.run_of(text)
            assert len(field.digits) == len(text)
            for digit, char in zip(field.digits, printed, strict=True):
                assert worst_edge_mm(digit, char) <= TOLERANCE_MM
                assert worst_edge_mm(nearest(char, list(field.digits)), char) <= TOLERANCE_MM
        assert ballot.layout.outside.ballot_number is None
        assert ballot.layout.outside.ballot_id is None


def test_the_header_is_around_the_list_name(ballots: tuple[LearntBallot, ...]) -> None:
    for ballot in ballots:
        if ballot.style.list_id is None:
            assert ballot.layout.inside.header is None
            continue
        entry = ballot.election.list_by_id(ballot.style.list_id)
        header = ballot.layout.inside.header
        assert entry is not None
        assert header is not None
        assert "".join(entry.name.split()) in ballot.pages[0].text_in(header.grown(0.5))
