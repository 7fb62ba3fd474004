"""From readings and rulings to records: what counts, what waits, and who may decide what."""

from __future__ import annotations

import dataclasses

import pytest

from ballot.box import SheetCase
from ballot.election import BallotKind, CandidateList
from ballot.errors import UsageError
from ballot.reading import (
    Choices,
    Doubt,
    DoubtCode,
    SheetKind,
    StampState,
)
from ballot.record import RejectionReason
from ballot.ruling import HandEntry, Role, SheetState, Verdict
from review.issues import verdicts_for
from review.names import list_of_party
from review.settle import resolve
from station.election_file import parse_election
from tests.rulings import doubtful, enter, found, rule, written
from tests.station_fakes import ELECTION, case, reading


def test_a_reading_without_doubt_is_accepted_and_counts_as_read() -> None:
    standing = found(case(reading(personal=(2, 1), write_ins=(written(1, "H:3"),))))
    assert standing.state is SheetState.ACCEPTED
    assert standing.record is not None
    assert standing.record.list_id == "A"
    assert standing.record.personal == (1, 2)
    assert standing.record.write_ins == ("H:3",)
    assert (standing.record.category, standing.record.district) == ("VO", "0001")


def test_a_sheet_that_is_not_read_waits() -> None:
    waiting = dataclasses.replace(case(reading()), reading=None)
    assert found(waiting).state is SheetState.WAITING


@pytest.mark.parametrize(("verdict", "personal"), [(Verdict.MARKED, (2, 3)), (Verdict.EMPTY, (2,))])
def test_a_doubtful_mark_counts_as_ruled(verdict: Verdict, personal: tuple[int, ...]) -> None:
    sheet = case(doubtful(Doubt(DoubtCode.MARK_UNCERTAIN, candidate=3), personal=(2,)))
    assert found(sheet).state is SheetState.NEEDS_REVIEW
    standing = found(rule(sheet, "mark_uncertain/3", verdict))
    assert standing.state is SheetState.SETTLED
    assert standing.record is not None
    assert standing.record.personal == personal


def test_a_later_ruling_supersedes_and_a_reopened_one_leaves_the_doubt_open() -> None:
    sheet = case(doubtful(Doubt(DoubtCode.MARK_UNCERTAIN, candidate=3)))
    sheet = rule(rule(sheet, "mark_uncertain/3", Verdict.MARKED), "mark_uncertain/3", Verdict.EMPTY)
    assert found(sheet).record is not None
    assert found(sheet).record.personal == ()  # type: ignore[union-attr]
    assert found(rule(sheet, "mark_uncertain/3", Verdict.REOPEN)).state is SheetState.NEEDS_REVIEW


def test_every_doubt_must_be_ruled_on() -> None:
    sheet = case(doubtful(*(Doubt(DoubtCode.MARK_UNCERTAIN, candidate=n) for n in (1, 2, 3))))
    for n in (1, 2):
        sheet = rule(sheet, f"mark_uncertain/{n}", Verdict.MARKED)
    assert [i.key for i in found(sheet).open] == ["mark_uncertain/3"]
    assert found(sheet).record is None


def test_write_in_rows_are_ruled_row_by_row() -> None:
    rows = (written(1, "H:1", True), written(2, None, True), written(3, None, True), written(4, "H:4"))
    doubts = (
        Doubt(DoubtCode.WRITE_IN_UNCERTAIN, row=1),
        Doubt(DoubtCode.WRITE_IN_UNKNOWN, row=2),
        Doubt(DoubtCode.WRITE_IN_UNCERTAIN, row=3),
    )
    sheet = case(doubtful(*doubts, write_ins=rows))
    sheet = rule(sheet, "write_in_uncertain/1", Verdict.CANDIDATE, "H:2")
    sheet = rule(sheet, "write_in_unknown/2", Verdict.NO_CANDIDATE)
    sheet = rule(sheet, "write_in_uncertain/3", Verdict.NOTHING_WRITTEN)
    assert found(sheet).record is not None
    assert found(sheet).record.write_ins == ("H:2", "H:4")  # type: ignore[union-attr]


def test_a_doubtful_row_that_the_reader_did_not_doubt_is_asked_about() -> None:
    standing = found(case(reading(write_ins=(written(2, "H:1", True),))))
    assert [i.key for i in standing.open] == ["write_in_uncertain/2"]


def test_names_of_the_own_list_are_ignored_and_noted() -> None:
    rows = (written(1, "A:2"), written(2, "H:1"))
    standing = found(case(reading(write_ins=rows)))
    assert standing.record is not None
    assert standing.record.write_ins == ("H:1",)
    assert "A:2 ignored: the ballot's own list" in standing.notes


def test_the_same_name_twice_counts_once() -> None:
    standing = found(case(reading(write_ins=(written(1, "H:1"), written(2, "H:1")))))
    assert standing.record is not None
    assert standing.record.write_ins == ("H:1",)


def test_more_write_ins_than_allowed_are_confirmed_by_a_person_and_the_first_count() -> None:
    rows = tuple(written(n, f"H:{n}") for n in range(1, 8))
    sheet = case(reading(write_ins=rows))
    assert [i.key for i in found(sheet).open] == ["write_in_too_many"]
    standing = found(rule(sheet, "write_in_too_many", Verdict.CONFIRM))
    assert standing.record is not None
    assert standing.record.write_ins == tuple(f"H:{n}" for n in range(1, 6))


def test_ink_outside_can_be_nothing_a_name_or_a_mark() -> None:
    sheet = case(doubtful(Doubt(DoubtCode.INK_OUTSIDE_FIELDS), Doubt(DoubtCode.INK_OUTSIDE_FIELDS)))
    assert [i.key for i in found(sheet).open] == ["ink_outside_fields", "ink_outside_fields#2"]
    names = rule(sheet, "ink_outside_fields", Verdict.WRITE_IN, "H:1 RMDG:2")
    marks = rule(names, "ink_outside_fields#2", Verdict.MARK_FOR, "4 7")
    record = found(marks).record
    assert record is not None
    assert (record.personal, record.write_ins) == ((4, 7), ("H:1", "RMDG:2"))
    nothing = rule(
        rule(sheet, "ink_outside_fields", Verdict.NO_EFFECT), "ink_outside_fields#2", Verdict.NO_EFFECT
    )
    record = found(nothing).record
    assert record is not None
    assert (record.personal, record.write_ins) == ((), ())


@pytest.mark.parametrize("ink_first", [True, False])
def test_a_mark_beside_an_empty_box_counts_in_whatever_order_they_were_doubted(ink_first: bool) -> None:
    ink, box = Doubt(DoubtCode.INK_OUTSIDE_FIELDS), Doubt(DoubtCode.MARK_UNCERTAIN, candidate=7)
    sheet = case(doubtful(*((ink, box) if ink_first else (box, ink))))
    sheet = rule(sheet, "ink_outside_fields", Verdict.MARK_FOR, "7")
    record = found(rule(sheet, "mark_uncertain/7", Verdict.EMPTY)).record
    assert record is not None
    assert record.personal == (7,)


@pytest.mark.parametrize("state", [StampState.MISSING, StampState.DOUBTFUL])
def test_a_stamp_that_is_not_certain_is_always_asked_about(state: StampState) -> None:
    standing = found(case(reading(stamp=state)))
    assert standing.state is SheetState.NEEDS_REVIEW
    assert standing.open[0].code in (DoubtCode.STAMP_MISSING, DoubtCode.STAMP_UNCERTAIN)


def without_stamp() -> SheetCase:
    sheet = case(doubtful(Doubt(DoubtCode.STAMP_MISSING), stamp=StampState.MISSING, personal=(1,)))
    return rule(sheet, "stamp_missing", Verdict.STAMP_MISSING)


def test_a_missing_stamp_proposes_and_the_committee_rejects() -> None:
    standing = found(without_stamp())
    assert standing.state is SheetState.PROPOSED_REJECTION
    assert standing.record is None
    assert [p.issue for p in standing.proposals] == ["committee/a"]
    rejected = found(rule(without_stamp(), "committee/a", Verdict.REJECT, "a", Role.COMMITTEE))
    assert rejected.state is SheetState.REJECTED
    assert rejected.record is not None
    assert rejected.record.rejected is RejectionReason.A
    assert (rejected.record.list_id, rejected.record.personal) == (None, ())


def test_the_committee_approves_or_turns_into_blank() -> None:
    approved = found(rule(without_stamp(), "committee/a", Verdict.APPROVE, role=Role.COMMITTEE))
    assert approved.state is SheetState.SETTLED
    assert approved.record is not None
    assert (approved.record.list_id, approved.record.personal) == ("A", (1,))
    blank = found(rule(without_stamp(), "committee/a", Verdict.TURN_INTO_BLANK, role=Role.COMMITTEE))
    assert blank.record is not None
    assert (blank.record.blank, blank.record.list_id) == (True, None)


def test_an_approved_proposal_leaves_other_doubts_open() -> None:
    sheet = case(
        doubtful(
            Doubt(DoubtCode.STAMP_MISSING),
            Doubt(DoubtCode.MARK_UNCERTAIN, candidate=2),
            stamp=StampState.MISSING,
        )
    )
    sheet = rule(sheet, "stamp_missing", Verdict.STAMP_MISSING)
    assert found(sheet).state is SheetState.PROPOSED_REJECTION
    sheet = rule(sheet, "committee/a", Verdict.APPROVE, role=Role.COMMITTEE)
    assert found(sheet).state is SheetState.NEEDS_REVIEW
    assert found(rule(sheet, "mark_uncertain/2", Verdict.MARKED)).state is SheetState.SETTLED


@pytest.mark.parametrize(
    "verdict", [Verdict.REJECT, Verdict.APPROVE, Verdict.TURN_INTO_BLANK, Verdict.WITHDRAW]
)
def test_a_reviewer_never_decides_for_the_committee(verdict: Verdict) -> None:
    for issue in ("committee/a", "sheet", "stamp_missing"):
        with pytest.raises(UsageError):
            rule(without_stamp(), issue, verdict, "a" if verdict is Verdict.REJECT else "", reason="because")


def test_the_committee_decides_only_on_what_is_proposed() -> None:
    with pytest.raises(UsageError, match="nothing is proposed"):
        rule(case(reading()), "committee/a", Verdict.REJECT, "a", Role.COMMITTEE)


def test_a_reviewer_cannot_undo_a_decision_and_the_committee_can() -> None:
    rejected = rule(without_stamp(), "committee/a", Verdict.REJECT, "a", Role.COMMITTEE)
    with pytest.raises(UsageError, match="committee"):
        rule(rejected, "stamp_missing", Verdict.STAMP_PRESENT)
    with pytest.raises(UsageError, match="committee"):
        rule(rejected, "committee/a", Verdict.REOPEN)
    assert (
        found(rule(rejected, "committee/a", Verdict.REOPEN, role=Role.COMMITTEE)).state
        is SheetState.PROPOSED_REJECTION
    )


def test_an_unreadable_sheet_is_entered_by_hand_or_proposed() -> None:
    sheet = case(reading(kind=SheetKind.UNKNOWN, list_id=None, doubts=(Doubt(DoubtCode.UNREADABLE),)))
    issue = found(sheet).open[0]
    assert sheet.reading is not None
    assert verdicts_for(issue, sheet.reading.reading, ELECTION) == ()
    entry = HandEntry(SheetKind.LIST, True, "H", (3, 1), ("A:1", "A:1", "H:2"))
    standing = found(enter(sheet, entry))
    assert standing.state is SheetState.SETTLED
    assert standing.record is not None
    assert (standing.record.list_id, standing.record.personal) == ("H", (1, 3))
    assert standing.record.write_ins == ("A:1",)
    assert found(rule(sheet, "sheet", Verdict.PROPOSE_REJECTION, "c")).state is SheetState.PROPOSED_REJECTION


def test_an_entered_sheet_without_stamp_goes_to_the_committee() -> None:
    sheet = case(reading(kind=SheetKind.UNKNOWN, doubts=(Doubt(DoubtCode.UNREADABLE),)))
    standing = found(enter(sheet, HandEntry(SheetKind.BLANK, False)))
    assert standing.state is SheetState.PROPOSED_REJECTION
    assert [p.reason for p in standing.proposals] == ["a"]


def test_a_reading_that_knows_nothing_is_never_counted() -> None:
    standing = found(case(reading(kind=SheetKind.UNKNOWN, list_id=None)))
    assert standing.state is SheetState.NEEDS_REVIEW
    assert standing.open[0].code is DoubtCode.UNREADABLE


def test_a_list_that_is_not_in_the_election_is_never_counted() -> None:
    assert found(case(reading(list_id="X"))).open[0].code is DoubtCode.UNKNOWN_LIST


@pytest.mark.parametrize(
    ("party", "list_id"), [("Arbeiderpartiet", "A"), ("Rødt", "RMDG"), ("MDG", "RMDG"), ("RMDG", "RMDG")]
)
def test_party_ballots_count_for_the_partys_list(party: str, list_id: str) -> None:
    sheet = case(doubtful(Doubt(DoubtCode.PARTY_UNCLEAR), kind=SheetKind.PARTY, list_id=None))
    record = found(rule(sheet, "party_unclear", Verdict.PARTY, party)).record
    assert record is not None
    assert (record.kind, record.list_id) == (BallotKind.PARTY, list_id)


def test_a_list_is_known_by_its_id_before_another_that_has_a_party_of_this_code() -> None:
    local = CandidateList("R", "Bygdelista", ("R",), ())
    election = dataclasses.replace(ELECTION, lists=(*ELECTION.lists, local))
    assert list_of_party(election, "R") == "R"
    assert list_of_party(election, "MDG") == "RMDG"


def test_a_party_without_a_list_is_proposed_for_rejection_and_cannot_be_approved_as_it_is() -> None:
    sheet = case(reading(kind=SheetKind.PARTY, list_id=None, party="Kristelig Folkeparti"))
    standing = found(sheet)
    assert standing.state is SheetState.PROPOSED_REJECTION
    assert [p.reason for p in standing.proposals] == ["d"]
    with pytest.raises(UsageError, match="no list would get"):
        rule(sheet, "committee/d", Verdict.APPROVE, role=Role.COMMITTEE)
    assert found(rule(sheet, "committee/d", Verdict.REJECT, "d", Role.COMMITTEE)).state is SheetState.REJECTED
    proposed = rule(sheet, "sheet", Verdict.PROPOSE_REJECTION, "d")
    with pytest.raises(UsageError, match="no list would get"):
        rule(proposed, "committee/d", Verdict.APPROVE, role=Role.COMMITTEE)


def test_a_party_in_doubt_is_asked_about_before_it_is_proposed() -> None:
    doubted = doubtful(Doubt(DoubtCode.PARTY_UNCLEAR), kind=SheetKind.PARTY, list_id=None)
    sheet = case(dataclasses.replace(doubted, party="Kristelig Folkeparti"))
    assert found(sheet).state is SheetState.NEEDS_REVIEW
    confirmed = rule(sheet, "party_unclear", Verdict.PARTY, "Kristelig Folkeparti")
    assert [p.reason for p in found(confirmed).proposals] == ["d"]
    assert found(confirmed).state is SheetState.PROPOSED_REJECTION


def test_a_party_ballot_without_a_party_is_asked_about() -> None:
    standing = found(case(reading(kind=SheetKind.PARTY, list_id=None)))
    assert [i.key for i in standing.open] == ["party_unclear"]
    record = found(
        rule(case(reading(kind=SheetKind.PARTY, list_id=None)), "party_unclear", Verdict.BLANK_VOTE)
    ).record
    assert record is not None
    assert record.blank


def test_one_ruling_on_the_party_answers_all_doubtful_marks() -> None:
    doubts = [Doubt(DoubtCode.MARK_UNCERTAIN, party=p) for p in ("Høyre", "Rødt")]
    sheet = case(doubtful(*doubts, kind=SheetKind.PARTY, list_id=None))
    standing = found(rule(sheet, "mark_uncertain/Høyre", Verdict.PARTY, "Rødt"))
    assert standing.state is SheetState.SETTLED
    assert standing.record is not None
    assert standing.record.list_id == "RMDG"


def test_mayor_ballots_take_first_and_second_choice() -> None:
    mayor = parse_election(
        b"""{"format": "election/1", "election": {"id": "M", "name": "Valg", "date": "2007-09-10",
        "kind": "mayor"}, "area": {"id": "1", "name": "Nord"}, "seats": 1, "rules": "mayor-2007",
        "candidates": [{"number": 1, "name": "A"}, {"number": 2, "name": "B"}], "lists": [],
        "ballots": [{"kind": "mayor", "number": "1111111111111111111111", "file": "M.pdf"}]}""",
        "mayor",
    )
    for choices, second in ((Choices(1, 2), 2), (Choices(1, None), None), (Choices(1, 1), None)):
        record = resolve(case(reading(kind=SheetKind.MAYOR, list_id=None, choices=choices)), mayor).record
        assert record is not None
        assert (record.first_choice, record.second_choice) == (1, second)
    unclear = resolve(case(reading(kind=SheetKind.MAYOR, list_id=None, choices=Choices(None, 2))), mayor)
    assert unclear.open[0].code is DoubtCode.CHOICE_UNCLEAR


def test_confirming_needs_a_reading_to_confirm() -> None:
    torn = case(doubtful(Doubt(DoubtCode.TORN)))
    assert found(rule(torn, "torn", Verdict.CONFIRM)).state is SheetState.SETTLED
    no_inside = case(reading(doubts=(Doubt(DoubtCode.MISSING_SIDE),)))
    with pytest.raises(UsageError, match="by hand"):
        rule(no_inside, "missing_side", Verdict.CONFIRM)


def test_a_possible_duplicate_waits_even_when_the_committee_has_decided() -> None:
    sheet = rule(without_stamp(), "committee/a", Verdict.REJECT, "a", Role.COMMITTEE)
    again = dataclasses.replace(sheet, duplicates=("1-0009",))
    assert found(again).state is SheetState.NEEDS_REVIEW
