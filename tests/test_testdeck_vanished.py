"""Marks that a scan in black and white does not show."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from ballot.geometry import Box
from calibration.testdeck.fields import SideFields
from calibration.testdeck.options import NORMAL
from calibration.testdeck.planes import Planes
from calibration.testdeck.scanning import ColourMode, pick_pass, scan_side
from calibration.testdeck.vanished import vanished

PX_PER_MM = 200 / 25.4
DARK, PALE, EMPTY = Box(30, 30, 5, 5), Box(60, 90, 5, 5), Box(90, 140, 5, 5)


@pytest.mark.parametrize("upside_down", [False, True])
def test_a_mark_above_the_threshold_has_vanished_and_a_dark_one_has_not(upside_down: bool) -> None:
    side = SideFields(148.0, 210.0)
    paper = Planes(
        np.full((round(210 * PX_PER_MM), round(148 * PX_PER_MM)), 250, np.uint8), (), PX_PER_MM, PX_PER_MM
    )
    for box, grey in ((DARK, 40), (PALE, 215)):
        corners = [
            (round(x * PX_PER_MM), round(y * PX_PER_MM))
            for x, y in ((box.x_mm, box.y_mm), (box.right_mm, box.bottom_mm))
        ]
        cv2.line(paper.y, corners[0], corners[1], grey, 4)
    rng = np.random.default_rng(3)
    way = replace(pick_pass(NORMAL.scanner, 200, rng), mode=ColourMode.BILEVEL_FIXED, upside_down=upside_down)
    scan = scan_side(paper, side, way, False, rng)
    boxes = [DARK, PALE, EMPTY]
    assert vanished(scan.y, paper, side, way, False, boxes, [False] * 3) == [False, True, True]


@pytest.mark.parametrize(("scribble_grey", "is_hidden"), [(215, True), (60, False)])
def test_a_pale_scribble_leaves_only_the_cross_below_it(scribble_grey: int, is_hidden: bool) -> None:
    side = SideFields(148.0, 210.0)
    paper = Planes(
        np.full((round(210 * PX_PER_MM), round(148 * PX_PER_MM)), 250, np.uint8), (), PX_PER_MM, PX_PER_MM
    )
    (left, top), (right, bottom) = (
        (round(x * PX_PER_MM), round(y * PX_PER_MM))
        for x, y in ((DARK.x_mm, DARK.y_mm), (DARK.right_mm, DARK.bottom_mm))
    )
    cv2.rectangle(paper.y, (left, top), (right, bottom), scribble_grey, -1)
    cv2.line(paper.y, (left, top), (right, bottom), 60, 4)
    cv2.line(paper.y, (left, bottom), (right, top), 60, 4)
    rng = np.random.default_rng(3)
    way = replace(pick_pass(NORMAL.scanner, 200, rng), mode=ColourMode.BILEVEL_FIXED)
    scan = scan_side(paper, side, way, False, rng)
    assert vanished(scan.y, paper, side, way, False, [DARK], [True]) == [is_hidden]
