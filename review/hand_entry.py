"""A sheet entered by hand: from and to the text that a ruling carries, checked against the election."""

from __future__ import annotations

import json
from dataclasses import asdict

from ballot.election import Election, ElectionKind
from ballot.errors import UsageError
from ballot.journal import canonical
from ballot.reading import SheetKind
from ballot.ruling import HandEntry
from review.names import candidate_of, list_of_party


def entry_to_text(entry: HandEntry) -> str:
    """The value of a ruling `ENTER`."""
    return canonical(asdict(entry))


def entry_from_text(text: str) -> HandEntry:
    """Reads the value of a ruling `ENTER`.

    Raises:
        UsageError: It is not one.
    """
    try:
        data = json.loads(text)
        data["kind"] = SheetKind(data["kind"])
        for key in ("personal", "write_ins"):
            data[key] = tuple(data.get(key, ()))
        return HandEntry(**data)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"This is not a sheet entered by hand: {error}.", "Use «valgskann review enter» or the web page."
        ) from error


def check_entry(election: Election, entry: HandEntry) -> None:
    """Refuses an entry that names what the election does not have.

    Raises:
        UsageError: Names every mistake.
    """
    wrong = [*_wrong_kind(election, entry), *_wrong_votes(election, entry)]
    if wrong:
        raise UsageError(
            "The entry cannot stand: " + "; ".join(wrong) + ".", "Nothing was stored. Correct it."
        )


def _wrong_kind(election: Election, entry: HandEntry) -> list[str]:
    mayor = election.kind is ElectionKind.MAYOR
    choices = entry.first_choice is not None or entry.second_choice is not None
    wrong = []
    if entry.kind is SheetKind.UNKNOWN:
        wrong.append("the kind of ballot is not given")
    if mayor != (entry.kind is SheetKind.MAYOR) and entry.kind is not SheetKind.BLANK:
        wrong.append(f"a {entry.kind.value} ballot does not belong to this election")
    if choices and entry.kind is not SheetKind.MAYOR:
        wrong.append("only mayor ballots have choices")
    if entry.list_id is not None and entry.kind not in (SheetKind.LIST, SheetKind.PARTY):
        wrong.append(f"a {entry.kind.value} ballot is for no list, but {entry.list_id!r} is given")
    if entry.kind is not SheetKind.LIST and (entry.personal or entry.write_ins):
        wrong.append("only list ballots have personal votes and write-ins")
    if entry.blank and (entry.kind is not SheetKind.PARTY or entry.list_id is not None):
        wrong.append("only a party ballot without a party can be marked blank (use kind blank)")
    return wrong


def _wrong_votes(election: Election, entry: HandEntry) -> list[str]:
    wrong = []
    own = election.list_by_id(entry.list_id) if entry.list_id is not None else None
    if entry.kind is SheetKind.LIST and own is None:
        wrong.append(
            f"list {entry.list_id!r} is not in the election" if entry.list_id else "no list is given"
        )
    if entry.kind is SheetKind.PARTY and entry.list_id and list_of_party(election, entry.list_id) is None:
        wrong.append(f"{entry.list_id!r} has no list here (propose rejection d instead)")
    if own is not None:
        missing = [n for n in entry.personal if own.candidate(n) is None]
        wrong += [f"list {own.id} has no candidate {n}" for n in missing]
    wrong += [f"{w!r} is not a candidate" for w in entry.write_ins if candidate_of(election, w) is None]
    known = {c.number for c in election.mayor_candidates}
    choices = [c for c in (entry.first_choice, entry.second_choice) if c is not None]
    wrong += [f"there is no candidate {c}" for c in choices if c not in known]
    return wrong
