"""Calibration: limits move only where the ink and the number of boxes allow, and are proven apart."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from ballot.errors import CalibrationError
from ballot.geometry import Box
from ballot.layout import BoxKind, LayoutSet
from ballot.reading import MarkReading, MarkState, Reading, SheetKind, StampState
from calibration.bounds import position_errors
from calibration.fitting import LabelledMark, fit_marks, fitted_half, ink_of_score, labelled_marks
from calibration.labels import load_truth
from recognition.marks import mark_score
from recognition.profile import DEFAULT_PROFILE
from station.commands import calibrate as command
from station.profile_file import load_profile
from tests.measured_boxes import EMPTY_BOX

SAMPLE = Path(__file__).parents[1] / "sample_scans"
BOX = Box(10.0, 10.0, 4.0, 4.0)
INK = st.floats(0, 2.0)


def box(ink_mm2: float, truth: MarkState) -> LabelledMark:
    reading = MarkReading(BoxKind.PERSONAL, 1, None, 0.0, MarkState.EMPTY, BOX, BOX)
    return LabelledMark("1.jpg", None, reading, ink_mm2, truth)


def boxes(empty: list[float], marked: list[float]) -> list[LabelledMark]:
    return [box(i, MarkState.EMPTY) for i in empty] + [box(i, MarkState.MARKED) for i in marked]


@given(INK)
def test_the_ink_behind_a_score_is_the_measured_ink(ink_mm2: float) -> None:
    score = mark_score(replace(EMPTY_BOX, ink_mm2=ink_mm2), DEFAULT_PROFILE)
    assert ink_of_score(score, DEFAULT_PROFILE) == pytest.approx(ink_mm2, abs=1e-9)


@given(st.lists(INK, min_size=1, max_size=20), st.lists(INK, min_size=1, max_size=20))
def test_a_small_deck_never_loosens_a_limit(empty: list[float], marked: list[float]) -> None:
    fit = fit_marks(boxes(empty * 200, marked * 40), DEFAULT_PROFILE)
    assert 0 < fit.profile.empty_ink_mm2 <= DEFAULT_PROFILE.empty_ink_mm2
    assert fit.profile.marked_ink_mm2 >= DEFAULT_PROFILE.marked_ink_mm2
    if min(marked) < fit.profile.empty_ink_mm2 or max(empty) >= fit.profile.marked_ink_mm2:
        assert fit.warnings


def test_too_few_boxes_change_nothing() -> None:
    fit = fit_marks(boxes([0.01] * 199, [2.0] * 100), DEFAULT_PROFILE)
    assert fit.profile == DEFAULT_PROFILE
    assert fit.warnings


def test_limits_follow_the_ink() -> None:
    pale = fit_marks(boxes([0.1] * 300, [0.4, *[2.0] * 60]), DEFAULT_PROFILE).profile
    assert pale.empty_ink_mm2 == pytest.approx(0.1 * 1.5)
    dirty = fit_marks(boxes([0.6, *[0.0] * 300], [2.0] * 60), DEFAULT_PROFILE).profile
    assert dirty.marked_ink_mm2 == pytest.approx(1.2)
    assert dirty.empty_ink_mm2 == DEFAULT_PROFILE.empty_ink_mm2
    much = fit_marks(boxes([0.28] * 10_000, [0.96] * 3_000), DEFAULT_PROFILE).profile
    assert much.empty_ink_mm2 == pytest.approx(1.5 * DEFAULT_PROFILE.empty_ink_mm2)
    assert much.marked_ink_mm2 == pytest.approx(0.864)


def test_two_scans_of_a_ballot_stand_in_one_half_and_the_halves_are_even() -> None:
    sheets = [{"front": f"{i}.jpg", "ballot_id": str(i // 2)} for i in range(40)]
    half = fitted_half(sheets)
    assert len(half) == 20
    assert all((f"{i}.jpg" in half) == (f"{i + 1}.jpg" in half) for i in range(0, 40, 2))
    assert fitted_half(reversed(sheets)) == half


@pytest.mark.parametrize(
    ("kind", "told"),
    [("party", {"party": "Høyre"}), ("mayor", {"choices": {"first": 2, "second": 1}})],
)
def test_a_vote_told_without_its_boxes_makes_no_empty_box_of_a_marked_one(
    kind: str, told: dict[str, Any], tmp_path: Path
) -> None:
    """Labels need not tell of boxes: the crossed one was fitted as the fullest empty box."""
    line = {"front": "1.jpg", "kind": kind, "list": None, "ballot_number": "1", "ballot_id": "2"}
    (tmp_path / "truth.jsonl").write_text(json.dumps(line | {"stamp": "present"} | told))
    truth = load_truth(tmp_path / "truth.jsonl")["1.jpg"]
    marked = MarkState.MARKED, MarkState.EMPTY
    both = [
        MarkReading(BoxKind.PARTY, None, party, 1.0, state, BOX, BOX)
        for party, state in zip(("Høyre", "Venstre"), marked, strict=True)
    ]
    if kind == "mayor":
        both = [
            MarkReading(choice, 2, None, 1.0, state, BOX, BOX)
            for choice, state in zip((BoxKind.FIRST_CHOICE, BoxKind.SECOND_CHOICE), marked, strict=True)
        ]
    reading = Reading(
        "1.jpg", None, SheetKind(kind), None, "1", "2", StampState.PRESENT, marks=tuple(both)
    )  # fmt: skip
    found = labelled_marks(reading, truth, DEFAULT_PROFILE, LayoutSet("e", ()))
    assert [mark.truth for mark in found] == [MarkState.DOUBTFUL, MarkState.EMPTY]


def test_errors_at_positions_are_told_from_those_of_sheets() -> None:
    errors = ["candidate 3 read as empty, truly marked", "list A, truly B", "choices x, truly y"]
    assert position_errors(errors, [("mark_taken_back", "silent"), ("torn", "silent")]) == 3


def test_truth_is_checked_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    line = {"front": "1.jpg", "kind": "list", "list": "A", "ballot_number": "1", "ballot_id": "2"}
    whole = json.dumps(line | {"stamp": "present"})
    path.write_text(whole + "\n")
    assert load_truth(path)["1.jpg"]["personal"] == []
    for text, reason in (
        (json.dumps(line), "line 1"),
        (f"{whole}\n{whole}", "line 2.*twice"),
        ("{", "line 1"),
        ("", "no sheet"),
    ):
        path.write_text(text)
        with pytest.raises(CalibrationError, match=reason):
            load_truth(path)


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve sheets of the sample, with its election."""
    folder = tmp_path_factory.mktemp("calibrate")
    shutil.copy(SAMPLE / "election.json", folder)
    shutil.copytree(SAMPLE / "ballots", folder / "ballots")
    (folder / "scans").mkdir()
    for number in (1, 4, 5, 6, 12, 19, 27, 37, 40, 45, 53, 57):
        for scan in (SAMPLE / "scans").glob(f"{number:04}*"):
            shutil.copy(scan, folder / "scans")
    return folder


def run(folder: Path, *more: object) -> Any:
    app = typer.Typer()
    app.callback()(lambda: None)
    command.register(app)
    given_words = ["calibrate", folder / "election.json", folder / "scans", *more]
    return CliRunner().invoke(app, [str(word) for word in given_words])


def test_calibrating_writes_a_profile_and_a_report_that_needs_no_other_file(
    deck: Path, tmp_path: Path
) -> None:
    profile, report = tmp_path / "profile.json", tmp_path / "report.html"
    truth = SAMPLE / "truth.jsonl"
    result = run(
        deck, "--truth", truth, "-o", profile, "--report", report, "--workers", 1, "--name", "Ø1", "--json"
    )
    assert result.exit_code == 0, (result.output, result.exception)
    answer = json.loads(result.output)
    assert (answer["fitted_sheets"], answer["proven_sheets"]) == (6, 6)
    assert len(answer["unscanned"]) == 48
    assert answer["upper_limit_sheet"] == pytest.approx(1 - 0.05 ** (1 / 6))
    assert answer["sheets_with_silent_error"] == []
    assert load_profile(profile).version == answer["version"]
    page = report.read_text(encoding="utf-8")
    assert page.count("data:image/jpeg") > 60
    assert "<svg" in page
    assert not any(word in page for word in ('src="http', "href=", "<script"))

    # A label that is wrong about one cross of every sheet: the proof fails, and no profile is written.
    wrong = tmp_path / "wrong.jsonl"
    lines = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    wrong.write_text("\n".join(json.dumps(line | {"personal": line["personal"][1:]}) for line in lines))
    profile.unlink()
    report.unlink()
    result = run(deck, "--truth", wrong, "-o", profile, "--report", report, "--workers", 1)
    assert isinstance(result.exception, CalibrationError)
    assert not profile.exists()
    assert "read as marked, truly empty" in report.read_text(encoding="utf-8")


def test_a_fit_without_a_proof_is_no_profile(deck: Path, tmp_path: Path) -> None:
    """With one ballot id for all sheets, as copied from line to line, none was left to prove on."""
    lines = [json.loads(line) for line in (SAMPLE / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    same = [line | {"ballot_id": "00000000"} for line in lines if line["front"] in ("0001a.jpg", "0004a.jpg")]
    assert len(same) == 2
    truth, profile = tmp_path / "truth.jsonl", tmp_path / "profile.json"
    truth.write_text("\n".join(map(json.dumps, same)))
    result = run(deck, "--truth", truth, "-o", profile, "--report", tmp_path / "report.html", "--workers", 1)
    assert isinstance(result.exception, CalibrationError)
    assert "nothing is proven" in str(result.exception)
    assert not profile.exists()
