"""Personal votes, ranking and deputies."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from ballot.election import Candidate, CandidateList, ElectionKind
from tally.counts import CandidateCounts, ListCounts
from tally.exports.numbers import exact
from tally.ranking import deputies_for, rank_candidates
from tally.result import CandidateResult, CandidateStatus

PUBLISHED = Path(__file__).parents[1].parent / "shared" / "conformance" / "tromso_kandidatkaring.json"
STATUS = {"R": "elected", "V": "deputy", "-": "-"}

# Tromsø municipal council (year inferred as 2011), ranked: place on the list, stemmetillegg, crosses,
# write-ins, total, status. The first list is complete (43 ballots, no seat), of the second the first eight
# (814 ballots, 1 seat). Source: datahotellet/dataset-archive, datasets/tromso/valg/mandatkaring/dataset.csv.
NKP = [
    (1, "10.75", 5, 6, "21.75", "-"),
    (2, "10.75", 3, 1, "14.75", "-"),
    (3, "10.75", 3, 1, "14.75", "-"),
    (4, "10.75", 1, 0, "11.75", "-"),
    (6, "0.0", 4, 1, "5.0", "-"),
    (7, "0.0", 0, 2, "2.0", "-"),
    (5, "0.0", 1, 0, "1.0", "-"),
]
SP = [
    (1, "203.5", 165, 63, "431.5", "elected"),
    (2, "203.5", 61, 23, "287.5", "deputy"),
    (3, "203.5", 23, 14, "240.5", "deputy"),
    (4, "203.5", 28, 8, "239.5", "deputy"),
    (5, "0.0", 49, 8, "57.0", "deputy"),
    (13, "0.0", 23, 16, "39.0", "-"),
    (7, "0.0", 22, 10, "32.0", "-"),
    (6, "0.0", 27, 3, "30.0", "-"),
]


def _list(candidates: list[Candidate]) -> CandidateList:
    return CandidateList("X", "X", ("X",), tuple(candidates))


def _rank(
    kind: ElectionKind, people: list[Candidate], counts: ListCounts, seats: int
) -> list[CandidateResult]:
    return list(rank_candidates(kind, _list(people), counts, seats))


def _published_list(entry: dict[str, Any]) -> list[CandidateResult]:
    rows = sorted(entry["candidates"], key=lambda row: row["list_no"])
    people = [Candidate(r["list_no"], "x", stemmetillegg=Fraction(r["baseline"]) > 0) for r in rows]
    votes = {row["list_no"]: CandidateCounts(row["personal"], row["writein"]) for row in rows}
    counts = ListCounts(ballots=int(entry["ballots"]), candidates=votes)
    return _rank(ElectionKind.MUNICIPAL_COUNCIL, people, counts, entry["seats"])


@pytest.mark.skipif(
    not PUBLISHED.is_file(), reason="published settlements lie in ../shared, not in this repository"
)
def test_published_rankings_of_tromso() -> None:
    data = json.loads(PUBLISHED.read_text("utf-8"))
    assert len(data["lists"]) == 11
    for entry in data["lists"]:
        ours = [
            (c.rank, c.number, exact(c.stemmetillegg), c.crosses, c.write_ins, exact(c.total), c.status.value)
            for c in _published_list(entry)
        ]
        published = [
            (
                row["rank"],
                row["list_no"],
                row["baseline"],
                row["personal"],
                row["writein"],
                row["total"],
                STATUS[row["status"]],
            )
            for row in sorted(entry["candidates"], key=lambda row: row["rank"])
        ]
        assert ours == published
        assert sum(c.status is CandidateStatus.DEPUTY for c in _published_list(entry)) == entry["deputies"]


@pytest.mark.parametrize(("rows", "ballots", "seats"), [(NKP, 43, 0), (SP, 814, 1)])
def test_published_rows(rows: list[tuple[int, str, int, int, str, str]], ballots: int, seats: int) -> None:
    tillegg = {row[0] for row in rows if row[1] != "0.0"}
    people = [Candidate(n, "x", stemmetillegg=n in tillegg) for n in range(1, max(r[0] for r in rows) + 1)]
    votes = {row[0]: CandidateCounts(row[2], row[3]) for row in rows}
    ranked = _rank(
        ElectionKind.MUNICIPAL_COUNCIL, people, ListCounts(ballots=ballots, candidates=votes), seats
    )
    ours = [
        (c.number, exact(c.stemmetillegg), c.crosses, c.write_ins, exact(c.total), c.status.value)
        for c in ranked
    ]
    assert ours[: len(rows)] == rows


def test_stemmetillegg_is_not_rounded() -> None:
    people = [Candidate(1, "A", stemmetillegg=True), Candidate(2, "B")]
    counts = ListCounts(ballots=254, candidates={2: CandidateCounts(60, 3)})
    first, second = _rank(ElectionKind.MUNICIPAL_COUNCIL, people, counts, 1)
    assert (first.number, exact(first.total)) == (1, "63.5")
    assert (second.number, exact(second.total)) == (2, "63.0")


def test_ties_and_zero_votes_go_by_list_order() -> None:
    people = [Candidate(n, f"K{n}") for n in range(1, 6)]
    counts = ListCounts(ballots=50, candidates={4: CandidateCounts(7, 0), 2: CandidateCounts(3, 4)})
    ranked = _rank(ElectionKind.MUNICIPAL_COUNCIL, people, counts, 1)
    assert [c.number for c in ranked] == [2, 4, 1, 3, 5]
    assert [c.status.value for c in ranked] == ["elected", "deputy", "deputy", "deputy", "deputy"]


def test_ineligible_candidates_are_skipped() -> None:
    people = [Candidate(1, "A", eligible=False), Candidate(2, "B"), Candidate(3, "C")]
    counts = ListCounts(ballots=50, candidates={1: CandidateCounts(40, 0)})
    ranked = _rank(ElectionKind.MUNICIPAL_COUNCIL, people, counts, 1)
    assert [(c.number, c.rank, c.status.value) for c in ranked] == [
        (2, 1, "elected"),
        (3, 2, "deputy"),
        (1, None, "-"),
    ]


def test_county_example_of_the_rules() -> None:
    """1,000 votes, so the threshold is 80: the order 1..6 becomes 1, 6, 2, 3, 4, 5."""
    people = [Candidate(n, f"K{n}") for n in range(1, 7)]
    crosses = dict(enumerate((90, 75, 5, 21, 79, 81), start=1))
    counts = ListCounts(ballots=1000, candidates={n: CandidateCounts(v, 0) for n, v in crosses.items()})
    ranked = _rank(ElectionKind.COUNTY_COUNCIL, people, counts, 2)
    assert [c.number for c in ranked] == [1, 6, 2, 3, 4, 5]


def test_county_threshold_includes_exactly_eight_percent() -> None:
    people = [Candidate(n, f"K{n}") for n in range(1, 5)]
    votes = {2: CandidateCounts(80, 0), 3: CandidateCounts(79, 0), 4: CandidateCounts(80, 0)}
    ranked = _rank(ElectionKind.COUNTY_COUNCIL, people, ListCounts(ballots=1000, candidates=votes), 1)
    assert [c.number for c in ranked] == [2, 4, 1, 3]


@pytest.mark.parametrize(
    ("seats", "left", "expected"), [(0, 10, 0), (1, 10, 4), (11, 14, 14), (11, 9, 9), (2, None, 5), (3, 0, 0)]
)
def test_deputies(seats: int, left: int | None, expected: int) -> None:
    assert deputies_for(seats, left) == expected
