"""What the blank shows at the boxes of a side. Computed once a side, as it is the same for all scans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.box_greys import Darkness, darkness
from recognition.geometry import GreyImage, Mask, warp
from recognition.pale_print import lifted, pale_lines
from recognition.striped_paper import Gains, evened, evening

MARGIN_MM = 2.4
"""Paper around a box that is cut out with it."""

RIM_PX = 2
"""Strip along the inside of the outline that is left out: scans thicken lines by up to 0.2 mm."""

STRIKE_MIDDLE = 0.3
_SHARED_MM = 4.0
_NEIGHBOURS = 5
_PRINT_DARKNESS, _TINT_DARKNESS, _OUTLINE_DARKNESS = 0.15, 0.05, 0.3
_OUTLINE_SHARE, _LEAST_OUTLINE = 0.6, 0.2
_LEAST_TINT = 0.01
_NEAR_MM, _SPILL_MM, _STRIKE_MM = 0.6, 1.2, 0.5
_APART_PX, _SIDE_PX, _LEAST_STRIKE_PX = 5, 4, 2

Place = tuple[slice, slice]
"""Rows and columns of a patch."""


@dataclass(frozen=True)
class BoxFrame:
    """Where a box lies in the patch that is cut out around it, in pixels.

    Attributes:
        margin: Paper around the box.
        w, h: Its size.
        line: Half the width of its outline.
        near: Rows and columns of the box and what is close around it.
    """

    margin: int
    w: int
    h: int
    line: int
    near: Place

    @property
    def size(self) -> int:
        """The box's shorter side."""
        return min(self.w, self.h)

    @property
    def box(self) -> Place:
        """Rows and columns of the box."""
        return slice(self.margin, self.margin + self.h), slice(self.margin, self.margin + self.w)

    @property
    def outlined(self) -> Place:
        """Rows and columns of the box and its outline, with what a scan may thicken that by."""
        before, after = self.margin - self.line - RIM_PX, self.margin + self.line + RIM_PX
        return slice(before, after + self.h), slice(before, after + self.w)

    @property
    def inset(self) -> int:
        """Where the inside begins."""
        return self.margin + self.line + RIM_PX

    @property
    def inner(self) -> Place:
        """Rows and columns of the inside, away from the outline."""
        end = self.margin - self.line - RIM_PX
        return slice(self.inset, end + self.h), slice(self.inset, end + self.w)


@dataclass(frozen=True)
class OutlineSides:
    """One of the four sides of the outlines of boxes that are alike.

    Attributes:
        place: Its rows and columns.
        across: Axis across the line.
        expected: Where the blank is dark, shape (n, rows, columns).
        count: In how many pixels.
        along: Where along the side it is.
    """

    place: Place
    across: int
    expected: Mask
    count: npt.NDArray[np.int64]
    along: Mask


@dataclass(frozen=True)
class StrikeEnds:
    """Where a stroke through the middle of a box must have ink, if it goes on outside.

    Of each row (of the patch, or of the patch with rows and columns exchanged) that may be an end, from the
    outline on outwards.

    Attributes:
        before, after: Beyond the near and the far side, shape (n, rows, columns).
    """

    before: Mask
    after: Mask


@dataclass(frozen=True)
class AlikeBoxes:
    """Boxes of one size of a side, and the blank there.

    Attributes:
        indices: Which of the side's boxes they are.
        areas: The boxes with paper around, in page mm.
        frame: Where each lies in its patch.
        outline: The four sides of their outlines.
        around: Paper around the box, away from all print: 1.
        tints: By how much of white a box's inside is printed darker than the paper around it, or lighter:
            less than 0; 0 where it is as light.
        spill: Where ink that spills over the outline may lie: not on print.
        beside, known: In the box and close around it, what is more than one and than two pixels away from
            print.
        printed: Where the blank has print.
        level, upright: For strokes that strike the box out.
        gains: What makes the paper around them even; None where it is so for all of them.
        lines: How dark fine pale lines of the blank may be; None where none of them has any.
    """

    indices: npt.NDArray[np.intp]
    areas: tuple[Box, ...]
    frame: BoxFrame
    outline: tuple[OutlineSides, ...]
    around: GreyImage
    tints: npt.NDArray[np.float64]
    spill: Mask
    beside: Mask
    known: Mask
    printed: Mask
    level: StrikeEnds
    upright: StrikeEnds
    gains: Gains | None = None
    lines: Darkness | None = None


@dataclass(frozen=True)
class BoxBlanks:
    """All boxes of a side.

    Attributes:
        centers_mm: Their middles, shape (n, 2).
        nearest: Of each box the nearest ones, itself included.
        pairs: Boxes so close to each other that one mark may lie in both.
        groups: The boxes by size.
    """

    centers_mm: npt.NDArray[np.float64]
    nearest: npt.NDArray[np.intp]
    pairs: tuple[tuple[int, int], ...]
    groups: tuple[AlikeBoxes, ...]

    def frame_of(self, index: int) -> BoxFrame:
        """Where a box lies in its patch."""
        return next(group.frame for group in self.groups if index in group.indices)


def box_blanks(detail: GreyImage, boxes: Sequence[Box], px_per_mm: float) -> BoxBlanks:
    """Prepares the boxes of a side for being measured.

    Args:
        detail: The blank.
        px_per_mm: Its resolution.
    """
    centers = np.array([box.center_mm for box in boxes]).reshape(-1, 2)
    nearest = [np.argsort(((centers - center) ** 2).sum(axis=1))[:_NEIGHBOURS] for center in centers]
    areas = [box.grown(MARGIN_MM) for box in boxes]
    margin = round(MARGIN_MM * px_per_mm)
    sizes = [(round(box.w_mm * px_per_mm), round(box.h_mm * px_per_mm)) for box in boxes]
    greys = [_cut(detail, area, px_per_mm) for area in areas]
    gains = [
        evening(grey, (slice(margin, margin + h), slice(margin, margin + w)))
        for grey, (w, h) in zip(greys, sizes, strict=True)
    ]
    greys = [evened(grey, gain) for grey, gain in zip(greys, gains, strict=True)]
    alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, (grey, (w, h)) in enumerate(zip(greys, sizes, strict=True)):
        alike[(*grey.shape, w, h, _line_half_width(darkness(grey)[0], margin, w, h))].append(index)
    reach = round(_NEAR_MM * px_per_mm)
    groups = []
    for (_, _, w, h, line), indices in alike.items():
        low = max(0, margin - reach)
        frame = BoxFrame(margin, w, h, line, (slice(low, margin + h + reach), slice(low, margin + w + reach)))
        alike_greys = np.stack([greys[index] for index in indices])
        own = tuple(areas[index] for index in indices)
        lines = _each([pale_lines(grey) for grey in alike_greys], alike_greys.shape, 0.0)
        group = _alike(np.array(indices), own, frame, lifted(alike_greys, lines), px_per_mm)
        own_gains = _each([gains[index] for index in indices], alike_greys.shape, 1.0)
        groups.append(replace(group, gains=own_gains, lines=lines))
    return BoxBlanks(centers, np.array(nearest, np.intp), _pairs(boxes), tuple(groups))


def _each(
    found: Sequence[npt.NDArray[np.float32] | None], shape: tuple[int, ...], usual: float
) -> npt.NDArray[np.float32] | None:
    """What was found of all boxes of a group, shape (n, rows, columns); None when no box has any."""
    if all(one is None for one in found):
        return None
    return np.stack([np.full(shape[1:], usual, np.float32) if one is None else one for one in found])


def _pairs(boxes: Sequence[Box]) -> tuple[tuple[int, int], ...]:
    return tuple(
        (i, j)
        for (i, one), (j, other) in combinations(enumerate(boxes), 2)
        if one.gap_mm(other) <= _SHARED_MM
    )


def _cut(detail: GreyImage, area: Box, px_per_mm: float) -> GreyImage:
    width, height = max(1, round(area.w_mm * px_per_mm)), max(1, round(area.h_mm * px_per_mm))
    to_detail = np.array([[1.0, 0.0, area.x_mm * px_per_mm], [0.0, 1.0, area.y_mm * px_per_mm]])
    return warp(detail, to_detail, width, height, 255)


def _line_half_width(blank: Darkness, margin: int, w: int, h: int) -> int:
    """Half the width of the printed outline in pixels, from the blank's left side."""
    rows = blank[margin + h // 4 : margin + h - h // 4]
    profile = rows.mean(axis=0)[margin - 6 : margin + 7]
    return max(1, round(float((profile > 0.25).sum()) / 2))


def _alike(
    indices: npt.NDArray[np.intp],
    areas: tuple[Box, ...],
    frame: BoxFrame,
    greys: GreyImage,
    px_per_mm: float,
) -> AlikeBoxes:
    blanks = np.stack([darkness(grey)[0] for grey in greys])
    paper = blanks <= _PRINT_DARKNESS
    near = ~paper[(slice(None), *frame.near)]
    around = np.stack([_around(blank, frame.box) for blank in blanks])
    strike = round(_STRIKE_MM * px_per_mm)
    return AlikeBoxes(
        indices=indices,
        areas=areas,
        frame=frame,
        outline=_outline(blanks, frame.box),
        around=around.view(np.uint8),
        tints=_tints(greys, around, frame.inner),
        spill=~_thick(~paper, 2) & _spill_zone(blanks.shape[1:], frame, round(_SPILL_MM * px_per_mm)),
        beside=~_thick(near, 1),
        known=~_thick(near, 2),
        printed=~paper,
        level=_strike_ends(paper, frame.margin, (frame.h, frame.w), frame.line, strike),
        upright=_strike_ends(paper.transpose(0, 2, 1), frame.margin, (frame.w, frame.h), frame.line, strike),
    )


def _thick(masks: Mask, by_px: int) -> Mask:
    """Each mask with so much more around it."""
    kernel = np.ones((2 * by_px + 1,) * 2, np.uint8)
    return np.stack([cv2.dilate(mask.astype(np.uint8), kernel) for mask in masks]).view(bool)


def _outline(blanks: Darkness, box: Place) -> tuple[OutlineSides, ...]:
    rows, cols = box
    ends = [slice(s - _SIDE_PX, s + _SIDE_PX + 1) for s in (cols.start, cols.stop, rows.start, rows.stop)]
    places = (((rows, ends[0]), 2), ((rows, ends[1]), 2), ((ends[2], cols), 1), ((ends[3], cols), 1))
    sides = []
    for place, across in places:
        line = blanks[(slice(None), *place)]
        # Thin or grey lines are paler; the rest of a side is as dark as most of it.
        usual = np.median(line.max(axis=across), axis=1)[:, None, None]
        expected = np.asarray(line >= np.clip(_OUTLINE_SHARE * usual, _LEAST_OUTLINE, _OUTLINE_DARKNESS))
        sides.append(
            OutlineSides(
                place, across, expected, expected.sum(axis=(1, 2)), np.asarray(expected.any(axis=across))
            )
        )
    return tuple(sides)


def _around(blank: Darkness, box: Place) -> Mask:
    """Paper around a box, away from all print."""
    around: Mask = ~_thick(blank[None] > _TINT_DARKNESS, 3)[0]
    rows, cols = box
    around[rows.start - _APART_PX : rows.stop + _APART_PX, cols.start - _APART_PX : cols.stop + _APART_PX] = (
        False
    )
    return around


def _tints(greys: GreyImage, around: Mask, inner: Place) -> npt.NDArray[np.float64]:
    """Of each box by how much the inside is darker than the paper around it."""
    tints = np.zeros(len(greys))
    for index, (grey, paper) in enumerate(zip(greys, around, strict=True)):
        inside = grey[inner]
        if inside.size and paper.any():
            tints[index] = (float(np.median(grey[paper])) - float(np.median(inside))) / 255
    return np.where(np.abs(tints) > _LEAST_TINT, tints, 0.0)


def _spill_zone(shape: tuple[int, ...], frame: BoxFrame, reach: int) -> Mask:
    """A band around the outline."""
    margin = frame.margin
    zone = np.zeros(shape, bool)
    zone[margin - reach : margin + frame.h + reach, margin - reach : margin + frame.w + reach] = True
    zone[frame.outlined] = False
    return zone


def strike_rows(margin: int, across: int) -> slice:
    """Where a stroke that strikes a box out may enter and leave it: not near the corners, as a cross."""
    return slice(round(margin + STRIKE_MIDDLE * across), round(margin + (1 - STRIKE_MIDDLE) * across))


def strike_ends(
    images: npt.NDArray[np.bool_], margin: int, size: tuple[int, int], line: int
) -> tuple[Mask, Mask]:
    """Those rows beyond the near and the far side of a box, from the outline on outwards.

    Args:
        images: Patches around boxes, shape (..., rows, columns).
        size: Rows and columns of the box.
    """
    rows, gap = strike_rows(margin, size[0]), line + RIM_PX
    return images[..., rows, : margin - gap][..., ::-1], images[..., rows, margin + size[1] + gap :]


def _strike_ends(paper: Mask, margin: int, size: tuple[int, int], line: int, reach: int) -> StrikeEnds:
    before, after = strike_ends(paper, margin, size, line)
    return StrikeEnds(_must_have_ink(before, reach), _must_have_ink(after, reach))


def _must_have_ink(free: Mask, reach: int) -> Mask:
    """Where a stroke that goes on has ink: on the paper within `reach` of the outline.

    Where the next box follows at once there is none; then on the first paper on its far side.
    """
    near = free & (np.arange(free.shape[-1]) < reach)
    first = free & (np.cumsum(free, axis=-1) <= _LEAST_STRIKE_PX)
    enough = near.sum(axis=-1, keepdims=True) >= _LEAST_STRIKE_PX
    return np.where(enough, near, first)
