"""Pages of which the picture lacks more than a strip."""

from __future__ import annotations

import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.layout import SideLayout
from ballot.reading import DoubtCode
from recognition.geometry import Matrix
from tests.conftest import Press
from tests.drawn_sheets import Colours, Drawing, read_with

HOUSES = pytest.mark.parametrize("house", ["fjord", "vidde"])


@HOUSES
@pytest.mark.parametrize("lacks_mm", [12.0, 15.0])
def test_a_page_of_which_the_picture_lacks_a_margin_is_asked_about(
    print_house: Press, house: str, lacks_mm: float
) -> None:
    """A comment there, or a torn corner, nobody could see."""
    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), _without_top(lacks_mm))
    assert [doubt.code for doubt in reading.doubts] == [DoubtCode.TORN]


@HOUSES
def test_a_strip_of_the_margin_may_be_missing(print_house: Press, house: str) -> None:
    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), _without_top(6.0))
    assert reading.doubts == ()


def _without_top(lacks_mm: float) -> Drawing:
    def cut(picture: Colours, to_px: Matrix, side: SideLayout) -> Colours:
        row = round(float(to_px[1] @ np.array([side.width_mm / 2, lacks_mm, 1.0])))
        return picture[row:]

    return cut
