"""Whether two bands, straight or a little bent, are all there is of a mark."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]
Lengths = npt.NDArray[np.float64]
Darkness = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

_ANGLES = 24
_FIRST_BANDS = 8
_BAND_SLACK_PX = 1.0
_WIDEST_BAND = 0.24
"""Half the width of the widest band, as a share of the box: two wider ones would fill it."""

_LEAST_PX = 20
_FINE = 2
"""Places across a narrow band are told to half a pixel."""

_PEN_SLACK_PX = 1.0
_PEN_PERCENT = 30
"""Below the median: the ink is thicker where strokes cross."""

_RIDGE_PX = 0.9

_BEND_SHARE = 0.12
"""How far the middle of a stroke may lie off the line between its ends, as a share of the box."""

_BEND_ROUNDS = 2
_PALE_DARKNESS, _SMOOTH_PX, _SMOOTH_INK_DARKNESS = 0.5, 0.8, 0.16
"""Pencil has a median darkness of 0.26 to 0.34, thin ballpoint in grey 0.4 and more."""

_ROUND = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
_NEAR_PX = 1.5
_LEAST_STROKE_PX = 12


def two_band_misfit(ink: Mask, known: Mask, size_px: float) -> float:
    """How much ink of a mark lies outside the best two straight bands of a pen's width.

    A cross is two bands, however thick the pen; a scribble fills the paper between any two. The
    width is tried from what the thickest ink allows up to a quarter of the box.

    Args:
        ink: In and around the box.
        known: Where ink can be told from print; the rest says nothing.
        size_px: Shorter side of the box.

    Returns:
        Ink outside the bands as a share of the box's area.
    """
    thick = float(cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, 5).max())
    ys, xs = np.nonzero(ink & known)
    if not len(xs):
        return 0.0
    angles = np.arange(_ANGLES) * np.pi / _ANGLES
    # A row a pixel, so that some of the pixels are quickly taken.
    across = np.rint(np.outer(xs, np.cos(angles)) + np.outer(ys, np.sin(angles))).astype(np.int64)
    across -= across.min()
    widest = min(_WIDEST_BAND * size_px, 0.75 * thick + _BAND_SLACK_PX)
    narrow = {round(widest), round(0.85 * widest), round(0.7 * widest)}
    misfit = min(_best_bands(across, max(1, half))[0] for half in narrow)
    return misfit / size_px**2


def _counts(across: Places, bins: int) -> Places:
    """How many pixels lie how far across, shape (angles, bins)."""
    angles = across.shape[1]
    places = (across + np.arange(angles) * bins).ravel()
    return np.bincount(places, minlength=angles * bins).reshape(angles, bins)


def _held(counts: Places, half: int) -> Places:
    """How many pixels a band holds that begins at each place."""
    bins = counts.shape[-1]
    sums = np.zeros((*counts.shape[:-1], bins + 2 * half + 2), np.int64)
    np.cumsum(counts, axis=-1, out=sums[..., 1 : bins + 1])
    sums[..., bins + 1 :] = sums[..., bins : bins + 1]
    return sums[..., 2 * half + 1 :] - sums[..., : -2 * half - 1]


def beyond_two_strokes(
    inside: Darkness,
    ink: Mask,
    size_px: float,
    clear: Mask | None = None,
    pen_share: float | None = None,
) -> tuple[float, float]:
    """How much ink of a mark lies beyond two strokes of its pen, each bent a little at most.

    A stroke drawn through a cross ends in ink that no two strokes explain, though it need not leave the box,
    nor add more ink than crosses differ by. The pen's width is that of the ink between the crossings. Of
    562 simulated marks other than rings and fills (14 houses and scanners) one has more than 0.004 of the
    box there, a scribble; of 216 drawn crosses with a third stroke through them at 0, 20, 70, or 90
    degrees 26 have less, of which 23 by pens as thick as a quarter of the box.

    Args:
        inside: Darkness within the outline of the box.
        ink: Where that is ink.
        size_px: Shorter side of the box.
        clear: Where the ink tells the pen's width; everywhere by default. What was followed beneath print
            is thinner than the pen.
        pen_share: The pen's width as a share of the side, where it is known from other marks.

    Returns:
        Ink beyond the strokes as a share of the box's area, and the pen's width as a share of its side: of
        a block of ink nothing is beyond two strokes as thick as the block.
    """
    if not ink.any():
        return 0.0, 1.0
    whole = _whole(inside, ink)
    inner = whole[1:-1, 1:-1]  # the blur of the outline leaves ink along the rim
    ys, xs = np.nonzero(inner)
    if len(xs) < _LEAST_PX or inner.all():
        return 0.0, 1.0
    pen = _pen_half_px(whole, clear) if pen_share is None else pen_share * size_px / 2
    half = pen + _PEN_SLACK_PX
    angles = np.arange(_ANGLES) * np.pi / _ANGLES
    across = np.outer(xs, np.cos(angles)) + np.outer(ys, np.sin(angles))
    lowest = across.min(axis=0)
    steps = round(_FINE * half)
    _, pair = _best_bands(np.rint(_FINE * (across - lowest)).astype(np.int64), steps)
    off = [across[:, angle] - lowest[angle] - (start + steps) / _FINE for angle, start in pair]
    along = [ys * np.cos(angles[angle]) - xs * np.sin(angles[angle]) for angle, _ in pair]
    return _unexplained_px(off, along, half, _BEND_SHARE * size_px) / size_px**2, 2 * pen / size_px


def _whole(inside: Darkness, ink: Mask) -> Bytes:
    """The ink without a pencil's gaps: pale ink is grainy, and is smoothed first."""
    padded = np.pad(ink, 1).astype(np.uint8)
    if float(np.median(inside[ink])) < _PALE_DARKNESS:
        near = cv2.dilate(padded, np.ones((5, 5), np.uint8))
        smooth = cv2.GaussianBlur(np.pad(inside, 1), (0, 0), _SMOOTH_PX)
        padded = near & (smooth >= _SMOOTH_INK_DARKNESS).astype(np.uint8)
    whole = np.zeros_like(padded)
    cv2.morphologyEx(padded, cv2.MORPH_CLOSE, _ROUND, dst=whole)
    return np.ascontiguousarray(whole[1:-1, 1:-1])


def _pen_half_px(ink: Bytes, clear: Mask | None) -> float:
    """Half the width of the pen: of the ridges along the middle of the clear ink, the thinner ones."""
    depth = cv2.distanceTransform(ink, cv2.DIST_L2, 5)[1:-1, 1:-1]
    ridge = (depth > _RIDGE_PX) & (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)) - 1e-3)
    if clear is not None:
        ridge &= clear[1:-1, 1:-1]
    return float(np.percentile(depth[ridge], _PEN_PERCENT)) if ridge.any() else 1.0


def _best_bands(across: Places, half: int) -> tuple[int, list[tuple[int, int]]]:
    """The two bands of a width that leave least: each angle's fullest one, then the fullest in what is left.

    Args:
        across: How far each pixel lies across the bands of each angle, shape (pixels, angles).
        half: Half the width of a band.

    Returns:
        How many pixels lie outside both, and angle and start of each.
    """
    bins = int(across.max()) + 1
    held = _held(_counts(across, bins), half)
    starts = held.argmax(axis=1)
    least, best = len(across) + 1, [(0, 0), (0, 0)]
    for angle in np.argsort(held.max(axis=1))[::-1][:_FIRST_BANDS]:
        beyond = across[:, angle] - starts[angle]
        left = across[(beyond < 0) | (beyond > 2 * half)]
        second = _held(_counts(left, bins), half)
        other, start = np.unravel_index(int(second.argmax()), second.shape)
        if len(left) - second[other, start] < least:
            least = len(left) - int(second[other, start])
            best = [(int(angle), int(starts[angle])), (int(other), int(start))]
    return least, best


def _unexplained_px(off: list[Lengths], along: list[Lengths], half: float, bend_px: float) -> int:
    """Pixels off both strokes, each bent as its own ink is.

    Args:
        off: How far each pixel lies off the middle of each band.
        along: Where it lies along it.
        half: Half the width of a stroke.
        bend_px: How far its middle may lie off the line between its ends.
    """
    apart = [np.abs(one) for one in off]
    least = int(((apart[0] > half) & (apart[1] > half)).sum())
    for _ in range(_BEND_ROUNDS):
        for i in (0, 1):
            own = (apart[i] <= apart[1 - i]) & (apart[i] <= half + _NEAR_PX)
            if own.sum() >= _LEAST_STROKE_PX:
                apart[i] = np.abs(off[i] - _bent_line(along[i], off[i], own, bend_px))
        least = min(least, int(((apart[0] > half) & (apart[1] > half)).sum()))
    return least


def _bent_line(along: Lengths, off: Lengths, own: Mask, bend_px: float) -> Lengths:
    """The parabola through a stroke's own pixels, no more bent than it may be, at every pixel."""
    where = along - along[own].mean()
    powers = np.stack([np.ones_like(where), where, where**2], axis=1)
    bend = float(np.linalg.lstsq(powers[own], off[own], rcond=None)[0][2])
    span = max(1.0, float(np.ptp(where[own])))
    most = 4 * bend_px / span**2
    curve = float(np.clip(bend, -most, most)) * where**2
    straight = np.linalg.lstsq(powers[own, :2], (off - curve)[own], rcond=None)[0]
    line: Lengths = powers[:, :2] @ straight + curve
    return line
