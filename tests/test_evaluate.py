"""Comparing with the truth: every kind of silent error is seen, and a doubt is no silent error."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ballot.geometry import Affine, Box
from ballot.layout import BoxKind, PageSide
from ballot.reading import (
    Choices,
    Doubt,
    DoubtCode,
    MarkReading,
    MarkState,
    NamedCandidate,
    Reading,
    ScanSide,
    SheetKind,
    SideRegistration,
    StampState,
    WriteInReading,
)
from calibration.evaluate import ANSWERED_BY, WHOLE_SHEET, Fate, compare

NUMBER = "2990100100000000000004"


def _truth(**changes: Any) -> dict[str, Any]:
    truth = {
        "kind": "list",
        "list": "A",
        "ballot_number": NUMBER,
        "ballot_id": "00000417",
        "stamp": "present",
        "personal": [3, 7],
        "undecided": [],
        "write_ins": [],
        "party": None,
        "choices": None,
        "mark_boxes": [{"candidate": 3}, {"candidate": 7}],
        "conditions": [],
        "expected_doubts": [],
    }
    return truth | changes


RIGHT = Reading(
    front="1a.jpg",
    back="1b.jpg",
    kind=SheetKind.LIST,
    list_id="A",
    ballot_number=NUMBER,
    ballot_id="00000417",
    stamp=StampState.PRESENT,
    personal=(3, 7),
)
PARTY = replace(RIGHT, kind=SheetKind.PARTY, list_id="H", personal=(), party="Høyre")
PARTY_TRUTH = _truth(kind="party", list=None, personal=[], party="Høyre")
MAYOR = replace(RIGHT, kind=SheetKind.MAYOR, list_id=None, personal=(), choices=Choices(2, None))
MAYOR_TRUTH = _truth(kind="mayor", list=None, personal=[], choices={"first": 2, "second": None})
WRITTEN = {"row": 1, "candidate": "SP:4", "text": "Kari Nordmann", "party_text": "Sp"}


def _row(row: int, candidate: str | None) -> WriteInReading:
    best = () if candidate is None else (NamedCandidate(candidate, 0.99),)
    return WriteInReading(row, "kari", candidate, 0.99, best, False)


@pytest.mark.parametrize(
    ("reading", "truth"),
    [
        (RIGHT, _truth()),
        (PARTY, PARTY_TRUTH),
        (replace(PARTY, party="blank", list_id=None), PARTY_TRUTH | {"party": "blank"}),
        (MAYOR, MAYOR_TRUTH),
        (replace(RIGHT, write_ins=(_row(1, "SP:4"),)), _truth(write_ins=[WRITTEN])),
    ],
    ids=["list", "party", "blank vote", "mayor", "write-in"],
)
def test_a_right_reading_has_no_error(reading: Reading, truth: dict[str, Any]) -> None:
    outcome = compare(reading, truth)
    assert outcome.errors == ()
    assert outcome.accepted
    assert outcome.front == "1a.jpg"


@pytest.mark.parametrize(
    ("wrong", "truth", "error"),
    [
        (replace(RIGHT, kind=SheetKind.BLANK), _truth(), "kind"),
        (replace(RIGHT, list_id="H"), _truth(), "list H, truly A"),
        (replace(RIGHT, ballot_number="2" * 22), _truth(), "number"),
        (replace(RIGHT, ballot_id="00000471"), _truth(), "id 00000471"),
        (replace(RIGHT, ballot_id=None), _truth(), "id None"),
        (RIGHT, _truth(stamp="missing"), "stamp"),
        (replace(RIGHT, personal=(3, 7, 8)), _truth(), "candidate 8 read as marked"),
        (replace(RIGHT, personal=(3,)), _truth(), "candidate 7 read as empty"),
        (replace(RIGHT, personal=()), _truth(), "candidate 3 read as empty"),
        (RIGHT, _truth(write_ins=[WRITTEN]), "row 1 read as empty"),
        (replace(RIGHT, write_ins=(_row(1, "A:12"),)), _truth(write_ins=[WRITTEN]), "row 1 read as A:12"),
        (replace(RIGHT, write_ins=(_row(1, None),)), _truth(write_ins=[WRITTEN]), "row 1 read as None"),
        (replace(RIGHT, write_ins=(_row(2, "SP:4"),)), _truth(), "row 2 read as SP:4, truly empty"),
        (replace(PARTY, party="Venstre"), PARTY_TRUTH, "party Venstre"),
        (replace(PARTY, party=None), PARTY_TRUTH, "party None"),
        (PARTY, PARTY_TRUTH | {"party": None}, "party Høyre, truly None"),
        (replace(MAYOR, choices=Choices(3, None)), MAYOR_TRUTH, "choices"),
        (replace(MAYOR, choices=Choices(2, 1)), MAYOR_TRUTH, "choices"),
        (replace(MAYOR, choices=None), MAYOR_TRUTH, "choices None"),
        (RIGHT, _truth(expected_doubts=["ink_outside_fields"]), "accepted in spite of ink_outside_fields"),
        (RIGHT, _truth(expected_doubts=["mark_taken_back"], undecided=[7]), "in spite of mark_taken_back"),
    ],
)
def test_every_kind_of_silent_error_is_seen(wrong: Reading, truth: dict[str, Any], error: str) -> None:
    assert any(error in told for told in compare(wrong, truth).errors)


@pytest.mark.parametrize(
    ("wrong", "truth", "doubt"),
    [
        (
            replace(RIGHT, personal=(3,)),
            _truth(),
            Doubt(DoubtCode.MARK_UNCERTAIN, candidate=7),
        ),
        (
            replace(RIGHT, write_ins=(_row(1, None),)),
            _truth(write_ins=[WRITTEN]),
            Doubt(DoubtCode.WRITE_IN_UNCERTAIN, row=1),
        ),
        (replace(RIGHT, ballot_id=None), _truth(), Doubt(DoubtCode.BALLOT_ID_UNCERTAIN)),
        (replace(PARTY, party=None), PARTY_TRUTH, Doubt(DoubtCode.PARTY_UNCLEAR)),
        (replace(MAYOR, choices=Choices(None, None)), MAYOR_TRUTH, Doubt(DoubtCode.CHOICE_UNCLEAR)),
        (replace(RIGHT, stamp=StampState.MISSING), _truth(), Doubt(DoubtCode.STAMP_MISSING)),
    ],
)
def test_what_a_person_will_look_at_is_no_silent_error(
    wrong: Reading, truth: dict[str, Any], doubt: Doubt
) -> None:
    assert compare(replace(wrong, doubts=(doubt,)), truth).errors == ()


@pytest.mark.parametrize(
    ("wrong", "truth", "doubt", "error"),
    [
        (
            replace(RIGHT, personal=(3,)),
            _truth(),
            Doubt(DoubtCode.MARK_UNCERTAIN, candidate=5),
            "candidate 7",
        ),
        (replace(RIGHT, personal=(3,)), _truth(), Doubt(DoubtCode.STAMP_UNCERTAIN), "candidate 7"),
        (RIGHT, _truth(write_ins=[WRITTEN]), Doubt(DoubtCode.WRITE_IN_UNCERTAIN, row=2), "row 1"),
        (replace(RIGHT, list_id="H"), _truth(), Doubt(DoubtCode.MARK_UNCERTAIN, candidate=3), "list H"),
        (RIGHT, _truth(stamp="missing"), Doubt(DoubtCode.INK_OUTSIDE_FIELDS), "stamp"),
    ],
)
def test_a_doubt_about_something_else_hides_no_error(
    wrong: Reading, truth: dict[str, Any], doubt: Doubt, error: str
) -> None:
    outcome = compare(replace(wrong, doubts=(doubt,)), truth)
    assert not outcome.accepted
    assert any(error in told for told in outcome.errors)


@pytest.mark.parametrize("code", sorted(WHOLE_SHEET))
def test_a_sheet_entered_by_hand_has_no_silent_error(code: DoubtCode) -> None:
    nothing = replace(RIGHT, kind=SheetKind.UNKNOWN, list_id=None, ballot_number=None, personal=())
    box = Box(10, 10, 4, 4)
    read = (MarkReading(BoxKind.PERSONAL, 3, None, 0.0, MarkState.EMPTY, box, box),)
    assert compare(replace(RIGHT, marks=read), _truth()).positions == 1
    outcome = compare(replace(nothing, marks=read, doubts=(Doubt(code),)), _truth())
    assert (outcome.errors, outcome.positions) == ((), 0)
    assert outcome.doubts == (code,)


def test_only_sheets_that_call_for_no_person_count_as_undamaged() -> None:
    assert compare(RIGHT, _truth()).undamaged
    assert not compare(RIGHT, _truth(write_ins=[WRITTEN])).undamaged
    assert not compare(RIGHT, _truth(expected_doubts=["torn"])).undamaged
    assert not compare(PARTY, PARTY_TRUTH | {"mark_boxes": []}).undamaged


TAKEN_BACK = _truth(
    undecided=[5],
    conditions=["taken_back:5"],
    expected_doubts=["mark_taken_back"],
    mark_boxes=[{"candidate": 5, "box_mm": [20, 50, 5, 5]}],
)
BESIDE = _truth(undecided=[5], conditions=["mark_beside:5"], expected_doubts=["ink_outside_fields"])
ELSEWHERE = Doubt(DoubtCode.STAMP_UNCERTAIN)


@pytest.mark.parametrize(
    ("doubts", "fate"),
    [
        ((), Fate.SILENT),
        ((ELSEWHERE,), Fate.MISSED),
        ((Doubt(DoubtCode.MARK_TAKEN_BACK, candidate=7),), Fate.MISSED),
        ((Doubt(DoubtCode.MARK_TAKEN_BACK, candidate=5),), Fate.DOUBTED),
        ((Doubt(DoubtCode.MARK_UNCERTAIN, candidate=5),), Fate.DOUBTED),
        ((Doubt(DoubtCode.TORN, ScanSide.FRONT, Box(18, 48, 9, 9)),), Fate.DOUBTED),
        ((Doubt(DoubtCode.TORN, ScanSide.BACK, Box(18, 48, 9, 9)),), Fate.MISSED),
        ((Doubt(DoubtCode.UNREADABLE),), Fate.DOUBTED),
    ],
)
def test_a_mark_taken_back_is_doubted_where_it_is(doubts: tuple[Doubt, ...], fate: Fate) -> None:
    whole = Affine(1, 0, 0, 0, 1, 0)
    sides = ((ScanSide.FRONT, PageSide.INSIDE), (ScanSide.BACK, PageSide.OUTSIDE))
    placed = tuple(SideRegistration(scan, page, whole, 0.1, False, 300.0) for scan, page in sides)
    outcome = compare(replace(RIGHT, doubts=doubts, registrations=placed), TAKEN_BACK)
    assert outcome.troubles == (("mark_taken_back", fate),)
    assert bool(outcome.errors) == (fate is Fate.SILENT)
    assert outcome.missed == (("mark_taken_back",) if fate is Fate.MISSED else ())


def test_a_torn_field_is_doubted_when_the_field_itself_is() -> None:
    truth = _truth(conditions=["hole"], expected_doubts=["torn"], missing_mm=[[18, 48, 9, 9]])
    for box, missed in ((Box(20, 50, 5, 5), ()), (Box(20, 90, 5, 5), ("torn",))):
        doubt = Doubt(DoubtCode.MARK_UNCERTAIN, ScanSide.FRONT, box, candidate=5)
        assert compare(replace(RIGHT, doubts=(doubt,)), truth).missed == missed


@pytest.mark.parametrize("name", sorted(ANSWERED_BY))
def test_what_must_be_doubted_is_missed_when_another_doubt_is_given(name: str) -> None:
    truth = _truth(expected_doubts=[name])
    assert compare(replace(RIGHT, doubts=(Doubt(DoubtCode.STREAK),)), truth).missed == (name,)
    assert compare(replace(RIGHT, doubts=(Doubt(DoubtCode(name)),)), truth).missed == ()
    assert compare(RIGHT, truth).missed == ()
    assert compare(RIGHT, truth).errors == (f"accepted in spite of {name}",)


def test_a_cross_beside_a_box_is_no_vote_even_on_a_doubted_sheet() -> None:
    doubted = replace(RIGHT, doubts=(Doubt(DoubtCode.INK_OUTSIDE_FIELDS),))
    assert compare(doubted, BESIDE).errors == ()
    wrong = compare(replace(doubted, personal=(3, 5, 7)), BESIDE)
    assert wrong.errors == ("candidate 5 read as marked, truly empty",)


def test_a_doubt_about_another_box_hides_no_wrong_party_or_choice() -> None:
    crossed = {"candidate": None, "party": "Høyre", "box_mm": [20, 50, 5, 5]}
    truth = PARTY_TRUTH | {"mark_boxes": [crossed]}
    wrong = replace(PARTY, party="Venstre")
    at = Box(20, 50, 5, 5)
    for hides, doubt in (
        (False, Doubt(DoubtCode.MARK_UNCERTAIN)),
        (False, Doubt(DoubtCode.MARK_UNCERTAIN, box_mm=Box(20, 90, 5, 5), party="Rødt")),
        (True, Doubt(DoubtCode.MARK_UNCERTAIN, box_mm=at, party="Høyre")),
        (True, Doubt(DoubtCode.MARK_TAKEN_BACK, party="Venstre")),
    ):
        assert bool(compare(replace(wrong, doubts=(doubt,)), truth).errors) != hides
    chosen = MAYOR_TRUTH | {"mark_boxes": [{"candidate": 2, "box_mm": [20, 50, 5, 5]}]}
    wrong = replace(MAYOR, choices=Choices(3, None))
    far = Doubt(DoubtCode.MARK_UNCERTAIN, box_mm=Box(20, 90, 5, 5), candidate=1)
    assert compare(replace(wrong, doubts=(far,)), chosen).errors
    assert not compare(replace(wrong, doubts=(replace(far, box_mm=at),)), chosen).errors


def test_the_list_that_a_party_counts_for_is_compared() -> None:
    assert compare(PARTY, PARTY_TRUTH | {"party_list": "H"}).errors == ()
    wrong = compare(PARTY, PARTY_TRUTH | {"party_list": "HV"})
    assert wrong.errors == ("party Høyre for list H, truly HV",)
    unclear = replace(PARTY, doubts=(Doubt(DoubtCode.PARTY_UNCLEAR),))
    assert compare(unclear, PARTY_TRUTH | {"party_list": "HV"}).errors == ()


def test_weak_stamps_can_be_told_apart() -> None:
    for quality, clear in (("clear", True), ("faint", False), ("partial", False)):
        outcome = compare(RIGHT, _truth(stamp_quality=quality))
        assert outcome.undamaged
        assert outcome.clear_stamp is clear


@pytest.mark.parametrize(
    ("code", "condition", "needless"),
    [
        (DoubtCode.STAMP_UNCERTAIN, None, "stamp_missing"),
        (DoubtCode.MARK_TAKEN_BACK, None, "mark_taken_back"),
        (DoubtCode.TORN, None, "torn"),
        (DoubtCode.TORN, "hole", None),
        (DoubtCode.INK_OUTSIDE_FIELDS, None, "ink_outside_fields"),
        (DoubtCode.INK_OUTSIDE_FIELDS, "strike_out:4", None),
        (DoubtCode.MARK_UNCERTAIN, None, None),
    ],
)
def test_needless_doubts_are_told_by_kind(
    code: DoubtCode, condition: str | None, needless: str | None
) -> None:
    truth = _truth(conditions=[] if condition is None else [condition])
    outcome = compare(replace(RIGHT, doubts=(Doubt(code),)), truth)
    assert outcome.needless == (() if needless is None else (needless,))


def test_a_mark_of_which_the_scan_shows_nothing_is_counted_apart() -> None:
    truth = _truth(conditions=["mark_vanished:7"])
    missing = ("candidate 7 read as empty, truly marked",)
    lost = compare(replace(RIGHT, personal=(3,)), truth)
    assert (lost.errors, lost.lost, lost.wrong, lost.vanished) == ((), missing, missing, 1)
    assert not lost.undamaged
    assert compare(replace(RIGHT, personal=(3,)), _truth()).errors == missing
    also = compare(replace(RIGHT, personal=(5,)), truth)
    assert also.errors == (
        "candidate 5 read as marked, truly empty",
        "candidate 3 read as empty, truly marked",
    )


def test_a_scribble_that_the_scan_does_not_show_is_counted_apart() -> None:
    truth = _truth(
        personal=[3],
        conditions=["taken_back:7", "scribble_vanished:7"],
        expected_doubts=["mark_taken_back"],
        undecided=[7],
    )
    lost = compare(RIGHT, truth)
    assert (lost.errors, lost.vanished) == ((), 1)
    assert lost.lost == ("candidate 7 read as marked, truly taken back",)
    assert lost.troubles == ()
    shown = compare(RIGHT, {**truth, "conditions": ["taken_back:7"]})
    assert shown.errors == ("accepted in spite of mark_taken_back",)


def test_a_party_ballot_whose_mark_the_scan_lost_is_counted_apart_but_a_wrong_party_is_not() -> None:
    truth = PARTY_TRUTH | {"conditions": ["mark_vanished:None"]}
    assert compare(replace(PARTY, party=None), truth).errors == ()
    assert compare(replace(PARTY, party="Rødt"), truth).errors == ("party Rødt, truly Høyre",)


def test_a_mayors_second_choice_that_the_scan_lost_does_not_excuse_a_wrong_first_one() -> None:
    truth = _truth(
        kind="mayor",
        list=None,
        personal=[],
        choices={"first": 2, "second": 3},
        conditions=["mark_vanished:3"],
    )
    assert compare(MAYOR, truth).errors == ()
    assert compare(replace(MAYOR, choices=Choices(4, None)), truth).errors != ()
