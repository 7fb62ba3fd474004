"""What the sheet page shows, made ready for the template."""

from __future__ import annotations

from dataclasses import dataclass

from ballot.box import StoredPage
from ballot.election import Election
from ballot.layout import PageSide
from ballot.reading import Reading, ScanSide, SheetKind
from ballot.ruling import HandEntry, Ruling, SheetState, Verdict
from review import pictures
from review.desk import Desk, DeskEntry
from review.details import in_norwegian
from review.in_force import InForce, in_force
from review.issues import BESIDE_ENTRY, ROW_CODES, Issue, verdicts_for
from review.may_rule import is_closed, may_reopen
from review.names import candidate_of, known_parties
from review.settle import Proposal, is_decided
from review.votes import votes_as_read
from review.words import CODES, KINDS, QUESTIONS, REASONS, STATES, VERDICTS

_TYPED = {
    Verdict.CANDIDATE: "kandidater",
    Verdict.WRITE_IN: "kandidater",
    Verdict.MARK_FOR: "",
    Verdict.PARTY: "partier",
    Verdict.CHOICE: "",
    Verdict.BALLOT_ID: "",
}
"""Verdicts with a value to type, and the list of suggestions it has."""

_MOST_SUGGESTED = 5


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to an issue: a radio button, with a field to type in where it needs one."""

    value: str
    label: str
    typed: bool = False
    suggestions: str = ""


@dataclass(frozen=True, slots=True)
class IssueView:
    """An issue with its question, picture and answers."""

    issue: Issue
    title: str
    question: str
    detail: str
    open: bool
    has_crop: bool
    options: tuple[Option, ...]
    ruling: Ruling | None
    ruled: str


@dataclass(frozen=True, slots=True)
class SideView:
    """A side with what is drawn over it."""

    side: ScanSide
    title: str
    width_px: int
    height_px: int
    outlines: tuple[pictures.Outline, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class SheetView:
    """The whole page.

    Attributes:
        whole: The ruling on the whole sheet that is taken back next.
        locked: Whether the committee has decided, so that reviewers change nothing.
        reopens: Numbers of the rulings that a reviewer may take back.
        draft: What the form for entering the sheet by hand shows at first: the entry in force, else the votes
            as read and ruled.
    """

    entry: DeskEntry
    state: str
    issues: tuple[IssueView, ...]
    sides: tuple[SideView, ...]
    reading_lines: tuple[tuple[str, str], ...]
    history: tuple[tuple[Ruling, str], ...]
    proposals: tuple[Proposal, ...]
    whole: Ruling | None
    draft: HandEntry
    decisions: tuple[Ruling, ...]
    locked: bool
    reopens: frozenset[int]
    seen: int

    @property
    def sheet_id(self) -> str:
        """The sheet's id."""
        return self.entry.case.sheet.id

    @property
    def unread_rows(self) -> int:
        """Rows with a name that neither the reader nor a person has told yet."""
        return sum(view.open and view.issue.code in ROW_CODES for view in self.issues)

    @property
    def first_open(self) -> int | None:
        """Number of the first issue that waits."""
        return next((view.issue.number for view in self.issues if view.open), None)


def sheet_view(desk: Desk, sheet_id: str) -> SheetView:
    """Gathers everything the page of one sheet shows.

    Raises:
        StationError: There is no such sheet, or its pictures are damaged.
    """
    entry = desk.look(sheet_id)
    case, found = entry.case, entry.standing
    reading = None if case.reading is None else case.reading.reading
    said = in_force(case)
    issues = (
        () if reading is None else tuple(_issue(i, entry, reading, desk.election, said) for i in found.issues)
    )
    waiting = found.state is SheetState.PROPOSED_REJECTION
    return SheetView(
        entry=entry,
        state=STATES[found.state],
        issues=issues,
        sides=_sides(desk, entry, reading),
        reading_lines=() if reading is None else tuple(_reading_lines(reading, desk.election)),
        history=tuple((r, ruling_text(r, desk.election)) for r in case.rulings),
        proposals=tuple(p for p in found.proposals if not is_decided(p, said.answers)) if waiting else (),
        whole=said.whole,
        draft=_draft(reading, found.issues, said, desk.election),
        decisions=tuple(r for key, r in said.answers.items() if key.startswith("committee/")),
        locked=is_closed(said, found),
        reopens=frozenset(r.number for r in case.rulings if may_reopen(r, said, found)),
        seen=max((r.number for r in case.rulings), default=0),
    )


def _draft(
    reading: Reading | None, issues: tuple[Issue, ...], said: InForce, election: Election
) -> HandEntry:
    if said.entry is not None:
        return said.entry
    if reading is None:
        return HandEntry(SheetKind.UNKNOWN, stamped=False)
    votes = votes_as_read(reading, issues, said.answers, election)
    return HandEntry(
        reading.kind,
        stamped=False,
        list_id=votes.list_id or reading.list_id,
        personal=votes.personal,
        write_ins=votes.written,
        blank=votes.blank,
        first_choice=votes.first_choice,
        second_choice=votes.second_choice,
    )


def ruling_text(ruling: Ruling, election: Election) -> str:
    """A ruling in words."""
    label = VERDICTS[ruling.verdict].rstrip(":")
    match ruling.verdict:
        case Verdict.CANDIDATE | Verdict.WRITE_IN:
            value = ", ".join(candidate_text(election, word) for word in ruling.value.split())
        case Verdict.PROPOSE_REJECTION | Verdict.REJECT:
            value = f"{ruling.value}) {REASONS.get(ruling.value, '')}"
        case Verdict.ENTER:
            value = ""
        case _:
            value = ruling.value
    return f"{label}: {value}" if value else label


def candidate_text(election: Election, name: str) -> str:
    """A candidate as ``<list>:<number>`` with the name written out."""
    found = candidate_of(election, name)
    return name if found is None else f"{name} {found.name}"


def _issue(issue: Issue, entry: DeskEntry, reading: Reading, election: Election, said: InForce) -> IssueView:
    doubt = issue.doubt
    title = CODES[issue.code]
    own = election.list_by_id(reading.list_id or "")
    if doubt.candidate is not None:
        numbered = election.mayor_candidates if own is None else own.candidates
        name = next((c.name for c in numbered if c.number == doubt.candidate), "")
        title += f": {doubt.candidate} {name}".rstrip()
    if doubt.row is not None:
        title += f", rad {doubt.row}"
    if doubt.party is not None:
        title += f": {doubt.party}"
    if issue.other_sheet is not None:
        title += f": {issue.other_sheet}"
    placed = doubt.side is not None and pictures.registration_of(reading, doubt.side) is not None
    ruling = said.answers.get(issue.key)
    answered_by_entry = said.entered is not None and issue.code not in BESIDE_ENTRY
    return IssueView(
        issue,
        title,
        QUESTIONS[issue.code],
        in_norwegian(doubt.detail),
        issue in entry.standing.open,
        placed and doubt.box_mm is not None,
        () if answered_by_entry else _options(issue, reading, election),
        ruling,
        "" if ruling is None else ruling_text(ruling, election),
    )


def _options(issue: Issue, reading: Reading, election: Election) -> tuple[Option, ...]:
    found: list[Option] = []
    for verdict in verdicts_for(issue, reading, election):
        if verdict is Verdict.CANDIDATE:
            best = next((w.best for w in reading.write_ins if w.row == issue.doubt.row), ())
            found += [
                Option(
                    f"candidate:{b.candidate}",
                    f"{candidate_text(election, b.candidate)} ({b.confidence:.0%})",
                )
                for b in best[:_MOST_SUGGESTED]
            ]
        if verdict is Verdict.PARTY and reading.party is not None:
            found.append(Option(f"party:{reading.party}", f"{reading.party} (slik maskinen leste)"))
        typed = verdict in _TYPED
        label = "Annen kandidat:" if verdict is Verdict.CANDIDATE and found else VERDICTS[verdict]
        found.append(Option(verdict.value, label, typed, _TYPED.get(verdict, "")))
    return tuple(found)


def _sides(desk: Desk, entry: DeskEntry, reading: Reading | None) -> tuple[SideView, ...]:
    """Both sides, the inside first: there are the votes."""
    sheet = entry.case.sheet
    pages = [(ScanSide.FRONT, sheet.front)] + ([(ScanSide.BACK, sheet.back)] if sheet.back else [])
    views = [_side(desk, entry, reading, side, page) for side, page in pages]
    return tuple(sorted(views, key=lambda view: view.title.startswith("Utside")))


def _side(
    desk: Desk, entry: DeskEntry, reading: Reading | None, side: ScanSide, page: StoredPage
) -> SideView:
    registration = None if reading is None else pictures.registration_of(reading, side)
    titles = {PageSide.INSIDE: "Innside", PageSide.OUTSIDE: "Utside"}
    which = "Forside" if side is ScanSide.FRONT else "Bakside"
    title = f"{titles[registration.page]} – {page.name}" if registration else f"{which} – {page.name}"
    pixels = pictures.decode(desk.store.vault.get(page.sha256))
    if pixels is None:
        return SideView(side, title, 0, 0, (), page.problem or "Bildet kan ikke vises.")
    way = pictures.for_screen(pixels, registration)
    drawn = () if reading is None else pictures.outlines(reading, entry.standing.issues, side, way)
    return SideView(side, title, *way.shown_px, drawn, page.problem)


def _reading_lines(reading: Reading, election: Election) -> list[tuple[str, str]]:
    stamps = {"present": "finnes", "missing": "ikke funnet", "doubtful": "usikkert"}
    own = election.list_by_id(reading.list_id or "")
    lines = [("Seddel", KINDS[reading.kind.value]), ("Stempel", stamps[reading.stamp.value])]
    if own is not None:
        lines.append(("Liste", f"{own.id} {own.name}"))
        names = {c.number: c.name for c in own.candidates}
        votes = [f"{number} {names.get(number, '')}".strip() for number in reading.personal]
        lines.append(("Personstemmer", ", ".join(votes) or "ingen"))
    if reading.party is not None:
        lines.append(("Parti", reading.party))
    if reading.choices is not None:
        chosen = [str(c) for c in (reading.choices.first, reading.choices.second) if c is not None]
        lines.append(("Valg", ", ".join(chosen) or "ingen"))
    for written in reading.write_ins:
        named = candidate_text(election, written.candidate) if written.candidate else "?"
        text = f"«{written.text}» → {named}" if written.text else "skrift, ikke lest"
        if own is not None and (written.candidate or "").startswith(f"{own.id}:"):
            text += " (seddelens egen liste: teller ikke)"
        lines.append((f"Slenger, rad {written.row}", text))
    lines.append(("Seddel-id", reading.ballot_id or "ikke lest"))
    return lines


def suggestions(election: Election) -> dict[str, tuple[str, ...]]:
    """The lists of suggestions that the typed answers use."""
    candidates = [
        f"{entry.id}:{c.number} {c.name} ({entry.name})" for entry in election.lists for c in entry.candidates
    ]
    return {"kandidater": tuple(candidates), "partier": known_parties(election)}
