"""Measuring many boxes at once gives what measuring each by itself does."""

import numpy as np
import pytest

from recognition.box_greys import (
    as_dark,
    darkness,
    darkness_tables,
    histograms,
    lightest,
    papers,
    percentiles,
)
from recognition.geometry import GreyImage, grey_percentile


def _patches(paper: int = 240) -> GreyImage:
    """Paper with grain and some black, a white one and a black one."""
    grain = np.random.default_rng(5).normal(paper, 9, (6, 31, 27)).clip(0, 255).astype(np.uint8)
    grain[:, 8:12] = 20
    return np.concatenate([grain, np.full((1, 31, 27), 255, np.uint8), np.zeros((1, 31, 27), np.uint8)])


@pytest.mark.parametrize("percent", [10, 50, 75, 90])
def test_percentiles_of_many_patches_are_those_of_each(percent: float) -> None:
    patches = _patches()
    expected = [grey_percentile(patch, percent) for patch in patches]
    assert percentiles(histograms(patches), percent).tolist() == expected


@pytest.mark.parametrize("paper", [240, 120, 30])
@pytest.mark.parametrize("least", [0.1, 0.15, 0.22])
def test_what_is_dark_is_told_from_grey_levels_as_from_darkness(paper: int, least: float) -> None:
    patches = _patches(paper)
    tables = darkness_tables(papers(patches))
    for patch, table, found in zip(patches, tables, as_dark(patches, tables, least), strict=True):
        dark, _ = darkness(patch)
        assert np.array_equal(table[patch], dark)
        assert np.array_equal(found, dark >= least)


def test_a_histogram_counts_only_what_its_mask_has() -> None:
    patches = _patches()
    masks = (patches > 100).astype(np.uint8)
    assert histograms(patches, masks)[:, :101].sum() == 0
    assert histograms(patches, masks).sum() == masks.sum()


@pytest.mark.parametrize("rank", [1, 9, 31])
def test_the_lightest_of_many_rows_are_found_in_order(rank: int) -> None:
    rows = np.moveaxis(_patches(), 1, 0)
    assert np.array_equal(lightest(rows, rank), np.sort(rows, axis=0)[::-1][rank - 1])
