"""A stamp that is known from other sheets of the same count, found again on this one.

The ballots of a count carry the same few stamps. Where one of them lies on a sheet its picture does,
turned and shifted as a whole, so that even a part of it, or a faint impression, is told from everything
that a voter can write: every letter must stand where the known stamp has it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.geometry import MM_PER_INCH, GreyImage, Mask
from recognition.profile import Profile
from recognition.reference import PAGE_DPI

_PX_PER_MM = PAGE_DPI / MM_PER_INCH
_COARSE_STEP_DEG, _FINE_STEP_DEG, _FINE_SPAN_DEG = 4.0, 0.75, 3.0
_NEAR_SCALE, _FAR_SCALE, _FAR_STEP_DEG = 2, 4, 6.0
_COARSE_BLUR_PX = 1.0
_FINE_SHIFT_PX = 6
_TILE_PX, _TILE_SHIFT_PX = 18, 2
"""Pieces of 4.6 mm, a letter or two, may lie half a millimetre off: rubber and paper give way."""

_MIN_CORNER, _MIN_TILE_INK = 0.12, 0.06
_ALIKE = 0.7
"""From this correlation on a piece of the page shows the same letters."""

_LEAST_INK_SHARE, _LEAST_CONTRAST_GREY = 0.12, 15
_INK_GREY, _OWN_GREY = 76, 38
_CLEAR_SHARE = 0.9
_BOUNCE_PX, _SEEN_GREY = 13, 24
_LEAST_BESIDE_SHARE, _BOUNCED_SHARE, _BOUNCED_MORE = 0.15, 0.7, 0.2
_CLEAR_SPREAD_MM, _SPREAD_MM, _MARGIN_MM = 0.6, 1.2, 1.0

Matrix = npt.NDArray[np.float64]
Darkness = npt.NDArray[np.float32]


@dataclass(frozen=True)
class KnownStamp:
    """A stamp of the count.

    Attributes:
        picture: How much darker than paper it is, upright as it was first seen, 0 to 255, at `PAGE_DPI`.
        sheets: On how many sheets it was found before.
    """

    picture: GreyImage
    sheets: int


@dataclass(frozen=True)
class StampMatch:
    """A known stamp laid onto a page.

    Attributes:
        to_page: From pixels of the stamp's picture to pixels of the page, shape (2, 3).
        alike: Pieces of its print that the page shows at their place, of
        pieces: so many.
        score: How well the whole picture agrees, -1 to 1.
    """

    stamp: KnownStamp
    to_page: Matrix
    alike: int
    pieces: int
    score: float

    def is_proof(self, profile: Profile) -> bool:
        """Whether so much of the stamp lies where it must that it can be nothing else."""
        least = max(profile.known_stamp_pieces, profile.known_stamp_share * self.pieces)
        return self.alike >= least

    @property
    def is_clear(self) -> bool:
        """Whether all of it came out, nowhere doubled or smeared."""
        return self.alike >= _CLEAR_SHARE * max(1, self.pieces)

    def ink(self, shape: tuple[int, int]) -> Mask:
        """Where its own ink lies on a page of that shape, blots and slips of the hand allowed for."""
        picture = self._on_page((self.stamp.picture > _OWN_GREY).astype(np.uint8) * 255, shape)
        return _grown(picture > 127, _CLEAR_SPREAD_MM if self.is_clear else _SPREAD_MM)

    def area(self, shape: tuple[int, int]) -> Mask:
        """The stamp as a whole on a page of that shape."""
        return _grown(self._on_page(np.full_like(self.stamp.picture, 255), shape) > 127, _MARGIN_MM)

    def box(self) -> Box:
        """Around it, page mm."""
        height, width = self.stamp.picture.shape
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
        at_mm = (corners @ self.to_page[:, :2].T + self.to_page[:, 2]) / _PX_PER_MM
        (left, top), (right, bottom) = at_mm.min(axis=0), at_mm.max(axis=0)
        return Box(float(left), float(top), float(right - left), float(bottom - top))

    def _on_page(self, picture: GreyImage, shape: tuple[int, int]) -> GreyImage:
        return np.asarray(cv2.warpAffine(picture, self.to_page, shape[::-1]), np.uint8)


def _grown(mask: Mask, margin_mm: float) -> Mask:
    size = 2 * round(margin_mm * _PX_PER_MM) + 1
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((size, size), np.uint8)), bool)


def find_known(darker: GreyImage, place: tuple[slice, slice], stamp: KnownStamp) -> StampMatch:
    """Lays a known stamp onto the ink of one part of a page as well as it can be.

    Args:
        darker: By how much each pixel of a page is darker than its blank can be, at `PAGE_DPI`.
        place: Rows and columns that the ink in question takes up.
    """
    rough = _rough(darker, place, stamp)
    best, matrix = max((_fine(darker, stamp, rough, turn) for turn in _fine_turns()), key=lambda f: f[0])
    alike, pieces = _alike(darker, stamp, matrix)
    return StampMatch(stamp, matrix, alike, pieces, best)


def second_impression(darker: GreyImage, match: StampMatch) -> StampMatch | None:
    """The same stamp once more, a little aside, as it comes when the hand bounces; None when there is none.

    Most of what the second one has beside the first must be there: writing beside a stamp is not.
    """
    picture, around = match.stamp.picture, _BOUNCE_PX
    shown = laid_back(darker, match.to_page, picture.shape, around) > _SEEN_GREY
    first = np.pad(_grown(picture > _OWN_GREY, _CLEAR_SPREAD_MM), around)
    ink = (picture > _INK_GREY).astype(np.float32)
    free = (~first).astype(np.float32)
    seen = cv2.matchTemplate((shown & ~first).astype(np.float32), ink, cv2.TM_CCORR)
    beside = cv2.matchTemplate(free, ink, cv2.TM_CCORR)
    enough = beside >= _LEAST_BESIDE_SHARE * float(ink.sum())
    share = np.where(enough, seen / np.maximum(beside, 1), 0.0)
    _, best, _, (x, y) = cv2.minMaxLoc(share)
    # On soiled or dark paper every place would do.
    if best < _BOUNCED_SHARE or best - float(np.median(share[enough])) < _BOUNCED_MORE:
        return None
    moved = match.to_page.copy()
    moved[:, 2] += match.to_page[:, :2] @ np.array([x - around, y - around])
    return replace(match, to_page=moved)


def likely_place(darker: GreyImage, stamp: KnownStamp) -> tuple[slice, slice]:
    """Where on a whole page a known stamp would lie if it lies anywhere: rows and columns of its middle."""
    height, width = darker.shape
    size = (width // _FAR_SCALE, height // _FAR_SCALE)
    shrunk = cv2.resize(darker.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    turned = _turned(stamp.picture.tobytes(), stamp.picture.shape, _FAR_SCALE, _FAR_STEP_DEG)
    side = turned[0][1].shape[0]
    bordered = cv2.copyMakeBorder(shrunk, *(side // 2,) * 4, cv2.BORDER_CONSTANT, value=0)
    small = np.asarray(bordered, np.float32)
    best, middle = -2.0, (side, side)
    inked = _inked(small, turned[0][1])
    for _, picture in turned:
        scores = np.where(inked, cv2.matchTemplate(small, picture, cv2.TM_CCOEFF_NORMED), -1.0)
        _, score, _, corner = cv2.minMaxLoc(scores)
        if score > best:
            best, middle = score, (corner[0] * _FAR_SCALE, corner[1] * _FAR_SCALE)
    x, y = middle
    about = 3 * _FAR_SCALE
    return slice(y - about, y + about), slice(x - about, x + about)


def _rough(darker: GreyImage, place: tuple[slice, slice], stamp: KnownStamp) -> Matrix:
    """Turn and place at half the resolution, over all angles."""
    turned = _turned(stamp.picture.tobytes(), stamp.picture.shape, _NEAR_SCALE, _COARSE_STEP_DEG)
    side = turned[0][1].shape[0]
    window, (x0, y0) = _cut(darker, place, side + 2)  # the stamp's middle may be anywhere in the place
    half = np.asarray(cv2.GaussianBlur(_halved(window), (0, 0), _COARSE_BLUR_PX), np.float32)
    best, found = -2.0, np.zeros((2, 3))
    inked = _inked(half, turned[0][1])
    for matrix, picture in turned:
        scores = np.where(inked, cv2.matchTemplate(half, picture, cv2.TM_CCOEFF_NORMED), -1.0)
        _, score, _, (x, y) = cv2.minMaxLoc(scores)
        if score > best:
            best, found = score, matrix.copy()
            found[:, 2] += (x, y)
            found *= _NEAR_SCALE
            found[:, 2] += (x0, y0)
    return found


def _inked(page: Darkness, picture: Darkness) -> Mask:
    """Where a window of a picture's size has enough ink: the correlation of mere paper is noise."""
    windows = cv2.matchTemplate(page, np.ones_like(picture), cv2.TM_CCORR)
    return np.asarray(windows >= _LEAST_INK_SHARE * float(picture.sum()))


def _halved(picture: GreyImage) -> Darkness:
    height, width = picture.shape
    return np.asarray(
        cv2.resize(picture.astype(np.float32), (width // 2, height // 2), interpolation=cv2.INTER_AREA),
        np.float32,
    )


def _cut(darker: GreyImage, place: tuple[slice, slice], reach: int) -> tuple[GreyImage, tuple[int, int]]:
    """A part of the page with so much around it, beyond the page empty; and its corner."""
    rows, cols = place
    y0, x0 = rows.start - reach, cols.start - reach
    y1, x1 = rows.stop + reach, cols.stop + reach
    height, width = darker.shape
    inner = darker[max(0, y0) : min(height, y1), max(0, x0) : min(width, x1)]
    window = cv2.copyMakeBorder(
        inner, max(0, -y0), max(0, y1 - height), max(0, -x0), max(0, x1 - width), cv2.BORDER_CONSTANT, value=0
    )
    return np.asarray(window, np.uint8), (x0, y0)


@lru_cache(maxsize=64)
def _turned(
    data: bytes, shape: tuple[int, int], scale: int, step_deg: float
) -> tuple[tuple[Matrix, Darkness], ...]:
    """A picture made smaller and turned all round, each with the matrix that took it there."""
    picture = np.frombuffer(data, np.uint8).reshape(shape).astype(np.float32)
    soft = cv2.GaussianBlur(picture, (0, 0), scale / 2)
    height, width = shape
    side = int(np.hypot(height, width) / scale) + 4
    found = []
    for angle in np.arange(0.0, 360.0, step_deg):
        matrix = np.asarray(
            cv2.getRotationMatrix2D((width / 2, height / 2), float(angle), 1 / scale), np.float64
        )
        matrix[:, 2] += side / 2 - np.array([width, height]) / 2
        turned = cv2.warpAffine(soft, matrix, (side, side), flags=cv2.INTER_LINEAR)
        found.append((matrix, cv2.GaussianBlur(turned, (0, 0), _COARSE_BLUR_PX).astype(np.float32)))
    return tuple(found)


def _fine_turns() -> npt.NDArray[np.float64]:
    return np.arange(-_FINE_SPAN_DEG, _FINE_SPAN_DEG + 0.01, _FINE_STEP_DEG)


def _fine(darker: GreyImage, stamp: KnownStamp, rough: Matrix, turn_deg: float) -> tuple[float, Matrix]:
    """The best shift at one small turn from the rough place."""
    height, width = stamp.picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(turn_deg), 1.0)
    matrix = np.c_[rough[:, :2] @ turn[:, :2], rough[:, :2] @ turn[:, 2] + rough[:, 2]]
    shown = laid_back(darker, matrix, (height, width), _FINE_SHIFT_PX)
    scores = cv2.matchTemplate(shown, stamp.picture.astype(np.float32), cv2.TM_CCOEFF_NORMED)
    _, score, _, (x, y) = cv2.minMaxLoc(scores)
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2] @ np.array([x - _FINE_SHIFT_PX, y - _FINE_SHIFT_PX])
    return float(score), moved


def laid_back(darker: GreyImage, matrix: Matrix, shape: tuple[int, int], around: int) -> Darkness:
    """A page as the picture of a stamp of that shape has it, with so many pixels around."""
    shifted = np.c_[matrix[:, :2], matrix[:, 2] - matrix[:, :2] @ np.array([around, around])]
    size = (shape[1] + 2 * around, shape[0] + 2 * around)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(darker, shifted, size, flags=flags), np.float32)


def _alike(darker: GreyImage, stamp: KnownStamp, matrix: Matrix) -> tuple[int, int]:
    """Pieces of the stamp's print that the page shows at their place, and pieces in all."""
    picture = stamp.picture.astype(np.float32)
    shown = laid_back(darker, matrix, stamp.picture.shape, _TILE_SHIFT_PX)
    alike = pieces = 0
    for rows, cols in _tiles(stamp.picture.shape):
        piece = picture[rows, cols]
        if not _is_telling(piece):
            continue
        pieces += 1
        around = shown[
            rows.start : rows.stop + 2 * _TILE_SHIFT_PX, cols.start : cols.stop + 2 * _TILE_SHIFT_PX
        ]
        if float(np.ptp(around)) < _LEAST_CONTRAST_GREY:
            continue
        alike += float(cv2.matchTemplate(around, piece, cv2.TM_CCOEFF_NORMED).max()) >= _ALIKE
    return alike, pieces


def _tiles(shape: tuple[int, ...]) -> list[tuple[slice, slice]]:
    height, width = shape
    return [
        (slice(y, y + _TILE_PX), slice(x, x + _TILE_PX))
        for y in range(0, height - _TILE_PX + 1, _TILE_PX // 2)
        for x in range(0, width - _TILE_PX + 1, _TILE_PX // 2)
    ]


def _is_telling(piece: Darkness) -> bool:
    """Whether a piece shows more than a straight line: letters, not the side of a frame."""
    if float((piece > _INK_GREY).mean()) < _MIN_TILE_INK:
        return False
    gx, gy = cv2.Sobel(piece, cv2.CV_32F, 1, 0), cv2.Sobel(piece, cv2.CV_32F, 0, 1)
    xx, yy, xy = float((gx * gx).sum()), float((gy * gy).sum()), float((gx * gy).sum())
    root = float(np.hypot(xx - yy, 2 * xy))
    return xx + yy > 0 and (xx + yy - root) / (xx + yy + root) >= _MIN_CORNER
