"""Finding the page in a scan at 25 dpi: which side, which way up, roughly where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from recognition.anchors import Matches, match_anchors
from recognition.geometry import MM_PER_INCH, GreyImage, Matrix, compose, half_turn, scaling
from recognition.pyramid import WorkImage
from recognition.reference import COARSE_DPI, THUMB_FACTOR, CompiledSide, page_size_px

_MAX_ROTATION = 0.12
_MAX_STRETCH = 0.06
_COARSE_TOLERANCE_PX = 2.0
_MIN_PAIR_PX = 20.0
_MIN_CORRELATION = 0.45
_FULL_SET = 8
"""Fewer coarse patches than this cannot reach the full score: four corner marks fit both ways up."""

_THUMB_REACH_PX = 4
"""How far the page may lie off the middle of the paper for the first look: 12 mm."""


@dataclass(frozen=True)
class CoarseFit:
    """A first guess: this side, this way up.

    Attributes:
        score: Sum of correlations of the agreeing patches over the number of patches, 0 to 1.
        mm_to_scan: Page mm to pixels of the full scan.
    """

    side: CompiledSide
    upside_down: bool
    score: float
    mm_to_scan: Matrix


def find_page(work: WorkImage, sides: Sequence[CompiledSide]) -> Iterator[CoarseFit]:
    """Places each side both ways up, the likeliest first; what cannot be placed is left out.

    Lazy, because the first one is nearly always right, and placing one costs a millisecond or two.
    """
    turned = np.ascontiguousarray(work.coarse[::-1, ::-1])
    center = _paper_center(work.coarse)
    height, width = work.coarse.shape
    to_scan = np.array([[work.coarse_scale[0], 0.0, 0.0], [0.0, work.coarse_scale[1], 0.0]])
    for side, upside_down in _likeliest(work.coarse, center, sides):
        image = turned if upside_down else work.coarse
        cx, cy = (width - center[0], height - center[1]) if upside_down else center
        page_w, page_h = page_size_px(side.layout, COARSE_DPI)
        matches = match_anchors(image, side.coarse_anchors, (cx - page_w / 2, cy - page_h / 2))
        fit = best_similarity(side.coarse_anchors.centers_px, matches)
        if fit is None:
            continue
        score, page_to_coarse = fit
        if upside_down:
            page_to_coarse = compose(half_turn(width, height), page_to_coarse)
        mm_to_page = scaling(COARSE_DPI / MM_PER_INCH)
        mm_to_scan = compose(to_scan, compose(page_to_coarse, mm_to_page))
        yield CoarseFit(side, upside_down, score, mm_to_scan)


def _likeliest(
    coarse: GreyImage, center: tuple[float, float], sides: Sequence[CompiledSide]
) -> list[tuple[CompiledSide, bool]]:
    """All sides both ways up, ordered by how well their thumbnails fit the middle of the paper."""
    height, width = coarse.shape
    small = cv2.resize(
        coarse, (round(width / THUMB_FACTOR), round(height / THUMB_FACTOR)), interpolation=cv2.INTER_AREA
    )
    middle = center[0] / THUMB_FACTOR, center[1] / THUMB_FACTOR
    rated: list[tuple[float, CompiledSide, bool]] = []
    for shape in dict.fromkeys(s.thumb.shape for s in sides):
        alike = [s for s in sides if s.thumb.shape == shape]
        thumbs = np.stack([s.thumb.ravel() for s in alike])
        # A thumbnail turned by half is the same numbers read backwards.
        both_ways = np.concatenate([thumbs, thumbs[:, ::-1]])
        scores = _best_correlations(np.asarray(small, np.uint8), middle, shape, both_ways)
        ways = [(side, upside_down) for upside_down in (False, True) for side in alike]
        rated += [(score, *way) for score, way in zip(scores.tolist(), ways, strict=True)]
    return [(side, upside_down) for _, side, upside_down in sorted(rated, key=lambda r: -r[0])]


def _best_correlations(
    small: GreyImage, middle: tuple[float, float], shape: tuple[int, ...], thumbs: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Each thumbnail's best correlation with the pieces of its shape around the middle of the paper.

    Args:
        thumbs: Thumbnails of `shape`, each a row.
    """
    reach = _THUMB_REACH_PX
    height, width = shape[0] + 2 * reach, shape[1] + 2 * reach
    rim = max(height, width)
    padded = cv2.copyMakeBorder(small, rim, rim, rim, rim, cv2.BORDER_REPLICATE)
    x0 = rim + round(float(np.clip(middle[0], 0, small.shape[1])) - width / 2)
    y0 = rim + round(float(np.clip(middle[1], 0, small.shape[0])) - height / 2)
    area = padded[y0 : y0 + height, x0 : x0 + width].astype(np.float32)
    area -= area.mean()
    rows = np.lib.stride_tricks.sliding_window_view(area, shape).reshape(-1, thumbs.shape[1])
    lengths2 = np.einsum("ij,ij->i", rows, rows) - rows.sum(axis=1) ** 2 / rows.shape[1]
    # Thumbnails have mean 0, so the mean of a piece does not matter here.
    best: npt.NDArray[np.float32] = (thumbs @ rows.T / np.sqrt(np.maximum(lengths2, 1.0))).max(axis=1)
    return best


def _paper_center(coarse: GreyImage) -> tuple[float, float]:
    """Middle of the paper: of the bright area on a black background, else of the image."""
    height, width = coarse.shape
    border = np.concatenate([coarse[0], coarse[-1], coarse[:, 0], coarse[:, -1]])
    if float(np.median(border)) > 60:
        return width / 2, height / 2
    bright = coarse > 70
    xs, ys = np.flatnonzero(bright.mean(axis=0) > 0.2), np.flatnonzero(bright.mean(axis=1) > 0.2)
    if len(xs) == 0 or len(ys) == 0:
        return width / 2, height / 2
    return (float(xs[0]) + float(xs[-1]) + 1) / 2, (float(ys[0]) + float(ys[-1]) + 1) / 2


def best_similarity(centers: npt.NDArray[np.float64], matches: Matches) -> tuple[float, Matrix] | None:
    """The similarity that most patches agree on, by trying every pair (RANSAC without chance).

    Returns:
        Sum of the correlations of the agreeing patches over the number of patches, and the map;
        None when fewer than three patches agree.
    """
    good = np.flatnonzero(matches.scores > _MIN_CORRELATION)
    if len(good) < 3:
        return None
    source, target, scores = centers[good], matches.found_px[good], matches.scores[good]
    linear, shift = _similarities_of_pairs(source, target)
    if len(linear) == 0:
        return None
    placed = source[None] @ linear.transpose(0, 2, 1) + shift[:, None]
    agreeing = ((placed - target) ** 2).sum(axis=2) < _COARSE_TOLERANCE_PX**2
    totals = agreeing @ scores
    best = int(totals.argmax())
    inliers = agreeing[best]
    if int(inliers.sum()) < 3:
        return None
    matrix, _ = cv2.estimateAffinePartial2D(source[inliers], target[inliers], method=cv2.LMEDS)
    if matrix is None:
        return None
    return float(totals[best]) / max(len(centers), _FULL_SET), np.asarray(matrix, np.float64)


def _similarities_of_pairs(
    source: npt.NDArray[np.float64], target: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The similarity of each pair of points that lies well apart and turns and stretches little.

    Returns:
        Linear parts, shape (n, 2, 2), and shifts, shape (n, 2).
    """
    i, j = np.triu_indices(len(source), 1)
    d, e = source[j] - source[i], target[j] - target[i]
    length2 = (d * d).sum(axis=1)
    apart = length2 >= _MIN_PAIR_PX**2
    i, d, e, length2 = i[apart], d[apart], e[apart], length2[apart]
    cos = (d * e).sum(axis=1) / length2
    sin = (d[:, 0] * e[:, 1] - d[:, 1] * e[:, 0]) / length2
    sound = (np.abs(np.hypot(cos, sin) - 1) <= _MAX_STRETCH) & (np.abs(sin) <= _MAX_ROTATION)
    i, cos, sin = i[sound], cos[sound], sin[sound]
    linear = np.stack([np.stack([cos, -sin], axis=1), np.stack([sin, cos], axis=1)], axis=1)
    shift = target[i] - (linear @ source[i][:, :, None])[:, :, 0]
    return linear, shift
