"""Rulings that bear on one another: none is lost, and none is stored that changes nothing."""

from __future__ import annotations

import dataclasses

import pytest

from ballot.box import SheetCase
from ballot.errors import UsageError
from ballot.reading import Doubt, DoubtCode, SheetKind, StampState
from ballot.record import RejectionReason
from ballot.ruling import HandEntry, Role, SheetState, Verdict
from tests.rulings import doubtful, enter, found, rule, written
from tests.station_fakes import case, reading

MARK = Doubt(DoubtCode.MARK_UNCERTAIN, candidate=7)
STAMP = Doubt(DoubtCode.STAMP_UNCERTAIN)
ENTERED = HandEntry(SheetKind.LIST, True, "H", (4,))


def decide(of: SheetCase, reason: str, verdict: Verdict, value: str = "", why: str = "") -> SheetCase:
    return rule(of, f"committee/{reason}", verdict, value, Role.COMMITTEE, why)


def without_stamp_and_list() -> SheetCase:
    """A party ballot without a stamp, for a party that has no list."""
    sheet = case(
        reading(
            kind=SheetKind.PARTY,
            list_id=None,
            party="Kristelig Folkeparti",
            stamp=StampState.MISSING,
            doubts=(Doubt(DoubtCode.STAMP_MISSING), Doubt(DoubtCode.PARTY_UNCLEAR)),
        )
    )
    sheet = rule(sheet, "stamp_missing", Verdict.STAMP_MISSING)
    return rule(sheet, "party_unclear", Verdict.PARTY, "Kristelig Folkeparti")


def votes(of: SheetCase) -> tuple[str | None, tuple[int, ...]]:
    record = found(of).record
    assert record is not None
    return record.list_id, record.personal


def test_a_proposal_does_not_take_an_entry_back() -> None:
    sheet = rule(enter(case(reading(personal=(3,))), ENTERED), "sheet", Verdict.PROPOSE_REJECTION, "c")
    assert found(sheet).state is SheetState.PROPOSED_REJECTION
    assert votes(rule(sheet, "sheet", Verdict.REOPEN)) == ("H", (4,))
    assert votes(decide(sheet, "c", Verdict.APPROVE)) == ("H", (4,))


def test_an_entry_is_taken_back_after_the_proposal() -> None:
    sheet = rule(enter(case(reading(personal=(3,))), ENTERED), "sheet", Verdict.PROPOSE_REJECTION, "c")
    sheet = rule(rule(sheet, "sheet", Verdict.REOPEN), "sheet", Verdict.REOPEN)
    assert votes(sheet) == ("A", (3,))
    assert found(sheet).state is SheetState.ACCEPTED
    with pytest.raises(UsageError, match="no ruling on sheet is in force"):
        rule(sheet, "sheet", Verdict.REOPEN)


def test_what_the_committee_approved_a_reviewer_does_not_take_back() -> None:
    sheet = rule(enter(case(reading(personal=(3,))), ENTERED), "sheet", Verdict.PROPOSE_REJECTION, "c")
    sheet = decide(sheet, "c", Verdict.APPROVE)
    with pytest.raises(UsageError, match="only the electoral committee takes back"):
        rule(sheet, "sheet", Verdict.REOPEN)
    again = decide(sheet, "c", Verdict.REOPEN)
    assert votes(rule(again, "sheet", Verdict.REOPEN)) == ("H", (4,))


def test_what_was_ruled_after_the_committee_sent_it_back_can_be_taken_back() -> None:
    sheet = rule(case(doubtful(MARK)), "sheet", Verdict.PROPOSE_REJECTION, "c")
    sheet = enter(decide(sheet, "c", Verdict.APPROVE), ENTERED)
    assert votes(sheet) == ("H", (4,))
    assert found(rule(sheet, "sheet", Verdict.REOPEN)).state is SheetState.NEEDS_REVIEW


def test_what_is_proposed_again_after_an_approval_comes_to_the_committee_again() -> None:
    sheet = rule(case(doubtful(MARK)), "sheet", Verdict.PROPOSE_WITHDRAWAL, reason="a separator sheet")
    sheet = decide(sheet, "w", Verdict.APPROVE)
    sheet = rule(sheet, "sheet", Verdict.PROPOSE_WITHDRAWAL, reason="scanned again in box 7")
    sheet = rule(sheet, "mark_uncertain/7", Verdict.MARKED)
    assert found(sheet).state is SheetState.PROPOSED_REJECTION
    withdrawn = decide(sheet, "w", Verdict.WITHDRAW, why="scanned again in box 7")
    assert found(withdrawn).state is SheetState.WITHDRAWN
    assert votes(decide(sheet, "w", Verdict.APPROVE)) == ("A", (7,))


def test_what_the_committee_approved_stays_while_a_twin_is_asked_about() -> None:
    sheet = rule(enter(case(reading(personal=(3,))), ENTERED), "sheet", Verdict.PROPOSE_REJECTION, "c")
    sheet = dataclasses.replace(decide(sheet, "c", Verdict.APPROVE), duplicates=("1-0002",))
    assert found(sheet).state is SheetState.NEEDS_REVIEW
    with pytest.raises(UsageError, match="only the electoral committee takes back"):
        rule(sheet, "sheet", Verdict.REOPEN)
    with pytest.raises(UsageError, match="committee has decided"):
        enter(sheet, HandEntry(SheetKind.LIST, True, "A", (5,)))
    with pytest.raises(UsageError, match=r"withdraw sheet 1-0002, or, .* have it take one decision back"):
        rule(sheet, "duplicate_ballot/1-0002", Verdict.WITHDRAW)
    taken_back = rule(decide(sheet, "c", Verdict.REOPEN), "duplicate_ballot/1-0002", Verdict.WITHDRAW)
    assert found(taken_back).state is SheetState.WITHDRAWN
    assert votes(rule(sheet, "duplicate_ballot/1-0002", Verdict.KEEP)) == ("H", (4,))


def test_an_unknown_sheet_becomes_a_blank_vote_only_with_a_stamp() -> None:
    unknown = doubtful(
        Doubt(DoubtCode.UNREADABLE), kind=SheetKind.UNKNOWN, list_id=None, stamp=StampState.MISSING
    )
    sheet = rule(case(unknown), "sheet", Verdict.PROPOSE_REJECTION, "c")
    sheet = decide(sheet, "c", Verdict.TURN_INTO_BLANK)
    assert [issue.key for issue in found(sheet).open] == ["stamp_missing"]
    assert found(rule(sheet, "stamp_missing", Verdict.STAMP_PRESENT)).state is SheetState.SETTLED


def test_too_many_names_on_a_sheet_entered_by_hand_can_be_confirmed() -> None:
    unknown = doubtful(Doubt(DoubtCode.UNREADABLE), kind=SheetKind.UNKNOWN, list_id=None)
    names = tuple(f"H:{n}" for n in range(1, 7))
    sheet = enter(case(unknown), HandEntry(SheetKind.LIST, True, "A", (), names))
    assert [issue.key for issue in found(sheet).open] == ["write_in_too_many"]
    counted = found(rule(sheet, "write_in_too_many", Verdict.CONFIRM)).record
    assert counted is not None and counted.write_ins == names[:5]


def test_that_the_first_of_too_many_names_count_is_confirmed_again_when_the_names_change() -> None:
    names = tuple(f"H:{n}" for n in range(1, 7))
    read = [written(row, name) for row, name in enumerate(names, start=1)]
    sheet = rule(case(doubtful(write_ins=tuple(read))), "write_in_too_many", Verdict.CONFIRM)
    others = tuple(f"RMDG:{n}" for n in range(1, 8))
    sheet = enter(sheet, HandEntry(SheetKind.LIST, True, "A", (), others))
    assert [issue.key for issue in found(sheet).open] == ["write_in_too_many"]
    counted = found(rule(sheet, "write_in_too_many", Verdict.CONFIRM)).record
    assert counted is not None and counted.write_ins == others[:5]


def test_that_the_first_of_too_many_names_count_holds_for_as_long_as_the_names_are_these() -> None:
    names = tuple(f"H:{n}" for n in range(1, 7))
    read = tuple(written(row, name) for row, name in enumerate(names, start=1))
    sheet = case(doubtful(Doubt(DoubtCode.INK_OUTSIDE_FIELDS), write_ins=read))
    sheet = rule(sheet, "write_in_too_many", Verdict.CONFIRM)
    sheet = rule(sheet, "ink_outside_fields", Verdict.NO_EFFECT)
    assert found(sheet).open == ()
    assert found(enter(sheet, HandEntry(SheetKind.LIST, True, "A", (), names))).open == ()
    sheet = enter(sheet, HandEntry(SheetKind.LIST, True, "A", (), names[::-1]))
    sheet = rule(sheet, "write_in_too_many", Verdict.CONFIRM)
    assert found(sheet).open == ()
    sheet = rule(sheet, "sheet", Verdict.REOPEN)  # the names are again those that were read
    assert [issue.key for issue in found(sheet).open] == ["write_in_too_many"]


def test_a_withdrawn_sheet_takes_no_answers() -> None:
    sheet = dataclasses.replace(case(doubtful(MARK)), duplicates=("1-0002",))
    sheet = rule(sheet, "duplicate_ballot/1-0002", Verdict.WITHDRAW)
    with pytest.raises(UsageError, match="is withdrawn; reopen that first"):
        rule(sheet, "mark_uncertain/7", Verdict.MARKED)
    assert found(rule(sheet, "duplicate_ballot/1-0002", Verdict.KEEP)).state is SheetState.NEEDS_REVIEW


@pytest.mark.parametrize(
    ("issue", "verdict"), [("mark_uncertain/7", Verdict.MARKED), ("stamp_uncertain", Verdict.STAMP_MISSING)]
)
def test_an_answer_that_an_entry_hides_is_refused(issue: str, verdict: Verdict) -> None:
    sheet = enter(case(doubtful(MARK, STAMP)), ENTERED)
    with pytest.raises(UsageError, match="entered the whole sheet by hand"):
        rule(sheet, issue, verdict)
    reopened = rule(sheet, "sheet", Verdict.REOPEN)
    assert rule(reopened, issue, verdict).rulings[-1].verdict is verdict


def test_a_ballot_without_a_stamp_does_not_become_a_blank_vote() -> None:
    blank = decide(without_stamp_and_list(), "d", Verdict.TURN_INTO_BLANK)
    assert found(blank).state is SheetState.PROPOSED_REJECTION
    rejected = found(decide(blank, "a", Verdict.REJECT, "a"))
    assert rejected.state is SheetState.REJECTED
    assert rejected.record is not None and rejected.record.rejected is RejectionReason.A
    approved = found(decide(blank, "a", Verdict.APPROVE))
    assert approved.state is SheetState.SETTLED
    assert approved.record is not None and approved.record.blank


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (Verdict.STAMP_PRESENT, SheetState.SETTLED),
        (Verdict.STAMP_MISSING, SheetState.PROPOSED_REJECTION),
    ],
)
def test_the_stamp_of_a_blank_vote_is_asked_for_after_the_decision(
    verdict: Verdict, state: SheetState
) -> None:
    sheet = rule(case(doubtful(MARK, STAMP)), "sheet", Verdict.PROPOSE_REJECTION, "c")
    sheet = decide(sheet, "c", Verdict.TURN_INTO_BLANK)
    waiting = found(sheet)
    assert waiting.state is SheetState.NEEDS_REVIEW
    assert [issue.key for issue in waiting.open] == ["stamp_uncertain"]
    with pytest.raises(UsageError, match="committee has decided"):
        rule(sheet, "mark_uncertain/7", Verdict.MARKED)
    assert found(rule(sheet, "stamp_uncertain", verdict)).state is state


def test_a_decision_is_changed_under_its_own_proposal_only() -> None:
    sheet = decide(without_stamp_and_list(), "a", Verdict.REJECT, "a")
    with pytest.raises(UsageError, match="committee/a reject is in force; reopen that first"):
        decide(sheet, "d", Verdict.TURN_INTO_BLANK)
    sheet = decide(sheet, "a", Verdict.APPROVE)
    assert found(decide(sheet, "d", Verdict.TURN_INTO_BLANK)).state is SheetState.SETTLED


def test_a_rejection_is_not_decided_otherwise_under_another_proposal_while_a_twin_is_asked_about() -> None:
    sheet = decide(without_stamp_and_list(), "a", Verdict.REJECT, "a")
    sheet = dataclasses.replace(sheet, duplicates=("1-0002",))
    assert found(sheet).state is SheetState.NEEDS_REVIEW
    for verdict, value in ((Verdict.TURN_INTO_BLANK, ""), (Verdict.REJECT, "d")):
        with pytest.raises(UsageError, match="committee/a reject is in force; reopen that first"):
            decide(sheet, "d", verdict, value)


def test_only_a_proposed_withdrawal_can_be_decided_as_one() -> None:
    with pytest.raises(UsageError, match="no withdrawal"):
        decide(without_stamp_and_list(), "a", Verdict.WITHDRAW, why="a test")


def test_a_reviewer_does_not_withdraw_what_the_committee_has_decided() -> None:
    sheet = rule(case(reading()), "sheet", Verdict.PROPOSE_REJECTION, "c")
    sheet = decide(sheet, "c", Verdict.REJECT, "c")
    twice = dataclasses.replace(sheet, duplicates=("1-0002",))
    assert found(twice).state is SheetState.NEEDS_REVIEW
    for issue, verdict in (
        ("duplicate_ballot/1-0002", Verdict.WITHDRAW),
        ("sheet", Verdict.PROPOSE_REJECTION),
    ):
        with pytest.raises(UsageError, match="committee has decided"):
            rule(twice, issue, verdict, "b" if issue == "sheet" else "")
    kept = found(rule(twice, "duplicate_ballot/1-0002", Verdict.KEEP))
    assert kept.state is SheetState.REJECTED


def test_of_two_answers_about_one_box_the_later_holds() -> None:
    doubts = (Doubt(DoubtCode.MARK_UNCERTAIN, candidate=7, detail=detail) for detail in ("stamp", "stroke"))
    sheet = case(doubtful(*doubts, personal=(7,)))
    sheet = rule(sheet, "mark_uncertain/7", Verdict.MARKED)
    sheet = rule(sheet, "mark_uncertain/7#2", Verdict.MARKED)
    sheet = rule(sheet, "mark_uncertain/7", Verdict.EMPTY)
    record = found(sheet).record
    assert record is not None
    assert record.personal == ()


def test_of_two_answers_about_one_row_the_later_holds() -> None:
    doubts = (Doubt(DoubtCode.WRITE_IN_UNCERTAIN, row=1, detail=detail) for detail in ("stamp", "streak"))
    sheet = case(doubtful(*doubts, write_ins=(written(1, None, True),)))
    sheet = rule(sheet, "write_in_uncertain/1", Verdict.CANDIDATE, "H:1")
    sheet = rule(sheet, "write_in_uncertain/1#2", Verdict.CANDIDATE, "H:1")
    sheet = rule(sheet, "write_in_uncertain/1", Verdict.CANDIDATE, "H:2")
    record = found(sheet).record
    assert record is not None
    assert record.write_ins == ("H:2",)
