"""Counts files: everything that does not add up is named, all of it at once."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ballot.election import Candidate, CandidateList, District, Election, ElectionKind, Rules
from ballot.errors import CountsError
from tally.counts import Counts
from tally.counts_file import parse_counts


def _election(kind: ElectionKind = ElectionKind.MUNICIPAL_COUNCIL) -> Election:
    people = tuple(Candidate(n, f"K{n}") for n in range(1, 4))
    mayor = kind is ElectionKind.MAYOR
    return Election(
        id="E",
        name="Valg",
        date="2023-09-11",
        kind=kind,
        rules=Rules.MAYOR_2007 if mayor else Rules.VALGLOV_2002,
        area_id="1",
        area_name="Sted",
        seats=1 if mayor else 11,
        max_write_ins=5 if kind is ElectionKind.MUNICIPAL_COUNCIL else 0,
        districts=(District("0001", "Vest"),),
        lists=() if mayor else tuple(CandidateList(i, i, (i,), people) for i in ("A", "H")),
        ballots=(),
        mayor_candidates=people if mayor else (),
    )


GOOD: dict[str, Any] = {
    "format": "counts/1",
    "categories": [
        {
            "category": "FO",
            "lists": {
                "A": {
                    "ballots": 66,
                    "write_ins_received": 5,
                    "write_ins_given": 4,
                    "candidates": {"1": {"crosses": 20, "write_ins": 5}},
                },
                "H": {
                    "ballots": 50,
                    "write_ins_received": 4,
                    "write_ins_given": 5,
                    "candidates": {"2": {"write_ins": 3}, "3": {"crosses": 1, "write_ins": 1}},
                },
            },
            "blank": 2,
            "rejected": {"a": 0, "b": 0, "c": 0, "d": 4},
        },
        {"category": "VO", "lists": {"A": {"ballots": 3}}},
    ],
    "lots": [{"kind": "seat", "order": ["A", "H"]}],
}
MAYOR: dict[str, Any] = {
    "format": "counts/1",
    "categories": [
        {"category": "VO", "mayor": {"first": {"1": 10, "2": 5}, "pairs": {"2>1": 3}}, "blank": 1}
    ],
}


def _parse(data: object, kind: ElectionKind = ElectionKind.MUNICIPAL_COUNCIL) -> Counts:
    return parse_counts(json.dumps(data).encode(), _election(kind), "counts.json")


def _errors(data: object, kind: ElectionKind = ElectionKind.MUNICIPAL_COUNCIL) -> list[str]:
    with pytest.raises(CountsError) as caught:
        _parse(data, kind)
    return [line.strip() for line in caught.value.message.splitlines()[1:]]


def test_reads_counts() -> None:
    counts = _parse(GOOD)
    a = counts.of_list("A")
    assert (a.ballots, a.write_ins_received, a.write_ins_given, a.candidates[1].crosses) == (69, 5, 4, 20)
    assert (counts.total, counts.blank) == (66 + 50 + 2 + 4 + 3, 2)
    assert [lots.order for lots in counts.lots] == [("A", "H")]


def test_persons_may_be_left_out() -> None:
    data = copy.deepcopy(GOOD)
    for entry in data["categories"][0]["lists"].values():
        del entry["candidates"]
    assert _parse(data).of_list("A").write_ins_received == 5


def test_mayor_counts() -> None:
    counts = _parse(MAYOR, ElectionKind.MAYOR)
    assert (counts.mayor().first, counts.mayor().pairs, counts.total) == ({1: 10, 2: 5}, {(2, 1): 3}, 16)


def _set(*path: str | int, to: object) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        inner: Any = data["categories"][0]
        for part in path[:-1]:
            inner = inner[part]
        inner[path[-1]] = to

    return change


HERE = "categories[0]"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_set("category", to="XX"), f"{HERE}.category: "),
        (_set("category", to="VO"), "categories[1].category: VO was already counted above"),
        (_set("district", to="0009"), f"{HERE}.district: there is no district '0009'"),
        (_set("lists", "X", to={"ballots": 1}), f"{HERE}.lists.X: there is no list 'X' (lists are A, H)"),
        (_set("lists", "A", "votes", to=1), f"{HERE}.lists.A.votes: unknown key `votes`"),
        (_set("lists", "A", "ballots", to=-1), f"{HERE}.lists.A.ballots: "),
        (_set("lists", "A", "ballots", to="66"), f"{HERE}.lists.A.ballots: "),
        (_set("lists", "A", "ballots", to=66.0), f"{HERE}.lists.A.ballots: "),
        (
            _set("lists", "A", "ballots", to=19),
            f"{HERE}.lists.A.candidates.1.crosses: 20 crosses on 19 ballots",
        ),
        (_set("lists", "A", "write_ins_given", to=5), f"{HERE}.lists: write_ins_received add up to 9, "),
        (_set("lists", "H", "ballots", to=4), f"{HERE}.lists.A.candidates.1.write_ins: 5 write-ins on the 4"),
        (_set("lists", "H", "ballots", to=0), f"{HERE}.lists.H.write_ins_given: 5 on 0 ballots"),
        (
            _set("lists", "A", "candidates", "4", to={"crosses": 1}),
            f"{HERE}.lists.A.candidates.4: list A has no",
        ),
        (_set("lists", "A", "candidates", "0", to={}), f"{HERE}.lists.A.candidates.0"),
        (_set("lists", "H", "candidates", "2", to={}), f"{HERE}.lists.H.write_ins_received: is 4, but"),
        (_set("rejected", to={"e": 1}), f"{HERE}.rejected.e"),
        (_set("mayor", to={"first": {}}), f"{HERE}.mayor: a municipal_council election has no mayor"),
    ],
)
def test_each_inconsistency_is_named(change: Callable[[dict[str, Any]], None], expected: str) -> None:
    data = copy.deepcopy(GOOD)
    change(data)
    errors = _errors(data)
    assert any(line.startswith(expected) for line in errors), errors


def test_all_inconsistencies_at_once() -> None:
    data = copy.deepcopy(GOOD)
    for change in (
        _set("lists", "A", "ballots", to=19),
        _set("lists", "X", to={"ballots": 1}),
        _set("lists", "H", "write_ins_given", to=6),
    ):
        change(data)
    assert len(_errors(data)) == 3


def test_a_category_counts_once_whole_or_by_district() -> None:
    data = copy.deepcopy(GOOD)
    data["categories"][1] = {"category": "FO", "district": "0001", "lists": {}}
    assert any("its ballots would count twice" in line for line in _errors(data))


def test_an_election_without_districts_knows_no_district_but_the_one_of_its_boxes() -> None:
    without = replace(_election(), districts=())
    part = {"category": "FO", "lists": {"A": {"ballots": 20}}}
    boxes, made_up = ({**GOOD, "categories": [part | {"district": name}]} for name in ("-", "Sentrum"))
    assert parse_counts(json.dumps(boxes).encode(), without, "counts.json").total == 20
    with pytest.raises(CountsError, match="there is no district 'Sentrum'"):
        parse_counts(json.dumps(made_up).encode(), without, "counts.json")


def test_persons_counted_in_some_categories_only() -> None:
    data = copy.deepcopy(GOOD)
    data["categories"][1]["lists"] = {
        "A": {"ballots": 9, "write_ins_received": 1},
        "H": {"ballots": 9, "write_ins_given": 1},
    }
    assert any(line.startswith("lists.A: persons are counted in some") for line in _errors(data))


def test_county_has_no_write_ins() -> None:
    errors = _errors(GOOD, ElectionKind.COUNTY_COUNCIL)
    assert sum("has write-ins, but a county_council election has none" in line for line in errors) == 2


@pytest.mark.parametrize(
    ("mayor", "expected"),
    [
        ({"first": {"9": 1}}, f"{HERE}.mayor.first.9: there is no candidate 9"),
        ({"first": {"1": 1}, "pairs": {"1>9": 1}}, f"{HERE}.mayor.pairs.1>9: there is no candidate 9"),
        ({"first": {"1": 1}, "pairs": {"1>1": 1}}, f"{HERE}.mayor.pairs.1>1: the second choice is the first"),
        ({"first": {"1": 1}, "pairs": {"1>2": 1, "1>3": 1}}, f"{HERE}.mayor.pairs: 2 ballots have first"),
        ({"first": {"1": 1}, "pairs": {"1-2": 1}}, f"{HERE}.mayor.pairs.1-2"),
    ],
)
def test_mayor_inconsistencies(mayor: dict[str, Any], expected: str) -> None:
    data = copy.deepcopy(MAYOR)
    data["categories"][0]["mayor"] = mayor
    errors = _errors(data, ElectionKind.MAYOR)
    assert any(line.startswith(expected) for line in errors), errors


@pytest.mark.parametrize(
    ("lots", "expected"),
    [
        ([{"kind": "seat", "order": ["A"]}], "lots[0].order: must name at least two"),
        ([{"kind": "seat", "order": ["A", "A"]}], "lots[0].order: must name at least two"),
        ([{"kind": "seat", "order": ["A", "X"]}], "lots[0].order: there is no list 'X'"),
        ([{"kind": "mayor", "order": ["1", "2"]}], "lots[0].kind: lots for a mayor"),
        ([{"kind": "coin", "order": ["A", "H"]}], "lots[0].kind: "),
        (
            [{"kind": "seat", "order": ["A", "H"]}, {"kind": "seat", "order": ["H", "A"]}],
            "lots[1].order: contradicts",
        ),
    ],
)
def test_lots_must_make_sense(lots: list[object], expected: str) -> None:
    errors = _errors(GOOD | {"lots": lots})
    assert any(line.startswith(expected) for line in errors), errors


@pytest.mark.parametrize("raw", [b"", b"[1]", b"\xff", b"null", b'{"format": "counts/2", "categories": []}'])
def test_not_counts(raw: bytes) -> None:
    with pytest.raises(CountsError, match=r"counts\.json: "):
        parse_counts(raw, _election(), "counts.json")


def test_a_candidate_given_twice_is_an_error() -> None:
    raw = json.dumps(GOOD).replace(
        '{"crosses": 20, "write_ins": 5}', '{"crosses": 20, "write_ins": 5}, "1": {}'
    )
    with pytest.raises(CountsError, match="the key stands there more than once"):
        parse_counts(raw.encode(), _election(), "counts.json")
