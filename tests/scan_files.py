"""Makes scan files of every format for the tests of the scanner's package."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Sequence

import numpy as np
import pikepdf
from PIL import Image

WIDTH_PX, HEIGHT_PX, DPI = 620, 880, 150


def picture(seed: int = 0, mode: str = "L") -> Image.Image:
    """A page with a few black shapes that differ with the seed."""
    rng = np.random.default_rng(seed)
    pixels = np.full((HEIGHT_PX, WIDTH_PX), 245, np.uint8)
    for x, y in rng.integers(20, 560, (40, 2)):
        pixels[y : y + 18, x : x + 30] = 10
    return Image.fromarray(pixels).convert(mode)


def encoded(image: Image.Image, file_format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, file_format, dpi=(DPI, DPI), **options)
    return out.getvalue()


def jpeg(seed: int = 0, mode: str = "L") -> bytes:
    return encoded(picture(seed, mode), "JPEG", quality=85)


def multipage_tiff(seeds: Sequence[int], mode: str, compression: str) -> bytes:
    pages = [picture(seed, mode) for seed in seeds]
    return encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression=compression)


def pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def pdf(*fill: Callable[[pikepdf.Pdf, pikepdf.Page], None], **save: object) -> bytes:
    """A PDF with one A5-like page for each function, which draws on it."""
    document = pikepdf.Pdf.new()
    for draw in fill:
        page = document.add_blank_page(page_size=(WIDTH_PX / DPI * 72, HEIGHT_PX / DPI * 72))
        draw(document, page)
    out = io.BytesIO()
    document.save(out, **save)
    return out.getvalue()


def drawing(
    data: bytes, matrix: str | None = None, rotate: int = 0, **keys: object
) -> Callable[[pikepdf.Pdf, pikepdf.Page], None]:
    """Draws an image stream over the page, or where `matrix` puts it."""

    def draw(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
        stream = pikepdf.Stream(document, data)
        size = {"Width": WIDTH_PX, "Height": HEIGHT_PX, "BitsPerComponent": 8}
        for key, value in {
            "Type": pikepdf.Name.XObject,
            "Subtype": pikepdf.Name.Image,
            **size,
            **keys,
        }.items():
            stream[f"/{key}"] = value
        name = page.add_resource(stream, pikepdf.Name.XObject)
        placed = matrix or f"{page.mediabox[2]} 0 0 {page.mediabox[3]} 0 0"
        page.contents_add(f"q {placed} cm {name} Do Q".encode())
        page.Rotate = rotate

    return draw


def text(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    name = page.add_resource(document.make_indirect(font), pikepdf.Name.Font)
    page.contents_add(f"BT {name} 12 Tf 40 40 Td (A letter, not a scan) Tj ET".encode())


def png_predicted(image: Image.Image) -> bytes:
    """Pixels filtered and deflated as PNG and PDF's predictor 15 have them."""
    rows = np.asarray(image)
    return zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
