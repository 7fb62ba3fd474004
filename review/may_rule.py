"""Whether a ruling may be made: by whom, on what, with which value. Refuses before anything is stored."""

from __future__ import annotations

from ballot.box import SheetCase
from ballot.election import Candidate, Election
from ballot.errors import UsageError
from ballot.reading import Reading
from ballot.record import RejectionReason
from ballot.ruling import COMMITTEE_DECISION, WHOLE_SHEET, Role, Ruling, SheetState, Verdict
from review.hand_entry import check_entry, entry_from_text
from review.issues import Issue, verdicts_for
from review.names import candidate_of, list_of_party
from review.settle import Standing, resolve

COMMITTEE_VERDICTS = frozenset({Verdict.REJECT, Verdict.APPROVE, Verdict.TURN_INTO_BLANK})
WHOLE_SHEET_VERDICTS = frozenset({Verdict.ENTER, Verdict.PROPOSE_REJECTION, Verdict.PROPOSE_WITHDRAWAL})

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
    if ruling.supersedes is None:
        raise _refused(ruling, f"nothing has been ruled on {ruling.issue}")
    before = next(r for r in case.rulings if r.number == ruling.supersedes)
    by_committee = before.role is Role.COMMITTEE or found.state is SheetState.REJECTED
    if by_committee and ruling.role is not Role.COMMITTEE:
        raise _refused(ruling, "only the electoral committee takes back what it has decided")


def _check_committee(case: SheetCase, ruling: Ruling, found: Standing) -> None:
    if ruling.role is not Role.COMMITTEE:
        raise _refused(ruling, "only the electoral committee decides on a proposal; a reviewer proposes")
    proposal = next((p for p in found.proposals if p.issue == ruling.issue), None)
    if proposal is None:
        raise _refused(ruling, f"nothing is proposed under {ruling.issue}")
    if ruling.verdict is Verdict.WITHDRAW:
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
    if any(r.role is Role.COMMITTEE for r in case.rulings) and found.state in (
        SheetState.REJECTED,
        SheetState.SETTLED,
        SheetState.WITHDRAWN,
    ):
        raise _refused(ruling, "the electoral committee has decided on this sheet")
    if ruling.issue == WHOLE_SHEET:
        allowed: tuple[Verdict, ...] = tuple(WHOLE_SHEET_VERDICTS)
    else:
        issue = next((i for i in found.issues if i.key == ruling.issue), None)
        if issue is None and ruling.issue == "ballot_id":
            allowed = (Verdict.BALLOT_ID,)
        elif issue is None:
            known = ", ".join(i.key for i in found.issues) or "none"
            raise _refused(ruling, f"there is no such doubt (doubts: {known})")
        else:
            allowed = verdicts_for(issue, reading, election)
            _check_pair(case, ruling, issue)
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


def _check_pair(case: SheetCase, ruling: Ruling, issue: Issue) -> None:
    """Two pictures of one ballot: one of them must remain."""
    if ruling.verdict is Verdict.WITHDRAW and issue.other_sheet not in case.duplicates:
        raise _refused(
            ruling, f"sheet {issue.other_sheet} is withdrawn already; withdrawing both loses a ballot"
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
            return "" if value.isdecimal() and len(value) == 8 else "a ballot id has 8 digits"
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
