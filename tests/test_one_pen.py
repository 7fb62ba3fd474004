"""Marks held to the pen that made them, and rings told by the circles that cross them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from recognition.bands import beyond_two_strokes
from recognition.box_strokes import NO_STROKES
from recognition.boxes import BoxMeasure, InkedBox
from recognition.circles import on_circle
from recognition.geometry import Mask
from recognition.one_pen import held_to_one_pen

SIZE = 34
CROSS = [((5, 5), (28, 28)), ((28, 5), (5, 28))]
LEVEL = [((3, 17), (31, 17))]


def _drawn(lines: list[tuple[tuple[int, int], tuple[int, int]]], thick_px: int) -> Mask:
    image = np.zeros((SIZE, SIZE), np.uint8)
    for start, end in lines:
        cv2.line(image, start, end, 1, thick_px)
    return image.astype(bool)


def _measure(ink: Mask) -> BoxMeasure:
    third, pen = beyond_two_strokes(ink.astype(np.float32), ink, SIZE)
    empty = BoxMeasure(
        shift_mm=(0.0, 0.0),
        outline=1.0,
        ink_mm2=4.0,
        core_mm2=1.0,
        faint_mm2=4.0,
        ink_share=float(ink.mean()),
        reach_mm=3.0,
        depth_mm=3.0,
        bridges=False,
        spill_mm2=0.0,
        void_mm=0.5,
        struck=False,
        paper=250.0,
    )
    strokes = replace(NO_STROKES, third=third, pen=pen)
    return replace(empty, strokes=strokes, inked=InkedBox(ink.astype(np.float32), ink, SIZE))


def test_a_struck_cross_is_more_than_two_strokes_of_the_pen_of_the_others() -> None:
    crosses = [_measure(_drawn(CROSS, 5)) for _ in range(3)]
    struck = _measure(_drawn(CROSS + LEVEL, 5))
    struck = replace(struck, strokes=replace(struck.strokes, third=0.0, pen=0.4))  # as run together ink is
    held = held_to_one_pen([*crosses, struck], least_others=2)
    assert [m.strokes.third_usual for m in held[:3]] == [m.strokes.third for m in crosses]
    assert held[3].strokes.third_usual > 0.02


def test_the_pen_is_not_known_from_one_other_mark() -> None:
    struck = _measure(_drawn(CROSS + LEVEL, 5))
    held = held_to_one_pen([_measure(_drawn(CROSS, 5)), struck], least_others=2)
    assert held[1] is struck


@pytest.mark.parametrize(
    ("lines", "is_ring", "strokes"),
    [
        pytest.param([], True, {2}, id="ring"),
        pytest.param(LEVEL, True, {3, 4}, id="ring struck through"),
        pytest.param(CROSS, False, {4}, id="cross"),
        pytest.param(LEVEL, False, {2}, id="line"),
        pytest.param([], False, {0}, id="nothing"),
    ],
)
def test_a_circle_meets_each_stroke_twice_at_most(
    lines: list[tuple[tuple[int, int], tuple[int, int]]], is_ring: bool, strokes: set[int]
) -> None:
    ink = _drawn(lines, 3).astype(np.float32)
    if is_ring:
        cv2.circle(ink, (17, 17), 11, 1.0, 3)
    assert on_circle(ink) in strokes
