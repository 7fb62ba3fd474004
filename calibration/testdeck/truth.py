"""What is true of a simulated sheet, as a line of ``truth.jsonl``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ballot.election import BallotKind, BallotStyle, Election
from ballot.layout import BoxKind, PageSide
from calibration.testdeck.feeding import Mishap
from calibration.testdeck.press import UsedBallot
from calibration.testdeck.scanning import Pass
from calibration.testdeck.voters import Intent
from calibration.testdeck.wear import Wear, missing_pieces

BLANK_CHOICE = "blank"


def _numbers(intent: Intent, kind: BoxKind) -> list[int]:
    return [
        m.mark_box.candidate
        for m in intent.marks
        if m.mark_box.kind is kind and not m.taken_back and m.mark_box.candidate is not None
    ]


def _party(election: Election, intent: Intent) -> tuple[str | None, bool]:
    """The party a party ballot is for, and whether that is beyond question."""
    if intent.party_text is not None:
        return intent.party_text, not intent.marks
    if len(intent.marks) != 1:
        return None, False
    box = intent.marks[0].mark_box
    return (BLANK_CHOICE if box.kind is BoxKind.BLANK_VOTE else box.party), True


def _list_of(election: Election, style: BallotStyle, intent: Intent, party: str | None) -> str | None:
    """The list that a party ballot's vote goes to, or None when there is none in the area."""
    if party is None or party == BLANK_CHOICE:
        return None
    if intent.party_text is not None:
        return next((entry.id for entry in election.lists if entry.name == intent.party_text), None)
    return style.list_of_party(party)


def _choices(intent: Intent) -> tuple[dict[str, int | None], bool]:
    first, second = _numbers(intent, BoxKind.FIRST_CHOICE), _numbers(intent, BoxKind.SECOND_CHOICE)
    clear = len(first) == 1 and len(second) <= 1 and first != second
    return {
        "first": first[0] if len(first) == 1 else None,
        "second": second[0] if len(second) == 1 else None,
    }, clear


def _behaviours(intent: Intent, stamped_boxes: bool) -> tuple[list[str], list[str]]:
    """Words for what the voter did beyond voting, and the doubts nobody may be without."""
    words, doubts = [], []
    for mark in intent.marks:
        if mark.taken_back:
            words.append(f"taken_back:{mark.mark_box.candidate}")
            doubts.append("mark_taken_back")
    for box in intent.beside:
        words.append(f"mark_beside:{box.candidate}")
    words += [f"strike_out:{number}" for number in intent.struck_out]
    if intent.comment is not None:
        words.append("comment")
    if intent.beside or intent.comment is not None:
        words.append("ink_outside")
        doubts.append("ink_outside_fields")
    if stamped_boxes:
        words.append("stamp_over_boxes")
    if any(not w.known for w in intent.write_ins):
        doubts.append("write_in_unknown")
    if any(w.known and w.candidate is None for w in intent.write_ins):
        doubts.append("write_in_uncertain")
    return words, doubts


def _undecided(intent: Intent) -> list[int]:
    """Candidates whose mark nobody can judge: taken back, or beside the box."""
    taken_back = {m.mark_box.candidate for m in intent.marks if m.taken_back}
    beside = {box.candidate for box in intent.beside}
    return sorted(number for number in taken_back | beside if number is not None)


def _vanished(intent: Intent, lost: Sequence[bool]) -> list[str]:
    return [
        f"{'scribble' if mark.taken_back else 'mark'}_vanished:"
        f"{mark.mark_box.candidate or mark.mark_box.party}"
        for mark, gone in zip(intent.marks, lost or [False] * len(intent.marks), strict=True)
        if gone
    ]


def _mark_boxes(intent: Intent) -> list[dict[str, Any]]:
    return [
        {
            "kind": m.mark_box.kind.value,
            "candidate": m.mark_box.candidate,
            "party": m.mark_box.party,
            "box_mm": m.mark_box.box.as_list(),
            "shape": m.shape.value,
            "pen": intent.pen,
            "taken_back": m.taken_back,
        }
        for m in intent.marks
    ]


def truth_of(
    election: Election,
    used: UsedBallot,
    wear: Wear,
    harmed: bool,
    way: Pass,
    mishap: Mishap | None,
    lost: Sequence[bool] = (),
) -> dict[str, Any]:
    """Everything known about a sheet except its file names.

    Args:
        harmed: A piece of the sheet is missing that had a field on it, or a whole corner.
        mishap: What the feeder took in instead of one ballot.
        lost: For each mark whether the scan hides it, or what takes it back; empty when it shows all.
    """
    if mishap is Mishap.EMPTY_PAPER:
        return _nothing([*wear.conditions, *way.conditions])
    intent, stamping, style = used.intent, used.stamping, used.intent.style
    words, doubts = _behaviours(intent, used.stamped_boxes)
    party = party_list = choices = None
    if style.kind is BallotKind.PARTY:
        party, clear = _party(election, intent)
        party_list = _list_of(election, style, intent, party)
        doubts += [] if clear else ["party_unclear"]
    elif style.kind is BallotKind.MAYOR:
        choices, clear = _choices(intent)
        doubts += [] if clear else ["choice_unclear"]
    stamp = stamping.impression
    if stamp is None:
        doubts.append("stamp_missing")
    if harmed:
        doubts.append("torn")
    if mishap is not None:
        words.append(mishap.value)
        doubts.append("double_feed")
    words += [*_vanished(intent, lost), f"pen:{intent.pen}", *wear.conditions, *way.conditions]
    if stamp is not None and stamping.side is PageSide.INSIDE:
        words.append("stamp_on_inside")
    return {
        "kind": style.kind.value,
        "list": style.list_id,
        "ballot_number": style.number,
        "ballot_id": used.ballot_id,
        "stamp": "missing" if stamp is None else "present",
        "stamp_quality": None if stamp is None else stamp.quality.value,
        "personal": _numbers(intent, BoxKind.PERSONAL),
        "undecided": _undecided(intent),
        "write_ins": [
            {"row": w.row, "candidate": w.candidate, "text": w.text, "party_text": w.party_text}
            for w in intent.write_ins
        ],
        "party": party,
        "party_list": party_list,
        "choices": choices,
        "mark_boxes": _mark_boxes(intent),
        "missing_mm": [box.as_list() for box in missing_pieces(wear, used.sheet.fields.inside)],
        "conditions": words,
        "expected_doubts": sorted(set(doubts)),
    }


def _nothing(words: list[str]) -> dict[str, Any]:
    """The truth of a sheet of empty paper."""
    return {
        "kind": "unknown",
        "list": None,
        "ballot_number": None,
        "ballot_id": None,
        "stamp": "missing",
        "stamp_quality": None,
        "personal": [],
        "undecided": [],
        "write_ins": [],
        "party": None,
        "party_list": None,
        "choices": None,
        "mark_boxes": [],
        "missing_mm": [],
        "conditions": [Mishap.EMPTY_PAPER.value, *words],
        "expected_doubts": ["unreadable"],
    }
