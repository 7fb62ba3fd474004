"""Marks, and scribbles over them, of which a scan in black and white shows nothing.

A pale pen, or a scan that is too light, can leave a mark wholly above the threshold. The picture then
shows an empty box, and nobody can tell it from one: the fault is the scanner's setting, which the
acceptance test with labels finds, so such marks are counted apart from what a reader got wrong. A
threshold that adapts to its surroundings does the same to a scribble: where the whole box is inked it
leaves only what was inked twice, which is the cross that the voter took back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from calibration.testdeck.fields import SideFields
from calibration.testdeck.paper import Image
from calibration.testdeck.planes import Planes
from calibration.testdeck.scanning import Pass, view_of

Mask = npt.NDArray[np.bool_]

_EDGE_MM = 0.9
_SCRIBBLE_EDGE_MM = 0.5
"""The printed edge of a box, with what thresholding adds to it. A scribble is looked at closer to the edge:
in the middle much of it is the cross below."""

_LEAST_SHARE = 0.002
"""A pixel or two at 200 dpi. Marks that leave a hundredth of the box black are doubted."""

_INKED = 0.92
"""Paper darker than this share of the side's usual paper is inked: its tone varies by a few hundredths."""

_PAPER_PERCENT, _SAMPLE_PX = 75, 8

_MOST_HIDDEN = 0.5
"""What takes a mark back covers its box; the cross below it has less than half of the ink."""


def vanished(
    scan: Image,
    paper: Planes,
    fields: SideFields,
    way: Pass,
    mirrored: bool,
    boxes: Sequence[Box],
    taken_back: Sequence[bool],
) -> list[bool]:
    """For each marked box whether the scan has no black in it, or shows less than half of a scribble.

    Args:
        scan: What the scanner delivered of the side, black and white.
        paper: The side as it was fed.
        boxes: Page mm.
        taken_back: For each whether the mark in it was scribbled over.
    """
    shown: list[list[Mask]] = [[] for _ in boxes]
    greys: list[list[Image]] = [[] for _ in boxes]
    height, width = paper.y.shape
    for top, bottom, x, y in view_of(paper, 1, fields, way, mirrored).maps():
        x_mm, y_mm = (
            x / paper.x_px_per_mm,
            y / paper.y_px_per_mm,
        )
        dark = scan[top:bottom] == 0
        for box, back, own, grey in zip(boxes, taken_back, shown, greys, strict=True):
            inner = box.grown(-(_SCRIBBLE_EDGE_MM if back else _EDGE_MM))
            at = (
                (x_mm > inner.x_mm) & (x_mm < inner.right_mm) & (y_mm > inner.y_mm) & (y_mm < inner.bottom_mm)
            )
            own.append(dark[at])
            rows = np.clip(np.rint(y[at]).astype(int), 0, height - 1)
            grey.append(paper.y[rows, np.clip(np.rint(x[at]).astype(int), 0, width - 1)])
    inked_grey = _INKED * np.percentile(paper.y[::_SAMPLE_PX, ::_SAMPLE_PX], _PAPER_PERCENT)
    return [
        _is_hidden(np.concatenate(own), np.concatenate(grey) < inked_grey, back)
        for own, grey, back in zip(shown, greys, taken_back, strict=True)
    ]


def _is_hidden(black: Mask, inked: Mask, taken_back: bool) -> bool:
    """Whether a scan hides what a voter did to a box.

    Args:
        black: For each of its pixels in the box whether it is black.
        inked: Whether there is ink on the paper.
    """
    if not len(black):
        return False
    if not taken_back:
        return bool(black.mean() < _LEAST_SHARE)
    return bool(inked.any() and black[inked].mean() < _MOST_HIDDEN)
