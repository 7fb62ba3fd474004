"""The sample folder: an election, its blanks, and about sixty sheets that show what happens at a count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ballot.election import Election, ElectionKind
from calibration.testdeck.deck import SimulatedSheet, ballot_id_of, make_sheet, plan_sheet, write_deck
from calibration.testdeck.designs import design_named
from calibration.testdeck.elections import make_election
from calibration.testdeck.encoding import ScanFormat
from calibration.testdeck.fields import FieldMap
from calibration.testdeck.options import CLEAN, NORMAL, DeckOptions
from calibration.testdeck.press import Press
from calibration.testdeck.printing import print_election
from calibration.testdeck.scanning import Background, ColourMode
from calibration.testdeck.voters import Habit, VoterRanges

SAMPLE_SEATS = 19
SAMPLE_LISTS = 6
SAMPLE_DESIGN = "fjord"


@dataclass(frozen=True, slots=True)
class Case:
    """Some sheets of the sample that show the same thing."""

    shows: str
    sheets: int
    options: DeckOptions


_QUIET = replace(
    CLEAN,
    jpeg_quality=(50, 56),
    compact_jpeg=True,
    voters=replace(
        NORMAL.voters, write_in_rate=0.0, habits=(), party_ballots=0.0, blank_ballots=0.0, group_names=0.0
    ),
    stamps=replace(NORMAL.stamps, missing=0.0, wrong_side=0.0, off_field=0.0, qualities=(("clear", 1.0),)),
    wear=replace(NORMAL.wear, torn_rate=0.0, hole_rate=0.0, crumple_rate=0.0, specks=6),
    scanner=replace(
        NORMAL.scanner,
        noise=(0.4, 1.2),
        backgrounds=(Background.WHITE,),
        upside_down_rate=0.0,
        swapped_rate=0.0,
    ),
)


def _voters(**changes: Any) -> DeckOptions:
    return replace(_QUIET, voters=replace(_QUIET.voters, **changes))


def _stamps(**changes: Any) -> DeckOptions:
    return replace(_QUIET, stamps=replace(_QUIET.stamps, **changes))


def _wear(**changes: Any) -> DeckOptions:
    return replace(_QUIET, wear=replace(_QUIET.wear, **changes))


def _scanner(scan_format: ScanFormat = ScanFormat.JPEG, **changes: Any) -> DeckOptions:
    return replace(_QUIET, format=scan_format, scanner=replace(_QUIET.scanner, **changes))


def _habit(habit: Habit) -> DeckOptions:
    return _voters(habits=((habit, 1.0),), no_personal_votes=0.0, crosses=2.5)


def _written(ranges: VoterRanges) -> DeckOptions:
    return replace(_QUIET, voters=replace(ranges, write_in_rate=1.0, off_list_names=0.05))


CASES = (
    Case("an ordinary list ballot", 16, _QUIET),
    Case("an ordinary list ballot with many personal votes", 3, _voters(no_personal_votes=0.0, crosses=14.0)),
    Case("slengere, written by hand", 8, _written(_QUIET.voters)),
    Case("a party ballot with one cross", 3, _voters(party_ballots=1.0, odd_choices=0.0)),
    Case("a party ballot with none or two crosses", 1, _voters(party_ballots=1.0, odd_choices=1.0)),
    Case(
        "a party ballot with the name of a local list",
        1,
        _voters(party_ballots=1.0, odd_choices=0.0, group_names=1.0),
    ),
    Case("a blank ballot", 2, _voters(blank_ballots=1.0)),
    Case("no stamp", 2, _stamps(missing=1.0)),
    Case("stamped on the inside, clear of the fields", 2, _stamps(wrong_side=1.0, anywhere=0.0)),
    Case("stamped on the inside, anywhere", 1, _stamps(wrong_side=1.0, anywhere=1.0)),
    Case(
        "a faint, partial or smeared stamp",
        2,
        _stamps(qualities=(("faint", 1.0), ("partial", 1.0), ("smeared", 1.0))),
    ),
    Case("scanned upside down", 2, _scanner(upside_down_rate=1.0)),
    Case("the outside scanned first", 2, _scanner(swapped_rate=1.0)),
    Case("a black scanner background", 2, _scanner(backgrounds=(Background.BLACK,))),
    Case("cropped to the sheet by the scanner", 1, _scanner(backgrounds=(Background.CROPPED,))),
    Case("a mark taken back", 2, _habit(Habit.TAKEN_BACK)),
    Case("a mark beside its box", 1, _habit(Habit.BESIDE)),
    Case("a greeting on the ballot", 1, _habit(Habit.COMMENT)),
    Case("a struck-out name", 1, _habit(Habit.STRIKE_OUT)),
    Case("a torn corner", 1, _wear(torn_rate=1.0)),
    Case("crumpled paper", 1, _wear(crumple_rate=1.0, crumple=0.16)),
    Case("a streak from a dirty scanner glass", 1, _scanner(streak_rate=1.0)),
    Case("grey PNG at 200 dpi", 1, _scanner(ScanFormat.PNG, dpis=(200,), modes=(ColourMode.GREY,))),
    Case(
        "grey TIFF (LZW) at 200 dpi, two pages",
        1,
        _scanner(ScanFormat.TIFF_PAGES, dpis=(200,), modes=(ColourMode.GREY,)),
    ),
    Case("bilevel TIFF (G4)", 1, _scanner(ScanFormat.TIFF, modes=(ColourMode.BILEVEL_ADAPTIVE,))),
    Case("a PDF of scans", 1, _scanner(ScanFormat.PDF)),
)


def sample_election(seed: int) -> Election:
    """The election of the sample folder."""
    return make_election(seed, ElectionKind.MUNICIPAL_COUNCIL, SAMPLE_SEATS, SAMPLE_LISTS)


def _sheets(election: Election, press: Press, seed: int) -> Iterator[SimulatedSheet]:
    """The cases, shuffled as in a box of ballots."""
    drawn = [case for case in CASES for _ in range(case.sheets)]
    order = np.random.default_rng([seed, len(drawn)]).permutation(len(drawn))
    for index, at in enumerate(order):
        case = drawn[int(at)]
        rng = np.random.default_rng([seed, index])
        plan = plan_sheet(election, press.fields, case.options, rng)
        ballot_id = ballot_id_of(seed, index)
        sheet = make_sheet(election, press, plan, f"{index + 1:04d}", ballot_id, case.options, rng)
        yield replace(sheet, truth={**sheet.truth, "shows": case.shows})


def make_sample(election: Election, folder: Path, seed: int) -> Iterator[dict[str, Any]]:
    """Writes blanks, scans, truth and README into a folder, yielding each truth as it is written."""
    fields: FieldMap = print_election(
        election, design_named(SAMPLE_DESIGN, election.kind), folder, with_fields=False
    )
    truths = []
    for truth in write_deck(_sheets(election, Press(folder, fields), seed), folder):
        truths.append(truth)
        yield truth
    (folder / "README.md").write_text(_readme(election, seed, truths), encoding="utf-8")


def _readme(election: Election, seed: int, truths: list[dict[str, Any]]) -> str:
    head = f"""# Sample scans

{election.name} in {election.area_name}: a made-up municipality with made-up names, {election.seats} seats and
{len(election.lists)} lists. {len(truths)} sheets, scanned on both sides.

| what | where |
|---|---|
| the election | `election.json` |
| the blank ballots as a print house delivers them | `ballots/` |
| the scans | `scans/` |
| what is true of each sheet, in the order of the scans | `truth.jsonl` ([meaning](../docs/testdeck.md)) |

Everything here was made with `valgskann testdeck sample -o sample_scans --seed {seed}`; nothing shows
a real ballot or a real person. Handwriting is drawn with handwriting fonts.

| file | how made | what it shows |
|---|---|---|
"""
    return head + "".join(f"| {_files(t)} | {_how(t)} | {t['shows']}{_what(t)} |\n" for t in truths)


def _files(truth: dict[str, Any]) -> str:
    names = dict.fromkeys(str(truth[key]).split("#")[0] for key in ("front", "back"))
    return ", ".join(f"`{name}`" for name in names)


def _how(truth: dict[str, Any]) -> str:
    words = [w.partition(":") for w in truth["conditions"]]
    pen = next(value for key, _, value in words if key == "pen").replace("_", " ")
    dpi = next(value for key, _, value in words if key == "dpi")
    mode = next(key for key, _, _ in words if key in set(ColourMode)).replace("_", " ")
    ink = f", {pen}" if truth["mark_boxes"] or truth["write_ins"] else ""
    return f"simulated, {mode}, {dpi} dpi{ink}"


def _what(truth: dict[str, Any]) -> str:
    parts = [f"list {truth['list']}"] if truth["list"] else []
    if truth["personal"]:
        parts.append(
            f"{len(truth['personal'])} personal votes" if len(truth["personal"]) > 1 else "1 personal vote"
        )
    if truth["write_ins"]:
        parts.append("slengere: " + ", ".join(entry["text"] for entry in truth["write_ins"]))
    if truth["party"]:
        parts.append(str(truth["party"]))
    return f" ({'; '.join(parts)})" if parts else ""
