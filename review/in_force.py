"""The rulings on a sheet that are in force, and how one bears on another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ballot.box import SheetCase
from ballot.reading import DoubtCode
from ballot.ruling import WHOLE_SHEET, HandEntry, Ruling, Verdict, standing, twin_of
from review.hand_entry import entry_from_text

_PROPOSALS = frozenset({Verdict.PROPOSE_REJECTION, Verdict.PROPOSE_WITHDRAWAL})
_FINAL = frozenset({Verdict.REJECT, Verdict.WITHDRAW, Verdict.TURN_INTO_BLANK})


@dataclass(frozen=True, slots=True)
class InForce:
    """What people have said of a sheet and not taken back.

    Attributes:
        answers: By issue and proposal; nothing of the whole sheet.
        entered: The whole sheet entered by hand.
        proposed: What a reviewer proposes to the committee. It stands beside the entry, and does not
            replace it: when the committee approves the ballot, it counts as it was entered.
        parted: Sheets of which this one was withdrawn as another picture, and that stand for it no more: the
            ids part them now, or they were withdrawn as pictures of a third. That withdrawal holds no more.
    """

    answers: dict[str, Ruling]
    entered: Ruling | None
    proposed: Ruling | None
    parted: tuple[str, ...]

    @property
    def entry(self) -> HandEntry | None:
        """The votes as a person entered them."""
        return None if self.entered is None else entry_from_text(self.entered.value)

    @property
    def whole(self) -> Ruling | None:
        """The last ruling on the whole sheet: the one that a reviewer takes back first."""
        return self.proposed or self.entered

    @property
    def by_people(self) -> bool:
        """Whether anybody has ruled on the sheet."""
        return bool(self.answers) or self.whole is not None

    @property
    def decision(self) -> Ruling | None:
        """What ends a sheet whatever it votes for: withdrawn, else rejected, else turned into blank."""
        made = [ruling for ruling in self.answers.values() if ruling.verdict in _FINAL]
        order = (Verdict.WITHDRAW, Verdict.REJECT, Verdict.TURN_INTO_BLANK)
        return min(made, key=lambda ruling: order.index(ruling.verdict), default=None)


def in_force(case: SheetCase) -> InForce:
    """The rulings on a sheet that are in force."""
    answers = {key: ruling for key, ruling in standing(case.rulings).items() if key != WHOLE_SHEET}
    entered, proposed = _on_the_whole(case.rulings)
    twins = {*case.duplicates, *case.withdrawn_duplicates}
    parted = tuple(
        other
        for key, ruling in answers.items()
        if ruling.verdict is Verdict.WITHDRAW and (other := twin_of(key)) and other not in twins
    )
    for other in parted:
        del answers[f"{DoubtCode.DUPLICATE_BALLOT.value}/{other}"]
    for key, ruling in tuple(answers.items()):
        if (
            ruling.verdict is Verdict.KEEP
            and twin_of(key)
            and _ballot_id(case, ruling.number) != _ballot_id(case)
        ):
            del answers[key]  # it was said of a sheet with another id, perhaps when that parted the two
    return InForce(answers, entered, proposed, parted)


def _ballot_id(case: SheetCase, before: int | None = None) -> str | None:
    """The sheet's ballot id, now or before a ruling was made: as a person gave it last, else as read."""
    made = standing(r for r in case.rulings if before is None or r.number < before).values()
    given = [ruling for ruling in made if ruling.verdict is Verdict.BALLOT_ID]
    read = None if case.reading is None else case.reading.reading.ballot_id
    return max(given, key=lambda ruling: ruling.number).value if given else read


def _on_the_whole(rulings: Iterable[Ruling]) -> tuple[Ruling | None, Ruling | None]:
    """The entry and the proposal in force; to reopen takes back the proposal first, then the entry."""
    entered: Ruling | None = None
    proposed: Ruling | None = None
    for ruling in rulings:
        if ruling.issue != WHOLE_SHEET:
            continue
        if ruling.verdict is Verdict.ENTER:
            entered, proposed = ruling, None
        elif ruling.verdict in _PROPOSALS:
            proposed = ruling
        elif proposed is not None:
            proposed = None
        else:
            entered = None
    return entered, proposed
