"""A used side as the scanner meets it: lightness at full resolution, colour at half.

Wear and scanning work on these planes because that is what a JPEG keeps in the end (4:2:0), and it
halves the work. A grey or bilevel scan needs the lightness only. The formulas are those of JFIF
(full-range BT.601).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from calibration.testdeck.paper import Image, Paper, Rgb

NEUTRAL = 128
HALF = 2


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture as lightness and colour differences.

    Attributes:
        y: Lightness; an even number of rows and columns where there is colour.
        colour: Blue and red difference at half the resolution, or nothing for a grey picture.
        x_px_per_mm, y_px_per_mm: Scale of `y`.
    """

    y: Image
    colour: tuple[Image, ...]
    x_px_per_mm: float
    y_px_per_mm: float

    @property
    def px_per_mm(self) -> float:
        """Scale where the rounding to whole pixels does not matter."""
        return (self.x_px_per_mm + self.y_px_per_mm) / 2

    @property
    def all(self) -> tuple[tuple[Image, int], ...]:
        """Every plane with how many pixels of `y` one of its pixels spans."""
        return ((self.y, 1), *((plane, HALF) for plane in self.colour))


def values_of(rgb: Rgb) -> tuple[int, int, int]:
    """A colour as lightness, blue and red difference."""
    y, cr, cb = (int(v) for v in cv2.cvtColor(np.array([[rgb]], np.uint8), cv2.COLOR_RGB2YCrCb)[0, 0])
    return y, cb, cr


def planes_of(paper: Paper, coloured: bool) -> Planes:
    """A side as planes."""
    image = paper.image
    if not coloured:
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
        return Planes(grey, (), paper.x_px_per_mm, paper.y_px_per_mm)
    rows, columns = (n // HALF * HALF for n in image.shape[:2])
    image = image[:rows, :columns]
    y = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    # The mean of four differences is the difference of the means, and cheaper to find.
    half = cv2.cvtColor(_resized(image, columns // HALF, rows // HALF), cv2.COLOR_RGB2YCrCb)
    colour = tuple(np.asarray(cv2.extractChannel(half, channel), np.uint8) for channel in (2, 1))
    return Planes(y, colour, paper.x_px_per_mm, paper.y_px_per_mm)


def reduced(planes: Planes, factor: float) -> Planes:
    """The same side with fewer pixels, as a coarser scanner sees it.

    Args:
        factor: Share of the pixels along each edge, below 1.
    """
    width, height = (round(n * factor / HALF) * HALF for n in planes.y.shape[::-1])
    scale_x, scale_y = width / planes.y.shape[1], height / planes.y.shape[0]
    return Planes(
        _resized(planes.y, width, height),
        tuple(_resized(plane, width // HALF, height // HALF) for plane in planes.colour),
        planes.x_px_per_mm * scale_x,
        planes.y_px_per_mm * scale_y,
    )


def _resized(plane: Any, width: int, height: int) -> Image:
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def as_rgb(planes: Planes) -> Image:
    """The picture as RGB, or its lightness alone when it is grey."""
    if not planes.colour:
        return planes.y
    size = (planes.y.shape[1], planes.y.shape[0])
    blue, red = (cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in planes.colour)
    return np.asarray(cv2.cvtColor(cv2.merge([planes.y, red, blue]), cv2.COLOR_YCrCb2RGB), np.uint8)


def fill(planes: Planes, points: Any, rgb: Rgb) -> None:
    """Paints a polygon, given as columns and rows of `y`."""
    for (plane, step), value in zip(planes.all, values_of(rgb), strict=False):
        inside = (np.asarray(points) / step).astype(np.int32).reshape(-1, 1, 2)
        cv2.fillPoly(plane, [inside], value, cv2.LINE_AA)
