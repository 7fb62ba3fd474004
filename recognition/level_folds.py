"""Where a level fold parts print: it is looked for at one height after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def explained_twice(partings_mm: Sequence[float], is_explained: Callable[[float], bool]) -> bool:
    """Whether two neighbouring partings of the print above and below explain what is seen.

    A fold between two lines of print does so wherever the two are parted, ink at most once by chance. Of two
    neighbours one is among every second parting, so that of the others only those beside an explained one
    are looked at.
    """
    for middle in range(1, len(partings_mm), 2):
        if is_explained(partings_mm[middle]):
            beside = partings_mm[middle - 1 : middle + 2 : 2]
            if any(is_explained(parting_mm) for parting_mm in beside):
                return True
    return False
