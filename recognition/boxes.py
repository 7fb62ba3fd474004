"""Finding each printed box exactly, and measuring the ink in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.box_outline import MARGIN_MM, Darkness, darkness, outline_seen, outline_shifts
from recognition.box_strokes import NO_STROKES, StrokeMeasure, measure_strokes
from recognition.geometry import GreyImage, grey_percentile
from recognition.patches import PX_PER_MM, DetailSource, cut_reference, cutter
from recognition.register import Registration

_INK_DARKNESS = 0.22
"""Darkness (0 paper, 1 black) from which a pixel is ink. Paper grain and JPEG noise stay below
0.1, pencil lines lie at 0.3 to 0.6, ballpoint above 0.5."""

_RIM_PX = 2
"""Strip along the inside of the outline that is left out: scans thicken lines by up to 0.2 mm."""

_FAINT_DARKNESS = 0.10
_PRINT_DARKNESS, _APART_PX, _FEW_PX = 0.05, 5, 50
_PAPER_SPAN = (10, 90)
_USUAL_PERCENT, _MANY_BOXES = 30, 10
_SPECK_MM2 = 0.06
_SPILL_REACH_MM = 1.2
_STRIKE_REACH_MM, _LEAST_STRIKE_PX = 0.5, 2
_BLANK_PRINT_DARKNESS = 0.15
_STRIKE_MIDDLE = 0.3


@dataclass(frozen=True)
class BoxMeasure:
    """One box as found on the scan.

    Attributes:
        shift_mm: Where the box was found relative to its place, all corrections included.
        outline: Share of the printed outline that is there, 0 to 1; the worst of four sides.
        outline_gap_mm: The longest piece of outline that is missing.
        tone: By how much of white the inside is lighter or darker than all of the paper around.
        ink_mm2: Ink inside the outline, specks left out.
        core_mm2: Ink in the middle half of the box.
        faint_mm2: Area that is faintly darker than the paper, the ink included.
        ink_share: Inked share of the inside.
        reach_mm, depth_mm: Longer and shorter side of the rectangle around the ink inside.
        bridges: Whether the ink is a straight band that crosses the box and goes on outside
            on both sides, as a fold or a scanner streak does.
        spill_mm2: Ink just outside the outline, where the blank has no print.
        void_mm: Radius of the largest round piece of paper left free inside.
        struck: Whether a stroke runs through the middle of the box and leaves it on both sides.
        paper: Grey level of the paper around the box, 0 to 255.
        strokes: What tells crosses, scribbles and rings apart; only of boxes with ink.
    """

    shift_mm: tuple[float, float]
    outline: float
    ink_mm2: float
    core_mm2: float
    faint_mm2: float
    ink_share: float
    reach_mm: float
    depth_mm: float
    bridges: bool
    spill_mm2: float
    void_mm: float
    struck: bool
    paper: float
    outline_gap_mm: float = 0.0
    tone: float = 0.0
    strokes: StrokeMeasure = NO_STROKES


def measure_boxes(
    source: DetailSource, registration: Registration, detail: GreyImage, boxes: tuple[Box, ...]
) -> list[BoxMeasure]:
    """Refines and measures every box of a side.

    Each box is first found by its own outline. A box whose outline says nothing certain, or
    disagrees with its neighbours, is placed by the median of the neighbours instead.
    """
    if not boxes:
        return []
    centers = np.array([box.center_mm for box in boxes])
    coarse = registration.shifts_at(centers)
    areas = [box.grown(MARGIN_MM) for box in boxes]
    piece = cutter(source, registration)
    first = [piece(area, (float(dx), float(dy))) for area, (dx, dy) in zip(areas, coarse, strict=True)]
    shifts = coarse + _agreed(outline_shifts(first, boxes), centers)
    result = []
    for box, area, shift in zip(boxes, areas, shifts, strict=True):
        place = (float(shift[0]), float(shift[1]))
        patch = piece(area, place)
        result.append(_measure(patch, cut_reference(detail, area), box, place))
    # A scan that blurs thick outlines seems to have ink around all boxes; a ring is what stands out.
    # A few boxes do not tell what is usual: all of them may be ringed.
    around = [measure.strokes.around for measure in result]
    usual = float(np.percentile(around, _USUAL_PERCENT)) if len(result) >= _MANY_BOXES else 0.0
    return [replace(m, strokes=replace(m.strokes, around=max(0.0, m.strokes.around - usual))) for m in result]


def _agreed(fine: npt.NDArray[np.float64], centers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Keeps offsets that agree with the median of the five nearest boxes, replaces the others."""
    agreed = np.zeros_like(fine)
    for index, center in enumerate(centers):
        nearest = np.argsort(((centers - center) ** 2).sum(axis=1))[:5]
        for axis in (0, 1):
            around = fine[nearest, axis]
            around = around[~np.isnan(around)]
            median = float(np.median(around)) if len(around) else 0.0
            own = fine[index, axis]
            agreed[index, axis] = own if not np.isnan(own) and abs(own - median) < 0.35 else median
    return agreed


def _measure(patch: GreyImage, blank: GreyImage, box: Box, shift_mm: tuple[float, float]) -> BoxMeasure:
    dark, paper = darkness(patch)
    blank_dark, _ = darkness(blank)
    margin = round(MARGIN_MM * PX_PER_MM)
    w, h = round(box.w_mm * PX_PER_MM), round(box.h_mm * PX_PER_MM)
    line = _line_half_width(blank_dark, margin, w, h)
    inset = margin + line + _RIM_PX
    inner_px = slice(inset, margin + h - line - _RIM_PX), slice(inset, margin + w - line - _RIM_PX)
    inside = dark[inner_px]
    mm2 = 1 / PX_PER_MM**2
    ink = _without_specks(inside >= _INK_DARKNESS)
    ys, xs = np.nonzero(ink)
    extent = (xs.max() - xs.min() + 1, ys.max() - ys.min() + 1) if len(xs) else (0, 0)
    qh, qw = inside.shape[0] // 4, inside.shape[1] // 4
    core = ink[qh : inside.shape[0] - qh, qw : inside.shape[1] - qw]
    smooth = cv2.blur(inside, (3, 3)) if inside.size else inside
    box_px = (slice(margin, margin + h), slice(margin, margin + w))
    thick = np.asarray(cv2.dilate(dark, np.ones((5, 5), np.uint8)), np.float32)
    outline, gap_mm = outline_seen(dark, blank_dark, box_px, thick)
    return BoxMeasure(
        shift_mm=shift_mm,
        outline=outline,
        outline_gap_mm=gap_mm,
        tone=_tone(patch[inner_px], patch[_around(blank_dark, box_px) & (dark < _INK_DARKNESS)]),
        ink_mm2=float(ink.sum()) * mm2,
        core_mm2=float(core.sum()) * mm2,
        faint_mm2=float((smooth >= _FAINT_DARKNESS).sum()) * mm2,
        ink_share=float(ink.mean()) if ink.size else 0.0,
        reach_mm=float(max(extent)) / PX_PER_MM,
        depth_mm=float(min(extent)) / PX_PER_MM,
        bridges=_is_band_across(dark, ink, inset, margin, w, h),
        spill_mm2=_spill_mm2(dark, blank_dark, margin, w, h, line) if ink.any() else 0.0,
        void_mm=_void_mm(ink),
        struck=bool(ink.any()) and _is_struck_through(dark, blank_dark, margin, w, h, line),
        paper=paper,
        strokes=measure_strokes(dark, blank_dark, box_px, inside, ink),
    )


def _line_half_width(blank_dark: npt.NDArray[np.float32], margin: int, w: int, h: int) -> int:
    """Half the width of the printed outline in pixels, from the blank's left side."""
    rows = blank_dark[margin + h // 4 : margin + h - h // 4]
    profile = rows.mean(axis=0)[margin - 6 : margin + 7]
    return max(1, round(float((profile > 0.25).sum()) / 2))


def _without_specks(ink: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    keep = np.zeros(count, bool)
    keep[1:] = stats[1:, cv2.CC_STAT_AREA] >= _SPECK_MM2 * PX_PER_MM**2
    kept: npt.NDArray[np.bool_] = keep[labels]
    return kept


def _spill_mm2(
    dark: npt.NDArray[np.float32], blank_dark: npt.NDArray[np.float32], margin: int, w: int, h: int, line: int
) -> float:
    """Ink in a band around the outline that is not print of the blank."""
    reach, gap = round(_SPILL_REACH_MM * PX_PER_MM), line + _RIM_PX
    around = np.zeros(dark.shape, bool)
    around[margin - reach : margin + h + reach, margin - reach : margin + w + reach] = True
    around[margin - gap : margin + h + gap, margin - gap : margin + w + gap] = False
    printed = cv2.dilate((blank_dark > _BLANK_PRINT_DARKNESS).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return float(((dark >= _INK_DARKNESS) & around & ~printed).sum()) / PX_PER_MM**2


def _around(blank_dark: Darkness, box: tuple[slice, slice]) -> npt.NDArray[np.bool_]:
    """Paper around a box, away from all print."""
    printed = cv2.dilate((blank_dark > _PRINT_DARKNESS).view(np.uint8), np.ones((7, 7), np.uint8))
    around = np.asarray(printed == 0)
    rows, cols = box
    around[rows.start - _APART_PX : rows.stop + _APART_PX, cols.start - _APART_PX : cols.stop + _APART_PX] = (
        False
    )
    return around


def _tone(inside: GreyImage, around: GreyImage) -> float:
    """What lies behind a hole is lighter or darker than paper, however little.

    The shade of a crease falls on the paper around as well.
    """
    if min(inside.size, around.size) < _FEW_PX:
        return 0.0
    own = grey_percentile(np.ascontiguousarray(inside), 50)
    around = np.ascontiguousarray(around)
    low, high = (grey_percentile(around, percent) for percent in _PAPER_SPAN)
    return max(0.0, low - own, own - high) / 255


def _void_mm(ink: npt.NDArray[np.bool_]) -> float:
    """Radius of the largest circle inside the outline without ink."""
    if not ink.size:
        return 0.0
    if not ink.any():
        return _empty_void_mm(ink.shape)
    return _largest_circle_mm(ink)


@lru_cache(maxsize=64)
def _empty_void_mm(shape: tuple[int, ...]) -> float:
    return _largest_circle_mm(np.zeros(shape, bool))


def _largest_circle_mm(ink: npt.NDArray[np.bool_]) -> float:
    free = np.pad((~ink).astype(np.uint8), 1)
    return float(cv2.distanceTransform(free, cv2.DIST_L2, 5).max()) / PX_PER_MM


def _is_struck_through(
    dark: npt.NDArray[np.float32], blank_dark: npt.NDArray[np.float32], margin: int, w: int, h: int, line: int
) -> bool:
    """Whether a level or upright stroke crosses the middle of the box and sticks out at both ends.

    The arms of a cross leave the box near its corners; a line that strikes it out does not. The outline
    of the next box is no end of a stroke: there must be ink wherever the blank has paper.
    """
    ink, paper = dark >= _INK_DARKNESS, blank_dark <= _BLANK_PRINT_DARKNESS
    gap = line + _RIM_PX
    for image, free, across, along in ((ink, paper, h, w), (ink.T, paper.T, w, h)):
        middle = range(round(margin + _STRIKE_MIDDLE * across), round(margin + (1 - _STRIKE_MIDDLE) * across))
        left, right = np.arange(margin - gap)[::-1], np.arange(margin + along + gap, image.shape[1])
        before, after = (
            [row for row in middle if _sticks_out(image[row, end], free[row, end])] for end in (left, right)
        )
        columns = np.arange(margin - gap, margin + along + gap)
        share = (columns - columns[0]) / max(1, len(columns) - 1)
        for start in before[::2]:
            for end in after[::2]:
                rows = np.rint(start + share * (end - start)).astype(int)
                on_line = image[rows - 1, columns] | image[rows, columns] | image[rows + 1, columns]
                if on_line.mean() > 0.95:
                    return True
    return False


def _sticks_out(ink: npt.NDArray[np.bool_], free: npt.NDArray[np.bool_]) -> bool:
    """Whether a stroke goes on from a box's outline; where the next box follows at once, on its far side.

    Args:
        ink, free: Ink, and paper of the blank, from the outline on outwards.
    """
    reach = round(_STRIKE_REACH_MM * PX_PER_MM)
    places = np.flatnonzero(free)
    near = places[places < reach]
    return bool(ink[near if len(near) >= _LEAST_STRIKE_PX else places[:_LEAST_STRIKE_PX]].all())


def _is_band_across(
    dark: npt.NDArray[np.float32], ink: npt.NDArray[np.bool_], inset: int, margin: int, w: int, h: int
) -> bool:
    """Whether the ink lies in one narrow upright or level band that continues beyond the box."""
    if not ink.any():
        return False
    for axis, length in ((0, ink.shape[0]), (1, ink.shape[1])):
        filled = np.flatnonzero(ink.any(axis=axis))
        width = filled[-1] - filled[0] + 1
        along = ink.any(axis=1 - axis).mean()
        if width > 0.9 * PX_PER_MM or along < 0.9 or length == 0:
            continue
        lane = slice(inset + int(filled[0]) - 1, inset + int(filled[-1]) + 2)
        whole = dark[:, lane].max(axis=1) if axis == 0 else dark[lane].max(axis=0)
        end = margin + (h if axis == 0 else w)
        before, after = whole[: margin - 4], whole[end + 5 :]
        if min(float((before >= 0.1).mean()), float((after >= 0.1).mean())) > 0.8:
            return True
    return False
