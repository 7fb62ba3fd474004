"""Ballot secrecy: categories with few ballots are published together, never alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ballot.election import Election
from ballot.record import CountCategory
from tally.counts import CategoryCounts, Counts, add_lists

SMALLEST_PUBLISHED_CATEGORY = 15
"""Ballots a category needs to stand alone in anything published. A policy, not law: the acts
demand that votes stay secret and leave the number to the election authorities."""


@dataclass(frozen=True, slots=True)
class PublishedCategory:
    """One row that may be published.

    Attributes:
        categories: The count categories in it; more than one when they had to be merged.
        list_ballots: Approved ballots by list.
        choices: First choices by mayoral candidate.
    """

    categories: tuple[CountCategory, ...]
    list_ballots: Mapping[str, int]
    choices: Mapping[int, int]
    blank: int
    rejected: int

    @property
    def merged(self) -> bool:
        """Whether several categories stand together."""
        return len(self.categories) > 1

    @property
    def total(self) -> int:
        """All ballots of the row."""
        return sum(self.list_ballots.values()) + sum(self.choices.values()) + self.blank + self.rejected


def publishable(
    election: Election, counts: Counts, smallest: int = SMALLEST_PUBLISHED_CATEGORY
) -> tuple[PublishedCategory, ...]:
    """The categories as they may be published, in legal order, the merged row last.

    Districts are added up. Categories below `smallest` ballots are merged; while the merged
    row is itself too small, or holds a single category, the next smallest joins it. Empty
    categories are left out: that nobody voted in a way betrays nobody.
    """
    by_category = {
        category: [part for part in counts.categories if part.category is category]
        for category in CountCategory
    }
    sizes = {category: sum(part.total for part in parts) for category, parts in by_category.items()}
    waiting = sorted((c for c in CountCategory if sizes[c] > 0), key=lambda c: sizes[c])
    merged: list[CountCategory] = []
    while waiting and (
        sizes[waiting[0]] < smallest
        or (merged and (len(merged) == 1 or sum(sizes[c] for c in merged) < smallest))
    ):
        merged.append(waiting.pop(0))
    rows = [_row(election, (c,), by_category[c]) for c in CountCategory if c in waiting]
    if merged:
        together = tuple(c for c in CountCategory if c in merged)
        rows.append(_row(election, together, [part for c in together for part in by_category[c]]))
    return tuple(rows)


def _row(
    election: Election, categories: tuple[CountCategory, ...], parts: list[CategoryCounts]
) -> PublishedCategory:
    mayor = Counts(tuple(parts)).mayor()
    return PublishedCategory(
        categories=categories,
        list_ballots={
            entry.id: add_lists([p.lists[entry.id] for p in parts if entry.id in p.lists]).ballots
            for entry in election.lists
        },
        choices={c.number: mayor.first.get(c.number, 0) for c in election.mayor_candidates},
        blank=sum(part.blank for part in parts),
        rejected=sum(sum(part.rejected.values()) for part in parts),
    )
