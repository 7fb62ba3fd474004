"""Ink drawn over the blank's own lines of print: a cross on a candidate's name, a name struck out.

Over print the page comparison at 100 dpi sees little, because it has to allow for print lying
half a millimetre off. Here each line of print is laid onto the blank by itself, to a tenth of a
millimetre, and compared at `DETAIL_DPI`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.geometry import GreyImage, grey_percentile
from recognition.patches import PX_PER_MM, cut, cut_reference
from recognition.sides import PlacedImage

_MARGIN_MM = 1.6
_SEARCH_PX = 8
_MIN_FIT = 0.7
_CLOSE_PX, _LOOSE_PX = 3, 7
_GRAIN_MM2 = 0.06
_GAP_MM = 1.6
_INK_DARKNESS = 0.22
_HALO_DARKNESS = 0.08


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
    lines = registration.side.print_lines
    if not lines:
        return []
    shifts = registration.shifts_at(np.array([line.center_mm for line in lines]))
    return [
        piece
        for line, (dx, dy) in zip(lines, shifts, strict=True)
        for piece in _over_line(placed, line.grown(_MARGIN_MM), (float(dx), float(dy)), least_mm2)
    ]


def _over_line(
    placed: PlacedImage, area: Box, shift_mm: tuple[float, float], least_mm2: float
) -> list[OverInk]:
    patch = cut(placed.source, placed.registration, area, shift_mm)
    blank, slack = _laid_under(cut_reference(placed.registration.side.detail, area), patch)
    paper, white = grey_percentile(patch, 75), grey_percentile(blank, 75)
    dark = (paper - patch.astype(np.float32)) / max(paper, 40.0)
    print_dark = (white - blank.astype(np.float32)) / max(white, 40.0)
    allowed = cv2.dilate(print_dark, np.ones((slack, slack), np.uint8))
    # Scans blur print outwards, so a little darkness around it is its own.
    halo = cv2.dilate(print_dark, np.ones((slack + 2, slack + 2), np.uint8)) * _HALO_DARKNESS
    ink = (dark - np.maximum(allowed, 0) - np.maximum(halo, 0) > _INK_DARKNESS).astype(np.uint8)
    return _groups(_without_grain(ink), area, least_mm2)


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


def _laid_under(blank: GreyImage, patch: GreyImage) -> tuple[GreyImage, int]:
    """The blank moved by whole pixels to where the patch shows its print.

    Returns:
        The blank, and the width in pixels within which its print may lie. Print that says nothing
        certain of its place, such as a straight line, stays where the registration has it.
    """
    s = _SEARCH_PX
    if min(blank.shape) <= 2 * s + 4:
        return blank, _LOOSE_PX
    inner = blank[s:-s, s:-s]
    if float(inner.std()) < 4:
        return blank, _LOOSE_PX
    response = cv2.matchTemplate(patch, inner, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(response)
    if best < _MIN_FIT or x in (0, 2 * s) or y in (0, 2 * s):
        return blank, _LOOSE_PX
    move = np.array([[1.0, 0.0, x - s], [0.0, 1.0, y - s]])
    moved = cv2.warpAffine(blank, move, blank.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8), _CLOSE_PX
