"""The reader's small tools that were made for speed say what the slow ones say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recognition.anchors import Matches
from recognition.coarse import best_similarity
from recognition.geometry import grey_percentile
from recognition.pyramid import halved


@given(st.lists(st.integers(0, 255), min_size=1, max_size=60), st.floats(0, 100))
def test_grey_percentile_is_numpys(levels: list[int], percent: float) -> None:
    image = np.array([levels], dtype=np.uint8)
    assert grey_percentile(image, percent) == pytest.approx(float(np.percentile(image, percent)), abs=1e-6)


@given(st.sampled_from([90.0, 150.0, 199.0, 200.0, 240.0, 300.0, 400.0, 600.0]))
def test_halving_stops_above_the_resolution_wanted(dpi: float) -> None:
    image = np.zeros((801, 603), np.uint8)
    small, scale = halved(image, (dpi, dpi), 100)
    assert scale[0] == scale[1]
    assert dpi / scale[0] < 200
    assert dpi / scale[0] >= min(dpi, 95)
    assert small.shape == (801 // scale[1], 603 // scale[0])


def test_halving_keeps_print_in_its_place() -> None:
    image = np.full((400, 400), 255, np.uint8)
    image[120:136, 200:240] = 0
    small, scale = halved(image, (400.0, 400.0), 100)
    ys, xs = np.nonzero(small < 128)
    assert (xs.min() * scale[0], (xs.max() + 1) * scale[0]) == (200, 240)
    assert (ys.min() * scale[1], (ys.max() + 1) * scale[1]) == (120, 136)


def test_each_direction_is_halved_by_its_own_resolution() -> None:
    small, scale = halved(np.zeros((400, 400), np.uint8), (200.0, 100.0), 100)
    assert scale == (2, 1)
    assert small.shape == (400, 200)


@given(
    st.floats(-0.1, 0.1),
    st.floats(0.96, 1.04),
    st.floats(-15, 15),
    st.floats(-15, 15),
    st.integers(0, 2**32 - 1),
)
def test_the_similarity_of_the_agreeing_patches_is_found_among_false_matches(
    angle: float, size: float, dx: float, dy: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    centers = np.array([(x, y) for x in (20.0, 80.0, 150.0, 190.0) for y in (30.0, 120.0, 260.0)])
    linear = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    found = centers @ linear.T + (dx, dy)
    found[:4] += rng.choice([-1, 1], (4, 2)) * rng.uniform(5, 15, (4, 2))
    fit = best_similarity(centers, Matches(found, np.full(len(centers), 0.9)))
    assert fit is not None
    score, matrix = fit
    assert score >= 0.9 * 8 / 12 - 1e-9
    assert np.allclose(centers[4:] @ matrix[:, :2].T + matrix[:, 2], found[4:], atol=1.5)


def test_two_patches_are_no_page() -> None:
    centers = np.array([[10.0, 10.0], [100.0, 200.0], [50.0, 90.0]])
    assert best_similarity(centers, Matches(centers, np.array([0.9, 0.9, 0.1]))) is None
