"""A mark that is paler than another, and its mirror, may have been set off by a fold: a person looks."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from ballot.layout import SideLayout
from ballot.reading import DoubtCode
from recognition.boxes import BoxMeasure, InkedBox
from recognition.geometry import Matrix
from recognition.profile import DEFAULT_PROFILE
from recognition.set_off_marks import set_off_marks
from tests.drawn_sheets import Colours, pixels, read_with
from tests.measured_boxes import CROSSED_BOX, EMPTY_BOX
from tests.print_houses import Printed

SIZE = 34
TICK = ((4, 17), (11, 27), (29, 4))
OTHER_TICK = ((12, 20), (16, 28), (22, 6))
CROSS_MM = (((-1.4, -1.2), (1.3, 1.5)), ((1.5, -1.4), (-1.2, 1.3)))


def _measure(tick: tuple[tuple[int, int], ...], strength: float, mirrored: bool = False) -> BoxMeasure:
    image = np.zeros((SIZE, SIZE), np.uint8)
    cv2.polylines(image, [np.array(tick, np.int32).reshape(-1, 1, 2)], False, 1, 4)
    ink = image[::-1].astype(bool) if mirrored else image.astype(bool)
    dark = np.where(ink, strength, 0).astype(np.float32)
    return replace(CROSSED_BOX, inked=InkedBox(dark, ink, SIZE, dark, ~ink))


def test_a_pale_mark_that_mirrors_a_dark_one_may_be_set_off() -> None:
    boxes = [_measure(TICK, 0.8), EMPTY_BOX, _measure(TICK, 0.35, mirrored=True)]
    assert set_off_marks(boxes, DEFAULT_PROFILE) == {2}


@pytest.mark.parametrize(
    "other",
    [_measure(TICK, 0.7, mirrored=True), _measure(TICK, 0.35), _measure(OTHER_TICK, 0.35)],
    ids=["as dark", "not mirrored", "another mark"],
)
def test_other_marks_are_the_voters_own(other: BoxMeasure) -> None:
    assert set_off_marks([_measure(TICK, 0.8), other], DEFAULT_PROFILE) == set()


@pytest.mark.parametrize("strength", [0.35, 0.9])
def test_a_cross_set_off_on_another_box_is_asked_about(printed: Printed, strength: float) -> None:
    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        own, met = (box.box for box in (side.mark_boxes[2], side.mark_boxes[-3]))
        for box, turn, share in ((own, 1, 0.9), (met, -1, strength)):
            middle = np.array([box.x_mm + box.w_mm / 2, box.y_mm + box.h_mm / 2])
            strokes = [middle + np.array(stroke) * (1, turn) for stroke in CROSS_MM]
            ink = np.full(picture.shape[:2], 255, np.uint8)
            cv2.polylines(ink, [pixels(to_px, stroke) for stroke in strokes], False, 0, 4, cv2.LINE_AA)
            paper = 1 - share * (1 - ink[:, :, None] / 255)
            picture[:] = (picture * paper).astype(np.uint8)

    reading = read_with(printed, draw)
    asked = [d for d in reading.doubts if "set off" in d.detail]
    assert [d.code for d in asked] == [DoubtCode.MARK_UNCERTAIN] * (strength < 0.5)
    assert len(reading.personal) == 1 + (strength > 0.5)
