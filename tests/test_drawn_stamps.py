"""What a voter draws on a ballot without a stamp is no stamp, however much ink it has."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.geometry import Box
from ballot.layout import PageSide, SideLayout
from ballot.reading import DoubtCode, StampState
from recognition.geometry import Matrix
from recognition.stamp_frame import fit_frame, stroke_share
from tests.conftest import Press
from tests.drawn_sheets import Colours, pixels, read_with

INK = (40, 30, 60)
PX_PER_MM = 8.0


def _outline(box: Box, round_shape: bool) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    x, y = box.center_mm
    if not round_shape:
        left, right = box.x_mm, box.right_mm
        return np.array([(left, box.y_mm), (right, box.y_mm), (right, box.bottom_mm), (left, box.bottom_mm)])
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    return np.stack([x + box.w_mm / 2 * np.cos(turn), y + box.h_mm / 2 * np.sin(turn)], axis=1)


def _half_width(box: Box, y_mm: float, round_shape: bool) -> float:
    off = (y_mm - box.center_mm[1]) / (box.h_mm / 2)
    return box.w_mm / 2 * (float(np.sqrt(max(0.0, 1 - off**2))) if round_shape else 1.0)


@pytest.mark.parametrize("round_shape", [True, False], ids=["ellipse", "rectangle"])
@pytest.mark.parametrize("one_stroke", [True, False], ids=["to and fro", "line by line"])
@pytest.mark.parametrize("step_mm", [1.5, 0.8])
def test_a_hatched_shape_is_no_stamp(
    print_house: Press, round_shape: bool, one_stroke: bool, step_mm: float
) -> None:
    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        box = Box(side.width_mm / 2 - 7, 0.75 * side.height_mm - 12, 14, 25)
        outline = pixels(to_px, _outline(box, round_shape))
        cv2.polylines(picture, [outline], True, INK, 4, cv2.LINE_AA)
        x = box.center_mm[0]
        lines = []
        for i, y in enumerate(np.arange(box.y_mm + step_mm, box.bottom_mm, step_mm)):
            half = _half_width(box, y, round_shape) * (1 if i % 2 else -1)
            lines.append(np.array([(x - half, y + 0.4), (x + half, y - 0.4)]))
        strokes = [np.concatenate(lines)] if one_stroke else lines
        for stroke in strokes:
            cv2.polylines(picture, [pixels(to_px, stroke)], False, INK, 4, cv2.LINE_AA)

    election = print_house("fjord", ElectionKind.MUNICIPAL_COUNCIL)
    reading = read_with(election, draw, PageSide.OUTSIDE, stamped=False)
    assert reading.stamp is not StampState.PRESENT
    assert {d.code for d in reading.doubts} & {DoubtCode.STAMP_UNCERTAIN, DoubtCode.STAMP_MISSING}


def test_a_solid_block_has_no_frame() -> None:
    assert fit_frame(np.ones((90, 140), bool), PX_PER_MM) is None


def test_letters_within_a_frame_are_no_strokes_across_it() -> None:
    picture = np.zeros((160, 320), np.uint8)
    cv2.rectangle(picture, (4, 4), (315, 155), 255, 3)
    cv2.putText(picture, "OSLO KOMMUNE", (30, 70), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 255, 3)
    cv2.putText(picture, "VALG 2027", (60, 120), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 255, 3)
    frame = np.array([(4, 4), (315, 4), (315, 155), (4, 155)], float)
    assert stroke_share(picture > 0, frame, PX_PER_MM) == 0.0
    cv2.line(picture, (10, 10), (310, 150), 255, 60)
    assert stroke_share(picture > 0, frame, PX_PER_MM) > 0.9


def _rings(wobble: float, letters: bool) -> tuple[np.ndarray, np.ndarray]:
    """A ring of 34 mm with one of 24 mm within it, which strays by a share of its radius."""
    picture = np.zeros((300, 300), np.uint8)
    turn = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    around = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    outer = 150 + 17 * PX_PER_MM * around
    inner = 150 + 12 * PX_PER_MM * around * (1 + wobble * np.sqrt(2) * np.sin(3 * turn))[:, None]
    for ring in (outer, inner):
        cv2.polylines(picture, [np.rint(ring).astype(np.int32)], True, 255, 5)
    if letters:
        cv2.putText(picture, "LIA", (110, 140), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 255, 3)
        cv2.putText(picture, "KOMMUNE", (85, 180), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 3)
    return picture > 0, outer


def test_a_rim_within_the_rim_is_no_stroke_across_it() -> None:
    assert stroke_share(*_rings(0.0, letters=True), PX_PER_MM) == 0.0


def test_rings_drawn_by_hand_and_rings_without_letters_are() -> None:
    assert stroke_share(*_rings(0.04, letters=True), PX_PER_MM) > 0.55
    assert stroke_share(*_rings(0.0, letters=False), PX_PER_MM) == 1.0
