"""The benchmark of registration knows where on the paper a scan looks."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from benchmarks.campaign_parts import Part
from benchmarks.registration import errors_mm, on_paper, scanned
from calibration.testdeck.fields import SideFields
from calibration.testdeck.options import preset
from calibration.testdeck.planes import Planes
from calibration.testdeck.press import Press
from calibration.testdeck.scanning import Background, ColourMode, pick_pass, scan_side, view_of
from recognition.reader import CompiledLayouts
from tests.print_houses import Printed

WIDTH_MM, HEIGHT_MM, PX_PER_MM = 120.0, 80.0, 12.0
DOTS_MM = ((20.0, 15.0), (95.0, 20.0), (30.0, 66.0), (104.0, 62.0))


@pytest.mark.parametrize("seed", range(6))
def test_dots_on_the_paper_are_where_the_scan_shows_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    picked = pick_pass(preset("normal").scanner, 300, rng)
    way = replace(
        picked,
        mode=ColourMode.GREY,
        background=Background.BLACK,
        streak_at=None,
        wave_mm=0.4,
        skew_deg=2.0,
        upside_down=bool(seed % 2),
    )
    paper = np.full((int(HEIGHT_MM * PX_PER_MM), int(WIDTH_MM * PX_PER_MM)), 255, np.uint8)
    for x_mm, y_mm in DOTS_MM:
        # The middle of pixel 0 lies half a pixel from the edge.
        centre = tuple(round((mm * PX_PER_MM - 0.5) * 16) for mm in (x_mm, y_mm))
        cv2.circle(paper, centre, 10 * 16, 0, cv2.FILLED, cv2.LINE_AA, shift=4)
    planes = Planes(paper, (), PX_PER_MM, PX_PER_MM)
    fields = SideFields(WIDTH_MM, HEIGHT_MM, folds_x_mm=(60.0,))
    is_back = seed >= 3
    scan = scan_side(planes, fields, way, is_back, rng).y
    ink = ((scan < 128) * 255).astype(np.uint8)
    _, _, stats, middles = cv2.connectedComponentsWithStats(ink)
    round_ones = [
        middle
        for middle, (_, _, w, h, area) in zip(middles, stats, strict=True)
        if 100 < area < 1000 and max(w, h) < 30
    ]
    assert len(round_ones) == len(DOTS_MM)
    found = on_paper(view_of(planes, 1, fields, way, is_back), (PX_PER_MM, PX_PER_MM), np.array(round_ones))
    for dot in DOTS_MM:
        assert np.hypot(*(found - dot).T).min() < 0.04


def test_fields_of_clean_sheets_are_found_where_they_are(printed: Printed, layouts: CompiledLayouts) -> None:
    part = Part("one", "fjord", printed.election.kind, 11, 2, "clean", 1)
    press = Press(printed.folder, printed.fields)
    boxes, others = [], []
    for seen in scanned(part, printed.election, press, 1, 2):
        of_boxes, of_others = errors_mm(seen, layouts)
        boxes += of_boxes
        others += of_others
    assert boxes and max(boxes) < 0.2
    assert len(others) >= 4 and 0 < max(others) < 0.3
