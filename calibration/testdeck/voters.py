"""What a voter does with a ballot, decided before any ink is laid."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ballot.election import BallotKind, BallotStyle, Candidate, CandidateList, Election
from ballot.layout import BoxKind, MarkBox
from calibration.testdeck.fields import BallotFields
from calibration.testdeck.marks import MarkShape
from calibration.testdeck.names import invent_name

Weights = tuple[tuple[str, float], ...]
HAND_PENS: Weights = (
    ("ballpoint_blue", 0.5),
    ("ballpoint_black", 0.26),
    ("pencil", 0.1),
    ("light_blue", 0.04),
    ("felt", 0.05),
    ("red", 0.05),
)
HAND_SHAPES: Weights = (
    ("cross", 0.72),
    ("tick", 0.13),
    ("slash", 0.05),
    ("fill", 0.03),
    ("circle", 0.03),
    ("small_cross", 0.04),
)


class Habit(StrEnum):
    """Things voters do that are no plain vote."""

    TAKEN_BACK = "taken_back"
    BESIDE = "mark_beside"
    COMMENT = "comment"
    STRIKE_OUT = "strike_out"


@dataclass(frozen=True, slots=True)
class VoterRanges:
    """How a deck's voters behave: shares of sheets unless said otherwise.

    Attributes:
        crosses: Mean number of personal votes of those who give any.
        write_ins: Mean number of slengere of those who write any.
        off_list_names: Share of written names that stand on no list.
        own_list_names: Share of written names that are on the ballot's own list.
        habits: Share of sheets with each habit.
        odd_choices: Of party and mayor ballots, those with none or too many crosses.
        group_names: Of party ballots, those with a written name instead of a cross.
    """

    party_ballots: float = 0.05
    blank_ballots: float = 0.04
    no_personal_votes: float = 0.42
    crosses: float = 4.0
    write_in_rate: float = 0.3
    write_ins: float = 2.6
    off_list_names: float = 0.06
    own_list_names: float = 0.03
    party_column_empty: float = 0.3
    habits: tuple[tuple[Habit, float], ...] = ()
    odd_choices: float = 0.06
    group_names: float = 0.12
    pens: Weights = HAND_PENS
    shapes: Weights = HAND_SHAPES


@dataclass(frozen=True, slots=True)
class MarkIntent:
    """A mark in a box. `taken_back` marks are scribbled over afterwards."""

    mark_box: MarkBox
    shape: MarkShape
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class WriteInIntent:
    """A written row.

    Attributes:
        candidate: ``<list>:<number>`` when exactly one person of the election is meant.
        known: Whether the name is on any list.
    """

    row: int
    text: str
    party_text: str
    candidate: str | None
    known: bool


@dataclass(frozen=True, slots=True)
class Intent:
    """Everything a voter will do to one ballot."""

    style: BallotStyle
    marks: tuple[MarkIntent, ...] = ()
    write_ins: tuple[WriteInIntent, ...] = ()
    party_text: str | None = None
    beside: tuple[MarkBox, ...] = ()
    struck_out: tuple[int, ...] = ()
    comment: str | None = None
    pen: str = "ballpoint_blue"


COMMENTS = (
    "Hilsen fra meg!",
    "Lykke til",
    "Jeg støtter dere",
    "Bygg ny skole nå",
    "Nei til veien",
    "Bra jobba!",
)


def draw_from(weights: Weights, rng: np.random.Generator) -> str:
    """One of the words, by weight."""
    shares = np.array([share for _, share in weights])
    return weights[int(rng.choice(len(weights), p=shares / shares.sum()))][0]


def choose_style(election: Election, ranges: VoterRanges, rng: np.random.Generator) -> BallotStyle:
    """Which ballot the voter takes: earlier lists are larger."""
    by_kind: dict[BallotKind, list[BallotStyle]] = {}
    for style in election.ballots:
        by_kind.setdefault(style.kind, []).append(style)
    shares = {BallotKind.PARTY: ranges.party_ballots, BallotKind.BLANK: ranges.blank_ballots}
    at = rng.random()
    for kind, share in shares.items():
        if kind in by_kind:
            if at < share:
                return by_kind[kind][0]
            at -= share
    ordinary = by_kind.get(BallotKind.LIST) or by_kind.get(BallotKind.MAYOR) or list(election.ballots)
    sizes = 1.0 / np.arange(1, len(ordinary) + 1) ** 0.6
    return ordinary[int(rng.choice(len(ordinary), p=sizes / sizes.sum()))]


def choose(
    election: Election,
    style: BallotStyle,
    fields: BallotFields,
    ranges: VoterRanges,
    rng: np.random.Generator,
) -> Intent:
    """The voter's choices on a ballot."""
    pen = draw_from(ranges.pens, rng)
    shape = MarkShape(draw_from(ranges.shapes, rng))
    boxes = fields.inside.mark_boxes
    if style.kind is BallotKind.LIST:
        return _on_list(election, style, fields, ranges, pen, shape, rng)
    if style.kind is BallotKind.PARTY:
        return _on_party_ballot(election, style, boxes, ranges, pen, shape, rng)
    if style.kind is BallotKind.MAYOR:
        return Intent(style, marks=_mayor_marks(boxes, ranges, shape, rng), pen=pen)
    return Intent(style, pen=pen)


def _on_list(
    election: Election,
    style: BallotStyle,
    fields: BallotFields,
    ranges: VoterRanges,
    pen: str,
    shape: MarkShape,
    rng: np.random.Generator,
) -> Intent:
    boxes = list(fields.inside.mark_boxes)
    count = (
        0
        if rng.random() < ranges.no_personal_votes
        else min(int(rng.geometric(1 / ranges.crosses)), len(boxes))
    )
    popularity = 1.0 / (np.arange(len(boxes)) + 2.0) ** 0.5
    order = rng.choice(len(boxes), len(boxes), replace=False, p=popularity / popularity.sum())
    chosen, spare = sorted(order[:count].tolist()), [boxes[i] for i in order[count:]]
    marks = [MarkIntent(boxes[i], shape) for i in chosen]
    beside: tuple[MarkBox, ...] = ()
    struck: tuple[int, ...] = ()
    comment = None
    for habit, rate in ranges.habits:
        if rng.random() >= rate:
            continue
        if habit is Habit.TAKEN_BACK and spare:
            marks.append(MarkIntent(spare.pop(), MarkShape.CROSS, taken_back=True))
        elif habit is Habit.BESIDE and spare:
            beside = (spare.pop(),)
        elif habit is Habit.STRIKE_OUT and spare:
            struck = tuple(m.candidate for m in spare[: int(rng.integers(1, 3))] if m.candidate is not None)
        elif habit is Habit.COMMENT:
            comment = COMMENTS[int(rng.integers(len(COMMENTS)))]
    rows = len(fields.inside.write_in_rows) + len(fields.outside.write_in_rows)
    names: tuple[WriteInIntent, ...] = ()
    if rows and rng.random() < ranges.write_in_rate:
        wanted = min(int(rng.geometric(1 / ranges.write_ins)), rows)
        names = tuple(_write_in(election, style, row, ranges, rng) for row in range(1, wanted + 1))
    return Intent(style, tuple(marks), names, None, beside, struck, comment, pen)


def _write_in(
    election: Election, style: BallotStyle, row: int, ranges: VoterRanges, rng: np.random.Generator
) -> WriteInIntent:
    """A name: mostly a candidate of another list, sometimes of the own, sometimes of none."""
    own = election.list_by_id(style.list_id or "")
    at = rng.random()
    if at < ranges.off_list_names:
        return WriteInIntent(row, _unknown_name(election, rng), "", None, known=False)
    others = [entry for entry in election.lists if entry is not own]
    entry = own if own is not None and at < ranges.off_list_names + ranges.own_list_names else None
    if entry is None:
        entry = others[int(rng.integers(len(others)))]
    popularity = 1.0 / (np.arange(len(entry.candidates)) + 1.5)
    candidate = entry.candidates[int(rng.choice(len(entry.candidates), p=popularity / popularity.sum()))]
    party = "" if rng.random() < ranges.party_column_empty else _written_party(entry, rng)
    namesakes = sum(c.name == candidate.name for e in election.lists for c in e.candidates)
    sure = namesakes == 1 or party != ""
    return WriteInIntent(
        row,
        _written_name(election, candidate, rng),
        party,
        f"{entry.id}:{candidate.number}" if sure else None,
        True,
    )


def _written_party(entry: CandidateList, rng: np.random.Generator) -> str:
    return entry.id if rng.random() < 0.4 else entry.name


def _written_name(election: Election, candidate: Candidate, rng: np.random.Generator) -> str:
    """The full name, or the first and last name where nobody else has both."""
    words = candidate.name.split()
    short = f"{words[0]} {words[-1]}"
    people = [c.name.split() for entry in election.lists for c in entry.candidates]
    alone = sum(p[0] == words[0] and p[-1] == words[-1] for p in people) == 1
    return short if len(words) > 2 and alone and rng.random() < 0.4 else candidate.name


def _unknown_name(election: Election, rng: np.random.Generator) -> str:
    import random

    # A part of a candidate's name, such as a middle name with the surname, is a name of theirs.
    listed = [set(c.name.replace("-", " ").split()) for entry in election.lists for c in entry.candidates]
    source = random.Random(int(rng.integers(1 << 30)))
    while True:
        name = invent_name(source)
        if not any(set(name.replace("-", " ").split()) <= known for known in listed):
            return name


def _on_party_ballot(
    election: Election,
    style: BallotStyle,
    boxes: tuple[MarkBox, ...],
    ranges: VoterRanges,
    pen: str,
    shape: MarkShape,
    rng: np.random.Generator,
) -> Intent:
    """One cross; or the name of a list that is not printed; or, oddly, none or two crosses."""
    at = rng.random()
    if at < ranges.odd_choices:
        count = 0 if rng.random() < 0.4 else 2
        picked = rng.choice(len(boxes), count, replace=False)
        return Intent(style, tuple(MarkIntent(boxes[int(i)], shape) for i in sorted(picked)), pen=pen)
    printed = {name for name, _ in style.party_lists}
    unprinted = [
        entry.name for entry in election.lists if len(entry.parties) == 1 and entry.name not in printed
    ]
    if unprinted and at < ranges.odd_choices + ranges.group_names:
        return Intent(style, party_text=unprinted[int(rng.integers(len(unprinted)))], pen=pen)
    return Intent(style, (MarkIntent(boxes[int(rng.integers(len(boxes)))], shape),), pen=pen)


def _mayor_marks(
    boxes: tuple[MarkBox, ...], ranges: VoterRanges, shape: MarkShape, rng: np.random.Generator
) -> tuple[MarkIntent, ...]:
    first = [m for m in boxes if m.kind is BoxKind.FIRST_CHOICE]
    second = [m for m in boxes if m.kind is BoxKind.SECOND_CHOICE]
    order = rng.permutation(len(first))
    chosen = [first[int(order[0])]]
    at = rng.random()
    if at < ranges.odd_choices / 3:
        chosen = []
    elif at < ranges.odd_choices * 2 / 3:
        chosen.append(first[int(order[1])])
    elif at < ranges.odd_choices:
        chosen.append(second[int(order[0])])
    elif rng.random() < 0.75:
        chosen.append(second[int(order[1])])
    return tuple(MarkIntent(box, shape) for box in chosen)
