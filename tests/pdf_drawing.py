"""What a PDF page draws, from its own vector objects and characters: the truth for learnt layouts.

A path's points lie in the middle of its stroked line, so a drawn rectangle's points are the
middle of its outline, whatever the line's width.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pypdfium2.raw as raw

from ballot.geometry import Box

MM_PER_POINT = 25.4 / 72


@dataclass(frozen=True)
class Drawn:
    """A drawn path: the box around its points, and whether it is stroked or filled."""

    box: Box
    is_stroked: bool
    is_filled: bool


@dataclass(frozen=True)
class Char:
    """A printed character with the box of its ink, and whether a space or line break comes before."""

    text: str
    box: Box
    begins_word: bool


@dataclass(frozen=True)
class Page:
    width_mm: float
    height_mm: float
    paths: tuple[Drawn, ...]
    chars: tuple[Char, ...]

    def stroked(self, min_mm: tuple[float, float], max_mm: tuple[float, float]) -> list[Box]:
        """Stroked rectangles of at least and at most these sizes (width, height), in reading order."""
        found = [
            path.box
            for path in self.paths
            if path.is_stroked
            and min_mm[0] <= path.box.w_mm <= max_mm[0]
            and min_mm[1] <= path.box.h_mm <= max_mm[1]
        ]
        return sorted(found, key=lambda b: (round(b.x_mm, 1), b.y_mm))

    def text_in(self, area: Box) -> str:
        """Characters whose middle lies in an area, in printed order."""
        return "".join(c.text for c in self.chars if area.contains_point(*c.box.center_mm))

    def run_of(self, text: str) -> tuple[Box, ...]:
        """The boxes of the characters of whole words that are printed exactly once."""
        printed = "".join(c.text for c in self.chars)
        wanted = "".join(text.split())
        begins = [c.begins_word for c in self.chars] + [True]
        places = [
            start
            for start in range(len(printed))
            if printed.startswith(wanted, start) and begins[start] and begins[start + len(wanted)]
        ]
        assert len(places) == 1, f"{text} is printed {len(places)} times"
        return tuple(c.box for c in self.chars[places[0] : places[0] + len(wanted)])


def read_pages(pdf: Path) -> tuple[Page, ...]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return tuple(_read_page(document[i]) for i in range(len(document)))
    finally:
        document.close()


def _read_page(page: pypdfium2.PdfPage) -> Page:
    width_mm, height_mm = (v * MM_PER_POINT for v in page.get_size())
    paths = [_drawn(o, height_mm) for o in page.get_objects() if o.type == raw.FPDF_PAGEOBJ_PATH]
    text_page = page.get_textpage()
    chars: list[Char] = []
    begins_word = True
    for index in range(text_page.count_chars()):
        text = chr(raw.FPDFText_GetUnicode(text_page, index))
        if text.isprintable() and not text.isspace():
            left, bottom, right, top = (v * MM_PER_POINT for v in text_page.get_charbox(index))
            chars.append(Char(text, Box(left, height_mm - top, right - left, top - bottom), begins_word))
            begins_word = False
        else:
            begins_word = True
    return Page(width_mm, height_mm, tuple(paths), tuple(chars))


def _drawn(path: pypdfium2.PdfObject, height_mm: float) -> Drawn:
    matrix = path.get_matrix()
    points = []
    for index in range(raw.FPDFPath_CountSegments(path.raw)):
        x, y = ctypes.c_float(), ctypes.c_float()
        raw.FPDFPathSegment_GetPoint(raw.FPDFPath_GetPathSegment(path.raw, index), x, y)
        points.append(matrix.on_point(x.value, y.value))
    xs = [x * MM_PER_POINT for x, _ in points]
    ys = [height_mm - y * MM_PER_POINT for _, y in points]
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    assert raw.FPDFPath_GetDrawMode(path.raw, fill, stroke)
    box = Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
    return Drawn(box, bool(stroke.value), bool(fill.value))


def worst_edge_mm(learnt: Box, drawn: Box) -> float:
    """How far the edge that is off most is off."""
    return max(
        abs(learnt.x_mm - drawn.x_mm),
        abs(learnt.y_mm - drawn.y_mm),
        abs(learnt.right_mm - drawn.right_mm),
        abs(learnt.bottom_mm - drawn.bottom_mm),
    )


def nearest(box: Box, others: list[Box]) -> Box:
    """The box of `others` whose edges differ least."""
    return min(others, key=lambda other: worst_edge_mm(box, other))


def assert_same_boxes(learnt: list[Box], drawn: list[Box], tolerance_mm: float) -> None:
    """Every learnt box is a drawn one and every drawn one was learnt, to within the tolerance."""
    assert len(learnt) == len(drawn)
    for one, others in ((learnt, drawn), (drawn, learnt)):
        for box in one:
            assert worst_edge_mm(box, nearest(box, others)) <= tolerance_mm, (box, nearest(box, others))
