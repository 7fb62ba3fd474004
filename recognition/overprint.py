"""Ink drawn over the blank's own lines of print: a cross on a candidate's name, a name struck out.

Over print the page comparison at 100 dpi sees little, because it has to allow for print lying
half a millimetre off. Here each line of print is laid onto the blank by itself, to a fraction of a
pixel, and compared at `DETAIL_DPI` with how this page renders its print.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.geometry import GreyImage, grey_percentile
from recognition.patches import PX_PER_MM, cut, cut_reference
from recognition.print_model import Darkness, PrintModel, fit_print_model
from recognition.sides import PlacedImage

_MARGIN_MM, _AROUND_MM = 1.6, 2.5
_NEAR_PX, _SEARCH_PX = 3, 8
_SPARSE = 5
_PAPER_PERCENT = 35
_MODEL_LINES = 16
"""Lines of print enough to learn from how the page renders its print."""

_MIN_FIT = 0.7
_LOOSE_PX = 7
_GRAIN_MM2 = 0.06
_GAP_MM = 1.6
_EDGE_PX, _BILEVEL_EDGE_PX = 0.5, 1.0
"""Print may lie so far off, beside the fit: its edges are judged that much less strictly."""

_INK_DARKNESS, _BILEVEL_INK_DARKNESS = 0.17, 0.2
"""On 11,000 lines of print without ink in three designs the model leaves at most 0.7 mm2 so dark (dust
among it); 71 crosses of 3 to 4 mm over names leave 1.0 mm2 and more. Marks in felt pen on the other side
show through 0.15 dark at most."""

_LOOSE_INK_DARKNESS, _HALO_DARKNESS = 0.22, 0.08


@dataclass(frozen=True)
class _Line:
    """One line of print: what the scan shows, the blank there, and whether they surely lie alike."""

    area: Box
    seen: Darkness
    printed: Darkness
    is_laid: bool


@dataclass(frozen=True)
class OverInk:
    """A group of ink over or against print.

    Attributes:
        box: Around it, page mm.
        ink_mm2: Its area as far as the print lets it be seen.
        pixels_mm: Places of its pixels in page mm, shape (n, 2).
    """

    box: Box
    ink_mm2: float
    pixels_mm: npt.NDArray[np.float64]


def ink_over_print(placed: PlacedImage, least_mm2: float) -> list[OverInk]:
    """Every group of ink of at least `least_mm2` over the side's lines of print."""
    registration = placed.registration
    areas = registration.side.print_lines
    if not areas:
        return []
    shifts = registration.shifts_at(np.array([area.center_mm for area in areas]))
    lines = [
        _line(placed, area.grown(_MARGIN_MM), (float(dx), float(dy)))
        for area, (dx, dy) in zip(areas, shifts, strict=True)
    ]
    laid = [(line.seen, line.printed) for line in lines if line.is_laid]
    model = fit_print_model(laid[:: max(1, len(laid) // _MODEL_LINES)])
    bilevel = placed.work.scan.bilevel
    return [
        group
        for line in lines
        for group in _groups(_without_grain(_unexplained(line, model, bilevel)), line.area, least_mm2)
    ]


def is_displaced_print(placed: PlacedImage, box: Box, least_mm2: float) -> bool:
    """Whether what lies around `box` is the blank's own print, only somewhat off its place.

    Corners of a page lie up to a millimetre off when the sheet was bent there.
    """
    line = _line(placed, box.grown(_AROUND_MM), (0.0, 0.0))
    if not line.is_laid:
        return False
    model = fit_print_model([(line.seen, line.printed)])
    ink = _unexplained(line, model, placed.work.scan.bilevel)
    return model is not None and not _groups(_without_grain(ink), line.area, least_mm2)


def _unexplained(line: _Line, model: PrintModel | None, bilevel: bool) -> GreyImage:
    """Pixels darker than the print there can be."""
    if model is None or not line.is_laid:
        allowed = cv2.dilate(line.printed, np.ones((_LOOSE_PX, _LOOSE_PX), np.uint8))
        # Scans blur print outwards, so a little darkness around it is its own.
        halo = cv2.dilate(line.printed, np.ones((_LOOSE_PX + 2, _LOOSE_PX + 2), np.uint8)) * _HALO_DARKNESS
        return np.asarray(line.seen - allowed - halo > _LOOSE_INK_DARKNESS, np.uint8)
    rendered = model.rendered(line.printed)
    across = cv2.Sobel(rendered, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(rendered, cv2.CV_32F, 0, 1, scale=1 / 8)
    slope = cv2.dilate(cv2.magnitude(across, down), np.ones((3, 3), np.uint8))
    least, edge = (_BILEVEL_INK_DARKNESS, _BILEVEL_EDGE_PX) if bilevel else (_INK_DARKNESS, _EDGE_PX)
    return np.asarray(line.seen - rendered > least + edge * slope, np.uint8)


def _without_grain(ink: GreyImage) -> GreyImage:
    """Ink without the single pixels that uneven print leaves."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    kept = np.zeros(count, np.uint8)
    kept[1:] = stats[1:, cv2.CC_STAT_AREA] >= _GRAIN_MM2 * PX_PER_MM**2
    return np.asarray(kept[labels], np.uint8)


def _groups(ink: GreyImage, area: Box, least_mm2: float) -> list[OverInk]:
    """Ink whose parts are close to each other, as print hides what lies between them."""
    size = round(_GAP_MM * PX_PER_MM) | 1
    count, labels = cv2.connectedComponents(cv2.dilate(ink, np.ones((size, size), np.uint8)), connectivity=8)
    ys, xs = np.nonzero(ink)
    group = labels[ys, xs]
    found = []
    for index in range(1, count):
        own = group == index
        if int(own.sum()) < least_mm2 * PX_PER_MM**2:
            continue
        x, y = xs[own] / PX_PER_MM + area.x_mm, ys[own] / PX_PER_MM + area.y_mm
        pixel = 1 / PX_PER_MM
        box = Box(float(x.min()), float(y.min()), float(np.ptp(x)) + pixel, float(np.ptp(y)) + pixel)
        found.append(OverInk(box, float(own.sum()) / PX_PER_MM**2, np.stack([x, y], axis=1)))
    return found


def _line(placed: PlacedImage, area: Box, shift_mm: tuple[float, float]) -> _Line:
    patch = cut(placed.source, placed.registration, area, shift_mm)
    blank = cut_reference(placed.registration.side.detail, area)
    white = grey_percentile(blank, 75)
    # A low one of all ratios: much of the area may lie beyond the edge of the scan.
    unprinted = blank >= white
    ratios = patch[unprinted][::_SPARSE] / np.maximum(blank[unprinted][::_SPARSE], 1.0)
    paper = white * float(np.percentile(ratios, _PAPER_PERCENT))
    seen = (paper - patch.astype(np.float32)) / max(paper, 40.0)
    printed = np.maximum((white - blank.astype(np.float32)) / max(white, 40.0), 0)
    move = _displacement(blank, patch)
    if move is None:
        return _Line(area, seen, printed, False)
    matrix = np.array([[1.0, 0.0, move[0]], [0.0, 1.0, move[1]]])
    moved = cv2.warpAffine(printed, matrix, blank.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    return _Line(area, seen, np.asarray(moved, np.float32), True)


def _displacement(blank: GreyImage, patch: GreyImage) -> tuple[float, float] | None:
    """How many pixels the patch shows the blank's print to the right and below.

    None for print that says nothing certain of its place, such as a straight line.
    """
    for reach in (_NEAR_PX, _SEARCH_PX):
        inner = blank[reach:-reach, reach:-reach]
        if min(blank.shape) <= 2 * reach + 4 or float(inner.std()) < 4:
            return None
        response = cv2.matchTemplate(patch, inner, cv2.TM_CCOEFF_NORMED)
        _, best, _, (x, y) = cv2.minMaxLoc(response)
        if best >= _MIN_FIT and 0 < x < 2 * reach and 0 < y < 2 * reach:
            across, down = _peak(response[y, x - 1 : x + 2]), _peak(response[y - 1 : y + 2, x])
            return x - reach + across, y - reach + down
    return None


def _peak(around: npt.NDArray[Any]) -> float:
    """Where the parabola through three values is highest, from the middle one."""
    before, middle, after = (float(v) for v in around)
    bend = before - 2 * middle + after
    return float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5)) if bend < -1e-9 else 0.0
