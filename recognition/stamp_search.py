"""Where a known stamp lies on a page, and how it is turned, found roughly from all angles and places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from recognition.count_stamps import KnownStamp
from recognition.geometry import GreyImage, Mask
from recognition.stamp_turns import (
    COARSE_STEP,
    FAR_SCALE,
    NEAR_SCALE,
    Darkness,
    Matrix,
    Places,
    Turns,
    coarsely_turned,
    halved,
    softened,
    turned,
)

_NEAR_TURNS = 10
"""So many of the angles that look best from afar are looked at closer: the best one's neighbours, those
of the stamp upside down, and some more. In 117 searches on sheets of four print houses the same stamps
were found as when all angles were looked at closer, with as many of their pieces to within three."""

_FEW_PLACES = 160
_COARSE_TURNS = 16
"""More places are first looked at from twice as far, and only the best of so many angles from afar. In 57
searches that proved a stamp, no more than three of the 45 angles looked better than the true one. With about
half of the stamp erased or all of it faint, 232 were found of 234 that a look at all places finds."""

_BESIDE_PX, _NEAR_REACH_PX, _PEAKS_PER_ANGLE = 2, 2, 1.2
_LEAST_INK_SHARE = 0.12
"""Where there is less of a stamp's ink, little of it can lie; and mere paper correlates with anything."""

_PLACE_PX = 3 * FAR_SCALE

Place = tuple[slice, slice]


@dataclass(frozen=True)
class _Window:
    """A part of a page made smaller, and its corner in pixels of the page."""

    picture: Darkness
    corner: tuple[int, int]


@dataclass(frozen=True)
class _Afar:
    """How a stamp looks from afar.

    Attributes:
        angles: Those that were looked at.
        places: Row and column of each place in the window,
        scores: and the correlations there, a row for each angle.
    """

    stamp: KnownStamp
    window: _Window
    angles: npt.NDArray[np.intp]
    places: Places
    scores: Darkness


def rough_places(
    darker: GreyImage, place: Place, stamps: tuple[KnownStamp, ...]
) -> Iterator[tuple[KnownStamp, Matrix]]:
    """How stamps would lie at a place, to two degrees and half a millimetre, the likeliest stamp first.

    Args:
        darker: By how much each pixel of a page is darker than its blank can be, at `PAGE_DPI`.
        place: Rows and columns in which a stamp's middle may be.

    Yields:
        Stamps, each with the matrix from pixels of its picture to pixels of the page, shape (2, 3).
        Those that have more ink than the place are left out.
    """
    seen = (_afar(darker, place, stamp) for stamp in stamps)
    for afar in sorted((afar for afar in seen if afar is not None), key=lambda afar: -afar.scores.max()):
        yield afar.stamp, _nearer(darker, place, afar)


def likely_place(darker: GreyImage, stamp: KnownStamp) -> Place | None:
    """Where on a whole page a stamp would lie if it lies anywhere: rows and columns of its middle.

    Returns:
        None when there is nowhere ink enough.
    """
    afar = _afar(darker, (slice(0, darker.shape[0]), slice(0, darker.shape[1])), stamp)
    if afar is None:
        return None
    half = turned(stamp, FAR_SCALE).side // 2
    y, x = afar.places[_best(afar.scores)[1]]
    row, col = (FAR_SCALE * (int(n) + half) + at for n, at in zip((y, x), afar.window.corner, strict=True))
    return slice(row - _PLACE_PX, row + _PLACE_PX), slice(col - _PLACE_PX, col + _PLACE_PX)


def _afar(darker: GreyImage, place: Place, stamp: KnownStamp) -> _Afar | None:
    """All angles at a quarter of the page's resolution; None when there is nowhere ink enough."""
    turns = turned(stamp, FAR_SCALE)
    window = _window(darker, place, turns.side, FAR_SCALE)
    inked = _inked(window.picture, turns)
    places = np.argwhere(inked)
    if not len(places):
        return None
    angles = np.arange(len(turns.matrices))
    if len(places) > _FEW_PLACES:
        places, angles = _promising(window.picture, inked, stamp)
    return _Afar(stamp, window, angles, places, turns.correlations(window.picture, places, angles))


def _promising(picture: Darkness, inked: Mask, stamp: KnownStamp) -> tuple[Places, npt.NDArray[np.intp]]:
    """Places and angles of which the best is one, as seen at an eighth of the page's resolution."""
    coarse = coarsely_turned(stamp)
    even = np.pad(inked, [(0, length % 2) for length in inked.shape])
    small = halved(picture)
    rows, cols = (length - coarse.side + 1 for length in small.shape)
    blocks = np.asarray(even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2).any(axis=(1, 3)))
    places = np.argwhere(blocks[:rows, :cols])
    found = coarse.correlations(small, places)
    angles = np.argsort(found.max(axis=1))[-_COARSE_TURNS:]
    around = _around(2 * _peaks(found[angles], places), -1, 2, inked.shape)
    count = COARSE_STEP * len(coarse.matrices)
    near = np.unique((COARSE_STEP * angles[:, None] + np.arange(1 - COARSE_STEP, COARSE_STEP)) % count)
    return around[inked[around[:, 0], around[:, 1]]], near


def _peaks(scores: Darkness, places: Places) -> Places:
    """Where angles look best: for each the best place, and the next best that is not beside that.

    Of those the best few: as many as there are angles, and a fifth more.
    """
    angles = np.arange(len(scores))
    first = scores.argmax(axis=1)
    beside = np.abs(places[None] - places[first][:, None]).max(axis=2) <= _BESIDE_PX
    apart = np.where(beside, -1, scores)
    second = apart.argmax(axis=1)
    best = np.concatenate([scores[angles, first], apart[angles, second]])
    likeliest = np.argsort(best)[-round(_PEAKS_PER_ANGLE * len(scores)) :]
    return np.unique(places[np.concatenate([first, second])[likeliest]], axis=0)


def _around(places: Places, first: int, last: int, shape: tuple[int, ...]) -> Places:
    """Places and those around them within a shape, each once."""
    reach = np.arange(first, last + 1)
    offsets = np.stack(np.meshgrid(reach, reach, indexing="ij"), axis=-1).reshape(-1, 2)
    spread = np.unique((places[:, None] + offsets).reshape(-1, 2), axis=0)
    return np.asarray(spread[((spread >= 0) & (spread < shape)).all(axis=1)], np.intp)


def _nearer(darker: GreyImage, place: Place, afar: _Afar) -> Matrix:
    """The best of the angles that look best, near where they do so, at half the resolution of the page."""
    turns = turned(afar.stamp, NEAR_SCALE)
    window = _window(darker, place, turns.side, NEAR_SCALE)
    best = np.sort(np.argsort(afar.scores.max(axis=1))[-_NEAR_TURNS:])
    angles = afar.angles[best]
    peaks = _peaks(afar.scores[best], afar.places)
    middles = FAR_SCALE * (peaks + turned(afar.stamp, FAR_SCALE).side / 2) + afar.window.corner
    corners = np.rint((middles - window.corner) / NEAR_SCALE - turns.side / 2).astype(np.intp)
    room = np.array(window.picture.shape) - turns.side
    within = np.clip(corners, 0, room)
    inked = _inked(window.picture, turns)
    places = _with_ink(_around(within, -_NEAR_REACH_PX, _NEAR_REACH_PX, inked.shape), inked)
    best_angle, best_place = _best(turns.correlations(window.picture, places, angles))
    # From afar the place is known to a pixel or two: once more around the best one.
    places = _with_ink(_around(places[best_place : best_place + 1], -1, 1, inked.shape), inked)
    near = angles[max(0, best_angle - 1) : best_angle + 2]
    best_angle, best_place = _best(turns.correlations(window.picture, places, near))
    moved = NEAR_SCALE * turns.matrices[near[best_angle]]
    moved[:, 2] += (NEAR_SCALE * places[best_place] + window.corner)[::-1]
    return np.asarray(moved, np.float64)


def _with_ink(places: Places, inked: Mask) -> Places:
    """Those of some places that have ink enough for a stamp; all of them when none has."""
    some = places[inked[places[:, 0], places[:, 1]]]
    return some if len(some) else places


def _best(scores: Darkness) -> tuple[int, int]:
    """Row and column of the greatest."""
    row, col = divmod(int(scores.argmax()), scores.shape[1])
    return row, col


def _window(darker: GreyImage, place: Place, side: int, scale: int) -> _Window:
    """A place made smaller, with room for a picture whose middle is at its edge; empty beyond the page."""
    rows, cols = place
    reach = scale * (side // 2 + 2)
    y0, x0, y1, x1 = rows.start - reach, cols.start - reach, rows.stop + reach, cols.stop + reach
    height, width = darker.shape
    inner = darker[max(0, y0) : min(height, y1), max(0, x0) : min(width, x1)]
    beyond = max(0, -y0), max(0, y1 - height), max(0, -x0), max(0, x1 - width)
    whole = cv2.copyMakeBorder(inner, *beyond, cv2.BORDER_CONSTANT, value=0).astype(np.float32)
    size = whole.shape[1] // scale, whole.shape[0] // scale
    small = cv2.resize(whole, size, interpolation=cv2.INTER_AREA)
    return _Window(softened(np.asarray(small, np.float32)), (y0, x0))


def _inked(picture: Darkness, turns: Turns) -> Mask:
    """In which places of its corner a window has ink enough for a stamp."""
    size = turns.side, turns.side
    summed = cv2.boxFilter(picture, cv2.CV_64F, size, anchor=(0, 0), normalize=False)
    rows, cols = (length - turns.side + 1 for length in picture.shape)
    return np.asarray(summed[:rows, :cols] >= _LEAST_INK_SHARE * turns.ink)
