"""Comparing readings with known truth: what was wrong in silence, and what was doubted for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ballot.geometry import Box
from ballot.layout import PageSide
from ballot.reading import Doubt, DoubtCode, MarkState, Reading, SheetKind, StampState

WHOLE_SHEET = frozenset(
    {
        DoubtCode.UNREADABLE,
        DoubtCode.WRONG_ELECTION,
        DoubtCode.SIDES_MISMATCH,
        DoubtCode.MISSING_SIDE,
        DoubtCode.DOUBLE_FEED,
        DoubtCode.UNKNOWN_LIST,
        DoubtCode.REGISTRATION_POOR,
    }
)
"""With one of these a person enters the whole sheet by hand, so no field of it is read in silence."""

_MARKS = frozenset({DoubtCode.MARK_UNCERTAIN, DoubtCode.MARK_TAKEN_BACK})
_NAMES = frozenset({DoubtCode.WRITE_IN_UNCERTAIN, DoubtCode.WRITE_IN_UNKNOWN, DoubtCode.WRITE_IN_TOO_MANY})
ANSWERED_BY = {
    "stamp_missing": frozenset({DoubtCode.STAMP_MISSING, DoubtCode.STAMP_UNCERTAIN}),
    "mark_taken_back": _MARKS,
    "torn": frozenset({DoubtCode.TORN}),
    "ink_outside_fields": frozenset({DoubtCode.INK_OUTSIDE_FIELDS}),
    "write_in_unknown": _NAMES,
    "write_in_uncertain": _NAMES,
    "party_unclear": frozenset({DoubtCode.PARTY_UNCLEAR, *_MARKS}),
    "choice_unclear": frozenset({DoubtCode.CHOICE_UNCLEAR, *_MARKS}),
}
"""Which doubts bring a person to what must be doubted; those of `WHOLE_SHEET` always do."""

TROUBLES = {
    "stamp_missing": (),
    "mark_taken_back": (),
    "torn": ("torn", "hole", "mark_torn", "mark_covered", "mark_printed_over", "double_feed"),
    "ink_outside_fields": ("ink_outside", "strike_out", "mark_printed_over", "double_feed"),
}
"""What a campaign counts, with the conditions that are a reason for the same doubt without demanding it."""


_VANISHED, _SCRIBBLE_VANISHED = "mark_vanished", "scribble_vanished"
_CALLING = (
    "ink_outside", "strike_out", "streak", "mark_torn", "mark_covered", "mark_printed_over", _VANISHED,
)  # fmt: skip
"""Conditions that call for a person, or of which no reader can know."""


class Fate(StrEnum):
    """What became of something that must be doubted."""

    DOUBTED = "doubted"
    MISSED = "missed"  # the sheet goes to a person, but for another reason
    SILENT = "silent"  # the sheet was accepted


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one reading compares with the truth.

    Attributes:
        errors: What is wrong and would not be seen by anybody. Empty is what counts.
        missed: What should have been doubted on a sheet that was doubted for another reason only.
        doubts: Codes of the reading's doubts.
        undamaged: Whether nothing on the sheet called for a person: no handwriting, no damage,
            stamped, nothing taken back or written outside, no stamp across fields.
        clear_stamp: Whether the stamp came out clear; a faint or partial one may well be doubted.
        vanished: How many marks, or scribbles over them, the scan shows nothing of.
        lost: What is wrong because of these: the fault of the scanner's setting, which no reader can see.
        fills: Whether the voter fills boxes. By themselves, or run over the outline, filled boxes look like
            crosses scribbled out, and a person looks.
        written: Whether the only handwriting is names in write-in rows, and nothing else calls
            for a person.
        positions: Boxes whose state was decided, right or wrong; none of a sheet that is entered by hand.
        troubles: Each thing that had to be doubted, with its fate.
        needless: Doubts of the kinds in `TROUBLES` on sheets without any reason for them.
    """

    front: str
    accepted: bool
    errors: tuple[str, ...]
    doubts: tuple[DoubtCode, ...]
    undamaged: bool
    positions: int
    missed: tuple[str, ...] = ()
    clear_stamp: bool = True
    troubles: tuple[tuple[str, Fate], ...] = ()
    needless: tuple[str, ...] = ()
    written: bool = False
    fills: bool = False
    vanished: int = 0
    lost: tuple[str, ...] = ()

    @property
    def wrong(self) -> tuple[str, ...]:
        """What is wrong and would not be seen by anybody, whether reader or scanner is at fault."""
        return self.errors + self.lost


def compare(reading: Reading, truth: Mapping[str, Any]) -> Outcome:
    """Compares a reading with a line of ``truth.jsonl``."""
    codes = {d.code for d in reading.doubts}
    errors = [] if codes & WHOLE_SHEET else _field_errors(reading, truth, codes)
    lost = tuple(e for e in errors if _is_of_vanished(e, reading, truth))
    errors = [e for e in errors if e not in lost]
    lost += _counted_scribbles(reading, truth)
    troubles = _troubles(reading, truth, codes)
    silent = [name for name, fate in troubles if fate is Fate.SILENT]
    if silent:
        errors.append("accepted in spite of " + ", ".join(silent))
    return Outcome(
        front=reading.front,
        accepted=reading.accepted,
        errors=tuple(errors),
        doubts=tuple(d.code for d in reading.doubts),
        undamaged=not truth["write_ins"] and _is_plain(reading, truth),
        written=bool(truth["write_ins"]) and _is_plain(reading, truth),
        # Where no error counts, nothing is proven either.
        positions=0 if codes & WHOLE_SHEET else _decided(reading),
        missed=tuple(name for name, fate in troubles if fate is Fate.MISSED),
        clear_stamp=truth.get("stamp_quality") in (None, "clear"),
        troubles=troubles,
        needless=_needless(truth, codes),
        fills=any(mark.get("shape") == "fill" for mark in truth["mark_boxes"]),
        vanished=len(_vanished(truth)) + len(_hidden_scribbles(truth)),
        lost=lost,
    )


def _decided(reading: Reading) -> int:
    return sum(mark.state in (MarkState.EMPTY, MarkState.MARKED) for mark in reading.marks)


def _is_plain(reading: Reading, truth: Mapping[str, Any]) -> bool:
    """Whether nothing but perhaps a name in a write-in row calls for a person."""
    unclear = "party_unclear" in truth["expected_doubts"]
    # What lies under a stamp can be judged by nobody without the paper.
    under_stamp = "stamp_over_boxes" in truth["conditions"]
    outside = any(c.startswith(_CALLING) for c in truth["conditions"])
    # A party without a list here goes to a person by law (reason d): no needless doubt.
    outside = outside or any(d.party is not None and d.party == truth["party"] for d in reading.doubts)
    damaged = bool(truth.get("missing_mm")) or under_stamp
    return not (truth["expected_doubts"] or damaged or unclear or outside or _party_written(truth))


def _party_written(truth: Mapping[str, Any]) -> bool:
    return truth["kind"] == "party" and not truth["mark_boxes"]


def _troubles(
    reading: Reading, truth: Mapping[str, Any], codes: set[DoubtCode]
) -> tuple[tuple[str, Fate], ...]:
    """Everything that must be doubted, each taken-back mark for itself."""
    taken_back = {_number(c) for c in truth["conditions"] if c.startswith("taken_back:")}
    troubles = []
    for name in truth["expected_doubts"]:
        if name == "mark_taken_back" and taken_back:
            for candidate in sorted(taken_back - _hidden_scribbles(truth)):
                seen = bool(codes & WHOLE_SHEET) or _is_looked_at(reading, truth, candidate)
                troubles.append((name, _fate(reading, seen)))
        else:
            seen = bool(codes & (WHOLE_SHEET | ANSWERED_BY.get(name, frozenset())))
            if name == "torn":  # a doubt about a field that is gone brings a person there as well
                gone = [Box(*piece) for piece in truth.get("missing_mm", ())]
                seen = seen or any(_lies_on(doubt, gone, reading) for doubt in reading.doubts)
            troubles.append((name, _fate(reading, seen)))
    return tuple(troubles)


def _fate(reading: Reading, seen: bool) -> Fate:
    if reading.accepted:
        return Fate.SILENT
    return Fate.DOUBTED if seen else Fate.MISSED


def _vanished(truth: Mapping[str, Any]) -> list[str]:
    return [c for c in truth["conditions"] if c.startswith(_VANISHED)]


def _hidden_scribbles(truth: Mapping[str, Any]) -> set[int]:
    """Candidates whose mark was scribbled over in ink that the scan does not show."""
    return {_number(c) for c in truth["conditions"] if c.startswith(_SCRIBBLE_VANISHED)}


def _counted_scribbles(reading: Reading, truth: Mapping[str, Any]) -> tuple[str, ...]:
    """Marks that were counted since the scan does not show the scribble over them."""
    if not reading.accepted:
        return ()
    hidden = sorted(_hidden_scribbles(truth) & set(reading.personal))
    return tuple(f"candidate {number} read as marked, truly taken back" for number in hidden)


def _is_of_vanished(error: str, reading: Reading, truth: Mapping[str, Any]) -> bool:
    """Whether an error is only that a mark was not read of which the scan shows nothing."""
    gone = _vanished(truth)
    if truth["kind"] == "list":
        return error in {_read_as_empty(_number(c)) for c in gone}
    if truth["kind"] == "party":
        return bool(gone) and error.startswith("party ") and reading.party is None
    read, true = reading.choices, truth["choices"]
    if not gone or read is None or not error.startswith("choices "):
        return False
    return read.first in (None, true["first"]) and read.second in (None, true["second"])


def _read_as_empty(candidate: int) -> str:
    return f"candidate {candidate} read as empty, truly marked"


def _number(condition: str) -> int:
    return int(condition.partition(":")[2])


def _is_looked_at(reading: Reading, truth: Mapping[str, Any], candidate: int) -> bool:
    """Whether a doubt brings a person to a candidate's mark: it names it, or lies on its box."""
    boxes = [Box(*m["box_mm"]) for m in truth["mark_boxes"] if m["candidate"] == candidate and "box_mm" in m]
    return any(d.candidate == candidate or _lies_on(d, boxes, reading) for d in reading.doubts)


def _lies_on(doubt: Doubt, boxes: list[Box], reading: Reading) -> bool:
    """Whether a doubt lies on one of these boxes of the inside."""
    if any(r.scan is doubt.side and r.page is PageSide.OUTSIDE for r in reading.registrations):
        return False
    return doubt.box_mm is not None and any(doubt.box_mm.overlap_mm2(box) > 0 for box in boxes)


def _needless(truth: Mapping[str, Any], codes: set[DoubtCode]) -> tuple[str, ...]:
    """Kinds of trouble that were doubted without being there."""
    if truth["kind"] == SheetKind.UNKNOWN.value:
        return ()
    words = {condition.partition(":")[0] for condition in truth["conditions"]}
    found = []
    for name, reasons in TROUBLES.items():
        named = {DoubtCode.MARK_TAKEN_BACK} if name == "mark_taken_back" else ANSWERED_BY[name]
        if codes & named and name not in truth["expected_doubts"] and not words & set(reasons):
            found.append(name)
    return tuple(found)


def _field_errors(reading: Reading, truth: Mapping[str, Any], codes: set[DoubtCode]) -> list[str]:
    errors = []
    if reading.kind.value != truth["kind"]:
        errors.append(f"kind {reading.kind.value}, truly {truth['kind']}")
    if reading.ballot_number != truth["ballot_number"]:
        errors.append(f"number {reading.ballot_number}, truly {truth['ballot_number']}")
    if truth["kind"] == "list" and reading.list_id != truth["list"]:
        errors.append(f"list {reading.list_id}, truly {truth['list']}")
    if DoubtCode.BALLOT_ID_UNCERTAIN not in codes and reading.ballot_id != truth["ballot_id"]:
        errors.append(f"id {reading.ballot_id}, truly {truth['ballot_id']}")
    if reading.stamp is StampState.PRESENT and truth["stamp"] == "missing":
        errors.append("stamp read as present, truly missing")
    return (
        errors
        + _mark_errors(reading, truth)
        + _row_errors(reading, truth)
        + _party_errors(reading, truth, codes)
        + _choice_errors(reading, truth, codes)
    )


def _mark_errors(reading: Reading, truth: Mapping[str, Any]) -> list[str]:
    """Personal votes that are not as voted, where nobody looks.

    A mark taken back has no true state; whether it was doubted is another question (`_troubles`).
    A box with the cross beside it is empty: reading it as marked would be an error.
    """
    if truth["kind"] != "list":
        return []
    beside = {_number(c) for c in truth["conditions"] if c.startswith("mark_beside:")}
    looked_at = {d.candidate for d in reading.doubts if d.candidate is not None}
    looked_at |= set(truth["undecided"]) - beside
    read, true = set(reading.personal) - looked_at, set(truth["personal"]) - looked_at
    errors = [f"candidate {n} read as marked, truly empty" for n in sorted(read - true)]
    return errors + [_read_as_empty(n) for n in sorted(true - read)]


def _row_errors(reading: Reading, truth: Mapping[str, Any]) -> list[str]:
    read = {w.row: w for w in reading.write_ins}
    looked_at = {d.row for d in reading.doubts if d.row is not None}
    errors = []
    for written in truth["write_ins"]:
        row = written["row"]
        if row in looked_at:
            continue
        if row not in read:
            errors.append(f"row {row} read as empty, truly «{written['text']}»")
        elif read[row].candidate != written["candidate"]:
            errors.append(f"row {row} read as {read[row].candidate}, truly {written['candidate']}")
    invented = read.keys() - looked_at - {written["row"] for written in truth["write_ins"]}
    return errors + [f"row {row} read as {read[row].candidate}, truly empty" for row in sorted(invented)]


def _party_errors(reading: Reading, truth: Mapping[str, Any], codes: set[DoubtCode]) -> list[str]:
    if truth["kind"] != "party" or DoubtCode.PARTY_UNCLEAR in codes:
        return []
    if reading.party != truth["party"]:
        if _is_mark_doubted(reading, truth, {reading.party, truth["party"]}):
            return []
        return [f"party {reading.party}, truly {truth['party']}"]
    if "party_list" in truth and reading.list_id != truth["party_list"]:
        return [f"party {reading.party} for list {reading.list_id}, truly {truth['party_list']}"]
    return []


def _choice_errors(reading: Reading, truth: Mapping[str, Any], codes: set[DoubtCode]) -> list[str]:
    if truth["kind"] != "mayor" or DoubtCode.CHOICE_UNCLEAR in codes:
        return []
    read = reading.choices
    found = None if read is None else {"first": read.first, "second": read.second}
    if found == truth["choices"] or _is_mark_doubted(reading, truth, set()):
        return []
    return [f"choices {found}, truly {truth['choices']}"]


def _is_mark_doubted(reading: Reading, truth: Mapping[str, Any], parties: set[str | None]) -> bool:
    """Whether a doubt about a mark lies on a box that was crossed, or is taken for crossed.

    Who rules on that box says what the whole vote is. A doubt about another box is about that box.
    """
    crossed = [Box(*m["box_mm"]) for m in truth["mark_boxes"] if "box_mm" in m]
    crossed += [m.expected for m in reading.marks if m.state is not MarkState.EMPTY]
    named = parties - {None}
    return any(
        d.code in _MARKS and (d.party in named or _lies_on(d, crossed, reading)) for d in reading.doubts
    )
