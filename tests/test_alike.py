"""The marks of one ballot judged together, by what was measured of each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ballot.reading import MarkState
from recognition.alike import JudgedBox, judged_together
from recognition.marks import Trait
from recognition.profile import DEFAULT_PROFILE
from tests.measured_boxes import judged_box

EMPTY, MARKED = MarkState.EMPTY, MarkState.MARKED
DOUBTFUL, TAKEN_BACK = MarkState.DOUBTFUL, MarkState.TAKEN_BACK


def _states(boxes: list[JudgedBox]) -> list[MarkState]:
    return [box.mark.state for box in judged_together(boxes, DEFAULT_PROFILE)]


@pytest.mark.parametrize("doubted", [DOUBTFUL, TAKEN_BACK])
def test_a_mark_joined_with_a_doubted_box_does_not_count(doubted: MarkState) -> None:
    """Both may be one hole with black behind it."""
    boxes = [judged_box(doubted), replace(judged_box(MARKED), joined=(0,)), judged_box(MARKED)]
    assert _states(boxes) == [doubted, DOUBTFUL, MARKED]


def test_marks_that_touch_each_other_count() -> None:
    boxes = [replace(judged_box(MARKED), joined=(1,)), replace(judged_box(MARKED), joined=(0,))]
    assert _states(boxes) == [MARKED, MARKED]


def test_a_mark_joined_with_one_that_counts_beside_its_like_counts() -> None:
    """It is judged after the other was."""
    thick = judged_box(TAKEN_BACK, 4.0, Trait.PLAIN)
    boxes = [judged_box(MARKED), replace(judged_box(MARKED), joined=(2,)), replace(thick, joined=(1,))]
    assert _states(boxes) == [MARKED, MARKED, MARKED]


@pytest.mark.parametrize(("dots", "full", "state"), [(1, 0, EMPTY), (2, 0, DOUBTFUL), (2, 2, EMPTY)])
def test_dots_in_the_middle_are_dust_alone_or_beside_full_marks(
    dots: int, full: int, state: MarkState
) -> None:
    dot = judged_box(EMPTY, 0.2, Trait.DUST, Trait.CROSSING)
    boxes = [dot] * dots + [judged_box(MARKED)] * full
    assert _states(boxes) == [state] * dots + [MARKED] * full


@pytest.mark.parametrize(("ink_mm2", "state"), [(0.9, MARKED), (0.5, DOUBTFUL)])
def test_a_light_mark_counts_beside_others_with_hardly_more_ink(ink_mm2: float, state: MarkState) -> None:
    light = judged_box(DOUBTFUL, ink_mm2, Trait.LIGHT)
    assert _states([light, judged_box(MARKED, 1.2), judged_box(MARKED, 1.3)]) == [state, MARKED, MARKED]
    assert _states([light, judged_box(MARKED, 1.2)])[0] is DOUBTFUL


@pytest.mark.parametrize(
    ("specks", "bilevel", "others", "state"),
    [
        pytest.param(2, True, [], DOUBTFUL, id="two in black and white"),
        pytest.param(1, True, [], EMPTY, id="a single one is dust"),
        pytest.param(2, False, [], EMPTY, id="grey would show the rest of a mark"),
        pytest.param(2, True, [4.0, 4.0], EMPTY, id="the pen leaves full marks"),
    ],
)
def test_specks_in_several_boxes_of_black_and_white_may_be_pale_marks(
    specks: int, bilevel: bool, others: list[float], state: MarkState
) -> None:
    speck = replace(judged_box(EMPTY, 0.12, Trait.DUST), bilevel=bilevel)
    boxes = [speck] * specks + [replace(judged_box(MARKED, ink), bilevel=bilevel) for ink in others]
    assert _states(boxes)[:specks] == [state] * specks


@pytest.mark.parametrize(
    ("counted", "bilevel", "state"), [(0, True, DOUBTFUL), (1, True, EMPTY), (0, False, EMPTY)]
)
def test_a_speck_beside_a_doubtful_mark_may_be_another_pale_one(
    counted: int, bilevel: bool, state: MarkState
) -> None:
    made = [judged_box(MARKED, 2.0)] * counted
    boxes = [judged_box(EMPTY, 0.21, Trait.DUST), judged_box(DOUBTFUL, 0.4), *made]
    assert _states([replace(box, bilevel=bilevel) for box in boxes])[0] is state


@pytest.mark.parametrize(
    ("specks", "full", "states"),
    [(2, 0, [DOUBTFUL, EMPTY]), (1, 0, [EMPTY, EMPTY]), (2, 2, [EMPTY, EMPTY])],
)
@pytest.mark.parametrize("place", [(Trait.DUST,), ()])
def test_where_several_marks_may_be_specks_every_pixel_may_be_one(
    specks: int, full: int, states: list[MarkState], place: tuple[Trait, ...]
) -> None:
    """Of sixteen crosses a scan left 0.08 mm2 and more in some boxes, a pixel or two in the others.

    They may lie far apart, as at the ends of an arm, and then are not as short as dust.
    """
    pixel, clean = judged_box(EMPTY, 0.0, *place, Trait.SPECK), judged_box(EMPTY, 0.0, Trait.DUST)
    others = [judged_box(EMPTY, 0.12, Trait.DUST, Trait.SPECK)] * specks + [judged_box(MARKED)] * full
    assert _states([replace(box, bilevel=True) for box in (pixel, clean, *others)])[:2] == states


@pytest.mark.parametrize("others", [(), (4.0, 4.0, 4.0)])
@pytest.mark.parametrize(("state", "ink_mm2"), [(EMPTY, 0.0), (DOUBTFUL, 0.66)])
@pytest.mark.parametrize("traits", [(Trait.GRAINS, Trait.DUST), (Trait.GRAINS,)])
def test_grains_in_a_box_may_be_a_pale_mark_though_other_marks_are_full(
    others: tuple[float, ...], state: MarkState, ink_mm2: float, traits: tuple[Trait, ...]
) -> None:
    """A low threshold leaves one red cross whole and of the next by the same pen a few pieces."""
    grains = replace(judged_box(state, ink_mm2, *traits), bilevel=True)
    assert _states([grains, *(judged_box(MARKED, ink) for ink in others)])[0] is DOUBTFUL


def test_a_low_mark_unlike_the_others_stays_a_doubt_though_it_is_as_short_as_dust() -> None:
    low = judged_box(DOUBTFUL, 1.0, Trait.LOW, Trait.DUST)
    assert _states([low, judged_box(MARKED, 6.0), judged_box(MARKED, 6.0)])[0] is DOUBTFUL


@pytest.mark.parametrize(
    ("inks_mm2", "expected"),
    [
        ((2.0, 2.3, 4.6), [MARKED, MARKED, TAKEN_BACK]),
        ((2.0, 2.3, 2.9), [MARKED, MARKED, MARKED]),
        ((2.0, 4.6), [MARKED, TAKEN_BACK]),
        ((2.0, 3.2), [MARKED, MARKED]),
        ((4.6,), [MARKED]),
    ],
)
@pytest.mark.parametrize("bilevel", [False, True])
def test_a_far_heavier_mark_may_be_struck_through_or_scribbled_over(
    bilevel: bool, inks_mm2: tuple[float, ...], expected: list[MarkState]
) -> None:
    assert _states([replace(judged_box(MARKED, ink), bilevel=bilevel) for ink in inks_mm2]) == expected


@pytest.mark.parametrize(
    "unlike", [{"traits": frozenset({Trait.RING})}, {"whole_mm2": 2.5}, {"ink_mm2": 2.5}]
)
def test_a_ring_or_a_mark_that_lies_more_or_less_within_its_box_is_not_heavier(
    unlike: dict[str, object],
) -> None:
    """The outline hides more or less of a ring; what lies outside one box lies inside another."""
    odd = replace(judged_box(MARKED, 4.6), **unlike)
    assert _states([odd, judged_box(MARKED, 2.0), judged_box(MARKED, 2.3)]) == [MARKED] * 3


@pytest.mark.parametrize(("ink_mm2", "state"), [(0.45, EMPTY), (1.2, DOUBTFUL)])
def test_a_small_mark_is_no_dust_though_those_in_large_boxes_have_much_more_ink(
    ink_mm2: float, state: MarkState
) -> None:
    small = judged_box(DOUBTFUL, ink_mm2, Trait.DUST)
    assert _states([small, judged_box(MARKED, 9.0), judged_box(MARKED, 10.0)])[0] is state


def test_a_single_filled_box_does_not_show_what_the_pen_leaves() -> None:
    """Of three red crosses a low threshold left dots; the fourth, scribbled over, was black."""
    specks = [replace(judged_box(EMPTY, ink, Trait.DUST), bilevel=True) for ink in (0.21, 0.1)]
    scribbled = replace(judged_box(MARKED, 6.6, Trait.FILL), bilevel=True)
    assert _states([*specks, scribbled]) == [DOUBTFUL, DOUBTFUL, TAKEN_BACK]
    assert _states([*specks, scribbled, scribbled]) == [EMPTY, EMPTY, MARKED, MARKED]


@pytest.mark.parametrize(
    ("others", "state"),
    [
        ((), TAKEN_BACK),
        ((4.0,), TAKEN_BACK),
        ((5.0,), MARKED),
        ((5.0, 5.6, 2.0), MARKED),
        ((3.5, 3.6), TAKEN_BACK),
    ],
)
def test_a_mark_that_covers_its_box_counts_beside_its_like(
    others: tuple[float, ...], state: MarkState
) -> None:
    """Of a cross scribbled over in pale ink black and white shows a thick cross."""
    covering = replace(judged_box(MARKED, 5.5, Trait.COVER), bilevel=True)
    boxes = [covering, *(replace(judged_box(MARKED, ink_mm2), bilevel=True) for ink_mm2 in others)]
    assert _states(boxes)[0] is state


@pytest.mark.parametrize(("grains", "state"), [((), EMPTY), ((Trait.GRAINS,), DOUBTFUL)])
def test_a_speck_is_asked_about_beside_a_box_with_grains(grains: tuple[Trait, ...], state: MarkState) -> None:
    """Of five light blue crosses a threshold left 0.47 mm2 of one, grains of another, a pixel of a third."""
    pale = [
        judged_box(DOUBTFUL, 0.47, Trait.DUST, Trait.SPECK),
        judged_box(EMPTY, 0.0, Trait.DUST, Trait.SPECK, *grains),
        judged_box(EMPTY, 0.06, Trait.DUST, Trait.SPECK),
    ]
    assert _states([replace(box, bilevel=True) for box in pale])[2] is state
