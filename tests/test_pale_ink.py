"""Small crosses in pale ink over names, of which grey shows hardly a trace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.layout import SideLayout
from ballot.reading import DoubtCode
from benchmarks.campaign_parts import PARTS, deck_seed, election_of
from calibration.learn import learn_layouts
from calibration.testdeck.deck import simulate_deck
from calibration.testdeck.designs import design_named
from calibration.testdeck.options import preset
from calibration.testdeck.printing import print_election
from recognition.geometry import Matrix
from recognition.profile import DEFAULT_PROFILE
from recognition.reader import compile_layouts, read_sheet
from tests.conftest import Press
from tests.drawn_sheets import Colours, Drawing, pixels, read_with

LEFT_OF_LIGHT = 0.78
"""Of light blue ink two hundred dots an inch show a fifth of the light missing."""


def _over_name(strokes_mm: list[list[tuple[float, float]]], thick_px: int, left: float) -> Drawing:
    """Darkens lines on the third candidate's name, told from its box, by a share of the light."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        box = next(m.box for m in side.mark_boxes if m.candidate == 3)
        # Names begin right of the boxes, but for one house.
        start = np.array(box.center_mm) + ((14.0, 0.0) if box.x_mm < 60 else (-76.0, 0.0))
        mask = np.zeros(picture.shape[:2], np.uint8)
        for stroke in strokes_mm:
            line = pixels(to_px, start + np.array(stroke))
            cv2.polylines(mask, [line], False, 255, thick_px, cv2.LINE_AA)
        share = 1 - (1 - left) * cv2.GaussianBlur(mask, (0, 0), 0.6)[..., None] / 255
        picture[:] = (picture * share).astype(np.uint8)

    return draw


CROSS = [[(-1.2, -1.2), (1.2, 1.2)], [(-1.2, 1.2), (1.2, -1.2)]]
UPRIGHT = [[(-0.75, -1.8), (-0.75, 1.8)], [(0.75, -1.8), (0.75, 1.8)]]


def _is_doubted(press: Press, house: str, draw: Drawing) -> bool:
    reading = read_with(press(house, ElectionKind.MUNICIPAL_COUNCIL), draw)
    return any(d.code is DoubtCode.INK_OUTSIDE_FIELDS for d in reading.doubts)


@pytest.mark.parametrize("house", ["fjord", "vidde", "skog"])
@pytest.mark.parametrize("strokes", [CROSS, UPRIGHT])
def test_a_small_pale_mark_over_a_name_is_noticed(
    print_house: Press, house: str, strokes: list[list[tuple[float, float]]]
) -> None:
    assert _is_doubted(print_house, house, _over_name(strokes, 4, LEFT_OF_LIGHT))


@pytest.mark.parametrize("house", ["fjord", "vidde", "skog"])
@pytest.mark.parametrize(
    ("strokes", "thick_px", "left"),
    [
        ([[(0.0, 0.0), (0.1, 0.1)]], 4, 0.4),  # a speck of dust
        ([[(0.0, -40.0), (0.0, 40.0)]], 6, 0.93),  # the shade of a fold
        (CROSS, 4, 0.985),  # noise
    ],
)
def test_a_speck_and_a_fold_over_a_name_are_not(
    print_house: Press, house: str, strokes: list[list[tuple[float, float]]], thick_px: int, left: float
) -> None:
    assert not _is_doubted(print_house, house, _over_name(strokes, thick_px, left))


def test_a_level_fold_between_a_name_and_the_line_below_is_no_ink(tmp_path: Path) -> None:
    """A campaign doubted 33 of 64 sheets of one election, on which the two lines lay a little apart."""
    campaign = 2_500_000
    part = next(part for part in PARTS if part.name == "skog-mayor-normal")
    election = election_of(part, campaign)
    fields = print_election(election, design_named(part.house, part.kind), tmp_path)
    layouts = compile_layouts(election, learn_layouts(election, tmp_path))
    options = preset(part.preset)
    deck = simulate_deck(
        election, tmp_path, deck_seed(part, campaign), options, 3, 2, passes=2, fields=fields
    )
    by_fold = replace(DEFAULT_PROFILE, pale_fold_mm2=-1.0)
    for sheet in list(deck)[1:]:
        told, without = (
            [
                d
                for d in read_sheet(sheet.scan, layouts, profile).doubts
                if d.code is DoubtCode.INK_OUTSIDE_FIELDS
            ]
            for profile in (DEFAULT_PROFILE, by_fold)
        )
        assert without, "the fold is not where it was"
        assert not told
