"""What the rulings of people say about the machine's reading of names, at one station."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from calibration.bounds import upper_limit

ENOUGH_ROWS = 200
"""Fewer rows say too little of a hand: no error in 200 still allows 1.5 %."""

ENOUGH_ACCEPTED = 100
"""A setting under which fewer of the ruled rows are accepted was hardly tried."""

BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.985, 0.995, 1.0)
"""Limits of the steps of confidence in the reliability diagram; the last ones are where rows are accepted."""


@dataclass(frozen=True, slots=True)
class RuledRow:
    """A written row that a person has ruled on.

    Attributes:
        best: The machine's candidates, best first; empty when it read nothing.
        confidence: Of the first.
        truth: The candidate that the person named, None for nobody on a list.
    """

    best: tuple[str, ...]
    confidence: float
    truth: str | None

    @property
    def is_right(self) -> bool:
        """Whether the machine's first candidate is the right one."""
        return bool(self.best) and self.best[0] == self.truth


@dataclass(frozen=True, slots=True)
class Step:
    """Rows of about the same confidence: how many, how sure the machine was, how many were right."""

    rows: int
    promised: float
    right: int


@dataclass(frozen=True, slots=True)
class Setting:
    """What an accepted error would have done to these rows.

    Attributes:
        accepted_error: As in ``VALGSKANN_NAME_ERROR``.
        confidence: The least confidence it accepts.
        accepted, wrong: Rows that reach it, and those of them that name somebody else.
        upper: Upper 95 % limit of the share of wrong rows among the accepted.
    """

    accepted_error: float
    confidence: float
    accepted: int
    wrong: int
    upper: float


@dataclass(frozen=True, slots=True)
class NameFigures:
    """How well names were read, by the rulings on them.

    Attributes:
        rows: Ruled rows; listed: those that name a candidate.
        first, in_best: Listed rows whose candidate is the first, or one of those shown.
        steps: The reliability diagram; curve: share of rows accepted and of these wrong, by falling
            confidence.
    """

    rows: int
    listed: int
    first: int
    in_best: int
    steps: tuple[Step, ...]
    settings: tuple[Setting, ...]
    curve: tuple[tuple[float, float], ...]

    @property
    def is_enough(self) -> bool:
        """Whether there are rows enough to decide by."""
        return self.rows >= ENOUGH_ROWS

    def advised_error(self) -> float:
        """The accepted error that these hands allow: 0, every row to people, until it is proven.

        A setting holds when so few of the rows it accepts are wrong as it promises, or none are; the
        upper limit is shown beside it, because a small count proves little.
        """
        tried = [s for s in self.settings if s.accepted >= ENOUGH_ACCEPTED]
        held = [s for s in tried if s.wrong <= s.accepted_error * s.accepted]
        return max((s.accepted_error for s in held), default=0.0) if self.is_enough else 0.0


def name_figures(rows: Sequence[RuledRow], thresholds: Sequence[tuple[float, float]]) -> NameFigures:
    """Counts.

    Args:
        thresholds: Accepted error and least confidence, as of the reader's calibration.
    """
    listed = [row for row in rows if row.truth is not None]
    return NameFigures(
        rows=len(rows),
        listed=len(listed),
        first=sum(row.is_right for row in listed),
        in_best=sum(row.truth in row.best for row in listed),
        steps=tuple(_step(rows, low, high, last=high == BINS[-1]) for low, high in pairwise(BINS)),
        settings=tuple(_setting(rows, error, confidence) for error, confidence in thresholds),
        curve=_curve(rows),
    )


def _step(rows: Sequence[RuledRow], low: float, high: float, *, last: bool) -> Step:
    own = [r for r in rows if low <= r.confidence < high or (last and r.confidence >= high)]
    promised = sum(r.confidence for r in own) / len(own) if own else 0.0
    return Step(len(own), promised, sum(r.is_right for r in own))


def _setting(rows: Sequence[RuledRow], error: float, confidence: float) -> Setting:
    accepted = [r for r in rows if r.confidence >= confidence and r.best]
    wrong = sum(not r.is_right for r in accepted)
    return Setting(error, confidence, len(accepted), wrong, upper_limit(wrong, len(accepted)))


def _curve(rows: Sequence[RuledRow]) -> tuple[tuple[float, float], ...]:
    found, wrong = [], 0
    for count, row in enumerate(sorted(rows, key=lambda r: -r.confidence), start=1):
        wrong += not row.is_right
        found.append((count / len(rows), wrong / count))
    return tuple(found)
