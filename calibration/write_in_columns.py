"""Which columns of a table to write in are the names' and the parties', and whether it stands there twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ballot.geometry import Box
from calibration.blank import BlankSide
from calibration.printed_text import segments, text_rows

MIN_NAME_MM = 35.0
_APART_MM, _ONE_TABLE_MM = 4.0, 12.0
"""Tables side by side leave more than the first between them, cells of one table less than the second:
cells for a number or a year may be too narrow to be found, so that there seems to be a gap."""

_PARTY_HEADING = re.compile(r"parti|list[ea]|gruppe|bellodat|listo", re.IGNORECASE)
_MAX_HEADING_MM = 12.0
_HEADING_ROW_MM = 2.0
_HEADING_GAP_MM = 2.0
_LABEL_MM = 20.0
"""So far left of the first column a label of it may begin, as «Navn:» before a line."""

_ALIKE_MM = 1.5

Columns = tuple[Box, Box | None]
"""Where the first name is written, and its party."""


def columns_of(side: BlankSide, row: Sequence[Box], name: Box | None = None) -> list[Columns]:
    """The columns of each table that the places of a first row belong to, from left to right.

    A house may print one table with a column for the year of birth between name and party, or the
    party first, or the same short table twice side by side.

    Args:
        row: All places of one height, from left to right.
        name: A place of the table where others may stand at its height, too; without one all are the table's.
    """
    headed = _party_headed(side, row)
    blocks = _blocks(row, headed)
    if not blocks:
        blocks = [list(row) if name is None else _joined_to(name, row)]
    return [_name_and_party(block, [place for place in headed if place in block]) for block in blocks]


def _name_and_party(block: Sequence[Box], headed: Sequence[Box]) -> Columns:
    """The widest place is the name's, the party's is what a heading says, else the widest right of it."""
    party = min(headed, key=lambda b: b.w_mm, default=None)
    others = [place for place in block if place is not party]
    # «Kandidater fra andre lister» above the names makes no party of them.
    if party is not None and max((b.w_mm for b in others), default=0.0) < min(MIN_NAME_MM, party.w_mm):
        party, others = None, list(block)
    name = max(others, key=lambda b: b.w_mm)
    if party is None:
        party = max((b for b in block if b.x_mm > name.x_mm), key=lambda b: b.w_mm, default=None)
    return name, party


def _joined_to(name: Box, row: Sequence[Box]) -> list[Box]:
    """The places that follow each other closely, a given one among them."""
    runs = [[row[0]]]
    for last, place in pairwise(row):
        if place.x_mm - last.right_mm < _ONE_TABLE_MM:
            runs[-1].append(place)
        else:
            runs.append([place])
    return next(run for run in runs if name in run)


def _blocks(row: Sequence[Box], headed: Sequence[Box]) -> list[list[Box]]:
    """The same columns again and again, none where they are no repetition."""
    for count in range(len(row), 1, -1):
        size, rest = divmod(len(row), count)
        if rest:
            continue
        blocks = [list(row[start : start + size]) for start in range(0, len(row), size)]
        # Two places of one width may be one table's, for the name and for the party.
        are_tables = size > 1 or (_stand_apart(row) and len(headed) in (0, len(row)))
        if are_tables and all(_is_alike(blocks[0], block) for block in blocks[1:]):
            return blocks
    return []


def _stand_apart(row: Sequence[Box]) -> bool:
    return all(b.x_mm - a.right_mm >= _APART_MM for a, b in pairwise(row))


def _is_alike(first: Sequence[Box], block: Sequence[Box]) -> bool:
    moved_mm = block[0].x_mm - first[0].x_mm
    return max(b.w_mm for b in block) >= MIN_NAME_MM and all(
        abs(a.w_mm - b.w_mm) < _ALIKE_MM and abs(b.x_mm - a.x_mm - moved_mm) < _ALIKE_MM
        for a, b in zip(first, block, strict=True)
    )


def _party_headed(side: BlankSide, row: Sequence[Box]) -> list[Box]:
    """The places of a first row whose heading, or whose label within the row, speaks of a party or list.

    Only print that stands over several columns in parts is taken for headings: instructions run on.
    """
    top, bottom = row[0].y_mm - _MAX_HEADING_MM, row[0].bottom_mm + 0.5
    lefts = [row[0].x_mm - _LABEL_MM, *(place.right_mm for place in row)]
    near = [
        w
        for w in side.words
        if top <= w.box.y_mm and w.box.bottom_mm <= bottom and lefts[0] <= w.box.x_mm <= row[-1].right_mm
    ]
    for line in reversed(text_rows(near)):
        parts = segments(line, _HEADING_GAP_MM)
        headings = [
            [
                part
                for part in parts
                if left - 1 <= part[0].box.x_mm and part[-1].box.right_mm <= b.right_mm + 1
            ]
            for left, b in zip(lefts, row, strict=False)
        ]
        if sum(map(bool, headings)) > 1:
            return [
                place
                for place, over in zip(row, headings, strict=True)
                if any(_PARTY_HEADING.match(word.text) for part in over for word in part)
            ]
    return []


def split_at_heading(side: BlankSide, place: Box, top_mm: float) -> Columns:
    """The columns of an unbroken place to write in, which end and begin at the party's heading.

    Args:
        top_mm: The uppermost line, above which headings stand.
    """
    headings = [
        w.box
        for w in side.words
        if _PARTY_HEADING.match(w.text)
        and 0 <= top_mm - w.box.bottom_mm + 0.5 < _MAX_HEADING_MM
        and place.x_mm + MIN_NAME_MM < w.box.x_mm
    ]
    if not headings:
        return place, None
    # Instructions above the headings speak of parties and lists, too.
    lowest = max(box.bottom_mm for box in headings)
    edge = min(box.x_mm for box in headings if lowest - box.bottom_mm < _HEADING_ROW_MM) - 1.0
    name = Box(place.x_mm, place.y_mm, edge - place.x_mm, place.h_mm)
    return name, Box(edge, place.y_mm, place.right_mm - edge, place.h_mm)
