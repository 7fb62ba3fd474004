"""The white field for the official stamp."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ballot.geometry import Box
from calibration.blank import BlankSide, Word
from calibration.printed_text import segments, text_rows
from calibration.rectangles import Rectangle

_MIN_MM, _MAX_MM = 18.0, 140.0
_BESIDE_MM = 8.0
_PRINTED_SHARE = 0.04
"""Of a field's area, its label apart: framed addresses and instructions take up 7 % and more."""

_TOLD = ("stemp", "steampal")
_NOUN = re.compile(r"stempel|steampal", re.IGNORECASE)
_LABEL_WORDS, _LABEL_GAP_MM = 3, 4.0
"""«Stempel» and «Valgstyrets stempel:» name a field; «Få et stempel på stemmeseddelen» tells what to do."""


def find_stamp_field(
    side: BlankSide, rectangles: Sequence[Rectangle], taken: Sequence[Box] = ()
) -> Box | None:
    """The largest empty field of stamp size; one that says «stempel» in or beside it wins.

    Where «Stempel» stands by itself the field is there: if none is found beside it, no other is taken.

    Args:
        taken: Rows to write in and boxes with their labels: a frame around any is no field for the stamp.
    """
    parts = _parts(side)
    named, told = _named(parts), _told(side)
    # What a field says of its stamp is no print that would lie under it: «Stemples av valgfunksjonæren».
    others = [w.box for part in parts if not any(w.box in told for w in part) for w in part]
    others = [box for box in others if box not in named]
    fields = [
        r.box
        for r in rectangles
        if r.fill > 0.9 and min(r.box.w_mm, r.box.h_mm) >= _MIN_MM and max(r.box.w_mm, r.box.h_mm) <= _MAX_MM
        and _overlap_mm2(r.box, others) < _PRINTED_SHARE * r.box.area_mm2
        and not any(r.box.overlap_mm2(own) > 0.5 * own.area_mm2 for own in taken)
    ]  # fmt: skip
    best = max(fields, key=lambda f: (_is_beside(f, named), _is_beside(f, told), f.area_mm2), default=None)
    if best is not None and named and not _is_beside(best, named):
        return None
    return best


def how_told(side: BlankSide, field: Box) -> tuple[bool, bool]:
    """Whether «Stempel» stands by itself beside a field, and whether any print there speaks of stamps."""
    return _is_beside(field, _named(_parts(side))), _is_beside(field, _told(side))


def _parts(side: BlankSide) -> list[list[Word]]:
    return [part for row in text_rows(side.words) for part in segments(row, _LABEL_GAP_MM)]


def _named(parts: Sequence[Sequence[Word]]) -> list[Box]:
    return [word.box for part in parts if _is_label(part) for word in part]


def _told(side: BlankSide) -> list[Box]:
    return [w.box for w in side.words if w.text.casefold().startswith(_TOLD)]


def _overlap_mm2(field: Box, words: Sequence[Box]) -> float:
    return sum(field.overlap_mm2(word) for word in words)


def _is_beside(field: Box, words: Sequence[Box]) -> bool:
    return _overlap_mm2(field.grown(_BESIDE_MM), words) > 0


def _is_label(part: Sequence[Word]) -> bool:
    # The last words of a sentence begin with a small letter.
    is_short = len(part) <= _LABEL_WORDS and not part[0].text[:1].islower()
    return is_short and any(_NOUN.search(word.text) for word in part)
