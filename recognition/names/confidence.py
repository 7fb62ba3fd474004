"""How sure it is that a row names its best candidate, "on no list" being a possible answer."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, log1p, sqrt

import numpy as np
from rapidfuzz.distance import Levenshtein

from recognition.names.alignment import token_gaps
from recognition.names.alphabet import fold
from recognition.names.lexicon import FloatArray, Lexicon
from recognition.names.scoring import RowScores
from recognition.names.variants import FULL_COST, INITIAL_COST, SURNAME_COST

MAX_MARGIN = 25.0
MAX_GAP = 40.0
MAX_LETTERS = 24
MAX_EDITS = 8
MAX_SHARE = 6.0

TIE = 0.5
"""A candidate is not told from another by less than this many nats."""

INITIAL_MARGIN = 12.5
"""Nats to the next candidate that a form with initials must have: an initial is one letter, T and J
of some hands are alike, and the network can be sure of the wrong one. Set on the rows of the fit,
where two of 134 such rows were accepted wrongly without it, none of 104 from 12 nats on."""

CLEAR_VAGUENESS, CLEAR_GAP = 0.05, 10.0
"""In writing so clear, ink that has so many nats against one name of the form is another name's. Of 3,068
accepted rows of listed names that keeps back four, of ten rows of names on no list three ("Jakobsen" for
Jacobsen)."""

OTHER_NAME_SHARE, OTHER_NAME_MARGIN = 1.5, 30.0
"""Where the ink has so many nats a letter against one name of the form, another name is written there, though
the rest of the form fits well, unless all other candidates fit worse by far: "Sivertsen", who was on no
list, was accepted for Iversen at 2.3 and 22. Of 13 rows of names on no list that were accepted of the writers
of the fit that keeps back seven, and 1.2 % of the full names; without the margin nine, and 2.4 %."""

MIN_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against the best candidate of a row.

    Attributes:
        margin: Nats between it and the next candidate.
        gap: Nats between the free best text and the candidate's form, its cost not counted: what
            the ink has against the name. This is what tells names on no list.
        letters: Length of the form; text_letters: of the free best text.
        cost: Of the form.
        edits: Letters to be changed, added or taken away between the free best text and the form.
        worst_token: Of the names of the form, the largest part of the gap that one name has;
            worst_share: the largest part a letter.
        vagueness: Nats a letter by which the free best text itself is short of certainty.
        candidates: Size of the lexicon.
    """

    margin: float
    gap: float
    letters: int
    text_letters: int
    cost: float
    edits: int
    worst_token: float
    worst_share: float
    vagueness: float
    candidates: int

    def features(self) -> tuple[float, ...]:
        """The inputs of the logistic model, in the order of `Calibration.weights`."""
        margin, gap = min(self.margin, MAX_MARGIN), min(self.gap, MAX_GAP)
        letters, edits = min(self.letters, MAX_LETTERS), min(self.edits, MAX_EDITS)
        worst, share = min(self.worst_token, MAX_GAP), min(self.worst_share, MAX_SHARE)
        cost = min(self.cost, 4.0)
        # Clear writing that differs from the name is another name; unclear writing may be this one.
        clear = exp(-4.0 * self.vagueness)
        sizes = (
            1.0,
            sqrt(margin),
            margin / 10.0,
            sqrt(gap),
            gap / letters,
            sqrt(gap / letters),
            sqrt(letters),
            sqrt(margin * letters) / 10.0,
            cost,
            min(self.vagueness, 3.0),
            abs(self.text_letters - self.letters) / letters,
            log(max(self.candidates, 1)) / 10.0,
            log1p(gap) * (margin < 2.0),
        )
        differences = (
            float(edits),
            edits / letters,
            edits * clear,
            gap * clear / 10.0,
            log1p(gap / (0.05 + self.vagueness)),
            float(edits == 0),
            edits * cost,
            float(edits > 0 and cost >= 1.0),
            float(self.cost >= SURNAME_COST),
            float(self.cost >= SURNAME_COST and edits > 0),
            max(0, 12 - self.letters) / 10.0 * self.edits,
            max(0, 10 - self.letters) / 10.0,
        )
        of_the_worst_name = (
            sqrt(worst),
            worst / 10.0,
            sqrt(share),
            share,
            worst / 10.0 * clear,
            share * clear,
            max(0.0, self.worst_token - 5.0) / 10.0,
            max(0.0, self.worst_token - 10.0) / 10.0,
            max(0.0, self.worst_share - 1.5),
            max(0.0, share - 0.7),
        )
        balance = (
            max(0.0, 8.0 - margin),
            max(0.0, 4.0 - margin),
            margin - gap,
            log1p(margin) - log1p(gap),
            log1p(margin) - log1p(worst),
        )
        return (*sizes, *differences, *of_the_worst_name, *balance)


def hindrance(evidence: Evidence) -> str:
    """Why a row cannot be accepted however well its best candidate fits; empty when it can."""
    if evidence.margin < TIE:
        return "The name fits two candidates equally well."
    if evidence.letters < MIN_LETTERS:
        return "Too little is written to tell a candidate by."
    if evidence.cost >= SURNAME_COST:
        # An initial that the network overlooks would make another person of it.
        return "Only a part of a name was read, as a surname alone."
    if evidence.cost > FULL_COST and evidence.edits:
        # A campaign accepted "Astrid Ruud", who is on no list, as "Astrid Unni Lund".
        return "The name is not written in full as it is printed, and what is written fits only in part."
    if evidence.edits and evidence.vagueness < CLEAR_VAGUENESS and evidence.worst_token >= CLEAR_GAP:
        return "The name is clearly written, and differs from the candidate's in its letters."
    if evidence.worst_share >= OTHER_NAME_SHARE and evidence.margin < OTHER_NAME_MARGIN:
        return "What is written fits one of the candidate's names only in part."
    if evidence.cost >= INITIAL_COST and evidence.margin < INITIAL_MARGIN:
        return "The name is written with an initial, and another candidate's comes near."
    return ""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted model and the thresholds that hold the accepted error.

    Attributes:
        version: Changes whenever a figure does; goes into the journal with each reading.
        weights: Of the logistic model, in the order of `Evidence.features`.
        off_list_share: The share of rows that name nobody on a list, in the rows of the fit.
        thresholds: Accepted error and the least confidence that held it, ascending.
        source: On what it was fitted.
    """

    version: str
    weights: tuple[float, ...]
    off_list_share: float
    thresholds: tuple[tuple[float, float], ...]
    source: str

    def probability(self, evidence: Evidence) -> float:
        """That the row names the best candidate."""
        total = sum(w * x for w, x in zip(self.weights, evidence.features(), strict=True))
        return 1.0 / (1.0 + exp(-max(-40.0, min(40.0, total))))

    def threshold(self, accepted_error: float) -> float:
        """The least confidence at which at most this share of accepted rows is wrong.

        An error below the smallest one that was fitted accepts nothing.
        """
        held = [confidence for error, confidence in self.thresholds if error <= accepted_error]
        return min(held, default=2.0)


def evidence_of(scores: RowScores, lexicon: Lexicon, log_probabilities: FloatArray) -> Evidence | None:
    """The evidence for the best candidate; None for an empty lexicon or a row without letters."""
    if not lexicon.size or not scores.text:
        return None
    order = np.argsort(-scores.entry, kind="stable")[:2]
    best = float(scores.entry[order[0]])
    form = int(scores.form[order[0]])
    cost = float(lexicon.form_cost[form])
    text = lexicon.form_text[form]
    letters = len(fold(text))
    tokens = token_gaps(log_probabilities, text)
    return Evidence(
        margin=best - float(scores.entry[order[1]]) if len(order) > 1 else MAX_MARGIN,
        gap=max(0.0, scores.free - best - cost),
        letters=letters,
        text_letters=len(scores.text),
        cost=cost,
        edits=Levenshtein.distance(scores.text, fold(text)),
        worst_token=max((gap for _, gap in tokens), default=MAX_GAP),
        worst_share=max((gap / count for count, gap in tokens), default=MAX_SHARE),
        vagueness=-scores.free / len(scores.text),
        candidates=lexicon.size,
    )
