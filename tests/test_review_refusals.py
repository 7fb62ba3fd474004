"""Rulings and entries that cannot stand, and that everything has its word."""

from __future__ import annotations

import pytest

from ballot.errors import UsageError
from ballot.reading import (
    Doubt,
    DoubtCode,
    SheetKind,
)
from ballot.ruling import HandEntry, SheetState, Verdict
from review.hand_entry import entry_from_text
from review.words import CODES, QUESTIONS, STATES, VERDICTS
from tests.rulings import doubtful, enter, rule
from tests.station_fakes import case, reading


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
        ("sheet", Verdict.REOPEN, "", "no ruling on sheet is in force"),
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
        (HandEntry(SheetKind.BLANK, True, "A"), "a blank ballot is for no list, but 'A' is given"),
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
