"""The strokes in a box: how many lie side by side, and whether two bands are all there is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from recognition.bands import beyond_two_strokes, two_band_misfit
from recognition.box_blanks import RIM_PX, BoxFrame
from recognition.circles import on_circle
from recognition.followed import followed
from recognition.patches import PX_PER_MM

Darkness = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_INK_DARKNESS, _PRINT_DARKNESS = 0.22, 0.15
_FINE = 2
"""Enlargement at which strokes are counted: the gap between two of them may be one pixel wide."""

_ANGLES = 8
_LEAST_GAP_MM = 0.16
_COUNTED_MM = 0.3
"""So much of a scan line's sideways way must cross that many strokes: less is a curl or a burr."""

_BEARINGS = 24
_RING_INK_PX = 2
_RING_FROM = 0.3
_REACH_MM = 0.6
_LEAST_INK_PX = 0.2 * PX_PER_MM**2
_LEAST_OWN_PX = 6
_CROWDED_SHARE = 0.35
_ARMS = (2, 3, 4)
"""Pieces of paper between the arms of a cross; some may lie under the outline or outside it."""

_WEDGE_RADIUS = 0.05
_LEAST_HOLLOW = 0.05


@dataclass(frozen=True, slots=True)
class StrokeMeasure:
    """The strokes of one box.

    Attributes:
        side_by_side: The most strokes that a straight line through the box crosses.
        misfit: Ink outside the best two straight bands of a pen's width, as a share of the box.
        third: Ink inside the outline beyond two strokes of the pen, which may be bent a little, as a
            share of the box.
        third_near: The same with what the strokes leave closely around the box.
        third_of_usual_pen: The same, inside the outline, with strokes no thicker than those of the side's
            other marks; see `recognition.one_pen`.
        pen: Width of the pen as a share of the box.
        ringed: Share of the bearings from the middle in which there is ink outside the outline.
        wedges: Separate pieces of paper left free inside.
        around: Share of the bearings from the middle in which there is ink near the outline.
        hollow: Radius of the free paper around the centre of the ink, as a share of the box.
        circle_strokes: The most strokes that a circle within the box crosses; only of what may be a ring.
    """

    side_by_side: int = 0
    misfit: float = 1.0
    third: float = 0.0
    third_near: float = 0.0
    third_of_usual_pen: float = 0.0
    ringed: float = 0.0
    pen: float = 1.0
    wedges: int = 0
    around: float = 0.0
    hollow: float = 0.0
    circle_strokes: int = 0


NO_STROKES = StrokeMeasure()


def measure_strokes(
    inside: Darkness, ink: Mask, free: Darkness, near: Mask, known: Mask, size: int, around: float
) -> StrokeMeasure:
    """Measures the strokes in and closely around a box; what a box does not call for is left out.

    Args:
        inside: Darkness within the outline.
        ink: Ink within the outline, specks left out.
        free: Distance of each of its pixels to the nearest ink, with one pixel more on every side.
        near: Ink in the box and closely around it.
        known: Where that can be told from print.
        size: Shorter side of the box in pixels.
        around: See `ink_around`.
    """
    share = float(ink.mean()) if ink.size else 0.0
    is_crowded = share >= _CROWDED_SHARE
    strands, misfit, third, pen, wedges, hollow, circled = 0, 1.0, 0.0, 1.0, 0, 0.0, 0
    if ink.sum() >= _LEAST_INK_PX:
        strands = side_by_side(inside)
        wedges = _wedges(free, size)
        hollow = _hollow(free, ink, size)
        if wedges in _ARMS if is_crowded else strands > 2:
            misfit = two_band_misfit(near, known, size)
        third, pen = beyond_two_strokes(inside, ink, size)
        circled = on_circle(inside, ink) if hollow >= _LEAST_HOLLOW else 0
    return StrokeMeasure(
        side_by_side=strands,
        misfit=misfit,
        third=third,
        pen=pen,
        wedges=wedges,
        around=0.0 if is_crowded else around,
        hollow=hollow,
        circle_strokes=circled,
    )


def third_near(dark: Darkness, is_dark: Mask, spill: Mask, frame: BoxFrame) -> float:
    """Ink in and closely around a box beyond two strokes of the pen, as a share of the box.

    Outside their box the strokes of a cross part from one that strikes it out, and a ring around it shows.
    Of 171 simulated marks that run over their boxes, on sheets doubted before, seven have more than 0.025; of
    240 drawn big crosses and ticks none has more than 0.016. Of 105 drawn in a ring all have more than
    0.029, of 107 with a stroke through a corner of the box three of four.

    Args:
        dark: Darkness of the box with paper around.
        is_dark: Where that is ink or print.
        spill: Where ink outside may lie.
        frame: The box.
    """
    outer, inner = np.zeros_like(is_dark), np.zeros_like(is_dark)
    outer[frame.outlined] = True
    inner[frame.inner] = True
    ink = is_dark & (inner | spill)
    strokes = followed(ink, outer & ~inner, 2 * (frame.line + RIM_PX) + 1)
    count, labels = cv2.connectedComponents(strokes.astype(np.uint8), connectivity=8)
    is_own = np.bincount(labels[inner & ink], minlength=count) >= _LEAST_OWN_PX
    is_own[0] = False
    return beyond_two_strokes(dark, is_own[labels], frame.size, inner & ink)[0]


def ink_around(beside: Mask, size: int) -> list[float]:
    """Of many boxes the share of the bearings from the middle in which there is ink near the outline.

    Args:
        beside: Ink in each box and closely around it that is no print, shape (n, rows, columns).
        size: Shorter side of the boxes in pixels.
    """
    enough = beside.sum(axis=(1, 2)) >= _LEAST_INK_PX
    least_px = _RING_FROM * size
    return [
        ring_share(ink, least_px) if is_seen else 0.0 for ink, is_seen in zip(beside, enough, strict=True)
    ]


def ink_beside_mm2(dark: Darkness, blank_dark: Darkness, box: tuple[slice, slice], spread_px: int) -> float:
    """Ink in and closely around a box that is not its printed outline.

    Args:
        dark, blank_dark: Darkness of the scan and of the blank around the box.
        box: Rows and columns of the box in them.
        spread_px: By how much a scan may show the outline thicker.
    """
    reach = round(_REACH_MM * PX_PER_MM)
    rows, cols = (slice(max(0, s.start - reach), s.stop + reach) for s in box)
    printed = (blank_dark[rows, cols] > _PRINT_DARKNESS).view(np.uint8)
    spread = np.ones((2 * spread_px + 1, 2 * spread_px + 1), np.uint8)
    beside = (dark[rows, cols] >= _INK_DARKNESS) & ~cv2.dilate(printed, spread).view(bool)
    return float(beside.sum()) / PX_PER_MM**2


def _hollow(free: Darkness, ink: Mask, size_px: float) -> float:
    """Paper in the middle of a ring; a cross and what scribbles it out have ink there.

    Args:
        free: Distance of each pixel to the nearest ink, with one pixel more on every side.
    """
    ys, xs = np.nonzero(ink)
    return float(free[round(float(ys.mean())) + 1, round(float(xs.mean())) + 1]) / size_px


def _wedges(free: Darkness, size_px: float) -> int:
    """Pieces of paper between the strokes, each wide enough for a small circle."""
    count, _ = cv2.connectedComponents((free >= _WEDGE_RADIUS * size_px).astype(np.uint8))
    return int(count - 1)


def side_by_side(inside: Darkness) -> int:
    """The most strokes that a straight line through the inside of a box crosses.

    A line crosses a cross, a tick, or a ring at two places at most, and one stroke more when the
    mark was struck through; it crosses the strokes of a scribble many times, unless they have
    grown into one another.
    """
    if min(inside.shape) < 3:
        return 0
    height, width = inside.shape
    size = int(_FINE * np.hypot(height, width)) + 2
    soft = cv2.GaussianBlur(inside, (3, 3), 0)
    gap = np.ones((1, max(2, round(_LEAST_GAP_MM * PX_PER_MM * _FINE))), np.uint8)
    rows = round(_COUNTED_MM * PX_PER_MM * _FINE)
    # All directions lie below each other in one image, so that each step is done once.
    turned = np.empty((_ANGLES * size, size), np.float32)
    for step in range(_ANGLES):
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), 180.0 * step / _ANGLES, _FINE)
        turn[:, 2] += (size - width) / 2, (size - height) / 2
        cv2.warpAffine(soft, turn, (size, size), dst=turned[step * size : (step + 1) * size])
    ink = cv2.morphologyEx((turned >= _INK_DARKNESS).view(np.uint8), cv2.MORPH_CLOSE, gap)
    starts = (ink[:, 1:] > ink[:, :-1]).view(np.uint8).sum(axis=1).reshape(_ANGLES, size)
    return int(np.sort(starts, axis=1)[:, -rows].max())


def ring_share(ink: Mask, least_px: float) -> float:
    """Share of the bearings from the middle of a box in which there is ink far from the middle."""
    bearing = _bearings(*ink.shape, least_px)[ink]
    return float((np.bincount(bearing, minlength=_BEARINGS)[:_BEARINGS] >= _RING_INK_PX).mean())


@lru_cache(maxsize=64)
def _bearings(height: int, width: int, least_px: float) -> Places:
    """The bearing of each pixel from the middle; `_BEARINGS` for those near the middle."""
    ys, xs = np.indices((height, width))
    dx, dy = xs - (width - 1) / 2, ys - (height - 1) / 2
    bearing: Places = ((np.arctan2(dy, dx) / (2 * np.pi) + 0.5) * _BEARINGS).astype(np.int64) % _BEARINGS
    bearing[np.hypot(dx, dy) < least_px] = _BEARINGS
    return bearing
