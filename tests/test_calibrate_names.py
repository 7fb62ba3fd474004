"""What people's rulings say about the machine's reading of names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.reading import Doubt, DoubtCode, NamedCandidate, WriteInReading
from ballot.ruling import Role, Ruling, Verdict
from calibration.bounds import upper_limit
from calibration.name_report import name_report_of
from calibration.ruled_names import ENOUGH_ROWS, NameFigures, RuledRow, name_figures
from station.ruled_rows import rows_of
from tests.station_fakes import case, reading

THRESHOLDS = ((0.001, 0.98), (0.005, 0.9))
NAMES = ("H:1", "H:2", "H:3")

ROWS = st.lists(
    st.builds(
        RuledRow,
        best=st.permutations(NAMES).map(tuple),
        confidence=st.floats(0, 1),
        truth=st.sampled_from((*NAMES, "H:9", None)),
    ),
    max_size=60,
)


def ruling(
    number: int, issue: str, verdict: Verdict, value: str = "", supersedes: int | None = None
) -> Ruling:
    at = "2023-09-12T08:00:00Z"
    return Ruling(number, "1-0001", 1, issue, verdict, value, "Kari", Role.REVIEWER, at, "", supersedes)


def test_rulings_on_rows_are_set_against_what_the_machine_read() -> None:
    best = (NamedCandidate("H:1", 0.7), NamedCandidate("H:2", 0.2))
    rows = tuple(WriteInReading(n, "x", None, 0.7, best, True) for n in (1, 2, 3, 4))
    doubts = tuple(Doubt(DoubtCode.WRITE_IN_UNCERTAIN, row=n) for n in (1, 2, 3, 4))
    sheet = case(
        reading(write_ins=rows, doubts=doubts),
        (
            ruling(1, "write_in_uncertain/1", Verdict.CANDIDATE, "H:3"),
            ruling(2, "write_in_uncertain/1", Verdict.CANDIDATE, "H:2", supersedes=1),
            ruling(3, "write_in_uncertain/2", Verdict.NO_CANDIDATE),
            ruling(4, "write_in_uncertain/3", Verdict.NOTHING_WRITTEN),
        ),
    )
    assert dict(rows_of(sheet)) == {
        1: RuledRow(("H:1", "H:2"), 0.7, "H:2"),
        2: RuledRow(("H:1", "H:2"), 0.7, None),
    }


@given(ROWS)
def test_every_row_is_counted_once(rows: list[RuledRow]) -> None:
    figures = name_figures(rows, THRESHOLDS)
    assert sum(step.rows for step in figures.steps) == figures.rows == len(rows)
    assert figures.first <= figures.in_best <= figures.listed <= figures.rows
    assert len(figures.curve) == len(rows)
    for setting in figures.settings:
        accepted = [r for r in rows if r.confidence >= setting.confidence]
        assert (setting.accepted, setting.wrong) == (
            len(accepted),
            sum(r.best[0] != r.truth for r in accepted),
        )
        assert setting.upper == upper_limit(setting.wrong, setting.accepted)
    assert "</html>" in name_report_of(figures, "<station>")


def certain(right: int, wrong: int, confidence: float = 0.99) -> NameFigures:
    rows = [RuledRow(("H:1",), confidence, "H:1")] * right + [RuledRow(("H:1",), confidence, None)] * wrong
    return name_figures(rows, THRESHOLDS)


@pytest.mark.parametrize(
    ("right", "wrong", "confidence", "advised"),
    [
        (ENOUGH_ROWS - 1, 0, 0.99, 0.0),  # too few to say anything
        (ENOUGH_ROWS, 0, 0.99, 0.005),
        (ENOUGH_ROWS, 1, 0.99, 0.005),
        (ENOUGH_ROWS, 2, 0.99, 0.0),
        (1000, 1, 0.99, 0.005),
        (ENOUGH_ROWS, 0, 0.5, 0.0),  # nothing was certain, so nothing is proven
    ],
)
def test_a_setting_is_advised_only_when_it_held(
    right: int, wrong: int, confidence: float, advised: float
) -> None:
    assert certain(right, wrong, confidence).advised_error() == advised


def test_the_report_escapes_and_names_what_to_do() -> None:
    few, many = certain(5, 0), certain(400, 0)
    assert "VALGSKANN_NAME_ERROR=0)" in name_report_of(few, "s")
    page = name_report_of(many, "<b>s</b>")
    assert "VALGSKANN_NAME_ERROR=0.005" in page and "&lt;b&gt;s" in page
    assert page.count("<circle") == 1 and page.count("<polyline") == 1
