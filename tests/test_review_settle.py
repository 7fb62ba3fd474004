"""From readings and rulings to records: what counts, what waits, and who may decide what."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.box import SheetCase
from ballot.election import BallotKind
from ballot.errors import UsageError
from ballot.geometry import Affine
from ballot.layout import PageSide
from ballot.reading import (
    Choices,
    Doubt,
    DoubtCode,
    NamedCandidate,
    Reading,
    ScanSide,
    SheetKind,
    SideRegistration,
    StampState,
    WriteInReading,
)
from ballot.record import RejectionReason
from ballot.ruling import HandEntry, Role, Ruling, SheetState, Verdict
from review.hand_entry import entry_from_text, entry_to_text
from review.issues import issues_of, verdicts_for
from review.may_rule import check_ruling
from review.settle import Standing, resolve
from review.words import CODES, QUESTIONS, STATES, VERDICTS
from station.election_file import parse_election
from tests.station_fakes import ELECTION, case, reading

INSIDE = SideRegistration(ScanSide.FRONT, PageSide.INSIDE, Affine(8, 0, 0, 0, 8, 0), 0.0, False, 203.2)


def doubtful(*doubts: Doubt, **changes: Any) -> Reading:
    return reading(doubts=doubts, registrations=(INSIDE,), **changes)


def written(row: int, candidate: str | None, doubtful_row: bool = False) -> WriteInReading:
    best = () if candidate is None else (NamedCandidate(candidate, 0.9),)
    return WriteInReading(row, "navn", candidate, 0.9, best, doubtful_row)


def rule(
    of: SheetCase, issue: str, verdict: Verdict, value: str = "", role: Role = Role.REVIEWER, reason: str = ""
) -> SheetCase:
    """The case after a ruling that is checked as the desk checks it."""
    before = [r.number for r in of.rulings if r.issue == issue]
    ruling = Ruling(
        len(of.rulings) + 1,
        of.sheet.id,
        1,
        issue,
        verdict,
        value,
        "Kari",
        role,
        "",
        reason,
        before[-1] if before else None,
    )
    check_ruling(of, ruling, ELECTION)
    return dataclasses.replace(of, rulings=(*of.rulings, ruling))


def enter(of: SheetCase, entry: HandEntry) -> SheetCase:
    return rule(of, "sheet", Verdict.ENTER, entry_to_text(entry))


def found(of: SheetCase) -> Standing:
    return resolve(of, ELECTION)


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


def test_a_party_without_a_list_is_proposed_for_rejection_and_cannot_be_approved_as_it_is() -> None:
    sheet = case(reading(kind=SheetKind.PARTY, list_id=None, party="Kristelig Folkeparti"))
    standing = found(sheet)
    assert standing.state is SheetState.PROPOSED_REJECTION
    assert [p.reason for p in standing.proposals] == ["d"]
    with pytest.raises(UsageError, match="no list would get"):
        rule(sheet, "committee/d", Verdict.APPROVE, role=Role.COMMITTEE)
    assert found(rule(sheet, "committee/d", Verdict.REJECT, "d", Role.COMMITTEE)).state is SheetState.REJECTED


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


@pytest.mark.parametrize(
    ("issue", "verdict", "value", "message"),
    [
        ("mark_uncertain/3", Verdict.STAMP_PRESENT, "", "what can be ruled on it is: empty, marked"),
        ("mark_uncertain/4", Verdict.MARKED, "", "no such doubt"),
        ("mark_uncertain/3", Verdict.MARKED, "7", "takes no value"),
        ("write_in_uncertain/1", Verdict.CANDIDATE, "Kari", "is not a candidate"),
        ("write_in_uncertain/1", Verdict.CANDIDATE, "H:1 H:2", "is not a candidate"),
        ("ink_outside_fields", Verdict.MARK_FOR, "99", "not candidates of the ballot's list"),
        ("sheet", Verdict.PROPOSE_REJECTION, "e", "the reason must be one of"),
        ("sheet", Verdict.PROPOSE_WITHDRAWAL, "", "needs a reason"),
        ("sheet", Verdict.REOPEN, "", "nothing has been ruled"),
        ("ballot_id", Verdict.BALLOT_ID, "123", "8 digits"),
    ],
)
def test_rulings_that_cannot_stand_are_refused_with_what_can(
    issue: str, verdict: Verdict, value: str, message: str
) -> None:
    sheet = case(
        doubtful(
            Doubt(DoubtCode.MARK_UNCERTAIN, candidate=3),
            Doubt(DoubtCode.WRITE_IN_UNCERTAIN, row=1),
            Doubt(DoubtCode.INK_OUTSIDE_FIELDS),
        )
    )
    with pytest.raises(UsageError, match=message):
        rule(sheet, issue, verdict, value)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (HandEntry(SheetKind.LIST, True, "X"), "list 'X' is not in the election"),
        (HandEntry(SheetKind.LIST, True, None), "no list is given"),
        (HandEntry(SheetKind.LIST, True, "A", (99,)), "no candidate 99"),
        (HandEntry(SheetKind.LIST, True, "A", (), ("H:99",)), "'H:99' is not a candidate"),
        (HandEntry(SheetKind.BLANK, True, None, (1,)), "only list ballots have personal votes"),
        (HandEntry(SheetKind.UNKNOWN, True), "kind of ballot is not given"),
        (HandEntry(SheetKind.MAYOR, True, first_choice=1), "does not belong to this election"),
    ],
)
def test_hand_entries_that_cannot_stand_are_refused(entry: HandEntry, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        enter(case(reading()), entry)


def test_a_hand_entry_that_is_no_json_is_refused() -> None:
    for text in ("", "{}", "[]", '{"kind": "list", "stamped": true, "extra": 1}'):
        with pytest.raises(UsageError):
            entry_from_text(text)


def test_every_code_verdict_and_state_has_its_word() -> None:
    assert set(CODES) == set(QUESTIONS) == set(DoubtCode)
    assert set(VERDICTS) == set(Verdict)
    assert set(STATES) == set(SheetState)


NUMBERS = st.integers(1, 12)
NAMES = st.builds(lambda party, number: f"{party}:{number}", st.sampled_from(["A", "H", "RMDG"]), NUMBERS)
DOUBTS = st.lists(
    st.one_of(
        st.builds(lambda n: Doubt(DoubtCode.MARK_UNCERTAIN, candidate=n), NUMBERS),
        st.builds(lambda n: Doubt(DoubtCode.WRITE_IN_UNCERTAIN, row=n), st.integers(1, 7)),
        st.sampled_from(
            [
                Doubt(code)
                for code in DoubtCode
                if code
                not in (DoubtCode.MARK_UNCERTAIN, DoubtCode.WRITE_IN_UNCERTAIN, DoubtCode.DUPLICATE_BALLOT)
            ]
        ),
    ),
    max_size=5,
)
READINGS = st.builds(
    lambda kind, list_id, personal, names, stamp, doubts, party, inside: reading(
        kind=kind,
        list_id=list_id,
        personal=tuple(personal),
        write_ins=tuple(written(row, name, doubtful) for row, (name, doubtful) in enumerate(names, start=1)),
        stamp=stamp,
        doubts=tuple(doubts),
        party=party,
        registrations=(INSIDE,) if inside else (),
    ),
    st.sampled_from([SheetKind.LIST, SheetKind.PARTY, SheetKind.BLANK, SheetKind.UNKNOWN]),
    st.sampled_from(["A", "H", "RMDG", "X", None]),
    st.sets(NUMBERS),
    st.lists(st.tuples(st.one_of(st.none(), NAMES), st.booleans()), max_size=7),
    st.sampled_from(list(StampState)),
    DOUBTS,
    st.sampled_from([None, "Høyre", "Kristelig Folkeparti", "blank"]),
    st.booleans(),
)


def answer_first(sheet: SheetCase, draw: st.DataObject) -> SheetCase | None:
    """Makes one ruling that is allowed, if the sheet waits for any."""
    standing = found(sheet)
    if standing.state is SheetState.PROPOSED_REJECTION:
        proposal = next(p for p in standing.proposals)
        verdict = draw.draw(st.sampled_from([Verdict.REJECT, Verdict.TURN_INTO_BLANK]))
        value = "a" if verdict is Verdict.REJECT else ""
        return rule(sheet, proposal.issue, verdict, value, Role.COMMITTEE)
    if standing.state is not SheetState.NEEDS_REVIEW:
        return None
    assert sheet.reading is not None
    issue = standing.open[0]
    verdicts = verdicts_for(issue, sheet.reading.reading, ELECTION)
    if not verdicts:
        return enter(sheet, HandEntry(SheetKind.LIST, draw.draw(st.booleans()), "A", (1,), ("H:1",)))
    verdict = draw.draw(st.sampled_from(verdicts))
    values = {
        Verdict.CANDIDATE: NAMES,
        Verdict.WRITE_IN: NAMES,
        Verdict.MARK_FOR: NUMBERS.map(str),
        Verdict.PARTY: st.sampled_from(["Høyre", "Kristelig Folkeparti"]),
        Verdict.BALLOT_ID: st.just("00000001"),
    }
    return rule(sheet, issue.key, verdict, draw.draw(values[verdict]) if verdict in values else "")


@given(READINGS, st.data())
def test_ruling_on_everything_that_is_open_ends_in_exactly_one_class(
    read: Reading, data: st.DataObject
) -> None:
    """No reading and no allowed rulings lead to a dead end, a guess, or a ballot in no class."""
    sheet: SheetCase | None = case(read)
    steps = 0
    while sheet is not None:
        standing = found(sheet)
        done = standing.state in (SheetState.ACCEPTED, SheetState.SETTLED, SheetState.REJECTED)
        assert (standing.record is not None) is done
        if standing.state is SheetState.ACCEPTED:
            assert not read.doubts
            assert read.stamp is StampState.PRESENT
            assert not any(w.doubtful for w in read.write_ins)
        if standing.record is not None:
            record = standing.record
            assert sum((record.list_id is not None, record.blank, record.rejected is not None)) == 1
            assert len(record.write_ins) <= ELECTION.max_write_ins
            assert not any(name.startswith(f"{record.list_id}:") for name in record.write_ins)
            assert (record.rejected is not None) == (standing.state is SheetState.REJECTED)
        sheet = answer_first(sheet, data)
        steps += 1
        assert steps < 40


@given(READINGS)
def test_issue_keys_are_unique_and_numbered_in_order(read: Reading) -> None:
    issues = issues_of(read, ("1-0002", "1-0003"))
    assert len({i.key for i in issues}) == len(issues) == len(read.doubts) + 2
    assert [i.number for i in issues] == list(range(1, len(issues) + 1))
