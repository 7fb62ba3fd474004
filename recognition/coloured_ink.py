"""Ink that only its colour tells: over the blank's print, which has none, and within a stamp of another."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.chroma import CHROMA_PX_PER_MM, laid_tint
from recognition.geometry import GreyImage, Mask
from recognition.identified import SidePage
from recognition.profile import Profile

Tint = npt.NDArray[np.float32]

_BESIDE = np.ones((7, 7), np.uint8)
_SOLID, _PAPER_GREY = np.ones((5, 5), np.uint8), 200
"""Print of 2.5 mm both ways that is darker than this is no letter, but a bar or a panel."""

_MOST_LETTER_PX = round(20.0 * CHROMA_PX_PER_MM)
"""Larger than 20 mm no letter within a bar is; a frame encloses all of a page."""

_USUAL_PERCENT, _TIMES_USUAL = 99, 2.0
_OWN_SHARE = 0.5
"""A pale green stamp had 9 and 11 at the median, a black one has up to 3."""

_EVERY = 7
"""Of some ten thousands of pixels at print every seventh tells what is usual."""


def coloured_over_print(side: SidePage, accounted: Mask, profile: Profile) -> list[Box]:
    """Where there is colour at the blank's letters and lines, in page mm.

    A campaign accepted a cross in light blue over the middle of a name, of which grey shows nothing between
    the letters. Its tint was 22 there. Of 282 sheets in colour one other showed so much over so large an area
    without ink there, and was doubted anyway; of the others 99 of 100 pixels at print have at most 8. A
    scanner with wide fringes along print sees less. Print that has a colour itself, as a
    logo, or is on a coloured tint, is judged by itself.

    Args:
        accounted: Where colour is told of otherwise, on the page at `PAGE_DPI`.
    """
    height, width = (length // 2 for length in side.page.shape)
    if not side.layout.mark_boxes:
        return []  # decoding the colour of a side takes as long as decoding it in grey
    tint = laid_tint(side.placed, (height, width))
    if tint is None:
        return []
    halved = np.s_[: 2 * height : 2, : 2 * width : 2]
    free = ~accounted[halved]
    compiled = side.placed.registration.side
    # White letters on a coloured bar have another colour than the bar.
    own, bar = compiled.coloured[halved], _bars(compiled.page[halved])
    near = compiled.near_print[halved] & free
    parts = (~own, own & ~bar)
    return [box for part in parts for box in _beyond_usual(tint, near & part, free & part, profile)]


def _bars(blank: GreyImage) -> Mask:
    """Solid print of the blank with what small it encloses, as white letters."""
    solid = cv2.morphologyEx((blank < _PAPER_GREY).astype(np.uint8), cv2.MORPH_OPEN, _SOLID)
    free = (solid == 0).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=4)
    sizes: npt.NDArray[np.int32] = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    return np.asarray((solid > 0) | (sizes <= _MOST_LETTER_PX)[labels], bool)


def _beyond_usual(tint: Tint, near: Mask, free: Mask, profile: Profile) -> list[Box]:
    """Where colour at print is far from what is usual at such print.

    Args:
        tint: Shape (2, rows, columns).
        near: The print, and what is close around it.
        free: Where colour is looked for.
    """
    places = np.flatnonzero(near)
    if not len(places):
        return []
    tints = tint.reshape(2, -1)
    usual = np.median(tints[:, places[::_EVERY]], axis=1)
    strength = cv2.magnitude(*(plane - np.float32(level) for plane, level in zip(tint, usual, strict=True)))
    at_places = strength.ravel()[places]
    least = max(profile.tint, _TIMES_USUAL * float(np.percentile(at_places[::_EVERY], _USUAL_PERCENT)))
    if np.count_nonzero(at_places >= least) < profile.tint_ink_mm2 * CHROMA_PX_PER_MM**2:
        return []
    return _places((strength >= least) & free, near, profile.tint_ink_mm2)


def other_colour_in_stamp(side: SidePage, own: Mask, owned: Mask, profile: Profile) -> list[Box]:
    """Where there is colour within a stamp that is not the stamp's, in page mm; only on sides with boxes.

    A blue cross over a name lay under the rim of a red stamp: in grey one stroke of the stamp among others.
    A colour is not the stamp's by the part of it that lies across the stamp's own, however strong that is.

    Args:
        own: Where ink is taken for the stamp's, on the page at `PAGE_DPI`.
        owned: Ink of the fields' strokes, same shape.
    """
    height, width = (length // 2 for length in side.page.shape)
    tint = laid_tint(side.placed, (height, width)) if side.layout.mark_boxes else None
    halved = np.s_[: 2 * height : 2, : 2 * width : 2]
    if tint is None:
        return []
    near_owned = cv2.dilate(owned[halved].astype(np.uint8), _BESIDE).view(bool)
    fields = side.placed.registration.side.fields.zone
    within = own[halved] & side.seen.judged[halved] & ~fields[halved] & ~near_owned
    if not within.any():
        return []
    paper = np.median(tint.reshape(2, -1)[:, :: _EVERY * _EVERY], axis=1)
    tint = tint - paper.astype(np.float32)[:, None, None]
    inked = within & side.seen.trace[halved]
    colour = np.median(tint[:, inked], axis=1) if inked.any() else np.zeros(2)
    length = float(np.hypot(*colour))
    across = cv2.magnitude(*tint)
    if length >= _OWN_SHARE * profile.tint:
        red, blue = (np.float32(part) for part in colour / length)
        # The opposite colour, as cyan within red, lies along the stamp's own and has none across.
        opposite = -(tint[0] * red + tint[1] * blue)
        across = np.asarray(np.maximum(np.abs(tint[0] * blue - tint[1] * red), opposite))
    return _places((across >= profile.tint) & within, within, profile.tint_in_stamp_ink_mm2)


def _places(coloured: Mask, judged: Mask, least_mm2: float) -> list[Box]:
    """The connected pieces of colour that are large enough where they are judged."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(coloured.astype(np.uint8), connectivity=8)
    size_px = np.bincount(labels[judged], minlength=count)
    return [
        Box(*(float(v) / CHROMA_PX_PER_MM for v in stats[label, : cv2.CC_STAT_AREA]))
        for label in range(1, count)
        if size_px[label] >= least_mm2 * CHROMA_PX_PER_MM**2
    ]
