"""Stamp fields of houses that frame more than fields."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ballot.geometry import Box
from calibration.blank import BlankSide, read_blank
from calibration.rectangles import Rectangle, find_rectangles
from calibration.stamp_field import find_stamp_field

WIDTH_MM, HEIGHT_MM = 210.0, 110.0
STAMP = Box(140, 10, 55, 40)
ADDRESS = ("Returadresse:", "Valgstyret i Lia kommune", "Rådhusgata 4", "9990 Lia")
STEPS = (
    "1. Brett seddelen slik at denne siden vender ut.",
    "2. Få et stempel på stemmeseddelen.",
    "3. Legg stemmeseddelen i urnen.",
)


class _Page:
    """Draws in mm from the upper left corner."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.text(12, 8, "Stemmeseddel for valget i Lia kommune")

    def text(self, x: float, y: float, text: str, size: float = 9.0) -> None:
        self.canvas.setFont("Helvetica", size)
        self.canvas.drawString(x * mm, (HEIGHT_MM - y) * mm, text)

    def frame(self, box: Box) -> None:
        self.canvas.setLineWidth(0.3 * mm)
        self.canvas.rect(box.x_mm * mm, (HEIGHT_MM - box.bottom_mm) * mm, box.w_mm * mm, box.h_mm * mm)

    def panel(self, box: Box, lines: tuple[str, ...]) -> None:
        """A frame around lines of print."""
        self.frame(box)
        for index, line in enumerate(lines):
            self.text(box.x_mm + 4, box.y_mm + 8 + 7 * index, line, 10)


def _learnt(folder: Path, draw: Callable[[_Page], None]) -> tuple[BlankSide, list[Rectangle]]:
    """A side as read from a PDF, with its rectangles."""
    canvas = Canvas(str(folder / "blank.pdf"), pagesize=(WIDTH_MM * mm, HEIGHT_MM * mm), invariant=1)
    draw(_Page(canvas))
    canvas.showPage()
    _Page(canvas)
    canvas.save()
    side, _ = read_blank(folder / "blank.pdf")
    return side, find_rectangles(side.grey)


def _assert_same(found: Box | None, true: Box) -> None:
    assert found is not None
    assert found.as_list() == pytest.approx(true.as_list(), abs=0.3)


@pytest.mark.parametrize("lines", [ADDRESS, STEPS])
def test_a_larger_frame_full_of_print_is_no_stamp_field(tmp_path: Path, lines: tuple[str, ...]) -> None:
    def draw(page: _Page) -> None:
        page.frame(STAMP)
        page.panel(Box(12, 30, 95, 40), lines)

    _assert_same(find_stamp_field(*_learnt(tmp_path, draw)), STAMP)


@pytest.mark.parametrize("label", ["Stempel", "Valgstyrets stempel:"])
def test_no_frame_elsewhere_is_taken_for_the_stamp_field_that_is_named(tmp_path: Path, label: str) -> None:
    def draw(page: _Page) -> None:
        page.text(STAMP.x_mm + 2, STAMP.y_mm + 4, label)
        page.panel(Box(12, 30, 95, 40), ("Tilleggsopplysninger",))

    assert find_stamp_field(*_learnt(tmp_path, draw)) is None


def test_instructions_that_speak_of_the_stamp_name_no_field(tmp_path: Path) -> None:
    def draw(page: _Page) -> None:
        page.frame(STAMP)
        for index, line in enumerate(STEPS):
            page.text(12, 80 + 6 * index, line)

    _assert_same(find_stamp_field(*_learnt(tmp_path, draw)), STAMP)
