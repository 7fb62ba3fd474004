"""Debug pictures: they show what was read, cost nothing when off and change no reading."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import typer
from PIL import Image
from typer.testing import CliRunner

from ballot.errors import UsageError
from ballot.reading import MarkState, ScanSide
from ballot.sheet import PageImage, SheetScan
from calibration.layout_file import save_layouts
from calibration.testdeck.deck import SimulatedSheet, simulate_deck
from calibration.testdeck.feeding import FeedRanges
from calibration.testdeck.options import CLEAN, DeckOptions
from recognition.debug_pictures import Picture, debug_pictures
from recognition.reader import CompiledLayouts, read_sheet
from recognition.trace import SheetTrace
from station.commands import read as read_command
from station.election_file import election_to_json
from tests.print_houses import Printed

MARKED, EMPTY = (0, 140, 40), (120, 150, 190)
PX_PER_MM = 100 / 25.4
OPTIONS = replace(
    CLEAN,
    scanner=replace(CLEAN.scanner, dpis=(200,), swapped_rate=0.0),
    voters=replace(CLEAN.voters, no_personal_votes=0.0, party_ballots=0.0, blank_ballots=0.0),
)


def _deck(printed: Printed, sheets: int, options: DeckOptions = OPTIONS) -> list[SimulatedSheet]:
    return list(simulate_deck(printed.election, printed.folder, 88, options, sheets, fields=printed.fields))


def _pictures(scan: SheetScan, layouts: CompiledLayouts) -> Mapping[str, Picture]:
    trace = SheetTrace()
    reading = read_sheet(scan, layouts, trace=trace)
    assert reading == read_sheet(scan, layouts)
    return dict(debug_pictures(reading, trace))


def test_every_box_is_outlined_in_the_colour_of_what_was_read(
    printed: Printed, layouts: CompiledLayouts
) -> None:
    sheet = _deck(printed, 1)[0]
    reading = read_sheet(sheet.scan, layouts)
    pictures = _pictures(sheet.scan, layouts)
    assert set(pictures) == {"front", "back", "boxes"}
    inside = next(r.scan for r in reading.registrations if r.page == "inside")
    picture = pictures[inside.value]
    assert {m.state for m in reading.marks} == {MarkState.EMPTY, MarkState.MARKED}
    # The page begins below the lines of text, at the first full black line.
    top = int(np.flatnonzero((picture == 0).all(axis=(1, 2)))[0]) + 1
    for mark in reading.marks:
        x, y = (round(v * PX_PER_MM) for v in (mark.found.x_mm, mark.found.center_mm[1]))
        around = picture[top + y, x - 2 : x + 3]
        wanted = MARKED if mark.state is MarkState.MARKED else EMPTY
        assert (around == wanted).all(axis=1).any(), mark


def test_the_boxes_are_sorted_by_score(printed: Printed, layouts: CompiledLayouts) -> None:
    sheet = _deck(printed, 1)[0]
    reading = read_sheet(sheet.scan, layouts)
    marked = sum(m.state is MarkState.MARKED for m in reading.marks)
    picture = _pictures(sheet.scan, layouts)["boxes"]
    top = int(np.flatnonzero((picture == 0).all(axis=(1, 2)))[0]) + 1
    row = picture[top + 4]
    assert 0 < marked < 10
    for place in range(10):
        colour = MARKED if place < marked else EMPTY
        assert (row[place * 132 + 20] == colour).all(), place


def test_a_sheet_of_which_nothing_is_known_is_shown_as_it_came(
    printed: Printed, layouts: CompiledLayouts
) -> None:
    sheet = _deck(printed, 1, replace(OPTIONS, feed=FeedRanges(empty_paper=1.0)))[0]
    pictures = _pictures(sheet.scan, layouts)
    assert set(pictures) == {"front", "back"}
    assert all(max(p.shape) > 800 for p in pictures.values())
    broken = PageImage("broken.jpg", b"", "the file is empty")
    assert set(_pictures(SheetScan(broken, None), layouts)) == set()
    other_way = _pictures(SheetScan(broken, _deck(printed, 1)[0].scan.front), layouts)
    assert ScanSide.BACK.value in other_way


def test_the_command_writes_pictures_and_the_same_readings(printed: Printed, tmp_path: Path) -> None:
    scans, layout = tmp_path / "scans", tmp_path / "a.layout"
    scans.mkdir()
    for sheet in _deck(printed, 2):
        for name, data in sheet.files:
            (scans / name).write_bytes(data)
    save_layouts(printed.layouts, layout)
    app = typer.Typer()
    read_command.register(app)
    election = tmp_path / "election.json"
    election.write_text(json.dumps(election_to_json(printed.election)))
    common = [str(election), str(scans), "--layout", str(layout)]
    folder = tmp_path / "pictures"
    seen = CliRunner().invoke(
        app, [*common, "--workers", "2", "--debug", str(folder), "-o", str(tmp_path / "seen")]
    )
    assert seen.exit_code == 0, seen.output
    plain = CliRunner().invoke(app, [*common, "--workers", "1", "-o", str(tmp_path / "plain")])
    assert plain.exit_code == 0, plain.output
    assert (tmp_path / "seen").read_text() == (tmp_path / "plain").read_text()
    fronts = [json.loads(line)["front"] for line in (tmp_path / "seen").read_text().splitlines()]
    expected = {f"{front}.{what}.png" for front in fronts for what in ("front", "back", "boxes")}
    assert {path.name for path in folder.iterdir()} == expected
    for path in folder.iterdir():
        with Image.open(path) as picture:
            assert picture.mode == "RGB"
    again = CliRunner().invoke(app, [*common, "--debug", str(folder)])
    assert isinstance(again.exception, UsageError)
