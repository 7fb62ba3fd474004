"""Paper that is missing where a scan shows little of it: white holes in the write-in table, torn ids."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.layout import PageSide, SideLayout
from ballot.reading import DoubtCode
from recognition.geometry import Matrix
from tests.conftest import Press
from tests.drawn_sheets import Colours, Drawing, pixels, read_with
from tests.print_houses import Printed


def _table_page(printed: Printed) -> PageSide:
    """The side with the write-in table."""
    return PageSide.INSIDE if printed.layouts.ballots[0].inside.write_in_rows else PageSide.OUTSIDE


def _white_hole(radius_mm: float, row: int) -> Drawing:
    """A hole before a lid in the colour of the paper, through the line below a row."""

    def hole(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        name = next(r.name for r in side.write_in_rows if r.row == row)
        turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        circle = radius_mm * np.stack([np.cos(turns), np.sin(turns)], axis=1)
        corners = pixels(to_px, np.array((name.center_mm[0], name.bottom_mm)) + circle)
        paper = np.percentile(picture.reshape(-1, 3), 60, axis=0)
        cv2.fillPoly(picture, [corners], tuple(paper.tolist()))

    return hole


@pytest.mark.parametrize("bilevel", [False, True], ids=["colour", "black and white"])
@pytest.mark.parametrize("house", ["fjord", "skog", "vidde"])
@pytest.mark.parametrize("row", [1, 3])
def test_a_hole_as_white_as_the_paper_is_seen_by_the_line_it_breaks(
    print_house: Press, house: str, bilevel: bool, row: int
) -> None:
    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    reading = read_with(printed, _white_hole(3.5, row), _table_page(printed), bilevel=bilevel)
    assert DoubtCode.TORN in {d.code for d in reading.doubts}


@pytest.mark.parametrize("house", ["fjord", "skog", "vidde"])
def test_a_flake_of_toner_that_is_gone_is_no_hole(print_house: Press, house: str) -> None:
    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    reading = read_with(printed, _white_hole(0.8, 2), _table_page(printed))
    assert reading.doubts == ()


@pytest.mark.parametrize("house", ["fjord", "skog", "vidde"])
def test_lines_that_a_threshold_breaks_everywhere_are_no_holes(print_house: Press, house: str) -> None:
    def fade(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        for row in side.write_in_rows:
            line = row.whole
            for start in np.arange(line.x_mm, line.right_mm, 7.0):
                ends = np.array([(start, line.bottom_mm), (start + 3.6, line.bottom_mm)])
                cv2.polylines(picture, [pixels(to_px, ends)], False, (255, 255, 255), 9)

    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    reading = read_with(printed, fade, _table_page(printed), bilevel=True)
    assert DoubtCode.TORN not in {d.code for d in reading.doubts}


@pytest.mark.parametrize(("is_at_id", "read"), [(True, False), (False, True)])
@pytest.mark.parametrize("house", ["fjord", "skog", "vidde"])
def test_an_id_is_not_read_where_the_other_side_shows_a_tear(
    print_house: Press, house: str, is_at_id: bool, read: bool
) -> None:
    """Before a white lid the side itself may show nothing of it: of a 2 without its foot a 7 is left."""

    def tear(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        places = id_places if is_at_id else [(side.width_mm / 2, side.height_mm / 2)]
        for x_mm, y_mm in places:
            corners = np.array([(x_mm - 4, y_mm - 4), (x_mm + 4, y_mm - 4), (x_mm + 4, y_mm + 4)])
            cv2.fillPoly(picture, [pixels(to_px, corners)], (5, 5, 5))

    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    inside = printed.layouts.ballots[0].inside
    assert inside.ballot_id is not None
    last = inside.ballot_id.digits[-1].center_mm
    id_places = [(inside.width_mm - last[0], last[1])]
    reading = read_with(printed, lambda *_: None, draw_behind=tear)
    codes = {d.code for d in reading.doubts}
    assert DoubtCode.TORN in codes
    assert (DoubtCode.BALLOT_ID_UNCERTAIN not in codes) is read
    assert (reading.ballot_id is not None) is read
