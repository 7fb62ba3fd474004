"""How often an error may happen that was seen so and so often: exact limits."""

from __future__ import annotations

import math
from collections.abc import Iterable

CONFIDENCE = 0.95


def upper_limit(errors: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """The exact one-sided Clopper-Pearson upper limit of an error rate.

    The rate at which so few errors, or fewer, would be seen with probability 1 - confidence.
    """
    if errors >= trials:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        if _at_most(errors, trials, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(errors: int, trials: int, rate: float) -> float:
    """The chance of at most so many errors at a rate."""
    if rate <= 0 or rate >= 1:
        return float(rate <= 0)
    total = 0.0
    for k in range(errors + 1):
        ways = math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
        total += math.exp(ways + k * math.log(rate) + (trials - k) * math.log1p(-rate))
    return min(1.0, total)


AT_POSITION = ("candidate ", "party ", "choices ")
"""How texts of errors at a ballot position begin (`calibration.evaluate`)."""


def position_errors(errors: Iterable[str], fates: Iterable[tuple[str, str]]) -> int:
    """Errors at ballot positions: boxes read wrongly, and marks taken back that were accepted.

    Args:
        errors: Texts of a sheet's silent errors.
        fates: Kind and fate of everything on it that had to be doubted.
    """
    read_wrongly = sum(text.startswith(AT_POSITION) for text in errors)
    return read_wrongly + sum(name == "mark_taken_back" and fate == "silent" for name, fate in fates)
