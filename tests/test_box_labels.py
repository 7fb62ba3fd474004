"""Which label belongs to a box, where other print is as level with it."""

from __future__ import annotations

import numpy as np

from ballot.election import BallotKind, BallotStyle, Candidate
from ballot.geometry import Box
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


def test_the_heading_of_a_table_beside_is_no_name_though_it_stands_higher_than_the_name() -> None:
    """Found where a column of 28 boxes ends level with the headings of the write-in table beside it."""
    words = _words("1. Tore Solheim", 106, 40.8, 3.0) + _words("2. Wenche Dahl", 106, 46.8, 3.0)
    words += _words("Navn", 176, 45.2, 2.4)
    side = BlankSide(np.full((10, 10), 255, np.uint8), 310, 230, tuple(words), from_text_layer=True)
    found = assign_boxes(side, BOXES, STYLE, PEOPLE)
    assert found.problems == ()
    assert [(b.candidate, b.box) for b in found.boxes] == [(1, BOXES[0]), (2, BOXES[1])]
