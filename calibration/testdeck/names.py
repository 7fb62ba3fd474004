"""Invented persons: first names and surnames common in Norway, put together at random."""

from __future__ import annotations

import json
import random
from pathlib import Path

_NAMES: dict[str, list[str]] = json.loads(Path(__file__).with_name("names.json").read_text(encoding="utf-8"))
LATEST_BIRTH_YEAR = 2004
EARLIEST_BIRTH_YEAR = 1944


def invent_name(rng: random.Random) -> str:
    """A full name: mostly one or two first names and a surname, sometimes a double surname."""
    firsts = _NAMES[rng.choice(("women", "men"))]
    name = rng.choice(firsts)
    shape = rng.random()
    if shape < 0.16:
        second = rng.choice([n for n in firsts if n != name])
        name += ("-" if rng.random() < 0.2 else " ") + second
    surname = rng.choice(_NAMES["surnames"])
    if shape > 0.82:
        other = rng.choice([n for n in _NAMES["surnames"] if n != surname])
        surname += ("-" if rng.random() < 0.35 else " ") + other
    return f"{name} {surname}"


def invent_names(rng: random.Random, count: int, taken: set[str]) -> list[str]:
    """`count` names, none of them in `taken`, which they are added to."""
    names: list[str] = []
    while len(names) < count:
        name = invent_name(rng)
        if name not in taken:
            taken.add(name)
            names.append(name)
    return names


def invent_birth_year(rng: random.Random) -> int:
    """A year in which a candidate at the 2023 elections can be born."""
    return rng.randint(EARLIEST_BIRTH_YEAR, LATEST_BIRTH_YEAR)
