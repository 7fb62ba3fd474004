"""The simulated decks: reproducible, true to their truth, and of the formats asked for."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from ballot.election import BallotKind, Election, ElectionKind
from ballot.errors import CalibrationError
from ballot.geometry import Box
from ballot.layout import BoxKind, PageSide
from calibration.testdeck import inking
from calibration.testdeck.deck import (
    SimulatedSheet,
    ballot_id_of,
    fields_of,
    make_sheet,
    plan_sheet,
    simulate_deck,
    simulate_with,
    write_deck,
)
from calibration.testdeck.designs import DESIGNS, design_named
from calibration.testdeck.elections import make_election
from calibration.testdeck.encoding import ScanFormat
from calibration.testdeck.fields import FieldMap
from calibration.testdeck.locator import locate_fields
from calibration.testdeck.options import CLEAN, HARD, NORMAL, PRESETS, DeckOptions, preset
from calibration.testdeck.paper import Paper, print_ballot_id, render_blank
from calibration.testdeck.press import Press
from calibration.testdeck.printing import print_election
from calibration.testdeck.voters import Habit
from station.election_file import load_election

PRINT_HOUSE = Path(__file__).parents[1].parent / "shared" / "print_house"
Printed = tuple[Election, Path, FieldMap]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Printed:
    election = make_election(7)
    folder = tmp_path_factory.mktemp("fjord")
    return election, folder, print_election(election, design_named("fjord", election.kind), folder)


def _at(options: DeckOptions, dpi: int) -> DeckOptions:
    return replace(options, scanner=replace(options.scanner, dpis=(dpi,)))


def _dark_share(before: Paper, after: Paper, box: Box) -> float:
    """Share of a box in which ink was laid."""
    x0, y0 = before.corner_px(box.x_mm, box.y_mm)
    x1, y1 = before.corner_px(box.right_mm, box.bottom_mm)
    a, b = (p.image[y0:y1, x0:x1].min(axis=2).astype(int) for p in (before, after))
    return float((a - b > 40).mean())


def test_the_same_seed_gives_the_same_bytes(printed: Printed) -> None:
    election, folder, _ = printed
    options = _at(NORMAL, 200)
    first, second = (list(simulate_deck(election, folder, 4, options, 3)) for _ in range(2))
    assert first == second
    assert list(simulate_deck(election, folder, 4, options, 1, start=2)) == first[2:]
    assert next(simulate_deck(election, folder, 5, options, 1)).truth != first[0].truth


def test_work_shared_out_gives_the_same_deck(printed: Printed) -> None:
    election, folder, _ = printed
    options = _at(CLEAN, 200)
    with ThreadPoolExecutor(1) as pool:
        assert list(simulate_with(pool, election, folder, 4, options, 3)) == list(
            simulate_deck(election, folder, 4, options, 3)
        )


def test_ballot_ids_never_repeat() -> None:
    assert len({ballot_id_of(9, i) for i in range(50_000)}) == 50_000
    assert all(len(ballot_id_of(seed, 3)) == 8 for seed in (0, 1, 10**9))


@pytest.mark.parametrize("name", list(DESIGNS))
@pytest.mark.parametrize("kind", list(ElectionKind))
def test_ink_lies_in_the_voted_boxes_and_in_no_other(name: str, kind: ElectionKind, tmp_path: Path) -> None:
    election = make_election(3, kind, seats=19, lists=6)
    fields = print_election(election, design_named(name, kind), tmp_path)
    press = Press(tmp_path, fields)
    habits = ((Habit.BESIDE, 0.5), (Habit.STRIKE_OUT, 0.5), (Habit.COMMENT, 0.5), (Habit.TAKEN_BACK, 0.3))
    voters = replace(HARD.voters, habits=habits, write_in_rate=0.0, no_personal_votes=0.0)
    options = replace(HARD, voters=voters)
    voted = 0
    for index in range(25):
        rng = np.random.default_rng([77, index])
        plan = plan_sheet(election, fields, options, rng)
        blank = press.blank(plan.intent.style, 200)
        sheet = inking.Sheet(blank.inside.copy(), blank.outside.copy(), blank.fields)
        inking.vote(sheet, plan.intent, rng)
        marked = {m.mark_box.box for m in plan.intent.marks}
        for mark in blank.fields.inside.mark_boxes:
            share = _dark_share(blank.inside, sheet.inside, mark.box.grown(-0.3))
            if mark.box in marked:
                voted += 1
                assert share > 0.02, (index, mark)
            else:
                assert share == 0, (index, mark)
    assert voted > 10


def test_truth_tells_what_was_planned(printed: Printed) -> None:
    election, folder, fields = printed
    press = Press(folder, fields)
    options = _at(replace(NORMAL, voters=replace(NORMAL.voters, write_in_rate=1.0)), 200)
    names = {f"{e.id}:{c.number}": c.name.split() for e in election.lists for c in e.candidates}
    rows = 0
    for index in range(12):
        rng = np.random.default_rng([5, index])
        plan = plan_sheet(election, fields, options, rng)
        sheet = make_sheet(election, press, plan, f"{index:04d}", ballot_id_of(5, index), options, rng)
        truth = sheet.truth
        sure = [m for m in plan.intent.marks if not m.taken_back]
        assert truth["personal"] == [
            m.mark_box.candidate for m in sure if m.mark_box.kind is BoxKind.PERSONAL
        ]
        assert truth["ballot_number"] == plan.intent.style.number
        assert truth["ballot_id"] == ballot_id_of(5, index)
        assert (truth["stamp"] == "missing") == (plan.stamping.impression is None)
        assert ("stamp_missing" in truth["expected_doubts"]) == (truth["stamp"] == "missing")
        for entry in truth["write_ins"]:
            rows += 1
            if entry["candidate"] is not None:
                full = names[entry["candidate"]]
                assert entry["text"].split() in (full, [full[0], full[-1]])
        json.dumps(truth)
    assert rows > 5


def test_each_habit_is_named_and_must_be_doubted(printed: Printed) -> None:
    election, folder, _ = printed
    doubts = {
        Habit.TAKEN_BACK: "mark_taken_back",
        Habit.BESIDE: "ink_outside_fields",
        Habit.COMMENT: "ink_outside_fields",
        Habit.STRIKE_OUT: None,
    }
    for habit, code in doubts.items():
        voters = replace(CLEAN.voters, habits=((habit, 1.0),), party_ballots=0.0, blank_ballots=0.0)
        options = _at(replace(CLEAN, voters=voters), 200)
        truth = next(simulate_deck(election, folder, 1, options, 1)).truth
        assert truth["expected_doubts"] == ([] if code is None else [code])
        assert any(word.startswith(habit.value) for word in truth["conditions"])
        assert not set(truth["undecided"]) & set(truth["personal"])


def test_clean_sheets_need_no_doubt(printed: Printed) -> None:
    election, fields = printed[0], printed[2]
    for index in range(300):
        plan = plan_sheet(election, fields, CLEAN, np.random.default_rng([2, index]))
        assert plan.stamping.impression is not None
        assert not plan.intent.write_ins
        assert plan.wear.tear is None
        if plan.intent.style.kind is BallotKind.PARTY:
            assert len(plan.intent.marks) == 1


def test_about_as_many_slengere_as_in_life(printed: Printed) -> None:
    election, fields = printed[0], printed[2]
    plans = [plan_sheet(election, fields, NORMAL, np.random.default_rng([8, i])) for i in range(1500)]
    on_lists = [p for p in plans if p.intent.style.kind is BallotKind.LIST]
    per_ballot = sum(len(p.intent.write_ins) for p in on_lists) / len(on_lists)
    assert 0.5 < per_ballot < 0.95  # Sande 2019 had 0.83
    inside = sum(p.stamping.side is PageSide.INSIDE for p in plans) / len(plans)
    assert 0.07 < inside < 0.13


@pytest.mark.parametrize("scan_format", list(ScanFormat))
@pytest.mark.parametrize("name", ["grey200", "bilevel200", "clean"])
def test_files_are_what_they_say(
    printed: Printed, scan_format: ScanFormat, name: str, tmp_path: Path
) -> None:
    election, folder, _ = printed
    options = _at(replace(preset(name), format=scan_format), 200)
    made: list[SimulatedSheet] = list(simulate_deck(election, folder, 6, options, 1))
    truths = list(write_deck(iter(made), tmp_path))
    files = sorted((tmp_path / "scans").iterdir())
    assert len(files) == (1 if scan_format in (ScanFormat.TIFF_PAGES, ScanFormat.PDF) else 2)
    assert {str(truths[0][k]).split("#")[0] for k in ("front", "back")} == {f.name for f in files}
    for page in (made[0].scan.front, made[0].scan.back):
        assert page is not None
        with Image.open(io.BytesIO(page.data)) as picture:
            picture.load()
            assert [round(float(v)) for v in picture.info["dpi"]] == [200, 200]
            assert picture.width / 200 * 25.4 == pytest.approx(300, abs=30)
    if scan_format is ScanFormat.TIFF_PAGES:
        with Image.open(files[0]) as pages:
            assert pages.n_frames == 2
    elif scan_format is ScanFormat.PDF:
        assert files[0].read_bytes()[:5] == b"%PDF-"


def test_what_the_scanner_does_to_the_page_can_be_undone(printed: Printed) -> None:
    """The printed corner squares are found where skew, shift and turning put them."""
    election, folder, fields = printed
    press = Press(folder, fields)
    rng = np.random.default_rng(1)
    plan = plan_sheet(election, fields, _at(CLEAN, 200), rng)
    still = replace(
        plan.way, skew_deg=0.0, shift_mm=(2.0, -1.0), stretch=(1.0, 1.0), wave_mm=0.0, fold_step_mm=0.0,
        margin_mm=10.0, upside_down=True, swapped=False,
    )  # fmt: skip
    plan = replace(plan, way=still, stamping=replace(plan.stamping, impression=None))
    sheet = make_sheet(election, press, plan, "x", "12345678", _at(CLEAN, 200), rng)
    grey = cv2.imdecode(np.frombuffer(sheet.scan.front.data, np.uint8), cv2.IMREAD_GRAYSCALE)
    margin = 0.0 if still.background.value == "cropped" else 10.0
    for box in fields.of(plan.intent.style.key).inside.registration_marks:
        x, y = box.center_mm
        column = round((300 - x + margin + 2.0) * 200 / 25.4)
        row = round((223 - y + margin - 1.0) * 200 / 25.4)
        assert grey[row - 3 : row + 4, column - 3 : column + 4].max() < 110


def test_the_printed_id_replaces_the_proof_exactly(printed: Printed) -> None:
    election, folder, fields = printed
    style = election.ballots[0]
    blank = render_blank(folder / style.file, fields.of(style.key), 300)
    again = blank.inside.copy()
    field = blank.fields.inside.ballot_id
    assert field is not None
    print_ballot_id(again, field, field.text)
    assert np.abs(again.image.astype(int) - blank.inside.image).mean() < 0.01
    print_ballot_id(again, field, "23456789")
    whole = field.box.grown(0.3)
    x0, y0 = again.corner_px(whole.x_mm, whole.y_mm)
    x1, y1 = again.corner_px(whole.right_mm, whole.bottom_mm)
    changed = np.argwhere(again.image != blank.inside.image)
    assert (changed.min(axis=0)[:2] >= (y0 - 2, x0 - 2)).all()
    assert (changed.max(axis=0)[:2] <= (y1 + 2, x1 + 2)).all()


@pytest.mark.parametrize("name", list(PRESETS))
def test_every_preset_makes_sheets(printed: Printed, name: str) -> None:
    election, folder, _ = printed
    options = _at(preset(name), 200)
    for sheet in simulate_deck(election, folder, 12, options, 2):
        for page in (sheet.scan.front, sheet.scan.back):
            assert page is not None
            with Image.open(io.BytesIO(page.data)) as picture:
                assert np.asarray(picture.convert("L")).std() > 5


def test_the_locator_agrees_with_the_printer(printed: Printed) -> None:
    """Two independent ways to the same fields: what was printed, and what the PDF shows."""
    election, folder, fields = printed
    found = locate_fields(election, folder)
    for style in election.ballots:
        ours, theirs = fields.of(style.key), found.of(style.key)
        assert [m.candidate for m in ours.inside.mark_boxes] == [
            m.candidate for m in theirs.inside.mark_boxes
        ]
        for a, b in zip(ours.inside.mark_boxes, theirs.inside.mark_boxes, strict=True):
            assert a.box.as_list() == pytest.approx(b.box.as_list(), abs=0.1)
        assert ours.inside.ballot_id is not None
        assert theirs.inside.ballot_id is not None
        assert ours.inside.ballot_id.box.as_list() == pytest.approx(
            theirs.inside.ballot_id.box.as_list(), abs=0.05
        )
        assert ours.outside.stamp_field is not None
        assert theirs.outside.stamp_field is not None
        assert ours.outside.stamp_field.as_list() == pytest.approx(
            theirs.outside.stamp_field.as_list(), abs=0.1
        )


@pytest.mark.skipif(not PRINT_HOUSE.is_dir(), reason="needs ../shared/print_house beside the repository")
def test_blanks_of_another_print_house_can_be_used() -> None:
    for folder in sorted(p for p in PRINT_HOUSE.iterdir() if p.is_dir()):
        election = load_election(folder / "election.json")
        fields = fields_of(election, folder)
        for style in election.ballots:
            inside = fields.of(style.key).inside
            per_candidate = 2 if style.kind is BallotKind.MAYOR else 1
            personal = [m for m in inside.mark_boxes if m.candidate is not None]
            assert len(personal) == per_candidate * len(election.candidates_on(style))
        sheet = next(simulate_deck(election, folder, 3, _at(CLEAN, 200), 1))
        assert sheet.truth["ballot_number"] in {style.number for style in election.ballots}


def test_a_missing_blank_is_named(printed: Printed, tmp_path: Path) -> None:
    election, _, fields = printed
    with pytest.raises(CalibrationError, match="cannot be opened"):
        next(simulate_deck(election, tmp_path, 1, CLEAN, 1, fields=fields))


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(CalibrationError, match="clean, normal, hard"):
        preset("nope")
