"""Ink over the ballot number and the ballot id, through which both can be read."""

from __future__ import annotations

import cv2
import pytest

from ballot.layout import DigitField
from ballot.reading import DoubtCode, Reading
from tests.decorated_house import BALLPOINT, PX_PER_MM, Colours, House, learn_house, read, strokes

WAYS = pytest.mark.parametrize(
    "way",
    [{"grey": False}, {"grey": True}, {"grey": True, "bilevel": True}],
    ids=["colour", "grey", "bilevel"],
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return learn_house(tmp_path_factory.mktemp("digits"), lambda canvas: None)


def _field(house: House, name: str) -> DigitField:
    inside = house[0].ballots[0].layout.inside
    field = inside.ballot_number if name == "ballot number" else inside.ballot_id
    assert field is not None
    return field


def _told(reading: Reading, name: str) -> bool:
    """Whether ink over the digits is told, or that they cannot be read for it."""
    codes = (DoubtCode.INK_OUTSIDE_FIELDS, DoubtCode.UNKNOWN_LIST)
    return any(doubt.code in codes and name in doubt.detail for doubt in reading.doubts)


@WAYS
@pytest.mark.parametrize("name", ["ballot number", "ballot id"])
def test_a_line_through_five_digits_is_told(house: House, name: str, way: dict[str, bool]) -> None:
    first, last = (_field(house, name).digits[place].center_mm for place in (2, 6))
    line = [[(first[0], first[1] - 0.5), (last[0], last[1] + 0.3)]]
    assert _told(read(house, lambda picture: strokes(picture, line, BALLPOINT), **way), name)


@WAYS
def test_a_blot_on_three_digits_is_told(house: House, way: dict[str, bool]) -> None:
    x_mm, y_mm = _field(house, "ballot id").box.center_mm
    center = round(x_mm * PX_PER_MM), round(y_mm * PX_PER_MM)

    def draw(picture: Colours) -> None:
        blot = picture.copy()
        cv2.ellipse(blot, center, (30, 16), 0, 0, 360, (70, 70, 75), -1)
        picture[:] = blot.clip(max=picture)

    assert _told(read(house, draw, **way), "ballot id")


@WAYS
def test_a_fold_beside_and_a_dash_between_two_digits_are_not(house: House, way: dict[str, bool]) -> None:
    box = _field(house, "ballot number").box
    x0, x1 = (_field(house, "ballot number").digits[place].center_mm[0] for place in (5, 6))

    def draw(picture: Colours) -> None:
        strokes(picture, [[(x0 + 0.2, box.center_mm[1]), (x1 - 0.2, box.center_mm[1])]], BALLPOINT)
        strokes(
            picture,
            [[(box.x_mm - 30, box.bottom_mm + 3), (box.right_mm + 30, box.bottom_mm + 3)]],
            (200,) * 3,
        )

    assert not _told(read(house, draw, **way), "ballot number")


@WAYS
def test_clean_digits_are_not(house: House, way: dict[str, bool]) -> None:
    reading = read(house, lambda picture: None, **way)
    assert not _told(reading, "ballot number") and not _told(reading, "ballot id")
