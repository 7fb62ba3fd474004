"""Strokes told apart on a page without its empty stretches are those of the whole page."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recognition.sparse import grouped, set_pixels, short_page

SHAPE = (70, 90)
DOTS = st.lists(st.tuples(st.integers(0, SHAPE[0] - 1), st.integers(0, SHAPE[1] - 1)), max_size=25)


def _mask(dots: list[tuple[int, int]]) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    mask = np.zeros(SHAPE, bool)
    for y, x in dots:
        mask[y, x] = True
    return mask


@given(DOTS, st.sampled_from([3, 5, 9, 13]))
def test_groups_are_those_of_the_whole_page(dots: list[tuple[int, int]], size: int) -> None:
    mask = _mask(dots)
    pixels = set_pixels(mask)
    padded = np.pad(mask.view(np.uint8), size)  # squares may reach beyond the page
    joined = cv2.dilate(padded, np.ones((size, size), np.uint8))[size:-size, size:-size]
    count, labels = cv2.connectedComponents(np.ascontiguousarray(joined), connectivity=8)
    wanted = {frozenset(np.flatnonzero(mask & (labels == label)).tolist()) for label in range(1, count)}
    found = grouped(pixels, size, (0, 0))
    assert {frozenset(pixels.flat[group].tolist()) for group in found} == wanted - {frozenset()}
    assert sum(len(group) for group in found) == len(pixels.flat)


@given(DOTS, st.integers(0, 4))
def test_a_short_page_keeps_every_pixel_with_what_is_around_it(
    dots: list[tuple[int, int]], reach: int
) -> None:
    mask = _mask(dots)
    pixels = set_pixels(mask)
    page = short_page(pixels, reach)
    short = page.drawn(pixels)
    assert np.array_equal(page.whole(short > 0, SHAPE), mask)
    assert np.array_equal(pixels.as_mask(), mask)
    for y, x in dots:
        rows, columns = (slice(max(0, at - reach), at + reach + 1) for at in (y, x))
        around = mask[rows, columns]
        own_rows, own_columns = page.place((rows, columns))
        assert np.array_equal(short[own_rows, own_columns] > 0, around)
