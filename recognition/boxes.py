"""Finding each printed box exactly, and measuring the ink in it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.box_strokes import NO_STROKES, StrokeMeasure, measure_strokes
from recognition.geometry import GreyImage, grey_percentile
from recognition.patches import PX_PER_MM, DetailSource, cut, cut_reference
from recognition.register import Registration

_MARGIN_MM = 2.4
_SEARCH_MM = 1.2
_INK_DARKNESS = 0.22
"""Darkness (0 paper, 1 black) from which a pixel is ink. Paper grain and JPEG noise stay below
0.1, pencil lines lie at 0.3 to 0.6, ballpoint above 0.5."""

_RIM_PX = 2
"""Strip along the inside of the outline that is left out: scans thicken lines by up to 0.2 mm."""

_FAINT_DARKNESS = 0.10
_SPECK_MM2 = 0.06
_SPILL_REACH_MM = 1.2
_STRIKE_REACH_MM = 0.5
_STRIKE_MIDDLE = 0.3


@dataclass(frozen=True)
class BoxMeasure:
    """One box as found on the scan.

    Attributes:
        shift_mm: Where the box was found relative to its place, all corrections included.
        outline: Share of the printed outline that is there, 0 to 1; the worst of four sides.
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
    areas = [box.grown(_MARGIN_MM) for box in boxes]
    first = [
        cut(source, registration, area, (float(dx), float(dy)))
        for area, (dx, dy) in zip(areas, coarse, strict=True)
    ]
    fine = np.array([_outline_shift(p, b) for p, b in zip(first, boxes, strict=True)]).reshape(-1, 2)
    shifts = coarse + _agreed(fine, centers)
    result = []
    for box, area, shift in zip(boxes, areas, shifts, strict=True):
        place = (float(shift[0]), float(shift[1]))
        patch = cut(source, registration, area, place)
        result.append(_measure(patch, cut_reference(detail, area), box, place))
    return result


def _darkness(patch: GreyImage) -> tuple[npt.NDArray[np.float32], float]:
    """Darkness relative to the local paper, and the paper's grey level."""
    paper = grey_percentile(patch, 75)
    dark = (paper - patch.astype(np.float32)) / max(paper, 40.0)
    return np.clip(dark, 0, 1), paper


def _outline_shift(patch: GreyImage, box: Box) -> tuple[float, float]:
    """Offset in mm at which the four sides of the printed outline are darkest; NaN if unclear."""
    dark, _ = _darkness(patch)
    left = _MARGIN_MM * PX_PER_MM
    w, h = box.w_mm * PX_PER_MM, box.h_mm * PX_PER_MM
    inner_rows = slice(round(left + 0.15 * h), round(left + 0.85 * h))
    inner_cols = slice(round(left + 0.15 * w), round(left + 0.85 * w))
    # The lower quartile along a side: a printed line is dark all along, a pen stroke only where it crosses.
    columns = np.percentile(dark[inner_rows], 30, axis=0).astype(np.float64)
    rows = np.percentile(dark[:, inner_cols], 30, axis=1).astype(np.float64)
    return _pair_offset(columns, left, w), _pair_offset(rows, left, h)


def _pair_offset(profile: npt.NDArray[np.float64], start: float, length: float) -> float:
    """Where two lines `length` apart fit a darkness profile best, relative to `start`, in mm."""
    reach = round(_SEARCH_MM * PX_PER_MM)
    steps = np.arange(-reach, reach + 0.01, 0.25)
    index = np.arange(len(profile))
    first = np.interp(start - 0.5 + steps, index, profile)
    second = np.interp(start - 0.5 + length + steps, index, profile)
    both = np.minimum(first, second) + 0.25 * (first + second)
    best = int(both.argmax())
    if both[best] < 0.12 or best in (0, len(steps) - 1):
        return float("nan")
    near = both >= both[best] - 0.35 * both[best]
    lo = hi = best
    while lo > 0 and near[lo - 1]:
        lo -= 1
    while hi < len(steps) - 1 and near[hi + 1]:
        hi += 1
    weights = both[lo : hi + 1]
    return float((steps[lo : hi + 1] * weights).sum() / weights.sum() / PX_PER_MM)


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
    dark, paper = _darkness(patch)
    blank_dark, _ = _darkness(blank)
    margin = round(_MARGIN_MM * PX_PER_MM)
    w, h = round(box.w_mm * PX_PER_MM), round(box.h_mm * PX_PER_MM)
    line = _line_half_width(blank_dark, margin, w, h)
    inset = margin + line + _RIM_PX
    inside = dark[inset : inset + h - 2 * (line + _RIM_PX), inset : inset + w - 2 * (line + _RIM_PX)]
    mm2 = 1 / PX_PER_MM**2
    ink = _without_specks(inside >= _INK_DARKNESS)
    ys, xs = np.nonzero(ink)
    extent = (xs.max() - xs.min() + 1, ys.max() - ys.min() + 1) if len(xs) else (0, 0)
    qh, qw = inside.shape[0] // 4, inside.shape[1] // 4
    core = ink[qh : inside.shape[0] - qh, qw : inside.shape[1] - qw]
    smooth = cv2.blur(inside, (3, 3)) if inside.size else inside
    box_px = (slice(margin, margin + h), slice(margin, margin + w))
    return BoxMeasure(
        shift_mm=shift_mm,
        outline=_outline_share(dark, blank_dark, margin, w, h),
        ink_mm2=float(ink.sum()) * mm2,
        core_mm2=float(core.sum()) * mm2,
        faint_mm2=float((smooth >= _FAINT_DARKNESS).sum()) * mm2,
        ink_share=float(ink.mean()) if ink.size else 0.0,
        reach_mm=float(max(extent)) / PX_PER_MM,
        depth_mm=float(min(extent)) / PX_PER_MM,
        bridges=_is_band_across(dark, ink, inset, margin, w, h),
        spill_mm2=_spill_mm2(dark, blank_dark, margin, w, h, line),
        void_mm=_void_mm(ink),
        struck=_is_struck_through(dark, margin, w, h, line),
        paper=paper,
        strokes=measure_strokes(dark, blank_dark, box_px, inside, ink),
    )


def _line_half_width(blank_dark: npt.NDArray[np.float32], margin: int, w: int, h: int) -> int:
    """Half the width of the printed outline in pixels, from the blank's left side."""
    rows = blank_dark[margin + h // 4 : margin + h - h // 4]
    profile = rows.mean(axis=0)[margin - 6 : margin + 7]
    return max(1, round(float((profile > 0.25).sum()) / 2))


def _outline_share(
    dark: npt.NDArray[np.float32], blank_dark: npt.NDArray[np.float32], margin: int, w: int, h: int
) -> float:
    """The worst side's share of outline pixels that are dark where the blank's are."""
    thick = cv2.dilate(dark, np.ones((5, 5), np.uint8))
    outline = blank_dark >= 0.3
    worst = 1.0
    sides = (
        (slice(margin, margin + h), slice(margin - 4, margin + 5)),
        (slice(margin, margin + h), slice(margin + w - 4, margin + w + 5)),
        (slice(margin - 4, margin + 5), slice(margin, margin + w)),
        (slice(margin + h - 4, margin + h + 5), slice(margin, margin + w)),
    )
    for rows, cols in sides:
        expected = outline[rows, cols]
        if expected.any():
            worst = min(worst, float((thick[rows, cols][expected] >= 0.15).mean()))
    return worst


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
    printed = cv2.dilate((blank_dark > 0.15).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return float(((dark >= _INK_DARKNESS) & around & ~printed).sum()) / PX_PER_MM**2


def _void_mm(ink: npt.NDArray[np.bool_]) -> float:
    """Radius of the largest circle inside the outline without ink."""
    if not ink.size:
        return 0.0
    free = np.pad((~ink).astype(np.uint8), 1)
    return float(cv2.distanceTransform(free, cv2.DIST_L2, 5).max()) / PX_PER_MM


def _is_struck_through(dark: npt.NDArray[np.float32], margin: int, w: int, h: int, line: int) -> bool:
    """Whether a level or upright stroke crosses the middle of the box and sticks out at both ends.

    The arms of a cross leave the box near its corners; a line that strikes it out does not.
    """
    ink = dark >= _INK_DARKNESS
    reach, gap = round(_STRIKE_REACH_MM * PX_PER_MM), line + _RIM_PX
    for image, across, along in ((ink, h, w), (ink.T, w, h)):
        middle = np.arange(
            round(margin + _STRIKE_MIDDLE * across), round(margin + (1 - _STRIKE_MIDDLE) * across)
        )
        before = middle[image[middle, margin - gap - reach : margin - gap].all(axis=1)]
        after = middle[image[middle, margin + along + gap : margin + along + gap + reach].all(axis=1)]
        columns = np.arange(margin - gap, margin + along + gap)
        share = (columns - columns[0]) / max(1, len(columns) - 1)
        for start in before[::2]:
            for end in after[::2]:
                rows = np.rint(start + share * (end - start)).astype(int)
                on_line = image[rows - 1, columns] | image[rows, columns] | image[rows + 1, columns]
                if on_line.mean() > 0.95:
                    return True
    return False


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
