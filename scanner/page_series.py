"""Pages whose names bear no side mark: which of them count up together, and which two are a sheet.

Pure: works on names alone. A page that was lost or copied must not move the pages after it, so pages pair
by the numbers in their names wherever these count, and one after the other only where they do not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_DIGITS = re.compile(r"([0-9]+)")

_TIME_STAMP = 100_000
"""Numbers of six digits and more are times unless they count up: nobody scans 100,000 pages in a run."""


_NEW_START = 4
"""Where more numbers than three are missing together, they were left out rather than lost."""


@dataclass(frozen=True, slots=True)
class PairedSheet:
    """A sheet by its pages.

    Attributes:
        front: Index of its first page.
        back: Index of the other, None for a lone page.
        run: Equal for the sheets whose pages were paired by their place among others, so that a page lost
            from one may have moved the next; None where the names alone say what belongs together.
    """

    front: int
    back: int | None
    run: int | None = None


@dataclass(frozen=True, slots=True)
class _Series:
    """Pages of one kind of name.

    Attributes:
        places: Indices of the pages.
        numbers: The running number of each.
    """

    places: list[int]
    numbers: list[int]


def pair_run(run: Sequence[int], stems: Sequence[str]) -> list[PairedSheet]:
    """Neighbouring single pages without side marks, by their first page.

    Args:
        run: Indices of the pages.
        stems: Their names, in the same order.
    """
    series = _series(run, stems)
    if all(len(one.places) == 1 for one in series):
        return _in_order(run)
    sheets: list[PairedSheet] = []
    for one in series:
        if len(one.places) == 1:
            sheets.append(PairedSheet(one.places[0], None))
        elif _counts_up(one.numbers) or max(one.numbers) < _TIME_STAMP:
            sheets += _by_number(one)
        else:
            sheets += _in_order(one.places)
    return sorted(sheets, key=lambda sheet: sheet.front)


def _series(run: Sequence[int], stems: Sequence[str]) -> list[_Series]:
    """Pages whose names are alike but for their numbers, a series for each batch among them."""
    alike: dict[tuple[str, ...], list[tuple[int, list[int]]]] = {}
    for index, stem in zip(run, stems, strict=True):
        parts = _DIGITS.split(stem.casefold())
        alike.setdefault(tuple(parts[::2]), []).append((index, [int(part) for part in parts[1::2]]))
    return [one for pages in alike.values() for one in _batches(pages)]


def _batches(pages: list[tuple[int, list[int]]]) -> list[_Series]:
    """Names of one kind by batch: what counts is the last of their numbers that tells all pages apart and
    counts up; where none does, as when every batch starts from 1, the one that leaves the fewest batches."""
    places = [index for index, _ in pages]
    columns = list(zip(*(numbers for _, numbers in pages), strict=True))
    varying = [at for at, column in enumerate(columns) if len(set(column)) > 1]
    if not varying:
        return [_Series(places, [0] * len(places))]
    counting = [at for at in varying if len(set(columns[at])) == len(places) and _counts_up(columns[at])]
    if counting:
        return [_Series(places, list(columns[counting[-1]]))]

    def batch(numbers: list[int], at: int) -> tuple[int, ...]:
        return (*numbers[:at], *numbers[at + 1 :])

    running = min(reversed(varying), key=lambda at: len({batch(numbers, at) for _, numbers in pages}))
    batches: dict[tuple[int, ...], _Series] = {}
    for index, numbers in pages:
        one = batches.setdefault(batch(numbers, running), _Series([], []))
        one.places.append(index)
        one.numbers.append(numbers[running])
    if len(batches) == len(pages):  # all numbers change from page to page: a time in two parts
        return [_Series(places, list(columns[running]))]
    return list(batches.values())


def _counts_up(numbers: Sequence[int]) -> bool:
    """Whether at least half of the numbers follow the one before."""
    steps = [after - before for before, after in pairwise(sorted(numbers))]
    return 2 * sum(step == 1 for step in steps) >= len(steps)


def _by_number(series: _Series) -> list[PairedSheet]:
    """Each number with the one after it; a number that two pages claim is paired with nobody."""
    claims = Counter(series.numbers)
    fronts = _fronts(sorted(claims))
    members: dict[int, list[int]] = {}
    sheets = []
    for index, number in zip(series.places, series.numbers, strict=True):
        if claims[number] > 1:
            sheets.append(PairedSheet(index, None))
        else:
            members.setdefault(number if number in fronts else number - 1, []).append(index)
    run = series.places[0]
    return sheets + [
        PairedSheet(pages[0], pages[1] if len(pages) == 2 else None, run) for pages in members.values()
    ]


def _fronts(numbers: Sequence[int]) -> set[int]:
    """The numbers that are fronts.

    Counters start at 1, or at 0. One that goes on from another batch, or from somewhere else after a gap,
    starts with a front, unless more pages find a partner when it is a back; after a gap what the numbers
    before say holds where both do equally well.
    """
    blocks: list[list[int]] = [[numbers[0]]]
    for before, number in pairwise(numbers):
        if number - before > _NEW_START:
            blocks.append([])
        blocks[-1].append(number)
    odd: bool | None = numbers[0] > 0 if numbers[0] <= 2 else None
    fronts: set[int] = set()
    for at, block in enumerate(blocks):
        if at or odd is None:
            odd = _odd_fronts(block, block[0] % 2 == 1 if odd is None else odd)
        fronts.update(number for number in block if (number % 2 == 1) is odd)
    return fronts


def _odd_fronts(numbers: Sequence[int], usual: bool) -> bool:
    """Whether odd numbers are fronts: as usual, unless more pages find a partner otherwise."""
    there = set(numbers)

    def partners(odd: bool) -> int:
        return sum((number % 2 == 1) is odd and number + 1 in there for number in numbers)

    return not usual if partners(not usual) > partners(usual) else usual


def _in_order(places: Sequence[int]) -> list[PairedSheet]:
    """One after the other; an odd last page stays alone."""
    return [
        PairedSheet(places[at], places[at + 1] if at + 1 < len(places) else None, places[0])
        for at in range(0, len(places), 2)
    ]
