"""Mark thresholds from labelled boxes: tightened when the ink asks for it, loosened only by much data.

Two limits are fitted. Ink below `empty_ink_mm2` is no mark, ink above `marked_ink_mm2` is one,
and what lies between goes to a person. So the first is safer when lower, the second when higher.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ballot.geometry import Box
from ballot.layout import BoxKind, LayoutSet
from ballot.reading import MarkReading, MarkState, Reading, ScanSide
from calibration.evaluate import WHOLE_SHEET
from recognition.profile import Profile

MIN_EMPTY, MIN_MARKED = 200, 30
"""With fewer labelled boxes than these the standing limits stay."""
LOOSEN_EMPTY, LOOSEN_MARKED = 10_000, 3_000
"""A limit is loosened only beyond so many boxes without one on the wrong side: 3,000 without an
error bound its rate at one in a thousand with 95 % confidence."""
EMPTY_MARGIN, MARKED_MARGIN = 1.5, 2.0
"""The limits stand at least so many times above the most ink of a truly empty box."""
MARK_SHARE = 0.5
"""The empty limit stays below this share of the least ink of a truly marked box."""
LOWEST, HIGHEST = 0.5, 1.5
"""No limit leaves this range around the standing one; what would, is a finding for a person."""

_SPOILING = ("stamp_over_boxes", "streak", "mark_torn", "mark_covered", "mark_printed_over", "double_feed")
"""Conditions under which ink in a box says nothing about pens and paper."""


@dataclass(frozen=True, slots=True)
class LabelledMark:
    """One box of a labelled sheet.

    Attributes:
        sheet: File name of the sheet's first image.
        scan: The image the box is on, None when that cannot be told.
        ink_mm2: Measured ink; at most twice `Profile.marked_ink_mm2`, where the score ends.
        truth: EMPTY or MARKED, or DOUBTFUL where nobody can judge the mark or it is not to be fitted on.
    """

    sheet: str
    scan: ScanSide | None
    reading: MarkReading
    ink_mm2: float
    truth: MarkState


@dataclass(frozen=True, slots=True)
class Limit:
    """One fitted threshold: what it was, what it is, and why."""

    name: str
    before: float
    after: float
    reason: str


@dataclass(frozen=True, slots=True)
class Fit:
    """The fitted profile and the boxes it comes from.

    Attributes:
        warnings: What a person must look into before the profile is used.
    """

    profile: Profile
    limits: tuple[Limit, ...]
    empty_boxes: int
    marked_boxes: int
    warnings: tuple[str, ...]


def ink_of_score(score: float, profile: Profile) -> float:
    """The ink in mm² behind a mark score: `recognition.marks.mark_score` backwards.

    A score of 1 stands for twice a certain mark or more.
    """
    empty_mm2 = profile.empty_ink_mm2
    if score <= 0.5:
        return 2 * score * empty_mm2
    return empty_mm2 + (2 * score - 1) * (2 * profile.marked_ink_mm2 - empty_mm2)


def labelled_marks(
    reading: Reading, truth: Mapping[str, Any], profile: Profile, layouts: LayoutSet
) -> list[LabelledMark]:
    """The boxes of a sheet with their truth; none when the sheet was not read as what it is.

    Args:
        truth: The sheet's line of ``truth.jsonl``.
        profile: What the sheet was read with.
    """
    if reading.kind.value != truth["kind"] or reading.ballot_number != truth["ballot_number"]:
        return []
    if WHOLE_SHEET & {doubt.code for doubt in reading.doubts}:
        return []
    spoilt = any(condition.startswith(_SPOILING) for condition in truth["conditions"])
    gone = [Box(*piece) for piece in truth["missing_mm"]]
    marks = []
    for mark in reading.marks:
        state = _true_state(mark, truth)
        if spoilt or any(mark.expected.grown(5.0).overlap_mm2(piece) > 0 for piece in gone):
            state = MarkState.DOUBTFUL
        ink_mm2 = ink_of_score(mark.score, profile)
        marks.append(LabelledMark(reading.front, _scan_of(reading, mark, layouts), mark, ink_mm2, state))
    return marks


def _true_state(mark: MarkReading, truth: Mapping[str, Any]) -> MarkState:
    if mark.candidate is not None and mark.candidate in truth["undecided"]:
        return MarkState.DOUBTFUL
    if mark.kind is BoxKind.PERSONAL:
        return MarkState.MARKED if mark.candidate in truth["personal"] else MarkState.EMPTY
    own = [
        m
        for m in truth["mark_boxes"]
        if (m["kind"], m["candidate"], m["party"]) == (mark.kind.value, mark.candidate, mark.party)
    ]
    if any(m["taken_back"] for m in own) or (not truth["mark_boxes"] and _is_told(mark, truth)):
        return MarkState.DOUBTFUL
    return MarkState.MARKED if own else MarkState.EMPTY


def _is_told(mark: MarkReading, truth: Mapping[str, Any]) -> bool:
    """Whether the vote that people wrote down may be the mark in this box; they need not tell of boxes.

    A party may as well have been written, so that the box need not be marked.
    """
    choices = truth["choices"] or {}
    match mark.kind:
        case BoxKind.PARTY:
            return bool(mark.party == truth["party"])
        case BoxKind.BLANK_VOTE:
            return bool(truth["party"] == "blank")
        case BoxKind.FIRST_CHOICE:
            return bool(mark.candidate == choices.get("first"))
        case _:
            return bool(mark.candidate == choices.get("second"))


def _scan_of(reading: Reading, mark: MarkReading, layouts: LayoutSet) -> ScanSide | None:
    """The image that a box is on."""
    sides = [
        side for ballot in layouts.ballots if ballot.number == reading.ballot_number for side in ballot.sides
    ]
    pages = {side.side for side in sides if any(box.box == mark.expected for box in side.mark_boxes)}
    return next((r.scan for r in reading.registrations if r.page in pages), None)


def fitted_half(sheets: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The half of the labelled sheets that is fitted on, by their first images; the rest proves.

    Drawn by a checksum of the ballot's id, so that two scans of one ballot stay together and the
    order of the sheets, which may hold like with like, plays no part.
    """
    groups: dict[str, list[str]] = {}
    for sheet in sheets:
        groups.setdefault(str(sheet["ballot_id"] or sheet["front"]), []).append(sheet["front"])
    drawn = sorted(groups, key=lambda key: hashlib.sha256(key.encode()).digest())
    return frozenset(front for key in drawn[::2] for front in groups[key])


def fit_marks(marks: Sequence[LabelledMark], profile: Profile) -> Fit:
    """Fits the limits of empty and marked boxes; every other threshold stays."""
    empty = sorted(m.ink_mm2 for m in marks if m.truth is MarkState.EMPTY)
    marked = sorted(m.ink_mm2 for m in marks if m.truth is MarkState.MARKED)
    if len(empty) < MIN_EMPTY or len(marked) < MIN_MARKED:
        reason = (
            f"kept: {len(empty)} empty and {len(marked)} marked boxes are too few to fit "
            f"(at least {MIN_EMPTY} and {MIN_MARKED})"
        )
        limits = tuple(_kept(name, profile, reason) for name in ("empty_ink_mm2", "marked_ink_mm2"))
        return Fit(profile, (*limits, _faint(profile)), len(empty), len(marked), (f"Thresholds {reason}.",))
    low = _empty_limit(empty, marked, profile)
    high = _marked_limit(empty, marked, profile)
    fitted = replace(profile, empty_ink_mm2=low.after, marked_ink_mm2=high.after)
    warnings = _warnings(empty, marked, fitted)
    return Fit(fitted, (low, high, _faint(profile)), len(empty), len(marked), warnings)


def _empty_limit(empty: list[float], marked: list[float], profile: Profile) -> Limit:
    standing = profile.empty_ink_mm2
    wanted, allowed = EMPTY_MARGIN * empty[-1], MARK_SHARE * marked[0]
    enough = len(empty) >= LOOSEN_EMPTY and len(marked) >= LOOSEN_MARKED
    ceiling = min(allowed, standing * (HIGHEST if enough else 1.0))
    after = round(max(LOWEST * standing, min(wanted, ceiling)), 3)
    if after == standing:
        reason = "kept: the emptiest boxes ask for no lower limit"
        if wanted > standing:
            reason = "kept: loosening it needs far more sheets"
    elif after < standing:
        why = f"{EMPTY_MARGIN:g} times the most ink of an empty box ({empty[-1]:.2f} mm²)"
        if allowed < wanted:
            why = f"{MARK_SHARE:g} of the least ink of a marked box ({marked[0]:.2f} mm²)"
        reason = f"tightened to {why}, and not below {LOWEST:g} of the standing limit"
    else:
        reason = f"loosened: no marked box of {len(marked)} has less than {marked[0]:.2f} mm²"
    return Limit("empty_ink_mm2", standing, after, reason)


def _marked_limit(empty: list[float], marked: list[float], profile: Profile) -> Limit:
    standing = profile.marked_ink_mm2
    wanted = MARKED_MARGIN * empty[-1]
    if wanted > standing:
        after = round(min(wanted, HIGHEST * standing), 3)
        reason = f"tightened: an empty box has {empty[-1]:.2f} mm² of ink"
    elif len(empty) >= LOOSEN_EMPTY and len(marked) >= LOOSEN_MARKED and marked[0] < standing:
        after = round(max(wanted, LOWEST * standing, 0.9 * marked[0]), 3)
        reason = f"loosened: no empty box of {len(empty)} has more than {empty[-1]:.2f} mm²"
    else:
        return _kept("marked_ink_mm2", profile, "kept: empty boxes stay well below it")
    return Limit("marked_ink_mm2", standing, after, reason)


def _kept(name: str, profile: Profile, reason: str) -> Limit:
    value = getattr(profile, name)
    return Limit(name, value, value, reason)


def _faint(profile: Profile) -> Limit:
    return _kept("faint_ink_mm2", profile, "kept: a reading does not carry faint ink, so it is not fitted")


def _warnings(empty: list[float], marked: list[float], fitted: Profile) -> tuple[str, ...]:
    told = []
    lost = sum(ink < fitted.empty_ink_mm2 for ink in marked)
    if lost:
        told.append(
            f"{lost} truly marked boxes hold less ink than the empty limit "
            f"({fitted.empty_ink_mm2:g} mm²). Look at them below: is the label right, is the scan too pale?"
        )
    invented = sum(ink >= fitted.marked_ink_mm2 for ink in empty)
    if invented:
        told.append(
            f"{invented} truly empty boxes hold as much ink as a mark ({fitted.marked_ink_mm2:g} mm²). "
            "Look at them below: is the label right, is there dirt or a shifted page?"
        )
    return tuple(told)
