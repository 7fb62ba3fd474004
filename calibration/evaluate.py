"""Comparing readings with known truth: what was wrong in silence, and what was doubted for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ballot.reading import DoubtCode, Reading, StampState

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


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one reading compares with the truth.

    Attributes:
        errors: What is wrong and would not be seen by anybody. Empty is what counts.
        doubts: Codes of the reading's doubts.
        undamaged: Whether nothing on the sheet called for a person: no handwriting, no damage,
            stamped, nothing taken back or written outside.
        positions: Boxes whose state was decided, right or wrong.
    """

    front: str
    accepted: bool
    errors: tuple[str, ...]
    doubts: tuple[DoubtCode, ...]
    undamaged: bool
    positions: int


def compare(reading: Reading, truth: Mapping[str, Any]) -> Outcome:
    """Compares a reading with a line of ``truth.jsonl``."""
    codes = {d.code for d in reading.doubts}
    errors = [] if codes & WHOLE_SHEET else _field_errors(reading, truth, codes)
    if reading.accepted and truth["expected_doubts"]:
        errors.append("accepted in spite of " + ", ".join(truth["expected_doubts"]))
    written = truth["write_ins"] or "party_unclear" in truth["expected_doubts"]
    outside = any(c.startswith(("ink_outside", "strike_out")) for c in truth["conditions"])
    # A party without a list here goes to a person by law (reason d): no needless doubt.
    outside = outside or any(d.party is not None and d.party == truth["party"] for d in reading.doubts)
    undamaged = not (truth["expected_doubts"] or written or outside or _party_written(truth))
    return Outcome(
        front=reading.front,
        accepted=reading.accepted,
        errors=tuple(errors),
        doubts=tuple(d.code for d in reading.doubts),
        undamaged=undamaged,
        positions=sum(m.state.value in ("empty", "marked") for m in reading.marks),
    )


def _party_written(truth: Mapping[str, Any]) -> bool:
    return truth["kind"] == "party" and not truth["mark_boxes"]


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
        errors + _mark_errors(reading, truth) + _row_errors(reading, truth) + _choice_errors(reading, truth)
    )


def _mark_errors(reading: Reading, truth: Mapping[str, Any]) -> list[str]:
    if truth["kind"] != "list":
        return []
    looked_at = {d.candidate for d in reading.doubts if d.candidate is not None}
    looked_at |= set(truth["undecided"])
    read, true = set(reading.personal) - looked_at, set(truth["personal"]) - looked_at
    errors = [f"candidate {n} read as marked, truly empty" for n in sorted(read - true)]
    return errors + [f"candidate {n} read as empty, truly marked" for n in sorted(true - read)]


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


def _choice_errors(reading: Reading, truth: Mapping[str, Any]) -> list[str]:
    codes = {d.code for d in reading.doubts}
    if codes & {DoubtCode.MARK_UNCERTAIN, DoubtCode.MARK_TAKEN_BACK}:
        return []
    party_seen = DoubtCode.PARTY_UNCLEAR in codes or reading.party == truth["party"]
    if truth["kind"] == "party" and not party_seen:
        return [f"party {reading.party}, truly {truth['party']}"]
    if truth["kind"] == "mayor" and DoubtCode.CHOICE_UNCLEAR not in codes:
        read = reading.choices
        found = None if read is None else {"first": read.first, "second": read.second}
        if found != truth["choices"]:
            return [f"choices {found}, truly {truth['choices']}"]
    return []
