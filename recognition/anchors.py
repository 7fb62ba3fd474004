"""Anchor patches: small pieces of the blank's own print that occur once in their surroundings.

A patch of the blank is searched for near where it should be in the scan. Patches come from
whatever is printed, so registration needs no registration marks and no knowledge of the print
house. Periodic print (rows of boxes) is avoided by comparing each patch with its own
neighbourhood first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import GreyImage

_MIN_UNIQUENESS = 0.12
"""A patch whose best twin nearby correlates better than 0.88 is as good as periodic."""

_MIN_CONTRAST = 15.0
"""Standard deviation in grey levels. The tinted pattern of an outside stays below 12: it repeats
itself, and a page matched one period off looks right but lies millimetres wrong."""

_LEAST_POINTS, _LEAST_SPREAD = 12, 0.2
"""With fewer points, or on less of its width and height, other points are looked for: a page is fitted by
six, but dirt and folds take some, and one design had seven, all but two at the marks in its corners. On
simulated print houses' ballots points reach over 0.24 and more."""

Points = npt.NDArray[np.float64]
"""Positions, shape (n, 2), as (x, y)."""


@dataclass(frozen=True)
class AnchorSet:
    """Patches of one blank side at one resolution.

    Attributes:
        centers_px: Continuous positions of the patch centres, shape (n, 2).
        patches: Grey patches, each (size, size).
        search_px: How far from its place a patch may be found.
    """

    centers_px: Points
    patches: tuple[GreyImage, ...]
    search_px: int


@dataclass(frozen=True)
class Matches:
    """Where the patches of a set were found.

    Attributes:
        found_px: Continuous positions with sub-pixel accuracy, shape (n, 2).
        scores: Normalised correlation at the place found, shape (n,), -1 to 1.
    """

    found_px: Points
    scores: npt.NDArray[np.float64]


def choose_anchors(
    page: GreyImage, *, size: int, search_px: int, count: int, spacing_px: int, avoid: npt.NDArray[np.bool_]
) -> AnchorSet:
    """Picks patches with much structure in both directions and no twin within the search range.

    Args:
        page: The blank side.
        avoid: True where patches must not be centred (print that differs between ballots).
    """
    half = size // 2
    blurred = cv2.GaussianBlur(page, (3, 3), 0)
    structure = np.asarray(cv2.cornerMinEigenVal(blurred, blockSize=size, ksize=3), np.float32)
    structure[avoid] = 0
    structure[: half + 1] = structure[-half - 1 :] = 0
    structure[:, : half + 1] = structure[:, -half - 1 :] = 0
    radius, most = max(3, spacing_px // 3), 8 * count
    maxima = _maxima(structure, radius)
    tops = maxima[:most]
    chosen = _unlike_neighbours(page, tops, half, search_px, spacing_px)[:count]
    if len(tops) == most and not _are_spread(chosen, page.shape):
        # A heavy box that lies wholly within a patch has the same response all around it, and the points of
        # such plateaus leave no room for other print: one column of boxes may have them all.
        apart = _apart(maxima, radius)[:most]
        chosen = _unlike_neighbours(page, apart, half, search_px, spacing_px)[:count]
    centers = np.array([(x - half + size / 2, y - half + size / 2) for x, y in chosen]).reshape(-1, 2)
    patches = tuple(page[y - half : y - half + size, x - half : x - half + size].copy() for x, y in chosen)
    return AnchorSet(centers, patches, search_px)


def _are_spread(points: list[tuple[int, int]], shape: tuple[int, ...]) -> bool:
    """Whether points reach over enough of the page to fit it by them."""
    if len(points) < _LEAST_POINTS:
        return False
    across, down = np.ptp(points, axis=0).tolist()
    return bool(across >= _LEAST_SPREAD * shape[1] and down >= _LEAST_SPREAD * shape[0])


def _unlike_neighbours(
    page: GreyImage, tops: list[tuple[int, int]], half: int, search_px: int, spacing_px: int
) -> list[tuple[int, int]]:
    """Places of patches with contrast and without a twin, the most unlike first, `spacing_px` apart."""
    rated = []
    for x, y in tops:
        patch = page[y - half : y + half, x - half : x + half]
        if float(patch.std()) >= _MIN_CONTRAST:
            rated.append((_uniqueness(page, patch, x - half, y - half, search_px), x, y))
    chosen: list[tuple[int, int]] = []
    for uniqueness, x, y in sorted(rated, reverse=True):
        if uniqueness < _MIN_UNIQUENESS:
            break
        if all((x - a) ** 2 + (y - b) ** 2 >= spacing_px**2 for a, b in chosen):
            chosen.append((x, y))
    return chosen


def _maxima(response: npt.NDArray[np.float32], radius: int) -> list[tuple[int, int]]:
    """The local maxima of a response map, the highest first; all of a plateau."""
    local = cv2.dilate(response, np.ones((2 * radius + 1, 2 * radius + 1), np.uint8))
    ys, xs = np.nonzero((response >= local) & (response > 1e-7))
    return [(int(xs[i]), int(ys[i])) for i in np.argsort(-response[ys, xs])]


def _apart(points: list[tuple[int, int]], radius: int) -> list[tuple[int, int]]:
    """Of the points in each square of this size only the first."""
    kept: dict[tuple[int, int], tuple[int, int]] = {}
    for x, y in points:
        kept.setdefault((x // radius, y // radius), (x, y))
    return list(kept.values())


def _uniqueness(page: GreyImage, patch: GreyImage, x: int, y: int, search_px: int) -> float:
    """One minus the best correlation anywhere else within the search range."""
    x0, y0 = max(0, x - search_px), max(0, y - search_px)
    window = page[y0 : y + patch.shape[0] + search_px, x0 : x + patch.shape[1] + search_px]
    response = cv2.matchTemplate(window, patch, cv2.TM_CCOEFF_NORMED)
    response = np.nan_to_num(response, nan=0.0, posinf=0.0, neginf=0.0)
    keep = max(2, patch.shape[0] // 6)
    cy, cx = y - y0, x - x0
    response[max(0, cy - keep) : cy + keep + 1, max(0, cx - keep) : cx + keep + 1] = -1
    return 1.0 - float(response.max())


def match_anchors(scan: GreyImage, anchors: AnchorSet, offset_px: tuple[float, float]) -> Matches:
    """Searches each patch in the scan around its own place, shifted by `offset_px`.

    Args:
        scan: Grey scan at the resolution of the anchors, upright.
        offset_px: Where the page's origin lies in the scan.
    """
    search, (height, width) = anchors.search_px, scan.shape
    found = _Search(len(anchors.patches))
    for index, (patch, center) in enumerate(zip(anchors.patches, anchors.centers_px, strict=True)):
        size = patch.shape[0]
        left = round(float(center[0]) - size / 2 + offset_px[0]) - search
        top = round(float(center[1]) - size / 2 + offset_px[1]) - search
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(width, left + size + 2 * search), min(height, top + size + 2 * search)
        if x1 - x0 >= size and y1 - y0 >= size:
            found.search(index, scan[y0:y1, x0:x1], patch, x0, y0)
    return found.matches()


def match_windows(window: Callable[[int, int, int], GreyImage], anchors: AnchorSet) -> Matches:
    """Searches each patch around its own place in windows that are made when they are looked at.

    Args:
        window: Gives the square of the scan, laid onto the page, with this left, top and size.
    """
    found = _Search(len(anchors.patches))
    for index, (patch, center) in enumerate(zip(anchors.patches, anchors.centers_px, strict=True)):
        size = patch.shape[0]
        x0 = round(float(center[0]) - size / 2) - anchors.search_px
        y0 = round(float(center[1]) - size / 2) - anchors.search_px
        found.search(index, window(x0, y0, size + 2 * anchors.search_px), patch, x0, y0)
    return found.matches()


class _Search:
    """Collects matches; patches that are not searched stay without one."""

    def __init__(self, count: int) -> None:
        self._found = np.zeros((count, 2))
        self._scores = np.full(count, -1.0)
        # Correlations beside the best place: left and right, above and below.
        self._beside = np.full((count, 2, 2), -1.0)

    def search(self, index: int, window: GreyImage, patch: GreyImage, x0: int, y0: int) -> None:
        """Looks for a patch in a window of the scan whose first pixel is (x0, y0)."""
        response = cv2.matchTemplate(window, patch, cv2.TM_CCOEFF_NORMED)
        _, score, _, (px, py) = cv2.minMaxLoc(response)
        if not score <= 1.01:  # not a number, or beyond what a correlation can be
            return
        half = patch.shape[0] / 2
        self._found[index] = x0 + px + half, y0 + py + half
        self._scores[index] = score
        self._beside[index] = score
        if 0 < px < response.shape[1] - 1:
            self._beside[index, 0] = response[py, px - 1], response[py, px + 1]
        if 0 < py < response.shape[0] - 1:
            self._beside[index, 1] = response[py - 1, px], response[py + 1, px]

    def matches(self) -> Matches:
        """What was found, to a fraction of a pixel."""
        beyond = _vertex(self._beside[:, :, 0], self._scores[:, None], self._beside[:, :, 1])
        return Matches(self._found + beyond, self._scores)


def _vertex(before: Points, at: Points, after: Points) -> Points:
    """Offset of the vertex of the parabola through a maximum and its two neighbours."""
    curvature = before - 2 * at + after
    peaked = curvature < -1e-9
    offset = 0.5 * (before - after) / np.where(peaked, curvature, 1.0)
    return np.where(peaked, np.clip(offset, -0.5, 0.5), 0.0)
