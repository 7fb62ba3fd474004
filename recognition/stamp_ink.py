"""The ink of a weak stamp: what is dark for the place it stands in.

A stamp that fades out, was smeared or was pressed twice is not equally dark all over. Its letters
keep their shape when ink is what is darker than a share of the darkest ink within a letter's size.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import MM_PER_INCH, GreyImage, Mask, grey_percentile
from recognition.ink import InkPatch
from recognition.patches import PX_PER_MM, cut, cut_reference
from recognition.reference import PAGE_DPI
from recognition.sides import PlacedImage

MARGIN_MM = 4.0
"""So far around the group the scan is cut again."""

_SHARES = (0.5, 0.7)
"""Half the darkness is the edge of a clear letter; the weaker impression of two and the trail of a
smeared one have less than seven tenths."""

_FAINTEST = 0.09
_FAINTEST_SHARE = 0.3
_BLUR_MM, _LETTER_REACH_MM = 0.13, 1.5
_PRINT_DARKNESS, _BLACK_DARKNESS = 0.25, 0.45
_MOST_NEAR_PRINT = 0.35
_REACH_MM = 1.0


@dataclass(frozen=True)
class WeakInk:
    """The same ink at several shares of its darkness, at `DETAIL_DPI`.

    Attributes:
        masks: From the lowest share to the highest.
        corner_mm: Place of their upper left on the page.
    """

    masks: tuple[Mask, ...]
    corner_mm: tuple[float, float]


def weak_ink(placed: PlacedImage, patch: InkPatch) -> WeakInk:
    """Cuts the ink of a group again from the scan, letting the ballot's own print out."""
    area = patch.box.grown(MARGIN_MM)
    shift = placed.registration.shifts_at(np.array([patch.box.center_mm]))[0]
    grey = cut(placed.source, placed.registration, area, (float(shift[0]), float(shift[1])))
    blank = cut_reference(placed.registration.side.detail, area)
    coarse = np.pad(patch.mask, round(MARGIN_MM * PAGE_DPI / MM_PER_INCH)).astype(np.uint8)
    near = cv2.resize(coarse, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_NEAREST)
    return WeakInk(
        weak_masks(grey, blank, _spread(np.asarray(near, np.uint8), _REACH_MM)), (area.x_mm, area.y_mm)
    )


def weak_masks(grey: GreyImage, blank: GreyImage, near: Mask) -> tuple[Mask, ...]:
    """The ink of a piece of a scan at several shares of its darkness.

    Args:
        grey: Scan at `DETAIL_DPI`.
        blank: The same piece of the blank.
        near: Only strokes that reach into this are kept.
    """
    paper = grey_percentile(grey, 75)
    white = grey_percentile(blank, 75)
    printed = np.maximum(0, (white - blank.astype(np.float32)) / max(white, 40.0))
    dark = (paper - grey.astype(np.float32)) / max(paper, 40.0)
    dark = np.maximum(0, dark - cv2.dilate(printed, np.ones((5, 5), np.uint8)))
    dark[cv2.dilate((printed > _BLACK_DARKNESS).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0] = 0
    smooth = cv2.GaussianBlur(dark, (0, 0), _BLUR_MM * PX_PER_MM)
    size = 2 * round(_LETTER_REACH_MM * PX_PER_MM) + 1
    around = cv2.blur(cv2.dilate(smooth, np.ones((size, size), np.uint8)), (size, size))
    own = float(np.percentile(smooth[near], 97)) if near.any() else 0.0
    faintest = max(_FAINTEST, _FAINTEST_SHARE * own)
    by_print = _spread((printed > _PRINT_DARKNESS).astype(np.uint8), 0.5)
    shares = (np.maximum(faintest, share * around) for share in _SHARES)
    return tuple(_strokes_of(np.asarray(smooth >= limit), near, by_print) for limit in shares)


def _strokes_of(ink: Mask, near: Mask, by_print: Mask) -> Mask:
    """Whole strokes that belong to the group and do not hug the ballot's own print."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    hugging = np.bincount(labels[ink & by_print], minlength=count)
    touching = np.bincount(labels[ink & near], minlength=count)
    kept: npt.NDArray[np.bool_] = (hugging <= _MOST_NEAR_PRINT * stats[:, cv2.CC_STAT_AREA]) & (touching > 0)
    kept[0] = False
    return np.asarray(kept[labels])


def _spread(mask: npt.NDArray[np.uint8], reach_mm: float) -> Mask:
    size = 2 * round(reach_mm * PX_PER_MM) + 1
    return np.asarray(cv2.dilate(mask, np.ones((size, size), np.uint8)) > 0)
