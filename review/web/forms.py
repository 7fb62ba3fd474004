"""From the desk's forms to rulings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ballot.errors import UsageError
from ballot.reading import SheetKind
from ballot.ruling import HandEntry, Verdict
from review.hand_entry import entry_to_text

_NAMED_CANDIDATE = re.compile(r"(?:^|(?<=\s)|(?<=\d[,;]))[^\s:]+:\d+(?=[,;\s]|$)")
"""A list's id may hold a comma, so that only one after a number parts two candidates."""

_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
_BALLOT_ID = re.compile(r"\d{8}", re.ASCII)
NO_LIST = "ingen (blank)"
"""What the form's field for the list says of a blank vote; no list's id has a space in it."""

_WITH_CANDIDATES = frozenset({Verdict.CANDIDATE, Verdict.WRITE_IN})
_MISSING = "Ingenting ble lagret. Velg ett av svarene."


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict with its value, as a form gave it."""

    verdict: Verdict
    value: str = ""


def answer_of(form: Mapping[str, str], suggested: Iterable[str] = ()) -> Answer:
    """Reads the form of one issue: a chosen answer, and what was typed beside it.

    Args:
        suggested: Candidates as the form suggests them, each beginning with ``<list>:<number>``.

    Raises:
        UsageError: Nothing was chosen, or what was typed does not fit.
    """
    name, _, value = form.get("svar", "").partition(":")
    try:
        verdict = Verdict(name)
    except ValueError as error:
        raise UsageError("Det er ikke valgt noe svar.", _MISSING) from error
    typed = form.get(f"verdi_{name}", "").strip()
    if value or verdict is Verdict.PARTY:
        return Answer(verdict, value or typed)
    if verdict in _WITH_CANDIDATES:
        return Answer(verdict, _candidates(typed, suggested))
    return Answer(verdict, re.sub(r"[,\s]+", " ", typed))


def _candidates(typed: str, suggested: Iterable[str]) -> str:
    """Candidates as ``<list>:<number>`` out of what was typed, or chosen with their names written out."""
    known = {text.split()[0]: text for text in suggested}
    words = typed
    for name, text in known.items():
        if text in words:
            words = re.sub(re.escape(text) + r"(?=[,;\s]|$)", name.replace("\\", r"\\"), words)
    named, rest = _parted(words)
    own = {word for name in named for word in re.findall(r"\w+", known.get(name, ""))}
    if not named or ":" in rest or set(re.findall(r"\w+", rest)) - own:
        raise UsageError(
            f"«{typed}» viser ikke bare til kandidater.",
            "Ingenting ble lagret. Velg fra forslagene, eller skriv <liste>:<nummer>, for eksempel SP:4.",
        )
    return " ".join(named)


def _parted(text: str) -> tuple[list[str], str]:
    """The candidates in a text, and what is left of it without separators."""
    words = " ".join(word.strip(",;") for word in re.split(r"\s+|[,;]{2,}", text))
    rest = re.sub(r"[,;\s]+", " ", _NAMED_CANDIDATE.sub("", words))
    return _NAMED_CANDIDATE.findall(words), rest.strip()


def ballot_id_of(form: Mapping[str, str]) -> str | None:
    """Reads the ballot id beside a sheet entered by hand; None where it was left out.

    Raises:
        UsageError: It is no ballot id.
    """
    typed = form.get("seddelid", "").strip()
    if not typed:
        return None
    if not _BALLOT_ID.fullmatch(typed):
        raise UsageError(
            f"«{typed}» er ingen seddel-id.",
            "Ingenting ble lagret. En seddel-id har 8 sifre; la feltet stå tomt.",
        )
    return typed


def entry_of(form: Mapping[str, str]) -> str:
    """Reads the form of a sheet entered by hand, into what a ruling carries.

    Raises:
        UsageError: A field does not hold what it must.
    """
    stamp = form.get("stempel", "")
    if stamp not in ("ja", "nei"):
        raise UsageError("Det er ikke svart på om seddelen er stemplet.", _MISSING)
    choices = _numbers(form.get("valg", ""), "valg")
    if len(choices) > 2:
        raise UsageError(
            "En ordførerseddel har høyst to valg.", "Ingenting ble lagret. Skriv ett eller to numre."
        )
    try:
        kind = SheetKind(form.get("type", ""))
    except ValueError as error:
        raise UsageError("Det er ikke valgt hva slags seddel det er.", _MISSING) from error
    on_list = kind in (SheetKind.LIST, SheetKind.PARTY)
    chosen = form.get("liste", "") if on_list else ""
    if on_list and not chosen:
        raise UsageError("Det er ikke valgt liste.", _MISSING)
    entry = HandEntry(
        kind=kind,
        stamped=stamp == "ja",
        list_id=None if chosen in ("", NO_LIST) else chosen,
        personal=_numbers(form.get("personstemmer", ""), "personstemmer"),
        write_ins=_write_ins(form.get("slengere", "")),
        blank=kind is SheetKind.PARTY and chosen == NO_LIST,
        first_choice=choices[0] if choices else None,
        second_choice=choices[1] if len(choices) > 1 else None,
    )
    return entry_to_text(entry)


def _write_ins(text: str) -> tuple[str, ...]:
    named, wrong = _parted(text)
    if wrong:
        raise UsageError(
            f"«{wrong}» viser ikke til noen kandidat.",
            "Ingenting ble lagret. Skriv slengerne som <liste>:<nummer>, for eksempel SP:4 A:12.",
        )
    return tuple(named)


def _numbers(text: str, what: str) -> tuple[int, ...]:
    words = re.split(r"[,;\s]+", text.strip())
    if any(word and not _NUMBER.fullmatch(word) for word in words):
        raise UsageError(
            f"«{text}» er ikke numre ({what}).", "Ingenting ble lagret. Skriv numre, for eksempel 3 7 12."
        )
    return tuple(int(word) for word in words if word)
