"""Direct election of a mayor by supplementary vote (the trials' rules of 2007)."""

from __future__ import annotations

from collections.abc import Mapping

from ballot.election import Candidate
from tally.counts import Lots, LotsKind, MayorCounts
from tally.lots import Tie, drawn_order
from tally.result import MayorResult, MayorRound


def settle_mayor(
    candidates: tuple[Candidate, ...], counts: MayorCounts, lots: tuple[Lots, ...] = ()
) -> tuple[MayorResult, tuple[Tie, ...]]:
    """First choices elect with at least half of the approved votes; otherwise the top two go on.

    In the second round the eliminated candidates' ballots give their second choices to the two.
    Most votes wins; equal: most first choices; still equal: lots. Lots also decide who goes on
    when candidates are equal for the second place. Approved votes are the ballots with a first
    choice: a blank ballot names nobody and is not among them.

    Args:
        candidates: All candidates; ineligible ones cannot win, their ballots' second choices count.
        counts: Choices over all categories.
        lots: Recorded drawings.

    Returns:
        The result, and every tie that lots decided.

    Raises:
        TieError: Lots must decide and no drawing is recorded.
    """
    numbers = [candidate.number for candidate in candidates]
    standing = [candidate.number for candidate in candidates if candidate.eligible]
    first = {number: counts.first.get(number, 0) for number in numbers}
    approved = sum(first.values())
    opening = MayorRound(tuple(first.items()))
    ties: list[Tie] = []
    if approved == 0 or not standing:
        return MayorResult((opening,), approved, None), ()
    half = [number for number in standing if first[number] * 2 >= approved]
    if half:
        winner = _first_places(half, {n: (first[n],) for n in half}, 1, lots, ties)[0]
        return MayorResult((opening,), approved, winner), tuple(ties)
    finalists = sorted(_first_places(standing, {n: (first[n],) for n in standing}, 2, lots, ties))
    final = {
        number: first[number]
        + sum(
            votes
            for (choice, second), votes in counts.pairs.items()
            if second == number and choice not in finalists
        )
        for number in finalists
    }
    strength = {number: (final[number], first[number]) for number in finalists}
    winner = _first_places(finalists, strength, 1, lots, ties)[0]
    return MayorResult((opening, MayorRound(tuple(final.items()))), approved, winner), tuple(ties)


def _first_places(
    numbers: list[int],
    strength: Mapping[int, tuple[int, ...]],
    places: int,
    lots: tuple[Lots, ...],
    ties: list[Tie],
) -> list[int]:
    """The strongest `places` candidates; lots among those equal at the border."""
    ranked = sorted(numbers, key=lambda number: strength[number], reverse=True)
    if len(ranked) <= places:
        return ranked
    border = strength[ranked[places - 1]]
    sure = [number for number in ranked if strength[number] > border]
    tied = tuple(str(number) for number in sorted(numbers) if strength[number] == border)
    left = places - len(sure)
    if len(tied) == left:
        return sure + [int(number) for number in tied]
    order = drawn_order(
        LotsKind.MAYOR,
        tied,
        left,
        lots,
        f"Mayor candidates {', '.join(tied)} are equal with {border[0]} votes each, "
        f"and only {left} of the {len(tied)} can go on.",
    )
    ties.append(Tie(LotsKind.MAYOR, tied, left, order))
    return sure + [int(number) for number in (order or tied)[:left]]
