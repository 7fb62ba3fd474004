"""Measuring many boxes at once gives what measuring each by itself does."""

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from ballot.geometry import Box
from recognition.box_blanks import AlikeBoxes, _cut, box_blanks
from recognition.box_greys import (
    as_dark,
    darkness,
    darkness_tables,
    histograms,
    lightest,
    papers,
    percentiles,
)
from recognition.box_tones import rendering_of_tints, seen_boxes, tones_of
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


BOXES = [Box(6.0 + 9.0 * i, 8.0, 4.0, 4.0) for i in range(6)]


def _printed(ground: int, inside: int) -> npt.NDArray[np.uint8]:
    """A blank of one tone, with boxes of another."""
    detail = np.full((300, 600), ground, np.uint8)
    for box in BOXES:
        corners = (box.x_mm, box.y_mm, box.right_mm, box.bottom_mm)
        left, top, right, bottom = (round(v * PX_PER_MM) for v in corners)
        cv2.rectangle(detail, (left, top), (right, bottom), inside, -1)
        cv2.rectangle(detail, (left, top), (right, bottom), 0, 2)
    return detail


@pytest.mark.parametrize("covered", [(), (3,), (0, 1, 2, 3)])
def test_an_inside_printed_in_a_tone_of_its_own_is_held_to_the_others(covered: tuple[int, ...]) -> None:
    """What lies behind a hole has another tone still. Where most are covered no tone is the print's."""
    detail = _printed(ground=255, inside=240)
    group = box_blanks(detail, BOXES, PX_PER_MM).groups[0]
    patches = np.stack([_cut(detail, area, PX_PER_MM) for area in group.areas])
    for index in covered:
        patches[(index, *group.frame.inner)] = 255
    seen = seen_boxes(patches, group)
    is_odd = tones_of(seen, rendering_of_tints([seen])) > DEFAULT_PROFILE.max_tone
    assert group.tints.all()
    if len(covered) <= 1:
        assert np.flatnonzero(is_odd).tolist() == list(covered)
    else:
        assert np.flatnonzero(is_odd).tolist() == [4, 5]


def _on_tint(strength: float, paper: float) -> tuple[AlikeBoxes, npt.NDArray[np.uint8]]:
    """White boxes on a pale tint, and what a scan shows of them."""
    detail = _printed(ground=244, inside=255)
    group = box_blanks(detail, BOXES, PX_PER_MM).groups[0]
    shown = np.where(detail > 0, np.clip(paper - strength * (255.0 - detail), 0, 255), 10).astype(np.uint8)
    return group, np.stack([_cut(shown, area, PX_PER_MM) for area in group.areas])


def _odd(group: AlikeBoxes, patches: npt.NDArray[np.uint8]) -> list[int]:
    seen = seen_boxes(patches, group)
    return np.flatnonzero(tones_of(seen, rendering_of_tints([seen])) > DEFAULT_PROFILE.max_tone).tolist()


@pytest.mark.parametrize("strength", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("paper", [235, 250, 262], ids=["darker", "as it is", "clipped"])
def test_white_boxes_on_a_tint_are_clean_however_strong_it_is_shown(strength: float, paper: int) -> None:
    group, patches = _on_tint(strength, paper)
    assert (group.tints < 0).all()
    assert _odd(group, patches) == []


@pytest.mark.parametrize("behind", [215, 228, 252])
def test_what_shows_behind_a_hole_in_a_white_box_on_a_tint_is_told(behind: int) -> None:
    group, patches = _on_tint(1.0, 242)
    patches[(3, *group.frame.inner)] = behind
    assert _odd(group, patches) == [3]


def test_a_darker_inside_in_a_scan_that_makes_paper_white_is_told() -> None:
    group, patches = _on_tint(1.0, 262)
    patches[(3, *group.frame.inner)] = 240
    assert _odd(group, patches) == [3]
