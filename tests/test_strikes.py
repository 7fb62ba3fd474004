"""Marks struck through, drawn by a hand that is not the test deck's."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.strikes import PLAIN, SEED, blanks_of, sheets, told
from recognition.reader import read_sheet


def test_most_struck_marks_are_doubted_and_most_plain_ones_count(tmp_path: Path) -> None:
    """Those that pass are marks of thick pens, and ticks with a line along an arm."""
    blanks, layouts = blanks_of("fjord", 20, tmp_path, SEED + 1)
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for voted in sheets("fjord", blanks, SEED + 1, 12):
        counts += told(voted, read_sheet(voted.scan, layouts))
    made, wrong = Counter[bool](), Counter[bool]()
    for (_, _, way, what), count in counts.items():
        (made if what == "made" else wrong)[way == PLAIN] += count
    assert made == {True: 120, False: 48}
    assert wrong[True] <= 3
    assert wrong[False] <= 3  # five before marks were held to the voter's pen and ink
