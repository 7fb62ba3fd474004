"""Registration marks that the scanner cannot see: torn off, covered, printed over."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from ballot.geometry import Box
from ballot.layout import PageSide
from calibration.testdeck.fields import BallotFields, SideFields
from calibration.testdeck.paper import Rgb
from calibration.testdeck.planes import Planes, fill

COVERS: tuple[Rgb, ...] = ((244, 243, 240), (250, 238, 160), (228, 226, 220))
"""Labels, tape and other paper."""
INK: Rgb = (36, 34, 38)
BITE_POINTS = 14
SMALL_MM = 1.9


class Loss(StrEnum):
    """What became of a mark."""

    TORN = "mark_torn"
    COVERED = "mark_covered"
    PRINTED_OVER = "mark_printed_over"


@dataclass(frozen=True, slots=True)
class LostMark:
    """One mark that is lost.

    Attributes:
        patch: What is gone or covered, on that side.
    """

    side: PageSide
    loss: Loss
    patch: Box

    @property
    def condition(self) -> str:
        """The word for the truth file."""
        return f"{self.loss.value}:{self.side.value}"


def pick_lost_marks(rate: float, ballot: BallotFields, rng: np.random.Generator) -> tuple[LostMark, ...]:
    """One or two marks of one side on that share of the sheets."""
    if rate == 0 or rng.random() >= rate:
        return ()
    side = PageSide.INSIDE if rng.random() < 0.6 else PageSide.OUTSIDE
    fields = ballot.inside if side is PageSide.INSIDE else ballot.outside
    marks = _whole_marks(fields.registration_marks)
    count = min(1 + int(rng.random() < 0.4), len(marks))
    chosen = rng.choice(len(marks), count, replace=False) if marks else ()
    return tuple(
        LostMark(side, list(Loss)[int(rng.integers(3))], _patch(fields, marks[int(i)], rng)) for i in chosen
    )


def _whole_marks(drawn: tuple[Box, ...]) -> list[Box]:
    """Marks as one sees them: the two bars of an angle are one. Timing bars are too small to be lost."""
    whole: list[Box] = []
    for box in drawn:
        touching = [other for other in whole if other.grown(0.1).overlap_mm2(box) > 0]
        for other in touching:
            whole.remove(other)
            box = box.united(other)
        whole.append(box)
    return [box for box in whole if min(box.w_mm, box.h_mm) > SMALL_MM]


def _patch(fields: SideFields, mark: Box, rng: np.random.Generator) -> Box:
    """The mark and a little around it, out to the nearest edge of the sheet."""
    around = mark.grown(float(rng.uniform(0.6, 1.6)))
    gaps = {
        "left": around.x_mm,
        "right": fields.width_mm - around.right_mm,
        "top": around.y_mm,
        "bottom": fields.height_mm - around.bottom_mm,
    }
    nearest = min(gaps, key=lambda edge: gaps[edge])
    reach = gaps[nearest] + 1.0
    if nearest == "left":
        return Box(-1.0, around.y_mm, around.right_mm + 1.0, around.h_mm)
    if nearest == "right":
        return Box(around.x_mm, around.y_mm, around.w_mm + reach, around.h_mm)
    if nearest == "top":
        return Box(around.x_mm, -1.0, around.w_mm, around.bottom_mm + 1.0)
    return Box(around.x_mm, around.y_mm, around.w_mm, around.h_mm + reach)


def on_inside(lost: LostMark, fields: SideFields) -> Box:
    """Where a torn piece is missing on the inside of the sheet."""
    if lost.side is PageSide.INSIDE:
        return lost.patch
    return _mirrored(lost.patch, fields.width_mm)


def _mirrored(box: Box, width_mm: float) -> Box:
    return Box(width_mm - box.right_mm, box.y_mm, box.w_mm, box.h_mm)


def lose_marks(
    planes: Planes,
    lost: tuple[LostMark, ...],
    side: PageSide,
    fields: SideFields,
    behind: Rgb,
    rng: np.random.Generator,
) -> None:
    """Tears off, covers or prints over the marks of a side, in place. A tear is seen from both sides."""
    for mark in lost:
        torn = mark.loss is Loss.TORN
        if not torn and mark.side is not side:
            continue
        patch = mark.patch if mark.side is side else _mirrored(mark.patch, fields.width_mm)
        colour = behind if torn else INK
        if mark.loss is Loss.COVERED:
            colour = COVERS[int(rng.integers(len(COVERS)))]
        fill(planes, _outline(patch, 0.5 if torn else 0.15, rng) * _scale(planes), colour)


def _scale(planes: Planes) -> tuple[float, float]:
    return planes.x_px_per_mm, planes.y_px_per_mm


def _outline(box: Box, rough_mm: float, rng: np.random.Generator) -> Any:
    """The edge of a patch in mm, not quite straight."""
    left, top, right, bottom = box.x_mm, box.y_mm, box.right_mm, box.bottom_mm
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    t = np.linspace(0, 1, BITE_POINTS, endpoint=False)[:, None]
    edges = [(1 - t) * corners[i] + t * corners[(i + 1) % 4] for i in range(4)]
    points = np.concatenate(edges)
    return np.asarray(points + rng.normal(0, rough_mm / 2, points.shape))
