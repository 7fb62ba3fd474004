"""Registration: how a scan lies on the printed page.

Three steps, each from the page's own print: find the page at 25 dpi (which side, which way up,
which of the designs), fit an affine map at 100 dpi, and keep what the affine map cannot explain
(folds, uneven feeding) as local corrections. The last tenths of a millimetre at each box are
left to `recognition.boxes`, where the printed box itself is the landmark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
import numpy.typing as npt

from recognition.anchors import Matches, match_anchors
from recognition.decode import ScanImage
from recognition.geometry import (
    MM_PER_INCH,
    GreyImage,
    Matrix,
    apply,
    compose,
    half_turn,
    inverted,
    scaling,
    warp,
)
from recognition.profile import Profile
from recognition.reference import COARSE_DPI, PAGE_DPI, CompiledSide, page_size_px

_MAX_ROTATION = 0.12
_MAX_STRETCH = 0.06
_COARSE_TOLERANCE_PX = 2.0
_FULL_SET = 8
"""Fewer coarse patches than this cannot reach the full score: four corner marks fit both ways up."""

_PAGE_TOLERANCE_MM = 0.7
"""Patches further off than this from the affine map are false matches; folds and feeding move
print by half a millimetre at most, and a looser limit lets one false match at the rim bend the map."""

_OUTLIER_FACTOR = 4.0
_OUTLIER_FLOOR_MM = 0.35
"""A patch is dropped when it is off by more than four times the median and by more than what
folds and feeding do to honest print."""


@dataclass(frozen=True)
class WorkImage:
    """A scan prepared for registration.

    Attributes:
        scan: As decoded.
        page: The scan at about `PAGE_DPI`.
        coarse: The scan at about `COARSE_DPI`.
    """

    scan: ScanImage
    dpi: tuple[float, float]
    page: GreyImage
    coarse: GreyImage

    @property
    def page_scale(self) -> tuple[float, float]:
        """Pixels of the full scan a pixel of `page` (horizontally, vertically)."""
        return self.scan.grey.shape[1] / self.page.shape[1], self.scan.grey.shape[0] / self.page.shape[0]


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


@dataclass(frozen=True)
class Registration:
    """The fit of one scanned image.

    Attributes:
        mm_to_scan: Affine part, page mm to pixels of the full scan.
        anchors_mm: Places of the agreeing patches, shape (n, 2).
        residuals_mm: Where they were found beyond the affine part, in page mm, shape (n, 2).
        agreeing: Share of the patches that agree, 0 to 1.
    """

    side: CompiledSide
    upside_down: bool
    mm_to_scan: Matrix
    anchors_mm: npt.NDArray[np.float64]
    residuals_mm: npt.NDArray[np.float64]
    agreeing: float

    @property
    def residual_mm(self) -> float:
        """Root mean square of the residuals."""
        return float(np.sqrt((self.residuals_mm**2).sum(axis=1).mean())) if len(self.residuals_mm) else 99.0

    def shifts_at(self, points_mm: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Local corrections in mm at page points, shape (n, 2): the nearest anchors' residuals."""
        if len(self.anchors_mm) == 0:
            return np.zeros_like(points_mm)
        distance2 = ((points_mm[:, None, :] - self.anchors_mm[None, :, :]) ** 2).sum(axis=2) + 25.0
        # Weights fall with the fourth power, so a fold between two anchors stays sharp.
        weights = 1.0 / distance2**2
        shifts: npt.NDArray[np.float64] = weights @ self.residuals_mm / weights.sum(axis=1, keepdims=True)
        return shifts


def prepare(scan: ScanImage, dpi: tuple[float, float]) -> WorkImage:
    """Scales a scan down to the working resolutions."""
    page = _scaled(scan.grey, PAGE_DPI / dpi[0], PAGE_DPI / dpi[1])
    ratio = COARSE_DPI / PAGE_DPI
    return WorkImage(scan, dpi, page, _scaled(page, ratio, ratio))


def _scaled(image: GreyImage, fx: float, fy: float) -> GreyImage:
    size = max(1, round(image.shape[1] * fx)), max(1, round(image.shape[0] * fy))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def find_page(work: WorkImage, sides: Sequence[CompiledSide]) -> list[CoarseFit]:
    """Tries every side both ways up; the best fits first."""
    turned = np.ascontiguousarray(work.coarse[::-1, ::-1])
    center = _paper_center(work.coarse)
    height, width = work.coarse.shape
    fits = []
    for side in sides:
        for upside_down in (False, True):
            image = turned if upside_down else work.coarse
            cx, cy = (width - center[0], height - center[1]) if upside_down else center
            page_w, page_h = page_size_px(side.layout, COARSE_DPI)
            matches = match_anchors(image, side.coarse_anchors, (cx - page_w / 2, cy - page_h / 2))
            fit = _best_similarity(side.coarse_anchors.centers_px, matches)
            if fit is None:
                continue
            score, page_to_coarse = fit
            if upside_down:
                page_to_coarse = compose(half_turn(width, height), page_to_coarse)
            mm_to_page = scaling(COARSE_DPI / MM_PER_INCH)
            to_scan = np.array(
                [[work.scan.grey.shape[1] / width, 0, 0], [0, work.scan.grey.shape[0] / height, 0]]
            )
            mm_to_scan = compose(to_scan, compose(page_to_coarse, mm_to_page))
            fits.append(CoarseFit(side, upside_down, score, mm_to_scan))
    return sorted(fits, key=lambda f: -f.score)


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


def _best_similarity(centers: npt.NDArray[np.float64], matches: Matches) -> tuple[float, Matrix] | None:
    """The similarity that most patches agree on, by trying every pair (RANSAC without chance)."""
    good = np.flatnonzero(matches.scores > 0.45)
    if len(good) < 3:
        return None
    best_score, best_inliers = 0.0, None
    for i, j in combinations(good, 2):
        similarity = _similarity_of_pair(centers[i], centers[j], matches.found_px[i], matches.found_px[j])
        if similarity is None:
            continue
        error = np.linalg.norm(apply(similarity, centers[good]) - matches.found_px[good], axis=1)
        inliers = good[error < _COARSE_TOLERANCE_PX]
        score = float(matches.scores[inliers].sum())
        if score > best_score:
            best_score, best_inliers = score, inliers
    if best_inliers is None or len(best_inliers) < 3:
        return None
    matrix, _ = cv2.estimateAffinePartial2D(
        centers[best_inliers], matches.found_px[best_inliers], method=cv2.LMEDS
    )
    if matrix is None:
        return None
    return best_score / max(len(centers), _FULL_SET), np.asarray(matrix, np.float64)


def _similarity_of_pair(
    a: npt.NDArray[np.float64],
    b: npt.NDArray[np.float64],
    to_a: npt.NDArray[np.float64],
    to_b: npt.NDArray[np.float64],
) -> Matrix | None:
    d, e = b - a, to_b - to_a
    length2 = float(d @ d)
    if length2 < 400:
        return None
    cos, sin = float(d @ e) / length2, float(d[0] * e[1] - d[1] * e[0]) / length2
    if abs(np.hypot(cos, sin) - 1) > _MAX_STRETCH or abs(sin) > _MAX_ROTATION:
        return None
    linear = np.array([[cos, -sin], [sin, cos]])
    return np.hstack([linear, (to_a - linear @ a)[:, None]])


def fit_page(work: WorkImage, guess: CoarseFit, side: CompiledSide, profile: Profile) -> Registration | None:
    """Fits a side to the scan with a first guess (which may come from a similar side).

    Returns:
        The registration, or None when too few patches of the side's own print are found.
    """
    page = page_image(work, guess.mm_to_scan, side)
    anchors = side.page_anchors
    matches = match_anchors(page, anchors, (0.0, 0.0))
    good = np.flatnonzero(matches.scores > profile.min_anchor_correlation)
    if len(good) < profile.min_anchors:
        return None
    per_mm = PAGE_DPI / MM_PER_INCH
    source, target = anchors.centers_px[good], matches.found_px[good]
    matrix, inlier_mask = cv2.estimateAffine2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=_PAGE_TOLERANCE_MM * per_mm, maxIters=2000
    )
    if matrix is None:
        return None
    inliers = inlier_mask.ravel().astype(bool)
    if int(inliers.sum()) < profile.min_anchors:
        return None
    source, target = source[inliers], target[inliers]
    correction, kept = _robust_affine(source, target, profile.min_anchors)
    source, target = source[kept], target[kept]
    residuals_px = apply(inverted(correction), target) - source
    mm_to_page = scaling(per_mm)
    mm_to_scan = compose(guess.mm_to_scan, compose(inverted(mm_to_page), compose(correction, mm_to_page)))
    return Registration(
        side=side,
        upside_down=guess.upside_down,
        mm_to_scan=mm_to_scan,
        anchors_mm=source / per_mm,
        residuals_mm=residuals_px / per_mm,
        agreeing=len(source) / max(1, len(anchors.patches)),
    )


def _robust_affine(
    source: npt.NDArray[np.float64], target: npt.NDArray[np.float64], fewest: int
) -> tuple[Matrix, npt.NDArray[np.intp]]:
    """Least squares, refitted without the patches that lie far off the others' fit."""
    kept = np.arange(len(source))
    matrix = _least_squares(source, target)
    for _ in range(4):
        error = np.linalg.norm(apply(matrix, source) - target, axis=1)
        limit = max(
            _OUTLIER_FACTOR * float(np.median(error[kept])), _OUTLIER_FLOOR_MM * PAGE_DPI / MM_PER_INCH
        )
        closer = np.flatnonzero(error <= limit)
        if len(closer) < max(fewest, 3) or np.array_equal(closer, kept):
            break
        kept = closer
        matrix = _least_squares(source[kept], target[kept])
    return matrix, kept


def _least_squares(source: npt.NDArray[np.float64], target: npt.NDArray[np.float64]) -> Matrix:
    design = np.hstack([source, np.ones((len(source), 1))])
    solution, *_ = np.linalg.lstsq(design, target, rcond=None)
    return np.ascontiguousarray(solution.T)


def page_image(work: WorkImage, mm_to_scan: Matrix, side: CompiledSide) -> GreyImage:
    """The scan at `PAGE_DPI` laid onto the page by an affine map, upright."""
    width, height = page_size_px(side.layout, PAGE_DPI)
    fx, fy = work.page_scale
    scan_to_page_image = np.array([[1 / fx, 0.0, 0.0], [0.0, 1 / fy, 0.0]])
    to_source = compose(scan_to_page_image, compose(mm_to_scan, scaling(MM_PER_INCH / PAGE_DPI)))
    return warp(work.page, to_source, width, height, 255)


def seen_area(work: WorkImage, registration: Registration) -> npt.NDArray[np.bool_]:
    """True where the scan has pixels of the page, at `PAGE_DPI`."""
    width, height = page_size_px(registration.side.layout, PAGE_DPI)
    fx, fy = work.page_scale
    scan_to_page_image = np.array([[1 / fx, 0.0, 0.0], [0.0, 1 / fy, 0.0]])
    to_source = compose(scan_to_page_image, compose(registration.mm_to_scan, scaling(MM_PER_INCH / PAGE_DPI)))
    ones = np.full(work.page.shape, 255, np.uint8)
    return warp(ones, to_source, width, height, 0) > 250


def straightened_page(work: WorkImage, registration: Registration) -> GreyImage:
    """The scan at `PAGE_DPI` laid onto the page, local corrections included."""
    side = registration.side
    width, height = page_size_px(side.layout, PAGE_DPI)
    fx, fy = work.page_scale
    # Nodes stand in the middle of cells of 48 pixels, one cell beyond the page on each side, so
    # that enlarging by 48 is exact linear interpolation between them.
    step = 48
    gx = step * (np.arange(-1, width // step + 2) + 0.5)
    gy = step * (np.arange(-1, height // step + 2) + 0.5)
    grid = np.stack(np.meshgrid(gx, gy), axis=-1).reshape(-1, 2) * (MM_PER_INCH / PAGE_DPI)
    placed = apply(registration.mm_to_scan, grid + registration.shifts_at(grid)) / np.array([fx, fy])
    field = placed.reshape(len(gy), len(gx), 2).astype(np.float32)
    full = cv2.resize(field, (len(gx) * step, len(gy) * step), interpolation=cv2.INTER_LINEAR)
    full = full[step : step + height, step : step + width]
    mapped = cv2.remap(
        work.page,
        full[..., 0] - 0.5,
        full[..., 1] - 0.5,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=255,
    )
    return np.asarray(mapped, np.uint8)
