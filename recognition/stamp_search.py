"""Where a known stamp lies on a page, and how it is turned, found roughly from all angles and places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from recognition.count_stamps import KnownStamp
from recognition.geometry import GreyImage, Mask

_NEAR_SCALE, _FAR_SCALE = 2, 4
_STEP_DEG, _PAGE_STEP_DEG = 4.0, 6.0
_NEAR_TURNS = 10
"""So many of the angles that look best from afar are looked at closer: the best one's neighbours, those
of the stamp upside down, and some more. In 117 searches on sheets of four print houses the same stamps
were found as when all angles were looked at closer, with as many of their pieces to within three."""

_BLUR_PX = 1.0
_LEAST_INK_SHARE = 0.12
"""Where there is less of a stamp's ink, little of it can lie; and mere paper correlates with anything."""

_PLACE_PX = 3 * _FAR_SCALE

Matrix = npt.NDArray[np.float64]
Darkness = npt.NDArray[np.float32]
Place = tuple[slice, slice]


@dataclass(frozen=True)
class _Window:
    """A part of a page made smaller, its corner in pixels of the page, and where a picture may lie in it."""

    picture: Darkness
    corner: tuple[int, int]
    inked: Mask


def rough_places(
    darker: GreyImage, place: Place, stamps: tuple[KnownStamp, ...]
) -> list[tuple[KnownStamp, Matrix]]:
    """How stamps would lie at a place, to two degrees and half a millimetre, the likeliest stamp first.

    Args:
        darker: By how much each pixel of a page is darker than its blank can be, at `PAGE_DPI`.
        place: Rows and columns in which a stamp's middle may be.

    Returns:
        Stamps, each with the matrix from pixels of its picture to pixels of the page, shape (2, 3).
        Those that have more ink than the place are left out.
    """
    far = []
    for stamp in stamps:
        turned = _turned(stamp, _FAR_SCALE, _STEP_DEG)
        window = _window(darker, place, turned[0][1], _FAR_SCALE)
        if window.inked.any():
            scores = [_best(window, picture)[0] for _, picture in turned]
            far.append((max(scores), stamp, np.argsort(scores)[-_NEAR_TURNS:]))
    far.sort(key=lambda found: -found[0])
    return [(stamp, _nearer(darker, place, stamp, turns)) for _, stamp, turns in far]


def likely_place(darker: GreyImage, stamp: KnownStamp) -> Place | None:
    """Where on a whole page a stamp would lie if it lies anywhere: rows and columns of its middle.

    Returns:
        None when there is nowhere ink enough.
    """
    turned = _turned(stamp, _FAR_SCALE, _PAGE_STEP_DEG)
    page = slice(0, darker.shape[0]), slice(0, darker.shape[1])
    window = _with_ink(_window(darker, page, turned[0][1], _FAR_SCALE))
    if not window.inked.any():
        return None
    _, (x, y) = max((_best(window, picture) for _, picture in turned), key=lambda found: found[0])
    half = turned[0][1].shape[0] // 2
    col, row = (_FAR_SCALE * (n + half) + at for n, at in zip((x, y), window.corner, strict=True))
    return slice(row - _PLACE_PX, row + _PLACE_PX), slice(col - _PLACE_PX, col + _PLACE_PX)


def _nearer(darker: GreyImage, place: Place, stamp: KnownStamp, turns: npt.NDArray[np.intp]) -> Matrix:
    """The best of some turns and all places, at half the resolution of the page."""
    turned = _turned(stamp, _NEAR_SCALE, _STEP_DEG)
    window = _window(darker, place, turned[0][1], _NEAR_SCALE)
    found = [(*_best(window, turned[turn][1]), turned[turn][0]) for turn in turns]
    _, at, matrix = max(found, key=lambda f: f[0])
    moved: Matrix = matrix.copy()
    moved[:, 2] += at
    moved *= _NEAR_SCALE
    moved[:, 2] += window.corner
    return moved


def _best(window: _Window, picture: Darkness) -> tuple[float, tuple[int, int]]:
    """The best correlation of a picture with a window, and the column and row where it is."""
    scores = np.where(window.inked, cv2.matchTemplate(window.picture, picture, cv2.TM_CCOEFF_NORMED), -1.0)
    _, score, _, (x, y) = cv2.minMaxLoc(scores)
    return score, (x, y)


def _window(darker: GreyImage, place: Place, picture: Darkness, scale: int) -> _Window:
    """A place made smaller, with room for a picture whose middle is at its edge; empty beyond the page."""
    rows, cols = place
    reach = scale * (picture.shape[0] // 2 + 2)
    y0, x0, y1, x1 = rows.start - reach, cols.start - reach, rows.stop + reach, cols.stop + reach
    height, width = darker.shape
    inner = darker[max(0, y0) : min(height, y1), max(0, x0) : min(width, x1)]
    beyond = max(0, -y0), max(0, y1 - height), max(0, -x0), max(0, x1 - width)
    whole = cv2.copyMakeBorder(inner, *beyond, cv2.BORDER_CONSTANT, value=0).astype(np.float32)
    size = whole.shape[1] // scale, whole.shape[0] // scale
    small = cv2.GaussianBlur(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), (0, 0), _BLUR_PX)
    ink = cv2.matchTemplate(small, np.ones_like(picture), cv2.TM_CCORR)
    return _Window(
        np.asarray(small, np.float32), (x0, y0), np.asarray(ink >= _LEAST_INK_SHARE * float(picture.sum()))
    )


def _with_ink(window: _Window) -> _Window:
    """The part of a window outside of which a picture cannot lie."""
    ys, xs = np.nonzero(window.inked)
    if not len(ys):
        return window
    top, left, bottom, right = ys.min(), xs.min(), ys.max() + 1, xs.max() + 1
    rows, cols = (window.picture.shape[n] - window.inked.shape[n] for n in (0, 1))
    x0, y0 = window.corner
    return _Window(
        window.picture[top : bottom + rows, left : right + cols],
        (x0 + _FAR_SCALE * int(left), y0 + _FAR_SCALE * int(top)),
        window.inked[top:bottom, left:right],
    )


def _turned(stamp: KnownStamp, scale: int, step_deg: float) -> tuple[tuple[Matrix, Darkness], ...]:
    """A stamp's picture made smaller and turned all round, each with the matrix that took it there."""
    return _turned_pictures(stamp.picture.tobytes(), stamp.picture.shape, scale, step_deg)


@lru_cache(maxsize=64)
def _turned_pictures(
    data: bytes, shape: tuple[int, int], scale: int, step_deg: float
) -> tuple[tuple[Matrix, Darkness], ...]:
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
        found.append((matrix, cv2.GaussianBlur(turned, (0, 0), _BLUR_PX).astype(np.float32)))
    return tuple(found)
