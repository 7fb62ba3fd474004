"""Trials of the name reader: rows, lexicons with and without the written name, and outcomes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ballot.election import Candidate
from benchmarks.name_rows import INSIDE, Row, font_row, load_words, real_row
from calibration.testdeck.names import invent_name
from recognition.names.alphabet import fold
from recognition.names.confidence import Evidence, evidence_of
from recognition.names.figures import STRUCK_ODDS
from recognition.names.ink import CellState, separate
from recognition.names.lexicon import Entry, Lexicon, build_lexicon
from recognition.names.network import NameNetwork
from recognition.names.picture import row_picture
from recognition.names.scoring import score_row
from recognition.names.variants import written_forms

FIT_FONTS = ("kalam", "caveat", "homemade-apple")
PROOF_FONTS = ("patrick-hand", "reenie-beanie", "cedarville-cursive", "nothing-you-could-do")
BLOCK_FONTS = ("kalam", "caveat", "patrick-hand", "reenie-beanie")
"""Whose capitals look like block letters."""
SIZES = (300, 2000)
BATCH = 150
MIN_INK_MM2 = 0.8
NEIGHBOURS = 0.3
"""Share of the other names of a lexicon that share a name with a written one."""


@dataclass(frozen=True)
class Outcome:
    """One row against one lexicon.

    Attributes:
        listed: Whether the written name is in the lexicon.
        place: Rank of the right candidate from 0; None when off-list or not read at all.
        evidence: None when the row was doubted before any name was scored.
        struck: Whether a stroke may run through the letters, so that the row is not accepted.
        network_ms, scoring_ms: Processor time of the two steps.
    """

    kind: str
    writer: str
    text: str
    size: int
    listed: bool
    place: int | None
    best: str
    evidence: Evidence | None
    struck: bool = False
    network_ms: float = 0.0
    scoring_ms: float = 0.0

    @property
    def right(self) -> bool:
        """Whether accepting the best candidate would be right."""
        return self.listed and self.place == 0


@dataclass(frozen=True)
class Written:
    """A row and the full name of the person it means."""

    row: Row
    name: str


def trials(
    proof: bool, share: float, seed: int, network_for: Callable[[str], NameNetwork]
) -> Iterator[Outcome]:
    """All trials of one half of the writers and fonts.

    Args:
        proof: The half that nothing was fitted on.
        share: Scales the number of rows; 1 is the whole benchmark.
        network_for: The network for a writer (or font). A network may have been trained on a
            writer's hand; what is fitted on its rows must come from another.
    """
    for kind, count in KINDS.items():
        rng, chance = np.random.default_rng([seed, len(kind)]), random.Random(f"{seed}{kind}")
        wanted = max(20, round(count * share))
        names, fillers = writers_of(kind, proof, rng, chance)
        while wanted > 0:
            batch = list(distinct(names, min(BATCH, wanted)))
            wanted -= BATCH
            yield from _against_lexicons(batch, fillers, chance, network_for)


KINDS = {
    "two words, real": 2400,
    "three words, real": 600,
    "surname only, real": 900,
    "two words, real, bilevel": 600,
    "two words, real, neighbours": 600,
    "block letters, fonts": 900,
    "cursive, fonts": 900,
    "initials, fonts": 600,
    "pencil, fonts": 450,
}


def writers_of(
    kind: str, proof: bool, rng: np.random.Generator, chance: random.Random
) -> tuple[Iterator[Written], Iterator[str]]:
    """An endless supply of rows of a kind, and one of names for the rest of the lexicon."""
    if kind.endswith("fonts"):
        return _font_rows(kind, proof, rng, chance), (invent_name(chance) for _ in iter(int, 1))
    words = load_words(proof)
    spelt = sorted({word.text for group in words.values() for word in group})
    count = 3 if kind.startswith("three") else 2

    def rows() -> Iterator[Written]:
        every = [word for group in words.values() for word in group]
        while True:
            first = chance.choice(every)
            chosen = [first, *chance.choices(words[first.writer], k=count - 1)]
            name = " ".join(word.text for word in chosen)
            if len({fold(word.text) for word in chosen}) == count:
                shown = chosen[-1:] if kind.startswith("surname") else chosen
                others = None
                if kind.endswith("neighbours"):
                    beside = chance.choices(words[first.writer], k=4)
                    others = beside[:2], beside[2:]
                row = real_row(kind, shown, rng, bilevel=kind.endswith("bilevel"), others=others)
                yield Written(row, name)

    def fillers() -> Iterator[str]:
        while True:
            yield " ".join(chance.sample(spelt, count))

    return rows(), fillers()


def _font_rows(kind: str, proof: bool, rng: np.random.Generator, chance: random.Random) -> Iterator[Written]:
    while True:
        name = invent_name(chance)
        tokens = name.split(" ")
        shown = name if chance.random() < 0.5 else f"{tokens[0]} {tokens[-1]}"
        if kind.startswith("initials"):
            shown = f"{name[0]}{chance.choice(('. ', ' '))}{tokens[-1]}"
        pen = "pencil" if kind.startswith("pencil") else chance.choice(("ballpoint_blue", "ballpoint_black"))
        capitals = kind.startswith("block") or (kind.startswith("initials") and chance.random() < 0.5)
        fonts = PROOF_FONTS if proof else FIT_FONTS
        font = chance.choice([font for font in fonts if font in BLOCK_FONTS] if capitals else fonts)
        yield Written(font_row(kind, shown, font, rng, capitals, pen), name)


def distinct(rows: Iterator[Written], count: int) -> Iterator[Written]:
    taken: set[tuple[str, ...]] = set()
    while len(taken) < count:
        row = next(rows)
        if _same_person(row.name) not in taken:
            taken.add(_same_person(row.name))
            yield row


def _same_person(name: str) -> tuple[str, ...]:
    return tuple(sorted(fold(token) for token in name.replace("-", " ").split()))


def lexicons(
    batch: list[Written], fillers: Iterator[str], chance: random.Random
) -> Iterator[tuple[int, bool, Lexicon]]:
    """For each size a lexicon with the written names and one without any of them."""
    written = {_same_person(row.name): row.name for row in batch}
    for size in SIZES:
        for listed in (True, False):
            names = dict(written) if listed else {}
            while len(names) < size:
                name = next(fillers)
                if chance.random() < NEIGHBOURS:
                    model, tokens = chance.choice(batch).name.split(" "), name.split(" ")
                    name = f"{model[0]} {tokens[-1]}" if chance.random() < 0.5 else f"{tokens[0]} {model[-1]}"
                if _same_person(name) not in written:
                    names.setdefault(_same_person(name), name)
            yield (
                size,
                listed,
                build_lexicon(
                    (Entry(f"X:{i}", "X", name), written_forms(Candidate(i, name)))
                    for i, name in enumerate(names.values(), 1)
                ),
            )


def _against_lexicons(
    batch: list[Written],
    fillers: Iterator[str],
    chance: random.Random,
    network_for: Callable[[str], NameNetwork],
) -> Iterator[Outcome]:
    seen = []
    for written in batch:
        cell = separate(written.row.patch, written.row.blank, INSIDE, MIN_INK_MM2)
        start = time.process_time()
        picture = row_picture(cell.ink) if cell.state is CellState.WRITTEN else None
        sighting = None if picture is None else network_for(written.row.writer).read(picture)
        seen.append((written, sighting, (time.process_time() - start) * 1000))
    for size, listed, lexicon in lexicons(batch, fillers, chance):
        spelt = {fold(text) for text in lexicon.form_text}
        for written, sighting, network_ms in seen:
            row = written.row
            if not listed and fold(row.text) in spelt:
                continue  # somebody on a list is written just like this: not a name on no list
            if sighting is None:
                yield Outcome(row.kind, row.writer, row.text, size, listed, None, "", None)
                continue
            struck = sighting.struck > STRUCK_ODDS
            start = time.process_time()
            scores = score_row(sighting.log_probabilities, lexicon)
            evidence = evidence_of(scores, lexicon, sighting.log_probabilities)
            ms = (time.process_time() - start) * 1000
            order = np.argsort(-scores.entry, kind="stable")
            person = _same_person(written.name)
            place = next(
                (i for i, e in enumerate(order[:50]) if _same_person(lexicon.entries[e].name) == person), None
            )
            best = lexicon.entries[order[0]].name
            yield Outcome(
                row.kind, row.writer, row.text, size, listed, place, best, evidence, struck, network_ms, ms
            )
