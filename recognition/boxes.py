"""Finding each printed box exactly, and measuring the ink in it.

All boxes of one size are measured at once as far as they can be: most are empty, and for these numpy's
calls, not its sums, took most of the time. Only boxes with ink are looked at one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from recognition.box_blanks import RIM_PX, AlikeBoxes, BoxFrame, StrikeEnds, strike_ends, strike_rows
from recognition.box_greys import (
    Darkness,
    Numbers,
    as_dark,
    darkness_tables,
    papers,
)
from recognition.box_outline import outline_shifts, outlines_seen
from recognition.box_strokes import (
    NO_STROKES,
    StrokeMeasure,
    ink_around,
    measure_strokes,
    ring_share,
    third_near,
)
from recognition.box_tones import INK_DARKNESS, SeenBoxes, rendering_of_tints, seen_boxes, tones_of
from recognition.geometry import GreyImage, Mask
from recognition.pale_print import lifted
from recognition.patches import PX_PER_MM, DetailSource, cut_alike
from recognition.register import Registration
from recognition.striped_paper import evened

_FAINT_DARKNESS = 0.10
_USUAL_PERCENT, _MANY_BOXES, _MOST_USUAL = 30, 10, 0.25
"""Of what lies along the outlines so much is usual where most boxes have it, as print a scan thickens: of
21 ballots in black and white 20 had none, one a quarter. More may be rings around most boxes."""

_SPECK_MM2 = 0.06
_LEAST_SPILL_MM2, _LEAST_PIECE_MM2 = 0.05, 0.2
_RAGGED_PX = 2
_RUBBED_DARKNESS, _RUBBED_SHARE, _RUBBED_BLUR_PX, _RUBBED_APART_PX = 0.07, 0.5, 1.0, 5
_MM2 = 1 / PX_PER_MM**2
_BAND_MM = 0.9
_EVERY = slice(None)

Extent = tuple[tuple[int, int], tuple[int, int]]
"""First and last column, and first and last row."""

_NEAR_NEIGHBOURS_MM = 0.35


@dataclass(frozen=True, eq=False)
class InkedBox:
    """The inside of a box, and the box as it was cut out.

    Attributes:
        dark: Darkness of the inside, 0 to 1, shape (rows, columns).
        ink: Where that is ink, specks left out.
        size: The box's shorter side in pixels.
        whole: Darkness of the box with paper around.
        printed: Where the blank has print there.
    """

    dark: Darkness
    ink: Mask
    size: int
    whole: Darkness
    printed: Mask


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
        grains: Separate pieces of ink away from the outline, specks among them.
        rubbed_mm2: Strokes away from the ink that are paler than it, as an eraser leaves them.
        leaves: Whether ink joined with the box goes on beyond half its size around it.
        beside_mm2: The largest piece of ink just outside the outline; 0 where there is hardly any.
        strokes: What tells crosses, scribbles and rings apart; only of boxes with ink.
        inked: The box itself; only of boxes with ink.
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
    grains: int = 0
    rubbed_mm2: float = 0.0
    beside_mm2: float = 0.0
    leaves: bool = False
    strokes: StrokeMeasure = NO_STROKES
    inked: InkedBox | None = None


def measure_boxes(source: DetailSource, registration: Registration) -> list[BoxMeasure]:
    """Refines and measures every box of a side.

    Each box is first found by its own outline. A box whose outline says nothing certain, or
    disagrees with its neighbours, is placed by the median of the neighbours instead.
    """
    blanks = registration.side.box_blanks
    if not blanks.groups:
        return []
    coarse = registration.shifts_at(blanks.centers_mm)
    fine = np.full(coarse.shape, np.nan)
    for group in blanks.groups:
        patches = evened(cut_alike(source, registration, group.areas, coarse[group.indices]), group.gains)
        fine[group.indices] = outline_shifts(patches, darkness_tables(papers(patches)), group.frame)
    shifts = coarse + _agreed(fine, blanks.nearest)
    measured: dict[int, BoxMeasure] = {}
    seen = []
    for group in blanks.groups:
        patches = evened(cut_alike(source, registration, group.areas, shifts[group.indices]), group.gains)
        seen.append(seen_boxes(lifted(patches, group.lines), group))
    rendering = rendering_of_tints(seen)
    for cut in seen:
        measures = _measure_alike(cut, shifts[cut.group.indices], rendering)
        measured.update(zip(cut.group.indices.tolist(), measures, strict=True))
    result = [measured[index] for index in range(len(measured))]
    # A scan that blurs thick outlines seems to have ink around all boxes; a ring is what stands out.
    # A few boxes do not tell what is usual: all of them may be ringed.
    around = [measure.strokes.around for measure in result]
    many = len(result) >= _MANY_BOXES
    usual = min(float(np.percentile(around, _USUAL_PERCENT)), _MOST_USUAL) if many else 0.0
    if not usual:
        return result
    return [replace(m, strokes=replace(m.strokes, around=max(0.0, m.strokes.around - usual))) for m in result]


def _agreed(fine: Numbers, nearest: npt.NDArray[np.intp]) -> Numbers:
    """Keeps offsets that agree with the median of the nearest boxes, replaces the others."""
    around = np.sort(fine[nearest], axis=1)  # NaN at the end
    known = (~np.isnan(around)).sum(axis=1, keepdims=True)
    low, high = (
        np.take_along_axis(around, np.maximum(at, 0), axis=1)[:, 0] for at in ((known - 1) // 2, known // 2)
    )
    median = np.where(known[:, 0] > 0, (low + high) / 2, 0.0)
    return np.where(np.abs(fine - median) < _NEAR_NEIGHBOURS_MM, fine, median)


def _measure_alike(seen: SeenBoxes, shifts_mm: Numbers, rendering: float) -> list[BoxMeasure]:
    """Measures boxes of one size.

    Args:
        rendering: See `recognition.box_tones.rendering_of_tints`.
    """
    group, patches, paper, tables = seen.group, seen.patches, seen.paper, seen.tables
    frame = group.frame
    dark = as_dark(patches, tables, INK_DARKNESS)
    outline, gaps_mm = outlines_seen(patches, tables, group.outline)
    inside, near = (_EVERY, *frame.inner), (_EVERY, *frame.near)
    tones = tones_of(seen, rendering)
    faint = _faint_px(patches[inside], tables)
    around = ink_around(dark[near] & group.beside, frame.size)
    void_mm = _empty_void_mm(patches[inside].shape[1:])
    has_ink = np.asarray(dark[inside].any(axis=(1, 2)))
    beside_mm2 = _largest_pieces_mm2(dark & group.spill)
    measures = []
    for k in range(len(patches)):
        measure = BoxMeasure(
            shift_mm=(float(shifts_mm[k, 0]), float(shifts_mm[k, 1])),
            outline=float(outline[k]),
            outline_gap_mm=float(gaps_mm[k]),
            tone=float(tones[k]),
            ink_mm2=0.0,
            core_mm2=0.0,
            faint_mm2=float(faint[k]) * _MM2,
            ink_share=0.0,
            reach_mm=0.0,
            depth_mm=0.0,
            bridges=False,
            spill_mm2=0.0,
            void_mm=void_mm,
            struck=False,
            paper=float(paper[k]),
            beside_mm2=float(beside_mm2[k]),
            strokes=StrokeMeasure(around=around[k]),
        )
        if has_ink[k]:
            measure = _with_ink(measure, np.take(tables[k], patches[k]), dark[k], group, k)
        measures.append(measure)
    return measures


def _largest_pieces_mm2(spilt: Mask) -> Numbers:
    """The largest connected piece of ink outside each outline, where there is more than a speck of it."""
    largest = np.zeros(len(spilt))
    for index in np.flatnonzero(np.count_nonzero(spilt, axis=(1, 2)) >= _LEAST_PIECE_MM2 * PX_PER_MM**2):
        _, _, stats, _ = cv2.connectedComponentsWithStats(spilt[index].astype(np.uint8), connectivity=8)
        largest[index] = stats[1:, cv2.CC_STAT_AREA].max() * _MM2
    return largest


def _with_ink(empty: BoxMeasure, dark: Darkness, is_dark: Mask, group: AlikeBoxes, index: int) -> BoxMeasure:
    """Measures the ink of a box that has some.

    Args:
        empty: What was measured of it already.
        dark: The box with paper around, and where that is dark as ink.
        group, index: The box on the blank.
    """
    frame = group.frame
    ink = _without_specks(is_dark[frame.inner])
    empty = replace(empty, grains=_grains(is_dark[frame.inner]))
    if not ink.any():
        return empty
    ys, xs = np.nonzero(ink)
    extent = (int(xs.min()), int(xs.max())), (int(ys[0]), int(ys[-1]))
    spans = [high - low + 1 for low, high in extent]
    qh, qw = ink.shape[0] // 4, ink.shape[1] // 4
    core = ink[qh : ink.shape[0] - qh, qw : ink.shape[1] - qw]
    free = _free_paper(ink)
    near = is_dark[frame.near]
    spill = is_dark & group.spill[index]
    spill_mm2 = float(spill.sum()) / PX_PER_MM**2
    strokes = measure_strokes(
        dark[frame.inner], ink, free, near, group.known[index], frame.size, empty.strokes.around
    )
    if spill_mm2 >= _LEAST_SPILL_MM2:
        strokes = replace(
            strokes,
            third_near=third_near(dark, is_dark, group.spill[index], frame),
            ringed=ring_share(spill, frame.size / 2),
        )
    return replace(
        empty,
        ink_mm2=float(len(xs)) * _MM2,
        core_mm2=float(core.sum()) * _MM2,
        ink_share=len(xs) / ink.size,
        reach_mm=float(max(spans)) / PX_PER_MM,
        depth_mm=float(min(spans)) / PX_PER_MM,
        bridges=_is_band_across(dark, ink, extent, frame),
        spill_mm2=spill_mm2,
        void_mm=float(free.max()) / PX_PER_MM,
        struck=_is_struck_through(is_dark, group, index),
        rubbed_mm2=_rubbed_px(dark[frame.inner], ink) * _MM2,
        leaves=_leaves(is_dark, frame),
        strokes=strokes,
        inked=InkedBox(dark[frame.inner], ink, frame.size, dark, group.printed[index]),
    )


def _without_specks(ink: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    keep = np.zeros(count, bool)
    keep[1:] = stats[1:, cv2.CC_STAT_AREA] >= _SPECK_MM2 * PX_PER_MM**2
    kept: npt.NDArray[np.bool_] = keep[labels]
    return kept


def _grains(dark: Mask) -> int:
    """Pieces of ink away from the outline, whose rims are ragged in black and white."""
    middle = dark[_RAGGED_PX:-_RAGGED_PX, _RAGGED_PX:-_RAGGED_PX]
    return int(cv2.connectedComponents(middle.astype(np.uint8), connectivity=8)[0]) - 1 if middle.size else 0


def _rubbed_px(inside: Darkness, ink: Mask) -> int:
    """In how many pixels a box is darker than paper, but no ink, away from ink and outline.

    Of a pen hardly darker than what counts as ink, pieces of its strokes are paler than that, too. What was
    rubbed out is less than half as dark as what is left.
    """
    smooth = cv2.GaussianBlur(inside, (0, 0), _RUBBED_BLUR_PX)
    most = min(INK_DARKNESS, _RUBBED_SHARE * float(np.median(smooth[ink])))
    near = cv2.dilate(ink.view(np.uint8), np.ones((_RUBBED_APART_PX,) * 2, np.uint8)).view(bool)
    rubbed = (smooth >= _RUBBED_DARKNESS) & (smooth < most) & ~near
    return int(np.count_nonzero(rubbed[_RAGGED_PX:-_RAGGED_PX, _RAGGED_PX:-_RAGGED_PX]))


def _leaves(is_dark: Mask, frame: BoxFrame) -> bool:
    """Whether ink that is joined with the box goes on beyond half its size around it, or beyond the cut."""
    off = max(0, frame.margin - frame.size // 2)
    seen = is_dark[off : is_dark.shape[0] - off, off : is_dark.shape[1] - off]
    _, labels = cv2.connectedComponents(seen.astype(np.uint8), connectivity=8)
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    start = frame.margin - off
    own = labels[start : start + frame.h, start : start + frame.w]
    return bool(np.intersect1d(rim[rim > 0], own).size)


def _faint_px(inside: GreyImage, tables: Darkness) -> list[int]:
    """In how many pixels each box's inside is at least faintly darker than the paper, grain evened out."""
    if not inside.size:
        return [0] * len(inside)
    darkest = tables[np.arange(len(inside)), inside.min(axis=(1, 2))]
    counts = [0] * len(inside)
    # Where no pixel is faintly dark, no mean of several is.
    for index in np.flatnonzero(darkest >= 0.99 * _FAINT_DARKNESS).tolist():
        smooth = cv2.blur(np.take(tables[index], inside[index]), (3, 3))
        counts[index] = int(np.count_nonzero(smooth >= _FAINT_DARKNESS))
    return counts


@lru_cache(maxsize=64)
def _empty_void_mm(shape: tuple[int, ...]) -> float:
    """Radius of the largest circle inside an outline without ink."""
    return float(_free_paper(np.zeros(shape, bool)).max()) / PX_PER_MM if min(shape) else 0.0


def _free_paper(ink: Mask) -> Darkness:
    """Distance of each pixel to the nearest ink or outline, with one pixel more on every side."""
    free = np.pad((~ink).view(np.uint8), 1)
    return np.asarray(cv2.distanceTransform(free, cv2.DIST_L2, 5), np.float32)


def _is_struck_through(is_dark: Mask, group: AlikeBoxes, index: int) -> bool:
    """Whether a level or upright stroke crosses the middle of the box and sticks out at both ends.

    The arms of a cross leave the box near its corners; a line that strikes it out does not. The outline
    of the next box is no end of a stroke: there must be ink wherever the blank has paper.
    """
    frame = group.frame
    level = _is_crossed(is_dark, group.level, index, frame, (frame.h, frame.w))
    return level or _is_crossed(is_dark.T, group.upright, index, frame, (frame.w, frame.h))


def _is_crossed(image: Mask, must: StrikeEnds, index: int, frame: BoxFrame, size: tuple[int, int]) -> bool:
    """Whether a stroke along the image's rows goes through a box of this many rows and columns."""
    gap, first = frame.line + RIM_PX, strike_rows(frame.margin, size[0]).start
    near, far = strike_ends(image, frame.margin, size, frame.line)
    before = first + np.flatnonzero(~(must.before[index] & ~near).any(axis=1))
    after = first + np.flatnonzero(~(must.after[index] & ~far).any(axis=1))
    if not (len(before) and len(after)):
        return False
    columns = np.arange(frame.margin - gap, frame.margin + size[1] + gap)
    share = (columns - columns[0]) / max(1, len(columns) - 1)
    thick = image[:-2] | image[1:-1] | image[2:]
    for start in before[::2]:
        ends = after[::2, None]
        rows = np.rint(start + share * (ends - start)).astype(int)
        if (thick[rows - 1, columns].mean(axis=1) > 0.95).any():
            return True
    return False


def _is_band_across(dark: Darkness, ink: Mask, extent: Extent, frame: BoxFrame) -> bool:
    """Whether the ink lies in one narrow upright or level band that continues beyond the box.

    Args:
        dark: The box with paper around.
        ink: Ink inside the outline, and its first and last column and row.
    """
    margin, inset = frame.margin, frame.inset
    for axis, length in ((0, frame.h), (1, frame.w)):
        low, high = extent[axis]
        if high - low + 1 > _BAND_MM * PX_PER_MM or ink.any(axis=1 - axis).mean() < 0.9:
            continue
        lane = slice(inset + low - 1, inset + high + 2)
        whole = dark[:, lane].max(axis=1) if axis == 0 else dark[lane].max(axis=0)
        before, after = whole[: margin - 4], whole[margin + length + 5 :]
        if min(float((before >= 0.1).mean()), float((after >= 0.1).mean())) > 0.8:
            return True
    return False
