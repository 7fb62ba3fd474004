"""A blank ballot as delivered by a print house: pixels and printed words of both sides."""

from __future__ import annotations

import ctypes
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from ballot.errors import LayoutError
from ballot.geometry import Box

LEARN_DPI = 300
"""Resolution at which fields are located: one pixel is 0.085 mm, and edges are known to half of one."""

MM_PER_INCH = 25.4
_OCR_DPI = 300
"""Tesseract is trained on print of about 30 pixels a line; 300 dpi is also twice as fast as 400."""

_MM_PER_POINT = MM_PER_INCH / 72
_MIN_TEXT_CHARS = 20
"""A page with fewer characters in its text layer is taken to have none and is read by Tesseract."""

_COLOUR_DPI, _COLOURED, _STRIP_PX = 50, 8, 4
"""A place is coloured whose channels differ by so much more than the paper's; ink differs by more."""

_STEPS_PER_POINT = 1000
"""PDFium rounds places to whole steps: a third of a micrometre here."""

_MIN_TRIM = 0.5
"""A trimmed page that is not half as wide or high as the page is a fault of the file."""

_FONT_RATIO, _LINE_SHARE = 2.0, 0.3
_WATERMARK_MM, _WATERMARK_GREY, _WHITE_GREY = 12.0, 190, 250
"""A party header is 20 points or more (7 mm), and dark."""

GreyImage = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Word:
    """A printed word. `height_mm` is that of its tight box; `font_mm` the font size where known."""

    text: str
    box: Box
    font_mm: float


@dataclass(frozen=True, slots=True)
class BlankSide:
    """One side of a blank.

    Attributes:
        grey: 8-bit grey, shape (height, width), at `LEARN_DPI`.
        words: Printed words in reading order.
        from_text_layer: False when the words were read from pixels.
        coloured: Around print in a colour, in mm.
    """

    grey: GreyImage
    width_mm: float
    height_mm: float
    words: tuple[Word, ...]
    from_text_layer: bool
    coloured: tuple[Box, ...] = ()

    def without(self, place: Box) -> BlankSide:
        """The side without the words that lie mostly in a place."""
        kept = (w for w in self.words if w.box.overlap_mm2(place) < 0.5 * w.box.area_mm2)
        return replace(self, words=tuple(kept))


@dataclass
class _WordBuilder:
    text: str
    box: Box
    last: Box
    font_mm: float

    def add(self, char: str, box: Box) -> None:
        self.text, self.box, self.last = self.text + char, self.box.united(box), box

    def continues_with(self, box: Box, font_mm: float) -> bool:
        """Whether a character belongs to this word: same line, no jump, no watermark's letter."""
        # All letters of a ligature have its box.
        if box == self.last:
            return True
        if max(self.font_mm, font_mm) > _FONT_RATIO * min(self.font_mm, font_mm):
            return False
        tall = max(self.box.h_mm, box.h_mm, 0.5 * font_mm)
        same_line = (
            min(self.box.bottom_mm, box.bottom_mm) - max(self.box.y_mm, box.y_mm) > -_LINE_SHARE * tall
        )
        return same_line and -0.5 * font_mm < box.x_mm - self.box.right_mm < max(1.2 * font_mm, 1.0)


def _pdf_words(page: Any) -> list[Word]:
    """The words of a PDF page's text layer with tight boxes, without those that lie beside the page."""
    import pypdfium2.raw as raw

    text_page = page.get_textpage()
    words: list[_WordBuilder] = []
    current: _WordBuilder | None = None
    for index in range(text_page.count_chars()):
        char = chr(raw.FPDFText_GetUnicode(text_page, index))
        if char.isspace() or not char.isprintable():
            current = None
            continue
        box = _shown_at(page, text_page.get_charbox(index))
        font_mm = raw.FPDFText_GetFontSize(text_page, index) * _MM_PER_POINT
        if current is not None and current.continues_with(box, font_mm):
            current.add(char, box)
        else:
            current = _WordBuilder(char, box, box, font_mm)
            words.append(current)
    width_mm, height_mm = _size_mm(page)
    shown = Box(0.0, 0.0, width_mm, height_mm)
    return [Word(w.text, w.box, w.font_mm) for w in words if shown.contains_point(*w.box.center_mm)]


def _shown_at(page: Any, place_pt: tuple[float, float, float, float]) -> Box:
    """Where a place of a PDF page (left, bottom, right, top) is shown: the page may be cropped and turned."""
    import pypdfium2.raw as raw

    size = [round(v * _STEPS_PER_POINT) for v in page.get_size()]
    left, bottom, right, top = place_pt
    corners = []
    for x, y in ((left, top), (right, bottom)):
        at_x, at_y = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, at_x, at_y)
        corners.append([at.value / _STEPS_PER_POINT * _MM_PER_POINT for at in (at_x, at_y)])
    (x0, y0), (x1, y1) = corners
    return Box(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))


def _size_mm(page: Any) -> tuple[float, float]:
    width_pt, height_pt = page.get_size()
    return width_pt * _MM_PER_POINT, height_pt * _MM_PER_POINT


def _trim(page: Any) -> None:
    """Cuts a PDF page as the print house cuts the sheet: bleed and crop marks never reach a scanner."""
    trim = page.get_trimbox(fallback_ok=False)
    if trim is None:
        return
    left, bottom, right, top = whole = page.get_bbox()
    inner = max(left, trim[0]), max(bottom, trim[1]), min(right, trim[2]), min(top, trim[3])
    shares = [(inner[i + 2] - inner[i]) / (whole[i + 2] - whole[i]) for i in (0, 1)]
    if inner != whole and min(shares) >= _MIN_TRIM:
        page.set_cropbox(*inner)


def ocr_words(grey: GreyImage) -> list[Word]:
    """Words read from pixels by Tesseract (Norwegian), for blanks without a text layer.

    Raises:
        LayoutError: Tesseract or its Norwegian data is not installed.
    """
    import pytesseract

    size = round(grey.shape[1] * _OCR_DPI / LEARN_DPI), round(grey.shape[0] * _OCR_DPI / LEARN_DPI)
    try:
        data = pytesseract.image_to_data(
            Image.fromarray(grey).resize(size, Image.Resampling.BOX, reducing_gap=None),
            lang="nor",
            config=f"--psm 11 --dpi {_OCR_DPI}",
            output_type=pytesseract.Output.DICT,
        )
    except (pytesseract.TesseractNotFoundError, pytesseract.TesseractError) as error:
        raise LayoutError(
            f"The blank ballot has no text layer and Tesseract could not read it: {error}",
            "Install the packages tesseract-ocr and tesseract-ocr-nor and run again.",
        ) from error
    mm = MM_PER_INCH / _OCR_DPI
    words = []
    for text, conf, x, y, w, h in zip(
        data["text"], data["conf"], data["left"], data["top"], data["width"], data["height"], strict=True
    ):
        if text.strip() and float(conf) > 20:
            words.append(Word(text.strip(), Box(x * mm, y * mm, w * mm, h * mm), h * mm / 0.72))
    return words


def _side_from_pdf_page(page: Any, use_text_layer: bool) -> BlankSide:
    _trim(page)
    width_mm, height_mm = _size_mm(page)
    bitmap = page.render(scale=LEARN_DPI / 72)
    image = bitmap.to_pil()
    grey, coloured = np.asarray(image.convert("L")), coloured_print(image, width_mm, height_mm)
    words = _pdf_words(page) if use_text_layer else []
    if sum(len(w.text) for w in words) >= _MIN_TEXT_CHARS:
        shown = tuple(word for word in words if not _is_watermark(word, grey))
        return BlankSide(grey, width_mm, height_mm, shown, True, coloured)
    return BlankSide(grey, width_mm, height_mm, tuple(ocr_words(grey)), False, coloured)


def _is_watermark(word: Word, grey: GreyImage) -> bool:
    """Whether a word is large and pale, as what lies behind the names of a ballot."""
    if word.font_mm < _WATERMARK_MM:
        return False
    scale = LEARN_DPI / MM_PER_INCH
    x0, y0 = (max(0, round(at * scale)) for at in (word.box.x_mm, word.box.y_mm))
    shown = grey[y0 : round(word.box.bottom_mm * scale), x0 : round(word.box.right_mm * scale)]
    inked = shown[shown < _WHITE_GREY]
    return inked.size > 0 and float(np.median(inked)) > _WATERMARK_GREY


def _side_from_image(image: Image.Image, name: str) -> BlankSide:
    dpi_x, dpi_y = (float(v) for v in image.info.get("dpi", (0, 0)))
    if not 100 <= dpi_x <= 1200 or not 100 <= dpi_y <= 1200:
        raise LayoutError(
            f"{name}: the image does not say its resolution, so nothing on it can be measured.",
            "Save the blank with its resolution (200 to 600 dpi), or use the print house's PDF.",
        )
    width_mm, height_mm = image.width / dpi_x * MM_PER_INCH, image.height / dpi_y * MM_PER_INCH
    size = round(width_mm * LEARN_DPI / MM_PER_INCH), round(height_mm * LEARN_DPI / MM_PER_INCH)
    grey = np.asarray(image.convert("L").resize(size, Image.Resampling.LANCZOS))
    coloured = coloured_print(image, width_mm, height_mm)
    return BlankSide(grey, width_mm, height_mm, tuple(ocr_words(grey)), False, coloured)


def coloured_print(image: Image.Image, width_mm: float, height_mm: float) -> tuple[Box, ...]:
    """Where a blank has another colour than most of it: a logo, rows on a tint; strips of 2 mm.

    Args:
        image: A blank side, in any mode.
        width_mm, height_mm: Its size.
    """
    mm = MM_PER_INCH / _COLOUR_DPI
    size = max(1, round(width_mm / mm)), max(1, round(height_mm / mm))
    # Means over half a millimetre: the fringes of a scanner's colours on both sides of a line leave nothing.
    colours = cv2.resize(np.asarray(image.convert("RGB")), size, interpolation=cv2.INTER_AREA)
    beyond = colours - np.median(colours, axis=(0, 1))
    coloured = np.ptp(beyond, axis=2) >= _COLOURED
    found = []
    # Strip by strip, so that a frame is its four lines, not all that stands in it.
    for top in range(0, size[1], _STRIP_PX):
        strip = coloured[top : top + _STRIP_PX]
        edges = np.flatnonzero(np.diff(strip.any(axis=0), prepend=False, append=False)).tolist()
        for left, right in zip(edges[::2], edges[1::2], strict=True):
            rows = np.flatnonzero(strip[:, left:right].any(axis=1)).tolist()
            y, height = top + rows[0], rows[-1] + 1 - rows[0]
            found.append(Box(left * mm, y * mm, (right - left) * mm, height * mm))
    return tuple(found)


def read_blank(path: Path, *, use_text_layer: bool = True) -> tuple[BlankSide, BlankSide]:
    """Opens a blank ballot: page 1 is the inside, page 2 the outside.

    Args:
        path: A PDF, or a two-page image of a scanned blank.
        use_text_layer: False reads all text from pixels, for PDFs whose text layer is wrong.

    Raises:
        LayoutError: The file is missing, broken, or does not have two pages.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LayoutError(
            f"{path}: the blank ballot cannot be opened ({error.strerror}).",
            "Put the print house's file where the election file says, or correct ballots[].file.",
        ) from error
    if data[:1024].lstrip().startswith(b"%PDF"):
        return _read_pdf(path, data, use_text_layer)
    try:
        with Image.open(io.BytesIO(data)) as image:
            pages = getattr(image, "n_frames", 1)
            _require_two_pages(path, pages)
            sides = []
            for index in range(2):
                image.seek(index)
                sides.append(_side_from_image(image.copy(), path.name))
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise LayoutError(f"{path}: not a PDF and not an image ({error}).", "Use a PDF or TIFF.") from error
    return sides[0], sides[1]


def _read_pdf(path: Path, data: bytes, use_text_layer: bool) -> tuple[BlankSide, BlankSide]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise LayoutError(f"{path}: the PDF is broken or locked ({error}).", "Ask for a new file.") from error
    try:
        _require_two_pages(path, len(document))
        return (
            _side_from_pdf_page(document[0], use_text_layer),
            _side_from_pdf_page(document[1], use_text_layer),
        )
    finally:
        document.close()


def _require_two_pages(path: Path, pages: int) -> None:
    if pages != 2:
        raise LayoutError(
            f"{path}: a blank ballot has two pages, the inside and the outside; this file has {pages}.",
            "Ask the print house for one PDF a ballot with both sides.",
        )
