"""Fine pale lines that a blank has in and around its boxes, such as a guilloche, taken off before measuring.

Scans show such lines up to twice as dark as the blank has them, which in a box looks like faint ink.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from recognition.box_greys import Darkness, darkness, papers
from recognition.geometry import GreyImage

_LINE = np.ones((7, 7), np.uint8)
"""A line is narrower than 0.9 mm at 200 dpi; what is wider is a tint, which is held to its own tone."""

_PALEST, _DARKEST = 0.03, 0.3
_NEAR_PRINT = np.ones((7, 7), np.uint8)
_LEAST_PX = 12
_RENDERING, _MISFIT = 2.0, np.ones((3, 3), np.uint8)
"""Lines of 22 % and 0.12 mm: scans at 200 to 300 dpi show them 1.3 to 1.8 times as dark as the blank."""


def pale_lines(blank: GreyImage) -> Darkness | None:
    """How much darker than paper fine pale lines of a box may make a scan; None where it has none.

    Args:
        blank: The box with paper around.
    """
    lines, paper = darkness(blank)[0], np.asarray(cv2.morphologyEx(blank, cv2.MORPH_CLOSE, _LINE), np.uint8)
    printed = cv2.dilate((lines > _DARKEST).astype(np.uint8), _NEAR_PRINT).view(bool)
    pale = (paper.astype(np.float32) - blank) / np.maximum(paper, 1)
    pale[printed | (pale < _PALEST)] = 0
    if np.count_nonzero(pale) < _LEAST_PX:
        return None
    return np.asarray(_RENDERING * cv2.dilate(pale, _MISFIT), np.float32)


def lifted(patches: GreyImage, lines: npt.NDArray[np.float32] | None) -> GreyImage:
    """Pieces of a scan, shape (n, rows, columns), with pale lines as light as the paper beside them.

    Ink on a line stays as much darker than paper as it was darker than the line may be.
    """
    if lines is None:
        return patches
    paper = papers(patches)[:, None, None]
    lighter = np.rint(np.minimum(paper, patches + paper * lines)).astype(np.uint8)
    return np.asarray(np.maximum(patches, lighter), np.uint8)
