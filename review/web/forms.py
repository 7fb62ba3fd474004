"""From the desk's forms to rulings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ballot.errors import UsageError
from ballot.reading import SheetKind
from ballot.ruling import HandEntry, Verdict
from review.hand_entry import entry_to_text

_NAMED_CANDIDATE = re.compile(r"\S+:\d+(?=\s|$)")
_WITH_CANDIDATES = frozenset({Verdict.CANDIDATE, Verdict.WRITE_IN})
_MISSING = "Ingenting ble lagret. Velg ett av svarene."


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict with its value, as a form gave it."""

    verdict: Verdict
    value: str = ""


def answer_of(form: Mapping[str, str]) -> Answer:
    """Reads the form of one issue: a chosen answer, and what was typed beside it.

    Raises:
        UsageError: Nothing was chosen, or what was typed does not fit.
    """
    name, _, value = form.get("svar", "").partition(":")
    try:
        verdict = Verdict(name)
    except ValueError as error:
        raise UsageError("Det er ikke valgt noe svar.", _MISSING) from error
    typed = value or form.get(f"verdi_{name}", "").strip()
    if verdict in _WITH_CANDIDATES:
        found = _NAMED_CANDIDATE.findall(typed)
        if not found:
            raise UsageError(
                f"«{typed}» viser ikke til noen kandidat.",
                "Ingenting ble lagret. Velg fra forslagene, eller skriv <liste>:<nummer>, for eksempel SP:4.",
            )
        typed = " ".join(found)
    return Answer(verdict, re.sub(r"[,\s]+", " ", typed) if verdict is not Verdict.PARTY else typed)


def entry_of(form: Mapping[str, str]) -> Answer:
    """Reads the form of a sheet entered by hand.

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
    entry = HandEntry(
        kind=kind,
        stamped=stamp == "ja",
        list_id=(form.get("liste") or None) if on_list else None,
        personal=_numbers(form.get("personstemmer", ""), "personstemmer"),
        write_ins=_write_ins(form.get("slengere", "")),
        blank=kind is SheetKind.PARTY and not form.get("liste"),
        first_choice=choices[0] if choices else None,
        second_choice=choices[1] if len(choices) > 1 else None,
    )
    return Answer(Verdict.ENTER, entry_to_text(entry))


def _write_ins(text: str) -> tuple[str, ...]:
    words = re.split(r"[,;\s]+", text.strip())
    wrong = [word for word in words if word and not _NAMED_CANDIDATE.fullmatch(word)]
    if wrong:
        raise UsageError(
            f"«{wrong[0]}» viser ikke til noen kandidat.",
            "Ingenting ble lagret. Skriv slengerne som <liste>:<nummer>, for eksempel SP:4 A:12.",
        )
    return tuple(word for word in words if word)


def _numbers(text: str, what: str) -> tuple[int, ...]:
    words = re.split(r"[,;\s]+", text.strip())
    if any(word and not word.isdecimal() for word in words):
        raise UsageError(
            f"«{text}» er ikke numre ({what}).", "Ingenting ble lagret. Skriv numre, for eksempel 3 7 12."
        )
    return tuple(int(word) for word in words if word)
