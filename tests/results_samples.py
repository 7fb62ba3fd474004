"""A small council election and a mayoral one, with counts, for the tests of results."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ballot.election import Candidate, CandidateList, Election, ElectionKind, Rules
from tally.counts_file import parse_counts
from tally.result import Result
from tally.settle import settle

HOSTILE = '<script>alert("x")</script>'


def sample_election(**changes: Any) -> Election:
    def people(prefix: str, count: int) -> tuple[Candidate, ...]:
        return tuple(Candidate(n, f"{prefix} Nr{n}", stemmetillegg=n == 1) for n in range(1, count + 1))

    election = Election(
        id="KV",
        name="Kommunestyrevalget",
        date="2023-09-11",
        kind=ElectionKind.MUNICIPAL_COUNCIL,
        rules=Rules.VALGLOV_2002,
        area_id="9901",
        area_name="Nordvik",
        seats=5,
        max_write_ins=5,
        districts=(),
        lists=(
            CandidateList("A", "Alfa", ("A",), people("Alfa", 9)),
            CandidateList("H", "Høst", ("H",), (*people("Høst", 8), Candidate(9, HOSTILE))),
            CandidateList("L", "=Lokal", ("L",), people("Lokal", 2)),
        ),
        ballots=(),
        electorate=400,
    )
    return replace(election, **changes)


MAYOR = sample_election(
    kind=ElectionKind.MAYOR,
    rules=Rules.MAYOR_2007,
    seats=1,
    max_write_ins=0,
    lists=(),
    mayor_candidates=(Candidate(1, "Kari", list_name="Alfa"), Candidate(2, "Ola"), Candidate(3, HOSTILE)),
)

COUNTS: dict[str, Any] = {
    "format": "counts/1",
    "categories": [
        {
            "category": "FO",
            "lists": {
                "A": {"ballots": 102, "write_ins_given": 3, "candidates": {"2": {"crosses": 40}}},
                "H": {
                    "ballots": 80,
                    "write_ins_received": 2,
                    "candidates": {"9": {"crosses": 9, "write_ins": 2}},
                },
                "L": {"ballots": 10, "write_ins_received": 1, "candidates": {"2": {"write_ins": 1}}},
            },
            "blank": 3,
            "rejected": {"a": 1, "d": 2},
        },
        {"category": "VO", "lists": {"A": {"ballots": 30}, "H": {"ballots": 20}}},
        {"category": "VS", "lists": {"A": {"ballots": 4}}},
    ],
}
MAYOR_COUNTS: dict[str, Any] = {
    "format": "counts/1",
    "categories": [
        {"category": "VO", "mayor": {"first": {"1": 45, "2": 40, "3": 15}, "pairs": {"3>2": 9}}, "blank": 4}
    ],
}


def settled(counts: dict[str, Any] = COUNTS, election: Election | None = None) -> Result:
    used = election or sample_election()
    return settle(used, parse_counts(json.dumps(counts).encode(), used, "counts"))
