"""Seats to lists by the modified Sainte-Laguë method, in exact fractions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from tally.counts import Lots, LotsKind
from tally.lots import Tie, drawn_order

FIRST_DIVISOR = Fraction(7, 5)
"""1.4; the following divisors are 3, 5, 7, … (valglov-2002 § 11-4)."""


@dataclass(frozen=True, slots=True)
class SeatAward:
    """One seat, with the quotient that won it."""

    seat: int
    list_id: str
    quotient: Fraction


@dataclass(frozen=True, slots=True)
class Allocation:
    """All seats in order of award.

    Attributes:
        ties: Every tie that lots decided or could have decided.
        vacant: Seats that no list with votes has a candidate for.
    """

    awards: tuple[SeatAward, ...]
    ties: tuple[Tie, ...]
    vacant: int

    def seats_of(self, list_id: str) -> int:
        """How many seats the list won."""
        return sum(award.list_id == list_id for award in self.awards)


def divisor(seats_won: int) -> Fraction:
    """The divisor for a list that has won `seats_won` seats so far."""
    return FIRST_DIVISOR if seats_won == 0 else Fraction(2 * seats_won + 1)


def allocate(
    votes: Mapping[str, int],
    seats: int,
    *,
    caps: Mapping[str, int] | None = None,
    lots: tuple[Lots, ...] = (),
) -> Allocation:
    """Awards `seats` one by one to the highest quotient.

    Equal quotients: the list with more votes first; equal votes too: drawing of lots. Lots are
    demanded only when they decide *who* gets a seat; lists that tie but all get a seat are
    numbered in the order of `votes` unless a drawing is recorded. A list stops at its cap
    (eligible candidates), so its surplus goes to the others by the same method
    (valglov-2002 §§ 11-4, 11-12).

    Args:
        votes: List votes by list, in list order. Lists without votes get no seat.
        seats: Seats to fill.
        caps: The most seats each list can take; lists that are not named have no limit.
        lots: Recorded drawings.

    Raises:
        TieError: Lots must decide and no drawing between exactly these lists is recorded.
    """
    limit = dict.fromkeys(votes, seats) | dict(caps or {})
    won = dict.fromkeys(votes, 0)
    awards: list[SeatAward] = []
    ties: list[Tie] = []
    while len(awards) < seats:
        quotients = {
            list_id: count / divisor(won[list_id])
            for list_id, count in votes.items()
            if count > 0 and won[list_id] < limit[list_id]
        }
        if not quotients:
            break
        for list_id in _next_lists(votes, quotients, seats - len(awards), lots, ties):
            won[list_id] += 1
            awards.append(SeatAward(len(awards) + 1, list_id, quotients[list_id]))
    return Allocation(tuple(awards), tuple(ties), seats - len(awards))


def _next_lists(
    votes: Mapping[str, int],
    quotients: Mapping[str, Fraction],
    seats_left: int,
    lots: tuple[Lots, ...],
    ties: list[Tie],
) -> tuple[str, ...]:
    """The lists that get the next seat or, when several tie, seats."""
    best = max(quotients.values())
    highest = [list_id for list_id in quotients if quotients[list_id] == best]
    most = max(votes[list_id] for list_id in highest)
    tied = tuple(list_id for list_id in highest if votes[list_id] == most)
    if len(tied) == 1:
        return tied
    places = min(len(tied), seats_left)
    order = drawn_order(
        LotsKind.SEAT,
        tied,
        places,
        lots,
        f"Lists {', '.join(tied)} have the same {most} votes and the same quotient "
        f"{float(best):.6f}, and only {places} of the {len(tied)} can get a seat.",
    )
    ties.append(Tie(LotsKind.SEAT, tied, places, order))
    return (order or tied)[:places]
