"""Pages whose names bear no side mark: which of them count up together, and which two are a sheet.

Pure: works on names alone. A page that was lost or copied must not move the pages after it, so pages pair
by the numbers in their names wherever these count, and one after the other only where they do not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_DIGITS = re.compile(r"([0-9]+)")

_DATE = r"(?:(?:19|20)[0-9]{2}[-._ ]?[0-9]{2}[-._ ]?[0-9]{2}|[0-9]{2}[-._ ][0-9]{2}[-._ ](?:19|20)[0-9]{2})"
_TIME = re.compile(
    rf"(?<![0-9])({_DATE}[^0-9]{{1,6}})([01][0-9]|2[0-3])([-._: ])([0-5][0-9])\3([0-5][0-9])"
    r"(?:[.,]([0-9]{3,6}))?(?![0-9])"
)
"""A date and a time with something between hours, minutes and seconds: 2023-09-11_10-15-30."""

_TIME_DIGITS, _TIME_FROM = 6, 1_000
"""Numbers of so many digits and from so much on are times, unless nearly all follow the one before: 093015 is
one, 000123 a counter."""

_COUNTER_SHARE, _LONG_COUNTER_SHARE = 0.5, 0.9
"""Share of numbers that follow the one before in a counter; pages may come a second apart, too."""

_HEXADECIMAL = re.compile(r"(?P<before>(?:.*[^0-9a-z])?)(?P<number>[0-9a-f]{4,8})")
_HEXADECIMAL_SHARE = 0.75
"""As `_COUNTER_SHARE`, of numbers to the base of 16; of 0001a, 0001b, 0002a, 0002b two thirds follow."""

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
        digits: How many digits the longest has.
    """

    places: list[int]
    numbers: list[int]
    digits: int

    @property
    def counts(self) -> bool:
        """Whether the numbers are a counter's, and not times."""
        if self.digits >= _TIME_DIGITS and max(self.numbers) >= _TIME_FROM:
            return _follow(self.numbers) >= _LONG_COUNTER_SHARE
        return True


def in_decimals(stems: Sequence[str]) -> list[str]:
    """Names that count to the base of 16 (0009, 000a, …, 000f, 0010) in decimals; others as they are.

    Args:
        stems: The names of the single pages of one group.
    """
    found = [_HEXADECIMAL.fullmatch(stem.casefold()) for stem in stems]
    kinds = {(name["before"], len(name["number"])) for name in found if name}
    texts = [name["number"] for name in found if name]
    if len(texts) < len(stems) or len(kinds) > 1 or all(text.isdecimal() for text in texts):
        return list(stems)
    numbers = [int(text, 16) for text in texts]
    if len(set(numbers)) < len(numbers) or _follow(numbers) < _HEXADECIMAL_SHARE:
        return list(stems)
    before, _ = kinds.pop()
    return [f"{before}{number:010}" for number in numbers]


def pair_run(run: Sequence[int], stems: Sequence[str]) -> list[PairedSheet]:
    """Neighbouring single pages without side marks, by their first page.

    Args:
        run: Indices of the pages.
        stems: Their names, in the same order.
    """
    series = _series(run, stems)
    if all(len(one.places) == 1 for one in series):
        return _in_order(run)
    series = _with_bare_names(series, dict(zip(run, stems, strict=True)))
    sheets: list[PairedSheet] = []
    for one in series:
        if len(one.places) == 1:
            sheets.append(PairedSheet(one.places[0], None))
        elif one.counts:
            sheets += _by_number(one)
        else:
            sheets += _in_order(one.places)
    order = {place: at for at, place in enumerate(run)}
    return sorted(sheets, key=lambda s: min(order[p] for p in (s.front, s.back) if p is not None))


def _series(run: Sequence[int], stems: Sequence[str]) -> list[_Series]:
    """Pages whose names are alike but for their numbers, a series for each batch among them."""
    alike: dict[tuple[str, ...], list[tuple[int, list[str]]]] = {}
    for index, stem in zip(run, stems, strict=True):
        parts = _DIGITS.split(_TIME.sub(_as_one_number, stem.casefold()))
        alike.setdefault(tuple(parts[::2]), []).append((index, parts[1::2]))
    return [one for pages in alike.values() for one in _batches(pages)]


def _as_one_number(time: re.Match[str]) -> str:
    """A time as one number: its seconds alone would count up, and pair what came in two seconds running.

    The 1 before it keeps the first minutes after midnight from looking like a counter.
    """
    date, hours, _, minutes, seconds, fraction = time.groups(default="")
    return f"{date}1{hours}{minutes}{seconds}{fraction}"


def _with_bare_names(series: list[_Series], stems: Mapping[int, str]) -> list[_Series]:
    """The first of a series may have no number: «Scan», «Scan 1», «Scan 2».

    Where that makes an odd number of pages nothing tells whether it is one of them: none is paired then.
    """
    lone = [one for one in series if len(one.places) == 1 and not _DIGITS.search(stems[one.places[0]])]
    kept = [one for one in series if one not in lone]
    for bare in lone:
        name = _letters(stems[bare.places[0]])
        of = next((o for o in kept if len(o.places) > 1 and _letters(stems[o.places[0]]) == name), None)
        if of is None:
            kept.append(bare)
            continue
        kept.remove(of)
        if len(of.places) % 2:
            kept.append(_Series([*bare.places, *of.places], [min(of.numbers) - 1, *of.numbers], of.digits))
        else:
            kept += [_Series([place], [0], 0) for place in (*bare.places, *of.places)]
    return kept


def _letters(stem: str) -> str:
    return "".join(char for char in stem.casefold() if char.isalpha())


def _batches(pages: list[tuple[int, list[str]]]) -> list[_Series]:
    """Names of one kind by batch: what counts is the last of their numbers that tells all pages apart and
    counts up; where none does, as when every batch starts from 1, the one that leaves the fewest batches."""
    places = [index for index, _ in pages]
    texts = list(zip(*(numbers for _, numbers in pages), strict=True))
    columns = [tuple(int(text) for text in column) for column in texts]
    widths = [max(map(len, column)) for column in texts]
    varying = [at for at, column in enumerate(columns) if len(set(column)) > 1]
    if not varying:
        return [_Series(places, [0] * len(places), 0)]
    counting = [at for at in varying if len(set(columns[at])) == len(places) and _counts_up(columns[at])]
    if counting:
        return [_Series(places, list(columns[counting[-1]]), widths[counting[-1]])]

    def batch(numbers: list[str], at: int) -> tuple[str, ...]:
        return (*numbers[:at], *numbers[at + 1 :])

    running = min(reversed(varying), key=lambda at: len({batch(numbers, at) for _, numbers in pages}))
    batches: dict[tuple[str, ...], _Series] = {}
    for index, numbers in pages:
        one = batches.setdefault(batch(numbers, running), _Series([], [], widths[running]))
        one.places.append(index)
        one.numbers.append(int(numbers[running]))
    if len(batches) == len(pages):  # all numbers change from page to page: a time in two parts
        return [_Series(places, list(columns[running]), widths[running])]
    return list(batches.values())


def _counts_up(numbers: Sequence[int]) -> bool:
    return _follow(numbers) >= _COUNTER_SHARE


def _follow(numbers: Sequence[int]) -> float:
    """Share of the numbers but the first that follow the one before."""
    steps = [after - before for before, after in pairwise(sorted(numbers))]
    return sum(step == 1 for step in steps) / max(1, len(steps))


def _by_number(series: _Series) -> list[PairedSheet]:
    """Each number with the one after it; a number that two pages claim is paired with nobody."""
    claims = Counter(series.numbers)
    fronts = _fronts(sorted(claims))
    members: dict[int, list[int]] = {}
    sheets = []
    for number, index in sorted(zip(series.numbers, series.places, strict=True)):
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
