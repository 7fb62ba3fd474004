"""Holes behind which a lid shows that is nearly as light as the paper."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from recognition.geometry import GreyImage, Mask
from recognition.pale_hole import pale_holes

HEIGHT, WIDTH = 480, 640
MIDDLE = (320, 240)
PAPER = 248


def _blank() -> GreyImage:
    blank = np.full((HEIGHT, WIDTH), 255, np.uint8)
    cv2.putText(blank, "Ola Nordmann", (40, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 0, 2)
    return blank


def _scan(grey: int = PAPER) -> GreyImage:
    noise = np.random.default_rng(4).normal(0, 1.5, (HEIGHT, WIDTH))
    page = _blank().astype(float) * grey / 255 + noise
    return np.clip(page, 0, 255).astype(np.uint8)


def _with_hole(page: GreyImage, radius_px: int, grey: int) -> GreyImage:
    mask = np.zeros(page.shape, np.uint8)
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    radii = radius_px * np.random.default_rng(5).uniform(0.85, 1.15, 24)
    points = np.stack([MIDDLE[0] + radii * np.cos(angles), MIDDLE[1] + radii * np.sin(angles)], axis=1)
    cv2.fillPoly(mask, [np.rint(points).astype(np.int32)], 255)
    share = cv2.GaussianBlur(mask, (0, 0), 0.7).astype(float) / 255
    lid = grey + np.random.default_rng(6).normal(0, 1.5, page.shape)
    return np.clip(page * (1 - share) + lid * share, 0, 255).astype(np.uint8)


def _holes(page: GreyImage, blank: GreyImage | None = None) -> Mask | None:
    blank = _blank() if blank is None else blank
    return pale_holes(page, blank, np.ones(page.shape, bool))


def _found(page: GreyImage) -> bool:
    holes = _holes(page)
    return holes is not None and bool(holes[MIDDLE[1], MIDDLE[0]])


@pytest.mark.parametrize("grey", [200, 220, 230, 236])
@pytest.mark.parametrize("radius_px", [10, 16])
def test_a_hole_before_a_pale_lid_is_found(grey: int, radius_px: int) -> None:
    assert _found(_with_hole(_scan(), radius_px, grey))


def test_a_hole_before_a_lid_lighter_than_the_paper_is_found() -> None:
    assert _found(_with_hole(_scan(225), 14, 252))


def test_clean_paper_and_a_dot_are_no_holes() -> None:
    assert _holes(_scan()) is None
    assert not _found(_with_hole(_scan(), 4, 210))


def test_shade_that_fades_on_one_side_is_no_hole() -> None:
    page = _scan().astype(float)
    fading = np.linspace(0, 18, 60)
    page[220:260, 300:360] -= fading
    assert not _found(np.clip(page, 0, 255).astype(np.uint8))


def test_a_patch_of_uneven_tone_is_no_hole() -> None:
    """As show-through of a stamp, or writing, is."""
    page = _with_hole(_scan(), 16, 225)
    page[::4] = np.minimum(page[::4].astype(int) + 18, 250).astype(np.uint8)
    assert not _found(page)


def test_where_the_scan_shows_no_page_nothing_is_said() -> None:
    page = _with_hole(_scan(), 16, 225)
    assert pale_holes(page, _blank(), np.zeros(page.shape, bool)) is None


def test_the_middle_of_a_large_black_area_is_no_pale_hole() -> None:
    page = _scan()
    page[:360, :420] = 0
    assert _holes(page, np.full_like(page, 255)) is None


@pytest.mark.parametrize("tinted_from", [300, 440, 449, 455, 460, 466])
def test_paper_above_a_tint_along_the_end_of_the_page_is_no_hole(tinted_from: int) -> None:
    blank, page = _blank()[:478], _scan()[:478]
    blank[tinted_from:], page[tinted_from:] = 200, 196
    page[tinted_from - 1] = 215  # blurred
    assert _holes(page, blank) is None


def test_a_hole_beside_a_tint_is_found() -> None:
    blank, page = _blank(), _with_hole(_scan(), 16, 220)
    blank[-160:], page[-160:] = 200, 190
    holes = _holes(page, blank)
    assert holes is not None and holes[MIDDLE[1], MIDDLE[0]]


def test_a_page_that_is_all_tint_has_no_pale_holes() -> None:
    assert _holes(np.full((HEIGHT, WIDTH), 190, np.uint8), np.full((HEIGHT, WIDTH), 200, np.uint8)) is None


def test_the_corner_of_a_white_field_on_a_page_of_tint_is_no_hole() -> None:
    blank, page = np.full((HEIGHT, WIDTH), 200, np.uint8), np.full((HEIGHT, WIDTH), 200, np.uint8)
    blank[200:300, 250:370], page[200:300, 250:370] = 255, 255
    cv2.ellipse(page, (310, 260), (58, 32), 0, 0, 360, 120, 4, cv2.LINE_AA)
    assert _holes(page, blank) is None


def _behind(reach_px: int) -> Mask:
    """Where solid print of the other side may show through, at half the page's size."""
    behind = np.zeros((HEIGHT // 2, WIDTH // 2), np.uint8)
    cv2.circle(behind, (MIDDLE[0] // 2, MIDDLE[1] // 2), reach_px // 2, 1, -1)
    return behind.view(bool)


def test_solid_print_of_the_other_side_that_shows_through_is_no_hole() -> None:
    page, seen = _with_hole(_scan(), 24, 236), np.ones((HEIGHT, WIDTH), bool)
    assert pale_holes(page, _blank(), seen) is not None
    assert pale_holes(page, _blank(), seen, _behind(30)) is None


def test_a_hole_that_reaches_beyond_print_of_the_other_side_is_found() -> None:
    page, seen = _with_hole(_scan(), 24, 236), np.ones((HEIGHT, WIDTH), bool)
    assert pale_holes(page, _blank(), seen, _behind(16)) is not None


def test_a_hole_before_a_lid_too_dark_or_too_light_to_be_print_that_shows_through_is_found() -> None:
    seen = np.ones((HEIGHT, WIDTH), bool)
    assert pale_holes(_with_hole(_scan(), 24, 210), _blank(), seen, _behind(30)) is not None
    assert pale_holes(_with_hole(_scan(230), 24, 244), _blank(), seen, _behind(30)) is not None
