"""Part of a round stamp proves itself; rings drawn by hand, and writing inside true circles, do not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from recognition.geometry import Mask
from recognition.stamp_part import stamp_part

PX_PER_MM = 200 / 25.4
_MIDDLE = 180


def _ring(wobble_px: float = 0.0) -> Mask:
    turn = np.linspace(0, 2 * np.pi, 400)
    radius = 128 + wobble_px * np.sin(3 * turn + 0.4)
    points = _MIDDLE + np.stack([np.cos(turn) * radius, np.sin(turn) * radius], axis=1)
    picture = np.zeros((2 * _MIDDLE, 2 * _MIDDLE), np.uint8)
    cv2.polylines(picture, [np.rint(points * 16).astype(np.int32)], True, 255, 5, cv2.LINE_AA, 4)
    return picture > 127


def _letters(rise_px: float) -> Mask:
    """Letters around the ring, each set in or out by `rise_px` at random."""
    rng = np.random.default_rng(4)
    picture = np.zeros((2 * _MIDDLE, 2 * _MIDDLE), np.uint8)
    for index, letter in enumerate("VALGSTYRETNORDVIK"):
        plate = np.zeros_like(picture)
        base = _MIDDLE - 92 + round(float(rng.normal(0, rise_px)))
        cv2.putText(plate, letter, (_MIDDLE - 10, base), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 2, cv2.LINE_AA)
        turn = cv2.getRotationMatrix2D((_MIDDLE, _MIDDLE), -18.0 * index, 1.0)
        picture = np.maximum(picture, cv2.warpAffine(plate, turn, picture.shape[::-1]))
    return picture > 127


def _half(mask: Mask) -> Mask:
    half = mask.copy()
    half[:, : _MIDDLE - 20] = False
    return half


def test_half_a_ring_with_letters_along_it_is_a_stamp_and_a_comment_beside_it_is_not_its_own() -> None:
    stamp = _half(_ring() | _letters(0.0))
    cv2.putText(
        picture := stamp.astype(np.uint8), "Nei", (30, 120), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.2, 1, 2
    )
    part = stamp_part(picture > 0, PX_PER_MM)
    assert part is not None
    assert part.own_px[:, 0].min() >= _MIDDLE - 21
    assert part.ring_px[:, 0].min() < _MIDDLE - 60  # a box there may have the rest of the stamp on it


@pytest.mark.parametrize(
    "drawn",
    [_half(_ring()), _half(_ring() | _letters(5.0)), _half(_ring(6.0) | _letters(0.0)), _letters(0.0)],
    ids=["empty", "dancing letters", "drawn by hand", "no ring"],
)
def test_without_both_proofs_there_is_no_stamp(drawn: Mask) -> None:
    assert stamp_part(drawn, PX_PER_MM) is None
