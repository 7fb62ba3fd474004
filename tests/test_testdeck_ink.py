"""Stamps, pens and handwriting leave the ink they should, where they should."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballot.geometry import Box
from calibration.testdeck.handwriting import HANDS, pick_writer, write_text
from calibration.testdeck.marks import MarkShape, mark_strokes
from calibration.testdeck.paper import Paper
from calibration.testdeck.pens import PEN_KINDS, draw_strokes, pick_up_pen
from calibration.testdeck.stamps import Impression, StampDesign, StampQuality, press_stamp

PX_PER_MM = 300 / 25.4


def _paper(w_mm: float, h_mm: float) -> Paper:
    size = (int(h_mm * PX_PER_MM), int(w_mm * PX_PER_MM), 3)
    return Paper(np.full(size, 255, np.uint8), PX_PER_MM, PX_PER_MM)


def _ink(paper: Paper) -> np.ndarray:
    return 255 - paper.image.min(axis=2).astype(int)


def _stamped(design: StampDesign, quality: StampQuality, area: str = "Lyngøy kommune") -> np.ndarray:
    paper = _paper(70, 70)
    press_stamp(
        paper, Impression(design, "blue", quality, 35, 35, 0.0), area, "2023", np.random.default_rng(2)
    )
    return _ink(paper)


@pytest.mark.parametrize("design", list(StampDesign))
@pytest.mark.parametrize("area", ["Lyngøy kommune", "Straumsund og Viddefjell fylkeskommune"])
def test_a_clear_stamp_shows_all_its_lines(design: StampDesign, area: str) -> None:
    ink = _stamped(design, StampQuality.CLEAR, area)
    rows = np.flatnonzero((ink > 60).any(axis=1)) / PX_PER_MM
    assert rows.max() - rows.min() > (9 if design is StampDesign.TEXT else 22)
    assert (ink[: ink.shape[0] // 2] > 60).sum() > 2000
    assert (ink[ink.shape[0] // 2 :] > 60).sum() > 2000


@pytest.mark.parametrize("design", list(StampDesign))
def test_qualities_differ_from_clear(design: StampDesign) -> None:
    amount = {quality: _stamped(design, quality).sum() for quality in StampQuality}
    assert amount[StampQuality.FAINT] < 0.5 * amount[StampQuality.CLEAR]
    assert amount[StampQuality.PARTIAL] < 0.85 * amount[StampQuality.CLEAR]
    assert amount[StampQuality.DOUBLE] > 1.2 * amount[StampQuality.CLEAR]
    assert min(amount.values()) > 0.1 * amount[StampQuality.CLEAR]


@given(seed=st.integers(0, 10_000), shape=st.sampled_from(list(MarkShape)), gap=st.floats(0.7, 6.0))
@settings(max_examples=60, deadline=None)
def test_a_mark_stays_out_of_its_neighbours(seed: int, shape: MarkShape, gap: float) -> None:
    rng = np.random.default_rng(seed)
    box = Box(20, 20, 4, 4)
    others = (Box(20, 20 - 4 - gap, 4, 4), Box(20, 24 + gap, 4, 4))
    paper = _paper(44, 44)
    pen = pick_up_pen(PEN_KINDS["felt" if seed % 2 else "ballpoint_blue"], rng)
    draw_strokes(paper, mark_strokes(shape, box, others, pen.width_mm, rng), pen, rng)
    ink = _ink(paper)

    def inside(b: Box) -> np.ndarray:
        x0, y0 = paper.corner_px(b.x_mm, b.y_mm)
        x1, y1 = paper.corner_px(b.right_mm, b.bottom_mm)
        return ink[y0 : y1 + 1, x0 : x1 + 1]

    assert all(inside(other).max() == 0 for other in others)
    assert (inside(box) > 50).mean() > 0.015


@pytest.mark.parametrize("hand", HANDS)
def test_handwriting_fits_its_row(hand: str) -> None:
    row = Box(5, 12, 60, 9)
    for seed in range(4):
        rng = np.random.default_rng(seed)
        paper = _paper(80, 34)
        pen = pick_up_pen(PEN_KINDS["ballpoint_black"], rng)
        write_text(paper, "Åse-Marie Bjørnstad Æsøy Kristoffersen", row, pick_writer(rng, (hand,)), pen, rng)
        ink = _ink(paper) > 60
        columns = np.flatnonzero(ink.any(axis=0)) / PX_PER_MM
        assert columns.min() > row.x_mm - 1
        assert columns.max() < row.right_mm + 1.5
        top, bottom = int(row.y_mm * PX_PER_MM), int(row.bottom_mm * PX_PER_MM)
        assert ink[top:bottom].sum() > 0.8 * ink.sum()
