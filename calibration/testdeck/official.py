"""The official who stamps the folded ballot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ballot.layout import PageSide
from calibration.testdeck.fields import BallotFields, SideFields
from calibration.testdeck.paper import free_place
from calibration.testdeck.stamps import STAMP_COLOURS, Impression, StampDesign, StampQuality
from calibration.testdeck.voters import Weights, draw_from

CLEAR_OF_FIELDS_MM = 46.0


@dataclass(frozen=True, slots=True)
class StampRanges:
    """How a deck's ballots are stamped.

    Attributes:
        wrong_side: Share stamped on the inside, because the voter folded the wrong way.
        anywhere: Of those, the share where the stamp may land on boxes and names.
        off_field: Share of the others that miss the stamp field but not the outside.
    """

    missing: float = 0.01
    wrong_side: float = 0.1
    anywhere: float = 0.0
    off_field: float = 0.03
    tilt_deg: float = 25.0
    qualities: Weights = (("clear", 1.0),)
    designs: tuple[StampDesign, ...] = tuple(StampDesign)
    colours: tuple[str, ...] = tuple(STAMP_COLOURS)


@dataclass(frozen=True, slots=True)
class Stamping:
    """Where the stamp was set, or that it was forgotten."""

    side: PageSide
    impression: Impression | None


def stamp_ballot(fields: BallotFields, ranges: StampRanges, rng: np.random.Generator) -> Stamping:
    """Decides the stamp of one ballot."""
    if rng.random() < ranges.missing:
        return Stamping(PageSide.OUTSIDE, None)
    inside = rng.random() < ranges.wrong_side
    x, y = _on_inside(fields.inside, ranges, rng) if inside else _on_outside(fields.outside, ranges, rng)
    impression = Impression(
        design=ranges.designs[int(rng.integers(len(ranges.designs)))],
        colour=ranges.colours[int(rng.integers(len(ranges.colours)))],
        quality=StampQuality(draw_from(ranges.qualities, rng)),
        x_mm=x,
        y_mm=y,
        angle_deg=float(rng.normal(0, ranges.tilt_deg / 2)),
    )
    return Stamping(PageSide.INSIDE if inside else PageSide.OUTSIDE, impression)


def _on_outside(fields: SideFields, ranges: StampRanges, rng: np.random.Generator) -> tuple[float, float]:
    box = fields.stamp_field
    if box is None or rng.random() < ranges.off_field:
        return float(rng.uniform(30, fields.width_mm - 30)), float(rng.uniform(30, fields.height_mm - 30))
    x, y = box.center_mm
    return float(x + rng.normal(0, box.w_mm * 0.09)), float(y + rng.normal(0, box.h_mm * 0.09))


def _on_inside(fields: SideFields, ranges: StampRanges, rng: np.random.Generator) -> tuple[float, float]:
    if rng.random() >= ranges.anywhere:
        place = free_place(fields, CLEAR_OF_FIELDS_MM, CLEAR_OF_FIELDS_MM, rng, margin_mm=0.0)
        if place is not None:
            return place.center_mm
    return float(rng.uniform(30, fields.width_mm - 30)), float(rng.uniform(30, fields.height_mm - 30))
