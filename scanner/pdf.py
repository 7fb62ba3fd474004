"""PDF files of scans: one image file a page, taken out as it is where possible, else rendered."""

from __future__ import annotations

import io
from pathlib import Path
from types import TracebackType

import pikepdf

from scanner.limits import UnreadablePageError, check_decodable, check_size, plausible_dpi
from scanner.pdf_content import DrawnImage, drawn_images, sorted_box
from scanner.pdf_images import extract

_PAGE_COVERED = 0.8
"""Part of the page that images must cover to be a scan of it; scanners leave small margins at most."""

_POINTS_PER_INCH = 72.0
_TAIL_BYTES = 2048
_BELOW = 1 - 1e-6  # the renderer rounds the picture's size up: a hair too much would add a pixel and resample

# A damaged PDF has objects of the wrong type in every place; pikepdf then raises what Python
# raises for that. Nothing but the file can be the cause here, and the page is reported.
_DAMAGE = (
    pikepdf.PdfError,
    RuntimeError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    ArithmeticError,
)


class PdfReader:
    """An open PDF. `damage` says what was wrong with the file as a whole, empty when sound.

    Raises:
        UnreadablePageError: Password-protected, or no PDF that can be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._pdf = pikepdf.open(path)
        except pikepdf.PasswordError as error:
            raise UnreadablePageError("the PDF is password-protected: save it without a password") from error
        except _DAMAGE as error:
            reason = str(error).removeprefix(f"{path}").lstrip(": ")
            raise UnreadablePageError(f"damaged PDF: {reason}") from error
        try:
            self.page_count = len(self._pdf.pages)
        except _DAMAGE as error:
            self._pdf.close()
            raise UnreadablePageError(f"damaged PDF: its pages cannot be found ({error})") from error
        self.damage = _damage(path)

    def __enter__(self) -> PdfReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pdf.close()

    def page(self, index: int) -> bytes:
        """The scan on page `index` (from 0) as a single image file.

        Raises:
            UnreadablePageError: No scan covers the page, or its image is damaged or too large.
        """
        try:
            page = self._pdf.pages[index]
            images = [image for image in drawn_images(page) if image.coverage > 0]
            for image in images:
                if image.coverage >= _PAGE_COVERED:
                    check_size(image.width_px, image.height_px)
            if sum(image.coverage for image in images) < _PAGE_COVERED:
                raise UnreadablePageError(
                    "the PDF page holds no scan that covers it, only text, drawings or a small picture"
                )
            if len(images) == 1 and images[0].image is not None and images[0].quarter_turns in (0, 2):
                data = extract(images[0].image, images[0].dpi)
                if data is not None:
                    return data
            return self._render(index, page, images)
        except _DAMAGE as error:
            raise UnreadablePageError(f"damaged PDF page: {error}") from error

    def _render(self, index: int, page: pikepdf.Page, images: list[DrawnImage]) -> bytes:
        """The page drawn at the resolution of its finest image, as PNG."""
        import pypdfium2

        for image in images:
            check_decodable(image.width_px, image.height_px)
        dpi = max(max(image.dpi) for image in images)
        if not plausible_dpi(dpi):
            raise UnreadablePageError(f"the PDF page's image has an impossible resolution of {dpi:.0f} dpi")
        left, bottom, right, top = sorted_box(page)
        scale = dpi / _POINTS_PER_INCH * float(page.obj.get("/UserUnit", 1.0))
        check_size(round((right - left) * scale), round((top - bottom) * scale))
        document = pypdfium2.PdfDocument(self._path)
        try:
            picture = document[index].render(scale=scale * _BELOW, draw_annots=False).to_pil()
        finally:
            document.close()
        out = io.BytesIO()
        picture.save(out, "PNG", dpi=(dpi, dpi), compress_level=1)
        return out.getvalue()


def _damage(path: Path) -> str:
    """What is wrong with the whole file.

    A PDF ends with %%EOF (PDF 32000-1, 7.5.5); one that was cut off is repaired silently, with pages lost.
    """
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
    if b"%%EOF" in tail:
        return ""
    return "truncated PDF: the file breaks off; further pages may be missing"
