"""The settled election as values, ready to be written in any form."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from ballot.election import Election
from ballot.record import RejectionReason
from tally.counts import Counts, Lots
from tally.lots import Tie
from tally.sainte_lague import SeatAward


class CandidateStatus(StrEnum):
    """What a candidate became."""

    ELECTED = "elected"
    DEPUTY = "deputy"
    NOT_ELECTED = "-"


@dataclass(frozen=True, slots=True)
class CandidateResult:
    """A candidate's personal votes and place.

    Attributes:
        stemmetillegg: 25 % of the list's ballots, exact and not rounded, or 0.
        rank: Place on the list after the settlement, from 1; None for ineligible candidates.
    """

    number: int
    name: str
    stemmetillegg: Fraction
    crosses: int
    write_ins: int
    rank: int | None
    status: CandidateStatus

    @property
    def total(self) -> Fraction:
        """Personal votes with stemmetillegg."""
        return self.stemmetillegg + self.crosses + self.write_ins


@dataclass(frozen=True, slots=True)
class ListResult:
    """A list's votes, seats and ranked candidates.

    Attributes:
        deputies: How many deputies the list gets.
        persons_counted: False when write-ins were received but no candidate was given them, so
            that nobody can be ranked; `candidates` is empty then.
    """

    list_id: str
    name: str
    ballots: int
    write_ins_received: int
    write_ins_given: int
    list_votes: int
    seats: int
    deputies: int
    candidates: tuple[CandidateResult, ...]
    persons_counted: bool = True


@dataclass(frozen=True, slots=True)
class MayorRound:
    """One round of a mayoral election: votes by candidate number, in candidate order."""

    votes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class MayorResult:
    """A mayoral election.

    Attributes:
        approved: Ballots with a first choice; the majority is measured against them.
        elected: Number of the elected candidate; None when there are no votes.
    """

    rounds: tuple[MayorRound, ...]
    approved: int
    elected: int | None


@dataclass(frozen=True, slots=True)
class Turnout:
    """Ballots counted (approved, blank and rejected) of all who were entitled to vote."""

    ballots: int
    electorate: int

    @property
    def share(self) -> Fraction:
        """Between 0 and 1."""
        return Fraction(self.ballots, self.electorate)


@dataclass(frozen=True, slots=True)
class Result:
    """A settled election.

    Attributes:
        ties: Ties that lots decided, and those where they could only have decided an order.
        unused_lots: Recorded drawings between lists or candidates that did not tie.
        vacant_seats: Seats that no list with votes has an eligible candidate for.
        notices: What a reader must know, in plain sentences.
    """

    election: Election
    counts: Counts
    lists: tuple[ListResult, ...]
    seats: tuple[SeatAward, ...]
    blank: int
    rejected: tuple[tuple[RejectionReason, int], ...]
    turnout: Turnout | None = None
    ties: tuple[Tie, ...] = ()
    unused_lots: tuple[Lots, ...] = ()
    vacant_seats: int = 0
    mayor: MayorResult | None = None
    notices: tuple[str, ...] = ()

    @property
    def pending(self) -> int:
        """Sheets that await people and are not in this result."""
        return self.counts.sheets.pending if self.counts.sheets is not None else 0

    @property
    def provisional(self) -> bool:
        """Whether sheets are still awaiting people."""
        return self.pending > 0
