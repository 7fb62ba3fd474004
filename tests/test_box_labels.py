"""Which label belongs to a box, where other print is as level with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ballot.election import BallotKind, BallotStyle, Candidate
from ballot.geometry import Box
from ballot.layout import BoxKind
from calibration.blank import BlankSide, Word
from calibration.box_labels import assign_boxes

BOXES = [Box(100, 40, 4, 4), Box(100, 46, 4, 4)]
PEOPLE = (Candidate(1, "Tore Solheim"), Candidate(2, "Wenche Dahl"))
STYLE = BallotStyle(BallotKind.LIST, "1" * 22, "H.pdf", list_id="H")


def _words(text: str, x_mm: float, y_mm: float, font_mm: float) -> list[Word]:
    words = []
    for part in text.split():
        words.append(Word(part, Box(x_mm, y_mm, 1.5 * len(part), 0.75 * font_mm), font_mm))
        x_mm += 1.5 * len(part) + 1.0
    return words


def _side(words: list[Word]) -> BlankSide:
    return BlankSide(np.full((10, 10), 255, np.uint8), 310, 230, tuple(words), from_text_layer=True)


def _rows(
    told: Sequence[str], names: Sequence[str] = ("Tore Solheim", "Wenche Dahl"), number: str = "{}. "
) -> list[Word]:
    """The labels of both boxes: number, and the name with what is told of the person."""
    words = []
    for index, (box, form, name) in enumerate(zip(BOXES, told, names, strict=True), 1):
        words += _words(number.format(index) + form.format(name), 106, box.y_mm + 0.8, 3.0)
    return words


def test_the_heading_of_a_table_beside_is_no_name_though_it_stands_higher_than_the_name() -> None:
    """Found where a column of 28 boxes ends level with the headings of the write-in table beside it."""
    words = _words("1. Tore Solheim", 106, 40.8, 3.0) + _words("2. Wenche Dahl", 106, 46.8, 3.0)
    words += _words("Navn", 176, 45.2, 2.4)
    found = assign_boxes(_side(words), BOXES, STYLE, PEOPLE)
    assert found.problems == ()
    assert [(b.candidate, b.box) for b in found.boxes] == [(1, BOXES[0]), (2, BOXES[1])]


def test_a_party_under_a_name_is_not_the_name_though_it_is_wider() -> None:
    left = [Box(150, box.y_mm, 4, 4) for box in BOXES]
    words = _words("1. Tore Solheim", 100, 40.4, 2.6) + _words("Nei til mer bompenger i byen", 104, 42.6, 2.0)
    words += _words("2. Wenche Dahl", 100, 46.4, 2.6) + _words("Partiet Sentrum", 104, 48.6, 2.0)
    found = assign_boxes(_side(words), left, STYLE, PEOPLE)
    assert found.problems == ()
    assert [(b.candidate, b.box) for b in found.boxes] == [(1, left[0]), (2, left[1])]


def test_a_name_of_two_lines_is_read_whole_and_its_end_is_not_another_party() -> None:
    parties = ("Felleslista for Kristelig Folkeparti, Venstre", "Venstre")
    boxes = [Box(100, 40, 4, 4), Box(100, 54, 4, 4)]
    words = _words("Felleslista for Kristelig Folkeparti,", 106, 38.9, 3.0) + _words(
        "Venstre", 106, 42.7, 3.0
    )
    words += _words("Venstre", 106, 54.9, 3.0)
    style = BallotStyle(
        BallotKind.PARTY, "1" * 22, "P.pdf", parties=parties, party_lists=tuple((p, None) for p in parties)
    )
    found = assign_boxes(_side(words), boxes, style, ())
    assert found.problems == ()
    assert [(b.party, b.box) for b in found.boxes] == [(parties[0], boxes[0]), (parties[1], boxes[1])]


def test_a_misprinted_name_is_refused_whatever_stands_under_it() -> None:
    words = _words("1. Tore Solhiem", 106, 40.4, 2.6) + _words("Tore Solheims vei", 106, 42.6, 2.0)
    words += _words("2. Wenche Dahl", 106, 46.4, 2.6)
    found = assign_boxes(_side(words), BOXES, STYLE, PEOPLE)
    assert found.problems


def test_second_choices_right_of_the_names_are_found_beside_first_ones_left_of_them() -> None:
    firsts, seconds = BOXES, [Box(200, box.y_mm, 4, 4) for box in BOXES]
    example = Box(120, 20, 4, 4)
    words = _words("Førstevalg", 96, 34, 2.6) + _words("Andrevalg", 196, 34, 2.6)
    words += _words("Tore Solheim", 112, 40.8, 3.0) + _words("Wenche Dahl", 112, 46.8, 3.0)
    words += _words("Riktig avkryssing:", 92, 20.8, 3.0)
    style = BallotStyle(BallotKind.MAYOR, "1" * 22, "M.pdf")
    found = assign_boxes(_side(words), [example, *firsts, *seconds], style, PEOPLE)
    assert found.problems == ()
    kinds = {BoxKind.FIRST_CHOICE: firsts, BoxKind.SECOND_CHOICE: seconds}
    assert {(b.kind, b.candidate): b.box for b in found.boxes} == {
        (kind, person.number): box
        for kind, own in kinds.items()
        for person, box in zip(PEOPLE, own, strict=True)
    }


@pytest.mark.parametrize(
    "told", ["{}, f. 2002, Vik", "{} (1967)", "{} (V)", "{}, lærer, Vik", "{} f. 1.2.1967"]
)
@pytest.mark.parametrize("number", ["{}. ", ""])
def test_what_is_told_of_a_candidate_after_the_name_is_no_part_of_it(told: str, number: str) -> None:
    found = assign_boxes(_side(_rows([told] * 2, number=number)), BOXES, STYLE, PEOPLE)
    assert found.problems == ()
    assert [(b.candidate, b.box) for b in found.boxes] == [(1, BOXES[0]), (2, BOXES[1])]


@pytest.mark.parametrize("name", ["Tore Solhiem", "Tore", "Solheim", "Tore Solheim-Vik", "Vik"])
@pytest.mark.parametrize("told", ["{}, f. 2002, Vik", "{} (V)", "{}, Solheim", "{} (Tore Solheim)"])
def test_a_misprinted_name_is_refused_whatever_is_told_after_it(name: str, told: str) -> None:
    words = _rows([told, "{}"], (name, "Wenche Dahl"))
    assert assign_boxes(_side(words), BOXES, STYLE, PEOPLE).problems


def test_of_two_names_alike_the_fuller_one_is_meant_and_no_other_place_passes_for_it() -> None:
    people = (Candidate(1, "Kari Hansen"), Candidate(2, "Kari Hansen, Moss"))
    printed = _rows(["{}", "{}"], ("Kari Hansen", "Kari Hansen, Moss"), number="")
    found = assign_boxes(_side(printed), BOXES, STYLE, people)
    assert found.problems == ()
    assert [(b.candidate, b.box) for b in found.boxes] == [(1, BOXES[0]), (2, BOXES[1])]
    for names in (("Kari Hansen", "Kari Hansen, Mosss"), ("Kari Hansen, Vik", "Kari Hansen, Vik")):
        printed = _rows(["{}", "{}"], names, number="")
        assert assign_boxes(_side(printed), BOXES, STYLE, people).problems
    exchanged = _rows(["{}", "{}"], ("Kari Hansen, Moss", "Kari Hansen"))
    assert assign_boxes(_side(exchanged), BOXES, STYLE, people).problems


@pytest.mark.parametrize("leader", [" ............", "............ 1967", " . . . . . . . 1967", " ……… 1967"])
@pytest.mark.parametrize("boxes_right", [False, True])
def test_dots_that_lead_to_the_next_column_end_the_name(leader: str, boxes_right: bool) -> None:
    boxes = [Box(180, box.y_mm, 4, 4) for box in BOXES] if boxes_right else BOXES
    found = assign_boxes(_side(_rows(["{}" + leader] * 2)), boxes, STYLE, PEOPLE)
    assert found.problems == ()
    assert [(b.candidate, b.box) for b in found.boxes] == [(1, boxes[0]), (2, boxes[1])]
    assert [b.label for b in found.boxes] == ["1. Tore Solheim", "2. Wenche Dahl"]


FOUR = (*PEOPLE, Candidate(3, "Odd Ivar Moen"), Candidate(4, "Eva Ek"))


def _two_columns(logo: str, names: Sequence[str]) -> tuple[list[Box], list[Word]]:
    """Boxes left of the names in two columns, between them something of a party."""
    boxes = [*BOXES, *(Box(200, box.y_mm, 4, 4) for box in BOXES)]
    words = []
    for box, name in zip(boxes, names, strict=True):
        words += _words(logo, box.right_mm + 3, box.y_mm + 0.6, 3.6)
        words += _words(name, box.right_mm + 10 + 1.5 * len(logo), box.y_mm + 0.8, 3.0)
    return boxes, words


def test_the_letters_of_a_logo_between_box_and_name_are_no_part_of_the_name() -> None:
    """The names of the left column were taken for labels of the right one's boxes, the nearer ones by far."""
    boxes, words = _two_columns("KrF", [person.name for person in FOUR])
    found = assign_boxes(_side(words), boxes, STYLE, FOUR)
    assert found.problems == ()
    assert [(b.candidate, b.box) for b in found.boxes] == list(enumerate(boxes, 1))


@pytest.mark.parametrize("extra", [[], [Box(290, box.y_mm, 4, 4) for box in BOXES]])
def test_names_whose_boxes_stand_on_the_wrong_side_are_refused(extra: list[Box]) -> None:
    """With a column of squares to the right, each name stands left of exactly one box: its neighbour's."""
    boxes, words = _two_columns("Senterpartiet", [person.name for person in FOUR])
    found = assign_boxes(_side(words), [*boxes, *extra], STYLE, FOUR)
    assert not found.boxes
    assert any("on both sides of the names" in problem for problem in found.problems)


def test_boxes_on_both_sides_of_the_names_are_refused() -> None:
    boxes = [*BOXES, *(Box(180, box.y_mm, 4, 4) for box in BOXES)]
    found = assign_boxes(_side(_rows(["{}"] * 2)), boxes, STYLE, PEOPLE)
    assert any("on both sides of the names" in problem for problem in found.problems)


@pytest.mark.parametrize("printed", ["Bo Tore Solheim", "Tore"])
def test_a_short_word_before_a_name_is_no_logo_without_a_gap(printed: str) -> None:
    found = assign_boxes(_side(_rows(["{}"] * 2, (printed, "Wenche Dahl"), number="")), BOXES, STYLE, PEOPLE)
    assert found.problems


def test_second_choices_are_not_learnt_alone_by_the_names_of_the_first_ones() -> None:
    """Both choices have their own list of names here, and between box and name something else."""
    boxes, words = _two_columns(
        "Senterpartiet", ["Tore Solheim", "Wenche Dahl", "Wenche Dahl", "Tore Solheim"]
    )
    words += _words("Førstevalg", 96, 34, 2.6) + _words("Andrevalg", 196, 34, 2.6)
    found = assign_boxes(_side(words), boxes, BallotStyle(BallotKind.MAYOR, "1" * 22, "M.pdf"), PEOPLE)
    assert found.problems


@pytest.mark.parametrize("told_last", [False, True])
def test_instructions_above_the_headings_exchange_no_choices(told_last: bool) -> None:
    """A file may have them after the headings: then they made first choices of the second ones."""
    firsts, seconds = BOXES, [Box(130, box.y_mm, 4, 4) for box in BOXES]
    told = _words("Andrevalg teller kun med førstevalg", 92, 26, 3.0)
    heads = _words("Førstevalg", 96, 34, 2.6) + _words("Andrevalg", 126, 34, 2.6)
    words = _words("Tore Solheim", 142, 40.8, 3.0) + _words("Wenche Dahl", 142, 46.8, 3.0)
    words += heads + told if told_last else told + heads
    found = assign_boxes(
        _side(words), [*firsts, *seconds], BallotStyle(BallotKind.MAYOR, "1" * 22, "M.pdf"), PEOPLE
    )
    assert found.problems == ()
    assert [b.box for b in found.boxes if b.kind is BoxKind.FIRST_CHOICE] == firsts
    assert [b.box for b in found.boxes if b.kind is BoxKind.SECOND_CHOICE] == seconds


def _with_surplus(y_mm: float, number: str, people: Sequence[Candidate] = PEOPLE) -> tuple[str, ...]:
    """What is said of a ballot with one more box in the column of the names, with a text that is none."""
    surplus = Box(BOXES[0].x_mm, y_mm, 4, 4)
    words = _rows(["{}"] * 2, number=number) + _words("= personstemme", 106, y_mm + 0.8, 3.0)
    found = assign_boxes(_side(words), [surplus, *BOXES], STYLE, people)
    assert found.problems or [(b.candidate, b.box) for b in found.boxes] == [(1, BOXES[0]), (2, BOXES[1])]
    return found.problems


def test_a_legend_above_numbered_names_is_nobodys_box() -> None:
    assert _with_surplus(31, "{}. ") == ()


@pytest.mark.parametrize(
    ("y_mm", "number", "people"),
    [(52, "{}. ", PEOPLE), (31, "", PEOPLE), (31, "{}. ", (*PEOPLE, Candidate(3, "Eva Ek")))],
)
def test_a_box_that_somebody_unknown_may_have_is_not_dropped(
    y_mm: float, number: str, people: Sequence[Candidate]
) -> None:
    assert any("= personstemme" in problem for problem in _with_surplus(y_mm, number, people))
