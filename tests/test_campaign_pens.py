"""Which pens the sheets were marked with that a campaign sent to a person."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ballot.election import ElectionKind
from benchmarks.campaign_log import CampaignLog, begin
from benchmarks.campaign_parts import PASSES, Part, deck_seed
from benchmarks.campaign_pens import intent_of, pen_named, table
from benchmarks.houses import print_house, write_election
from calibration.testdeck.deck import simulate_deck
from calibration.testdeck.elections import make_election
from calibration.testdeck.options import preset

SEED = 77
PART = Part("small", "outer", ElectionKind.MUNICIPAL_COUNCIL, 11, 2, "grey200", 1)


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("campaign")
    begin(folder, {"seed": SEED, "program": "x"}, False)
    election = make_election(SEED, seats=11, lists=2)
    write_election(election, folder / "parts" / PART.name)
    print_house(PART.house, election, folder / "parts" / PART.name)
    return folder


def test_ballots_are_planned_again_as_they_were_drawn(campaign: Path) -> None:
    place, sheets = campaign / "parts" / PART.name, 8
    election = make_election(SEED, seats=11, lists=2)
    deck = simulate_deck(election, place, deck_seed(PART, SEED), preset(PART.preset), sheets, passes=PASSES)
    pens = set()
    for index, sheet in enumerate(deck):
        intent = intent_of(PART, place, SEED, index)
        drawn = [mark["candidate"] for mark in sheet.truth["mark_boxes"]]
        assert [mark.mark_box.candidate for mark in intent.marks] == drawn
        pens |= {intent.pen} if f"pen:{intent.pen}" in sheet.truth["conditions"] else {"another"}
    assert pens
    assert "another" not in pens


def test_a_folder_without_a_campaign_is_told(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="holds no campaign"):
        table(tmp_path)


def test_plain_sheets_are_counted_by_pen(campaign: Path) -> None:
    place = campaign / "parts" / PART.name
    plain: dict[str, Any] = {"undamaged": True, "clear_stamp": True, "accepted": True, "fills": False}
    sheets = [plain | {"index": index, "accepted": index % 3 > 0} for index in range(30)]
    sheets += [
        plain | {"index": 30 + n, name: not plain[name]} for n, name in enumerate(("undamaged", "fills"))
    ]
    CampaignLog(campaign).add({"part": PART.name, "start": 0, "sheets": sheets})
    pens = [pen_named(intent_of(PART, place, SEED, index)) for index in range(30)]
    counted, reviewed = Counter(pens), Counter(pens[::3])
    told = {row[13:25].strip(): row[25:].split()[:2] for row in table(campaign, [PART])[1:]}
    assert len(told) > 1
    assert told == {pen: [str(counted[pen]), str(reviewed[pen])] for pen in counted}
