"""The reviewers' verbs: ``valgskann review list``, ``show``, ``rule``, ``enter`` and ``decide``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ballot.errors import UsageError
from ballot.reading import DoubtCode, ScanSide, SheetKind
from ballot.reading_json import doubt_to_json, reading_to_json
from ballot.ruling import OPEN_STATES, WHOLE_SHEET, HandEntry, Role, Ruling, SheetState, Verdict
from station.commands.common import Dir, Json, Person, person_named, say, writing_into

if TYPE_CHECKING:
    from review.desk import Desk, DeskEntry

review_app = typer.Typer(help="What waits for people: list it, look at it, rule on it.", no_args_is_help=True)

_DECISIONS = (Verdict.REJECT, Verdict.APPROVE, Verdict.TURN_INTO_BLANK, Verdict.WITHDRAW, Verdict.REOPEN)
"""What the committee can decide, as the help lists it."""
_RULINGS = tuple(
    verdict
    for verdict in Verdict
    if verdict not in (Verdict.REJECT, Verdict.APPROVE, Verdict.TURN_INTO_BLANK, Verdict.ENTER)
)
"""What a reviewer can rule, as the help lists it. Whole sheets are entered with ``review enter``."""

Sheet = Annotated[str, typer.Argument(metavar="SHEET", help="A sheet, for example 3-0012.")]
Seen = Annotated[
    int | None,
    typer.Option(help="Number of the sheet's last ruling that you saw: with a later one nothing is stored."),
]
Read = Annotated[
    int | None,
    typer.Option(help="Number of the reading that you saw: when the sheet was read again nothing is stored."),
]
UpTo = Annotated[
    str | None,
    typer.Option(
        "--to", metavar="SHEET", help="Also on every sheet of the box up to this one; for withdrawals only."
    ),
]


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a person saw of a sheet before ruling: its last ruling and its reading, where known."""

    seen: int | None = None
    read: int | None = None


def register(app: typer.Typer) -> None:
    """Adds the verbs to the program."""
    app.add_typer(review_app, name="review")


@review_app.command("list")
def list_sheets(
    folder: Dir,
    box: Annotated[int | None, typer.Option(help="Only this box.")] = None,
    code: Annotated[DoubtCode | None, typer.Option(help="Only sheets with this open doubt.")] = None,
    state: Annotated[
        SheetState | None, typer.Option(help="Only sheets in this state; without it all that wait.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Lists the sheets that wait for a person, with what is open on each."""
    from review.desk import Desk
    from station.station_folder import open_station

    with open_station(folder) as station:
        states = OPEN_STATES if state is None else {state}
        found = Desk(station.store, station.election).entries(states, box, code)
    answer = [
        {
            "sheet": entry.case.sheet.id,
            "box": entry.case.box.number,
            "state": entry.standing.state.value,
            "open": [issue.key for issue in entry.standing.open],
            "proposals": [proposal.issue for proposal in entry.standing.proposals],
            "front": entry.case.sheet.front.name,
        }
        for entry in found
    ]
    lines = [
        f"{a['sheet']:<9} {a['state']:<18} {', '.join([*a['open'], *a['proposals']])}"  # type: ignore[misc]
        for a in answer
    ]
    say(as_json, answer, "\n".join([*lines, f"{len(answer)} sheets."]))


@review_app.command("show")
def show(
    folder: Dir,
    sheet: Sheet,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for the pictures (PNG, both sides).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Shows what was read, doubted and ruled; with -o also writes the pictures, doubts outlined."""
    from review.desk import Desk
    from review.issues import verdicts_for
    from station.station_folder import open_station

    with open_station(folder) as station:
        desk = Desk(station.store, station.election)
        entry = desk.look(sheet)
        pictures = [] if output is None else _write_pictures(desk, entry, output)
    stored = entry.case.reading
    reading = None if stored is None else stored.reading
    answer: dict[str, Any] = {
        "sheet": sheet,
        "box": entry.case.box.number,
        "state": entry.standing.state.value,
        "reading": None if reading is None else reading_to_json(reading),
        "reading_number": None if stored is None else stored.number,
        "issues": [
            {
                "number": issue.number,
                "key": issue.key,
                "open": issue in entry.standing.open,
                "doubt": doubt_to_json(issue.doubt),
                "verdicts": [v.value for v in verdicts_for(issue, reading, station.election)]
                if reading
                else [],
            }
            for issue in entry.standing.issues
        ],
        "proposals": [{"issue": p.issue, "why": p.why} for p in entry.standing.proposals],
        "rulings": [_ruling_json(ruling) for ruling in entry.case.rulings],
        "notes": list(entry.standing.notes),
        "pictures": [str(path) for path in pictures],
    }
    say(as_json, answer, _show_text(answer))


def _show_text(answer: dict[str, Any]) -> str:
    lines = [f"Sheet {answer['sheet']} in box {answer['box']}: {answer['state']}"]
    if answer["reading"] is not None:
        read = answer["reading"]
        votes = ", ".join(map(str, read["personal"])) or "none"
        lines.append(
            f"  read ({answer['reading_number']}): {read['kind']} {read['list'] or ''}, stamp {read['stamp']}"
            f", personal votes {votes}"
        )
        lines += [
            f"  write-in row {w['row']}: {w['text']!r} {w['candidate'] or ''}" for w in read["write_ins"]
        ]
    for issue in answer["issues"]:
        mark = "?" if issue["open"] else "ruled"
        lines.append(
            f"  [{issue['number']}] {issue['key']} ({mark}) {issue['doubt'].get('detail', '')}".rstrip()
        )
        lines.append(f"      can be ruled: {', '.join(issue['verdicts']) or 'only the whole sheet'}")
    lines += [f"  proposed: {p['issue']} {p['why']}" for p in answer["proposals"]]
    lines += [
        f"  ruling {r['number']}: {r['issue']} {r['verdict']} {r['value']} by {r['by']}"
        for r in answer["rulings"]
    ]
    lines += [f"  note: {note}" for note in answer["notes"]]
    lines += [f"  picture: {path}" for path in answer["pictures"]]
    return "\n".join(lines)


def _write_pictures(desk: Desk, entry: DeskEntry, output: Path) -> list[Path]:
    from review import pictures

    written = []
    sheet = entry.case.sheet
    for side, page in ((ScanSide.FRONT, sheet.front), (ScanSide.BACK, sheet.back)):
        pixels = None if page is None else pictures.decode(desk.store.vault.get(page.sha256))
        if pixels is None:
            continue
        reading = entry.case.reading.reading if entry.case.reading else None
        way = pictures.upright(pixels, pictures.registration_of(reading, side) if reading else None)
        fields = pictures.outlines(reading, entry.standing.issues, side, way) if reading else ()
        path = output / f"{sheet.id}-{side.value}.png"
        picture = pictures.to_png(pictures.drawn(pixels, way, fields))
        with writing_into(output):
            output.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture)
        written.append(path)
    return written


@review_app.command("rule")
def rule(
    folder: Dir,
    sheet: Sheet,
    doubt: Annotated[str, typer.Argument(metavar="DOUBT", help="Number or key of the doubt, or «sheet».")],
    verdict: Annotated[
        str,
        typer.Argument(
            metavar="VERDICT", help=f"{', '.join(_RULINGS)}; «review show» says which of them a doubt takes."
        ),
    ],
    value: Annotated[str, typer.Argument(help="For example SP:4, 7, a; depends on the verdict.")] = "",
    reason: Annotated[str, typer.Option(help="Why, in words; propose_withdrawal needs it.")] = "",
    up_to: UpTo = None,
    seen: Seen = None,
    read: Read = None,
    by: Person = None,
    as_json: Json = False,
) -> None:
    """Rules on one doubt, or proposes to the committee (DOUBT «sheet», propose_rejection a|b|c|d).

    DOUBT «sheet», propose_withdrawal, needs --reason. A later ruling on the same doubt supersedes
    the earlier; both are kept. Exit codes: 0 stored; 2 not possible (says what is); 8 someone else
    ruled in the meantime.
    """
    known = _known(verdict, _RULINGS)
    if up_to is None:
        _rule(folder, sheet, doubt, known, value, Role.REVIEWER, reason, _Looked(seen, read), by, as_json)
    else:
        _check_alone(value, _Looked(seen, read))
        _withdraw(folder, (sheet, up_to), doubt, known, Role.REVIEWER, reason, by, as_json)


@review_app.command("decide")
def decide(
    folder: Dir,
    sheet: Sheet,
    proposal: Annotated[str, typer.Argument(metavar="PROPOSAL", help="As listed, for example committee/a.")],
    verdict: Annotated[
        str,
        typer.Argument(
            metavar="DECISION",
            help=f"{', '.join(_DECISIONS)} (takes back what was decided).",
        ),
    ],
    value: Annotated[str, typer.Argument(help="For reject: the reason a, b, c or d.")] = "",
    reason: Annotated[str, typer.Option(help="Why, in words; withdraw needs it.")] = "",
    up_to: UpTo = None,
    seen: Seen = None,
    read: Read = None,
    by: Person = None,
    as_json: Json = False,
) -> None:
    """Enters the electoral committee's decision on a proposal. Only the committee rejects ballots."""
    known = _known(verdict, _DECISIONS)
    if up_to is None:
        _rule(folder, sheet, proposal, known, value, Role.COMMITTEE, reason, _Looked(seen, read), by, as_json)
    else:
        _check_alone(value, _Looked(seen, read))
        _withdraw(folder, (sheet, up_to), proposal, known, Role.COMMITTEE, reason, by, as_json)


@review_app.command("enter")
def enter(
    folder: Dir,
    sheet: Sheet,
    kind: Annotated[SheetKind, typer.Option(help="The printed ballot.")],
    stamp: Annotated[bool, typer.Option("--stamp/--no-stamp", help="Whether the official stamp is there.")],
    list_id: Annotated[str | None, typer.Option("--list", help="The list voted for.")] = None,
    personal: Annotated[str, typer.Option(help="Own candidates with a personal vote, as «3 7».")] = "",
    write_ins: Annotated[str, typer.Option(help="Write-ins in written order, as «SP:4 A:2».")] = "",
    blank: Annotated[bool, typer.Option("--blank", help="A blank vote on a party ballot.")] = False,
    choices: Annotated[str, typer.Option(help="Mayor ballot: first, or first and second, as «3 5».")] = "",
    seen: Seen = None,
    read: Read = None,
    by: Person = None,
    as_json: Json = False,
) -> None:
    """Enters a whole sheet by hand, as read from the picture or the paper."""
    from review.hand_entry import entry_to_text

    numbers = [_number(word) for word in choices.split()]
    if len(numbers) > 2:
        raise UsageError("A mayor ballot has at most two choices.", "Give --choices «3» or «3 5».")
    entry = HandEntry(
        kind=kind,
        stamped=stamp,
        list_id=list_id,
        personal=tuple(_number(word) for word in personal.split()),
        write_ins=tuple(write_ins.split()),
        blank=blank,
        first_choice=numbers[0] if numbers else None,
        second_choice=numbers[1] if len(numbers) > 1 else None,
    )
    text, looked = entry_to_text(entry), _Looked(seen, read)
    _rule(folder, sheet, WHOLE_SHEET, Verdict.ENTER, text, Role.REVIEWER, "", looked, by, as_json)


def _known(word: str, usual: tuple[Verdict, ...]) -> Verdict:
    """The verdict of this name. One that is not for this verb passes: the desk says who can give it."""
    if word not in set(Verdict):
        raise UsageError(f"There is no verdict {word!r}.", f"Choose one of {', '.join(usual)}.")
    return Verdict(word)


def _rule(
    folder: Path,
    sheet: str,
    issue: str,
    verdict: Verdict,
    value: str,
    role: Role,
    reason: str,
    looked: _Looked,
    by: str | None,
    as_json: bool,
) -> None:
    from review.desk import Desk
    from station.station_folder import open_station

    with open_station(folder) as station:
        desk = Desk(station.store, station.election)
        known = {"seen": looked.seen, "read": looked.read}
        made = desk.rule(sheet, issue, verdict, value, by=person_named(by), role=role, reason=reason, **known)
        entry = desk.look(sheet)
    after = entry.standing
    before = next((ruling for ruling in entry.case.rulings if ruling.number == made.supersedes), None)
    beside = issue == WHOLE_SHEET and verdict is not Verdict.ENTER  # a proposal leaves the entry in force
    still = ", ".join(issue.key for issue in after.open)
    answer = _ruling_json(made) | {"state": after.state.value, "open": [issue.key for issue in after.open]}
    say(
        as_json,
        answer,
        f"Ruling {made.number} stored: {made.issue} {made.verdict.value} {made.value}".rstrip()
        + ("" if before is None or beside else f", instead of {before.verdict.value} by {before.by}")
        + f". Sheet {sheet}: {after.state.value}"
        + (f", still open: {still}" if still else "."),
    )


def _check_alone(value: str, looked: _Looked) -> None:
    """Refuses what is of one sheet for a range."""
    if value or looked != _Looked():
        raise UsageError(
            "A value, --seen and --read are of one sheet; with --to none can be given. Nothing was stored.",
            "Leave them out, or rule on each sheet for itself.",
        )


def _withdraw(
    folder: Path,
    sheets: tuple[str, str],
    issue: str,
    verdict: Verdict,
    role: Role,
    reason: str,
    by: str | None,
    as_json: bool,
) -> None:
    """A ruling on every sheet of a batch that was scanned again."""
    from review.desk import Desk
    from station.station_folder import open_station

    with open_station(folder) as station:
        desk = Desk(station.store, station.election)
        made = desk.withdraw_range(*sheets, issue, verdict, by=person_named(by), role=role, reason=reason)
    answer = [_ruling_json(ruling) for ruling in made]
    say(
        as_json,
        answer,
        f"{len(made)} rulings stored: {issue} {verdict.value}, from {sheets[0]} to {sheets[1]}.",
    )


def _ruling_json(ruling: Ruling) -> dict[str, Any]:
    return {
        "number": ruling.number,
        "sheet": ruling.sheet_id,
        "issue": ruling.issue,
        "verdict": ruling.verdict.value,
        "value": json.loads(ruling.value) if ruling.verdict is Verdict.ENTER else ruling.value,
        "by": ruling.by,
        "role": ruling.role.value,
        "at": ruling.at,
        "reason": ruling.reason,
        "supersedes": ruling.supersedes,
    }


def _number(word: str) -> int:
    if not word.isdecimal():
        raise UsageError(f"{word!r} is not a candidate's number.", "Give numbers, as «3 7».")
    return int(word)
