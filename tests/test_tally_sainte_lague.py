"""Seats to lists: published settlements, an independent brute force, ties, caps."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ballot.election import CandidateList, Election, ElectionKind, Rules
from ballot.errors import TieError
from ballot.record import CountCategory
from tally.counts import CategoryCounts, Counts, ListCounts, Lots, LotsKind
from tally.exports.numbers import quotient
from tally.sainte_lague import allocate, divisor
from tally.settle import settle

PUBLISHED = Path(__file__).parents[1].parent / "shared" / "conformance" / "kvaenangen2019_mandat.json"

# Kvænangen municipal council 2019, 15 seats: the protocol's list votes and seats (source:
# github.com/HNygard/valgprotokoller, Kvaenangen kommunestyrevalget 2019, section E1.1).
KVAENANGEN_VOTES = {"A": 3758, "SP": 2369, "KB": 1309, "H_FRP": 1325, "SV": 1139}
KVAENANGEN_BALLOTS = {  # ballots, write-ins received, write-ins given
    "A": (254, 62, 114),
    "SP": (160, 30, 61),
    "KB": (85, 90, 56),
    "H_FRP": (89, 24, 34),
    "SV": (72, 82, 23),
}
KVAENANGEN_SEATS = [
    ("A", "2684.285714"),
    ("SP", "1692.142857"),
    ("A", "1252.666667"),
    ("H_FRP", "946.428571"),
    ("KB", "935.000000"),
    ("SV", "813.571429"),
    ("SP", "789.666667"),
    ("A", "751.600000"),
    ("A", "536.857143"),
    ("SP", "473.800000"),
    ("H_FRP", "441.666667"),
    ("KB", "436.333333"),
    ("A", "417.555556"),
    ("SV", "379.666667"),
    ("A", "341.636364"),
]


def _seats(votes: dict[str, int], seats: int, **options: object) -> dict[str, int]:
    allocation = allocate(votes, seats, **options)  # type: ignore[arg-type]
    return {list_id: allocation.seats_of(list_id) for list_id in votes}


def test_published_seats_of_kvaenangen_2019() -> None:
    allocation = allocate(KVAENANGEN_VOTES, 15)
    assert [(a.list_id, quotient(a.quotient)) for a in allocation.awards] == KVAENANGEN_SEATS
    assert [award.seat for award in allocation.awards] == list(range(1, 16))
    assert (allocation.ties, allocation.vacant) == ((), 0)


def test_published_list_votes_of_kvaenangen_2019() -> None:
    election = Election(
        id="KV2019",
        name="Kommunestyrevalget 2019",
        date="2019-09-09",
        kind=ElectionKind.MUNICIPAL_COUNCIL,
        rules=Rules.VALGLOV_2002,
        area_id="1943",
        area_name="Kvænangen",
        seats=15,
        max_write_ins=5,
        districts=(),
        lists=tuple(CandidateList(name, name, (name,), ()) for name in KVAENANGEN_BALLOTS),
        ballots=(),
    )
    lists = {name: ListCounts(*numbers) for name, numbers in KVAENANGEN_BALLOTS.items()}
    result = settle(election, Counts((CategoryCounts(CountCategory.VO, lists),)))
    assert {entry.list_id: entry.list_votes for entry in result.lists} == KVAENANGEN_VOTES
    assert [(a.list_id, quotient(a.quotient)) for a in result.seats] == KVAENANGEN_SEATS


@pytest.mark.skipif(
    not PUBLISHED.is_file(), reason="published settlements lie in ../shared, not in this repository"
)
def test_excerpt_agrees_with_the_published_file() -> None:
    data = json.loads(PUBLISHED.read_text("utf-8"))
    ballots = {name: (e["ballots"], e["recv"], e["given"]) for name, e in data["lists"].items()}
    assert ballots == KVAENANGEN_BALLOTS
    assert {name: entry["votes"] for name, entry in data["lists"].items()} == KVAENANGEN_VOTES
    assert [(row["list"], row["quotient"]) for row in data["seat_sequence"]] == KVAENANGEN_SEATS


def test_divisors() -> None:
    assert [divisor(n) for n in range(4)] == [Fraction(14, 10), 3, 5, 7]


_votes = st.lists(st.integers(1, 5000), min_size=1, max_size=8, unique=True).map(
    lambda counts: {f"L{i}": count for i, count in enumerate(counts)}
)


def _brute_force(votes: dict[str, int], seats: int, caps: dict[str, int]) -> dict[str, int]:
    """Another way to the same end: sort every quotient that exists and take the first ones."""
    quotients = []
    for name, count in votes.items():
        for index in range(min(seats, caps[name])):
            tenths = 14 if index == 0 else 10 * (2 * index + 1)
            quotients.append((Fraction(10 * count, tenths), count, name))
    quotients.sort(reverse=True)
    winners = [name for _, _, name in quotients[:seats]]
    return {name: winners.count(name) for name in votes}


@given(_votes, st.integers(1, 60), st.data())
def test_agrees_with_brute_force(votes: dict[str, int], seats: int, data: st.DataObject) -> None:
    caps = {name: data.draw(st.integers(0, 60), label=f"cap {name}") for name in votes}
    assert _seats(votes, seats, caps=caps) == _brute_force(votes, seats, caps)


@given(_votes, st.integers(1, 60))
def test_quotients_fall_and_all_seats_are_filled(votes: dict[str, int], seats: int) -> None:
    awards = allocate(votes, seats).awards
    assert len(awards) == seats
    assert all(a.quotient >= b.quotient for a, b in itertools.pairwise(awards))


@given(_votes, st.integers(1, 30))
def test_house_monotone(votes: dict[str, int], seats: int) -> None:
    """A seat more never takes a seat from anybody: the first seats stay the same."""
    assert allocate(votes, seats + 1).awards[:seats] == allocate(votes, seats).awards


def test_equal_quotients_go_to_more_votes_first() -> None:
    # 700/1.4 = 500 and 1500/3 = 500: B has more votes and takes the second seat.
    allocation = allocate({"A": 700, "B": 1500}, 2)
    assert [award.list_id for award in allocation.awards] == ["B", "B"]
    assert allocation.ties == ()


def test_tie_for_the_last_seat_needs_lots_and_says_what_to_record() -> None:
    with pytest.raises(TieError) as caught:
        allocate({"A": 500, "H": 500, "V": 10}, 1)
    assert "A, H" in caught.value.message
    assert '{"kind": "seat", "order": ["A", "H"]}' in caught.value.remedy


@pytest.mark.parametrize("order", [("A", "H"), ("H", "A")])
def test_recorded_lots_decide(order: tuple[str, str]) -> None:
    lots = (Lots(LotsKind.SEAT, order),)
    allocation = allocate({"A": 500, "H": 500, "V": 10}, 3, lots=lots)
    # Both get one seat each, then the third goes to the one drawn first.
    assert [award.list_id for award in allocation.awards] == [*order, order[0]]
    assert [tie.decisive for tie in allocation.ties] == [False, True]


def test_lots_between_others_do_not_decide() -> None:
    with pytest.raises(TieError):
        allocate({"A": 5, "H": 5, "V": 5}, 1, lots=(Lots(LotsKind.SEAT, ("A", "H")),))


def test_no_lots_are_demanded_when_all_tied_lists_get_a_seat() -> None:
    allocation = allocate({"H": 500, "A": 500}, 2)
    assert [award.list_id for award in allocation.awards] == ["H", "A"]
    assert [(tie.tied, tie.places, tie.order) for tie in allocation.ties] == [(("H", "A"), 2, None)]


def test_three_tie_for_two_seats() -> None:
    lots = (Lots(LotsKind.SEAT, ("C", "A", "B")),)
    assert _seats({"A": 9, "B": 9, "C": 9}, 2, lots=lots) == {"A": 1, "B": 0, "C": 1}


def test_surplus_goes_to_the_others_by_the_same_method() -> None:
    assert _seats({"A": 900, "B": 100, "C": 60}, 5) == {"A": 5, "B": 0, "C": 0}
    assert _seats({"A": 900, "B": 100, "C": 60}, 5, caps={"A": 2}) == {"A": 2, "B": 2, "C": 1}


def test_seats_stay_vacant_without_votes_or_candidates() -> None:
    assert allocate({"A": 0, "B": -3}, 2).vacant == 2
    allocation = allocate({"A": 10, "B": 0}, 3, caps={"A": 1})
    assert (allocation.seats_of("A"), allocation.vacant) == (1, 2)


@given(_votes, st.integers(1, 20), st.randoms())
def test_order_of_lists_does_not_matter(votes: dict[str, int], seats: int, random: object) -> None:
    names = list(votes)
    random.shuffle(names)  # type: ignore[attr-defined]
    assume(names != list(votes))
    assert allocate({name: votes[name] for name in names}, seats).awards == allocate(votes, seats).awards
