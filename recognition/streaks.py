"""Streaks: lines that a speck of dirt on the scanner's glass draws over the whole picture."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.geometry import MM_PER_INCH, apply, inverted
from recognition.identified import SidePage
from recognition.profile import Profile
from recognition.pyramid import WorkImage
from recognition.reference import PAGE_DPI
from recognition.sides import PlacedImage

_BAND_MM = 4.0
"""A streak is judged over pieces of this length: long enough to average out noise, short enough
that a line of a voter's pen fails in most of them."""

_BESIDE_MM = 0.8
"""A streak is thinner than twice this: so far beside it the paper is as light as elsewhere."""

_WIDEST_MM = 1.0
"""Ink reaches no farther to the side of a streak that it is a piece of."""

_LIGHT_GREY = 140
_MIN_LIGHT_SHARE = 0.5
"""Pieces of a column with dark surroundings (print, black background) show no streak; of the
others there must be so many."""

_FOLD_MM, _FOLD_DARKNESS = 2.0, 0.2
"""A pale line so near the middle of the sheet is where it was folded."""

_RIM_MM = 3.0
"""So near the paper's edge a line is the shadow of that edge."""

_ASIDE_MM, _PRINTED_DARKER, _PRINTED_SHARE = 1.5, 25, 0.5


@dataclass(frozen=True, slots=True)
class Streak:
    """A line that runs straight along the columns of a scan, as delivered, from top to bottom.

    Attributes:
        line_mm: Points half a millimetre apart on it, as far as they lie on the page, shape (n, 2), page mm.
        darkness: How much darker than its surroundings, as a share of white.
        across: The page's axis that it runs across: 0 for x, 1 for y where the picture lay on its side.
    """

    line_mm: npt.NDArray[np.float64]
    darkness: float
    across: int = 0

    def covers(self, box: Box) -> bool:
        """Whether something lies on the streak with its whole width."""
        starts, ends = (box.x_mm, box.y_mm), (box.right_mm, box.bottom_mm)
        own, along = self.across, 1 - self.across
        middle, half = box.center_mm[along], (ends[along] - starts[along]) / 2
        at = np.abs(self.line_mm[:, along] - middle) <= half + 1
        if not at.any():
            return False
        places = self.line_mm[at, own]
        return (
            starts[own] >= float(places.min()) - _WIDEST_MM and ends[own] <= float(places.max()) + _WIDEST_MM
        )


def find_streaks(side: SidePage, profile: Profile) -> list[Streak]:
    """The streaks over one side, without the sheet's fold and lines of the blank."""
    found = []
    for at_px, darkness in _dark_columns(side.placed.work, profile):
        across = int(side.placed.work.scan.lies_on_its_side)
        streak = Streak(_on_page(side.placed, at_px), darkness, across)
        if len(streak.line_mm) and not _is_fold(side, streak) and not _is_printed(side, streak):
            found.append(streak)
    return found


def _dark_columns(work: WorkImage, profile: Profile) -> list[tuple[float, float]]:
    """Thin lines over all of a scan along its columns, as delivered: place in full pixels, and darkness.

    A pen line ends before the scan does or strays from its column; so does a fold on paper that
    lies askew, and neither goes on beyond the paper.
    """
    page, own = (work.page.T, 1) if work.scan.lies_on_its_side else (work.page, 0)
    per_mm = work.dpi[own] / work.page_scale[own] / MM_PER_INCH
    rows_per_mm = work.dpi[1 - own] / work.page_scale[1 - own] / MM_PER_INCH
    height, width = page.shape
    bands = max(10, round(height / rows_per_mm / _BAND_MM))
    edges = np.linspace(0, height, bands + 1).round().astype(int)
    # Band by band, which is several times faster than shrinking the picture in one direction.
    means = [
        cv2.reduce(np.ascontiguousarray(page[a:b]), 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F)
        for a, b in pairwise(edges)
    ]
    grey = np.concatenate(means)
    beside = max(2, round(_BESIDE_MM * per_mm))
    if width <= 2 * beside:
        return []
    around = np.minimum(grey[:, : -2 * beside], grey[:, 2 * beside :])
    darker = around - grey[:, beside:-beside]
    light = around > _LIGHT_GREY
    seen = (darker > 255 * profile.streak_darkness) & light
    pieces = light.sum(axis=0)
    whole = (seen.sum(axis=0) >= profile.streak_share * pieces) & (pieces >= _MIN_LIGHT_SHARE * bands)
    depth = np.where(light, darker, 0).sum(axis=0) / np.maximum(pieces, 1)
    found = []
    for columns in _runs(whole):
        middle = float((columns + 0.5) @ depth[columns] / depth[columns].sum()) + beside
        found.append((middle * work.page_scale[own], float(depth[columns].max()) / 255))
    return found


def _runs(flags: npt.NDArray[np.bool_]) -> list[npt.NDArray[np.int64]]:
    """The indices of each unbroken run of true values."""
    at = np.flatnonzero(flags)
    return [run for run in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1) if len(run)]


def _on_page(placed: PlacedImage, at_px: float) -> npt.NDArray[np.float64]:
    """Points half a millimetre apart on the streak, in page mm, as far as they lie on the page."""
    registration = placed.registration
    along = 0 if placed.work.scan.lies_on_its_side else 1
    length = placed.work.scan.grey.shape[1 - along]
    steps = np.arange(0.0, length, placed.work.dpi[along] / MM_PER_INCH / 2)
    places = np.empty((len(steps), 2))
    places[:, along], places[:, 1 - along] = steps, at_px
    points = apply(inverted(registration.mm_to_scan), places)
    width_mm, height_mm = registration.side.size_mm
    inner = (points > _RIM_MM).all(axis=1) & (points < np.array([width_mm, height_mm]) - _RIM_MM).all(axis=1)
    return points[inner]


def _is_fold(side: SidePage, streak: Streak) -> bool:
    middle = (side.layout.width_mm, side.layout.height_mm)[streak.across] / 2
    is_middle = bool(np.abs(streak.line_mm[:, streak.across] - middle).max() < _FOLD_MM)
    return is_middle and streak.darkness < _FOLD_DARKNESS


def _is_printed(side: SidePage, streak: Streak) -> bool:
    """Whether the blank itself has a line there."""
    blank = side.placed.registration.side.darkest
    height, width = blank.shape

    def grey_at(aside_mm: float) -> npt.NDArray[np.int16]:
        aside = aside_mm * np.eye(2)[streak.across]
        x, y = ((streak.line_mm + aside) * (PAGE_DPI / MM_PER_INCH)).astype(int).T
        return np.asarray(blank[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)], np.int16)

    around = np.minimum(grey_at(-_ASIDE_MM), grey_at(_ASIDE_MM))
    return float((grey_at(0.0) < around - _PRINTED_DARKER).mean()) > _PRINTED_SHARE
