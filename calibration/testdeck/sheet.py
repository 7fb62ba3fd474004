"""A side under the press: drawing in millimetres from the upper left, noting what was drawn."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ballot.geometry import Box
from ballot.layout import DigitField
from calibration.testdeck.designs import CornerMarks, Design, Pattern

if TYPE_CHECKING:
    from ballot.election import ElectionKind

PT_PER_MM = 72 / 25.4
FONTS = Path(__file__).parent / "fonts"
OCRB_FILE = FONTS / "OCRB.ttf"
OCRB = "OCRB"
OCRB_PT = 10.0
PATTERN_STEP_MM = 3.2
TIMING_STEP_MM = 9.0
TIMING_BAR_MM = (3.2, 1.6)
Cmyk = tuple[float, float, float, float]


@cache
def register_fonts() -> None:
    """Makes the digit font known to reportlab, once."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(TTFont(OCRB, str(OCRB_FILE)))


@cache
def _glyph_box_em(digit: str) -> tuple[float, float, float, float]:
    """A digit's ink as left, top, right, bottom in em from the start of its baseline, y down."""
    from PIL import ImageFont

    left, top, right, bottom = ImageFont.truetype(str(OCRB_FILE), 1000).getbbox(digit, anchor="ls")
    return left / 1000, top / 1000, right / 1000, bottom / 1000


def digit_advance_mm(size_pt: float) -> float:
    """Distance between the starts of two OCR-B digits."""
    from PIL import ImageFont

    return float(ImageFont.truetype(str(OCRB_FILE), 1000).getlength("0")) / 1000 * size_pt / PT_PER_MM


def digit_field(x_mm: float, baseline_mm: float, digits: str, size_pt: float = OCRB_PT) -> DigitField:
    """Where a line of OCR-B digits has its ink."""
    em_mm = size_pt / PT_PER_MM
    boxes = []
    for i, digit in enumerate(digits):
        left, top, right, bottom = _glyph_box_em(digit)
        start = x_mm + i * digit_advance_mm(size_pt)
        boxes.append(
            Box(
                start + left * em_mm,
                baseline_mm + top * em_mm,
                (right - left) * em_mm,
                (bottom - top) * em_mm,
            )
        )
    whole = boxes[0]
    for box in boxes[1:]:
        whole = whole.united(box)
    return DigitField(whole, digits, tuple(boxes))


class PrintedSide:
    """One side of a sheet on a reportlab canvas.

    Attributes:
        printed: Boxes of everything drawn so far except the background.
    """

    def __init__(self, canvas: Any, design: Design) -> None:
        self._canvas = canvas
        self.design = design
        self.printed: list[Box] = []

    def _y(self, y_mm: float) -> float:
        return (self.design.height_mm - y_mm) * PT_PER_MM

    def text(self, x_mm: float, baseline_mm: float, text: str, size_pt: float, bold: bool = False) -> Box:
        """Sets a line of text and returns the box around it."""
        font = self.design.bold_font if bold else self.design.font
        self._canvas.setFillColorCMYK(0, 0, 0, 1)
        self._canvas.setFont(font, size_pt)
        self._canvas.drawString(x_mm * PT_PER_MM, self._y(baseline_mm), text)
        em_mm = size_pt / PT_PER_MM
        box = Box(x_mm, baseline_mm - 0.75 * em_mm, self.text_width_mm(text, size_pt, bold), 0.97 * em_mm)
        self.printed.append(box)
        return box

    def text_width_mm(self, text: str, size_pt: float, bold: bool = False) -> float:
        """How wide a line of text will be."""
        from reportlab.pdfbase.pdfmetrics import stringWidth

        font = self.design.bold_font if bold else self.design.font
        return float(stringWidth(text, font, size_pt)) / PT_PER_MM

    def digits(self, x_mm: float, baseline_mm: float, digits: str) -> DigitField:
        """Sets a line of OCR-B digits."""
        register_fonts()
        self._canvas.setFillColorCMYK(0, 0, 0, 1)
        self._canvas.setFont(OCRB, OCRB_PT)
        self._canvas.drawString(x_mm * PT_PER_MM, self._y(baseline_mm), digits)
        field = digit_field(x_mm, baseline_mm, digits)
        self.printed.append(field.box)
        return field

    def frame(self, box: Box, line_mm: float, white: bool = False) -> None:
        """Draws the outline of a box; the box is the middle of the line."""
        c = self._canvas
        c.setStrokeColorCMYK(0, 0, 0, 1)
        c.setLineWidth(line_mm * PT_PER_MM)
        c.setFillColorCMYK(0, 0, 0, 0)
        c.rect(*self._rect(box), stroke=1, fill=1 if white else 0)
        self.printed.append(box)

    def solid(self, box: Box, cmyk: Cmyk = (0, 0, 0, 1), note: bool = True) -> None:
        """Fills a box."""
        self._canvas.setFillColorCMYK(*cmyk)
        self._canvas.rect(*self._rect(box), stroke=0, fill=1)
        if note:
            self.printed.append(box)

    def rule(self, x1_mm: float, y1_mm: float, x2_mm: float, y2_mm: float, line_mm: float = 0.25) -> None:
        """Draws a straight line."""
        self._canvas.setStrokeColorCMYK(0, 0, 0, 1)
        self._canvas.setLineWidth(line_mm * PT_PER_MM)
        self._canvas.line(x1_mm * PT_PER_MM, self._y(y1_mm), x2_mm * PT_PER_MM, self._y(y2_mm))

    def _rect(self, box: Box) -> tuple[float, float, float, float]:
        return box.x_mm * PT_PER_MM, self._y(box.bottom_mm), box.w_mm * PT_PER_MM, box.h_mm * PT_PER_MM

    def background(self, kind: ElectionKind) -> None:
        """The outside's tint and its pattern in a darker shade of the same."""
        d = self.design
        tint = d.tint(kind)
        darker = (tint[0], tint[1], tint[2], 0.1)
        self.solid(Box(0, 0, d.width_mm, d.height_mm), tint, note=False)
        c = self._canvas
        c.saveState()
        c.setStrokeColorCMYK(*darker)
        c.setLineWidth(0.2 * PT_PER_MM)
        width, height, step = d.width_mm * PT_PER_MM, d.height_mm * PT_PER_MM, PATTERN_STEP_MM * PT_PER_MM
        path = c.beginPath()
        if d.pattern is Pattern.LINES:
            offset = -height
            while offset < width:
                path.moveTo(offset, 0)
                path.lineTo(offset + height, height)
                offset += step
        elif d.pattern is Pattern.WAVES:
            for row in range(int(height / step) + 1):
                y, x = row * step, 0.0
                path.moveTo(0, y)
                while x < width:
                    path.curveTo(x + 2 * step, y + step, x + 4 * step, y - step, x + 6 * step, y)
                    x += 6 * step
        else:
            c.setLineCap(1)
            c.setLineWidth(0.7 * PT_PER_MM)
            c.setDash(0, step)
            for row in range(int(height / step) + 1):
                path.moveTo((row % 2) / 2 * step, row * step)
                path.lineTo(width, row * step)
        c.drawPath(path, stroke=1, fill=0)
        c.restoreState()

    def bands(self, kind: ElectionKind) -> None:
        """The inside's bands in the election's tint at top and bottom."""
        d = self.design
        if d.band_mm > 0:
            self.solid(Box(0, 0, d.width_mm, d.band_mm), d.tint(kind), note=False)
            self.solid(Box(0, d.height_mm - d.band_mm, d.width_mm, d.band_mm), d.tint(kind), note=False)

    def registration_marks(self) -> tuple[Box, ...]:
        """The house's marks (styremerker), with something that tells up from down."""
        d = self.design
        boxes: list[Box] = []
        far_x, far_y = d.width_mm - d.mark_inset_mm - d.mark_mm, d.height_mm - d.mark_inset_mm - d.mark_mm
        corners = [(x, y) for y in (d.mark_inset_mm, far_y) for x in (d.mark_inset_mm, far_x)]
        if d.corner_marks is CornerMarks.SQUARES:
            boxes += [Box(x, y, d.mark_mm, d.mark_mm) for x, y in corners]
            boxes.append(Box(far_x - 3.2, far_y + d.mark_mm - 2.0, 2.0, 2.0))
        elif d.corner_marks is CornerMarks.ANGLES:
            arm = 1.2
            for x, y in corners:
                boxes.append(Box(x, y if y < d.height_mm / 2 else y + d.mark_mm - arm, d.mark_mm, arm))
                boxes.append(Box(x if x < d.width_mm / 2 else x + d.mark_mm - arm, y, arm, d.mark_mm))
        if d.timing_bars:
            width, height = TIMING_BAR_MM
            y = 2 * d.mark_inset_mm + d.mark_mm
            while y < far_y - 4:
                boxes.append(Box(d.mark_inset_mm, y, width, height))
                y += TIMING_STEP_MM
        for box in boxes:
            self.solid(box)
        return tuple(boxes)
