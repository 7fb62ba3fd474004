"""Medians from how often each number occurs are those of numpy."""

from __future__ import annotations

import numpy as np
import pytest

from recognition.medians import grey_median, median_deviation


@pytest.mark.parametrize("count", [1, 2, 3, 10, 61])
def test_medians_are_those_of_the_sorted_numbers(count: int) -> None:
    draw = np.random.default_rng(count)
    numbers = draw.integers(-30, 31, count).astype(np.int16)
    assert median_deviation(numbers) == np.median(np.abs(numbers - np.median(numbers)))
    image = draw.integers(0, 256, (count, 7)).astype(np.uint8)
    where = draw.random(image.shape) < 0.5
    where[0, 0] = True
    assert grey_median(image, where) == np.median(image[where])
