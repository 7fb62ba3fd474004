"""Whether a ruling may be made: by whom, on what, with which value. Refuses before anything is stored."""

from __future__ import annotations

from ballot.box import SheetCase
from ballot.election import Candidate, Election
from ballot.errors import UsageError
from ballot.reading import DoubtCode, Reading
from ballot.record import RejectionReason
from ballot.ruling import (
    COMMITTEE_DECISION,
    WHOLE_SHEET,
    Role,
    Ruling,
    SheetState,
    Verdict,
    standing,
    twin_of,
)
from review.hand_entry import check_entry, entry_from_text
from review.in_force import InForce, in_force
from review.issues import BESIDE_ENTRY, STAMP_CODES, Issue, verdicts_for
from review.names import candidate_of, list_of_party
from review.settle import WITHDRAWAL, Standing, resolve

COMMITTEE_VERDICTS = frozenset({Verdict.REJECT, Verdict.APPROVE, Verdict.TURN_INTO_BLANK})
WHOLE_SHEET_VERDICTS = frozenset({Verdict.ENTER, Verdict.PROPOSE_REJECTION, Verdict.PROPOSE_WITHDRAWAL})

BALLOT_ID = "ballot_id"
"""Under this a sheet's ballot id can be given though it was not in doubt."""

_ASKED_AFTER_DECISION = STAMP_CODES | {DoubtCode.DUPLICATE_BALLOT}
_ENDED = frozenset({SheetState.REJECTED, SheetState.SETTLED, SheetState.WITHDRAWN})
_LASTING = frozenset({Verdict.REJECT, Verdict.WITHDRAW})
"""What holds whatever else is decided, also while a sheet is asked about as another one's twin."""

_REMEDY = "Nothing was stored. Look at the sheet again: valgskann review show DIR SHEET"


def check_ruling(case: SheetCase, ruling: Ruling, election: Election) -> None:
    """Refuses a ruling that may not be made on a sheet as it stands.

    Raises:
        UsageError: Says what is wrong and what can be ruled instead.
    """
    if not ruling.by.strip():
        raise UsageError("A ruling needs the name of the person who rules.", "Give it with --by.")
    if case.reading is None:
        raise UsageError(f"Sheet {case.sheet.id} has not been read yet.", "Run the scan to its end first.")
    found = resolve(case, election)
    if ruling.verdict is Verdict.REOPEN:
        _check_reopen(case, ruling, found)
    elif ruling.issue.startswith(f"{COMMITTEE_DECISION}/"):
        _check_committee(case, ruling, found)
    else:
        _check_reviewer(case, case.reading.reading, ruling, found, election)


def _check_reopen(case: SheetCase, ruling: Ruling, found: Standing) -> None:
    said = in_force(case)
    before = said.whole if ruling.issue == WHOLE_SHEET else standing(case.rulings).get(ruling.issue)
    if before is None:
        raise _refused(ruling, f"no ruling on {ruling.issue} is in force")
    decided = before.role is Role.COMMITTEE or not may_reopen(before, said, found)
    if decided and ruling.role is not Role.COMMITTEE:
        raise _refused(ruling, "only the electoral committee takes back what it has decided")


def is_closed(said: InForce, found: Standing) -> bool:
    """Whether a decision of the committee is in force that ends the sheet, or lets it count.

    A sheet that counts by such a decision is closed also while it is asked about as another one's twin.
    """
    by_committee = bool(_decisions(said))
    ends = said.decision is not None and said.decision.role is Role.COMMITTEE
    only_twins = bool(found.open) and all(i.code is DoubtCode.DUPLICATE_BALLOT for i in found.open)
    return ends or (by_committee and (found.state in _ENDED or only_twins))


def may_reopen(ruling: Ruling, said: InForce, found: Standing) -> bool:
    """Whether a reviewer may take a ruling back: the committee has not decided since it was made."""
    return not is_closed(said, found) or ruling.number > max(made.number for made in _decisions(said))


def _decisions(said: InForce) -> list[Ruling]:
    return [made for made in said.answers.values() if made.role is Role.COMMITTEE]


def _check_committee(case: SheetCase, ruling: Ruling, found: Standing) -> None:
    if ruling.role is not Role.COMMITTEE:
        raise _refused(ruling, "only the electoral committee decides on a proposal; a reviewer proposes")
    proposal = next((p for p in found.proposals if p.issue == ruling.issue), None)
    if proposal is None:
        raise _refused(ruling, f"nothing is proposed under {ruling.issue}")
    decided = in_force(case).decision
    ends = decided is not None and (decided.verdict in _LASTING or found.state in _ENDED)
    if decided is not None and decided.issue != ruling.issue and ends:
        raise _refused(ruling, f"{decided.issue} {decided.verdict.value} is in force; reopen that first")
    if ruling.verdict is Verdict.WITHDRAW:
        if proposal.reason != WITHDRAWAL:
            raise _refused(ruling, "a rejection is proposed, no withdrawal")
        if not ruling.reason.strip():
            raise _refused(ruling, "a withdrawal needs a reason in words")
        if case.withdrawn_duplicates:
            others = ", ".join(case.withdrawn_duplicates)
            raise _refused(ruling, f"sheet {others} was withdrawn because this one counts; reopen that first")
    elif ruling.verdict not in COMMITTEE_VERDICTS:
        raise _refused(ruling, "the committee rejects, approves, turns into blank or withdraws")
    elif ruling.verdict is Verdict.APPROVE and proposal.final_only:
        raise _refused(
            ruling, "no list would get the ballot; have it entered by hand for the right list first"
        )
    _check_value(ruling, None)


def _check_reviewer(
    case: SheetCase, reading: Reading, ruling: Ruling, found: Standing, election: Election
) -> None:
    if ruling.role is not Role.REVIEWER:
        raise _refused(ruling, "the committee decides on proposals only; rule as a reviewer")
    if ruling.verdict in COMMITTEE_VERDICTS:
        raise _refused(
            ruling, "only the electoral committee decides this; propose it: sheet propose_rejection a|b|c|d"
        )
    said = in_force(case)
    if is_closed(said, found):
        asked = {issue.key for issue in found.open if issue.code in _ASKED_AFTER_DECISION}
        if ruling.issue not in asked:
            raise _refused(ruling, "the electoral committee has decided on this sheet")
    if found.state is SheetState.WITHDRAWN and twin_of(ruling.issue) is None and ruling.issue != BALLOT_ID:
        raise _refused(ruling, "the sheet is withdrawn; reopen that first")
    if ruling.issue == WHOLE_SHEET:
        allowed: tuple[Verdict, ...] = tuple(WHOLE_SHEET_VERDICTS)
    else:
        issue = next((i for i in found.issues if i.key == ruling.issue), None)
        if issue is None and ruling.issue == BALLOT_ID:
            allowed = (Verdict.BALLOT_ID,)
        elif issue is None:
            known = ", ".join(i.key for i in found.issues) or "none"
            raise _refused(ruling, f"there is no such doubt (doubts: {known})")
        else:
            allowed = verdicts_for(issue, reading, election)
            _check_pair(case, ruling, issue, is_closed(said, found))
        _check_beside(said, ruling, issue)
    if ruling.verdict not in allowed:
        choices = (
            ", ".join(sorted(allowed)) or "nothing; enter the whole sheet by hand or propose a rejection"
        )
        raise _refused(ruling, f"what can be ruled on it is: {choices}")
    if ruling.verdict is Verdict.ENTER:
        check_entry(election, entry_from_text(ruling.value))
    else:
        own = election.list_by_id(reading.list_id or "")
        _check_value(ruling, election, own.candidates if own else ())


def _check_pair(case: SheetCase, ruling: Ruling, issue: Issue, closed: bool) -> None:
    """Two pictures of one ballot: one of them must remain, and what the committee has decided of it."""
    if ruling.verdict is not Verdict.WITHDRAW:
        return
    other = issue.other_sheet
    if other in case.withdrawn_duplicates:
        raise _refused(ruling, f"sheet {other} is withdrawn already; withdrawing both loses a ballot")
    if other not in case.duplicates:
        raise _refused(ruling, f"sheet {other} does not stand for this ballot any more")
    if closed:
        raise _refused(
            ruling,
            f"the electoral committee has decided on this sheet; withdraw sheet {other}, or, where it has "
            "decided on that one too, have it take one decision back (review decide … reopen)",
        )


def check_twin(other: SheetCase, ruling: Ruling) -> None:
    """Refuses to withdraw a sheet as a picture of one that the committee has withdrawn: neither would count.

    Args:
        other: The sheet that the ruling says is the same ballot.

    Raises:
        UsageError: Says what can be ruled instead.
    """
    decided = in_force(other).decision
    if decided is not None and decided.verdict is Verdict.WITHDRAW and decided.role is Role.COMMITTEE:
        raise _refused(
            ruling,
            f"the electoral committee has withdrawn sheet {other.sheet.id} ({decided.reason}), so neither "
            "would count. Rule keep if this is the picture that counts; if the paper is no ballot, propose "
            "the withdrawal of this sheet too",
        )


def _check_beside(said: InForce, ruling: Ruling, issue: Issue | None) -> None:
    """An answer to a doubt changes nothing while the whole sheet is entered by hand."""
    if said.entered is not None and issue is not None and issue.code not in BESIDE_ENTRY:
        raise _refused(
            ruling, f"{said.entered.by} entered the whole sheet by hand; enter it again, or reopen that first"
        )


def _check_value(ruling: Ruling, election: Election | None, own: tuple[Candidate, ...] = ()) -> None:
    wrong = _wrong_value(ruling, election, {c.number for c in own})
    if wrong:
        raise _refused(ruling, wrong)


def _wrong_value(ruling: Ruling, election: Election | None, own: set[int]) -> str:
    value, words = ruling.value, ruling.value.split()
    match ruling.verdict:
        case Verdict.REJECT | Verdict.PROPOSE_REJECTION:
            reasons = [r.value for r in RejectionReason]
            return (
                "" if value in reasons else f"the reason must be one of {', '.join(reasons)}, not {value!r}"
            )
        case Verdict.PROPOSE_WITHDRAWAL:
            return "" if ruling.reason.strip() else "a proposed withdrawal needs a reason in words"
        case Verdict.BALLOT_ID:
            is_id = value.isascii() and value.isdecimal() and len(value) == 8
            return "" if is_id else "a ballot id has 8 digits"
        case Verdict.CANDIDATE | Verdict.WRITE_IN if election is not None:
            one = ruling.verdict is Verdict.CANDIDATE
            unknown = [w for w in words if candidate_of(election, w) is None]
            if not words or unknown or (one and len(words) != 1):
                return f"{value!r} is not {'a candidate' if one else 'candidates'} as <list>:<number>"
            return ""
        case Verdict.MARK_FOR:
            known = {str(number) for number in own}
            return (
                "" if words and set(words) <= known else f"{value!r} are not candidates of the ballot's list"
            )
        case Verdict.PARTY if election is not None:
            return "" if _is_party(value, election) else f"{value!r} is no party on the ballot and no list"
        case Verdict.CHOICE if election is not None:
            known = {str(c.number) for c in election.mayor_candidates}
            fine = len(words) in (1, 2) and set(words) <= known
            return "" if fine else f"{value!r} is not one or two candidates by number"
        case _:
            return f"{ruling.verdict.value} takes no value, but {value!r} was given" if value else ""


def _is_party(value: str, election: Election) -> bool:
    printed = any(value in style.parties for style in election.ballots)
    return printed or list_of_party(election, value) is not None


def _refused(ruling: Ruling, why: str) -> UsageError:
    what = f"«{ruling.verdict.value}» on {ruling.issue} of sheet {ruling.sheet_id}"
    return UsageError(f"{what} is not possible: {why}.", _REMEDY)
