"""What goes wrong at the scanner's feeder and glass: double feeds, empty paper, dirt that stays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from ballot.election import BallotStyle, Election
from calibration.testdeck.fields import BallotFields
from calibration.testdeck.planes import NEUTRAL, Planes

GLASS_SEED = 7_001
EDGE_SHADOW_MM = 0.35
PAPER_LEVEL = 252


class Mishap(StrEnum):
    """What was fed instead of one ballot."""

    DOUBLE_FEED = "double_feed"
    EMPTY_PAPER = "empty_paper"


@dataclass(frozen=True, slots=True)
class FeedRanges:
    """How a deck is fed: shares of sheets unless said otherwise.

    Attributes:
        dirty: Share of the time in which dirt on the glass draws a streak.
        dirty_sheets: How many sheets in a row have that streak in the same place.
    """

    double_feed: float = 0.0
    empty_paper: float = 0.0
    dirty: float = 0.0
    dirty_sheets: int = 40


@dataclass(frozen=True, slots=True)
class Fed:
    """What was fed.

    Attributes:
        mishap: None for one ballot, as it should be.
        below: The unused ballot that came along in a double feed.
        offset: How far it sticks out below, as a share of the first sheet's height.
    """

    mishap: Mishap | None = None
    below: BallotStyle | None = None
    offset: float = 0.0


ONE_BALLOT = Fed()


def pick_feed(ranges: FeedRanges, election: Election, rng: np.random.Generator) -> Fed:
    """How one sheet is fed. A deck without mishaps draws no chance."""
    if ranges.double_feed + ranges.empty_paper == 0:
        return ONE_BALLOT
    at = rng.random()
    if at < ranges.double_feed:
        below = election.ballots[int(rng.integers(len(election.ballots)))]
        return Fed(Mishap.DOUBLE_FEED, below, float(rng.uniform(0.06, 0.85)))
    if at < ranges.double_feed + ranges.empty_paper:
        return Fed(Mishap.EMPTY_PAPER)
    return ONE_BALLOT


def dirt_on_glass(ranges: FeedRanges, seed: int, index: int) -> float | None:
    """Where dirt draws a streak on this sheet, as a share of the width: the same for many sheets in a row."""
    if ranges.dirty == 0:
        return None
    rng = np.random.default_rng([seed, GLASS_SEED, index // ranges.dirty_sheets])
    return float(rng.uniform(0.08, 0.92)) if rng.random() < ranges.dirty else None


def empty_paper(planes: Planes) -> Planes:
    """Paper of the same size with nothing on it."""
    colour = tuple(np.full_like(plane, NEUTRAL) for plane in planes.colour)
    return replace(planes, y=np.full_like(planes.y, PAPER_LEVEL), colour=colour)


def overlapping(
    sides: tuple[Planes, Planes], others: tuple[Planes, Planes], offset: float
) -> tuple[Planes, Planes]:
    """Two sheets on top of each other, the second sticking out below.

    The camera over the inside sees the first sheet whole, the one over the outside the second.
    """
    down = round(sides[0].y.shape[0] * offset / 2) * 2
    inside = _stacked(sides[0], others[0], down, first_on_top=True)
    outside = _stacked(sides[1], others[1], down, first_on_top=False)
    return inside, outside


def _stacked(first: Planes, second: Planes, down: int, first_on_top: bool) -> Planes:
    shadow = max(1, round(EDGE_SHADOW_MM * first.y_px_per_mm))
    stacked = []
    for (upper, step), (lower, _) in zip(first.all, second.all, strict=True):
        height, width = upper.shape
        image = np.empty((height + down // step, width), np.uint8)
        edge = height if first_on_top else down // step
        image[:edge] = upper[:edge]
        image[edge:] = lower[edge - down // step : height, :width]
        if step == 1:
            # The edge of the sheet on top throws a shadow on the one below.
            rows = slice(edge, edge + shadow) if first_on_top else slice(edge - shadow, edge)
            image[rows] = (image[rows] * 0.8).astype(np.uint8)
        stacked.append(image)
    return replace(first, y=stacked[0], colour=tuple(stacked[1:]))


def longer(ballot: BallotFields, offset: float) -> BallotFields:
    """The fields of a sheet under which another one sticks out."""
    inside, outside = (
        replace(side, height_mm=side.height_mm * (1 + offset)) for side in (ballot.inside, ballot.outside)
    )
    return replace(ballot, inside=inside, outside=outside)
