"""Pictures are upright, and what is drawn on them lies where it is printed."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from ballot.geometry import Affine
from ballot.layout import PageSide
from ballot.reading import Reading, ScanSide, SideRegistration
from review import pictures
from review.issues import issues_of
from tests.desk_fakes import MARK, MARK_DOUBT, MARKED, PX_A_MM, picture, sides
from tests.station_fakes import reading

TURNS = [None, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE]
"""How the scan is turned; the picture must be turned back."""


def scan_turned(turn: int | None) -> tuple[pictures.Pixels, SideRegistration]:
    pixels = pictures.decode(picture([MARK]))
    assert pixels is not None
    height, width = pixels.shape[:2]
    k = PX_A_MM
    to_px = {
        None: Affine(k, 0, 0, 0, k, 0),
        cv2.ROTATE_180: Affine(-k, 0, width, 0, -k, height),
        cv2.ROTATE_90_CLOCKWISE: Affine(0, -k, height, k, 0, 0),
        cv2.ROTATE_90_COUNTERCLOCKWISE: Affine(0, k, 0, -k, 0, width),
    }[turn]
    turned = pixels if turn is None else np.ascontiguousarray(cv2.rotate(pixels, turn), np.uint8)
    return turned, SideRegistration(ScanSide.FRONT, PageSide.INSIDE, to_px, 0.0, False, 100.0)


def doubted(registration: SideRegistration) -> Reading:
    return reading(doubts=(MARK_DOUBT,), marks=(MARKED,), registrations=(registration,))


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("long_side_px", [None, 400])
def test_a_turned_scan_is_shown_upright_with_the_outline_on_the_box(
    turn: int | None, long_side_px: int | None
) -> None:
    scan, registration = scan_turned(turn)
    way = pictures.upright(scan, registration, long_side_px)
    shown = pictures.turned(scan, way)
    assert shown.shape[1::-1] == way.shown_px
    assert shown.shape[1] > shown.shape[0]
    read = doubted(registration)
    marked, doubt = pictures.outlines(read, issues_of(read, ()), ScanSide.FRONT, way)
    assert (marked.number, doubt.number) == (None, 1)
    xs, ys = zip(*doubt.corners_px, strict=True)
    scale = way.scale * PX_A_MM
    assert min(xs) == pytest.approx((MARK.x_mm - 1) * scale, abs=1)
    assert max(ys) == pytest.approx((MARK.bottom_mm + 1) * scale, abs=1)
    inside = shown[round(min(ys)) : round(max(ys)) + 1, round(min(xs)) : round(max(xs)) + 1]
    assert inside.min() < 150, "the printed frame lies inside the outline"


@pytest.mark.parametrize("turn", TURNS)
def test_a_crop_is_upright_and_shows_the_field(turn: int | None) -> None:
    scan, registration = scan_turned(turn)
    straight = pictures.crop(*scan_turned(None), MARK)
    assert np.abs(pictures.crop(scan, registration, MARK).astype(int) - straight).mean() < 3


def test_what_cannot_be_decoded_gives_no_picture() -> None:
    whole = picture([])
    huge = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (40_000).to_bytes(4, "big") * 2 + b"\x08\0\0\0\0\0\0\0\0"
    for data in (b"", b"no picture", whole[:40], huge):
        assert pictures.decode(data) is None


def test_a_side_that_was_not_registered_is_shown_as_it_came() -> None:
    pixels = pictures.decode(picture([MARK]))
    assert pixels is not None
    read = replace(doubted(sides()[0]), registrations=())
    way = pictures.for_screen(pixels, None)
    assert way.quarter_turns == 0
    assert pictures.outlines(read, issues_of(read, ()), ScanSide.FRONT, way) == ()


def test_the_file_for_the_command_line_has_the_doubt_drawn_on_it() -> None:
    scan, registration = scan_turned(None)
    read = doubted(registration)
    way = pictures.upright(scan, registration)
    drawn = pictures.drawn(scan, way, pictures.outlines(read, issues_of(read, ()), ScanSide.FRONT, way))
    changed = np.argwhere(np.abs(drawn.astype(int) - scan).sum(axis=2) > 60) / PX_A_MM
    assert len(changed)
    assert np.all(
        (changed >= (MARK.y_mm - 8, MARK.x_mm - 14)) & (changed <= (MARK.y_mm + 20, MARK.x_mm + 12))
    )
    assert cv2.imdecode(np.frombuffer(pictures.to_png(drawn), np.uint8), cv2.IMREAD_COLOR) is not None
