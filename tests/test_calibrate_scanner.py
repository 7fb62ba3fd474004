"""The scanner's verdict: each fault is named, and a good scanner is fit."""

from __future__ import annotations

import io
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from ballot.errors import CalibrationError
from ballot.geometry import Affine, Box
from ballot.layout import PageSide
from ballot.reading import Doubt, DoubtCode, Reading, ScanSide, SheetKind, SideRegistration, StampState
from ballot.sheet import PageImage
from calibration.evaluate import Outcome
from calibration.scanner_check import PageLook, check, look_at
from station.commands import check_scanner as command

SAMPLE = Path(__file__).parents[1] / "sample_scans"
GOOD = PageLook(250.0, 30.0, 0.01, False, 300.0)


def side(dpi: float = 300, skew_deg: float = 0, residual_mm: float = 0.05) -> SideRegistration:
    scale, angle = dpi / 25.4, math.radians(skew_deg)
    a, c = scale * math.cos(angle), scale * math.sin(angle)
    turned = Affine(a, -c, 10, c, a, 10)
    return SideRegistration(ScanSide.FRONT, PageSide.INSIDE, turned, residual_mm, False, dpi)


def reading(registration: SideRegistration, *doubts: Doubt) -> Reading:
    return Reading(
        "1.jpg", None, SheetKind.LIST, "A", "1", "2", StampState.PRESENT,
        doubts=doubts, registrations=(registration,),
    )  # fmt: skip


def unfit(look: PageLook, registration: SideRegistration, *doubts: Doubt) -> set[str]:
    sheets = [reading(registration, *doubts)] * 40
    return {f.code for f in check(sheets, [(look, registration)] * 40) if f.unfit}


def test_a_good_scanner_is_fit_either_way_up() -> None:
    assert check([reading(side())] * 40, [(GOOD, side())] * 40) == []
    assert unfit(GOOD, side(skew_deg=180)) == set()
    assert unfit(GOOD, side(skew_deg=-2.9)) == set()
    assert unfit(replace(GOOD, bilevel=True, paper=255, print=0, clipped=0.97), side()) == set()


@pytest.mark.parametrize(
    ("look", "registration", "code"),
    [
        (GOOD, side(dpi=150), "wrong_dpi"),
        (GOOD, side(dpi=1200), "wrong_dpi"),
        (replace(GOOD, paper=150), side(), "too_dark"),
        (replace(GOOD, print=160), side(), "too_light"),
        (replace(GOOD, paper=190, print=100), side(), "low_contrast"),
        (GOOD, side(skew_deg=3.4), "skewed"),
        (GOOD, side(skew_deg=176), "skewed"),
        (GOOD, side(residual_mm=0.5), "registration"),
    ],
)
def test_each_fault_is_named(look: PageLook, registration: SideRegistration, code: str) -> None:
    assert code in unfit(look, registration)


def test_doubts_streaks_and_unreadable_sheets() -> None:
    box = Box(50, 0, 1, 200)
    assert unfit(GOOD, side(), Doubt(DoubtCode.STREAK, ScanSide.FRONT, box)) == {"streak", "doubts"}
    assert unfit(GOOD, side(), Doubt(DoubtCode.UNREADABLE)) == {"unreadable", "doubts"}
    assert unfit(GOOD, side(), Doubt(DoubtCode.WRITE_IN_UNCERTAIN)) == set()
    one = [reading(side(), Doubt(DoubtCode.STREAK, ScanSide.FRONT, box))] + [reading(side())] * 39
    assert [(f.code, f.unfit) for f in check(one, [(GOOD, side())] * 40)] == [("streak", False)]


def test_hints_do_not_make_unfit() -> None:
    found = check([reading(side())] * 10, [(replace(GOOD, stated_dpi=200, clipped=0.95), side())] * 10)
    assert {f.code for f in found} == {"few_sheets", "stated_dpi", "clipped"}
    assert not any(f.unfit for f in found)


def test_nothing_recognised_is_unfit() -> None:
    lost = replace(reading(side()), registrations=())
    assert "nothing_recognised" in {f.code for f in check([lost] * 40, []) if f.unfit}


def test_the_look_of_a_page_is_measured() -> None:
    picture = Image.new("L", (800, 1200), 180)
    picture.paste(60, (300, 400, 500, 600))
    picture.paste(120, (350, 700, 450, 710))
    data = io.BytesIO()
    picture.save(data, "PNG", dpi=(200, 200))
    look = look_at(PageImage("1.png", data.getvalue()))
    assert look is not None
    assert (look.paper, look.print, look.clipped, look.bilevel) == (180, 60, 0, False)
    assert look.stated_dpi == pytest.approx(200, abs=0.1)
    assert look_at(PageImage("1.png", b"")) is None


def test_a_few_labels_do_not_hide_what_happens_to_the_other_sheets() -> None:
    doubted = reading(side(), Doubt(DoubtCode.INK_OUTSIDE_FIELDS))
    sheets = [replace(doubted if n else reading(side()), front=f"{n}.jpg") for n in range(40)]
    labelled = Outcome("0.jpg", accepted=True, errors=(), doubts=(), undamaged=True, positions=10)
    for outcomes in ([], [labelled], [replace(labelled, undamaged=False)]):
        assert {f.code for f in check(sheets, [(GOOD, side())] * 40, outcomes) if f.unfit} == {"doubts"}


def test_a_labelled_sheet_without_a_scan_is_a_lost_one() -> None:
    found = check([reading(side())] * 40, [(GOOD, side())] * 40, (), ["7.jpg"])
    assert [(f.code, f.unfit) for f in found] == [("unscanned", True)]


def test_labels_of_other_scans_give_no_verdict(tmp_path: Path) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    command.register(app)
    scans = [SAMPLE / "scans" / f"0004{s}.jpg" for s in "ab"]
    other = json.loads((SAMPLE / "truth.jsonl").read_text().splitlines()[0]) | {"front": "scan1.jpg"}
    (tmp_path / "truth.jsonl").write_text(json.dumps(other))
    words = ["check-scanner", SAMPLE / "election.json", *scans, "--truth", tmp_path / "truth.jsonl"]
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert isinstance(result.exception, CalibrationError)


def test_the_command_answers_with_verdict_and_exit_code() -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    command.register(app)
    scans = [SAMPLE / "scans" / f"{n:04}{s}.jpg" for n in (4, 6) for s in "ab"]
    words = ["check-scanner", SAMPLE / "election.json", *scans, "--workers", 1, "--json"]
    result = CliRunner().invoke(app, [str(word) for word in words])
    answer = json.loads(result.output)
    assert answer["sheets"] == 2
    assert "few_sheets" in {f["code"] for f in answer["findings"]}
    assert answer["fit"] == (result.exit_code == 0)
    assert answer["fit"], answer["findings"]
