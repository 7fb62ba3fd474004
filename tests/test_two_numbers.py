"""Ballots that print their number or id on both sides: what the two say must agree."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

import recognition.fields
import recognition.identified
from ballot.geometry import Box
from ballot.reading import DoubtCode, ScanSide
from ballot.sheet import PageImage, SheetScan
from recognition.findings import Findings
from recognition.identify import NumberReading, NumberVerdict
from recognition.profile import DEFAULT_PROFILE

FIELD = SimpleNamespace(box=Box(10, 10, 40, 5))


def _image(scan: ScanSide, text: str) -> Any:
    layout = SimpleNamespace(ballot_number=FIELD, ballot_id=FIELD)
    return SimpleNamespace(
        scan=scan, source=text, registration=SimpleNamespace(side=SimpleNamespace(layout=layout))
    )


@pytest.mark.parametrize(
    ("outside", "agrees"), [("2996700100000000000004", True), ("2996700200000000000005", False), ("?", True)]
)
def test_numbers_of_two_lists_do_not_belong_together(
    monkeypatch: pytest.MonkeyPatch, outside: str, agrees: bool
) -> None:
    inside = "2996700100000000000004"
    ballots: dict[str, Any] = {}

    def judged(text: str, *_: object) -> NumberReading:
        if "?" in text:
            return NumberReading(NumberVerdict.UNREADABLE, text, None)
        return NumberReading(NumberVerdict.KNOWN, text, ballots.setdefault(text, SimpleNamespace()))

    monkeypatch.setattr(recognition.identified, "read_digit_line", lambda source, *_: source)
    monkeypatch.setattr(recognition.identified, "judge_number", judged)
    placed = [_image(ScanSide.FRONT, inside), _image(ScanSide.BACK, outside)]
    findings = Findings(SheetScan(PageImage("a.jpg", b""), None))
    layouts: Any = SimpleNamespace(digit_shapes=None)
    found = recognition.identified._ballot_by_number(placed, layouts, DEFAULT_PROFILE, findings)
    assert (found is not None) is agrees
    assert [d.code for d in findings.doubts] == [] if agrees else [DoubtCode.SIDES_MISMATCH]


@pytest.mark.parametrize(("other", "kept"), [("12345678", "12345678"), ("87654321", None)])
def test_ids_of_two_ballots_do_not_belong_together(
    monkeypatch: pytest.MonkeyPatch, other: str, kept: str | None
) -> None:
    monkeypatch.setattr(
        recognition.fields, "read_digit_line", lambda source, *_: SimpleNamespace(read=lambda *_: source)
    )
    findings = Findings(SheetScan(PageImage("a.jpg", b""), None))
    layouts: Any = SimpleNamespace(digit_shapes=None)
    for scan, text in ((ScanSide.FRONT, "12345678"), (ScanSide.BACK, other)):
        side: Any = SimpleNamespace(layout=SimpleNamespace(ballot_id=FIELD), placed=_image(scan, text))
        recognition.fields._read_ballot_id(side, layouts, DEFAULT_PROFILE, findings)
    assert findings.ballot_id == kept
    assert [d.code for d in findings.doubts] == [] if kept else [DoubtCode.SIDES_MISMATCH]
