"""Which two pages are one sheet. Pure: works on names alone.

The rules, in order (also in ``docs/scans.md``):

1. A file with several pages pairs within itself: 1–2, 3–4, …; an odd last page stays alone.
2. Files whose names differ only in a side mark (``0001a``/``0001b``, ``_front``/``_back``,
   ``-1``/``-2`` …) are one sheet. One without its partner stays alone.
3. Other single-page files pair by the number that counts in their names (`scanner.page_series`): each
   with the next number, so that a gap leaves its sheet one side and moves no other. A file named
   otherwise than the rest (a copy) stays alone. Without such numbers, or with times, they pair one after
   the other; random names (GUIDs) tell no order, so that none of them is paired.

No rule reaches over a folder's border, a file with several pages or a file with a side mark. Where pages
pair by their place among others, `PairedSheet.run` says so: what is in the pictures may show that one is
lost (`station.page_runs`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from scanner.page_series import PairedSheet, in_decimals, pair_run

_FAMILIES = (
    ("a", "b"),
    ("f", "b"),
    ("r", "v"),
    ("1", "2"),
    ("p1", "p2"),
    ("page1", "page2"),
    ("side1", "side2"),
    ("front", "back"),
    ("recto", "verso"),
    ("forside", "bakside"),
    ("inside", "outside"),
)
_WORDS = r"front|back|recto|verso|forside|bakside|inside|outside"
_SIDE_MARK = re.compile(
    rf"^(?P<base>.*?)[ _.-]*(?P<mark>{_WORDS})$"
    r"|^(?P<base2>.*[0-9 _.-])(?P<letter>[a-z])$"
    r"|^(?P<base3>.*?)(?:(?<=[ _.-])|^)(?P<paged>(?:page|side|p)[0-9]+)$"
    r"|^(?P<base4>.*[ _.-])(?P<number>[0-9]+)$"
)

_RANDOM = re.compile(r"[{(]?[0-9a-f]{8}(-?)(?:[0-9a-f]{4}\1){3}[0-9a-f]{12}[)}]?", re.IGNORECASE)
"""A GUID; names of digits only are none."""


@dataclass(frozen=True, slots=True)
class PageName:
    """A page by what pairing looks at.

    Attributes:
        stem: The file's name without folder and ending.
        group: Pages of different groups never pair.
        pages: How many pages its file holds.
        page: Which of them this is, from 0.
    """

    stem: str
    group: str = ""
    pages: int = 1
    page: int = 0


_Pair = tuple[int, int | None]


def _side_mark(stem: str) -> tuple[str, str] | None:
    """The part of a name before a possible side mark, and the mark."""
    match = _SIDE_MARK.match(stem.casefold())
    if match is None:
        return None
    found = match.groupdict()
    base = next(found[key] for key in ("base", "base2", "base3", "base4") if found[key] is not None)
    mark = next(found[key] for key in ("mark", "letter", "paged", "number") if found[key] is not None)
    return base.rstrip(" _.-"), mark


def _marked_sheets(pages: Sequence[PageName]) -> dict[int, _Pair]:
    """Pages with a side mark: index to its sheet, as (front, back) or (page, None).

    What looks like a mark is one only when all names of the same base fit one family: ``scan_1,
    scan_2, scan_3`` and ``page_e, page_f, page_g`` are running numbers and letters, no sides.
    Two files that claim the same side of a sheet are paired with nobody.
    """
    by_base: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for index, page in enumerate(pages):
        found = _side_mark(page.stem) if page.pages == 1 and not _is_random(page.stem) else None
        if found is not None:
            by_base.setdefault((page.group, found[0]), []).append((found[1], index))
    bare = {(page.group, page.stem.casefold().rstrip(" _.-")) for page in pages if page.pages == 1}
    sheets: dict[int, _Pair] = {}
    for (group, base), members in by_base.items():
        marks = {mark for mark, _ in members}
        family = next((f for f in _FAMILIES if marks <= set(f)), None)
        # «Scan 1» and «Scan 2» beside «Scan» are the second page and the third.
        if family is None or (marks <= {"1", "2"} and (group, base) in bare):
            continue
        if len(members) == 2 and len(marks) == 2:
            front, back = (index for _, index in sorted(members, key=lambda m: family.index(m[0])))
            sheets[front] = sheets[back] = (front, back)
        else:
            sheets.update({index: (index, None) for _, index in members})
    return sheets


def _counting_in_decimals(pages: Sequence[PageName]) -> Sequence[PageName]:
    """The pages, with decimal numbers where the single ones of a group count to the base of 16.

    Their last digits a and b are no sides, and the numbers of the others are not all that counts.
    """
    groups: dict[str, list[int]] = {}
    for index, page in enumerate(pages):
        if page.pages == 1:
            groups.setdefault(page.group, []).append(index)
    named = list(pages)
    for members in groups.values():
        for index, stem in zip(members, in_decimals([pages[at].stem for at in members]), strict=True):
            named[index] = replace(pages[index], stem=stem)
    return named


def pair_pages(pages: Sequence[PageName]) -> list[PairedSheet]:
    """The sheets as indices into `pages`, in the order of their first page; each page in exactly one."""
    given, pages = pages, _counting_in_decimals(pages)
    marked = _marked_sheets(pages)
    sheets: list[PairedSheet] = []
    run: list[int] = []
    for index, page in enumerate(pages):
        is_random = page.pages == 1 and _is_random(page.stem)
        alone_kind = page.pages > 1 or index in marked or is_random
        if run and (alone_kind or page.group != pages[run[-1]].group):
            sheets += _paired(run, pages, given)
            run = []
        if index in marked:
            if min(i for i in marked[index] if i is not None) == index:
                sheets.append(PairedSheet(*marked[index]))
        elif is_random:
            sheets.append(PairedSheet(index, None))
        elif page.pages > 1:
            if page.page % 2 == 0:
                back = index + 1 if page.page + 1 < page.pages else None
                sheets.append(PairedSheet(index, back, index - page.page))
        else:
            run.append(index)
    return sheets + _paired(run, pages, given)


def _is_random(stem: str) -> bool:
    return _RANDOM.fullmatch(stem) is not None and not stem.replace("-", "").isdecimal()


def _paired(run: list[int], pages: Sequence[PageName], given: Sequence[PageName]) -> list[PairedSheet]:
    """The sheets of neighbouring single pages, in the order of their numbers where files do not lie so."""
    if any(pages[at].stem != given[at].stem for at in run):
        run = sorted(run, key=lambda at: pages[at].stem)
    return pair_run(run, [pages[at].stem for at in run])
