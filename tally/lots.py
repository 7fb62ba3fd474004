"""Ties, and the recorded drawings of lots that settle them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ballot.errors import TieError
from tally.counts import Lots, LotsKind


@dataclass(frozen=True, slots=True)
class Tie:
    """A tie as a value.

    Attributes:
        tied: The lists or candidates that are equal, in list order.
        places: How many of them win.
        order: The recorded drawing; None when none was needed and none is recorded.
    """

    kind: LotsKind
    tied: tuple[str, ...]
    places: int
    order: tuple[str, ...] | None

    @property
    def decisive(self) -> bool:
        """Whether lots decided who won, not only the order in which all of them won."""
        return self.places < len(self.tied)


def drawn_order(
    kind: LotsKind, tied: tuple[str, ...], places: int, lots: tuple[Lots, ...], what: str
) -> tuple[str, ...] | None:
    """The recorded order between exactly the tied, or None when none is needed.

    Args:
        kind: What the lots decide.
        tied: Everyone who is equal.
        places: How many of them win.
        lots: The recorded drawings.
        what: The sentence that explains the tie, for the error.

    Raises:
        TieError: Fewer win than are tied, and no drawing is recorded.
    """
    for drawing in lots:
        if drawing.kind is kind and set(drawing.order) == set(tied):
            return drawing.order
    if places < len(tied):
        example = json.dumps({"kind": kind.value, "order": list(tied)}, ensure_ascii=False)
        raise TieError(
            f"{what} Nothing was settled.",
            "Draw lots, and record the drawing in the counts under `lots`, first drawn first, "
            f"naming exactly these: {example}",
        )
    return None
