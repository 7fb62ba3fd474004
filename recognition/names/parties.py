"""What voters write in the party column: a list's code, its name or an abbreviation of it."""

from __future__ import annotations

import re

from ballot.election import CandidateList, Election
from recognition.names.lexicon import Entry, Lexicon, build_lexicon

_CODE_COST = 0.0
_NAME_COST = 0.0
_WORD_COST = 1.0
_ABBREVIATION_COST = 1.0
_MIN_WORD = 4


def party_lexicon(election: Election) -> Lexicon:
    """One entry a list, by its id."""
    return build_lexicon(
        (Entry(group.id, group.id, group.name), list_forms(group)) for group in election.lists
    )


def list_forms(group: CandidateList) -> dict[str, float]:
    """The forms in which a list is named, with their costs in nats."""
    forms: dict[str, float] = {}

    def add(text: str, cost: float) -> None:
        if text:
            forms[text] = min(cost, forms.get(text, cost))

    for code in (group.id, *group.parties):
        add(code, _CODE_COST)
    add(group.name, _NAME_COST)
    words = [word for word in re.split(r"[\s\-–,/]+", group.name) if word]
    for word in words:
        if len(word) >= _MIN_WORD:
            add(word, _WORD_COST)
        stem = re.fullmatch(r"(.{2,})partiet?", word, re.IGNORECASE)
        if stem:  # Ap, Sp, Frp
            add(f"{word[0]}p", _ABBREVIATION_COST)
            add(f"{word[:2]}p", _ABBREVIATION_COST)
            add(stem[1], _ABBREVIATION_COST)
    if len(words) > 1:
        add("".join(word[0] for word in words), _ABBREVIATION_COST)
    return forms
