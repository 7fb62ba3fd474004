"""Counts: how many ballots and personal votes fell where, before any seat is awarded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ballot.record import CountCategory, RejectionReason


@dataclass(frozen=True, slots=True)
class CandidateCounts:
    """Personal votes of one candidate.

    Attributes:
        crosses: Own ballots with a cross for the candidate.
        write_ins: Ballots of other lists that carry the candidate as a slenger.
    """

    crosses: int = 0
    write_ins: int = 0


@dataclass(frozen=True, slots=True)
class ListCounts:
    """One list in one category.

    Attributes:
        ballots: Approved ballots of the list, party ballots for it included.
        write_ins_received: Slengere for the list's candidates on other lists' ballots.
        write_ins_given: Slengere for other lists' candidates on this list's ballots.
        candidates: By candidate number; candidates without votes may be left out. Empty
            when nobody got a vote, or when persons have not been counted.
    """

    ballots: int = 0
    write_ins_received: int = 0
    write_ins_given: int = 0
    candidates: Mapping[int, CandidateCounts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MayorCounts:
    """Choices on mayor ballots in one category.

    Attributes:
        first: Approved ballots by first choice, those with a second choice included.
        pairs: Of these, the ballots with a valid second choice, by (first, second).
    """

    first: Mapping[int, int] = field(default_factory=dict)
    pairs: Mapping[tuple[int, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CategoryCounts:
    """Everything counted in one category, or in one district's part of a category."""

    category: CountCategory
    lists: Mapping[str, ListCounts] = field(default_factory=dict)
    blank: int = 0
    rejected: Mapping[RejectionReason, int] = field(default_factory=dict)
    district: str | None = None
    mayor: MayorCounts | None = None

    @property
    def approved_for_someone(self) -> int:
        """Approved ballots that count for a list or a mayoral candidate."""
        choices = sum(self.mayor.first.values()) if self.mayor is not None else 0
        return sum(entry.ballots for entry in self.lists.values()) + choices

    @property
    def total(self) -> int:
        """Every ballot of the category: approved, blank and rejected."""
        return self.approved_for_someone + self.blank + sum(self.rejected.values())


class LotsKind(StrEnum):
    """What a drawing of lots decides."""

    SEAT = "seat"
    MAYOR = "mayor"


@dataclass(frozen=True, slots=True)
class Lots:
    """A recorded drawing of lots. Chance never comes from the program.

    Attributes:
        order: The tied lists or candidates, all of them, in the order drawn (first drawn wins).
    """

    kind: LotsKind
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetTotals:
    """How the sheets behind the counts were handled; absent for a manual count.

    Attributes:
        read: Sheets that were scanned.
        accepted: Counted on the machine's reading alone.
        reviewed: Settled by people.
        pending: Still awaiting people; their votes are *not* in the counts.
        withdrawn: Taken out again before counting (scanned twice, wrong box).
        proposed_for_rejection: Sheets proposed to the electoral committee for rejection.
    """

    read: int
    accepted: int
    reviewed: int
    pending: int = 0
    withdrawn: int = 0
    proposed_for_rejection: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """The input of a settlement.

    Attributes:
        election: Id of the election that was counted; None when the counts do not tell.
        area: Id of its municipality or county; several hold elections of one id.
        unclosed: Boxes of the station that could still get sheets when these counts were made.
    """

    categories: tuple[CategoryCounts, ...]
    lots: tuple[Lots, ...] = ()
    sheets: SheetTotals | None = None
    election: str | None = None
    area: str | None = None
    unclosed: tuple[int, ...] = ()

    @property
    def total(self) -> int:
        """Every ballot counted: approved, blank and rejected."""
        return sum(part.total for part in self.categories)

    @property
    def blank(self) -> int:
        """Approved blank ballots."""
        return sum(part.blank for part in self.categories)

    @property
    def rejected(self) -> dict[RejectionReason, int]:
        """Rejected ballots by reason, all reasons named."""
        return {
            reason: sum(part.rejected.get(reason, 0) for part in self.categories)
            for reason in RejectionReason
        }

    def of_list(self, list_id: str) -> ListCounts:
        """The list's counts over all categories."""
        return add_lists([part.lists[list_id] for part in self.categories if list_id in part.lists])

    def mayor(self) -> MayorCounts:
        """The mayor ballots' choices over all categories."""
        first: dict[int, int] = {}
        pairs: dict[tuple[int, int], int] = {}
        for part in self.categories:
            if part.mayor is None:
                continue
            for number, votes in part.mayor.first.items():
                first[number] = first.get(number, 0) + votes
            for pair, votes in part.mayor.pairs.items():
                pairs[pair] = pairs.get(pair, 0) + votes
        return MayorCounts(first, pairs)


def add_lists(parts: list[ListCounts]) -> ListCounts:
    """The sum of one list's counts over several categories."""
    candidates: dict[int, CandidateCounts] = {}
    for part in parts:
        for number, votes in part.candidates.items():
            sofar = candidates.get(number, CandidateCounts())
            candidates[number] = CandidateCounts(
                sofar.crosses + votes.crosses, sofar.write_ins + votes.write_ins
            )
    return ListCounts(
        ballots=sum(part.ballots for part in parts),
        write_ins_received=sum(part.write_ins_received for part in parts),
        write_ins_given=sum(part.write_ins_given for part in parts),
        candidates=candidates,
    )
