"""Whether a page is missing from a run of pages that were paired by their place: the pictures may show it.

A page that was lost, or scanned twice, moves every page after it, so that each picture of an inside lies
beside the outside of another ballot. Names do not show it when the scanner counts what it delivers. What
shows it is that two insides, or two outsides, meet, that a page is left over, and that the insides, which
were the first pages before, are the second ones after. And where the scanner sees both sides at once, a
sheet that lies askew lies askew on both pictures, mirrored: when each second page agrees so with the first
page of the next sheet instead of its own, the pages have moved.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import correlation, pstdev

from ballot.layout import PageSide
from ballot.reading import Doubt, DoubtCode, Reading, ScanSide, SideRegistration

DETAIL = (
    "A page is missing from these scans, or there twice, so the two pictures may be of two ballots. Compare "
    "them with the paper; where most are wrong, scan the batch again."
)

_WINDOW = 16
"""So many sheets in a row are looked at together. Of angles that have nothing to do with each other 16 pairs
agree as closely as `_AGREE` asks once in a hundred million times."""
_AGREE, _DISAGREE = 0.95, 0.5
_LEAST_SKEW_DEG = 0.1
"""Spread of the angles below which they say nothing: a driver that straightens pictures leaves as much."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What the two pages of a sheet show, None where that is not known.

    Attributes:
        lone: There is no second page.
        first_deg: How far the first page lies askew; second_deg: the second.
    """

    first: PageSide | None
    second: PageSide | None
    lone: bool
    first_deg: float | None = None
    second_deg: float | None = None

    @property
    def alike(self) -> bool:
        """Whether both pages are insides, or both outsides."""
        return self.first is not None and self.first is self.second


def with_doubts(readings: Sequence[Reading]) -> list[Reading]:
    """The readings of one run, in order; those whose pages may be of two ballots have a doubt more."""
    moved = moved_pages([_shown(reading) for reading in readings])
    return [_doubted(reading) if at in moved else reading for at, reading in enumerate(readings)]


def by_run(readings: Iterable[tuple[Reading, int | None]]) -> Iterator[Reading]:
    """Passes readings on in their order, each run as soon as all of it was read.

    Args:
        readings: With the run of each sheet, from `scanner.page_series.PairedSheet`.
    """
    held: list[tuple[Reading, int | None]] = []
    for reading, run in readings:
        before = next((known for _, known in held if known is not None), None)
        if held and (before is None or (run is not None and run != before)):
            yield from _released(held)
            held = []
        held.append((reading, run))
    yield from _released(held)


def _released(held: Sequence[tuple[Reading, int | None]]) -> Iterator[Reading]:
    checked = iter(with_doubts([reading for reading, run in held if run is not None]))
    yield from (reading if run is None else next(checked) for reading, run in held)


def _shown(reading: Reading) -> _Sheet:
    found = {registration.scan: registration for registration in reading.registrations}
    first, second = found.get(ScanSide.FRONT), found.get(ScanSide.BACK)
    return _Sheet(
        None if first is None else first.page,
        None if second is None else second.page,
        reading.back is None,
        None if first is None else _skew_deg(first),
        None if second is None else _skew_deg(second),
    )


def _skew_deg(registration: SideRegistration) -> float:
    """The angle of the print in the picture, -45 to 45; a page on its head or its side has the same."""
    to_px = registration.mm_to_px
    return (math.degrees(math.atan2(to_px.c, to_px.a)) + 45) % 90 - 45


def _doubted(reading: Reading) -> Reading:
    if reading.back is None or any(doubt.code is DoubtCode.SIDES_MISMATCH for doubt in reading.doubts):
        return reading
    return replace(reading, doubts=(*reading.doubts, Doubt(DoubtCode.SIDES_MISMATCH, detail=DETAIL)))


def moved_pages(sheets: Sequence[_Sheet]) -> frozenset[int]:
    """The sheets of a run whose pages may be of two ballots."""
    found = set(range(_moved_from(sheets), len(sheets)))
    if len(sheets) > 1 and sheets[0].lone:
        turned = [s if s.lone else replace(s, first=s.second, second=s.first) for s in reversed(sheets)]
        found |= {len(sheets) - 1 - at for at in range(_moved_from(turned), len(sheets))}
    for start in range(len(sheets) - _WINDOW):
        if _askew_with_next(sheets[start : start + _WINDOW + 1]):
            found.update(range(start, start + _WINDOW))
    return frozenset(found)


def _askew_with_next(sheets: Sequence[_Sheet]) -> bool:
    """Whether second pages lie askew as the first page of the next sheet does, and not as their own does."""
    own, mirrored, following = [], [], []
    for sheet, after in pairwise(sheets):
        if sheet.first_deg is None or sheet.second_deg is None or after.first_deg is None:
            return False
        own.append(sheet.first_deg)
        mirrored.append(-sheet.second_deg)
        following.append(after.first_deg)
    if min(pstdev(own), pstdev(mirrored), pstdev(following)) < _LEAST_SKEW_DEG:
        return False
    return correlation(mirrored, following) > _AGREE and correlation(own, mirrored) < _DISAGREE


def _moved_from(sheets: Sequence[_Sheet]) -> int:
    """The first sheet from which on pages may have moved; their number when nothing says so."""
    none, alike = len(sheets), [at for at, sheet in enumerate(sheets) if sheet.alike]
    left_over = bool(sheets) and sheets[-1].lone
    found = none
    if left_over:
        start = _same_way(sheets, none - 1, next((s.first for s in reversed(sheets) if s.first), None))
        if 0 < start < none - 1:
            found = start
    if alike and (left_over or len(alike) > 1 or _turns(sheets, alike[0])):
        at = alike[0]
        start = _same_way(sheets, at, sheets[at - 1].first) if at else 0
        found = min(found, start or at)
    return found


def _same_way(sheets: Sequence[_Sheet], end: int, page: PageSide | None) -> int:
    """The first of the sheets before `end`, without a gap, whose first page is `page` too."""
    start = end
    while start and not sheets[start - 1].alike:
        if sheets[start - 1].first not in (page, None) and not sheets[start - 1].lone:
            break
        start -= 1
    return start


def _turns(sheets: Sequence[_Sheet], at: int) -> bool:
    """Whether the first pages after a sheet are not of the side that those before it are."""
    before = next((s.first for s in reversed(sheets[:at]) if s.first is not None and not s.lone), None)
    after = next((s.first for s in sheets[at + 1 :] if s.first is not None and not s.lone), None)
    return before is not None and after is not None and before is not after
