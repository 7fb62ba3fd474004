"""Torn corners of which a scan shows little."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ballot.geometry import Box
from ballot.layout import BoxKind, MarkBox
from calibration.testdeck.fields import BallotFields, SideFields
from calibration.testdeck.options import NORMAL
from calibration.testdeck.out_of_view import shows_tear
from calibration.testdeck.planes import Planes
from calibration.testdeck.scanning import Background, pick_pass
from calibration.testdeck.wear import WearRanges, harms, pick_wear

PX_PER_MM = 200 / 25.4
UPPER_RIGHT = (1, 20.0, 14.0)


@pytest.mark.parametrize(
    ("background", "shift_mm", "mirrored", "shown"),
    [
        pytest.param(Background.CROPPED, (0.0, 0.0), False, True, id="the page as it is"),
        pytest.param(Background.CROPPED, (0.0, -10.5), False, False, id="its upper edge beyond the scan"),
        pytest.param(Background.CROPPED, (0.0, 10.5), False, True, id="its lower edge beyond the scan"),
        pytest.param(Background.CROPPED, (16.0, 0.0), False, False, id="its right edge beyond the scan"),
        pytest.param(Background.CROPPED, (16.0, 0.0), True, False, id="seen from behind"),
        pytest.param(Background.BLACK, (0.0, -10.5), False, True, id="a lid around the page"),
    ],
)
def test_a_torn_corner_is_shown_when_enough_of_it_lies_within_the_scan(
    background: Background, shift_mm: tuple[float, float], mirrored: bool, shown: bool
) -> None:
    side = SideFields(148.0, 210.0)
    paper = Planes(
        np.full((round(210 * PX_PER_MM), round(148 * PX_PER_MM)), 250, np.uint8), (), PX_PER_MM, PX_PER_MM
    )
    way = replace(
        pick_pass(NORMAL.scanner, 200, np.random.default_rng(3)),
        background=background,
        shift_mm=shift_mm,
        skew_deg=0.0,
        upside_down=False,
    )
    assert shows_tear(UPPER_RIGHT, paper, side, way, mirrored) is shown


@pytest.mark.parametrize(("at_mm", "harmed"), [((140.0, 2.0), True), ((20.0, 2.0), False)])
def test_a_torn_corner_out_of_view_harms_where_it_takes_a_field(
    at_mm: tuple[float, float], harmed: bool
) -> None:
    box = MarkBox(kind=BoxKind.PERSONAL, box=Box(*at_mm, 4.0, 4.0), candidate=1)
    side = SideFields(148.0, 210.0, mark_boxes=(box,))
    worn = replace(
        pick_wear(WearRanges(), BallotFields("list:A", side, side), np.random.default_rng(1)),
        tear=UPPER_RIGHT,
    )
    assert harms(worn, side, seen_through=True, shows_tear=False) is harmed
    assert harms(worn, side, seen_through=True, shows_tear=True)


@pytest.mark.parametrize(
    ("at_mm", "seen_through", "harmed"),
    [
        pytest.param((50.0, 54.2), True, True, id="beside a box, the background in it"),
        pytest.param((50.0, 54.2), False, False, id="beside a box, as white as paper"),
        pytest.param((50.0, 52.0), False, True, id="it takes a piece of the box"),
    ],
)
def test_a_hole_that_nobody_can_see_harms_where_it_takes_a_field(
    at_mm: tuple[float, float], seen_through: bool, harmed: bool
) -> None:
    """A campaign asked for a doubt about a hole between two boxes, white on white in black and white."""
    box = MarkBox(kind=BoxKind.PERSONAL, box=Box(48.0, 46.0, 4.0, 4.0), candidate=1)
    side = SideFields(148.0, 210.0, mark_boxes=(box,))
    whole = pick_wear(WearRanges(), BallotFields("list:A", side, side), np.random.default_rng(1))
    worn = replace(whole, hole=(*at_mm, 3.5))
    assert harms(worn, side, seen_through=seen_through) is harmed
