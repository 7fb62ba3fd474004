"""Colours and order of the lists in pictures.

Colour never carries meaning alone: every bar and seat group is labelled as well.
"""

from __future__ import annotations

from ballot.election import CandidateList

_FROM_LEFT = ("R", "SV", "A", "MDG", "SP", "KRF", "V", "H", "FRP")
"""Customary order of the national parties in Norwegian parliaments, from the left."""

_OF_PARTY = {
    "A": "#c8102e",
    "FRP": "#1b365d",
    "H": "#2a7fc4",
    "KRF": "#d9a400",
    "MDG": "#5a8f2e",
    "R": "#8a0f1c",
    "SP": "#1d7a46",
    "SV": "#c2347f",
    "V": "#0f8a83",
}

_OTHERS = ("#6b5b95", "#8c6239", "#4a6572", "#a05195", "#7a7a2e", "#b0562b", "#3f5fa8", "#5d5d5d")
"""For local lists and parties without a customary colour, in list order."""


def colours(lists: tuple[CandidateList, ...]) -> dict[str, str]:
    """A colour for each list, all different. A joint list takes its first party's."""
    chosen: dict[str, str] = {}
    spare = iter(_OTHERS)
    for entry in lists:
        wished = next((_OF_PARTY[p.upper()] for p in entry.parties if p.upper() in _OF_PARTY), None)
        if wished is None or wished in chosen.values():
            wished = next(spare, None) or _grey(len(chosen))
        chosen[entry.id] = wished
    return chosen


def from_left(lists: tuple[CandidateList, ...]) -> tuple[str, ...]:
    """List ids from left to right as they sit; lists without a customary seat come last."""

    def place(entry: CandidateList) -> int:
        known = [_FROM_LEFT.index(p.upper()) for p in entry.parties if p.upper() in _FROM_LEFT]
        return min(known) if known else len(_FROM_LEFT)

    return tuple(entry.id for entry in sorted(lists, key=place))


def _grey(number: int) -> str:
    """Distinct greys once every colour is taken."""
    level = 0x30 + (number * 0x07) % 0x70
    return f"#{level:02x}{level:02x}{(level + number) % 256:02x}"
