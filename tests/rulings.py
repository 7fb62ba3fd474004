"""Sheets under review and rulings on them, for the tests of the desk."""

from __future__ import annotations

import dataclasses
from typing import Any

from ballot.box import SheetCase
from ballot.geometry import Affine
from ballot.layout import PageSide
from ballot.reading import (
    Doubt,
    NamedCandidate,
    Reading,
    ScanSide,
    SideRegistration,
    WriteInReading,
)
from ballot.ruling import HandEntry, Role, Ruling, Verdict
from review.hand_entry import entry_to_text
from review.may_rule import check_ruling
from review.settle import Standing, resolve
from tests.station_fakes import ELECTION, reading

INSIDE = SideRegistration(ScanSide.FRONT, PageSide.INSIDE, Affine(8, 0, 0, 0, 8, 0), 0.0, False, 203.2)


def doubtful(*doubts: Doubt, **changes: Any) -> Reading:
    return reading(doubts=doubts, registrations=(INSIDE,), **changes)


def written(row: int, candidate: str | None, doubtful_row: bool = False) -> WriteInReading:
    best = () if candidate is None else (NamedCandidate(candidate, 0.9),)
    return WriteInReading(row, "navn", candidate, 0.9, best, doubtful_row)


def rule(
    of: SheetCase, issue: str, verdict: Verdict, value: str = "", role: Role = Role.REVIEWER, reason: str = ""
) -> SheetCase:
    """The case after a ruling that is checked as the desk checks it."""
    before = [r.number for r in of.rulings if r.issue == issue]
    ruling = Ruling(
        len(of.rulings) + 1,
        of.sheet.id,
        1,
        issue,
        verdict,
        value,
        "Kari",
        role,
        "",
        reason,
        before[-1] if before else None,
    )
    check_ruling(of, ruling, ELECTION)
    return dataclasses.replace(of, rulings=(*of.rulings, ruling))


def enter(of: SheetCase, entry: HandEntry) -> SheetCase:
    return rule(of, "sheet", Verdict.ENTER, entry_to_text(entry))


def found(of: SheetCase) -> Standing:
    return resolve(of, ELECTION)
