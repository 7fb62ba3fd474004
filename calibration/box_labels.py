"""Which candidate, party or choice each printed box belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rapidfuzz import fuzz

from ballot.election import BallotKind, BallotStyle, Candidate
from ballot.geometry import Box
from ballot.layout import BoxKind, MarkBox
from calibration.blank import BlankSide, Word
from calibration.printed_text import (
    NARROW_GAP,
    WIDE_GAP,
    Label,
    label_from_words,
    name_orders,
    same_name,
    same_text,
    text_rows,
    union,
)
from calibration.rectangles import Rectangle

_MIN_BOX_MM, _MAX_BOX_MM = 2.4, 12.0
_MIN_BOX_FILL = 0.88
"""Lets rounded corners pass, and keeps out the insides of most letters (O fills 0.79)."""

_NO_BOXES = (
    f"no boxes were found beside the names; a box is a closed printed rectangle of {_MIN_BOX_MM:.1f} to "
    f"{_MAX_BOX_MM:.0f} mm (circles, brackets and tinted squares without an outline are not recognised)"
)

_LABEL_REACH_MM, _LABEL_STEP_MM = 90.0, 6.0
_HEADING_REACH_MM = 30.0
_COLUMN_MM, _NEXT_ROW_MM = 2.0, 20.0
_ALIKE = 75
_SURE_NAME = 92
"""Percent alike from which a name read from pixels stands without its number."""


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


@dataclass(frozen=True, slots=True)
class Assigned:
    """Boxes with their meaning, and every contradiction to the election file, in words.

    Attributes:
        rows: Around each box with its label.
    """

    boxes: tuple[MarkBox, ...]
    problems: tuple[str, ...]
    rows: tuple[Box, ...] = ()


def square_boxes(side: BlankSide, rectangles: Sequence[Rectangle]) -> list[Box]:
    """The rectangles that can be boxes for a mark: about square, 2.4 to 12 mm, no letter's inside."""
    letters = [w.box for w in side.words] if side.from_text_layer else []
    result = []
    for rectangle in rectangles:
        box = rectangle.box
        fits = min(box.w_mm, box.h_mm) >= _MIN_BOX_MM and max(box.w_mm, box.h_mm) <= _MAX_BOX_MM
        if not fits or rectangle.fill < _MIN_BOX_FILL or not 0.55 <= box.w_mm / box.h_mm <= 1.8:
            continue
        if not any(letter.overlap_mm2(box) > 0.5 * box.area_mm2 for letter in letters):
            result.append(box)
    return result


def assign_boxes(side: BlankSide, boxes: Sequence[Box], style: BallotStyle,
                 candidates: Sequence[Candidate]) -> Assigned:  # fmt: skip
    """Gives each box its meaning by the text printed beside it, and checks it all against the file."""
    expected = [c.name for c in candidates] if style.kind is not BallotKind.PARTY else list(style.parties)
    if not expected:
        return Assigned((), ())
    across = style.kind is BallotKind.MAYOR
    choices = [_labelled(side, boxes, to_the_right, across, expected) for to_the_right in (True, False)]
    labelled = max(choices, key=lambda group: _fit(group, expected))
    labelled = _without_examples(_of_common_size(labelled, expected), expected)
    rows = tuple(entry.box.united(entry.label.box) for entry in labelled)
    exact = side.from_text_layer
    if style.kind is BallotKind.PARTY:
        return replace(_assign_parties(labelled, style.parties, exact), rows=rows)
    if across:
        return replace(_assign_choices(side, labelled, candidates, exact), rows=rows)
    return replace(_assign_candidates(labelled, candidates, exact), rows=rows)


def _labelled(
    side: BlankSide, boxes: Sequence[Box], to_the_right: bool, across: bool, expected: Sequence[str]
) -> list[LabelledBox]:
    found = []
    for box in boxes:
        others = [] if across else [b for b in boxes if b is not box and _beside(box, b)]
        entries = _entries(side, box, others, to_the_right)
        if entries:
            # Beside a box a second line may stand under the name, with a place or a party.
            alike = [max(_alike(entry, name) for name in expected) for entry in entries]
            best = alike.index(max(alike))
            found.append(entries[best if alike[best] >= _ALIKE else 0])
    return found


def _entries(side: BlankSide, box: Box, others: Sequence[Box], to_the_right: bool) -> list[LabelledBox]:
    """What may be a box's label: each row of words beside it, the nearest first, and two rows as one."""
    near = text_rows(_words_beside(side.words, box, others, to_the_right))
    around = text_rows(_words_beside(side.words, box, others, to_the_right, lines=2))
    entries = []
    for rows in [[row] for row in sorted(near, key=lambda r: _steps_away(r, box))] + [
        list(pair) for pair in pairwise(around)
    ]:
        own = [row if to_the_right else _last_label_words(row) for row in rows]
        label, closer = (
            _joined([label_from_words(row, gap) for row in own]) for gap in (WIDE_GAP, NARROW_GAP)
        )
        if label is not None and closer is not None and label.text:
            entries.append(LabelledBox(box, label, closer))
    return entries


def _joined(labels: Sequence[Label | None]) -> Label | None:
    """The label that runs over several rows; None where a row has none."""
    known = [label for label in labels if label is not None]
    if len(known) < len(labels):
        return None
    return Label(
        known[0].number, " ".join(label.text for label in known), union(label.box for label in known)
    )


def _steps_away(row: Sequence[Word], box: Box) -> int:
    """How far a row of words begins from a box, roughly: a heading of the next column may be as level."""
    gaps = (max(word.box.x_mm - box.right_mm, box.x_mm - word.box.right_mm) for word in row)
    return round(min(gaps) / _LABEL_STEP_MM)


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


def _last_label_words(row: Sequence[Word]) -> list[Word]:
    """For labels left of their boxes: begin at the last number, or at the start of the row."""
    for index in range(len(row) - 1, -1, -1):
        if re.match(r"^\d{1,3}[.):]", row[index].text):
            return list(row[index:])
    return list(row)


def _alike(entry: LabelledBox, name: str) -> float:
    """Percent alike of a label and a name; the surname may stand first, with a comma."""
    texts = [order for reading in entry.readings for order in name_orders(reading.text)]
    return max(float(fuzz.ratio(text.casefold(), name.casefold())) for text in texts)


def _fit(group: Sequence[LabelledBox], expected: Sequence[str]) -> float:
    """How many boxes have a label that resembles an expected text, nearer labels first."""
    total = 0.0
    for entry in group:
        if max(_alike(entry, name) for name in expected) >= _ALIKE:
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
    return [e for e in group if abs(e.box.w_mm - width) < 0.6 and abs(e.box.h_mm - height) < 0.6]


def _named(group: Sequence[LabelledBox], expected: Sequence[str]) -> list[Box]:
    """The boxes whose label resembles an expected text."""
    return [e.box for e in group if max(_alike(e, name) for name in expected) >= _ALIKE]


def _without_examples(group: list[LabelledBox], expected: Sequence[str]) -> list[LabelledBox]:
    """Drops boxes that only show voters how to mark: apart from the others, without number or known name.

    A box that goes on a column stays: somebody may stand there whom the election file does not know.
    """
    named = _named(group, expected)
    return [
        entry
        for entry in group
        if entry.box in named
        or entry.label.number is not None
        or _is_blank_vote(entry)
        or any(_goes_on(entry.box, other) for other in named)
    ]


def _is_blank_vote(entry: LabelledBox) -> bool:
    return re.search(r"\bblankt?\b", entry.label.text.casefold()) is not None


def _goes_on(box: Box, other: Box) -> bool:
    """Whether a box may be the next one in another's column."""
    across, down = (abs(a - b) for a, b in zip(box.center_mm, other.center_mm, strict=True))
    return across < _COLUMN_MM and down < _NEXT_ROW_MM


def _match(entry: LabelledBox, candidates: Sequence[Candidate], exact: bool) -> Candidate | None:
    for label in entry.readings:
        named = [c for c in candidates if same_name(label.text, c.name, exact=exact)]
        if label.number is not None:
            named = [c for c in named if c.number == label.number]
        if len(named) == 1:
            return named[0]
    return None if exact else _match_by_name(entry, candidates)


def _match_by_name(entry: LabelledBox, candidates: Sequence[Candidate]) -> Candidate | None:
    """The one candidate with nearly the printed name, whatever Tesseract made of the number.

    Digits of small print are misread more often than whole names. `_out_of_order` sees to it that
    the candidate stands at its place, and every candidate must in the end have exactly one box.
    """
    alike = [c for c in candidates if _alike(entry, c.name) >= _SURE_NAME]
    return alike[0] if len(alike) == 1 else None


def _assign_candidates(labelled: Sequence[LabelledBox], candidates: Sequence[Candidate],
                       exact: bool) -> Assigned:  # fmt: skip
    named = _assign_each(labelled, candidates, exact)
    problems = list(named.problems)
    problems += _missing_or_double(named.boxes, candidates, len(problems))
    return Assigned(tuple(sorted(named.boxes, key=lambda b: b.candidate or 0)), tuple(problems))


def _assign_each(labelled: Sequence[LabelledBox], candidates: Sequence[Candidate],
                 exact: bool) -> Assigned:  # fmt: skip
    """Gives every labelled box its candidate, in the order of the boxes given."""
    found = [_match(entry, candidates, exact) for entry in labelled]
    misplaced = _out_of_order(labelled, found)
    boxes, problems = [], []
    for index, (entry, candidate) in enumerate(zip(labelled, found, strict=True)):
        number = entry.label.number
        printed = f"{number}. {entry.label.text}" if number else entry.label.text
        if candidate is None or index in misplaced:
            meant = candidate or _meant(entry, candidates)
            problems.append(f"printed «{printed}», the election file has «{meant.number}. {meant.name}»")
        else:
            boxes.append(MarkBox(BoxKind.PERSONAL, entry.box, candidate=candidate.number, label=printed))
    return Assigned(tuple(boxes), tuple(problems))


def _out_of_order(labelled: Sequence[LabelledBox], found: Sequence[Candidate | None]) -> set[int]:
    """Boxes whose printed number is another than their candidate's, and not for being misread.

    A number that was misread from pixels stands between the candidate's neighbours on the list; one
    that the election file has wrong does not. Columns may be filled downwards or across.
    """
    boxes = [entry.box for entry in labelled]
    places = {id(box): index for index, box in enumerate(boxes)}
    down = [sorted(column, key=lambda b: b.y_mm) for column in _columns(boxes)]
    across = sorted(boxes, key=lambda b: (round(b.y_mm), b.x_mm))
    in_place: set[int] = set()
    for run in (*down, across):
        order = [places[id(box)] for box in run]
        numbers = [None if (named := found[i]) is None else named.number for i in order]
        for at, index in enumerate(order):
            around = [(numbers[i], i - at) for i in (at - 1, at + 1) if 0 <= i < len(order)]
            steps = [n - (numbers[at] or 0) == step for n, step in around if n is not None]
            if steps and all(steps):
                in_place.add(index)
    return {
        index
        for index, (entry, candidate) in enumerate(zip(labelled, found, strict=True))
        if candidate is not None
        and entry.label.number not in (None, candidate.number)
        and index not in in_place
    }


def _meant(entry: LabelledBox, candidates: Sequence[Candidate]) -> Candidate:
    by_number = next((c for c in candidates if c.number == entry.label.number), None)
    return by_number or max(candidates, key=lambda c: _alike(entry, c.name))


def _missing_or_double(boxes: Sequence[MarkBox], candidates: Sequence[Candidate], known: int) -> list[str]:
    problems = []
    if candidates and not boxes and not known:
        return [_NO_BOXES]
    for candidate in candidates:
        count = sum(b.candidate == candidate.number for b in boxes)
        name = f"«{candidate.number}. {candidate.name}»"
        if count > 1:
            problems.append(f"{name} stands beside {count} boxes")
        elif count == 0 and not known:
            problems.append(f"no box found for {name} of the election file")
    return problems


def _assign_parties(labelled: Sequence[LabelledBox], parties: Sequence[str], exact: bool) -> Assigned:
    boxes: list[MarkBox] = []
    problems: list[str] = []
    for entry in labelled:
        texts = [label.text for label in entry.readings]
        named = [p for p in parties if any(same_text(text, p, exact=exact) for text in texts)]
        if named:
            boxes.append(MarkBox(BoxKind.PARTY, entry.box, party=named[0], label=entry.label.text))
        elif _is_blank_vote(entry):
            boxes.append(MarkBox(BoxKind.BLANK_VOTE, entry.box, label=entry.label.text))
        else:
            closest = max(parties, key=lambda p: _alike(entry, p))
            problems.append(f"printed «{entry.label.text}», the election file has «{closest}»")
    for party in parties:
        count = sum(b.party == party for b in boxes)
        if count != 1 and not (count == 0 and problems):
            problems.append(f"«{party}» of the election file stands beside {count} boxes")
    return Assigned(tuple(boxes), tuple(problems))


def _assign_choices(side: BlankSide, labelled: Sequence[LabelledBox], candidates: Sequence[Candidate],
                    exact: bool) -> Assigned:  # fmt: skip
    """First and second choice are two columns of boxes, told apart by the words above them."""
    personal = _assign_each(labelled, candidates, exact)
    columns = _columns([b.box for b in personal.boxes])
    kinds = _choice_kinds(side, columns)
    if personal.problems:
        return Assigned((), personal.problems)
    if None in kinds or len(set(kinds)) != len(kinds):
        printed = ", ".join(f"x = {union(c).x_mm:.0f} mm" for c in columns)
        problem = f"the columns of boxes ({printed}) are not headed «Førstevalg» and «Andrevalg»"
        return Assigned((), (problem,))
    boxes = []
    for mark in personal.boxes:
        index = next(i for i, column in enumerate(columns) if mark.box in column)
        kind = kinds[index]
        assert kind is not None
        boxes.append(MarkBox(kind, mark.box, candidate=mark.candidate, label=mark.label))
    problems: list[str] = []
    for kind in dict.fromkeys(k for k in kinds if k):
        problems += _missing_or_double([b for b in boxes if b.kind is kind], candidates, len(problems))
    return Assigned(tuple(boxes), tuple(problems))


def _columns(boxes: Sequence[Box]) -> list[list[Box]]:
    columns: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: b.x_mm):
        if columns and abs(columns[-1][0].x_mm - box.x_mm) < _COLUMN_MM:
            columns[-1].append(box)
        else:
            columns.append([box])
    return columns


def _choice_kinds(side: BlankSide, columns: Sequence[Sequence[Box]]) -> list[BoxKind | None]:
    """Reads the headings above the columns, «Førstevalg» / «Andrevalg» or «1.» / «2.».

    Each heading belongs to the column it stands nearest to; a column without one gets None.
    """
    if not columns:
        return []
    areas = [union(column) for column in columns]
    top = min(area.y_mm for area in areas)
    kinds: list[BoxKind | None] = [None] * len(areas)
    for word in side.words:
        kind = _heading_kind(word.text)
        if kind is None or not -0.5 <= top - word.box.bottom_mm < _HEADING_REACH_MM:
            continue
        middle = word.box.center_mm[0]
        distances = [abs(area.center_mm[0] - middle) for area in areas]
        nearest = distances.index(min(distances))
        if distances[nearest] < 15:
            kinds[nearest] = kind
    return kinds


def _heading_kind(text: str) -> BoxKind | None:
    if re.match(r"(før|fyr)st|1\.", text.casefold()):
        return BoxKind.FIRST_CHOICE
    if re.match(r"andre|2\.", text.casefold()):
        return BoxKind.SECOND_CHOICE
    return None
