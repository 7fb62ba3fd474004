"""The accuracy campaign: exact bounds, honest sums, and a log that survives being killed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.election import ElectionKind
from benchmarks.campaign import POSITIONS, ROUND, SEED, chunks, main
from benchmarks.campaign_log import LOG_FILE, CampaignLog, _program_text, begin, go_on_from, publish
from benchmarks.campaign_parts import CHUNK, PARTS, Part, read_chunk
from benchmarks.campaign_report import Totals, html_of, text_of, upper_limit
from benchmarks.houses import HOUSES, print_house, write_election
from calibration.evaluate import compare
from calibration.learn import learn_layouts
from calibration.testdeck.deck import simulate_deck
from calibration.testdeck.elections import make_election
from calibration.testdeck.fields import FieldMap
from calibration.testdeck.options import CLEAN
from recognition.reader import compile_layouts, read_sheet

SMALL = (Part("small", "outer", ElectionKind.MUNICIPAL_COUNCIL, 11, 2, "grey200", 1),)


def _sheet(index: int = 0, **changes: Any) -> dict[str, Any]:
    sheet = {
        "index": index, "kind": "list", "accepted": True, "undamaged": True, "clear_stamp": True,
        "positions": 50, "errors": [], "missed": [], "doubts": [], "troubles": [], "needless": [],
        "vanished": 0, "lost": [],
    }  # fmt: skip
    return sheet | changes


def _line(part: str, start: int, *sheets: dict[str, Any]) -> dict[str, Any]:
    return {"part": part, "start": start, "seconds": 2.0, "reading_seconds": 1.0, "sheets": list(sheets)}


@pytest.mark.parametrize(
    ("errors", "trials", "limit"),
    [
        (0, 1, 0.95),
        (0, 10, 1 - 0.05**0.1),  # closed form: (1 - p)^n = 0.05
        (0, 1_000_000, 2.995727e-6),
        (1, 10, 0.394163),  # tables of exact binomial limits
        (2, 20, 0.282619),
        (10, 10, 1.0),
    ],
)
def test_the_upper_limit_is_the_exact_one(errors: int, trials: int, limit: float) -> None:
    assert upper_limit(errors, trials) == pytest.approx(limit, rel=1e-4)


@given(st.integers(0, 30), st.integers(1, 3000))
def test_the_upper_limit_lies_above_what_was_seen_and_grows_with_errors(errors: int, more: int) -> None:
    trials = errors + more
    assert errors / trials < upper_limit(errors, trials) <= upper_limit(errors + 1, trials + 1) + 1e-12


def test_the_whole_campaign_proves_one_in_half_a_million() -> None:
    assert upper_limit(0, POSITIONS) < 1 / 500_000


def test_what_was_written_half_when_killed_is_read_again(tmp_path: Path) -> None:
    log = CampaignLog(tmp_path)
    log.add(_line("a", 0, _sheet()))
    log.add(_line("a", 24, _sheet()))
    log.add(_line("a", 24, _sheet()))  # worked on twice: counts once
    whole = (tmp_path / LOG_FILE).read_bytes()
    (tmp_path / LOG_FILE).write_bytes(whole + json.dumps(_line("a", 48, _sheet())).encode()[:30])
    again = CampaignLog(tmp_path)
    assert [line["start"] for line in again.lines()] == [0, 24]
    assert not again.has("a", 48)
    again.add(_line("a", 48, _sheet()))
    assert [line["start"] for line in CampaignLog(tmp_path).lines()] == [0, 24, 48]


@given(st.integers(0, 200))
def test_a_log_cut_anywhere_loses_the_cut_chunk_only(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("log")
    log = CampaignLog(folder)
    for start in (0, 24):
        log.add(_line("a", start, _sheet()))
    data = (folder / LOG_FILE).read_bytes()
    first = data.index(b"\n") + 1
    (folder / LOG_FILE).write_bytes(data[: min(first + cut, len(data))])
    kept = [line["start"] for line in CampaignLog(folder).lines()]
    assert kept == ([0, 24] if first + cut >= len(data) else [0])


def test_another_seed_or_program_does_not_mix(tmp_path: Path) -> None:
    begin(tmp_path, {"seed": 1, "program": "x"}, False)
    begin(tmp_path, {"seed": 1, "program": "x"}, False)
    with pytest.raises(SystemExit, match="seed 1"):
        begin(tmp_path, {"seed": 2, "program": "x"}, True)
    with pytest.raises(SystemExit, match="has changed"):
        begin(tmp_path, {"seed": 1, "program": "y"}, False)
    begin(tmp_path, {"seed": 1, "program": "y"}, True)


def test_a_published_log_is_gone_on_from_by_the_same_program_only(tmp_path: Path) -> None:
    about = {"seed": 1, "program": "x"}
    begin(tmp_path / "here", about, False)
    log = CampaignLog(tmp_path / "here")
    for start in (0, 24):
        log.add(_line("a", start, _sheet()))
    publish(tmp_path / "here", tmp_path / "published")
    assert not go_on_from(tmp_path / "published", tmp_path / "other", about | {"program": "y"})
    assert not go_on_from(tmp_path / "nothing", tmp_path / "other", about)
    assert go_on_from(tmp_path / "published", tmp_path / "there", about)
    assert list(CampaignLog(tmp_path / "there").lines()) == list(log.lines())
    CampaignLog(tmp_path / "there").add(_line("a", 48, _sheet()))
    assert not go_on_from(tmp_path / "published", tmp_path / "there", about), "a log of its own stays"
    assert CampaignLog(tmp_path / "there").has("a", 48)


def test_publishing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    begin(tmp_path, {"seed": 1, "program": "x"}, False)
    CampaignLog(tmp_path).add(_line("a", 0, _sheet()))
    for name in ("one", "two"):
        publish(tmp_path, tmp_path / name)
    assert len({(tmp_path / name / f"{LOG_FILE}.gz").read_bytes() for name in ("one", "two")}) == 1


def test_no_chunk_comes_twice() -> None:
    made = chunks(PARTS)
    first = [next(made) for _ in range(3 * sum(part.share for part in PARTS))]
    assert len(set(first)) == len(first)
    assert {start % CHUNK for _, start in first} == {0}


def test_every_part_has_its_share_of_the_rounds() -> None:
    made = chunks(PARTS)
    for _ in range(3):
        round_of_parts = Counter(next(made)[0].name for _ in range(ROUND * sum(p.share for p in PARTS)))
        assert round_of_parts == {part.name: ROUND * part.share for part in PARTS}


def test_sums_are_told_as_they_are() -> None:
    totals = Totals()
    totals.add(_line("a", 0, _sheet(), _sheet(1, accepted=False, doubts=["torn"], needless=["torn"])))
    wrong = _sheet(2, undamaged=False, errors=["candidate 4 read as marked, truly empty"])
    silent = _sheet(3, undamaged=False, errors=["accepted in spite of mark_taken_back"],
                    troubles=[["mark_taken_back", "silent"]])  # fmt: skip
    missed = _sheet(4, accepted=False, undamaged=False, missed=["stamp_missing"],
                    troubles=[["stamp_missing", "missed"], ["torn", "doubted"]])  # fmt: skip
    faint = _sheet(5, accepted=False, clear_stamp=False, doubts=["stamp_uncertain"])
    totals.add(_line("b", 0, wrong, silent, missed, faint))
    assert totals.sheets.total() == 6
    assert totals.ballots == {("a", 0), ("b", 1), ("b", 2)}  # two scans each
    assert totals.positions.total() == 300
    assert [sheet["index"] for _, sheet in totals.silent] == [2, 3]
    assert totals.position_errors == 2
    assert (totals.undamaged.total(), totals.reviewed.total()) == (3, 2)
    assert (totals.clear.total(), totals.clear_reviewed.total()) == (2, 1)
    assert totals.fates == {
        ("mark_taken_back", "silent"): 1, ("stamp_missing", "missed"): 1, ("torn", "doubted"): 1,
    }  # fmt: skip
    text = text_of(totals)
    assert "b sheet 2: candidate 4 read as marked, truly empty" in text
    assert "b sheet 4: stamp_missing" in text
    assert "ballots voted: 3, each worn and scanned up to 2 times" in text


def test_the_kinds_of_deck_are_told_apart() -> None:
    totals = Totals()
    doubted = _sheet(1, accepted=False, doubts=["mark_uncertain"])
    filled = _sheet(2, accepted=False, fills=True, doubts=["mark_taken_back"])
    damaged = _sheet(3, accepted=False, undamaged=False, doubts=["torn"])
    faint = _sheet(4, accepted=False, clear_stamp=False, doubts=["stamp_uncertain"])
    totals.add(_line("fjord-county-grey", 0, _sheet(), doubted, filled, damaged, faint))
    totals.add(_line("vidde-mayor-grey", 0, _sheet(), _sheet(1)))
    totals.add(_line("vidde-mayor-hard", 0, _sheet(errors=["candidate 4 read as marked, truly empty"])))
    grey, hard = totals.decks["grey"], totals.decks["hard"]
    assert (grey.sheets, grey.positions, grey.silent) == (7, 350, 0)
    assert (grey.plain, grey.plain_reviewed, grey.doubts) == (4, 1, {"mark_uncertain": 1})
    assert (hard.sheets, hard.silent, hard.plain_reviewed) == (1, 1, 0)
    text = text_of(totals)
    assert "1 of 4 (25.00%)" in text
    assert "mark_uncertain 25.0" in text
    assert "the same without voters who fill boxes: reviewed: 1 of 5 (20.00%)" in text


def test_the_page_shows_every_silent_error_and_needs_no_other_file(tmp_path: Path) -> None:
    case = tmp_path / "silent" / "a-7"
    case.mkdir(parents=True)
    for name in ("field-4.jpg", "small-front.jpg", "small-back.jpg"):
        (case / name).write_bytes(b"picture of " + name.encode())
    totals = Totals()
    totals.add(_line("a", 0, _sheet(7, errors=["candidate 4 <wrong>"], case="a-7")))
    page = html_of(totals, tmp_path)
    assert page.count("data:image/jpeg;base64,") == 3
    assert "candidate 4 &lt;wrong&gt;" in page
    assert "http" not in page
    assert 'src="silent' not in page


def test_a_campaign_goes_on_where_it_was_and_ends(tmp_path: Path) -> None:
    words = ["--folder", str(tmp_path), "--workers", "1", "--positions"]
    first = main([*words, "100"], SMALL)
    lines = (tmp_path / LOG_FILE).read_text(encoding="utf-8").splitlines()
    second = main([*words, str(60 * CHUNK // 2)], SMALL)
    after = (tmp_path / LOG_FILE).read_text(encoding="utf-8").splitlines()
    assert after[: len(lines)] == lines
    keys = [(line["part"], line["start"]) for line in map(json.loads, after)]
    assert len(set(keys)) == len(keys)
    read = sum(sheet["positions"] for line in map(json.loads, after) for sheet in line["sheets"])
    assert f"ballot positions read: {read:,}" in (tmp_path / "summary.txt").read_text(encoding="utf-8")
    silent = any(sheet["errors"] for line in map(json.loads, after) for sheet in line["sheets"])
    assert second == int(silent)
    assert first <= second
    again = read_chunk(SMALL[0], tmp_path / "parts", SEED, 0, tmp_path / "again")
    assert again["sheets"] == json.loads(after[0])["sheets"]


@pytest.mark.parametrize("house", HOUSES)
def test_the_campaigns_own_houses_are_learnt_and_read(house: str, tmp_path: Path) -> None:
    election = make_election(52, seats=11, lists=2)
    write_election(election, tmp_path)
    fields: FieldMap = print_house(house, election, tmp_path)
    layouts = learn_layouts(election, tmp_path)
    for ballot in layouts.ballots:
        drawn = fields.of(ballot.key)
        assert len(ballot.inside.mark_boxes) == len(drawn.inside.mark_boxes)
        found = {(m.kind, m.candidate, m.party): m.box for m in ballot.inside.mark_boxes}
        for mark in drawn.inside.mark_boxes:
            learnt = found[mark.kind, mark.candidate, mark.party]
            assert learnt.as_list() == pytest.approx(mark.box.as_list(), abs=0.25)
        assert len(ballot.inside.write_in_rows) == len(drawn.inside.write_in_rows)
        assert len(ballot.outside.write_in_rows) == len(drawn.outside.write_in_rows)
        assert (ballot.inside.registration_marks == ()) == (house == "bare")
    compiled = compile_layouts(election, layouts)
    outcomes = [
        compare(read_sheet(sheet.scan, compiled), sheet.truth)
        for sheet in simulate_deck(election, tmp_path, 52, CLEAN, 8)
    ]
    assert [o.errors for o in outcomes] == [()] * 8
    assert sum(o.positions for o in outcomes) > 80


def test_a_campaign_goes_on_when_only_comments_and_docstrings_change() -> None:
    code = 'LIMIT = 3\n"""Of ten."""\n\n\ndef f(x: int) -> str:\n    """Says."""\n    return "ten"  # so\n'
    mended = 'LIMIT = 3\n"""Of eleven."""\n\n\ndef f(x: int) -> str:\n    return "ten"\n'
    assert _program_text(code) == _program_text(mended)
    for changed in (code.replace("3", "4"), code.replace('"ten"', '"two"'), code.replace("x: int", "y: int")):
        assert _program_text(changed) != _program_text(code)
