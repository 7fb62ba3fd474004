"""Printed boxes for a mark, and the text beside each of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz

from ballot.geometry import Box
from calibration.blank import BlankSide, Word
from calibration.printed_text import (
    NARROW_GAP,
    WIDE_GAP,
    Label,
    label_from_words,
    label_gap_mm,
    name_orders,
    segments,
    text_rows,
    union,
)
from calibration.rectangles import Rectangle

MIN_BOX_MM, MAX_BOX_MM = 2.4, 12.0
_MIN_BOX_FILL = 0.88
"""Lets rounded corners pass, and keeps out the insides of most letters (O fills 0.79)."""

_LABEL_REACH_MM, _LABEL_STEP_MM, _COLUMN_GAP_MM = 90.0, 6.0, 4.0
_CELL_RIM_MM, _SIZE_MM = 0.2, 0.6
_LOGO_LETTERS = 4
"""«V», «SV», «KrF»: no name that a voter could take for a candidate's or a party's."""

COLUMN_MM = 2.0
"""Boxes of a column have their left edges so near to each other."""

_NEXT_ROW_MM = 20.0
_ALIKE = 75
"""Percent alike from which a label may be meant for a name."""


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """A printed box and the label beside it, ended at a wide gap or (`closer`) at a narrow one."""

    box: Box
    label: Label
    closer: Label

    @property
    def readings(self) -> tuple[Label, ...]:
        """The label with words up to a wide gap, and up to a narrow one."""
        return (self.label,) if self.closer == self.label else (self.label, self.closer)

    @property
    def names(self) -> tuple[str, ...]:
        """What may be the name, the fullest readings first."""
        whole = [order for label in self.readings for order in name_orders(label.text)]
        return tuple(dict.fromkeys([*whole, *(name for label in self.readings for name in label.names)]))


def square_boxes(side: BlankSide, rectangles: Sequence[Rectangle]) -> list[Box]:
    """The rectangles that can be boxes for a mark: about square, 2.4 to 12 mm, no letter's inside."""
    letters = [w.box for w in side.words] if side.from_text_layer else []
    result = []
    for rectangle in rectangles:
        box = rectangle.box
        fits = min(box.w_mm, box.h_mm) >= MIN_BOX_MM and max(box.w_mm, box.h_mm) <= MAX_BOX_MM
        if not fits or rectangle.fill < _MIN_BOX_FILL or not 0.55 <= box.w_mm / box.h_mm <= 1.8:
            continue
        if not any(letter.overlap_mm2(box) > 0.5 * box.area_mm2 for letter in letters):
            result.append(box)
    return [box for box in result if not any(_holds(box, other) for other in result)]


def _holds(cell: Box, box: Box) -> bool:
    """Whether a square is the cell of a table around a box."""
    return box != cell and cell.grown(-_CELL_RIM_MM).overlap_mm2(box) > 0.99 * box.area_mm2


def labelled_boxes(
    side: BlankSide, boxes: Sequence[Box], expected: Sequence[str], across: bool
) -> list[LabelledBox]:
    """The boxes that voters mark, each with its label.

    Args:
        expected: Names that the labels should be.
        across: Whether two boxes of a row may belong to one name, as first and second choices.
    """
    # The cells of a table that hold candidates' numbers may be as square as boxes.
    empty = [box for box in boxes if not any(_inside(word.box, box) for word in side.words)]
    boxes = empty if len(empty) >= len(expected) else boxes
    choices = [_labelled(side, boxes, to_the_right, across, expected) for to_the_right in (True, False)]
    if across:
        choices.append(_from_either_side(choices, expected))
    labelled = max(choices, key=lambda group: _fit(group, expected))
    return _without_examples(_of_common_size(labelled, expected), expected)


def stand_on_both_sides(labelled: Sequence[LabelledBox], boxes: Sequence[Box]) -> bool:
    """Whether names have boxes of one size on both sides, so that either may be the ones to mark.

    Labels taken from the wrong side of a name leave the boxes of the outermost column without one.
    """
    taken = [entry.box for entry in labelled]
    free = [box for box in boxes if box not in taken and any(_as_large(box, own) for own in taken)]
    doubled = [entry.box for entry in labelled if any(_opposite(entry, box, taken) for box in free)]
    for box in doubled:
        column, own = ([b for b in some if abs(b.x_mm - box.x_mm) < COLUMN_MM] for some in (taken, doubled))
        # A single square level with a name may be anything.
        if len(own) >= max(2, 0.5 * len(column)):
            return True
    return False


def _opposite(entry: LabelledBox, other: Box, taken: Sequence[Box]) -> bool:
    """Whether a box stands on the other side of a label, and no box with a label of its own between."""
    near, middle, far = (box.center_mm[0] for box in (entry.box, entry.label.box, other))
    if not _beside(entry.box, other) or not (near < middle < far or far < middle < near):
        return False
    low, high = sorted((middle, far))
    return not any(_beside(own, other) and low < own.center_mm[0] < high for own in taken)


def _labelled(
    side: BlankSide, boxes: Sequence[Box], to_the_right: bool, across: bool, expected: Sequence[str]
) -> list[LabelledBox]:
    found = []
    for box in boxes:
        # The insides of a watermark's letters, which may look like boxes, are of another size.
        others = [b for b in boxes if b is not box and not across and _beside(box, b) and _as_large(box, b)]
        entries = _entries(side, box, others, to_the_right)
        if entries:
            # Beside a box a second line may stand under the name, with a place or a party; of a name of two
            # lines a piece may be another's name.
            likeness = [_likeness(entry, expected) for entry in entries]
            best = max(range(len(entries)), key=lambda i: (likeness[i], len(entries[i].label.text)))
            found.append(entries[best if likeness[best] >= _ALIKE else 0])
    return found


def _entries(side: BlankSide, box: Box, others: Sequence[Box], to_the_right: bool) -> list[LabelledBox]:
    """What may be a box's label: each row of words beside it, the nearest first, and two rows as one."""
    near = text_rows(_words_beside(side.words, box, others, to_the_right))
    around = text_rows(_words_beside(side.words, box, others, to_the_right, lines=2))
    groups = [[row] for row in sorted(near, key=lambda r: _steps_away(r, box))]
    groups += [list(pair) for pair in pairwise(around)]
    entries = []
    for rows in groups:
        starts = _after_logo if to_the_right else _label_starts
        for own in zip(*(starts(row) for row in rows), strict=False):
            wide, narrow = (
                _joined([label_from_words(row, gap) for row in own]) for gap in (WIDE_GAP, NARROW_GAP)
            )
            if wide is not None and narrow is not None and wide.text:
                entries.append(LabelledBox(box, wide, narrow))
    return list(dict.fromkeys(entries))


def _joined(labels: Sequence[Label | None]) -> Label | None:
    """The label that runs over several rows; None where a row has none.

    Of several rows no part is a name: that may be the name of the row above.
    """
    known = [label for label in labels if label is not None]
    if len(known) < len(labels):
        return None
    if len(known) == 1:
        return known[0]
    return Label(
        known[0].number, " ".join(label.text for label in known), union(label.box for label in known)
    )


def _steps_away(row: Sequence[Word], box: Box) -> int:
    """How far a row of words begins from a box, roughly: a heading of the next column may be as level."""
    gaps = (max(word.box.x_mm - box.right_mm, box.x_mm - word.box.right_mm) for word in row)
    return round(min(gaps) / _LABEL_STEP_MM)


def _as_large(a: Box, b: Box) -> bool:
    return abs(a.w_mm - b.w_mm) < _SIZE_MM and abs(a.h_mm - b.h_mm) < _SIZE_MM


def _beside(a: Box, b: Box) -> bool:
    return abs(a.center_mm[1] - b.center_mm[1]) < 0.6 * max(a.h_mm, b.h_mm)


def _words_beside(
    words: Sequence[Word], box: Box, others: Sequence[Box], to_the_right: bool, lines: int = 1
) -> list[Word]:
    """Words level with the box on one side of it, up to the next box.

    Args:
        lines: How many lines of print there may be.
    """
    middle = box.center_mm[1]
    result = []
    if to_the_right:
        limit = min([b.x_mm for b in others if b.x_mm > box.x_mm] + [box.right_mm + _LABEL_REACH_MM])
        start = box.right_mm - 0.2
    else:
        limit = box.x_mm + 0.2
        start = max([b.right_mm for b in others if b.x_mm < box.x_mm] + [box.x_mm - 3 * _LABEL_REACH_MM])
    for word in words:
        wx, wy = word.box.center_mm
        reach_mm = max(0.5 * box.h_mm, 0.6 * word.font_mm) + 0.5 * (lines - 1) * word.font_mm
        level = abs(wy - middle) <= reach_mm
        if level and start <= wx <= limit and not _inside(word.box, box):
            result.append(word)
    return result


def _inside(word: Box, box: Box) -> bool:
    return word.overlap_mm2(box) > 0.3 * word.area_mm2


def _label_starts(row: Sequence[Word]) -> list[list[Word]]:
    """Where a label left of its box may begin: at the last number, at the row's start, or after a gap.

    Between two columns the row may begin with what stands right of the box before, as a year.
    """
    numbers = [i for i, word in enumerate(row) if re.match(r"^\d{1,3}[.):]", word.text)]
    lengths = [len(part) for part in segments(row, _COLUMN_GAP_MM)]
    after_gaps = [sum(lengths[:count]) for count in range(1, len(lengths))]
    starts = dict.fromkeys([*numbers[-1:], 0, *reversed(after_gaps)])
    return [list(row[start:]) for start in starts]


def _after_logo(row: Sequence[Word]) -> list[list[Word]]:
    """Where a label right of its box may begin: at once, or after the letters of a party's logo.

    Only where a label would have ended, so that no name loses its first word to a letter that is none.
    """
    first = segments(row, max(_COLUMN_GAP_MM, label_gap_mm(row)))[0]
    letters = "".join(word.text for word in first)
    is_logo = len(first) < len(row) and len(letters) <= _LOGO_LETTERS and letters.isalpha()
    return [list(row), list(row[len(first) :]) if is_logo else list(row)]


def alike(entry: LabelledBox, name: str) -> float:
    """Percent alike of a label and a name; the surname may stand first, and more may follow the name."""
    return max(float(fuzz.ratio(text.casefold(), name.casefold())) for text in entry.names)


def _likeness(entry: LabelledBox, expected: Sequence[str]) -> float:
    return max(alike(entry, name) for name in expected)


def _from_either_side(choices: Sequence[Sequence[LabelledBox]], expected: Sequence[str]) -> list[LabelledBox]:
    """Of each box the label that is a name: first choices may stand left of the names, second ones right."""
    best: dict[Box, LabelledBox] = {}
    for entry in (entry for group in choices for entry in group):
        own = _likeness(entry, expected)
        other = best.get(entry.box)
        if other is None or own > _likeness(other, expected):
            best[entry.box] = entry
    return list(best.values())


def _fit(group: Sequence[LabelledBox], expected: Sequence[str]) -> float:
    """How many boxes have a label that resembles an expected text, nearer labels first."""
    total = 0.0
    for entry in group:
        if _likeness(entry, expected) >= _ALIKE:
            distance = min(
                abs(entry.label.box.x_mm - entry.box.right_mm), abs(entry.box.x_mm - entry.label.box.right_mm)
            )
            total += 1 - min(distance, 200) / 1000
    return total


def _of_common_size(group: list[LabelledBox], expected: Sequence[str]) -> list[LabelledBox]:
    """Drops squares that are not voting boxes: those of another size than the labelled ones."""
    good = _named(group, expected)
    if not good:
        return []
    width = sorted(b.w_mm for b in good)[len(good) // 2]
    height = sorted(b.h_mm for b in good)[len(good) // 2]
    return [e for e in group if abs(e.box.w_mm - width) < _SIZE_MM and abs(e.box.h_mm - height) < _SIZE_MM]


def _named(group: Sequence[LabelledBox], expected: Sequence[str]) -> list[Box]:
    """The boxes whose label resembles an expected text."""
    return [e.box for e in group if _likeness(e, expected) >= _ALIKE]


def _without_examples(group: list[LabelledBox], expected: Sequence[str]) -> list[LabelledBox]:
    """Drops boxes that only show voters how to mark: apart from the others, without number or known name.

    A box that goes on a column stays: somebody may stand there whom the election file does not know.
    Not so above a column of numbered names, all of them known: its first has the number that follows.
    """
    named = _named(group, expected)
    numbered = [e.box for e in group if e.box in named and e.label.number is not None]
    is_headed_by_nobody = len(numbered) == len(named) >= len(expected)
    return [
        entry
        for entry in group
        if entry.box in named
        or entry.label.number is not None
        or is_blank_vote(entry)
        or (
            any(_goes_on(entry.box, other) for other in named)
            and not (is_headed_by_nobody and _heads_column(entry.box, named))
        )
    ]


def is_blank_vote(entry: LabelledBox) -> bool:
    """Whether a box is for a vote for nobody."""
    return re.search(r"\bblankt?\b", entry.label.text.casefold()) is not None


def _heads_column(box: Box, others: Sequence[Box]) -> bool:
    """Whether a box stands above all others of its column."""
    column = [b for b in others if abs(b.center_mm[0] - box.center_mm[0]) < COLUMN_MM]
    return all(box.center_mm[1] < b.center_mm[1] for b in column)


def _goes_on(box: Box, other: Box) -> bool:
    """Whether a box may be the next one in another's column."""
    across, down = (abs(a - b) for a, b in zip(box.center_mm, other.center_mm, strict=True))
    return across < COLUMN_MM and down < _NEXT_ROW_MM
