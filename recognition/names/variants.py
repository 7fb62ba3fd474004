"""The ways in which voters write a candidate's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from ballot.election import Candidate

FULL_COST = 0.0
SHORTENED_COST = 0.4
"""Names left out, first and last kept: "Kari Nordmann" for Kari Anne Nordmann."""
RENAMED_COST = 1.2
"""The first name left out: "Anne Nordmann" for Kari Anne Nordmann."""
INITIAL_COST = 1.0
"""Some names written as initials."""
SURNAME_COST = 2.5
"""The surname alone, given names alone, or a nickname alone: who goes on in the next row is somebody else."""
TURNED_COST = 1.5
"""Surname first."""

_SUFFIX = re.compile(r"[\s,]+(jr|sr|junior|senior|d\.\s?y|d\.\s?e)\.?$", re.IGNORECASE)
"""The younger or the elder: who writes «Per Hansen» may mean either, so that a person looks."""

MAX_TOKENS = 6
_MIN_ALONE = 3


def written_forms(candidate: Candidate) -> dict[str, float]:
    """Every form in which a candidate may be written, with its cost in nats.

    The costs are rough log-odds: they decide between forms that fit the ink equally well, never
    against the ink. Hyphens and spaces count as nothing when forms are compared
    (see `recognition.names.alphabet`), so "Anne-Marie" and "Anne Marie" are one form.
    """
    forms: dict[str, float] = {}

    def add(text: str, cost: float) -> None:
        forms[text] = min(cost, forms.get(text, cost))

    add(" ".join(name_tokens(candidate.name)), FULL_COST)
    tokens, surnames = _in_usual_order(candidate.name)
    add(" ".join(tokens), FULL_COST)
    for form, cost in _forms(tokens, surnames):
        add(form, cost)
    for nickname in candidate.nicknames:
        add(nickname, FULL_COST if name_tokens(nickname)[1:] else SURNAME_COST)
        if tokens[1:]:
            add(f"{nickname} {tokens[-1]}", FULL_COST)
    return forms


def _in_usual_order(name: str) -> tuple[list[str], int]:
    """The names of a printed name without brackets and suffix, surname last, and of how many it consists.

    Of «Nordmann, Kari Anne» as it stands «Kari Anne» seemed to end with a surname. In «Kari Nordmann, Moss»
    the name itself is taken for a surname, so that a person looks.
    """
    bare = re.sub(r"\s*\([^)]*\)", "", name).strip() or name
    bare = _SUFFIX.sub("", bare)
    last, _, first = bare.partition(",")
    words = last.split()
    if first.strip():
        return name_tokens(f"{first.replace(',', ' ')} {last}"), len(name_tokens(last))
    return name_tokens(last), len(name_tokens(words[-1])) if words[1:] else 1


def name_tokens(name: str) -> list[str]:
    """The names of which a name consists: hyphens part them like spaces."""
    return [token for token in re.split(r"[\s\-\u2010-\u2015]+", name.strip()) if token]


def _forms(tokens: list[str], surnames: int) -> Iterator[tuple[str, float]]:
    """The forms of a name with their costs.

    Args:
        surnames: Of how many names the last word consists: two in Lie-Hansen.
    """
    if len(tokens) > MAX_TOKENS:
        yield f"{tokens[0]} {tokens[-1]}", SHORTENED_COST
    if len(tokens) < 2 or len(tokens) > MAX_TOKENS:
        return
    last = len(tokens) - 1
    for size in range(2, len(tokens) + 1):
        for chosen in combinations(range(len(tokens)), size):
            if size < len(tokens) and len(tokens) > 4 and (0 not in chosen or last not in chosen):
                continue
            parts = [tokens[i] for i in chosen]
            cost = _left_out_cost(chosen, last, surnames)
            yield " ".join(parts), cost
            for kept in range(1, size):  # "K. Nordmann", "K. A. Nordmann", "Kari A. Nordmann"
                yield " ".join(p[0] for p in parts[:kept]) + " " + " ".join(parts[kept:]), cost + INITIAL_COST
            if size > 2:
                yield f"{parts[0]} {' '.join(p[0] for p in parts[1:-1])} {parts[-1]}", cost + INITIAL_COST
            if chosen[0] == 0 and chosen[-1] == last:
                yield " ".join([parts[-1], *parts[:-1]]), cost + TURNED_COST
                if size == 2:
                    yield f"{parts[-1]} {parts[0][0]}", cost + TURNED_COST + INITIAL_COST
    if len(tokens[-1]) >= _MIN_ALONE:
        yield tokens[-1], SURNAME_COST


def _left_out_cost(chosen: tuple[int, ...], last: int, surnames: int) -> float:
    if len(chosen) == last + 1:
        return FULL_COST
    if chosen[-1] != last or chosen[0] > last - surnames:
        return SURNAME_COST
    return SHORTENED_COST if chosen[0] == 0 else RENAMED_COST
