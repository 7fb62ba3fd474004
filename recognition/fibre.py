"""Fibres of dust outside the fields, told from strokes of pens by how thin they are."""

from __future__ import annotations

import cv2
import numpy as np

from ballot.geometry import Box
from recognition.geometry import GreyImage, Mask
from recognition.identified import SidePage
from recognition.patches import PX_PER_MM, cut, cut_reference
from recognition.profile import Profile

_AROUND_MM = 0.8
_PRINT_GREY, _PRINT_REACH_PX = 200, 5
"""Darker parts of the blank are print, and so much around them may be."""

_LEAST_GREY = 15
_LINE_SHARE, _RIDGE_PERCENT, _HALF = 0.35, 75, 0.5
_FINER = 4
"""A line is two pixels wide: its width is measured in a picture of this scale."""

_MOST_BESIDE_PX = 3
_CIRCLE_MM, _BEARINGS, _EVERY = 0.42, 48, 3
_BRANCHED, _BRANCHED_SHARE = 3, 0.03
"""Of 134 small crosses by fine pens 67 have so many such places, of 266 dashes and slashes 8. Circles of
0.38 mm and less are met by the rims of the line itself."""


def is_fibre(side: SidePage, box: Box, profile: Profile) -> bool:
    """Whether what lies in `box` is one short line, thinner and paler than pens draw.

    The width is that between the places where the line is half as dark as along its middle, the weight
    that of a black line with as much darkness. Both must be a fibre's: a scan shows the thinnest dark
    line wider than it is, and a pale line wider than a dark one of the same weight. Of 146 small
    strokes of six kinds of pen, at 200 and 300 dpi, none is below both limits: those up to 0.36 mm wide
    weigh 0.19 mm and more, those that weigh up to 0.14 mm are 0.40 mm wide and more. Fibres of 1.5 to
    2.5 mm are 0.20 to 0.32 mm wide and weigh 0.06 to 0.14 mm, so not all are told. In
    black and white neither can be seen, and of a line that reaches print not all is. Pens finer than
    0.3 mm leave as little in pale ink; but a line that branches, as a cross does, is no fibre.

    Args:
        box: Around ink outside every field, page mm.
    """
    if side.placed.work.scan.bilevel or max(box.w_mm, box.h_mm) >= profile.thin_reach_mm:
        return False
    registration = side.placed.registration
    area = box.grown(_AROUND_MM)
    grey = cut(side.placed.source, registration, area, (0.0, 0.0))
    blank = cut_reference(registration.side.detail, area)
    printed = cv2.erode(blank, np.ones((_PRINT_REACH_PX, _PRINT_REACH_PX), np.uint8)) < _PRINT_GREY
    if printed.all():
        return False
    paper = float(np.median(grey[~printed]))
    darker = np.clip(paper - grey.astype(np.float32), 0, None)
    darker[printed] = 0
    line = _line(darker)
    if line is None or (line & printed).any() or _has_more(darker, line):
        return False
    half = _half_as_dark(np.where(line, darker, 0).astype(np.float32))
    width_mm, length_mm = _width_and_length_mm(half)
    weight_mm = float(darker[line].sum()) / paper / PX_PER_MM**2 / length_mm
    return bool(
        width_mm <= profile.thin_width_mm
        and weight_mm <= profile.thin_weight_mm
        and length_mm <= profile.thin_length_mm
        and not _branches(half)
    )


def _line(darker: GreyImage) -> Mask | None:
    """The largest dark piece of a cut, and a pixel around it."""
    if darker.max() < _LEAST_GREY:
        return None
    seen = (darker > _LINE_SHARE * darker.max()).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(seen, connectivity=8)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    own = (labels == largest).astype(np.uint8)
    return np.asarray(cv2.dilate(own, np.ones((3, 3), np.uint8)), np.uint8).view(bool)


def _has_more(darker: GreyImage, line: Mask) -> bool:
    """Whether there is more of the same darkness than one line."""
    beside = darker[~line] > _LINE_SHARE * darker.max()
    return int(np.count_nonzero(beside)) > _MOST_BESIDE_PX


def _half_as_dark(line: GreyImage) -> Mask:
    """Where a line is at least half as dark as along its middle, `_FINER` times as fine."""
    fine = cv2.resize(line, None, fx=_FINER, fy=_FINER, interpolation=cv2.INTER_CUBIC)
    return np.asarray(fine > _HALF * float(np.percentile(line[line > 0], _RIDGE_PERCENT)))


def _width_and_length_mm(half: Mask) -> tuple[float, float]:
    """Of a line of even width w the places are w / 4 from its edges on average."""
    inside_px = cv2.distanceTransform(half.view(np.uint8), cv2.DIST_L2, 5)[half] - 0.5
    width_mm = 4 * max(float(inside_px.mean()), 0.5) / (_FINER * PX_PER_MM)
    area_mm2 = int(np.count_nonzero(half)) / (_FINER * PX_PER_MM) ** 2
    return width_mm, area_mm2 / width_mm


def _branches(half: Mask) -> bool:
    """Whether a small circle somewhere on a line crosses it three times, as around the middle of a cross."""
    radius = round(_CIRCLE_MM * _FINER * PX_PER_MM)
    angles = np.arange(_BEARINGS) * 2 * np.pi / _BEARINGS
    down, right = (np.rint(radius * turn(angles)).astype(int) for turn in (np.sin, np.cos))
    ys, xs = (places[::_EVERY] + radius for places in np.nonzero(half))
    around = np.pad(half, radius)[ys[:, None] + down, xs[:, None] + right]
    crossed = (around & ~np.roll(around, 1, axis=1)).sum(axis=1)
    return float((crossed >= _BRANCHED).mean()) >= _BRANCHED_SHARE
