"""A stroke from one marked box into another far away is not two votes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ballot.election import ElectionKind
from ballot.layout import BoxKind, SideLayout
from ballot.reading import DoubtCode, MarkState
from recognition.geometry import Matrix
from tests.conftest import Press
from tests.drawn_sheets import Colours, Drawing, pixels, read_with


def _linking(candidates: tuple[int, int] | None) -> Drawing:
    """A drawing of a line from the first candidate's first choice to the other's second choice."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        if candidates is None:
            return
        boxes = {(box.kind, box.candidate): box.box for box in side.mark_boxes}
        ends = boxes[BoxKind.FIRST_CHOICE, candidates[0]], boxes[BoxKind.SECOND_CHOICE, candidates[1]]
        line = pixels(to_px, np.array([end.center_mm for end in ends]))
        cv2.polylines(picture, [line], False, (60, 40, 30), 3, cv2.LINE_AA)

    return draw


@pytest.mark.parametrize("house", ["skog", "vidde"])
def test_a_line_from_a_first_to_a_second_choice_is_doubted(print_house: Press, house: str) -> None:
    printed = print_house(house, ElectionKind.MAYOR)
    plain = read_with(printed, _linking(None), kind="mayor")
    assert plain.choices is not None
    chosen = plain.choices.first, plain.choices.second
    assert None not in chosen
    assert not {d.code for d in plain.doubts} & {DoubtCode.MARK_UNCERTAIN, DoubtCode.MARK_TAKEN_BACK}

    linked = read_with(printed, _linking((chosen[0] or 0, chosen[1] or 0)), kind="mayor")
    counted = {(m.kind, m.candidate) for m in linked.marks if m.state is MarkState.MARKED}
    doubted = [d.candidate for d in linked.doubts if d.code is DoubtCode.MARK_UNCERTAIN]
    for kind, candidate in zip((BoxKind.FIRST_CHOICE, BoxKind.SECOND_CHOICE), chosen, strict=True):
        assert (kind, candidate) not in counted or candidate in doubted


def test_a_doubt_about_one_choice_hides_none_about_the_other(print_house: Press) -> None:
    """A stroke from outside over the first choice, whose candidate's second choice is scribbled out."""

    def draw(picture: Colours, to_px: Matrix, side: SideLayout) -> None:
        boxes = {b.kind: b.box for b in side.mark_boxes if b.candidate == 2}
        first, second = boxes[BoxKind.FIRST_CHOICE], boxes[BoxKind.SECOND_CHOICE].grown(-0.5)
        x, y = first.center_mm
        lines = [[(x - 9, y - 9), (x + 9, y + 9)], [(x - 9, y + 9), (x + 9, y - 9)]]
        lines.append(
            [(second.x_mm + second.w_mm * (i % 2), second.y_mm + second.h_mm * i / 9) for i in range(10)]
        )
        for line in lines:
            cv2.polylines(picture, [pixels(to_px, np.array(line))], False, (60, 40, 20), 4, cv2.LINE_AA)

    reading = read_with(print_house("fjord", ElectionKind.MAYOR), draw, kind="mayor")
    doubts = [d for d in reading.doubts if d.code in (DoubtCode.MARK_UNCERTAIN, DoubtCode.MARK_TAKEN_BACK)]
    assert len({d.box_mm for d in doubts if d.candidate == 2}) == 2
