"""The election file: every error at once, each with its place."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.election import Election, ElectionKind, Rules
from ballot.errors import ElectionFileError
from station.election_checks import unlawful_write_ins
from station.election_file import MAX_FILE_BYTES, election_to_json, load_election, parse_election

SHARED = Path(__file__).parents[1].parent / "shared" / "print_house"

MUNICIPAL: dict[str, Any] = {
    "format": "election/1",
    "election": {
        "id": "KV-1",
        "name": "Kommunestyrevalget",
        "date": "2023-09-11",
        "kind": "municipal_council",
    },
    "area": {"id": "9901", "name": "Nordvik kommune"},
    "seats": 29,
    "rules": "valglov-2002",
    "districts": [{"id": "0001", "name": "Sentrum"}],
    "lists": [
        {
            "id": "A",
            "name": "Alfa",
            "parties": ["A"],
            "candidates": [
                {"number": 1, "name": "Kari Én", "born": 1970, "stemmetillegg": True},
                {"number": 2, "name": "Ola To", "eligible": False, "nicknames": ["Olle"]},
            ],
        },
        {
            "id": "BC",
            "name": "Beta og Gamma",
            "parties": ["B", "C"],
            "candidates": [{"number": 1, "name": "Per Tre"}],
        },
    ],
    "ballots": [
        {"kind": "list", "list": "A", "number": "1" * 22, "file": "ballots/A.pdf"},
        {"kind": "blank", "number": "2" * 22, "file": "ballots/BLANK.pdf"},
        {
            "kind": "party",
            "number": "3" * 22,
            "file": "ballots/PARTY.pdf",
            "parties": ["Alfa", "Beta", "Delta"],
            "lists": {"Alfa": "A", "Beta": "BC", "Delta": None},
        },
    ],
}

MAYOR: dict[str, Any] = {
    "format": "election/1",
    "election": {"id": "O-1", "name": "Ordfører", "date": "2007-09-10", "kind": "mayor"},
    "area": {"id": "9901", "name": "Nordvik kommune"},
    "seats": 1,
    "rules": "mayor-2007",
    "candidates": [{"number": 1, "name": "Kari", "list": "Alfa"}, {"number": 2, "name": "Ola"}],
    "lists": [],
    "ballots": [{"kind": "mayor", "number": "6" * 22, "file": "MAYOR.pdf"}],
}


def _parse(data: object) -> Election:
    return parse_election(json.dumps(data).encode(), "election.json")


def _errors(data: object) -> list[str]:
    with pytest.raises(ElectionFileError) as caught:
        _parse(data)
    return [line.strip() for line in caught.value.message.splitlines()[1:]]


def test_reads_every_part() -> None:
    election = _parse(MUNICIPAL | {"electorate": 4711})
    assert election.kind is ElectionKind.MUNICIPAL_COUNCIL
    assert election.rules is Rules.VALGLOV_2002
    assert election.max_write_ins == 7  # max(5, 29 // 4)
    assert election.electorate == 4711
    ola = election.lists[0].candidates[1]
    assert (ola.eligible, ola.nicknames, ola.stemmetillegg, ola.born) == (False, ("Olle",), False, None)
    party = election.ballots[2]
    assert party.list_of_party("Beta") == "BC"
    assert party.list_of_party("Delta") is None


@pytest.mark.parametrize(("seats", "expected"), [(11, 5), (23, 5), (24, 6), (43, 10)])
def test_default_write_ins_follow_the_seats(seats: int, expected: int) -> None:
    assert _parse(MUNICIPAL | {"seats": seats}).max_write_ins == expected


def test_mayor_election() -> None:
    election = _parse(MAYOR)
    assert [c.list_name for c in election.mayor_candidates] == ["Alfa", None]
    assert election.max_write_ins == 0


@pytest.mark.skipif(
    not SHARED.is_dir(), reason="the print house's files lie in ../shared, not in this repository"
)
def test_print_house_files_round_trip() -> None:
    files = sorted(SHARED.glob("*/election.json"))
    assert len(files) >= 3
    for file in files:
        election = load_election(file)
        written = election_to_json(election)
        assert parse_election(json.dumps(written).encode(), "again") == election
        source = json.loads(file.read_text("utf-8"))
        assert written.pop("candidates", []) == source.pop("candidates", [])
        assert written == source


_texts = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=12)
_names = st.builds("{} {}".format, _texts, _texts)


@st.composite
def _elections(draw: st.DrawFn) -> dict[str, Any]:
    data = copy.deepcopy(MUNICIPAL)
    data["seats"] = draw(st.integers(1, 77))
    data["electorate"] = draw(st.integers(1, 10**6))
    data["area"]["name"] = draw(_names)
    data["ballots"] = data["ballots"][: draw(st.integers(0, 3))]
    for entry in data["lists"]:
        entry["name"] = draw(_names)
        entry["candidates"] = [
            {
                "number": n + 1,
                "name": name,
                "eligible": draw(st.booleans()),
                "nicknames": draw(st.lists(_names)),
            }
            for n, name in enumerate(draw(st.lists(_names, min_size=1, max_size=5)))
        ]
    return data


@given(_elections())
def test_round_trip(data: dict[str, Any]) -> None:
    election = _parse(data)
    assert _parse(election_to_json(election)) == election


def test_every_error_at_once_with_its_place() -> None:
    data = copy.deepcopy(MUNICIPAL)
    data["seats"] = 0
    data["colour"] = "pink"
    del data["area"]["name"]
    data["lists"][0]["candidates"][1]["number"] = "2"
    data["lists"][1]["candidates"][0]["stemmetilegg"] = True
    data["lists"][1]["id"] = "A"
    data["ballots"][0]["list"] = "X"
    data["ballots"][1]["number"] = "1" * 22
    errors = _errors(data)
    starts = [
        "seats: ",
        "colour: unknown key `colour`",
        "area.name: is missing",
        "lists[0].candidates[1].number: ",
        "lists[1].candidates[0].stemmetilegg: unknown key",
        "lists[1].id: 'A' is already used by lists[0]",
        "ballots[0].list: there is no list 'X'",
        "ballots[1].number: ",
    ]
    for start in starts:
        assert any(line.startswith(start) for line in errors), (start, errors)


def _set(*path: str | int, to: object) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        inner: Any = data
        for part in path[:-1]:
            inner = inner[part]
        inner[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_set("format", to="election/2"), "format: "),
        (_set("rules", to="mayor-2007"), "rules: 'mayor-2007' cannot settle a municipal_council"),
        (_set("seats", to=True), "seats: "),
        (_set("seats", to=29.0), "seats: "),
        (_set("election", "date", to="11.09.2023"), "election.date: '11.09.2023' is not a date"),
        (_set("election", "kind", to="parliament"), "election.kind: "),
        (_set("lists", to=[]), "lists: a municipal_council election needs"),
        (_set("lists", 1, "candidates", to=[]), "lists[1].candidates: is empty while"),
        (_set("lists", 0, "candidates", 1, "number", to=1), "lists[0].candidates[1].number: is 1, must be 2"),
        (_set("lists", 0, "id", to="A:1"), "lists[0].id: "),
        (_set("lists", 1, "parties", to=["A"]), "lists[1].parties[0]: 'A' already stands at"),
        (_set("candidates", to=[{"number": 1, "name": "K"}]), "candidates: a municipal_council election has"),
        (_set("ballots", 0, "number", to="1" * 21), "ballots[0].number: "),
        (_set("ballots", 0, "number", to="١" * 22), "ballots[0].number: "),
        (_set("ballots", 0, "file", to="/etc/passwd"), "ballots[0].file: must be relative"),
        (_set("ballots", 0, "kind", to="mayor"), "ballots[0].kind: a mayor ballot does not belong"),
        (_set("ballots", 1, "list", to="A"), "ballots[1].list: a blank ballot cannot have it"),
        (_set("ballots", 2, "lists", to={"Alfa": "A"}), "ballots[2].lists: does not say which list 'Beta'"),
        (_set("ballots", 2, "lists", "Alfa", to="BC"), "ballots[2].lists['Alfa']: is 'BC', but list 'A' has"),
        (_set("ballots", 2, "lists", "Alfa", to=None), "ballots[2].lists['Alfa']: is None, but list 'A' has"),
        (_set("ballots", 2, "lists", "Alfa", to="X"), "ballots[2].lists['Alfa']: there is no list 'X'"),
        (
            _set("ballots", 2, "lists", "Omega", to=None),
            "ballots[2].lists['Omega']: is not among the printed",
        ),
        (_set("ballots", 2, "parties", to=["Alfa", "Alfa", "Beta", "Delta"]), "ballots[2].parties[1]: "),
        (_set("districts", to=[{"id": "1", "name": "a"}] * 2), "districts[1].id: '1' is already used"),
        (_set("area", "name", to="\u0000"), "area.name: contains control characters"),
        (_set("area", "name", to="  "), "area.name: must not be empty"),
    ],
)
def test_each_contradiction_is_named(change: Callable[[dict[str, Any]], None], expected: str) -> None:
    data = copy.deepcopy(MUNICIPAL)
    change(data)
    errors = _errors(data)
    assert any(line.startswith(expected) for line in errors), errors


def test_too_many_with_stemmetillegg() -> None:
    data = copy.deepcopy(MUNICIPAL)
    people = [{"number": n, "name": f"K {n}", "stemmetillegg": True} for n in range(1, 8)]
    data["lists"][0]["candidates"] = people
    assert _errors(data) == [
        "lists[0].candidates: 7 candidates have stemmetillegg, at most 6 may with 29 seats"
    ]


def test_county_has_neither_write_ins_nor_stemmetillegg() -> None:
    data = copy.deepcopy(MUNICIPAL) | {"max_write_ins": 5}
    data["election"]["kind"] = "county_council"
    errors = _errors(data)
    assert [line.split(":")[0] for line in errors] == [
        "max_write_ins",
        "lists[0].candidates[0].stemmetillegg",
    ]


@pytest.mark.parametrize(
    ("seats", "limit", "fits"),
    [
        (11, 5, True),
        (11, 0, False),
        (11, 11, False),
        (29, 7, True),
        (29, 8, True),
        (29, 6, False),
        (29, 9, False),
    ],
)
def test_the_limit_of_write_ins_is_held_to_the_law(seats: int, limit: int, fits: bool) -> None:
    found = unlawful_write_ins(_parse(MUNICIPAL | {"seats": seats, "max_write_ins": limit}))
    wrong = f"max_write_ins is {limit}, but {max(5, seats // 4)} write-ins count with {seats} seats"
    assert found == ("" if fits else wrong)
    assert unlawful_write_ins(_parse(MAYOR)) == ""


def test_mayor_needs_candidates() -> None:
    assert any(line.startswith("candidates: ") for line in _errors(MAYOR | {"candidates": []}))
    assert any(line.startswith("seats: ") for line in _errors(MAYOR | {"seats": 2}))


def test_seats_only_election_needs_no_candidates() -> None:
    lists = [{"id": i, "name": i, "candidates": []} for i in "AB"]
    election = _parse(MUNICIPAL | {"lists": lists, "ballots": []})
    assert [entry.parties for entry in election.lists] == [("A",), ("B",)]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "is not JSON"),
        (b"%PDF-1.7", "is not JSON"),
        (b"\xff\xfe{}", "is not UTF-8"),
        (b"[]", "must be a JSON object"),
        (b'{"seats": NaN}', "NaN is not a JSON number"),
        (b'{"seats": ' + b"9" * 5000 + b"}", "is not JSON that can be read"),
        (b'{"a":' * 100_000, "is not JSON that can be read"),
    ],
)
def test_not_an_election_file(raw: bytes, expected: str) -> None:
    with pytest.raises(ElectionFileError, match=r"election\.json: ") as caught:
        parse_election(raw, "election.json")
    assert expected in caught.value.message


def test_repeated_keys_are_named() -> None:
    raw = json.dumps(MUNICIPAL).replace('"number": 1,', '"number": 1, "number": 1,').encode()
    with pytest.raises(ElectionFileError) as caught:
        parse_election(raw, "election.json")
    assert "lists[0].candidates[0].number: the key stands there more than once" in caught.value.message


def test_utf8_byte_order_mark_is_accepted() -> None:
    assert parse_election(b"\xef\xbb\xbf" + json.dumps(MUNICIPAL).encode(), "x") == _parse(MUNICIPAL)


def test_missing_and_huge_files(tmp_path: Path) -> None:
    with pytest.raises(ElectionFileError, match="no such election file"):
        load_election(tmp_path / "none.json")
    with pytest.raises(ElectionFileError, match="no such election file"):
        load_election(tmp_path)
    huge = tmp_path / "huge.json"
    with huge.open("wb") as stream:
        stream.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(ElectionFileError, match="more than an election file can have"):
        load_election(huge)
