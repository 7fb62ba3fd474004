"""Pale lines along the page: folds, also two that cross, told from what a pen draws there."""

from __future__ import annotations

import numpy as np
import pytest

from ballot.geometry import Box
from recognition.crease import on_crease
from recognition.geometry import MM_PER_INCH, GreyImage, Mask
from recognition.ink import InkPatch
from recognition.reference import PAGE_DPI

HEIGHT, WIDTH, PAPER = 827, 1142, 250
COLUMN, ROW = 570, 300
MM = MM_PER_INCH / PAGE_DPI


def _folded(upright: int = 20, level: int = 20) -> GreyImage:
    """A page with two folds, so many grey levels darker than the paper."""
    page = np.full((HEIGHT, WIDTH), PAPER, float)
    page[:, COLUMN : COLUMN + 2] -= upright
    page[ROW : ROW + 2] -= level
    noise = np.random.default_rng(8).normal(0, 1.0, page.shape)
    return np.clip(page + noise, 0, 255).astype(np.uint8)


def _is_crease(page: GreyImage, seen: Mask) -> bool:
    rows, cols = (np.flatnonzero(seen.any(axis=axis)) for axis in (1, 0))
    own = seen[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    box = Box(float(cols[0] * MM), float(rows[0] * MM), own.shape[1] * MM, own.shape[0] * MM)
    ink_mm2 = float(own.sum()) * MM**2
    blank = np.full(page.shape, 255, np.uint8)
    return on_crease(page, blank, np.zeros_like(seen), InkPatch(box, ink_mm2, ink_mm2, own))


def _crossing(up: slice, along: slice) -> Mask:
    seen = np.zeros((HEIGHT, WIDTH), bool)
    seen[up, COLUMN : COLUMN + 2] = True
    seen[ROW : ROW + 2, along] = True
    return seen


@pytest.mark.parametrize("up", [slice(280, 380), slice(0, HEIGHT)], ids=["a piece", "all of it"])
def test_two_folds_that_cross_are_creases(up: slice) -> None:
    assert _is_crease(_folded(), _crossing(up, slice(COLUMN, COLUMN + 40)))


def test_a_fold_as_long_as_the_page_is_a_crease_but_no_line_as_dark_as_ink() -> None:
    seen = np.zeros((HEIGHT, WIDTH), bool)
    seen[:, COLUMN : COLUMN + 2] = True
    assert _is_crease(_folded(level=0), seen)
    assert not _is_crease(_folded(upright=120, level=0), seen)


def test_a_plus_sign_and_writing_on_a_fold_are_no_creases() -> None:
    cross = _crossing(slice(290, 312), slice(COLUMN - 10, COLUMN + 12))
    plain = np.full((HEIGHT, WIDTH), PAPER, np.uint8)
    plain[cross] = PAPER - 20
    assert not _is_crease(plain, cross)
    upright_only = _folded(level=0)
    upright_only[cross] = PAPER - 20
    assert not _is_crease(upright_only, cross)
    letters = cross | _crossing(slice(ROW, ROW + 2), slice(COLUMN, COLUMN + 30))
    letters[320:330, COLUMN + 20 : COLUMN + 24] = True
    assert not _is_crease(_folded(), letters)
