"""The votes on a sheet: as the machine read them with rulings laid over, or as a person entered them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ballot.election import BallotKind, Election
from ballot.reading import Doubt, DoubtCode, Reading, SheetKind
from ballot.ruling import HandEntry, Ruling, Verdict
from review.issues import ROW_CODES, Issue
from review.names import candidate_of, list_of_party
from tally.count import valid_write_ins


@dataclass(frozen=True, slots=True)
class Votes:
    """What a sheet votes for, by the rules.

    Attributes:
        written: The write-ins in written order, before the rules.
        no_list: The party voted for, where it has no list in the area (rejection d is proposed).
        unclear: What must be asked before this can count.
        notes: What the rules left out, for the log.
    """

    kind: BallotKind | None
    list_id: str | None = None
    personal: tuple[int, ...] = ()
    write_ins: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    blank: bool = False
    first_choice: int | None = None
    second_choice: int | None = None
    no_list: str = ""
    unclear: tuple[Doubt, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def countable(self) -> bool:
        """Whether the votes fall into exactly one class: a list, blank, or a choice."""
        classes = (self.list_id is not None, self.blank, self.first_choice is not None)
        return self.kind is not None and sum(classes) == 1


def votes_as_read(
    reading: Reading, issues: Iterable[Issue], ruled: Mapping[str, Ruling], election: Election
) -> Votes:
    """The reading's votes with the rulings in force laid over."""
    made = [(issue, ruled[issue.key]) for issue in issues if issue.key in ruled]
    match reading.kind:
        case SheetKind.LIST:
            return _list_votes(reading, made, election)
        case SheetKind.PARTY:
            return _party_votes(reading, ruled, election)
        case SheetKind.MAYOR:
            return _mayor_votes(reading, ruled)
        case SheetKind.BLANK:
            return Votes(BallotKind.BLANK, blank=True)
        case SheetKind.UNKNOWN:
            return Votes(None)


def votes_as_entered(entry: HandEntry, election: Election) -> Votes:
    """A hand entry's votes; the entry has been checked against the election."""
    match entry.kind:
        case SheetKind.LIST:
            votes = Votes(BallotKind.LIST, entry.list_id, tuple(sorted(set(entry.personal))))
            return _with_write_ins(votes, entry.write_ins, election)
        case SheetKind.PARTY if entry.blank:
            return Votes(BallotKind.PARTY, blank=True)
        case SheetKind.PARTY:
            return _for_party(entry.list_id, election)
        case SheetKind.MAYOR:
            return _with_choices(entry.first_choice, entry.second_choice)
        case SheetKind.BLANK:
            return Votes(BallotKind.BLANK, blank=True)
        case SheetKind.UNKNOWN:
            return Votes(None)


def _list_votes(reading: Reading, made: list[tuple[Issue, Ruling]], election: Election) -> Votes:
    if reading.list_id is None or election.list_by_id(reading.list_id) is None:
        return Votes(BallotKind.LIST)
    personal = set(reading.personal)
    rows = {w.row: w.candidate for w in reading.write_ins if not w.doubtful and w.candidate is not None}
    beside: set[int] = set()  # marks outside the boxes: that a box is empty says nothing of them
    outside = [name for _, said in made if said.verdict is Verdict.WRITE_IN for name in said.value.split()]
    # Two doubts may be about one box or row: what was said last holds.
    for issue, ruling in sorted(made, key=lambda pair: pair[1].number):
        match ruling.verdict:
            case Verdict.MARKED if issue.doubt.candidate is not None:
                personal.add(issue.doubt.candidate)
            case Verdict.EMPTY if issue.doubt.candidate is not None:
                personal.discard(issue.doubt.candidate)
            case Verdict.MARK_FOR:
                beside.update(int(number) for number in ruling.value.split())
        if issue.code in ROW_CODES and issue.doubt.row is not None:
            rows.pop(issue.doubt.row, None)
            if ruling.verdict is Verdict.CANDIDATE:
                rows[issue.doubt.row] = ruling.value
    votes = Votes(BallotKind.LIST, reading.list_id, tuple(sorted(personal | beside)))
    # Names outside the field come after those in it: the written order between them is unknown.
    return _with_write_ins(votes, [*(rows[row] for row in sorted(rows)), *outside], election)


def _with_write_ins(votes: Votes, written: Iterable[str], election: Election) -> Votes:
    """Applies the rules for slengere: own list ignored, each once, the first valid ones up to the limit."""
    written, own = tuple(written), votes.list_id or ""
    known = [name for name in written if candidate_of(election, name) is not None]
    unlimited = valid_write_ins(replace(election, max_write_ins=len(known)), own, known)
    counted = unlimited[: election.max_write_ins]
    notes = [f"{name} ignored: not a candidate" for name in written if name not in known]
    notes += [f"{name} ignored: the ballot's own list" for name in known if name.startswith(f"{own}:")]
    notes += [f"{name} counted once of {known.count(name)}" for name in counted if known.count(name) > 1]
    notes += [
        f"{name} ignored: more than {election.max_write_ins} write-ins" for name in unlimited[len(counted) :]
    ]
    unclear: tuple[Doubt, ...] = ()
    if len(unlimited) > len(counted):
        detail = f"{len(unlimited)} gyldige slengere; bare de {len(counted)} første teller."
        unclear = (Doubt(DoubtCode.WRITE_IN_TOO_MANY, detail=detail),)
    return replace(votes, write_ins=counted, written=written, unclear=unclear, notes=tuple(notes))


def _latest(ruled: Mapping[str, Ruling], *verdicts: Verdict) -> Ruling | None:
    """The last of the rulings in force with one of these verdicts."""
    found = [ruling for ruling in ruled.values() if ruling.verdict in verdicts]
    return max(found, key=lambda ruling: ruling.number, default=None)


def _party_votes(reading: Reading, ruled: Mapping[str, Ruling], election: Election) -> Votes:
    ruling = _latest(ruled, Verdict.PARTY, Verdict.BLANK_VOTE)
    if ruling is not None:
        if ruling.verdict is Verdict.BLANK_VOTE:
            return Votes(BallotKind.PARTY, blank=True)
        return _for_party(ruling.value, election)
    if reading.party is None and reading.list_id is None:
        detail = "Ingen eller flere kryss ved partiene."
        return Votes(BallotKind.PARTY, unclear=(Doubt(DoubtCode.PARTY_UNCLEAR, detail=detail),))
    if reading.party is not None and reading.party.casefold() == "blank":
        return Votes(BallotKind.PARTY, blank=True)
    return _for_party(reading.party or reading.list_id, election)


def _for_party(party: str | None, election: Election) -> Votes:
    list_id = None if party is None else list_of_party(election, party)
    return Votes(BallotKind.PARTY, list_id, no_list="" if list_id is not None else party or "")


def _mayor_votes(reading: Reading, ruled: Mapping[str, Ruling]) -> Votes:
    ruling = _latest(ruled, Verdict.CHOICE)
    if ruling is not None:
        first, *rest = (int(number) for number in ruling.value.split())
        return _with_choices(first, rest[0] if rest else None)
    if reading.choices is None or reading.choices.first is None:
        detail = "Ingen eller flere kryss for førstevalg."
        return Votes(BallotKind.MAYOR, unclear=(Doubt(DoubtCode.CHOICE_UNCLEAR, detail=detail),))
    return _with_choices(reading.choices.first, reading.choices.second)


def _with_choices(first: int | None, second: int | None) -> Votes:
    """A second choice equal to the first says nothing and is left out (policy)."""
    notes = ("second choice ignored: same as the first",) if first is not None and first == second else ()
    return Votes(
        BallotKind.MAYOR, first_choice=first, second_choice=None if first == second else second, notes=notes
    )
