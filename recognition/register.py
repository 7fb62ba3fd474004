"""Registration: how a scan lies on the printed page.

Three steps, each from the page's own print: find the page at 25 dpi (which side, which way up,
which of the designs), fit an affine map at 100 dpi, and keep what the affine map cannot explain
(folds, uneven feeding) as local corrections. The last tenths of a millimetre at each box are
left to `recognition.boxes`, where the printed box itself is the landmark.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import cv2
import numpy as np
import numpy.typing as npt

from recognition.anchors import match_windows
from recognition.coarse import CoarseFit
from recognition.geometry import MM_PER_INCH, GreyImage, Matrix, apply, compose, inverted, scaling, warp
from recognition.profile import Profile
from recognition.pyramid import WorkImage
from recognition.reference import PAGE_DPI, CompiledSide, page_size_px

_PAGE_TOLERANCE_MM = 0.7
"""Patches further off than this from the affine map are false matches; folds and feeding move
print by half a millimetre at most, and a looser limit lets one false match at the rim bend the map."""

_SURE_CORRELATION = 0.7
_DRIFT = 0.008
"""Growth of a fit's error with the distance from the print it was fitted to: stretch of up to one
per cent that patches close together cannot tell from their own tenth of a millimetre."""

_PATCH_ERROR_MM, _LINEAR_ERROR = 0.1, 0.004
"""What is expected of a patch's place (uneven feeding included), and of how far stretch and turn
differ from the first guess."""

_OUTLIER_FACTOR = 4.0
_OUTLIER_FLOOR_MM = 0.35
"""A patch is dropped when it is off by more than four times the median and by more than what
folds and feeding do to honest print."""


@dataclass(frozen=True)
class Registration:
    """The fit of one scanned image.

    Attributes:
        mm_to_scan: Affine part, page mm to pixels of the full scan.
        anchors_mm: Places of the agreeing patches, shape (n, 2).
        residuals_mm: Where they were found beyond the affine part, in page mm, shape (n, 2).
        agreeing: Share of the patches that agree, 0 to 1.
        print_mm, print_shifts_mm: Further places where the page's print was found, and how far beyond
            the affine part, as `anchors_mm` and `residuals_mm`; see `recognition.local_fit`.
    """

    side: CompiledSide
    upside_down: bool
    mm_to_scan: Matrix
    anchors_mm: npt.NDArray[np.float64]
    residuals_mm: npt.NDArray[np.float64]
    agreeing: float
    print_mm: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))
    print_shifts_mm: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))

    @property
    def residual_mm(self) -> float:
        """Root mean square of the residuals."""
        return float(np.sqrt((self.residuals_mm**2).sum(axis=1).mean())) if len(self.residuals_mm) else 99.0

    def shifts_at(self, points_mm: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Local corrections in mm at page points, shape (n, 2): the nearest anchors' residuals."""
        if len(self.anchors_mm) == 0:
            return np.zeros_like(points_mm)
        known = np.concatenate([self.anchors_mm, self.print_mm])
        residuals = np.concatenate([self.residuals_mm, self.print_shifts_mm])
        # Axis by axis: a sum over an axis of two takes numpy several times as long.
        across, down = (np.subtract.outer(points_mm[:, axis], known[:, axis]) for axis in (0, 1))
        distance2 = across * across + down * down + 25.0
        # Weights fall with the fourth power, so a fold between two anchors stays sharp.
        weights = 1.0 / (distance2 * distance2)
        shifts: npt.NDArray[np.float64] = weights @ residuals / weights.sum(axis=1, keepdims=True)
        return shifts


def fit_page(work: WorkImage, guess: CoarseFit, side: CompiledSide, profile: Profile) -> Registration | None:
    """Fits a side to the scan with a first guess (which may come from a similar side).

    Returns:
        The registration, or None when too few patches of the side's own print are found.
    """
    anchors = side.page_anchors
    matches = match_windows(partial(_page_window, work, _page_to_work(work, guess.mm_to_scan)), anchors)
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
    inliers |= _far_but_sure(source, target, matches.scores[good], inliers)
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


def _far_but_sure(
    source: npt.NDArray[np.float64],
    target: npt.NDArray[np.float64],
    scores: npt.NDArray[np.float64],
    agreed: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """Patches that disagree with the fit only because they lie far from all that made it.

    On a ballot with print at the top only, a lone patch at the bottom is worth more than all of the
    others: they say nothing certain of the place where it lies.
    """
    fitted = _least_squares(source[agreed], target[agreed])
    error = np.linalg.norm(apply(fitted, source) - target, axis=1)
    sure: npt.NDArray[np.bool_] = scores >= _SURE_CORRELATION
    near: npt.NDArray[np.bool_] = error <= _allowance_px(source, source[agreed])
    return sure & near


def _allowance_px(points: npt.NDArray[np.float64], known: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How far off a fit through `known` may be at other points: more, the farther they are away."""
    away = np.sqrt(((points[:, None, :] - known[None, :, :]) ** 2).sum(axis=2))
    away[away < 1e-6] = np.inf  # a point does not vouch for itself
    floor = _OUTLIER_FLOOR_MM * PAGE_DPI / MM_PER_INCH
    return np.asarray(floor + _DRIFT * away.min(axis=1))


def _robust_affine(
    source: npt.NDArray[np.float64], target: npt.NDArray[np.float64], fewest: int
) -> tuple[Matrix, npt.NDArray[np.intp]]:
    """Least squares, refitted without the patches that lie far off the others' fit."""
    kept = np.arange(len(source))
    matrix = _least_squares(source, target)
    for _ in range(4):
        error = np.linalg.norm(apply(matrix, source) - target, axis=1)
        usual = _OUTLIER_FACTOR * float(np.median(error[kept]))
        limit = np.maximum(usual, _allowance_px(source, source[kept]))
        closer = np.flatnonzero(error <= limit)
        if len(closer) < max(fewest, 3) or np.array_equal(closer, kept):
            break
        kept = closer
        matrix = _least_squares(source[kept], target[kept])
    return matrix, kept


def _least_squares(source: npt.NDArray[np.float64], target: npt.NDArray[np.float64]) -> Matrix:
    """The affine map of least squares, with the identity as what is expected of its linear part.

    Patches all over the page outweigh that expectation by far. Patches in one corner only, as on a
    ballot with little print, would otherwise carry their hundredths of a millimetre to the far end
    of the page as whole millimetres.
    """
    middle = source.mean(axis=0)
    offset = source - middle
    moved = target - source
    certainty = (_PATCH_ERROR_MM * PAGE_DPI / MM_PER_INCH / _LINEAR_ERROR) ** 2
    linear = np.linalg.solve(
        offset.T @ offset + certainty * np.eye(2), offset.T @ (moved - moved.mean(axis=0))
    )
    stretch = np.eye(2) + linear.T
    shift = middle + moved.mean(axis=0) - stretch @ middle
    return np.ascontiguousarray(np.hstack([stretch, shift[:, None]]))


def _page_window(work: WorkImage, page_to_work: Matrix, x0: int, y0: int, size: int) -> GreyImage:
    """A square piece of the scan at `PAGE_DPI`, laid onto the page by an affine map."""
    to_source = page_to_work.copy()
    to_source[:, 2] += page_to_work[:, :2] @ np.array([x0, y0], dtype=np.float64)
    return warp(work.page, to_source, size, size, 255)


def _page_to_work(work: WorkImage, mm_to_scan: Matrix) -> Matrix:
    return compose(_scan_to_work(work), compose(mm_to_scan, scaling(MM_PER_INCH / PAGE_DPI)))


def _scan_to_work(work: WorkImage) -> Matrix:
    return np.array([[1 / work.page_scale[0], 0.0, 0.0], [0.0, 1 / work.page_scale[1], 0.0]])


def seen_area(work: WorkImage, registration: Registration) -> npt.NDArray[np.bool_]:
    """True where the scan has pixels of the page, at `PAGE_DPI`."""
    width, height = page_size_px(registration.side.layout, PAGE_DPI)
    scan_height, scan_width = work.scan.grey.shape
    corners = np.array([[0, 0], [scan_width, 0], [scan_width, scan_height], [0, scan_height]], np.float64)
    per_mm = PAGE_DPI / MM_PER_INCH
    on_page = apply(inverted(registration.mm_to_scan), corners) * per_mm - 0.5
    seen = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(seen, np.round(on_page * 16).astype(np.int32), 1, shift=4)
    # The outermost row of pixels is only partly on the scan.
    rim = cv2.copyMakeBorder(seen, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.erode(rim, np.ones((3, 3), np.uint8))[1:-1, 1:-1], bool)


def straightened_page(work: WorkImage, registration: Registration) -> GreyImage:
    """The scan at `PAGE_DPI` laid onto the page, local corrections included."""
    side = registration.side
    width, height = page_size_px(side.layout, PAGE_DPI)
    # Nodes stand in the middle of cells of 48 pixels, one cell beyond the page on each side, so
    # that enlarging by 48 is exact linear interpolation between them.
    step = 48
    gx = step * (np.arange(-1, width // step + 2) + 0.5)
    gy = step * (np.arange(-1, height // step + 2) + 0.5)
    grid = np.stack(np.meshgrid(gx, gy), axis=-1).reshape(-1, 2) * (MM_PER_INCH / PAGE_DPI)
    placed = apply(registration.mm_to_scan, grid + registration.shifts_at(grid))
    # OpenCV counts from the centre of the first pixel.
    index = apply(_scan_to_work(work), placed) - 0.5
    field = index.reshape(len(gy), len(gx), 2).astype(np.float32)
    full = cv2.resize(field, (len(gx) * step, len(gy) * step), interpolation=cv2.INTER_LINEAR)
    # The second map must be None, not an empty array, though the type stubs do not know that.
    mapped = cv2.remap(  # type: ignore[call-overload]
        work.page,
        full[step : step + height, step : step + width],
        None,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=255,
    )
    return np.asarray(mapped, np.uint8)
