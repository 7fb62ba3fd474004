"""What on a sheet waits for a person, under a key that a ruling can refer to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ballot.election import Election
from ballot.layout import PageSide
from ballot.reading import Doubt, DoubtCode, Reading, SheetKind
from ballot.ruling import Verdict

MARK_CODES = frozenset({DoubtCode.MARK_UNCERTAIN, DoubtCode.MARK_TAKEN_BACK})
STAMP_CODES = frozenset({DoubtCode.STAMP_MISSING, DoubtCode.STAMP_UNCERTAIN})
ROW_CODES = frozenset({DoubtCode.WRITE_IN_UNCERTAIN, DoubtCode.WRITE_IN_UNKNOWN})
PARTY_CODES = MARK_CODES | ROW_CODES | {DoubtCode.PARTY_UNCLEAR}
BESIDE_ENTRY = frozenset(
    {DoubtCode.DUPLICATE_BALLOT, DoubtCode.WRITE_IN_TOO_MANY, DoubtCode.BALLOT_ID_UNCERTAIN}
)
"""What can be ruled on though the whole sheet was entered by hand; the entry answers all else."""
CHOICE_CODES = MARK_CODES | ROW_CODES | {DoubtCode.CHOICE_UNCLEAR}


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing to rule on.

    Attributes:
        key: Names it within the sheet's reading; the same for as long as the reading stands.
        number: As drawn on the picture, from 1.
        other_sheet: The sheet that this one seems to repeat.
    """

    key: str
    number: int
    doubt: Doubt
    other_sheet: str | None = None

    @property
    def code(self) -> DoubtCode:
        """The doubt's code."""
        return self.doubt.code


def issues_of(
    reading: Reading,
    duplicates: Sequence[str],
    derived: Sequence[Doubt] = (),
    parted: Sequence[str] = (),
) -> tuple[Issue, ...]:
    """The doubts of a reading, the sheets it repeats, and doubts that follow from rulings.

    A key is the code with what it is about (``mark_uncertain/7``, ``duplicate_ballot/3-0007``);
    a second doubt of the same code about the same thing gets ``#2``. Duplicates that the reader
    itself reports keep their plain code.

    Args:
        parted: Sheets that this one was withdrawn as a picture of, and that it repeats no more.
    """
    keys: Counter[str] = Counter()
    found: list[Issue] = []

    def add(doubt: Doubt, about: object, other_sheet: str | None = None) -> None:
        key = doubt.code.value if about is None else f"{doubt.code.value}/{about}"
        keys[key] += 1
        key = key if keys[key] == 1 else f"{key}#{keys[key]}"
        found.append(Issue(key, len(found) + 1, doubt, other_sheet))

    for doubt in reading.doubts:
        about = (doubt.candidate, doubt.row, doubt.party)
        add(doubt, next((value for value in about if value is not None), None))
    for other in duplicates:
        detail = f"Samme seddel-id, eller samme bilder, som seddel {other}."
        add(Doubt(DoubtCode.DUPLICATE_BALLOT, detail=detail), other, other)
    for other in parted:
        detail = f"Trukket som et bilde av seddel {other}, som ikke lenger står for den."
        add(Doubt(DoubtCode.DUPLICATE_BALLOT, detail=detail), other, other)
    for doubt in derived:
        add(doubt, doubt.row)
    return tuple(found)


def verdicts_for(issue: Issue, reading: Reading, election: Election) -> tuple[Verdict, ...]:
    """What a reviewer can say about an issue, most usual first.

    Empty where nothing but the whole sheet can be ruled on: entered by hand, or proposed to
    the committee.
    """
    if issue.code is DoubtCode.DUPLICATE_BALLOT:
        return (Verdict.KEEP, Verdict.WITHDRAW) if issue.other_sheet else (Verdict.KEEP,)
    if issue.code in STAMP_CODES:
        return Verdict.STAMP_PRESENT, Verdict.STAMP_MISSING
    if issue.code is DoubtCode.BALLOT_ID_UNCERTAIN:
        return Verdict.BALLOT_ID, Verdict.CONFIRM
    if issue.code is DoubtCode.WRITE_IN_TOO_MANY:
        return (Verdict.CONFIRM,)
    if reading.kind is SheetKind.UNKNOWN:
        return ()
    if issue.code in PARTY_CODES | CHOICE_CODES | {DoubtCode.INK_OUTSIDE_FIELDS}:
        return _vote_verdicts(issue, reading.kind, election.max_write_ins > 0)
    if issue.code in (DoubtCode.UNREADABLE, DoubtCode.WRONG_ELECTION):
        return ()
    if reading.kind is SheetKind.LIST and election.list_by_id(reading.list_id or "") is None:
        return ()
    return (Verdict.CONFIRM,) if _inside_was_read(reading) else ()


def _vote_verdicts(issue: Issue, kind: SheetKind, write_ins_allowed: bool) -> tuple[Verdict, ...]:
    outside = issue.code is DoubtCode.INK_OUTSIDE_FIELDS
    nothing = (Verdict.NO_EFFECT,) if outside else ()
    if kind is SheetKind.PARTY:
        return *nothing, Verdict.PARTY, Verdict.BLANK_VOTE
    if kind is SheetKind.MAYOR:
        return *nothing, Verdict.CHOICE
    if kind is SheetKind.BLANK:
        return nothing
    if outside:
        written = (Verdict.WRITE_IN,) if write_ins_allowed else ()
        return *nothing, *written, Verdict.MARK_FOR
    if issue.code in ROW_CODES and issue.doubt.row is not None:
        return Verdict.CANDIDATE, Verdict.NO_CANDIDATE, Verdict.NOTHING_WRITTEN
    if issue.code in MARK_CODES and issue.doubt.candidate is not None:
        return Verdict.MARKED, Verdict.EMPTY
    return ()


def _inside_was_read(reading: Reading) -> bool:
    """Whether there is a reading of the boxes that a person could confirm."""
    return any(registration.page is PageSide.INSIDE for registration in reading.registrations)
