"""A printed side as pixels that ink can be laid on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ballot.errors import CalibrationError
from ballot.geometry import Box
from ballot.layout import DigitField
from calibration.testdeck.fields import BallotFields, SideFields
from calibration.testdeck.sheet import OCRB_FILE

Image = npt.NDArray[np.uint8]
Coverage = npt.NDArray[np.float32]
Rgb = tuple[int, int, int]
MM_PER_INCH = 25.4
DIGIT_OVERSAMPLING = 4


@dataclass(slots=True)
class Paper:
    """A side as RGB pixels.

    Attributes:
        image: Rows × columns × 3, changed in place as ink is laid.
        x_px_per_mm, y_px_per_mm: Scale; the two differ by a rounding to whole pixels.
    """

    image: Image
    x_px_per_mm: float
    y_px_per_mm: float

    @property
    def px_per_mm(self) -> float:
        """Scale where the rounding does not matter."""
        return (self.x_px_per_mm + self.y_px_per_mm) / 2

    def copy(self) -> Paper:
        """A second print of the same side."""
        return Paper(self.image.copy(), self.x_px_per_mm, self.y_px_per_mm)

    def corner_px(self, x_mm: float, y_mm: float) -> tuple[int, int]:
        """The pixel that holds a point: column, row."""
        return int(np.floor(x_mm * self.x_px_per_mm)), int(np.floor(y_mm * self.y_px_per_mm))

    def lay_ink(self, coverage: Coverage, left_px: int, top_px: int, colour: Rgb) -> None:
        """Multiplies ink onto the paper; what falls beside the sheet is lost."""
        height, width = self.image.shape[:2]
        x0, y0 = max(left_px, 0), max(top_px, 0)
        x1, y1 = min(left_px + coverage.shape[1], width), min(top_px + coverage.shape[0], height)
        if x0 >= x1 or y0 >= y1:
            return
        part = coverage[y0 - top_px : y1 - top_px, x0 - left_px : x1 - left_px]
        left_of_light = cv2.transform(part, np.array([(level / 255 - 1, 1) for level in colour], np.float32))
        view = self.image[y0:y1, x0:x1]
        view[:] = cv2.multiply(view, left_of_light, dtype=cv2.CV_8U)


@dataclass(frozen=True, slots=True)
class Blank:
    """Both sides of an unused ballot at one resolution."""

    inside: Paper
    outside: Paper
    fields: BallotFields


def render_blank(pdf: Path, fields: BallotFields, dpi: int) -> Blank:
    """Turns a blank PDF into pixels.

    Raises:
        CalibrationError: The PDF cannot be opened or has not exactly two pages.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(pdf)
    except (pypdfium2.PdfiumError, OSError) as error:
        raise CalibrationError(
            f"The blank ballot {pdf} cannot be opened ({error}).", "Print it with `valgskann testdeck print`."
        ) from error
    if len(document) != 2:
        raise CalibrationError(
            f"The blank ballot {pdf} has {len(document)} pages, not an inside and an outside.",
            "Deliver both sides.",
        )
    sides = [_render_page(document[i], side, dpi) for i, side in enumerate((fields.inside, fields.outside))]
    document.close()
    return Blank(sides[0], sides[1], fields)


def _render_page(page: Any, side: SideFields, dpi: int) -> Paper:
    image = np.ascontiguousarray(page.render(scale=dpi / 72, rev_byteorder=True).to_numpy()[..., :3])
    return Paper(image, image.shape[1] / side.width_mm, image.shape[0] / side.height_mm)


def print_ballot_id(paper: Paper, field: DigitField, digits: str) -> None:
    """Prints another id in the place of the proof's, glyph by glyph in the same font and size."""
    from PIL import Image as Pil
    from PIL import ImageDraw

    area = field.box.grown(0.25)
    left, top = paper.corner_px(area.x_mm, area.y_mm)
    right, bottom = paper.corner_px(area.right_mm, area.bottom_mm)
    dark = paper.image[top:bottom, left:right].min(axis=(0, 1))
    ground = np.median(paper.image[top:bottom, left:right], axis=(0, 1))
    paper.image[top : bottom + 1, left : right + 1] = ground.astype(np.uint8)
    scale_x, scale_y = paper.x_px_per_mm * DIGIT_OVERSAMPLING, paper.y_px_per_mm * DIGIT_OVERSAMPLING
    mask = Pil.new("L", ((right - left + 1) * DIGIT_OVERSAMPLING, (bottom - top + 1) * DIGIT_OVERSAMPLING), 0)
    draw = ImageDraw.Draw(mask)
    font, start_mm, advance_mm, baseline_mm = _type_setting(field, scale_y)
    for i, digit in enumerate(digits):
        x = (start_mm + i * advance_mm) * scale_x - left * DIGIT_OVERSAMPLING
        y = baseline_mm * scale_y - top * DIGIT_OVERSAMPLING
        draw.text((x, y), digit, fill=255, font=font, anchor="ls")
    small = cv2.resize(
        np.asarray(mask),
        None,
        fx=1 / DIGIT_OVERSAMPLING,
        fy=1 / DIGIT_OVERSAMPLING,
        interpolation=cv2.INTER_AREA,
    )
    paper.lay_ink(np.asarray(small / 255, np.float32), left, top, (int(dark[0]), int(dark[1]), int(dark[2])))


def _type_setting(field: DigitField, px_per_mm: float) -> tuple[Any, float, float, float]:
    """Font, first origin, advance and baseline (mm) that put the proof's digits where they are."""
    from PIL import ImageFont

    em = 1000
    unit = ImageFont.truetype(str(OCRB_FILE), em)
    first = unit.getbbox(field.text[0], anchor="ls")
    em_mm = field.digits[0].h_mm / (first[3] - first[1]) * em
    start_mm = field.digits[0].x_mm - first[0] / em * em_mm
    last = unit.getbbox(field.text[-1], anchor="ls")
    last_start = field.digits[-1].x_mm - last[0] / em * em_mm
    baseline_mm = field.digits[0].y_mm - first[1] / em * em_mm
    font = ImageFont.truetype(str(OCRB_FILE), em_mm * px_per_mm)
    return font, start_mm, (last_start - start_mm) / (len(field.digits) - 1), baseline_mm


def free_place(
    fields: SideFields, w_mm: float, h_mm: float, rng: np.random.Generator, margin_mm: float = 3.0
) -> Box | None:
    """A random place of that size with nothing printed in it, or None when none was found."""
    taken = [*fields.printed, *fields.registration_marks]
    for optional in (fields.stamp_field, fields.party_write_in):
        if optional is not None:
            taken.append(optional)
    edge = 6.0
    if w_mm + 2 * edge >= fields.width_mm or h_mm + 2 * edge >= fields.height_mm:
        return None
    for _ in range(80):
        x = rng.uniform(edge, fields.width_mm - w_mm - edge)
        y = rng.uniform(edge, fields.height_mm - h_mm - edge)
        box = Box(float(x), float(y), w_mm, h_mm)
        around = box.grown(margin_mm)
        if not any(around.overlap_mm2(other) for other in taken):
            return box
    return None
