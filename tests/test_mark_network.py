"""The network for marks: what it sees in marks drawn here, and what its word counts for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt
import pytest

import recognition.mark_network
from ballot.errors import ModelError
from ballot.geometry import Box
from ballot.reading import MarkState
from recognition.alike import JudgedBox, judged_together
from recognition.box_blanks import BoxFrame
from recognition.boxes import BoxMeasure, InkedBox, _leaves, _rubbed_px
from recognition.mark_network import FIGURES, figures, mark_network, odds_against
from recognition.mark_picture import BOX_PX, SIDE_PX, mark_picture
from recognition.marks import Trait, least_vote_odds
from recognition.patches import PX_PER_MM
from recognition.profile import DEFAULT_PROFILE
from tests.measured_boxes import CROSSED_BOX, judged_box

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


@pytest.fixture(autouse=True)
def own_network() -> Iterator[None]:
    """Each test its own, since some exchange it."""
    mark_network.cache_clear()
    yield
    mark_network.cache_clear()


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
    assert min(struck) > -DEFAULT_PROFILE.vote_odds
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


@dataclass(frozen=True)
class _Told:
    """A network that gives what it was told to."""

    odds: float

    def run(self, _: None, told: dict[str, npt.NDArray[np.float32]]) -> list[npt.NDArray[np.float32]]:
        return [np.full((len(told["pictures"]), 1), self.odds, np.float32)]


def test_a_network_that_gives_no_number_stops_the_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    network = mark_network()
    monkeypatch.setattr(network, "_session", _Told(float("nan")))
    with pytest.raises(RuntimeError, match="no number"):
        _odds(CROSSES[0], 33, 3, False)


@pytest.mark.parametrize(("model", "message"), [("marks.npz", "cannot be read"), ("py.typed", "altered")])
def test_a_missing_or_another_network_stops_the_reading(
    monkeypatch: pytest.MonkeyPatch, model: str, message: str
) -> None:
    monkeypatch.setattr(recognition.mark_network, "MODEL", model)
    mark_network.cache_clear()
    with pytest.raises(ModelError, match=message):
        mark_network()


def test_only_boxes_that_are_not_empty_are_looked_at() -> None:
    inked = replace(CROSSED_BOX, inked=_box(CROSSES[0], 33, 3, False))
    states = [MarkState.EMPTY, MARKED, TAKEN_BACK, DOUBTFUL]
    odds = odds_against([inked, inked, inked, CROSSED_BOX], states, False)
    assert [value is None for value in odds] == [True, False, False, True]
    assert odds_against([CROSSED_BOX] * 4, states, False) == [None] * 4


def _least(measure: BoxMeasure, w_mm: float = 4.0, h_mm: float = 4.0, bilevel: bool = False) -> float:
    return least_vote_odds(Box(20.0, 50.0, w_mm, h_mm), measure, DEFAULT_PROFILE, bilevel)


def test_more_is_asked_of_the_network_where_its_picture_shows_less() -> None:
    profile, plain = DEFAULT_PROFILE, CROSSED_BOX
    assert _least(plain) == profile.vote_odds
    assert _least(plain, bilevel=True) == profile.bilevel_vote_odds
    beside = replace(plain.strokes, third_near=profile.third_near_share + 0.001)
    around = replace(plain.strokes, ringed=profile.ringed_share)
    for strokes in (beside, around):
        for share in (0.3, 0.9):
            assert _least(replace(plain, strokes=strokes, ink_share=share)) == profile.beside_vote_odds
    assert _least(replace(plain, struck=True)) == profile.beside_vote_odds


@pytest.mark.parametrize(
    "changed",
    [
        {"outline": 0.2},
        {"outline_gap_mm": 3.0},
        {"ink_mm2": 0.2},
        {"reach_mm": 0.5},
        {"bridges": True},
        {"leaves": True},
        {"rubbed_mm2": 0.7},
        {"ink_mm2": 0.26, "reach_mm": 1.1},
    ],
)
def test_the_network_is_not_asked_for_votes_in_little_or_hidden_ink(changed: dict[str, float]) -> None:
    assert _least(replace(CROSSED_BOX, **changed)) == math.inf  # type: ignore[arg-type]


@pytest.mark.parametrize(("w_mm", "h_mm"), [(2.5, 2.5), (8.0, 8.0), (4.0, 5.5), (6.0, 4.0)])
def test_the_network_is_not_asked_for_votes_in_boxes_it_does_not_know(w_mm: float, h_mm: float) -> None:
    assert _least(CROSSED_BOX, w_mm, h_mm) == math.inf


@pytest.mark.parametrize(
    ("lines", "leaves"),
    [
        (CROSSES[0], False),
        (CROSSES[2], False),
        ([*CROSSES[0], [(0.0, 0.0), (0.2, 2.1)]], True),
        ([*CROSSES[0], [(1.6, -1.6), (1.6, 2.4)]], False),
    ],
)
def test_strokes_that_go_on_beyond_the_picture_are_told(lines: Lines, leaves: bool) -> None:
    """A stroke beside the box that touches nothing of it does not belong to it."""
    size_px = 32
    dark = _box(lines, size_px, 3, False).whole >= 0.22
    place = slice(0, dark.shape[0])
    assert _leaves(dark, BoxFrame(MARGIN_PX, size_px, size_px, 1, (place, place))) is leaves


def _judged_box(state: MarkState, odds: float | None, least: float = 0.0) -> JudgedBox:
    return replace(judged_box(state), odds=odds, least_vote_odds=least)


def _judged(box: JudgedBox, others: int = 2) -> MarkState:
    """Its state beside so many votes."""
    votes = [_judged_box(MARKED, -9.0)] * others
    return judged_together([box, *votes], DEFAULT_PROFILE)[0].mark.state


def test_a_mark_that_looks_taken_back_does_not_count() -> None:
    assert _judged(_judged_box(MARKED, DEFAULT_PROFILE.no_vote_odds)) is TAKEN_BACK
    assert _judged(_judged_box(MARKED, DEFAULT_PROFILE.no_vote_odds - 0.1)) is MARKED


@pytest.mark.parametrize("unsure", [TAKEN_BACK, DOUBTFUL])
def test_what_rules_are_not_sure_of_counts_only_where_it_surely_looks_like_a_vote(unsure: MarkState) -> None:
    sure = _judged_box(unsure, -4.0, 4.0)
    assert _judged(sure) is MARKED
    assert _judged(replace(sure, odds=-3.9)) is unsure
    assert _judged(replace(sure, odds=None)) is unsure
    assert _judged(replace(sure, least_vote_odds=math.inf)) is unsure
    assert _judged(replace(sure, shares_mark=True)) is unsure
    assert _judged(replace(sure, joined=(1,))) is unsure
    assert _judged(_judged_box(MarkState.EMPTY, None, 4.0)) is MarkState.EMPTY


@pytest.mark.parametrize("trait", [Trait.DUST, Trait.GRAINS])
def test_dust_is_no_vote_whatever_it_looks_like(trait: Trait) -> None:
    dust = replace(_judged_box(DOUBTFUL, -9.0), traits=frozenset({trait}), ink_mm2=0.9)
    assert _judged(dust) is DOUBTFUL


def test_a_mark_that_looks_taken_back_vouches_for_no_other() -> None:
    """Beside two votes a plain mark of a thick pen counts; beside two struck ones it does not."""
    plain = replace(_judged_box(TAKEN_BACK, 0.0, math.inf), traits=frozenset({Trait.PLAIN}))
    struck = [_judged_box(MARKED, DEFAULT_PROFILE.no_vote_odds)] * 2
    assert _judged(plain) is MARKED
    assert judged_together([plain, *struck], DEFAULT_PROFILE)[0].mark.state is TAKEN_BACK


@pytest.mark.parametrize(("bilevel", "state"), [(False, MARKED), (True, TAKEN_BACK)])
def test_more_ink_than_the_others_is_doubted_in_black_and_white_only_where_it_looks_like_a_vote(
    bilevel: bool, state: MarkState
) -> None:
    heavy = replace(_judged_box(MARKED, -6.0, 4.0), ink_mm2=9.0, whole_mm2=9.0, bilevel=bilevel)
    assert _judged(heavy) is state
    assert _judged(replace(heavy, odds=-3.0)) is TAKEN_BACK


@pytest.mark.parametrize(("left", "seen"), [(0.5, False), (0.12, True), (0.0, False)])
def test_the_half_of_a_cross_that_was_rubbed_out_is_seen(left: float, seen: bool) -> None:
    """Half a cross as dark as pencil, the other half as dark as said."""
    cross = np.zeros((33, 33), np.float32)
    for start, end in (((4, 4), (28, 28)), ((28, 4), (4, 28))):
        cv2.line(cross, start, end, 1.0, 4, cv2.LINE_AA)
    strength = np.where(np.arange(33) < 16, np.float32(0.5), np.float32(left))
    dark = cv2.GaussianBlur(cross * strength, (0, 0), 0.8)
    dark += np.random.default_rng(2).normal(0, 0.01, dark.shape).astype(np.float32)
    rubbed_mm2 = _rubbed_px(dark, dark >= 0.22) / PX_PER_MM**2
    assert (rubbed_mm2 >= DEFAULT_PROFILE.rubbed_mm2) is seen
