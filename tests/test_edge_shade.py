"""Facets of crumpled paper that end at the page's edge, beside a lid of another tone or of theirs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.layout import SideLayout
from ballot.reading import DoubtCode
from recognition.edge_shade import without_shade
from recognition.geometry import Matrix
from recognition.patches import DetailSource
from recognition.reference import PAGE_DPI
from tests.conftest import Press
from tests.drawn_sheets import Colours, Drawing, pixels, read_with

HOUSES = pytest.mark.parametrize("house", ["fjord", "vidde"])


@HOUSES
def test_a_facet_at_the_edge_is_no_missing_paper_before_a_lid_of_another_tone(
    print_house: Press, house: str
) -> None:
    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), _facet(lid=-40))
    assert reading.doubts == ()


@HOUSES
def test_where_the_lid_has_its_tone_paper_may_be_missing(print_house: Press, house: str) -> None:
    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), _facet(lid=-14))
    assert [doubt.code for doubt in reading.doubts] == [DoubtCode.TORN]


def _facet(lid: int) -> Drawing:
    """A triangle at the upper edge, darker by 14 grey levels, before a lid that is darker by so many."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        paper = np.percentile(picture.reshape(-1, 3), 60, axis=0)
        outline = np.array([(0, 0), (side.width_mm, 0), (side.width_mm, side.height_mm), (0, side.height_mm)])
        beside = np.ones(picture.shape[:2], np.uint8)
        cv2.fillPoly(beside, [pixels(to_px, outline)], 0)
        x = side.width_mm - 30
        facet = np.zeros(picture.shape[:2], np.uint8)
        cv2.fillPoly(facet, [pixels(to_px, np.array([(x - 12, -1.0), (x + 12, -1.0), (x, 9.0)]))], 1)
        picture[facet > 0] = np.clip(picture[facet > 0].astype(int) - 14, 0, 255)
        picture[beside > 0] = np.clip(paper + lid, 0, 255)

    return draw


@pytest.mark.parametrize("is_painted", [False, True])
def test_a_torn_corner_stays_missing_where_a_driver_painted_over_one_of_its_edges(is_painted: bool) -> None:
    size_mm, around_mm, px_per_mm = 100, 10, 200 / 25.4
    grey = np.full((round(120 * px_per_mm),) * 2, 215, np.uint8)
    first, end = round(around_mm * px_per_mm), round((around_mm + size_mm) * px_per_mm)
    grey[first:end, first:end] = 245
    y_mm, x_mm = (at / px_per_mm - around_mm for at in np.mgrid[: len(grey), : len(grey)])
    grey[(x_mm <= size_mm) & (y_mm >= 0) & (size_mm - x_mm + y_mm < 15)] = 215
    if is_painted:
        grey[y_mm < -0.5] = 255
    to_px = np.array([[px_per_mm, 0, first], [0, px_per_mm, first]])
    side = SimpleNamespace(layout=SimpleNamespace(width_mm=size_mm, height_mm=size_mm))
    placed: Any = SimpleNamespace(
        registration=SimpleNamespace(mm_to_scan=to_px, side=side),
        work=SimpleNamespace(scan=SimpleNamespace(grey=grey)),
        source=DetailSource(grey, (1, 1)),
    )
    page_px = round(size_mm * PAGE_DPI / 25.4)
    rows, cols = np.mgrid[:page_px, :page_px]
    lost = page_px - cols + rows < 15 * PAGE_DPI / 25.4
    page = np.where(lost, 215, 245).astype(np.uint8)
    assert np.array_equal(without_shade(placed, page, lost), lost)
