"""The network for marks: what it sees in marks drawn here, and what its word counts for."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from ballot.geometry import Box
from ballot.layout import BoxKind
from ballot.reading import MarkReading, MarkState, ScanSide
from recognition.alike import JudgedBox, judged_together
from recognition.boxes import InkedBox
from recognition.mark_network import FIGURES, figures, mark_network
from recognition.mark_picture import BOX_PX, SIDE_PX, mark_picture
from recognition.profile import DEFAULT_PROFILE

MARKED, TAKEN_BACK, DOUBTFUL = MarkState.MARKED, MarkState.TAKEN_BACK, MarkState.DOUBTFUL
MARGIN_PX = 19
FINE = 8
Lines = list[list[tuple[float, float]]]

CROSSES: list[Lines] = [
    [[(-0.8, -0.8), (0.8, 0.8)], [(0.8, -0.8), (-0.8, 0.8)]],
    [[(-0.6, -0.9), (0.7, 0.8)], [(0.9, -0.7), (-0.8, 0.6)]],
    [[(-1.2, -1.1), (1.2, 1.3)], [(1.1, -1.3), (-1.2, 1.1)]],
]
TICKS: list[Lines] = [[[(-0.7, 0.0), (-0.2, 0.7), (1.1, -1.0)]], [[(-0.6, 0.1), (-0.1, 0.6), (0.7, -0.7)]]]
LEVEL: Lines = [[(-1.6, 0.1), (1.6, -0.1)]]
UPRIGHT: Lines = [[(0.1, -1.5), (-0.1, 1.5)]]
TO_AND_FRO: Lines = [[(-1.2, -0.8), (1.2, -0.5), (-1.2, -0.1), (1.2, 0.2), (-1.2, 0.5), (1.2, 0.9)]]


def _box(lines: Lines, size_px: int, pen_px: float, bilevel: bool) -> InkedBox:
    """A box with strokes; their points lie between −1 and 1 where they are in the box."""
    side = size_px + 2 * MARGIN_PX
    fine = np.zeros((side * FINE, side * FINE), np.uint8)
    for line in lines:
        points = (np.array(line) * size_px / 2 + side / 2) * FINE
        cv2.polylines(fine, [np.rint(points).astype(np.int32)], False, 255, round(pen_px * FINE))
    printed = np.zeros((side, side), np.uint8)
    cv2.rectangle(printed, (MARGIN_PX, MARGIN_PX), (MARGIN_PX + size_px, MARGIN_PX + size_px), 1, 2)
    ink = cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    dark = np.maximum(0.75 * ink, 0.85 * printed.astype(np.float32))
    if bilevel:
        dark = (dark > 0.4).astype(np.float32)
    inner = (slice(MARGIN_PX + 4, MARGIN_PX + size_px - 3),) * 2
    return InkedBox(dark[inner], dark[inner] >= 0.22, size_px, dark, printed.astype(bool))


def _odds(lines: Lines, size_px: int, pen_px: float, bilevel: bool) -> float:
    box = _box(lines, size_px, pen_px, bilevel)
    ink_mm2 = float(box.ink.sum()) / 62
    own = np.array([ink_mm2, 1.3 * ink_mm2, pen_px, size_px, box.ink.mean()])
    alone = figures(own, np.zeros((0, 5)), bilevel)
    return float(mark_network().look(mark_picture(box)[None], alone[None])[0])


@pytest.mark.parametrize("bilevel", [False, True])
@pytest.mark.parametrize(("size_px", "pen_px"), [(28, 3), (33, 3), (33, 5), (43, 4)])
def test_what_is_struck_through_looks_taken_back_and_plain_marks_do_not(
    size_px: int, pen_px: float, bilevel: bool
) -> None:
    plain = [_odds(mark, size_px, pen_px, bilevel) for mark in CROSSES + TICKS]
    struck = [
        _odds(mark + undoing, size_px, pen_px, bilevel)
        for mark in CROSSES
        for undoing in (LEVEL, UPRIGHT, TO_AND_FRO)
    ]
    assert max(plain) < DEFAULT_PROFILE.no_vote_odds
    assert min(struck) > -DEFAULT_PROFILE.bilevel_vote_odds
    assert np.median(plain) + 3 < np.median(struck)


def test_a_picture_shows_the_box_in_the_middle_whatever_its_size() -> None:
    for size_px in (24, 33, 43):
        dark, printed = mark_picture(_box(CROSSES[0], size_px, 3, False))
        assert dark.shape == printed.shape == (SIDE_PX, SIDE_PX)
        columns = np.flatnonzero(printed.max(axis=0) > 0.5)
        assert columns[-1] - columns[0] == pytest.approx(BOX_PX, abs=2)
        assert columns[-1] + columns[0] == pytest.approx(SIDE_PX - 1, abs=2)


def test_figures_compare_a_mark_with_the_others() -> None:
    own: npt.NDArray[np.float64] = np.array([4.0, 5.0, 3.0, 30.0, 0.3])
    alone, beside = figures(own, np.zeros((0, 5)), False), figures(own, np.stack([own / 2] * 3), True)
    assert alone.shape == (FIGURES,)
    assert alone[:5].tolist() == [0, 0, 0, 0, 0]
    assert beside[:3] == pytest.approx(np.log([2, 2, 2]))
    assert beside[3:6].tolist() == [0.75, 1, 1]


def _judged(state: MarkState, odds: float, *, least: float = 0.0, shares_mark: bool = False) -> MarkState:
    place = Box(20.0, 50.0, 4.0, 4.0)
    mark = MarkReading(
        kind=BoxKind.PERSONAL, candidate=1, party=None, score=0.5, state=state, expected=place, found=place
    )
    box = JudgedBox(
        scan=ScanSide.FRONT,
        mark=mark,
        bilevel=False,
        traits=frozenset(),
        ink_mm2=4.0,
        whole_mm2=4.0,
        shares_mark=shares_mark,
        odds=odds,
        least_vote_odds=least,
    )
    others = [replace(box, mark=replace(mark, state=MARKED), odds=-9.0, shares_mark=False)] * 2
    return judged_together([box, *others], DEFAULT_PROFILE)[0].mark.state


def test_a_mark_that_looks_taken_back_does_not_count() -> None:
    assert _judged(MARKED, DEFAULT_PROFILE.no_vote_odds) is TAKEN_BACK
    assert _judged(MARKED, DEFAULT_PROFILE.no_vote_odds - 0.1) is MARKED


@pytest.mark.parametrize("unsure", [TAKEN_BACK, DOUBTFUL])
def test_what_rules_are_not_sure_of_counts_only_where_it_surely_looks_like_a_vote(unsure: MarkState) -> None:
    assert _judged(unsure, -4.0, least=4.0) is MARKED
    assert _judged(unsure, -3.9, least=4.0) is unsure
    assert _judged(unsure, -9.0, least=math.inf) is unsure
    assert _judged(unsure, -4.0, least=4.0, shares_mark=True) is unsure
    assert _judged(MarkState.EMPTY, -9.0, least=4.0) is MarkState.EMPTY
