"""Which candidate, party or choice each printed box belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ballot.election import BallotKind, BallotStyle, Candidate
from ballot.geometry import Box
from ballot.layout import BoxKind, MarkBox
from calibration.blank import BlankSide
from calibration.labelled_boxes import (
    COLUMN_MM,
    MAX_BOX_MM,
    MIN_BOX_MM,
    LabelledBox,
    alike,
    is_blank_vote,
    labelled_boxes,
    stand_on_both_sides,
)
from calibration.printed_text import same_text, union

_NO_BOXES = (
    f"no boxes were found beside the names; a box is a closed printed rectangle of {MIN_BOX_MM:.1f} to "
    f"{MAX_BOX_MM:.0f} mm (circles, brackets and tinted squares without an outline are not recognised)"
)

_BOTH_SIDES = (
    "boxes of one size stand on both sides of the names, or beside names that could not be told; "
    "nothing says which of them are to be marked"
)
_HEADING_REACH_MM = 30.0
_SURE_NAME = 92
"""Percent alike from which a name read from pixels stands without its number."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """Boxes with their meaning, and every contradiction to the election file, in words.

    Attributes:
        rows: Around each box with its label.
    """

    boxes: tuple[MarkBox, ...]
    problems: tuple[str, ...]
    rows: tuple[Box, ...] = ()


def assign_boxes(side: BlankSide, boxes: Sequence[Box], style: BallotStyle,
                 candidates: Sequence[Candidate]) -> Assigned:  # fmt: skip
    """Gives each box its meaning by the text printed beside it, and checks it all against the file."""
    expected = [c.name for c in candidates] if style.kind is not BallotKind.PARTY else list(style.parties)
    if not expected:
        return Assigned((), ())
    across = style.kind is BallotKind.MAYOR
    labelled = labelled_boxes(side, boxes, expected, across)
    rows = tuple(entry.box.united(entry.label.box) for entry in labelled)
    if stand_on_both_sides(labelled, boxes):
        return Assigned((), (_BOTH_SIDES,), rows)
    exact = side.from_text_layer
    if style.kind is BallotKind.PARTY:
        return replace(_assign_parties(labelled, style.parties, exact), rows=rows)
    if across:
        return replace(_assign_choices(side, labelled, candidates, exact), rows=rows)
    return replace(_assign_candidates(labelled, candidates, exact), rows=rows)


def _match(entry: LabelledBox, candidates: Sequence[Candidate], exact: bool) -> Candidate | None:
    for text in entry.names:
        named = [c for c in candidates if same_text(text, c.name, exact=exact)]
        agreeing = [c for c in named if entry.label.number in (None, c.number)]
        if len(agreeing) == 1:
            return agreeing[0]
        # Beside the name itself a place may make another's of it: «Kari Hansen» and «Kari Hansen, Moss».
        if exact and named:
            return None
    return None if exact else _match_by_name(entry, candidates)


def _match_by_name(entry: LabelledBox, candidates: Sequence[Candidate]) -> Candidate | None:
    """The one candidate with nearly the printed name, whatever Tesseract made of the number.

    Digits of small print are misread more often than whole names. `_out_of_order` sees to it that
    the candidate stands at its place, and every candidate must in the end have exactly one box.
    """
    near = [c for c in candidates if alike(entry, c.name) >= _SURE_NAME]
    return near[0] if len(near) == 1 else None


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
    return by_number or max(candidates, key=lambda c: alike(entry, c.name))


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
        elif is_blank_vote(entry):
            boxes.append(MarkBox(BoxKind.BLANK_VOTE, entry.box, label=entry.label.text))
        else:
            closest = max(parties, key=lambda p: alike(entry, p))
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
        if columns and abs(columns[-1][0].x_mm - box.x_mm) < COLUMN_MM:
            columns[-1].append(box)
        else:
            columns.append([box])
    return columns


def _choice_kinds(side: BlankSide, columns: Sequence[Sequence[Box]]) -> list[BoxKind | None]:
    """Reads the headings above the columns, «Førstevalg» / «Andrevalg» or «1.» / «2.».

    Each heading belongs to the column it stands nearest to, and of several the lowest counts, whatever
    order the file has them in: instructions above the headings speak of both choices. A column without
    one gets None.
    """
    if not columns:
        return []
    areas = [union(column) for column in columns]
    top = min(area.y_mm for area in areas)
    kinds: list[BoxKind | None] = [None] * len(areas)
    for word in sorted(side.words, key=lambda w: w.box.bottom_mm):
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
