"""Writing outside every field: beside print, and over it."""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np

from ballot.geometry import Box
from recognition.coloured_ink import coloured_over_print
from recognition.crease import on_crease
from recognition.fibre import is_fibre
from recognition.geometry import MM_PER_INCH, GreyImage, Mask
from recognition.identified import SidePage
from recognition.ink import InkPatch, SortedInk, group_ink, is_two_specks
from recognition.overprint import OverInk, ink_over_print, is_displaced_print
from recognition.pale_ink import pale_ink_over_print
from recognition.pale_writing import PalePaper, pale_writing
from recognition.patches import PX_PER_MM, cut, cut_reference
from recognition.profile import Profile
from recognition.reference import PAGE_DPI
from recognition.show_through import shows_through

_STROKE_GAP_MM = 2.0
_LEAST_APART_MM = 0.3
"""What is nearer is the same ink, seen with two lines of print."""

_FOLDED_MM = 4.5
"""Weak ink at a line of print that is longer is the print, laid badly where a fold goes through it."""

_MIN_STROKE_MM = 0.4
"""Pens draw wider than this; a single row of pixels is the edge of a printed line."""

_BILEVEL_REACH_MM = 2.3
"""In black and white, fibres of dust are as black as ink; they are shorter than this."""

_BLOT_REACH_MM, _BLOT_RIM_PX = 0.5, 2
_BLOT_BEYOND_MM = 0.3
_BLACK_GREY = 128

_ASIDE_PX = 5
_MOST_DISPLACED_MM2 = 6.0


def stray_places(
    side: SidePage,
    other: SidePage | None,
    paper: PalePaper | None,
    ink: SortedInk,
    of_stamp: Mask,
    print_like: Mask,
    profile: Profile,
) -> list[Box]:
    """Where there is writing outside every field.

    Args:
        other: The sheet's other side, whose ink may show through; None when it was not delivered.
        paper: The side's paper; None in black and white.
        of_stamp: Ink that is the stamp's.
        print_like: Where ink may be the blank's own print.
    """
    patches = group_ink(ink.stray & ~of_stamp, _STROKE_GAP_MM, print_like)
    written = [_is_stray_writing(side, patch, profile) for patch in patches]
    places = [patch.box for patch, is_written in zip(patches, written, strict=True) if is_written]
    weak = [patch for patch, is_written in zip(patches, written, strict=True) if not is_written]
    places += _overprinted(side, ink, of_stamp, weak, profile)
    places = _by_hand(side, other, places, profile)
    # A fibre that lies on a pale word tells nothing of the word.
    pale = [] if paper is None else _elsewhere(_pale(side, paper, ink, of_stamp, profile), places)
    return places + _by_hand(side, other, pale, profile)


def _by_hand(side: SidePage, other: SidePage | None, places: list[Box], profile: Profile) -> list[Box]:
    """Those where neither a fibre lies, nor the other side's ink shows through."""
    return [
        box
        for box in places
        if not (is_fibre(side, box, profile) or shows_through(side, other, box, profile))
    ]


def _overprinted(
    side: SidePage, ink: SortedInk, of_stamp: Mask, weak: list[InkPatch], profile: Profile
) -> list[Box]:
    """Writing over the blank's print that is neither the stamp's nor part of a field's stroke.

    Args:
        weak: Ink beside print that is no writing by itself.
    """
    if side.prints is None:
        return []
    compiled = side.placed.registration.side
    reach = 2 * round(_STROKE_GAP_MM * PAGE_DPI / MM_PER_INCH / 2) + 1
    accounted = cv2.dilate(ink.owned.view(np.uint8), np.ones((reach, reach), np.uint8)).view(bool)
    # Lines of print are laid onto the blank one by one, so that a stamp's ink may lie two pixels aside.
    aside = cv2.dilate(of_stamp.view(np.uint8), np.ones((_ASIDE_PX, _ASIDE_PX), np.uint8)).view(bool)
    # A frame printed around the ballot id is a line of print with the id in it.
    accounted |= aside | compiled.fields.zone | compiled.fields.digits | ~side.seen.judged
    least_mm2 = _least_over_print_mm2(side, profile)
    residual = side.prints.residual(compiled.prints)
    found = ink_over_print(side.placed, side.page, side.prints, residual, least_mm2, accounted)
    places = [group.box for group in found if _is_written_over(side, group, profile)]
    places += _ends_of_strokes(side, found, profile) + _seen_twice(side, found, weak, profile)
    places += _elsewhere(coloured_over_print(side, accounted, profile), places)
    pale = pale_ink_over_print(side.placed, side.page, side.prints, residual, accounted, profile)
    return places + _elsewhere(pale, places)


def _pale(side: SidePage, paper: PalePaper, ink: SortedInk, of_stamp: Mask, profile: Profile) -> list[Box]:
    """Pale writing between the print."""
    near_px = 2 * round(_STROKE_GAP_MM * PAGE_DPI / MM_PER_INCH) + 1
    told = cv2.dilate((ink.owned | of_stamp).view(np.uint8), np.ones((near_px, near_px), np.uint8)).view(bool)
    fields = side.placed.registration.side.fields
    patches = pale_writing(paper, told | fields.zone | fields.digits, profile)
    return [patch.box for patch in patches if not is_crease(side, patch)]


def _elsewhere(boxes: list[Box], places: list[Box]) -> list[Box]:
    """Those that are not told already."""
    return [box for box in boxes if all(box.overlap_mm2(place) == 0 for place in places)]


def _ends_of_strokes(side: SidePage, found: list[OverInk], profile: Profile) -> list[Box]:
    """Pairs of short pieces of ink near each other at a line of print, which may hide what lies between.

    Of a pale cross over a name only the ends of two arms were seen, as little each as dust leaves.
    """
    if side.placed.work.scan.bilevel:
        return []
    pieces = [group for group in found if _is_stroke(group.box, profile.over_print_reach_mm)]
    return [
        one.box.united(other.box)
        for one, other in combinations(pieces, 2)
        if _LEAST_APART_MM <= one.box.gap_mm(other.box) <= profile.paired_gap_mm
        and one.ink_mm2 + other.ink_mm2 >= profile.line_ink_mm2
    ]


def _seen_twice(side: SidePage, found: list[OverInk], weak: list[InkPatch], profile: Profile) -> list[Box]:
    """Ink as long as a pen's stroke that is weak both beside print and over it, as a pale cross over a name.

    Of 164 clean sheets in grey and colour only stamps have such places: dust that is seen twice is shorter.
    """
    if side.placed.work.scan.bilevel:
        return []
    pieces = [group for group in found if _is_stroke(group.box, profile.over_print_reach_mm)]
    return [
        patch.box.united(piece.box)
        for patch in weak
        for piece in pieces
        if profile.outside_reach_mm <= max(patch.box.w_mm, patch.box.h_mm) < _FOLDED_MM
        and min(patch.box.w_mm, patch.box.h_mm) >= _MIN_STROKE_MM
        and patch.ink_mm2 >= profile.paired_ink_mm2
        and patch.box.gap_mm(piece.box) <= _LEAST_APART_MM
        and not _is_print(side, patch, profile)
    ]


def _is_written_over(side: SidePage, group: OverInk, profile: Profile) -> bool:
    """Whether ink at a line of print is more than dust; print may hide the larger part of a stroke."""
    if not _is_stroke(group.box, profile.over_print_reach_mm) or _is_fibre_over_print(side, group, profile):
        return False
    is_long = max(group.box.w_mm, group.box.h_mm) >= profile.pale_line_reach_mm
    least_mm2 = profile.pale_line_ink_mm2 if is_long else profile.line_ink_mm2
    if group.ink_mm2 < least_mm2 and not side.placed.work.scan.bilevel:
        return False
    near = side.placed.registration.side.near_print
    x, y = (group.pixels_mm * (PAGE_DPI / MM_PER_INCH)).astype(int).T
    hidden = near[np.clip(y, 0, near.shape[0] - 1), np.clip(x, 0, near.shape[1] - 1)].any()
    return bool(hidden) or not _is_dust(side, group.box, group.ink_mm2, profile)


def _is_fibre_over_print(side: SidePage, group: OverInk, profile: Profile) -> bool:
    """Whether ink over print in black and white may be a fibre of dust; a cross is wider both ways."""
    length_mm, width_mm = sorted((group.box.w_mm, group.box.h_mm), reverse=True)
    return (
        side.placed.work.scan.bilevel
        and length_mm < profile.fibre_length_mm
        and width_mm < profile.fibre_width_mm
        and group.ink_mm2 < profile.fibre_ink_mm2
        and not _is_blot(side, group, profile)
    )


def _is_blot(side: SidePage, group: OverInk, profile: Profile) -> bool:
    """Whether ink and print are thicker together than print is, as where a cross closes a letter's eye."""
    area = group.box.grown(_BLOT_REACH_MM)
    seen = cut(side.placed.source, side.placed.registration, area, (0.0, 0.0))
    blank = cut_reference(side.placed.registration.side.detail, area)
    print_mm, thickness_mm = _thickest_mm(blank), _thickest_mm(seen)
    return print_mm > 0 and thickness_mm >= max(profile.blot_mm, print_mm + _BLOT_BEYOND_MM)


def _thickest_mm(grey: GreyImage) -> float:
    """Diameter of the largest circle that holds nothing but black, away from the edge of the picture."""
    reach = cv2.distanceTransform((grey < _BLACK_GREY).view(np.uint8), cv2.DIST_L2, 5)
    return 2 * float(reach[_BLOT_RIM_PX:-_BLOT_RIM_PX, _BLOT_RIM_PX:-_BLOT_RIM_PX].max()) / PX_PER_MM


def _is_dust(side: SidePage, box: Box, ink_mm2: float, profile: Profile) -> bool:
    """Whether ink that nothing hides is too short and too little for a stroke of a pen."""
    least, solid = profile.outside_reach_mm, profile.outside_solid_mm2
    if side.placed.work.scan.bilevel:
        least, solid = max(least, _BILEVEL_REACH_MM), profile.bilevel_outside_solid_mm2
    return max(box.w_mm, box.h_mm) < least and ink_mm2 < solid


def _least_over_print_mm2(side: SidePage, profile: Profile) -> float:
    return profile.bilevel_line_ink_mm2 if side.placed.work.scan.bilevel else profile.paired_ink_mm2


def _is_stroke(box: Box, least_reach_mm: float) -> bool:
    return max(box.w_mm, box.h_mm) >= least_reach_mm and min(box.w_mm, box.h_mm) >= _MIN_STROKE_MM


def _is_stray_writing(side: SidePage, patch: InkPatch, profile: Profile) -> bool:
    seen = patch.free_mm2 >= profile.outside_free_mm2 or patch.ink_mm2 >= profile.over_print_ink_mm2
    return (
        seen
        and patch.ink_mm2 >= profile.outside_ink_mm2
        and not _is_dust(side, patch.box, patch.ink_mm2, profile)
        and not (side.placed.work.scan.bilevel and is_two_specks(patch, profile.outside_speck_mm))
        and min(patch.box.w_mm, patch.box.h_mm) >= _MIN_STROKE_MM
        and not is_crease(side, patch)
        and not _is_print(side, patch, profile)
    )


def is_crease(side: SidePage, patch: InkPatch) -> bool:
    """Whether ink is a piece of a fold, a crease or a streak along the page."""
    ink = side.seen.ink
    if side.placed.work.scan.bilevel:
        ink = np.zeros_like(ink)  # what is left of a fold there is as black as ink
    return on_crease(side.page, side.placed.registration.side.page, ink, patch)


def _is_print(side: SidePage, patch: InkPatch, profile: Profile) -> bool:
    """Whether a little ink is the blank's print off its place; much ink could hide the paper around it."""
    least_mm2 = profile.bilevel_line_ink_mm2 if side.placed.work.scan.bilevel else profile.line_ink_mm2
    return patch.ink_mm2 <= _MOST_DISPLACED_MM2 and is_displaced_print(
        side.placed, side.page, side.prints, patch.box, least_mm2
    )
