"""Deciding what the ink in a box means. Measuring is done in `recognition.boxes`."""

from __future__ import annotations

import math
from enum import Enum, auto

from ballot.geometry import Box
from ballot.layout import MarkBox
from ballot.reading import MarkReading, MarkState
from recognition.boxes import BoxMeasure
from recognition.mark_network import LEAST_BOX_MM, MOST_ASPECT, MOST_BOX_MM
from recognition.profile import Profile

_HALO = 1.5
_ON_RING = 2
"""Places at which a circle meets a ring; none where its strokes were too thick to be told apart."""

_CROSS_WEDGES = 4
"""Pieces of paper between the arms of a cross that is wholly inside its box."""


class Trait(Enum):
    """What the ink of a box may be, of which the voter's other marks tell more.

    Attributes:
        FILL: It covers the box and is no clear cross or ring.
        RING: It may be a ring, of which the outline may hide more or less.
        PLAIN: It seems taken back, but may be a mark of a thick pen.
        LOW: Its ink lies off the middle of the box, as that of low ticks does.
        LIGHT: Its ink is little, as that of thin or pale pens is.
        DUST: Its ink is as short as a fibre of dust.
        CROSSING: A dot lies in its middle, where the strokes of a pale cross are darkest.
        GRAINS: Several specks lie in it, as thresholding leaves some of a pale mark.
        SPECK: At least one does, be it a pixel.
        COVER: It covers much of its box in black and white, as thick pens do, or what is left of a scribble.
    """

    FILL = auto()
    RING = auto()
    PLAIN = auto()
    LOW = auto()
    LIGHT = auto()
    DUST = auto()
    CROSSING = auto()
    GRAINS = auto()
    SPECK = auto()
    COVER = auto()


def traits_of(
    box: Box, measure: BoxMeasure, profile: Profile, *, bilevel: bool = False, unclear: bool = False
) -> frozenset[Trait]:
    """What the ink of a box may be.

    Args:
        bilevel: Whether it was scanned in black and white, where fibres of dust are as black as ink and may
            have as much of it as a light mark.
        unclear: Whether paper is missing near it, or its mark may be the next box's: no likeness to others
            makes it count, or dust of it.
    """
    told = {
        Trait.FILL: _is_fill(box, measure, profile),
        Trait.RING: _is_ring(measure, profile),
        Trait.PLAIN: not unclear and _may_be_plain(box, measure, profile),
        Trait.LOW: not unclear and _may_be_low(box, measure, profile),
        Trait.LIGHT: not (unclear or bilevel) and _may_be_light(box, measure, profile),
        Trait.DUST: not unclear and _may_be_dust(measure, profile),
        Trait.CROSSING: _may_be_crossing(measure, profile),
        Trait.GRAINS: bilevel and measure.grains >= profile.least_grains,
        Trait.SPECK: bilevel and measure.grains > 0,
        Trait.COVER: bilevel and measure.ink_share > profile.covering_share,
    }
    return frozenset(trait for trait, holds in told.items() if holds)


def least_vote_odds(box: Box, measure: BoxMeasure, profile: Profile, bilevel: bool) -> float:
    """With which log-odds the network for marks must see a vote in ink of which rules are not sure.

    Infinite where there is too little ink, the box is not all there or unlike those the network knows, or a
    stroke goes on beyond its picture. Strokes beside the mark, around it or through its middle may belong to
    something that the picture shows in part: of drawn strokes through the corner of a crossed box it saw one
    as a vote with 5.5.
    """
    small_mm, large_mm = sorted((box.w_mm, box.h_mm))
    may_be = (
        small_mm >= LEAST_BOX_MM
        and large_mm <= min(MOST_BOX_MM, MOST_ASPECT * small_mm)
        and measure.outline >= profile.min_outline
        and measure.outline_gap_mm <= profile.max_outline_gap_mm
        and measure.ink_mm2 >= profile.empty_ink_mm2
        and measure.reach_mm >= profile.reach_share * small_mm
        and not measure.bridges
        and not measure.leaves
        and not _is_rubbed(measure, profile)
        and not _is_speck(measure, profile)
    )
    if not may_be:
        return math.inf
    strokes = measure.strokes
    is_beside = strokes.third_near > profile.third_near_share or strokes.ringed >= profile.ringed_share
    if is_beside or measure.struck:
        return profile.beside_vote_odds
    return profile.bilevel_vote_odds if bilevel else profile.vote_odds


def judge_mark(box: MarkBox, measure: BoxMeasure, profile: Profile, bilevel: bool = False) -> MarkReading:
    """The state of one box.

    Args:
        bilevel: Whether it was scanned in black and white, where outlines are ragged.
    """
    dx, dy = measure.shift_mm
    return MarkReading(
        kind=box.kind,
        candidate=box.candidate,
        party=box.party,
        score=mark_score(measure, profile),
        state=_state(box.box, measure, profile, bilevel),
        expected=box.box,
        found=Box(box.box.x_mm + dx, box.box.y_mm + dy, box.box.w_mm, box.box.h_mm),
    )


def mark_score(measure: BoxMeasure, profile: Profile) -> float:
    """Ink on a scale where 0 is clean, 0.5 the limit to doubt and 1 twice a certain mark."""
    if measure.ink_mm2 <= profile.empty_ink_mm2:
        return 0.5 * measure.ink_mm2 / profile.empty_ink_mm2
    span = 2 * profile.marked_ink_mm2 - profile.empty_ink_mm2
    return min(1.0, 0.5 + 0.5 * (measure.ink_mm2 - profile.empty_ink_mm2) / span)


def _state(box: Box, measure: BoxMeasure, profile: Profile, bilevel: bool) -> MarkState:
    size_mm = min(box.w_mm, box.h_mm)
    if measure.outline < profile.min_outline or measure.outline_gap_mm > profile.max_outline_gap_mm:
        return MarkState.DOUBTFUL
    if measure.ink_mm2 < profile.empty_ink_mm2 or _is_speck(measure, profile):
        least_ring = profile.bilevel_ring_bearing_share if bilevel else profile.ring_bearing_share
        ringed = measure.strokes.around >= least_ring or _is_faintly_ringed(measure, profile)
        unclear = ringed or measure.tone > profile.max_tone or _faint_mm2(measure) > profile.faint_ink_mm2
        return MarkState.DOUBTFUL if unclear else MarkState.EMPTY
    if _may_be_taken_back(measure, size_mm, profile):
        return MarkState.TAKEN_BACK
    return MarkState.MARKED if _is_across(box, measure, profile) else MarkState.DOUBTFUL


def _is_across(box: Box, measure: BoxMeasure, profile: Profile) -> bool:
    """Whether the ink of a box is enough for a mark, goes through its middle and reaches far."""
    size_mm = min(box.w_mm, box.h_mm)
    # Circles and low ticks leave the middle free, but they reach across the box and have much ink.
    round_the_middle = _is_round_the_middle(box, measure, profile)
    # A stroke that goes far both ways is no dot, so thin pens may leave less ink in small boxes.
    slanting = measure.depth_mm >= profile.slant_share * size_mm
    smaller = min(1.0, size_mm / profile.slant_box_mm) if slanting else 1.0
    central = measure.core_mm2 >= profile.core_share * measure.ink_mm2 or (
        round_the_middle and measure.ink_mm2 >= smaller * profile.ring_ink_mm2
    )
    enough = measure.ink_mm2 >= smaller * profile.marked_ink_mm2
    spread = measure.reach_mm >= profile.reach_share * size_mm
    return enough and central and spread and not measure.bridges


def _faint_mm2(measure: BoxMeasure) -> float:
    """Ink fainter than pens leave; a dot is faint all around, more than a clean box may be."""
    return measure.faint_mm2 - _HALO * measure.ink_mm2


def _is_faintly_ringed(measure: BoxMeasure, profile: Profile) -> bool:
    """Whether a pale ring may lie along the outline, which hides most of it."""
    is_around = measure.strokes.around >= profile.faint_ring_bearing_share
    return is_around and _faint_mm2(measure) > profile.faint_ring_ink_mm2


def _is_rubbed(measure: BoxMeasure, profile: Profile) -> bool:
    """Whether a part of a mark was rubbed out, more or less."""
    return measure.rubbed_mm2 >= profile.rubbed_mm2


def _is_speck(measure: BoxMeasure, profile: Profile) -> bool:
    """Whether all ink of a box is a dot or a thin short line: dust, or a pen that was only put down."""
    is_dot = measure.reach_mm < profile.speck_reach_mm and measure.ink_mm2 < profile.speck_ink_mm2
    return is_dot or (measure.reach_mm < profile.hair_reach_mm and measure.ink_mm2 < profile.hair_ink_mm2)


def _may_be_taken_back(measure: BoxMeasure, size_mm: float, profile: Profile) -> bool:
    """Whether ink covers the box so that a mark may have been scribbled or struck out.

    A cross of the thickest pen leaves round pieces of paper between its arms, and a voter who
    fills a box keeps within it; a scribble does neither. Three strokes side by side are more than
    a cross has, unless two straight bands explain them.
    """
    strokes = measure.strokes
    if measure.struck or strokes.ringed >= profile.ringed_share or _is_rubbed(measure, profile):
        return True
    is_contained = measure.spill_mm2 <= profile.fill_spill_mm2
    sparse = measure.ink_share <= profile.overfull_share
    if sparse and strokes.hollow >= profile.ring_hollow_share and not _is_struck_ring(measure):
        return False
    has_arms = _has_arms(measure, size_mm, profile)
    may_tell_strokes = measure.ink_share <= profile.dense_share or has_arms
    if may_tell_strokes and _has_third_stroke(measure, profile):
        return True
    two_strokes = _is_two_bands(measure, size_mm, profile) or _is_two_strokes(measure, profile)
    is_one_cross = strokes.side_by_side < profile.scribble_strokes or (
        two_strokes and (sparse or strokes.wedges >= _CROSS_WEDGES)
    )
    if not is_one_cross and (sparse or not is_contained):
        return True
    if sparse or has_arms:
        return False
    is_filled = (
        is_contained
        and measure.ink_share <= profile.fill_share
        and measure.void_mm >= profile.fill_void_share * size_mm
    )
    return not is_filled


def _is_fill(box: Box, measure: BoxMeasure, profile: Profile) -> bool:
    """Whether a mark covers its box and is no cross or ring: filled in, or scribbled over within the box."""
    size_mm = min(box.w_mm, box.h_mm)
    if measure.ink_share <= profile.overfull_share or measure.strokes.hollow >= profile.ring_hollow_share:
        return False
    return not _has_arms(measure, size_mm, profile)


def _may_be_plain(box: Box, measure: BoxMeasure, profile: Profile) -> bool:
    """Whether a mark that covers much of its box may be one of a thick pen, or ragged in black and white.

    By itself it may be a mark taken back; beside others with as much ink it is not. Of 123 simulated
    scribbles over crosses none left room for a circle of more than 0.073 of the box, or was explained by
    two bands but for less than 0.026 of it.
    """
    strokes = measure.strokes
    has_third = (
        measure.struck
        or _is_rubbed(measure, profile)
        or strokes.ringed >= profile.ringed_share
        or strokes.side_by_side >= profile.scribble_strokes
        or (_has_third_stroke(measure, profile) and strokes.hollow < profile.like_ring_hollow_share)
        or (_has_shape_of_ring(measure, profile) and _is_struck_ring(measure))
    )
    # The arms of crosses leave their boxes; what leaves that of a ring may strike it out.
    most_mm2 = profile.like_spill_ratio * measure.ink_mm2
    is_round = _has_shape_of_ring(measure, profile)
    runs_over = measure.spill_mm2 > (profile.fill_spill_mm2 if is_round else most_mm2)
    has_room = measure.void_mm >= profile.like_void_share * min(box.w_mm, box.h_mm)
    is_cross = strokes.misfit <= profile.like_misfit_share and strokes.wedges >= profile.cross_wedges
    return (has_room or is_cross) and not has_third and not runs_over


def _may_be_light(box: Box, measure: BoxMeasure, profile: Profile) -> bool:
    """Whether a mark goes through the middle of its box with little ink, as those of thin or pale pens do."""
    return (
        measure.ink_mm2 >= profile.empty_ink_mm2
        and measure.outline >= profile.min_outline
        and measure.outline_gap_mm <= profile.max_outline_gap_mm
        and not measure.bridges
        and measure.core_mm2 >= profile.light_core_share * measure.ink_mm2
        and measure.depth_mm >= profile.light_depth_share * min(box.w_mm, box.h_mm)
        and measure.spill_mm2 <= profile.like_spill_ratio * measure.ink_mm2
    )


def _may_be_low(box: Box, measure: BoxMeasure, profile: Profile) -> bool:
    """Whether a mark reaches across its box, but lies off its middle, as low ticks do."""
    smaller = min(1.0, min(box.w_mm, box.h_mm) / profile.slant_box_mm)
    return (
        measure.ink_mm2 >= smaller * profile.marked_ink_mm2
        and measure.outline >= profile.min_outline
        and measure.outline_gap_mm <= profile.max_outline_gap_mm
        and not measure.bridges
        and _is_round_the_middle(box, measure, profile)
        and measure.spill_mm2 <= profile.like_spill_ratio * measure.ink_mm2
    )


def _is_round_the_middle(box: Box, measure: BoxMeasure, profile: Profile) -> bool:
    size_mm = min(box.w_mm, box.h_mm)
    return (
        measure.depth_mm >= profile.ring_depth_share * size_mm
        and measure.reach_mm >= profile.ring_reach_share * size_mm
    )


def _may_be_dust(measure: BoxMeasure, profile: Profile) -> bool:
    """Whether all ink at a box is as short as a fibre of dust, and nothing is faint or missing."""
    return (
        measure.reach_mm < profile.dust_reach_mm
        and measure.spill_mm2 <= profile.fill_spill_mm2
        and measure.outline >= profile.min_outline
        and measure.outline_gap_mm <= profile.max_outline_gap_mm
        and measure.strokes.around < profile.ring_bearing_share
        and not _is_faintly_ringed(measure, profile)
        and _faint_mm2(measure) <= profile.dust_faint_mm2
        and measure.tone <= profile.max_tone
    )


def _may_be_crossing(measure: BoxMeasure, profile: Profile) -> bool:
    """Whether all ink of a box is a dot in its middle: black and white may leave no more of a pale cross."""
    return (
        measure.ink_mm2 >= profile.crossing_ink_mm2
        and measure.core_mm2 >= profile.crossing_core_share * measure.ink_mm2
    )


def _has_third_stroke(measure: BoxMeasure, profile: Profile) -> bool:
    """Whether there is ink that neither a ring nor two strokes explain, in the box or closely around it."""
    strokes = measure.strokes
    is_more = max(strokes.third, strokes.third_of_usual_pen) > profile.third_stroke_share or (
        strokes.third_near > profile.third_near_share and measure.ink_share <= profile.dense_share
    )
    return is_more and not _is_ring(measure, profile)


def _is_ring(measure: BoxMeasure, profile: Profile) -> bool:
    """Whether a mark may be a ring: with free paper around its middle, and nothing struck through it."""
    return _has_shape_of_ring(measure, profile) and not _is_struck_ring(measure)


def _has_shape_of_ring(measure: BoxMeasure, profile: Profile) -> bool:
    strokes = measure.strokes
    is_small = strokes.hollow >= profile.small_ring_hollow_share and strokes.wedges <= profile.ring_wedges
    return is_small or strokes.hollow >= profile.ring_hollow_share


def _is_struck_ring(measure: BoxMeasure) -> bool:
    """Whether a circle crosses more strokes than those of a ring, if it is one."""
    return measure.strokes.circle_strokes > _ON_RING


def _is_two_strokes(measure: BoxMeasure, profile: Profile) -> bool:
    """Whether two strokes of a pen, each bent a little at most, are all there is."""
    strokes = measure.strokes
    return strokes.pen <= profile.widest_pen_share and strokes.third <= profile.two_strokes_share


def _is_two_bands(measure: BoxMeasure, size_mm: float, profile: Profile) -> bool:
    """Whether two straight bands are all there is; a cross with all four arms apart may be less straight."""
    strokes = measure.strokes
    is_clear_cross = (
        strokes.wedges >= _CROSS_WEDGES
        and strokes.misfit <= profile.clear_misfit_share
        and measure.void_mm >= profile.clear_void_share * size_mm
    )
    return is_clear_cross or strokes.misfit <= profile.cross_misfit_share


def _has_arms(measure: BoxMeasure, size_mm: float, profile: Profile) -> bool:
    """Whether a mark is two strokes that leave round pieces of paper between their arms."""
    strokes = measure.strokes
    is_bent_cross = (
        _is_two_strokes(measure, profile)
        and measure.ink_share <= profile.dense_share
        and strokes.wedges >= _CROSS_WEDGES
        and measure.void_mm >= profile.like_void_share * size_mm
    )
    is_straight_cross = (
        _is_two_bands(measure, size_mm, profile)
        and strokes.wedges >= profile.cross_wedges
        and measure.void_mm >= profile.cross_void_share * size_mm
    )
    return is_bent_cross or is_straight_cross
