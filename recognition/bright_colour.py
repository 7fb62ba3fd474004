"""Colours as light as paper, such as yellow highlighter, which a picture in grey does not show."""

from __future__ import annotations

import cv2
import numpy as np

from ballot.geometry import Box
from recognition.chroma import CHROMA_PX_PER_MM, laid_chroma
from recognition.geometry import GreyImage, Mask
from recognition.identified import SidePage
from recognition.medians import grey_median
from recognition.paper import halved_once
from recognition.profile import Profile

_BLANK_GREY, _INK_SHARE = 250, 0.2
"""From which grey the blank is white, and by which share of its paper a page is darker where it has ink."""

_PALE_GREY = 200
"""A highlighter over darker print changes little."""

_NEXT, _AROUND = np.ones((3, 3), np.uint8), np.ones((5, 5), np.uint8)
_WINDOW_PX = 5
_KNOWN_SHARE, _COLOURED_SHARE = 0.3, 0.7


def bright_places(side: SidePage, profile: Profile) -> list[Box]:
    """Where paper in a scan in colour has a bright colour without being darker, in page mm.

    Only sides with boxes are looked at, since decoding the colour takes as long as decoding in grey. Only
    white paper and the print beside boxes are judged, each against the rest of it, so that a coloured heading
    does not count; and only what is no ink, so that the rims of a coloured stamp do not.
    """
    if not side.layout.mark_boxes:
        return []
    height, width = (length // 2 for length in side.page.shape)
    laid = laid_chroma(side.placed, (height, width))
    if laid is None:
        return []
    page = halved_once(side.page)[:height, :width]
    blank = halved_once(side.placed.registration.side.page)[:height, :width]
    judged = side.seen.judged[: 2 * height : 2, : 2 * width : 2]
    white = judged & (blank >= _BLANK_GREY)
    if not white.any():
        return []
    paper = grey_median(page, white)
    ink = cv2.erode(blank, _NEXT).astype(np.float32) * (paper / 255) - page > _INK_SHARE * paper
    clear = judged & ~cv2.dilate(ink.astype(np.uint8), _NEXT).view(bool)
    least_px = profile.bright_ink_mm2 * CHROMA_PX_PER_MM**2
    known, coloured = np.zeros_like(clear), np.zeros_like(clear)
    printed = clear & ~white & _beside_boxes(side, laid.shape) & ~_strongly_coloured(side, blank)
    for place in (clear & white, printed):
        if place.any():
            known |= place
            coloured |= place & (laid >= grey_median(laid, place) + profile.bright_chroma)
    return _solid_places(coloured, known, least_px) if np.count_nonzero(coloured) >= least_px else []


def _solid_places(coloured: Mask, known: Mask, least_px: float) -> list[Box]:
    """Where most of what is known within some millimetres is coloured, and so much in all."""
    size = (_WINDOW_PX, _WINDOW_PX)
    known_share, share = (cv2.blur(mask.astype(np.float32), size) for mask in (known, coloured))
    solid = coloured & (known_share >= _KNOWN_SHARE) & (share >= _COLOURED_SHARE * known_share)
    joined = cv2.dilate(solid.astype(np.uint8), np.ones(size, np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    inked = np.bincount(labels[solid], minlength=count)
    return [
        Box(*(float(v) / CHROMA_PX_PER_MM for v in stats[label, : cv2.CC_STAT_AREA]))
        for label in range(1, count)
        if inked[label] >= least_px
    ]


def _strongly_coloured(side: SidePage, blank: GreyImage) -> Mask:
    """Where the blank's own print has a colour and is no pale tint, such as a band along the edge.

    Args:
        blank: At half `PAGE_DPI`.
    """
    height, width = blank.shape
    coloured = side.placed.registration.side.coloured[: 2 * height : 2, : 2 * width : 2]
    return np.asarray(coloured & (cv2.erode(blank, _AROUND) < _PALE_GREY))


def _beside_boxes(side: SidePage, shape: tuple[int, ...]) -> Mask:
    """The rows of the page in which boxes stand: names are printed there."""
    rows = np.zeros(shape, bool)
    for box in side.layout.mark_boxes:
        rows[int(box.box.y_mm * CHROMA_PX_PER_MM) : int(box.box.bottom_mm * CHROMA_PX_PER_MM) + 1] = True
    return rows
