"""The frame of a stamp: a rectangle or an ellipse fitted to its ink.

A frame tells what belongs to the stamp. A comment written against the stamp is in the same group
of ink, but outside the frame, so it is still seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import Mask

Points = npt.NDArray[np.float64]

_DIRECTIONS = 120
_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
_ANGLE_STEP_DEG = 1.5
_LIKELY_ANGLES = 6
"""So many angles of all are looked at closely. In 315 groups of ink the 119 frames that prove a stamp were
the same as with all of them; six others differed, none of which proves one."""

_ANGLES = np.deg2rad(np.arange(0, 90, _ANGLE_STEP_DEG))
_ACROSS = (
    np.stack([np.cos(_ANGLES), np.sin(_ANGLES), -np.sin(_ANGLES), np.cos(_ANGLES)], axis=1)
    .astype(np.float32)
    .reshape(-1, 2)
)
"""Two directions at right angles for each angle, that along it and that across."""

_CLEAR_OF_FRAME_MM, _STROKE_EXTENT = 1.4, 0.4
"""Ink so far within the frame is no part of its line; words of a stamp are shorter than this share of it."""

_RIM_AROUND, _RIM_SPREAD_MM = 0.9, 0.3
"""A rim within the rim goes round, and its ink lies so evenly (standard deviation) from the frame: a line of
0.6 mm has 0.17; by a hand that strays by 3 % of a radius of 12 mm it would have 0.4."""
_LEAST_LETTERS = 0.15

_LINE_SHARE = 0.6
"""A row of ink is as strong as a frame line from this share of the strongest row; lines of letters
have half as much ink, handwriting a third."""


@dataclass(frozen=True)
class Frame:
    """A closed frame around the ink of a stamp.

    Attributes:
        outline_px: Its outline as a polygon, shape (n, 2), in pixels of the mask it was fitted to.
        covered: Share of the outline that has ink on it.
        inner: Share of the ink that lies clear inside the frame line.
    """

    outline_px: Points
    covered: float
    inner: float


def fit_frame(mask: Mask, px_per_mm: float) -> Frame | None:
    """The best frame for a group of ink, or None when it has no such outline at all.

    Args:
        mask: The ink of one group.
        px_per_mm: Resolution of the mask.
    """
    ys, xs = np.nonzero(mask)
    if len(xs) < 40:
        return None
    points: Points = np.stack([xs, ys], axis=1).astype(np.float64) + 0.5
    # What is farthest out lies on the rim of a stroke.
    rim_ys, rim_xs = np.nonzero(mask & ~cv2.erode(mask.view(np.uint8), _CROSS).view(bool))
    if not len(rim_xs):
        return None  # a solid block
    rim: Points = np.stack([rim_xs, rim_ys], axis=1).astype(np.float64) + 0.5
    rectangle = _rectangle(points, _likely_angles(mask), px_per_mm)
    square = None if rectangle is None else _rated(rectangle, mask, px_per_mm)
    if square is not None and square.covered >= 1:
        return square  # nothing fits better
    ellipse = _ellipse(rim, px_per_mm)
    frames = [square, None if ellipse is None else _rated(ellipse, mask, px_per_mm)]
    return max((f for f in frames if f is not None), key=lambda f: f.covered, default=None)


def stroke_share(mask: Mask, outline_px: Points, px_per_mm: float) -> float:
    """Share of the ink inside a frame that is in strokes across it, as where a voter hatched it.

    The print of a stamp consists of letters, a rim within the rim and an emblem.

    Args:
        mask: Ink at 200 dpi or more.
        outline_px: The frame, shape (n, 2), in pixels of the mask.
        px_per_mm: Resolution of the mask.
    """
    solid = cv2.fillPoly(np.zeros(mask.shape, np.uint8), [np.rint(outline_px).astype(np.int32)], 1)
    size = 2 * round(_CLEAR_OF_FRAME_MM * px_per_mm) + 1
    inside = mask & (cv2.erode(solid, np.ones((size, size), np.uint8), borderValue=0) > 0)
    _, labels, pieces, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8), connectivity=4)
    extents = pieces[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]] / np.ptp(outline_px, axis=0)
    across = extents.max(axis=1) >= _STROKE_EXTENT
    strokes = [label for label in np.flatnonzero(across).tolist() if label > 0]
    rims = [label for label in strokes if _is_rim(labels == label, outline_px, px_per_mm)]
    ink = int(inside.sum()) - int(pieces[rims, cv2.CC_STAT_AREA].sum())
    if ink < _LEAST_LETTERS * inside.sum():
        return 1.0  # rings within rings, and no letters
    strokes = [label for label in strokes if label not in rims]
    return float(pieces[strokes, cv2.CC_STAT_AREA].sum()) / max(1, ink)


def _is_rim(piece: Mask, outline_px: Points, px_per_mm: float) -> bool:
    """Whether a piece of ink runs around at an even distance within the frame, as no hand keeps it."""
    center = (outline_px.min(axis=0) + outline_px.max(axis=0)) / 2
    around = _bearings(outline_px - center)
    order = np.argsort(around)
    ys, xs = np.nonzero(piece)
    offsets = np.stack([xs, ys], axis=1) + 0.5 - center
    bearings = _bearings(offsets)
    reach = np.hypot(*(outline_px - center)[order].T)
    to_frame = np.interp(bearings, around[order], reach, period=2 * np.pi)
    inset_mm = (to_frame - np.hypot(*offsets.T)) / px_per_mm
    sectors = np.unique((bearings / (2 * np.pi) * _DIRECTIONS).astype(int) % _DIRECTIONS)
    return len(sectors) >= _RIM_AROUND * _DIRECTIONS and float(inset_mm.std()) <= _RIM_SPREAD_MM


def _bearings(offsets: Points) -> npt.NDArray[np.float64]:
    return np.asarray(np.arctan2(offsets[:, 1], offsets[:, 0]) % (2 * np.pi))


def _rated(outline: Points, mask: Mask, px_per_mm: float) -> Frame:
    pad = round(2 * px_per_mm)
    canvas = np.zeros((mask.shape[0] + 2 * pad, mask.shape[1] + 2 * pad), np.uint8)
    corners = np.rint(outline - 0.5 + pad).astype(np.int32).reshape(-1, 1, 2)
    line = cv2.polylines(canvas.copy(), [corners], True, 1, 1) > 0
    solid = cv2.fillPoly(canvas.copy(), [corners], 1)
    reach = 2 * round(0.6 * px_per_mm) + 1
    ink = np.pad(mask.astype(np.uint8), pad)
    near = cv2.dilate(ink, np.ones((reach, reach), np.uint8)) > 0
    inset = 2 * round(1.4 * px_per_mm) + 1
    inner = cv2.erode(solid, np.ones((inset, inset), np.uint8)) > 0
    covered = float(near[line].mean()) if line.any() else 0.0
    return Frame(outline, covered, float((ink[inner] > 0).sum()) / max(1, int(mask.sum())))


def _likely_angles(mask: Mask) -> npt.NDArray[np.float64]:
    """The directions in which rows of ink are sharpest at a third of the resolution, ascending."""
    whole = cv2.copyMakeBorder(mask.view(np.uint8), 0, -mask.shape[0] % 3, 0, -mask.shape[1] % 3, 0, value=0)
    size = whole.shape[1] // 3, whole.shape[0] // 3
    counts = cv2.resize(9 * whole, size, interpolation=cv2.INTER_AREA)
    ys, xs = np.nonzero(counts)
    weights = counts[ys, xs].astype(np.float64)
    sharpness = np.zeros(len(_ANGLES))
    across = (_ACROSS @ np.stack([xs, ys]).astype(np.float32)).reshape(len(_ANGLES), 2, -1)
    across -= across.min(axis=2, keepdims=True)
    for n, both in enumerate(across.astype(np.int32)):
        for rows in both:
            inked = np.bincount(rows, weights)
            sharpness[n] += inked @ inked + inked[1:] @ inked[:-1]
    return np.asarray(_ANGLES[np.sort(np.argsort(sharpness)[-_LIKELY_ANGLES:])], np.float64)


def _rectangle(points: Points, angles: npt.NDArray[np.float64], px_per_mm: float) -> Points | None:
    """The outermost rows of ink, in that of the given directions in which rows are sharpest."""
    best, best_angle = 0.0, 0.0
    for angle in angles:
        sharpness = sum(float((np.convolve(h, np.ones(2)) ** 2).sum()) for h, _ in _rows(points, angle))
        if sharpness > best:
            best, best_angle = sharpness, float(angle)
    limits = []
    for rows, first in _rows(points, best_angle):
        dense = np.convolve(rows, np.ones(3), "same")
        strong = np.flatnonzero(dense >= _LINE_SHARE * dense.max())
        if len(strong) < 2 or strong[-1] - strong[0] < 5 * px_per_mm:
            return None
        limits.append((first + strong[0], first + strong[-1] + 1))
    (u0, u1), (v0, v1) = limits
    corners = np.array([(u0, v0), (u1, v0), (u1, v1), (u0, v1)], float)
    cos, sin = np.cos(best_angle), np.sin(best_angle)
    return np.asarray(corners @ np.array([[cos, sin], [-sin, cos]]))


def _rows(points: Points, angle: float) -> list[tuple[npt.NDArray[np.int64], float]]:
    """Ink counted along two directions at right angles: histogram and its first value, each."""
    cos, sin = np.cos(angle), np.sin(angle)
    found = []
    for values in (points @ np.array([cos, sin]), points @ np.array([-sin, cos])):
        first = float(np.floor(values.min()))
        found.append((np.bincount((values - first).astype(np.int64)), first))
    return found


def _ellipse(points: Points, px_per_mm: float) -> Points | None:
    """An ellipse through the outermost ink in every direction, leaving out what sticks out."""
    center = (points.min(axis=0) + points.max(axis=0)) / 2
    rim = fitted = None
    for _ in range(6):
        outer = _outermost(points, center)
        if len(outer) < 30:
            return None
        kept = outer if rim is None else outer[_distance(outer, rim) <= 0.9 * px_per_mm]
        if len(kept) < max(12, 0.4 * len(outer)):
            kept = outer[_nearest_half(outer, center)]
        if fitted is not None and np.array_equal(kept, fitted):
            break  # the same ellipse again
        fitted = kept
        (cx, cy), (a, b), turn = cv2.fitEllipseDirect(kept.astype(np.float32).reshape(-1, 1, 2))
        if not (np.isfinite([cx, cy, a, b]).all() and 0 < max(a, b) < 4000):
            return None
        center = np.array([cx, cy])
        t = np.linspace(0, 2 * np.pi, 180, endpoint=False)
        own = np.stack([a / 2 * np.cos(t), b / 2 * np.sin(t)], axis=1)
        cos, sin = np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))
        rim = own @ np.array([[cos, sin], [-sin, cos]]) + center
    return rim


def _outermost(points: Points, center: Points) -> Points:
    """The ink farthest from `center` in each of many directions."""
    offset = points - center
    radius = np.hypot(offset[:, 0], offset[:, 1])
    sector = ((np.arctan2(offset[:, 1], offset[:, 0]) / (2 * np.pi) + 0.5) * _DIRECTIONS).astype(int)
    sector %= _DIRECTIONS
    farthest = np.zeros(_DIRECTIONS)
    np.maximum.at(farthest, sector, radius)
    picked = np.full(_DIRECTIONS, -1)
    at = np.flatnonzero(radius == farthest[sector])
    picked[sector[at]] = at
    return np.asarray(points[picked[picked >= 0]])


def _nearest_half(points: Points, center: Points) -> npt.NDArray[np.bool_]:
    radius = np.hypot(*(points - center).T)
    return np.asarray(radius <= np.median(radius) * 1.05)


def _distance(points: Points, rim: Points) -> npt.NDArray[np.float64]:
    """From each point to the nearest point of a densely sampled rim."""
    squares = (points**2).sum(axis=1)[:, None] + (rim**2).sum(axis=1) - 2 * (points @ rim.T)
    return np.asarray(np.sqrt(np.maximum(squares.min(axis=1), 0)))
