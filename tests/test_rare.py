"""Decks of rare things together."""

from __future__ import annotations

from pathlib import Path

from ballot.election import ElectionKind
from benchmarks.campaign_parts import Part, prepare
from benchmarks.rare import HABITS, PENS, SCANNERS, Deck, decks, read_deck
from calibration.testdeck.pens import PEN_KINDS

SMALL = Part("small", "outer", ElectionKind.MUNICIPAL_COUNCIL, 11, 2, "grey200", 1)


def test_every_pen_meets_every_habit_and_scanner() -> None:
    all_decks = list(decks(("a", "b")))
    assert len(set(all_decks)) == len(all_decks) == 2 * len(SCANNERS) * len(PENS) * len(HABITS)
    assert set(PENS) <= set(PEN_KINDS)


def test_a_deck_is_read_and_its_fates_are_counted(tmp_path: Path) -> None:
    prepare(SMALL, tmp_path / "parts", 5)
    found = read_deck(Deck("small", "grey200", "ballpoint_blue", "taken_back"), tmp_path, 5, 6)
    assert found.errors == ()
    assert found.counts["doubted"] >= 2
    assert found.counts["accepted"] + found.counts["doubted"] >= 5
    bilevel = read_deck(Deck("small", "bilevel200", "light_blue", "plain"), tmp_path, 5, 2)
    assert bilevel.errors == ()
