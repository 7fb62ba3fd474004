"""Tells which pens the plain sheets that a campaign sent to a person were marked with.

    python -m benchmarks.campaign_pens --folder out/campaign

The log does not name pens, but every ballot can be planned again from the campaign's seed, without drawing
it.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.campaign_log import ABOUT_FILE, CampaignLog
from benchmarks.campaign_parts import PARTS, PASSES, Part, deck_seed
from benchmarks.campaign_report import is_plain
from calibration.testdeck.deck import fields_of, plan_sheet
from calibration.testdeck.fields import FieldMap
from calibration.testdeck.options import preset
from calibration.testdeck.voters import Intent

NO_MARKS = "no marks"
BALLPOINT = "ballpoint"


@cache
def _press(place: Path) -> tuple[Any, FieldMap]:
    from station.election_file import load_election

    election = load_election(place / "election.json")
    return election, fields_of(election, place)


def intent_of(part: Part, place: Path, seed: int, index: int) -> Intent:
    """What the voter of a campaign's sheet meant to do.

    Args:
        place: Where the part was prepared.
        seed: The campaign's.
        index: The sheet's place in its part.
    """
    election, fields = _press(place)
    rng = np.random.default_rng([deck_seed(part, seed), index // PASSES])
    return plan_sheet(election, fields, preset(part.preset), rng).intent


def pen_named(intent: Intent) -> str:
    """The pen of a ballot's marks, ballpoints of all colours as one."""
    if not intent.marks:
        return NO_MARKS
    return BALLPOINT if intent.pen.startswith(BALLPOINT) else intent.pen


def table(folder: Path, parts: Iterable[Part] = PARTS) -> list[str]:
    """How many plain sheets went to a person, by preset and pen.

    Raises:
        SystemExit: The folder holds no campaign, or not the ballots that its parts printed.
    """
    if not ((folder / ABOUT_FILE).is_file() and (folder / "parts").is_dir()):
        raise SystemExit(
            f"{folder} holds no campaign with its printed ballots. Nothing was counted. "
            "Name the folder that `make campaign` worked in."
        )
    seed = json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8"))["seed"]
    named = {part.name: part for part in parts}
    plain: dict[str, Counter[str]] = defaultdict(Counter)
    reviewed: dict[str, Counter[str]] = defaultdict(Counter)
    for line in CampaignLog(folder).lines():
        part = named[line["part"]]
        for sheet in filter(is_plain, line["sheets"]):
            pen = pen_named(intent_of(part, folder / "parts" / part.name, seed, sheet["index"]))
            plain[part.preset][pen] += 1
            reviewed[part.preset][pen] += not sheet["accepted"]
    rows = [f"{'preset':12} {'pen':12} {'plain':>7} {'reviewed':>9}"]
    for deck, pens in plain.items():
        rows += [
            f"{deck:12} {pen:12} {count:7} {reviewed[deck][pen]:9} {reviewed[deck][pen] / count:6.1%}"
            for pen, count in pens.most_common()
        ]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="Where the campaign lives.")
    print("\n".join(table(parser.parse_args().folder)))


if __name__ == "__main__":
    main()
