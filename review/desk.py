"""The desk: which sheets wait for a person, and the way a ruling takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ballot.box import BallotBox, SheetCase
from ballot.election import Election
from ballot.errors import StationError, UsageError
from ballot.reading import DoubtCode
from ballot.ruling import WHOLE_SHEET, Role, Ruling, SheetState, Verdict, twin_of
from review.may_rule import BALLOT_ID, check_ruling, check_twin
from review.settle import Standing, resolve
from store.station_store import StationStore


class StaleError(StationError):
    """Somebody else has ruled on the sheet since it was looked at, or it was read again."""


@dataclass(frozen=True, slots=True)
class DeskEntry:
    """A sheet and where it stands."""

    case: SheetCase
    standing: Standing


@dataclass(frozen=True, slots=True)
class BoxProgress:
    """How far a box has come: its sheets by state, every sheet in exactly one."""

    box: BallotBox
    states: Counter[SheetState]

    @property
    def sheets(self) -> int:
        """All sheets of the box."""
        return self.states.total()


class Desk:
    """What people do at a station, over the store."""

    def __init__(self, store: StationStore, election: Election) -> None:
        self.store = store
        self.election = election
        self._known: dict[str, DeskEntry] = {}

    def entries(
        self,
        states: Iterable[SheetState] | None = None,
        box: int | None = None,
        code: DoubtCode | None = None,
    ) -> tuple[DeskEntry, ...]:
        """Sheets in scanning order, those in some states only, with some open doubt only."""
        wanted = None if states is None else frozenset(states)
        found = (self._entry(case) for case in self.store.cases(box))
        return tuple(
            entry
            for entry in found
            if (wanted is None or entry.standing.state in wanted)
            and (code is None or any(issue.code is code for issue in entry.standing.open))
        )

    def progress(self) -> tuple[BoxProgress, ...]:
        """Every box with its sheets by state, empty boxes too."""
        found = {box.number: BoxProgress(box, Counter()) for box in self.store.boxes()}
        for entry in self.entries():
            box = entry.case.box
            found.setdefault(box.number, BoxProgress(box, Counter())).states[entry.standing.state] += 1
        return tuple(found[number] for number in sorted(found))

    def look(self, sheet_id: str) -> DeskEntry:
        """One sheet with everything measured on it.

        Raises:
            StationError: There is no such sheet.
        """
        case = self.store.case(sheet_id)
        return DeskEntry(case, resolve(case, self.election))

    def rule(
        self,
        sheet_id: str,
        issue: str,
        verdict: Verdict,
        value: str = "",
        *,
        by: str,
        role: Role = Role.REVIEWER,
        reason: str = "",
        seen: int | None = None,
        read: int | None = None,
    ) -> Ruling:
        """Adds a ruling, superseding the one in force on the same issue.

        Args:
            issue: Key of the doubt, or its number as drawn on the picture, or `WHOLE_SHEET`,
                or the key of a proposal.
            seen: Number of the last ruling on the sheet that the person saw, when known.
            read: Number of the reading that the person saw, when known.

        Raises:
            UsageError: The ruling may not be made; says why and what may.
            StaleError: `seen` is not the last ruling any more, or the sheet was read again.
            StationError: Someone else has ruled on the sheet since it was looked at.
        """
        ruling = self._ruling(sheet_id, issue, verdict, value, by, role, reason)
        return self.store.add_ruling(ruling, self._allowed(ruling, seen, read))

    def withdraw_range(
        self, first: str, last: str, issue: str, verdict: Verdict, *, by: str, role: Role, reason: str
    ) -> list[Ruling]:
        """Withdraws, or proposes to withdraw, every sheet from one to another of a box: all, or none.

        For a batch that was scanned again. Sheets that are withdrawn already are passed over.

        Raises:
            UsageError: No withdrawal, or no range within a box; or one of the rulings may not be made.
            StationError: There is no such sheet, or somebody else has ruled on one meanwhile.
        """
        if verdict not in (Verdict.PROPOSE_WITHDRAWAL, Verdict.WITHDRAW):
            raise UsageError(
                f"«{verdict.value}» cannot be ruled on many sheets at once.", "Rule on each sheet for itself."
            )
        start, end = self.look(first).case.sheet, self.look(last).case.sheet
        if start.box != end.box or start.sequence > end.sequence:
            raise UsageError(
                f"{first} to {last} is no range of sheets of one box. Nothing was stored.",
                "Give the first and the last sheet of one box, as 3-0012 --to 3-0500.",
            )
        made = [
            _ruling_on(entry, issue, verdict, "", by, role, reason)
            for entry in self.entries(box=start.box)
            if start.sequence <= entry.case.sheet.sequence <= end.sequence
            and entry.standing.state is not SheetState.WITHDRAWN
        ]
        if not made:
            raise UsageError(f"All sheets from {first} to {last} are withdrawn already.", "Nothing to do.")
        return self.store.add_rulings([(ruling, self._allowed(ruling, None)) for ruling in made])

    def enter(
        self,
        sheet_id: str,
        entry: str,
        ballot_id: str | None,
        *,
        by: str,
        seen: int | None = None,
        read: int | None = None,
    ) -> Ruling:
        """Adds a sheet entered by hand, and its ballot id where it can be read: both or neither.

        Args:
            entry: As `review.hand_entry.entry_to_text` writes it.

        Raises:
            As `rule`.
        """
        entered = self._ruling(sheet_id, WHOLE_SHEET, Verdict.ENTER, entry, by, Role.REVIEWER, "")
        made = [(entered, self._allowed(entered, seen if ballot_id is None else None, read))]
        if ballot_id is not None:
            given = self._ruling(sheet_id, BALLOT_ID, Verdict.BALLOT_ID, ballot_id, by, Role.REVIEWER, "")
            made.insert(0, (given, self._allowed(given, seen, read)))
        return self.store.add_rulings(made)[-1]

    def _ruling(
        self, sheet_id: str, issue: str, verdict: Verdict, value: str, by: str, role: Role, reason: str
    ) -> Ruling:
        """A ruling as it is offered to the store."""
        return _ruling_on(self.look(sheet_id), issue, verdict, value, by, role, reason)

    def _allowed(
        self, ruling: Ruling, seen: int | None, read: int | None = None
    ) -> Callable[[SheetCase], None]:
        def check(case: SheetCase) -> None:
            for known in {ruling.reading, ruling.reading if read is None else read}:
                _check_read(case, known)
            _check_seen(case, seen)
            check_ruling(case, ruling, self.election)
            other = twin_of(ruling.issue)
            if ruling.verdict is Verdict.WITHDRAW and other is not None:
                check_twin(self.store.case(other), ruling)

        return check

    def _entry(self, case: SheetCase) -> DeskEntry:
        """Resolves a case, or remembers it: nothing it depends on has changed."""
        known = self._known.get(case.sheet.id)
        if known is None or known.case != case:
            known = self._known[case.sheet.id] = DeskEntry(case, resolve(case, self.election))
        return known


def _ruling_on(
    entry: DeskEntry, issue: str, verdict: Verdict, value: str, by: str, role: Role, reason: str
) -> Ruling:
    case = entry.case
    if case.reading is None:
        raise UsageError(f"Sheet {case.sheet.id} has not been read yet.", "Run the scan to its end first.")
    key = _issue_key(entry, issue)
    return Ruling(
        number=0,
        sheet_id=case.sheet.id,
        reading=case.reading.number,
        issue=key,
        verdict=verdict,
        value=value.strip(),
        by=by.strip(),
        role=role,
        at="",
        reason=reason.strip(),
        supersedes=max((r.number for r in case.rulings if r.issue == key), default=None),
    )


def _check_read(case: SheetCase, seen: int) -> None:
    """A new reading may doubt what the person was not asked about."""
    if case.reading is not None and seen != case.reading.number:
        raise StaleError(
            f"Sheet {case.sheet.id} was read again since you opened it.",
            "Your ruling was not stored. Look at the sheet again.",
        )


def _check_seen(case: SheetCase, seen: int | None) -> None:
    last = max((r.number for r in case.rulings), default=0)
    if seen is not None and seen != last:
        raise StaleError(
            f"Someone else has ruled on sheet {case.sheet.id} since you opened it.",
            "Your ruling was not stored. Look at the sheet again.",
        )


def _issue_key(entry: DeskEntry, issue: str) -> str:
    """The key of a doubt named by its number, unless that may have come to mean another doubt.

    The sheets that a sheet repeats, or was withdrawn for, are numbered after the reading's own doubts; of
    several, one that is withdrawn meanwhile leaves its number to the next.
    """
    if not issue.isdecimal():
        return issue
    case, issues = entry.case, entry.standing.issues
    known = ", ".join(f"{i.number} {i.key}" for i in issues) or "none"
    found = next((i for i in issues if i.number == int(issue)), None)
    if found is None:
        raise UsageError(f"Sheet {case.sheet.id} has no doubt number {issue}.", f"Its doubts: {known}.")
    own = 0 if case.reading is None else len(case.reading.reading.doubts)
    named = {i.other_sheet for i in issues if i.other_sheet is not None}
    if found.number > own and len({*case.duplicates, *case.withdrawn_duplicates, *named}) > 1:
        raise UsageError(
            f"Number {issue} of sheet {case.sheet.id} may have become another doubt since you looked.",
            f"Nothing was stored. Give the key: {known}.",
        )
    return found.key
