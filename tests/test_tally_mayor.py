"""Direct election of a mayor, 2007 rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.election import Candidate
from ballot.errors import TieError
from tally.counts import Lots, LotsKind, MayorCounts
from tally.mayor import settle_mayor
from tally.result import MayorResult


def _people(count: int, ineligible: int | None = None) -> tuple[Candidate, ...]:
    return tuple(Candidate(n, f"K {n}", eligible=n != ineligible) for n in range(1, count + 1))


def _settle(
    first: dict[int, int], pairs: dict[tuple[int, int], int] | None = None, *orders: tuple[str, ...]
) -> MayorResult:
    lots = tuple(Lots(LotsKind.MAYOR, order) for order in orders)
    return settle_mayor(_people(max(first)), MayorCounts(first, pairs or {}), lots)[0]


def test_exactly_half_is_enough() -> None:
    result = _settle({1: 50, 2: 30, 3: 20})
    assert (result.elected, len(result.rounds), result.approved) == (1, 1, 100)


def test_less_than_half_goes_to_a_second_round() -> None:
    result = _settle({1: 49, 2: 31, 3: 20}, {(3, 2): 19, (3, 1): 0, (1, 2): 49, (2, 1): 31})
    assert result.elected == 2
    assert result.rounds[1].votes == ((1, 49), (2, 50))


def test_second_choices_for_the_eliminated_count_for_nobody() -> None:
    result = _settle({1: 40, 2: 35, 3: 15, 4: 10}, {(3, 4): 15, (4, 3): 10})
    assert result.rounds[1].votes == ((1, 40), (2, 35))
    assert result.elected == 1


def test_tied_second_round_is_won_by_more_first_choices() -> None:
    result = _settle({1: 40, 2: 35, 3: 25}, {(3, 2): 15, (3, 1): 10})
    assert result.rounds[1].votes == ((1, 50), (2, 50))
    assert result.elected == 1


def test_still_tied_needs_lots() -> None:
    first, pairs = {1: 40, 2: 40, 3: 20}, {(3, 1): 5, (3, 2): 5}
    with pytest.raises(TieError) as caught:
        _settle(first, pairs)
    assert '{"kind": "mayor", "order": ["1", "2"]}' in caught.value.remedy
    assert _settle(first, pairs, ("2", "1")).elected == 2
    assert _settle(first, pairs, ("1", "2")).elected == 1


def test_two_with_half_each_need_lots() -> None:
    with pytest.raises(TieError):
        _settle({1: 50, 2: 50})
    assert _settle({1: 50, 2: 50}, None, ("2", "1")).elected == 2


def test_tie_for_the_second_place_needs_lots() -> None:
    first, pairs = {1: 40, 2: 30, 3: 30}, {(2, 3): 30, (3, 2): 30}
    with pytest.raises(TieError):
        _settle(first, pairs)
    assert _settle(first, pairs, ("3", "2")).elected == 3
    assert _settle(first, pairs, ("2", "3")).elected == 2


def test_no_votes_and_a_single_candidate() -> None:
    assert _settle({1: 0, 2: 0}).elected is None
    assert _settle({1: 3}).elected == 1


def test_ineligible_candidates_cannot_win_but_their_second_choices_count() -> None:
    counts = MayorCounts({1: 60, 2: 25, 3: 15}, {(1, 3): 60})
    result, _ = settle_mayor(_people(3, ineligible=1), counts)
    assert result.rounds[1].votes == ((2, 25), (3, 75))
    assert result.elected == 3


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 4)), min_size=1, max_size=60))
def test_agrees_with_counting_ballot_by_ballot(ballots: list[tuple[int, int]]) -> None:
    first = {n: sum(a == n for a, _ in ballots) for n in range(1, 5)}
    pairs: dict[tuple[int, int], int] = {}
    for a, b in ballots:
        if b not in (0, a):
            pairs[a, b] = pairs.get((a, b), 0) + 1
    try:
        result, _ = settle_mayor(_people(4), MayorCounts(first, pairs))
    except TieError:
        ranked = sorted(first.values(), reverse=True)
        assert ranked[0] == ranked[1] or ranked[1] == ranked[2]
        return
    assert result.elected is not None
    if len(result.rounds) == 1:
        assert first[result.elected] * 2 >= len(ballots)
        return
    assert all(votes * 2 < len(ballots) for votes in first.values())
    finalists = {number for number, _ in result.rounds[1].votes}
    assert min(first[n] for n in finalists) >= max(first[n] for n in set(first) - finalists)
    final = dict.fromkeys(finalists, 0)
    for a, b in ballots:
        if a in finalists:
            final[a] += 1
        elif b in finalists:
            final[b] += 1
    assert dict(result.rounds[1].votes) == final
    assert final[result.elected] == max(final.values())
