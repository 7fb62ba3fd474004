"""Holes behind which a lid shows that is nearly as light as the paper.

Such a hole is no near-black area, and where it takes no print nothing is missed. But it is flat: one tone
all over, up to a sharp edge all around. Shade on crumpled paper has sharp edges on some sides at most. Solid
print of the other side may show through as such a patch; a hole there takes that print, which is missed.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import MM_PER_INCH, GreyImage, Mask, grey_percentile
from recognition.paper import TILE_PX, halved_once, paper_tiles
from recognition.reference import PAGE_DPI

Bytes = npt.NDArray[np.uint8]

_PX_PER_MM = PAGE_DPI / MM_PER_INCH / 2
_PAPER_PERCENT, _BELOW_PAPER_GREY, _PRINT_REACH_PX = 98, 3, 7
"""The blank is paper where it is hardly darker than its lightest parts, 1.5 mm away from print: scans may
show the palest tint twice as strong as the blank has it."""

_PAPER_SHARE = 0.5
"""So much of a tile must be paper, of which the upper quartile surely is then."""

_LEAST_STEP, _MOST_STEP = 0.03, 0.6
"""By how much of the paper's tone a hole differs; what is darker is looked for elsewhere."""

_LEAST_STEP_GREY = 1.0
"""Within a black area as large as a ballot's corner the paper's tone is black, too."""

_SOLID_PX, _LEAST_MM2 = 5, 8.0
_INNER_PX, _BESIDE_PX, _AROUND_PX = 3, 5, 11
_FLAT, _FLAT_SHARE = 2.5, 0.12
"""Grey levels, or share of the step, that the tone within a hole spreads by (standard deviation)."""

_BEHIND_SHARE, _MOST_SHOWN = 0.8, 0.1
"""Print that shows through is seldom darker than 7 %; a lid is, or is lighter than the paper."""

_SHARP_PERCENT, _SHARP_SHARE, _KNOWN_SHARE = 85, 0.35, 0.5
"""Within 2.5 mm beyond the edge so much of the paper that is seen has at most so much of the step."""


def pale_holes(page: GreyImage, blank: GreyImage, seen: Mask, behind: Mask | None = None) -> Mask | None:
    """Where holes in the paper show a pale lid, at `PAGE_DPI`; None where there is none.

    Args:
        page: The straightened scan.
        blank: The unmarked page.
        seen: Where the scan shows the page at all.
        behind: Where solid print of the other side may show through, at half the page's size.
    """
    scanned = halved_once(page)
    height, width = scanned.shape
    halved = halved_once(blank)
    light = (halved >= grey_percentile(halved, _PAPER_PERCENT) - _BELOW_PAPER_GREY).view(np.uint8)
    tone = _tone_of_paper(page, light)
    if tone is None:
        return None
    shown = np.ascontiguousarray(seen[: 2 * height : 2, : 2 * width : 2]).view(np.uint8)
    light = np.asarray(cv2.bitwise_and(light, shown), np.uint8)
    around = np.ones((_PRINT_REACH_PX,) * 2, np.uint8)
    known = np.asarray(cv2.erode(light, around, borderValue=0), np.uint8)
    paper = cv2.resize(tone, (width, height), interpolation=cv2.INTER_LINEAR)
    size = cv2.absdiff(paper, scanned)
    least, most = (cv2.convertScaleAbs(paper, alpha=share) for share in (_LEAST_STEP, _MOST_STEP))
    differs = cv2.bitwise_and(cv2.compare(size, least, cv2.CMP_GE), cv2.compare(size, most, cv2.CMP_LE))
    pale = cv2.bitwise_and(differs, differs, mask=known)
    solid = cv2.morphologyEx(pale, cv2.MORPH_OPEN, np.ones((_SOLID_PX,) * 2, np.uint8))
    if cv2.countNonZero(solid) < _LEAST_MM2 * _PX_PER_MM**2:
        return None
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=4)
    found = np.zeros((height, width), np.uint8)
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_AREA] < _LEAST_MM2 * _PX_PER_MM**2:
            continue
        place = _around(stats[label], labels.shape)
        own = (labels[place] == label).astype(np.uint8)
        step = paper[place].astype(np.float32) - scanned[place]
        darker = float(np.median((step / np.maximum(paper[place], 1))[own > 0]))
        if behind is not None and lies_behind(own, behind[place], darker):
            continue
        if _is_hole(own, step, known[place]):
            found[place] |= own
    if not found.any():
        return None
    whole = np.zeros(page.shape, bool)
    grown = cv2.dilate(found, np.ones((_INNER_PX,) * 2, np.uint8)).view(bool)
    whole[: 2 * height, : 2 * width] = np.repeat(np.repeat(grown, 2, axis=0), 2, axis=1)
    return whole


def lies_behind(patch: Bytes | Mask, behind: Mask, darker: float) -> bool:
    """Whether nearly all of a patch is where print of the other side may show through, and as pale as that.

    Args:
        darker: By which share of the paper's tone the patch is darker.
    """
    if not 0 < darker <= _MOST_SHOWN:
        return False
    own = patch.astype(bool)
    return bool(np.count_nonzero(own & behind) >= _BEHIND_SHARE * np.count_nonzero(own))


def _tone_of_paper(page: GreyImage, light: Bytes) -> GreyImage | None:
    """The grey level of the paper, tile by tile; on tints that of the nearest tile that is paper.

    With the tone of a tint along the page's end the white paper above it would look lighter than paper. None
    where no tile is paper.

    Args:
        light: Where the blank is paper: 1, at half the size of the page.
    """
    tiles = paper_tiles(page)
    half_px = TILE_PX // 2
    below, beside = (half_px * n - length for n, length in zip(tiles.shape, light.shape, strict=True))
    whole = cv2.copyMakeBorder(light, 0, below, 0, beside, cv2.BORDER_REPLICATE).astype(np.float32)
    share = cv2.resize(whole, tiles.shape[::-1], interpolation=cv2.INTER_AREA)
    tinted = (share < _PAPER_SHARE).view(np.uint8)
    if tinted.all():
        return None
    _, nearest = cv2.distanceTransformWithLabels(tinted, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    tone_of = np.zeros(int(nearest.max()) + 1, np.uint8)
    is_paper = tinted == 0
    tone_of[nearest[is_paper]] = tiles[is_paper].astype(np.uint8)
    return np.asarray(cv2.medianBlur(tone_of[nearest], 5), np.uint8)


def _around(stats: npt.NDArray[np.int32], shape: tuple[int, ...]) -> tuple[slice, slice]:
    x, y, w, h = stats[:4].tolist()
    more = _AROUND_PX
    return slice(max(0, y - more), min(shape[0], y + h + more)), slice(
        max(0, x - more), min(shape[1], x + w + more)
    )


def _is_hole(own: npt.NDArray[np.uint8], step: npt.NDArray[np.float32], known: npt.NDArray[np.uint8]) -> bool:
    """Whether a patch is of one tone, and ends sharply all around.

    Args:
        own: The patch: 1.
        step: By how many grey levels the paper is lighter.
        known: Where the blank is paper: 1.
    """
    inner = cv2.erode(own, np.ones((_INNER_PX,) * 2, np.uint8)).view(bool)
    if not inner.any():
        return False
    middle = float(np.median(step[inner]))
    if abs(middle) < _LEAST_STEP_GREY or float(step[inner].std()) > max(_FLAT, _FLAT_SHARE * abs(middle)):
        return False
    near, far = (cv2.dilate(own, np.ones((px,) * 2, np.uint8)) for px in (_BESIDE_PX, _AROUND_PX))
    ring = np.asarray(cv2.subtract(far, near), np.uint8).view(bool)
    told = ring & known.view(bool)
    if not told.any() or np.count_nonzero(told) < _KNOWN_SHARE * np.count_nonzero(ring):
        return False
    beside = step[told] / middle
    return float(np.percentile(beside, _SHARP_PERCENT)) <= _SHARP_SHARE
