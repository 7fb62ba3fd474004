"""From a reading and the rulings on it to a cast vote record, or to what is still open.

Pure functions: the same reading and rulings always give the same standing, so a sheet's state
is never stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ballot.box import SheetCase
from ballot.election import BallotKind, Election, ElectionKind
from ballot.reading import Doubt, DoubtCode, Reading, SheetKind, StampState
from ballot.record import CastVoteRecord, RejectionReason
from ballot.ruling import (
    COMMITTEE_DECISION,
    WHOLE_SHEET,
    HandEntry,
    Ruling,
    SheetState,
    Verdict,
    standing,
)
from review.hand_entry import entry_from_text
from review.issues import CHOICE_CODES, PARTY_CODES, ROW_CODES, STAMP_CODES, Issue, issues_of
from review.votes import Votes, votes_as_entered, votes_as_read

WITHDRAWAL = "w"
"""What stands in place of a rejection's reason when a withdrawal is proposed."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something that only the electoral committee can decide.

    Attributes:
        reason: ``a`` to ``d``, or `WITHDRAWAL`.
        why: One sentence for the committee.
        final_only: The sheet cannot be approved as it is: no list would get it.
    """

    reason: str
    why: str
    final_only: bool = False

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
    reading, ruled = case.reading.reading, standing(case.rulings)
    whole = ruled.get(WHOLE_SHEET)
    entry = entry_from_text(whole.value) if whole is not None and whole.verdict is Verdict.ENTER else None
    unsaid = () if entry else _unsaid(reading, election)
    issues = issues_of(reading, case.duplicates, unsaid)
    votes = votes_as_entered(entry, election) if entry else votes_as_read(reading, issues, ruled, election)
    asked = {issue.code for issue in issues}
    unclear = tuple(doubt for doubt in votes.unclear if doubt.code not in asked)
    issues = issues_of(reading, case.duplicates, unsaid + unclear)
    waiting = tuple(i for i in issues if not _answered(i, ruled, entry, reading))
    proposals = _proposals(issues, waiting, ruled, entry, votes, election)
    final = _final_state(ruled, waiting)
    if final is not None:
        record = None if final is SheetState.WITHDRAWN else _decided_record(case, election, votes, ruled)
        return Standing(final, issues, (), proposals, record, votes.notes)
    if any(issue.code is DoubtCode.DUPLICATE_BALLOT for issue in waiting):
        return Standing(SheetState.NEEDS_REVIEW, issues, waiting, proposals)
    if any(p.final_only or p.issue not in ruled for p in proposals):
        return Standing(SheetState.PROPOSED_REJECTION, issues, waiting, proposals)
    if waiting or not votes.countable:
        return Standing(SheetState.NEEDS_REVIEW, issues, waiting or issues, proposals)
    state = SheetState.SETTLED if ruled else SheetState.ACCEPTED
    return Standing(state, issues, (), proposals, _record(case, votes), votes.notes)


def _unsaid(reading: Reading, election: Election) -> tuple[Doubt, ...]:
    """Doubts that the reader did not name but without which the record would be a guess."""
    codes = {doubt.code for doubt in reading.doubts}
    found: list[Doubt] = []
    if reading.kind is SheetKind.UNKNOWN:
        if not codes:
            found.append(Doubt(DoubtCode.UNREADABLE, detail="Maskinen vet ikke hva slags seddel dette er."))
    elif reading.stamp is not StampState.PRESENT and not codes & STAMP_CODES:
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


def _answered(issue: Issue, ruled: Mapping[str, Ruling], entry: HandEntry | None, reading: Reading) -> bool:
    if issue.key in ruled:
        return True
    if entry is not None and issue.code not in (DoubtCode.DUPLICATE_BALLOT, DoubtCode.WRITE_IN_TOO_MANY):
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
    ruled: Mapping[str, Ruling],
    entry: HandEntry | None,
    votes: Votes,
    election: Election,
) -> tuple[Proposal, ...]:
    found: list[Proposal] = []
    whole = ruled.get(WHOLE_SHEET)
    if whole is not None and whole.verdict is Verdict.PROPOSE_REJECTION:
        found.append(Proposal(whole.value, whole.reason or f"Foreslått av {whole.by}."))
    if whole is not None and whole.verdict is Verdict.PROPOSE_WITHDRAWAL:
        found.append(Proposal(WITHDRAWAL, whole.reason))
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
    return tuple({p.reason: p for p in reversed(found)}.values())[::-1]


def _final_state(ruled: Mapping[str, Ruling], waiting: tuple[Issue, ...]) -> SheetState | None:
    """What a withdrawal or the committee has decided for good, if anything."""
    verdicts = {ruling.verdict for ruling in ruled.values()}
    if Verdict.WITHDRAW in verdicts:
        return SheetState.WITHDRAWN
    if any(issue.code is DoubtCode.DUPLICATE_BALLOT for issue in waiting):
        return None  # a picture of a counted ballot must not be rejected a second time either
    if Verdict.REJECT in verdicts:
        return SheetState.REJECTED
    return SheetState.SETTLED if Verdict.TURN_INTO_BLANK in verdicts else None


def _decided_record(
    case: SheetCase, election: Election, votes: Votes, ruled: Mapping[str, Ruling]
) -> CastVoteRecord:
    fallback = BallotKind.MAYOR if election.kind is ElectionKind.MAYOR else BallotKind.LIST
    reject = next((r for r in ruled.values() if r.verdict is Verdict.REJECT), None)
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
