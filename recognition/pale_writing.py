"""Pale writing on free paper: a word in hard pencil or light blue, no pixel of which is surely ink.

It is darker than the paper around by little, but over a place that is wider both ways than folds and
streaks are.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from recognition.geometry import MM_PER_INCH, GreyImage, Mask, over
from recognition.identified import SidePage
from recognition.ink import InkPatch, group_ink, is_two_specks
from recognition.medians import median_deviation
from recognition.profile import Profile
from recognition.reference import PAGE_DPI

_PX_PER_MM = PAGE_DPI / MM_PER_INCH
_PAPER_STEP_PX, _PAPER_SAMPLES = 4, 7
"""Paper is what most of so many pixels each way are, of which every so manieth is looked at."""

_SHADE_PX = 5
"""What is as dark over more than 1.3 mm both ways is taken for the shade of a crumple; strokes of broad
felt pens are lost with it where they are pale."""

_NOISE_TIMES, _NOISE_STEP_PX = 4.0, 4
_DEVIATIONS_A_MEDIAN = 1.4826
_GAP_MM = 1.6
_PRINT_GREY, _BEHIND_PX = 160, 9
_EDGE_STEP = 25
"""A tint shows through evenly; only its edges, and print on it, may be taken for strokes."""


@dataclass(frozen=True)
class PalePaper:
    """The paper of one side in grey or colour, on which pale strokes are looked for.

    Attributes:
        beyond: By how many grey levels each pixel is darker than its blank and than the paper around.
        least_grey: What is darker by no more may be grain.
        free: Where a stroke is seen: beside print, and not as pale as what shows through where it may.
        near_print: Where the blank's own print is near.
    """

    beyond: GreyImage
    least_grey: float
    free: Mask
    near_print: Mask


def pale_paper(side: SidePage, other: SidePage | None, profile: Profile) -> PalePaper | None:
    """The paper of a side; None in black and white.

    Args:
        other: The sheet's other side, whose print and ink may show through; None when it was not delivered.
    """
    if side.placed.work.scan.bilevel:
        return None
    near_print = side.placed.registration.side.near_print
    around = np.asarray(cv2.max(_paper(side.darker), _shade(side.darker)), np.uint8)
    beyond = np.asarray(cv2.subtract(side.darker, around), np.uint8)
    free = side.seen.judged & ~near_print
    if other is not None and other.page.shape == side.page.shape:
        # What shows through the paper is paler still.
        free &= ~_behind(other) | over(beyond, 255 * profile.shown_print_darkness)
    return PalePaper(beyond, _NOISE_TIMES * _noise(side.darker, around), free, near_print)


def pale_writing(
    paper: PalePaper, accounted: Mask, profile: Profile, least_darkness: float | None = None
) -> list[InkPatch]:
    """Groups of pale strokes on the paper between the print.

    Args:
        accounted: Where ink is told of otherwise, or belongs to a field.
        least_darkness: How much darker than the paper around a stroke is; the profile's for free paper when
            None.
    """
    darkness = profile.pale_writing_darkness if least_darkness is None else least_darkness
    pale = over(paper.beyond, max(255 * darkness, paper.least_grey)) & paper.free & ~accounted
    if not pale.any():
        return []
    patches = group_ink(_without_pairs(pale), _GAP_MM, paper.near_print)
    return [patch for patch in patches if _is_writing(patch, profile)]


def _without_pairs(pale: Mask) -> Mask:
    """Without pieces of one pixel or two: in any larger one some pixel has two others beside it."""
    marked = pale.view(np.uint8)
    around = cv2.boxFilter(marked, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    joints = cv2.bitwise_and(marked, (around >= 3).view(np.uint8))
    return np.asarray(pale & cv2.dilate(joints, np.ones((3, 3), np.uint8)).view(bool))


def _paper(darker: GreyImage) -> GreyImage:
    """How dark the paper around each pixel is, whatever ink lies on less than half of it."""
    some = np.ascontiguousarray(darker[::_PAPER_STEP_PX, ::_PAPER_STEP_PX])
    steady = cv2.medianBlur(some, _PAPER_SAMPLES)
    return np.asarray(cv2.resize(steady, darker.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def _shade(darker: GreyImage) -> GreyImage:
    """How dark all of a place is that is wider both ways than a stroke."""
    return np.asarray(cv2.morphologyEx(darker, cv2.MORPH_OPEN, np.ones((_SHADE_PX, _SHADE_PX))), np.uint8)


def _noise(darker: GreyImage, around: GreyImage) -> float:
    """Standard deviation of the paper's grain, in grey levels."""
    every = slice(None, None, _NOISE_STEP_PX)
    return _DEVIATIONS_A_MEDIAN * median_deviation(
        darker[every, every].astype(np.int16) - around[every, every]
    )


def _behind(other: SidePage) -> Mask:
    """Where print or strong ink of the other side lies behind, the sheet turned either way."""
    blank = other.placed.registration.side
    steps = np.asarray(
        cv2.subtract(cv2.dilate(blank.page, np.ones((3, 3), np.uint8)), blank.darkest_near), np.uint8
    )
    printed = (~over(blank.page, _PRINT_GREY - 1) & over(steps, _EDGE_STEP)) | other.seen.strong
    near = cv2.dilate(printed.view(np.uint8), np.ones((_BEHIND_PX, _BEHIND_PX), np.uint8))
    return np.asarray(cv2.bitwise_or(cv2.flip(near, 0), cv2.flip(near, 1)), np.uint8).view(bool)


def _is_writing(patch: InkPatch, profile: Profile) -> bool:
    """Whether a group is as large, and spread as far both ways, as two or three letters."""
    if patch.ink_mm2 < profile.pale_writing_ink_mm2 or is_two_specks(patch, profile.outside_speck_mm):
        return False
    spread = np.linalg.eigvalsh(np.cov(np.stack(np.nonzero(patch.mask))))
    across_mm, along_mm = np.sqrt(np.maximum(spread, 0)) / _PX_PER_MM
    return bool(across_mm >= profile.pale_writing_across_mm and along_mm >= profile.pale_writing_along_mm)
