"""Measuring many boxes at once gives what measuring each by itself does."""

import cv2
import numpy as np
import pytest

from ballot.geometry import Box
from recognition.box_blanks import _cut, box_blanks
from recognition.box_greys import (
    as_dark,
    darkness,
    darkness_tables,
    histograms,
    lightest,
    papers,
    percentiles,
)
from recognition.boxes import _tones
from recognition.geometry import GreyImage, grey_percentile
from recognition.patches import PX_PER_MM
from recognition.profile import DEFAULT_PROFILE


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


@pytest.mark.parametrize("covered", [(), (3,), (0, 1, 2, 3)])
def test_an_inside_printed_in_a_tone_of_its_own_is_held_to_the_others(covered: tuple[int, ...]) -> None:
    """What lies behind a hole has another tone still. Where most are covered no tone is the print's."""
    detail = np.full((300, 600), 255, np.uint8)
    boxes = [Box(6.0 + 9.0 * i, 8.0, 4.0, 4.0) for i in range(6)]
    for box in boxes:
        corners = (box.x_mm, box.y_mm, box.right_mm, box.bottom_mm)
        left, top, right, bottom = (round(v * PX_PER_MM) for v in corners)
        cv2.rectangle(detail, (left, top), (right, bottom), 240, -1)
        cv2.rectangle(detail, (left, top), (right, bottom), 0, 2)
    group = box_blanks(detail, boxes, PX_PER_MM).groups[0]
    patches = np.stack([_cut(detail, area, PX_PER_MM) for area in group.areas])
    for index in covered:
        patches[(index, *group.frame.inner)] = 255
    inside = patches[(slice(None), *group.frame.inner)]
    is_odd = _tones(patches, inside, group, darkness_tables(papers(patches))) > DEFAULT_PROFILE.max_tone
    assert group.tints.all()
    if len(covered) <= 1:
        assert np.flatnonzero(is_odd).tolist() == list(covered)
    else:
        assert np.flatnonzero(is_odd).tolist() == [4, 5]
