"""Medians of whole numbers, from how often each of them occurs: ten times faster than by sorting them."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import GreyImage, Mask

Numbers = npt.NDArray[np.float64]

_LEVELS = np.arange(256, dtype=np.float64)


def grey_median(image: GreyImage, where: Mask) -> float:
    """`numpy.median` of an 8-bit image where a mask says so."""
    counts = cv2.calcHist([image], [0], where.view(np.uint8), [256], [0, 256]).ravel()
    return counted_median(_LEVELS, counts.astype(np.int64))


def median_deviation(numbers: npt.NDArray[np.int16]) -> float:
    """The median of how far small whole numbers are from their median."""
    least = int(numbers.min())
    counts = np.bincount(numbers.ravel() - least)
    values = np.arange(least, least + len(counts), dtype=np.float64)
    away = np.abs(values - counted_median(values, counts))
    nearest = np.argsort(away)
    return counted_median(away[nearest], counts[nearest])


def counted_median(values: Numbers, counts: npt.NDArray[np.int64]) -> float:
    """The median of values in ascending order, each of which occurs so often."""
    below = np.cumsum(counts)
    total = int(below[-1])
    low, high = values[np.searchsorted(below, [(total - 1) // 2, total // 2], side="right")]
    return float((low + high) / 2)
