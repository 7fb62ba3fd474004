"""What people decide about a sheet. Rulings are added, never edited: a later one supersedes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ballot.reading import DoubtCode, SheetKind


class Role(StrEnum):
    """In what capacity a person rules. Only the electoral committee (valgstyret) rejects ballots."""

    REVIEWER = "reviewer"
    COMMITTEE = "committee"


class Verdict(StrEnum):
    """What a ruling says. The value that goes with it stands in parentheses.

    On one doubt:
        MARKED, EMPTY: The box is marked, or is not.
        STAMP_PRESENT, STAMP_MISSING: The official stamp is there, or is not (proposes rejection a).
        CANDIDATE (``SP:4``): The write-in row names this candidate.
        NO_CANDIDATE: The row names nobody who stands on a list; the entry is ignored.
        NOTHING_WRITTEN: No name is written in the row.
        NO_EFFECT: The ink outside the fields means nothing.
        WRITE_IN (``SP:4 A:2``): The ink outside the fields names these candidates.
        MARK_FOR (``7``): The ink outside the fields is a mark for these own candidates.
        PARTY (printed party name): The party ballot is for this party.
        BLANK_VOTE: The party ballot is marked as blank.
        CHOICE (``3`` or ``3 5``): First, or first and second choice of a mayor ballot.
        BALLOT_ID (8 digits): The printed id.
        CONFIRM: The machine's reading of the sheet is right in spite of the doubt.
        KEEP, WITHDRAW: The sheet is a ballot of its own, or another picture of one already counted.
    On the whole sheet:
        ENTER (`HandEntry` as JSON): The votes as a person reads them.
        PROPOSE_REJECTION (``a`` to ``d``), PROPOSE_WITHDRAWAL: The committee must decide.
    By the committee, on the whole sheet:
        REJECT (``a`` to ``d``), APPROVE, TURN_INTO_BLANK, WITHDRAW.
    Anywhere:
        REOPEN: The superseded ruling is taken back and nothing put in its place.
    """

    MARKED = "marked"
    EMPTY = "empty"
    STAMP_PRESENT = "stamp_present"
    STAMP_MISSING = "stamp_missing"
    CANDIDATE = "candidate"
    NO_CANDIDATE = "no_candidate"
    NOTHING_WRITTEN = "nothing_written"
    NO_EFFECT = "no_effect"
    WRITE_IN = "write_in"
    MARK_FOR = "mark_for"
    PARTY = "party"
    BLANK_VOTE = "blank_vote"
    CHOICE = "choice"
    BALLOT_ID = "ballot_id"
    CONFIRM = "confirm"
    KEEP = "keep"
    WITHDRAW = "withdraw"
    ENTER = "enter"
    PROPOSE_REJECTION = "propose_rejection"
    PROPOSE_WITHDRAWAL = "propose_withdrawal"
    REJECT = "reject"
    APPROVE = "approve"
    TURN_INTO_BLANK = "turn_into_blank"
    REOPEN = "reopen"


WHOLE_SHEET = "sheet"
COMMITTEE_DECISION = "committee"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision of one person.

    Attributes:
        number: Counts all rulings of the station; 0 before it is stored.
        reading: Number of the reading it is about.
        issue: Key of the doubt (`review.issues`), `WHOLE_SHEET` or `COMMITTEE_DECISION`.
        value: As `Verdict` says, else empty.
        by: Name of the person.
        at: Time in UTC, ISO 8601.
        reason: Free text; required where the verdict overrides something.
        supersedes: Number of the ruling it replaces.
    """

    number: int
    sheet_id: str
    reading: int
    issue: str
    verdict: Verdict
    value: str
    by: str
    role: Role
    at: str
    reason: str = ""
    supersedes: int | None = None


def standing(rulings: Iterable[Ruling]) -> dict[str, Ruling]:
    """The rulings in force, by issue: those that no later one supersedes and that say something."""
    in_order = tuple(rulings)
    superseded = {ruling.supersedes for ruling in in_order}
    return {
        ruling.issue: ruling
        for ruling in in_order
        if ruling.number not in superseded and ruling.verdict is not Verdict.REOPEN
    }


@dataclass(frozen=True, slots=True)
class HandEntry:
    """A sheet's votes as a person reads them from the picture or the paper.

    Attributes:
        kind: The printed ballot; LIST with a list written on plain paper too.
        stamped: Whether the official stamp is there.
        list_id: The list voted for (list and party ballots); None when blank.
        personal: Own candidates with a personal vote.
        write_ins: ``<list>:<number>`` in written order, as on the paper; the rules are applied later.
        blank: A blank vote on a party ballot.
    """

    kind: SheetKind
    stamped: bool
    list_id: str | None = None
    personal: tuple[int, ...] = ()
    write_ins: tuple[str, ...] = ()
    blank: bool = False
    first_choice: int | None = None
    second_choice: int | None = None


class SheetState(StrEnum):
    """Where a sheet stands. Every sheet is in exactly one; derived, never stored.

    WAITING: Taken in, not read yet.
    ACCEPTED: Read without doubt; counts as read.
    NEEDS_REVIEW: A doubt waits for a person.
    PROPOSED_REJECTION: Waits for the electoral committee.
    SETTLED: Decided by people; counts.
    REJECTED: By the committee; counts as rejected with its reason.
    WITHDRAWN: Not a ballot of its own; kept, but does not count.
    """

    WAITING = "waiting"
    ACCEPTED = "accepted"
    NEEDS_REVIEW = "needs_review"
    PROPOSED_REJECTION = "proposed_rejection"
    SETTLED = "settled"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


OPEN_STATES = frozenset({SheetState.WAITING, SheetState.NEEDS_REVIEW, SheetState.PROPOSED_REJECTION})
"""A count with a sheet in one of these is not finished."""


def twin_of(issue: str) -> str | None:
    """The other sheet that an issue about a ballot seen twice names; None for any other issue."""
    code, _, other = issue.partition("/")
    return other if code == DoubtCode.DUPLICATE_BALLOT.value and other else None
