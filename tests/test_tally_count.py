"""From cast vote records to counts: every sheet once, every vote where it belongs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballot.election import BallotKind, Candidate, CandidateList, District, Election, ElectionKind, Rules
from ballot.errors import CountsError
from ballot.record import CastVoteRecord, RejectionReason
from tally.count import count_records, valid_write_ins
from tally.counts import CandidateCounts, Counts, SheetTotals
from tally.counts_file import counts_to_json, parse_counts
from tally.settle import settle

ELECTION = Election(
    id="E",
    name="Valg",
    date="2023-09-11",
    kind=ElectionKind.MUNICIPAL_COUNCIL,
    rules=Rules.VALGLOV_2002,
    area_id="1",
    area_name="Sted",
    seats=11,
    max_write_ins=3,
    districts=(District("0001", "Vest"), District("0002", "Øst")),
    lists=tuple(
        CandidateList(i, i, (i,), tuple(Candidate(n, f"{i} {n}", eligible=n != 9) for n in range(1, 10)))
        for i in ("A", "B", "C")
    ),
    ballots=(),
)
MAYOR = replace(
    ELECTION,
    kind=ElectionKind.MAYOR,
    rules=Rules.MAYOR_2007,
    seats=1,
    max_write_ins=0,
    lists=(),
    mayor_candidates=(Candidate(1, "X"), Candidate(2, "Y"), Candidate(3, "Z")),
)


def _record(number: int, list_id: str | None = "A", **values: Any) -> CastVoteRecord:
    defaults: dict[str, Any] = {"kind": BallotKind.LIST, "category": "VO", "district": "0001"}
    return CastVoteRecord(sheet_id=f"S{number}", list_id=list_id, **(defaults | values))


def test_each_write_in_is_a_personal_vote_and_moves_one_list_vote() -> None:
    counts = count_records(ELECTION, [_record(1, personal=(2, 3), write_ins=("B:1", "C:4")), _record(2, "B")])
    a, b, c = (counts.of_list(i) for i in "ABC")
    assert (a.ballots, a.write_ins_given, a.write_ins_received) == (1, 2, 0)
    assert a.candidates == {2: CandidateCounts(1, 0), 3: CandidateCounts(1, 0)}
    assert (b.ballots, b.write_ins_given, b.write_ins_received) == (1, 0, 1)
    assert c.candidates == {4: CandidateCounts(0, 1)}
    result = settle(ELECTION, counts)
    assert {entry.list_id: entry.list_votes for entry in result.lists} == {"A": 9, "B": 12, "C": 1}


@pytest.mark.parametrize(
    ("written", "valid"),
    [
        (("A:1", "B:1"), ("B:1",)),  # own list: ignored
        (("B:1", "B:1", "C:1"), ("B:1", "C:1")),  # twice: once
        (("B:1", "A:2", "B:2", "B:1", "C:1", "C:2"), ("B:1", "B:2", "C:1")),  # the first valid ones
        (("B:1", "B:01", "B:١"), ("B:1",)),  # the same number, written differently
        (("B:9", "B:8"), ("B:8",)),  # not eligible: moves no vote
        ((), ()),
    ],
)
def test_which_write_ins_count(written: tuple[str, ...], valid: tuple[str, ...]) -> None:
    assert valid_write_ins(ELECTION, "A", written) == valid


@pytest.mark.parametrize("name", ["X:1", "B:10", "B:", "B", "", "B:x", "B:-1", "B:²"])
def test_unknown_write_ins_are_an_error_not_a_silent_loss(name: str) -> None:
    with pytest.raises(CountsError):
        valid_write_ins(ELECTION, "A", (name,))


def test_categories_and_districts_are_kept_apart() -> None:
    records = [
        _record(1, category="FO"),
        _record(2, "B"),
        _record(3, "B", district="0002"),
        _record(4, None, blank=True),
        _record(5, None, rejected=RejectionReason.C),
    ]
    counts = count_records(ELECTION, reversed(records))
    assert [(p.category, p.district, p.total) for p in counts.categories] == [
        ("FO", "0001", 1),
        ("VO", "0001", 3),
        ("VO", "0002", 1),
    ]
    assert (counts.blank, counts.rejected[RejectionReason.C], counts.total) == (1, 1, 5)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (_record(1, None), "is in 0 classes"),
        (_record(1, blank=True), "is in 2 classes"),
        (_record(1, rejected=RejectionReason.A), "is in 2 classes"),
        (_record(1, "X"), "unknown list 'X'"),
        (_record(1, personal=(10,)), "cross for candidate 10"),
        (_record(1, write_ins=("B:77",)), "write-in that cannot count"),
        (_record(1, kind=BallotKind.PARTY, personal=(1,)), "is a party ballot with personal votes"),
        (_record(1, category="XX"), "unknown category 'XX'"),
        (_record(1, None, first_choice=1), "unknown candidate 1"),
    ],
)
def test_impossible_records_stop_the_count(record: CastVoteRecord, message: str) -> None:
    with pytest.raises(CountsError, match="Sheet S1 ") as caught:
        count_records(ELECTION, [record])
    assert message in caught.value.message


def test_a_sheet_cannot_count_twice() -> None:
    with pytest.raises(CountsError, match="Sheet S1 is recorded twice"):
        count_records(ELECTION, [_record(1), _record(2), _record(1)])


def test_sheet_totals_must_agree_with_the_records() -> None:
    sheets = SheetTotals(read=4, accepted=1, reviewed=1, pending=1, withdrawn=1)
    assert count_records(ELECTION, [_record(1), _record(2)], sheets=sheets).sheets == sheets
    with pytest.raises(CountsError, match="3 are settled, but 2 ballots are counted"):
        count_records(ELECTION, [_record(1), _record(2)], sheets=replace(sheets, reviewed=2, pending=0))
    with pytest.raises(CountsError, match="5 were read"):
        count_records(ELECTION, [_record(1), _record(2)], sheets=replace(sheets, read=5))


def test_mayor_ballots() -> None:
    records = [
        _record(1, None, kind=BallotKind.MAYOR, first_choice=1, second_choice=2),
        _record(2, None, kind=BallotKind.MAYOR, first_choice=1, second_choice=1),
        _record(3, None, kind=BallotKind.MAYOR, first_choice=3),
        _record(4, None, kind=BallotKind.MAYOR, blank=True),
    ]
    counts = count_records(MAYOR, records)
    assert (counts.mayor().first, counts.mayor().pairs) == ({1: 2, 3: 1}, {(1, 2): 1})
    assert (counts.total, counts.blank) == (4, 1)
    assert _round_trip(MAYOR, counts) == counts
    result = settle(MAYOR, counts)
    assert result.mayor is not None
    assert (result.mayor.elected, result.mayor.approved) == (1, 3)


def _round_trip(election: Election, counts: Counts) -> Counts:
    return parse_counts(json.dumps(counts_to_json(counts)).encode(), election, "counts")


_candidates = st.sampled_from([f"{i}:{n}" for i in "ABC" for n in range(1, 10)])


@st.composite
def _records(draw: st.DrawFn) -> list[CastVoteRecord]:
    records = []
    for number in range(draw(st.integers(0, 25))):
        values: dict[str, Any] = {
            "category": draw(st.sampled_from(["FO", "VO"])),
            "district": draw(st.sampled_from(["0001", "0002"])),
        }
        match draw(st.sampled_from(["list", "list", "list", "blank", "rejected"])):
            case "list":
                values["personal"] = tuple(draw(st.sets(st.integers(1, 9))))
                values["write_ins"] = tuple(draw(st.lists(_candidates, max_size=6)))
                records.append(_record(number, draw(st.sampled_from("ABC")), **values))
            case "blank":
                records.append(_record(number, None, blank=True, **values))
            case _:
                reason = draw(st.sampled_from(list(RejectionReason)))
                records.append(_record(number, None, rejected=reason, **values))
    return records


@settings(deadline=None, max_examples=60)
@given(_records())
def test_invariants(records: list[CastVoteRecord]) -> None:
    counts = count_records(ELECTION, records)
    lists = [counts.of_list(i) for i in "ABC"]
    assert counts.total == len(records)
    assert sum(e.write_ins_received for e in lists) == sum(e.write_ins_given for e in lists)
    on_paper = sum(
        len(valid_write_ins(ELECTION, r.list_id, r.write_ins)) for r in records if r.list_id is not None
    )
    assert sum(e.write_ins_given for e in lists) == on_paper
    crosses = sum(v.crosses for e in lists for v in e.candidates.values())
    assert crosses == sum(len(r.personal) for r in records)
    votes = sum(e.ballots * ELECTION.seats + e.write_ins_received - e.write_ins_given for e in lists)
    assert votes == ELECTION.seats * sum(e.ballots for e in lists)
    again = _round_trip(ELECTION, counts)
    assert counts_to_json(again) == counts_to_json(counts)
    assert again == counts
