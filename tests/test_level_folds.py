"""A fold is told by two neighbouring partings, of which as few as needed are looked at."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from recognition.level_folds import explained_twice


@pytest.mark.parametrize("count", range(6))
def test_two_neighbours_are_found_wherever_they_lie(count: int) -> None:
    for explained in product([False, True], repeat=count):
        neighbours = any(one and other for one, other in pairwise(explained))
        assert explained_twice(range(count), explained.__getitem__) is neighbours


def test_of_a_pen_stroke_only_every_second_parting_is_looked_at() -> None:
    seen: list[float] = []

    def never(parting_mm: float) -> bool:
        seen.append(parting_mm)
        return False

    assert not explained_twice([0.0, 0.5, 1.0, 1.5, 2.0], never)
    assert seen == [0.5, 1.5]
