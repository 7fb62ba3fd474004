"""What must never be taken for a vote or a stamp: crosses on names, scribbles, comments, handwriting."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.layout import SideLayout
from ballot.reading import DoubtCode, MarkState
from calibration.evaluate import compare
from calibration.testdeck.deck import simulate_deck
from calibration.testdeck.options import CLEAN, DeckOptions
from calibration.testdeck.voters import Habit
from recognition.geometry import Mask, Matrix
from recognition.profile import DEFAULT_PROFILE
from recognition.reader import compile_layouts, read_sheet
from recognition.stamp_frame import fit_frame
from recognition.stamp_text import printed_lines
from tests.conftest import Press
from tests.drawn_sheets import SEED, Colours, pixels, read_with

PX_PER_MM = 100 / 25.4


def _with_habit(habit: Habit) -> DeckOptions:
    voters = replace(CLEAN.voters, habits=((habit, 1.0),), no_personal_votes=0.0)
    return replace(CLEAN, voters=voters, scanner=replace(CLEAN.scanner, dpis=(200,)))


@pytest.mark.parametrize("habit", [Habit.BESIDE, Habit.TAKEN_BACK, Habit.COMMENT])
@pytest.mark.parametrize("house", ["fjord", "vidde"])
def test_what_a_voter_took_back_or_wrote_outside_is_always_seen(
    print_house: Press, house: str, habit: Habit
) -> None:
    printed = print_house(house, ElectionKind.MUNICIPAL_COUNCIL)
    layouts = compile_layouts(printed.election, printed.layouts)
    deck = simulate_deck(printed.election, printed.folder, SEED, _with_habit(habit), 6, fields=printed.fields)
    outcomes = [compare(read_sheet(sheet.scan, layouts), sheet.truth) for sheet in deck]
    assert [o.errors + o.missed for o in outcomes] == [()] * 6
    expected = DoubtCode.MARK_TAKEN_BACK if habit is Habit.TAKEN_BACK else DoubtCode.INK_OUTSIDE_FIELDS
    assert sum(expected in o.doubts for o in outcomes) >= 3


def _square_stamp() -> Mask:
    picture = np.zeros((160, 220), np.uint8)
    cv2.rectangle(picture, (30, 40), (180, 140), 1, 3)
    for line, y in (("VALGSTYRET", 70), ("NORDVIK", 98), ("2023", 126)):
        cv2.putText(picture, line, (42, y), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 1, 2)
    return picture > 0


def _ring_stamp() -> Mask:
    picture = np.zeros((200, 200), np.uint8)
    cv2.ellipse(picture, (100, 100), (66, 66), 0, 0, 360, 1, 3)
    cv2.putText(picture, "VALG", (64, 95), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 1, 3)
    cv2.putText(picture, "2023", (64, 122), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 1, 3)
    return picture > 0


@pytest.mark.parametrize("angle", [0.0, 17.0, 45.0, -70.0])
@pytest.mark.parametrize("stamp", [_square_stamp(), _ring_stamp()], ids=["square", "ring"])
def test_a_comment_against_a_stamp_lies_outside_its_frame(stamp: Mask, angle: float) -> None:
    height, width = stamp.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    turned = cv2.warpAffine(np.pad(stamp, 60).astype(np.uint8), turn, (width + 120, height + 120))
    written = turned.copy()
    cv2.putText(written, "Nei til veien", (2, 30), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 0.8, 1, 2)
    alone, both = fit_frame(turned > 0, PX_PER_MM), fit_frame(written > 0, PX_PER_MM)
    assert alone is not None
    assert both is not None
    assert min(alone.covered, both.covered) >= DEFAULT_PROFILE.stamp_frame_share
    assert min(alone.inner, both.inner) >= 0.2
    assert np.ptp(both.outline_px, axis=0) == pytest.approx(np.ptp(alone.outline_px, axis=0), abs=4)


def test_an_empty_ring_is_no_stamp() -> None:
    picture = np.zeros((200, 200), np.uint8)
    cv2.circle(picture, (100, 100), 70, 1, 3)
    ring = fit_frame(picture > 0, PX_PER_MM)
    assert ring is not None
    assert ring.covered > 0.95
    assert ring.inner < DEFAULT_PROFILE.stamp_inner_share


def _line(rise_px: float, angle: float, seed: int) -> Mask:
    """«Valgstyret 2023» letter by letter, each letter up or down by `rise_px` at random."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((420, 480), np.uint8)
    x = 40
    for letter in "VALGSTYRET2023":
        y = 210 + round(float(rng.normal(0, rise_px)))
        cv2.putText(picture, letter, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 255, 2, cv2.LINE_AA)
        x += 28
    turn = cv2.getRotationMatrix2D((240, 210), angle, 1.0)
    return np.asarray(cv2.warpAffine(picture, turn, (480, 420)) > 110)


@pytest.mark.parametrize("angle", [0.0, 8.0, -33.0, 45.0])
def test_letters_on_one_line_are_print_and_dancing_letters_are_not(angle: float) -> None:
    px_per_mm = 200 / 25.4
    assert printed_lines(_line(0.0, angle, 1), px_per_mm) == 1
    assert not any(printed_lines(_line(4.0, angle, seed), px_per_mm) for seed in range(8))


@pytest.mark.parametrize("house", ["fjord", "vidde"])
@pytest.mark.parametrize("grown_mm", [0.0, 0.4, 0.9])
def test_a_ring_along_the_outline_of_a_box_is_never_passed_over(
    print_house: Press, house: str, grown_mm: float
) -> None:
    def ring(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        box = next(m.box for m in side.mark_boxes if m.candidate == 3)
        turns = np.linspace(0, 2 * np.pi, 60)
        circle = np.stack([np.cos(turns), np.sin(turns)], axis=1)
        points = pixels(to_px, np.array(box.center_mm) + (box.w_mm / 2 + grown_mm) * circle)
        cv2.polylines(picture, [points], True, (30, 60, 120), 4, cv2.LINE_AA)

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), ring)
    mark = next(m for m in reading.marks if m.candidate == 3)
    assert mark.state is MarkState.MARKED or reading.doubts
    assert {m.candidate for m in reading.marks if m.state is MarkState.MARKED} <= {3}


@pytest.mark.parametrize("house", ["fjord", "vidde"])
@pytest.mark.parametrize("grown_mm", [0.0, 0.15, 0.3])
@pytest.mark.parametrize("grey", [120, 160])
def test_a_pencils_ring_along_the_outline_is_not_passed_over_beside_full_ones(
    print_house: Press, house: str, grown_mm: float, grey: int
) -> None:
    def rings(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        turns = np.linspace(0, 2 * np.pi, 60)
        circle = np.stack([np.cos(turns), np.sin(turns)], axis=1)
        for mark in side.mark_boxes[:6]:
            radius_mm = mark.box.w_mm / 2 + (grown_mm if mark.candidate == 3 else -1.0)
            points = pixels(to_px, np.array(mark.box.center_mm) + radius_mm * circle)
            cv2.polylines(picture, [points], True, (grey,) * 3, 5, cv2.LINE_AA)

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), rings)
    mark = next(m for m in reading.marks if m.candidate == 3)
    assert mark.state is not MarkState.EMPTY


@pytest.mark.parametrize("house", ["fjord", "vidde"])
@pytest.mark.parametrize("left", [0.75, 0.5, 0.2, 0.0])
def test_a_name_covered_by_a_wash_of_ink_is_never_taken_for_print(
    print_house: Press, house: str, left: float
) -> None:
    def wash(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        box = next(m.box for m in side.mark_boxes if m.candidate == 3)
        x, y, half = box.right_mm + 3, box.center_mm[1], box.h_mm / 2
        corners = np.array([(x, y - half), (x + 40, y - half), (x + 40, y + half), (x, y + half)])
        cover = np.zeros(picture.shape[:2], np.uint8)
        cv2.fillPoly(cover, [pixels(to_px, corners)], 1)
        picture[cover > 0] = (picture[cover > 0] * left).astype(np.uint8)

    reading = read_with(print_house(house, ElectionKind.MUNICIPAL_COUNCIL), wash)
    assert reading.doubts


def test_the_sheet_that_is_drawn_on_is_clean(print_house: Press) -> None:
    printed = print_house("fjord", ElectionKind.MUNICIPAL_COUNCIL)
    assert read_with(printed, lambda *_: None).accepted
