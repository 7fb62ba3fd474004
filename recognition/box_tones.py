"""The tone of the insides of boxes against the paper around: what lies behind a hole has another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recognition.box_blanks import AlikeBoxes
from recognition.box_greys import darkness_tables, histograms, papers, percentiles
from recognition.geometry import GreyImage, Mask

Darkness = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

INK_DARKNESS = 0.22
"""Darkness (0 paper, 1 black) from which a pixel is ink. Paper grain and JPEG noise stay below
0.1, pencil lines lie at 0.3 to 0.6, ballpoint above 0.5."""

_FEW_PX = 50
_PAPER_SPAN = (10, 90)
_LEAST_TINTED, _WHITE_GREY = 3, 254
_LEAST_RENDERING, _MOST_RENDERING = -0.2, 3.0
"""Scans made brighter or sharper show the palest tints twice as strong as the blank has them."""


@dataclass(frozen=True)
class SeenBoxes:
    """Boxes of one size, cut out of the scan where they were found.

    Attributes:
        group: The boxes on the blank.
        patches: With paper around, shape (n, rows, columns).
        paper: The grey level of the paper of each.
        tables: The darkness of each grey level.
        own: The grey level of each inside, and
        low, high: between which levels most of the paper around lies.
        enough: Whether there is enough of both to say anything.
    """

    group: AlikeBoxes
    patches: GreyImage
    paper: Numbers
    tables: Darkness
    own: Numbers
    low: Numbers
    high: Numbers
    enough: Mask

    @property
    def is_clipped(self) -> Mask:
        """Which of them are printed lighter than the paper around, and as white as the scan has anything."""
        return np.asarray((self.group.tints < 0) & (self.own >= _WHITE_GREY))


def seen_boxes(patches: GreyImage, group: AlikeBoxes) -> SeenBoxes:
    """What a scan shows of boxes.

    Args:
        patches: Where they were found, shape (n, rows, columns).
        group: The same boxes on the blank.
    """
    paper = papers(patches)
    tables = darkness_tables(paper)
    inside = patches[(slice(None), *group.frame.inner)]
    outside = histograms(patches, group.around)
    outside[tables >= INK_DARKNESS] = 0  # ink is no paper
    low, high = (percentiles(outside, percent) for percent in _PAPER_SPAN)
    enough = np.minimum(inside[0].size, outside.sum(axis=1)) >= _FEW_PX
    own = percentiles(histograms(inside), 50)
    return SeenBoxes(group, patches, paper, tables, own, low, high, enough)


def tones_of(seen: SeenBoxes, rendering: float) -> Numbers:
    """By how much of white the insides differ from all of the paper around.

    What lies behind a hole is lighter or darker than paper, however little. The shade of a crease falls
    on the paper around as well. Insides that are printed lighter or darker than the paper around, as white
    boxes on a tinted row, are held to how the scan renders that.
    """
    own = seen.own + 255 * rendering * seen.group.tints
    tones = np.maximum(0.0, np.maximum(seen.low - own, own - seen.high)) / 255
    # A scan that makes paper white shows no more of how much lighter than a tint that is.
    lighter = seen.own - seen.high
    is_explained = seen.is_clipped & (lighter <= -255 * _MOST_RENDERING * seen.group.tints)
    return np.where(seen.enough & ~is_explained, tones, 0.0)


def rendering_of_tints(seen: Sequence[SeenBoxes]) -> float:
    """How strong a scan shows the tints within or around the boxes of a side; 1 as the blank has them.

    Scans render a tint somewhat stronger or weaker than the blank has it, but alike at all boxes. 0 where
    too few say so: they may be covered.
    """
    found = []
    for boxes in seen:
        told = boxes.enough & (boxes.group.tints != 0) & ~boxes.is_clipped
        darker = (boxes.low + boxes.high) / 2 - boxes.own
        found += (darker[told] / (255 * boxes.group.tints[told])).tolist()
    share = np.array(found)
    alike = share[(share >= _LEAST_RENDERING) & (share <= _MOST_RENDERING)]
    return float(np.median(alike)) if len(alike) >= _LEAST_TINTED else 0.0
