"""From a reading and the rulings on it to a cast vote record, or to what is still open.

Pure functions: the same reading and rulings always give the same standing, so a sheet's state
is never stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ballot.box import SheetCase
from ballot.election import BallotKind, Election, ElectionKind
from ballot.reading import Doubt, DoubtCode, Reading, SheetKind, StampState
from ballot.record import CastVoteRecord, RejectionReason
from ballot.ruling import COMMITTEE_DECISION, Ruling, SheetState, Verdict
from review.in_force import InForce, in_force
from review.issues import (
    BESIDE_ENTRY,
    CHOICE_CODES,
    PARTY_CODES,
    ROW_CODES,
    STAMP_CODES,
    Issue,
    issues_of,
)
from review.votes import Votes, votes_as_entered, votes_as_read

_ASKED_BESIDE_ENTRY = BESIDE_ENTRY - {DoubtCode.BALLOT_ID_UNCERTAIN}
"""What is still asked though the whole sheet was entered by hand."""

WITHDRAWAL = "w"
"""What stands in place of a rejection's reason when a withdrawal is proposed."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something that only the electoral committee can decide.

    Attributes:
        reason: ``a`` to ``d``, or `WITHDRAWAL`.
        why: One sentence for the committee.
        final_only: The sheet cannot be approved as it is: no list would get it.
        made: Number of the ruling by which a reviewer proposes it; 0 when it follows from what was read.
    """

    reason: str
    why: str
    final_only: bool = False
    made: int = 0

    @property
    def issue(self) -> str:
        """The key under which the committee rules on it."""
        return f"{COMMITTEE_DECISION}/{self.reason}"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a sheet stands.

    Attributes:
        issues: Everything a person was or is asked, ruled on or not.
        open: The issues that still wait.
        proposals: What waits for the committee, or was decided by it.
        record: What the sheet counts as; only in the states ACCEPTED, SETTLED and REJECTED.
        notes: What the rules left out of the record (own list's names, repeats, too many).
    """

    state: SheetState
    issues: tuple[Issue, ...] = ()
    open: tuple[Issue, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    record: CastVoteRecord | None = None
    notes: tuple[str, ...] = ()


def resolve(case: SheetCase, election: Election) -> Standing:
    """Says where a sheet stands.

    In this order: a withdrawn sheet does not count; a sheet that may be another picture of a
    counted ballot waits for that question; what the committee has decided holds; what is
    proposed waits for the committee; open doubts wait for a reviewer; else the sheet counts.
    """
    if case.reading is None:
        return Standing(SheetState.WAITING)
    reading, said = case.reading.reading, in_force(case)
    unsaid, votes = _votes(case, reading, said, election)
    asked = {issue.code for issue in issues_of(reading, case.duplicates, unsaid, said.parted)}
    unclear = tuple(doubt for doubt in votes.unclear if doubt.code not in asked)
    issues = issues_of(reading, case.duplicates, unsaid + unclear, said.parted)
    waiting = tuple(
        i for i in issues if not _answered(i, said, reading) or _names_changed(i, case, said, votes, election)
    )
    proposals = _proposals(issues, waiting, said, votes, election)
    undecided = tuple(p for p in proposals if not is_decided(p, said.answers))
    final = _final_state(said.decision, waiting, undecided)
    if final is not None:
        record = None if final is SheetState.WITHDRAWN else _decided_record(case, election, votes, said)
        return Standing(final, issues, (), proposals, record, votes.notes)
    if any(issue.code is DoubtCode.DUPLICATE_BALLOT for issue in waiting):
        return Standing(SheetState.NEEDS_REVIEW, issues, waiting, proposals)
    if undecided:
        return Standing(SheetState.PROPOSED_REJECTION, issues, waiting, proposals)
    if said.decision is not None:  # a blank vote, if the ballot is stamped
        waiting = tuple(issue for issue in waiting if issue.code in STAMP_CODES)
        return Standing(SheetState.NEEDS_REVIEW, issues, waiting, proposals)
    if waiting or not votes.countable:
        return Standing(SheetState.NEEDS_REVIEW, issues, waiting or issues, proposals)
    state = SheetState.SETTLED if said.by_people else SheetState.ACCEPTED
    return Standing(state, issues, (), proposals, _record(case, votes), votes.notes)


def _votes(
    case: SheetCase, reading: Reading, said: InForce, election: Election
) -> tuple[tuple[Doubt, ...], Votes]:
    """The votes as people entered or ruled them, and the doubts that the reader did not name."""
    if said.entry is not None:
        return (), votes_as_entered(said.entry, election)
    unsaid = _unsaid(reading, said.decision, election)
    issues = issues_of(reading, case.duplicates, unsaid, said.parted)
    return unsaid, votes_as_read(reading, issues, said.answers, election)


def _names_changed(issue: Issue, case: SheetCase, said: InForce, votes: Votes, election: Election) -> bool:
    """Whether it was of other names than now that somebody said that the first of too many count."""
    made = said.answers.get(issue.key)
    if issue.code is not DoubtCode.WRITE_IN_TOO_MANY or made is None or case.reading is None:
        return False
    earlier = replace(case, rulings=tuple(ruling for ruling in case.rulings if ruling.number < made.number))
    _, then = _votes(earlier, case.reading.reading, in_force(earlier), election)
    return (then.list_id, then.written) != (votes.list_id, votes.written)


def _unsaid(reading: Reading, decision: Ruling | None, election: Election) -> tuple[Doubt, ...]:
    """Doubts that the reader did not name but without which the record would be a guess."""
    codes = {doubt.code for doubt in reading.doubts}
    found: list[Doubt] = []
    if reading.kind is SheetKind.UNKNOWN and not codes:
        found.append(Doubt(DoubtCode.UNREADABLE, detail="Maskinen vet ikke hva slags seddel dette er."))
    counts = reading.kind is not SheetKind.UNKNOWN or (
        decision is not None and decision.verdict is Verdict.TURN_INTO_BLANK
    )
    if counts and reading.stamp is not StampState.PRESENT and not codes & STAMP_CODES:
        missing = reading.stamp is StampState.MISSING
        code = DoubtCode.STAMP_MISSING if missing else DoubtCode.STAMP_UNCERTAIN
        found.append(Doubt(code, detail="Maskinen fant ikke et sikkert stempel."))
    if reading.kind is SheetKind.LIST and (
        reading.list_id is None or election.list_by_id(reading.list_id) is None
    ):
        found += [] if DoubtCode.UNKNOWN_LIST in codes else [Doubt(DoubtCode.UNKNOWN_LIST)]
    rows = {doubt.row for doubt in reading.doubts if doubt.code in ROW_CODES}
    for entry in reading.write_ins:
        if (entry.doubtful or entry.candidate is None) and entry.row not in rows:
            found.append(Doubt(DoubtCode.WRITE_IN_UNCERTAIN, row=entry.row))
    return tuple(found)


def _answered(issue: Issue, said: InForce, reading: Reading) -> bool:
    ruled = said.answers
    if issue.key in ruled:
        return True
    if said.entered is not None and issue.code not in _ASKED_BESIDE_ENTRY:
        return True
    verdicts = {ruling.verdict for ruling in ruled.values()}
    if reading.kind is SheetKind.PARTY and issue.code in PARTY_CODES:
        return bool(verdicts & {Verdict.PARTY, Verdict.BLANK_VOTE})
    if reading.kind is SheetKind.MAYOR and issue.code in CHOICE_CODES:
        return Verdict.CHOICE in verdicts
    return False


def _proposals(
    issues: tuple[Issue, ...],
    waiting: tuple[Issue, ...],
    said: InForce,
    votes: Votes,
    election: Election,
) -> tuple[Proposal, ...]:
    found: list[Proposal] = []
    if (made := said.proposed) is not None:
        reason = made.value if made.verdict is Verdict.PROPOSE_REJECTION else WITHDRAWAL
        found.append(Proposal(reason, made.reason or f"Foreslått av {made.by}.", made=made.number))
    entry, ruled = said.entry, said.answers
    if entry is None:
        missing = [ruled[i.key] for i in issues if i.code in STAMP_CODES and i.key in ruled]
        if any(ruling.verdict is Verdict.STAMP_MISSING for ruling in missing):
            found.append(Proposal(RejectionReason.A.value, "Seddelen mangler offentlig stempel."))
    elif not entry.stamped:
        found.append(Proposal(RejectionReason.A.value, "Seddelen mangler offentlig stempel."))
    # A party that is itself in doubt is a reviewer's question before it is the committee's.
    if votes.no_list and not any(issue.code in PARTY_CODES for issue in waiting):
        why = f"«{votes.no_list}» har ingen liste i {election.area_name}."
        found.append(Proposal(RejectionReason.D.value, why, final_only=True))
    return tuple(_once(found))


def _once(found: list[Proposal]) -> Iterator[Proposal]:
    """Each reason once, as first proposed; where no list would get the ballot that holds whoever proposes."""
    first = {proposal.reason: proposal for proposal in reversed(found)}
    final = {proposal.reason for proposal in found if proposal.final_only}
    for proposal in reversed(list(first.values())):
        yield replace(proposal, final_only=proposal.reason in final)


def is_decided(proposal: Proposal, ruled: Mapping[str, Ruling]) -> bool:
    """Whether the committee has decided on a proposal, since it was made, in a way that it allows."""
    decision = ruled.get(proposal.issue)
    if decision is None or decision.number < proposal.made:
        return False
    return not (proposal.final_only and decision.verdict is Verdict.APPROVE)


def _final_state(
    decision: Ruling | None, waiting: tuple[Issue, ...], undecided: tuple[Proposal, ...]
) -> SheetState | None:
    """What a withdrawal or the committee has decided for good, if anything.

    A blank ballot must be stamped like any other (valglov-2023 § 10-3), so that question is answered first.
    """
    if decision is None:
        return None
    if decision.verdict is Verdict.WITHDRAW:
        return SheetState.WITHDRAWN
    if any(issue.code is DoubtCode.DUPLICATE_BALLOT for issue in waiting):
        return None  # a picture of a counted ballot must not be rejected a second time either
    if decision.verdict is Verdict.REJECT:
        return SheetState.REJECTED
    stamp_is_open = any(issue.code in STAMP_CODES for issue in waiting)
    return None if stamp_is_open or undecided else SheetState.SETTLED


def _decided_record(case: SheetCase, election: Election, votes: Votes, said: InForce) -> CastVoteRecord:
    fallback = BallotKind.MAYOR if election.kind is ElectionKind.MAYOR else BallotKind.LIST
    reject = next((r for r in said.answers.values() if r.verdict is Verdict.REJECT), None)
    return CastVoteRecord(
        case.sheet.id,
        votes.kind or fallback,
        case.box.category.value,
        case.box.district,
        blank=reject is None,
        rejected=None if reject is None else RejectionReason(reject.value),
    )


def _record(case: SheetCase, votes: Votes) -> CastVoteRecord:
    if votes.kind is None:
        raise ValueError(f"sheet {case.sheet.id} has no kind but nothing open")
    return CastVoteRecord(
        case.sheet.id,
        votes.kind,
        case.box.category.value,
        case.box.district,
        list_id=votes.list_id,
        personal=votes.personal,
        write_ins=votes.write_ins,
        blank=votes.blank,
        first_choice=votes.first_choice,
        second_choice=votes.second_choice,
    )
