"""Strokes in a box: what tells a cross of any pen from a scribble, and a ring from an empty box."""

import cv2
import numpy as np
import pytest

from recognition.bands import beyond_two_strokes
from recognition.box_strokes import StrokeMeasure, ink_around, measure_strokes

SIZE, MARGIN, INSET, NEAR = 33, 19, 4, 5
CROSS = [((-0.9, -0.9), (0.9, 0.9)), ((0.9, -0.9), (-0.9, 0.9))]
Lines = list[tuple[tuple[float, float], tuple[float, float]]]


def _measured(lines: Lines, width_px: int, ring: float = 0.0) -> StrokeMeasure:
    blank = np.full((SIZE + 2 * MARGIN,) * 2, 255, np.uint8)
    cv2.rectangle(blank, (MARGIN, MARGIN), (MARGIN + SIZE, MARGIN + SIZE), 0, 2, cv2.LINE_AA)
    scan, middle, half = blank.copy(), MARGIN + SIZE / 2, SIZE / 2
    for start, end in lines:
        ends = [(round(middle + half * x), round(middle + half * y)) for x, y in (start, end)]
        cv2.line(scan, ends[0], ends[1], 40, width_px, cv2.LINE_AA)
    if ring:
        cv2.circle(scan, (round(middle), round(middle)), round(ring * half), 40, width_px, cv2.LINE_AA)
    dark, blank_dark = (((255 - i.astype(np.float32)) / 255) for i in (scan, blank))
    inner, near = (slice(MARGIN + by, MARGIN + SIZE - by) for by in (INSET, -NEAR))
    ink, around = dark[inner, inner] >= 0.22, dark[near, near] >= 0.22
    print_near = (blank_dark[near, near] > 0.15).astype(np.uint8)
    beside, known = (cv2.dilate(print_near, np.ones((size, size), np.uint8)) == 0 for size in (3, 5))
    free = cv2.distanceTransform(np.pad((~ink).astype(np.uint8), 1), cv2.DIST_L2, 5)
    ringed = ink_around((around & beside)[None], SIZE)[0]
    return measure_strokes(dark[inner, inner], ink, free, around, known, SIZE, ringed)


@pytest.mark.parametrize("width_px", [2, 3, 4])
def test_a_thin_cross_has_two_strokes_side_by_side(width_px: int) -> None:
    assert _measured(CROSS, width_px).side_by_side == 2


@pytest.mark.parametrize("width_px", [2, 3])
def test_a_cross_struck_through_has_three(width_px: int) -> None:
    assert _measured([*CROSS, ((-1.6, 0.3), (1.6, -0.2))], width_px).side_by_side == 3


def test_two_bands_explain_a_thick_cross_and_no_scribble() -> None:
    thick = _measured(CROSS, 8)
    hatched: Lines = [((-1.2, y), (1.2, y + 0.3)) for y in (-0.9, -0.45, 0.0, 0.45, 0.9)]
    scribble = _measured([*CROSS, *hatched], 5)
    assert thick.misfit < 0.002
    assert thick.wedges >= 2
    assert scribble.misfit > 0.01 or scribble.wedges < 2


def test_a_ring_along_the_outline_is_seen_all_around_and_a_neighbours_stroke_is_not() -> None:
    assert _measured([], 3, ring=1.1).around > 0.5
    assert _measured([((-1.6, 1.25), (1.6, 1.25))], 3).around < 0.5
    assert _measured([], 3).around == 0.0


def test_where_no_ink_is_nothing_lies_beyond_two_strokes() -> None:
    clean = np.zeros((SIZE, SIZE), np.float32)
    assert beyond_two_strokes(clean, clean > 0, SIZE)[0] == 0.0
