"""Marks held to the pen that made them, and rings told by the circles that cross them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from ballot.geometry import Box
from ballot.layout import BoxKind, MarkBox
from ballot.reading import MarkState
from recognition.bands import beyond_two_strokes
from recognition.box_strokes import NO_STROKES, StrokeMeasure
from recognition.boxes import BoxMeasure, InkedBox
from recognition.circles import on_circle
from recognition.geometry import Mask
from recognition.marks import Trait, judge_mark, traits_of
from recognition.one_pen import held_to_one_pen
from recognition.profile import DEFAULT_PROFILE
from tests.measured_boxes import CROSSED_BOX

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
    strokes = replace(NO_STROKES, third=third, pen=pen)
    return replace(
        CROSSED_BOX,
        ink_share=float(ink.mean()),
        strokes=strokes,
        inked=InkedBox(ink.astype(np.float32), ink, SIZE, ink.astype(np.float32), ~ink),
    )


def test_a_struck_cross_is_more_than_two_strokes_of_the_pen_of_the_others() -> None:
    crosses = [_measure(_drawn(CROSS, 5)) for _ in range(3)]
    struck = _measure(_drawn(CROSS + LEVEL, 5))
    struck = replace(struck, strokes=replace(struck.strokes, third=0.0, pen=0.4))  # as run together ink is
    held = held_to_one_pen([*crosses, struck], DEFAULT_PROFILE)
    assert [m.strokes.third_of_usual_pen for m in held[:3]] == [m.strokes.third for m in crosses]
    assert held[3].strokes.third_of_usual_pen > 0.02


def test_the_pen_is_not_known_from_one_other_mark() -> None:
    struck = _measure(_drawn(CROSS + LEVEL, 5))
    held = held_to_one_pen([_measure(_drawn(CROSS, 5)), struck], DEFAULT_PROFILE)
    assert held[1] is struck


def test_dust_and_blocks_of_ink_say_nothing_of_the_pen() -> None:
    """Two specks beside two marks had made the usual pen as wide as the box."""
    speck = replace(_measure(_drawn([((5, 5), (6, 6))], 2)), ink_mm2=0.1)
    block = _measure(np.ones((SIZE, SIZE), bool))
    struck = _measure(_drawn(CROSS + LEVEL, 5))
    plain = [_measure(_drawn(CROSS, 5)) for _ in range(2)]
    for more in ([speck, speck, speck], [block, block, block]):
        few = held_to_one_pen([*more, plain[0], struck], DEFAULT_PROFILE)
        assert few[4] is struck
        enough = held_to_one_pen([*more, *plain, struck], DEFAULT_PROFILE)
        assert enough[5].strokes.third_of_usual_pen > 0.01
        assert enough[0] is more[0] or more[0] is block


CLEAR = StrokeMeasure(misfit=0.0, wedges=4, pen=0.1)


@pytest.mark.parametrize(
    ("strokes", "state"),
    [
        (CLEAR, MarkState.MARKED),
        (replace(CLEAR, third_of_usual_pen=0.01), MarkState.TAKEN_BACK),
        (replace(CLEAR, hollow=0.2, third=0.03, circle_strokes=2), MarkState.MARKED),
        (replace(CLEAR, hollow=0.2, third=0.03, circle_strokes=4), MarkState.TAKEN_BACK),
    ],
    ids=["cross", "more than two strokes of the usual pen", "ring", "struck ring"],
)
def test_what_takes_a_mark_back_is_doubted(strokes: StrokeMeasure, state: MarkState) -> None:
    measure = replace(_measure(_drawn(CROSS, 3)), ink_share=0.3, strokes=strokes)
    box = MarkBox(BoxKind.PERSONAL, Box(20.0, 50.0, 4.0, 4.0), candidate=1)
    assert judge_mark(box, measure, DEFAULT_PROFILE).state is state


def test_a_struck_ring_does_not_count_beside_others_with_as_much_ink() -> None:
    ring = replace(_measure(_drawn(CROSS, 3)), ink_share=0.5, void_mm=1.0)
    place = Box(20.0, 50.0, 4.0, 4.0)
    for circle_strokes, may_count in ((2, True), (4, False)):
        strokes = replace(ring.strokes, hollow=0.2, third=0.03, wedges=2, circle_strokes=circle_strokes)
        traits = traits_of(place, replace(ring, strokes=strokes), DEFAULT_PROFILE)
        assert (Trait.PLAIN in traits) is may_count


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
@pytest.mark.parametrize("axes", [(11, 11), (12, 8)])
def test_a_circle_meets_each_stroke_twice_at_most(
    lines: list[tuple[tuple[int, int], tuple[int, int]]],
    is_ring: bool,
    strokes: set[int],
    axes: tuple[int, int],
) -> None:
    ink = _drawn(lines, 3).astype(np.float32)
    if is_ring:
        cv2.ellipse(ink, (17, 17), axes, 0, 0, 360, 1.0, 3)
    assert on_circle(ink, ink > 0) in strokes
