"""How a scan renders the blank's print: learned from the page itself, line by line of print.

Scanners, presses and JPEG spread print, thin it, darken it and blur it, each in its own way. A
linear model of a few pictures made from the blank (as it is, blurred, thickened, thinned) explains
the print of a page to 1.5 % of white, so that what it does not explain is ink.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import GreyImage

Darkness = npt.NDArray[np.float32]
"""Missing light, 0 for paper, 255 for black."""

_NARROW_BLUR_PX, _WIDE_BLUR_PX = 0.8, 1.6
_NEXT = np.ones((3, 3), np.uint8)
_STRIP_ROWS = 128
_MIN_SAMPLES = 300
_ROUNDS = 3
_OUTLIER, _OUTLIER_MEDIANS = 25.0, 2.5
_RIDGE = 600.0
"""Keeps the weights small where the pictures are nearly alike; small beside the sum of squares of a
thousand pixels of print."""


@dataclass(frozen=True)
class PrintPictures:
    """The blank's print and what is made from it, all of one shape: 0 for paper, 255 for black.

    Made when first asked for: scans in black and white need none of it, nor does print that is not found.
    """

    plain: GreyImage

    @cached_property
    def narrow(self) -> GreyImage:
        """A little blurred."""
        return np.asarray(cv2.GaussianBlur(self.plain, (0, 0), _NARROW_BLUR_PX), np.uint8)

    @cached_property
    def wide(self) -> GreyImage:
        """More blurred."""
        return np.asarray(cv2.GaussianBlur(self.plain, (0, 0), _WIDE_BLUR_PX), np.uint8)

    @cached_property
    def thick(self) -> GreyImage:
        """A pixel thicker on every side."""
        return np.asarray(cv2.dilate(self.plain, _NEXT), np.uint8)

    @cached_property
    def thin(self) -> GreyImage:
        """A pixel thinner on every side."""
        return np.asarray(cv2.erode(self.plain, _NEXT), np.uint8)

    def at(self, samples: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """The model's terms at pixels given by flat indices, shape (n, 6)."""
        plain = self.plain.ravel()[samples].astype(np.float64)
        others = [p.ravel()[samples] for p in (self.narrow, self.wide, self.thick, self.thin)]
        return np.stack([plain, plain * plain / 255, *others], axis=-1)


@dataclass(frozen=True)
class PrintModel:
    """The weights with which the pictures made from the blank add up to the scan's print."""

    weights: tuple[float, ...]

    def rendered(self, pictures: PrintPictures) -> Darkness:
        """How dark the scan shows the blank's print."""
        plain, squared, narrow, wide, thick, thin = self.weights
        level = np.arange(256)
        own = (plain * level + squared * level * level / 255).astype(np.float32)
        height, width = pictures.plain.shape
        found = np.empty((height, width), np.float32)
        beside = np.empty((_STRIP_ROWS, width), np.float32)
        # In strips that stay in the processor's cache, which takes half the time of whole pictures.
        for start in range(0, height, _STRIP_ROWS):
            rows = slice(start, start + _STRIP_ROWS)
            strip = found[rows]
            part = beside[: len(strip)]
            cv2.LUT(pictures.plain[rows], own, dst=strip)
            for first, by, second, and_by in (
                (pictures.narrow, narrow, pictures.wide, wide),
                (pictures.thick, thick, pictures.thin, thin),
            ):
                cv2.addWeighted(first[rows], by, second[rows], and_by, 0, dst=part, dtype=cv2.CV_32F)
                cv2.add(strip, part, dst=strip)
        return found


def fit_print_model(
    seen: GreyImage, pictures: PrintPictures, samples: npt.NDArray[np.int64]
) -> PrintModel | None:
    """The model of a page, by least squares from which ink is left out; None with too little print.

    Args:
        seen: What the scan shows of the same pieces, 0 for paper, 255 for black.
        samples: Flat indices of the pixels to learn from.
    """
    if len(samples) < _MIN_SAMPLES:
        return None
    given, wanted = pictures.at(samples), seen.ravel()[samples].astype(np.float64)
    kept = np.ones(len(wanted), bool)
    weights: npt.NDArray[np.float64] = np.zeros(given.shape[1])
    for _ in range(_ROUNDS):
        own = given[kept]
        power = own.T @ own + _RIDGE * np.eye(own.shape[1])
        weights = np.asarray(np.linalg.solve(power, own.T @ wanted[kept]))
        error = np.abs(wanted - given @ weights)
        kept = error < max(_OUTLIER, _OUTLIER_MEDIANS * float(np.median(error)))
    return PrintModel(tuple(weights.tolist()))
