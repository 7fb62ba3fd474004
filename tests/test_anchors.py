"""Which pieces of a blank's print a page is found by."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ballot.errors import LayoutError
from calibration import learn
from recognition.anchors import choose_anchors
from recognition.geometry import GreyImage
from tests.fifth_house import ELECTION, print_fifth_house

PX_PER_MM = 100 / 25.4
WIDTH_MM, HEIGHT_MM = 148, 297
NAMES = ("Gunvor Kvalheim", "Terje Grotte", "Hallgeir Dale", "Runar Stokke", "Siri Dale", "Bo Vik", "Ann Lie")


def _column_of_heavy_boxes() -> GreyImage:
    """A tall page with names on the left and boxes of 5 mm with lines of 0.6 mm on the right."""
    fine = 4
    page = np.full((round(HEIGHT_MM * PX_PER_MM * fine), round(WIDTH_MM * PX_PER_MM * fine)), 255, np.uint8)
    scale = PX_PER_MM * fine
    for row in range(24):
        y = 60 + 9 * row
        corner, end = (round(126 * scale), round(y * scale)), (round(131 * scale), round((y + 5) * scale))
        cv2.rectangle(page, corner, end, 0, round(0.6 * scale))
        name = f"{row + 1} {NAMES[row % len(NAMES)]}"
        cv2.putText(page, name, (round(20 * scale), end[1]), cv2.FONT_HERSHEY_SIMPLEX, 0.25 * fine, 0, fine)
    return np.asarray(
        cv2.resize(page, None, fx=1 / fine, fy=1 / fine, interpolation=cv2.INTER_AREA), np.uint8
    )


def test_heavy_boxes_leave_room_for_other_print() -> None:
    page = _column_of_heavy_boxes()
    none = np.zeros(page.shape, bool)
    anchors = choose_anchors(page, size=32, search_px=14, count=60, spacing_px=44, avoid=none)
    across_mm = np.ptp(anchors.centers_px[:, 0]) / PX_PER_MM
    assert len(anchors.patches) >= 20
    assert across_mm > 60


def test_a_blank_that_could_not_be_found_in_a_scan_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    print_fifth_house(tmp_path)
    election = replace(ELECTION, ballots=ELECTION.ballots[:1])
    assert len(learn.learn_layouts(election, tmp_path).ballots) == 1
    # As before heavy boxes left room for other print: all anchors on one upright line.
    monkeypatch.setattr("recognition.reference.choose_anchors", _on_one_line)
    with pytest.raises(LayoutError, match="AP, inside"):
        learn.learn_layouts(election, tmp_path)


def _on_one_line(page: GreyImage, **how: object) -> object:
    anchors = choose_anchors(page, **how)  # type: ignore[arg-type]
    first = anchors.centers_px[:, 0] == anchors.centers_px[0, 0]
    return replace(
        anchors,
        centers_px=anchors.centers_px[first],
        patches=tuple(patch for patch, own in zip(anchors.patches, first, strict=True) if own),
    )
