"""Scans as files: JPEG, PNG, TIFF and PDF, with their resolution."""

from __future__ import annotations

import io
from enum import StrEnum
from typing import Any

import cv2

from calibration.testdeck.paper import Image
from calibration.testdeck.planes import Planes, as_rgb
from calibration.testdeck.strips import strips


class ScanFormat(StrEnum):
    """How a sheet's two images are delivered."""

    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    TIFF_PAGES = "tiff-pages"
    PDF = "pdf"


SUFFIX = {
    ScanFormat.JPEG: "jpg",
    ScanFormat.PNG: "png",
    ScanFormat.TIFF: "tif",
    ScanFormat.TIFF_PAGES: "tif",
    ScanFormat.PDF: "pdf",
}
PNG_LEVEL = 3


def encode_page(
    page: Planes, dpi: int, scan_format: ScanFormat, quality: int, compact: bool = False
) -> bytes:
    """One page as an image file. The pages of a PDF are JPEGs, or G4 TIFFs when bilevel.

    Args:
        compact: Spend twice the time on JPEGs with Huffman tables of their own: much smaller
            where most of the page is empty.
    """
    two_tone = not page.colour and not any(
        cv2.countNonZero(cv2.inRange(page.y[top:bottom], 1, 254)) for top, bottom in strips(page.y.shape[0])
    )
    as_jpeg = scan_format is ScanFormat.JPEG or (scan_format is ScanFormat.PDF and not two_tone)
    if as_jpeg and not compact:
        return _jpeg(page, dpi, quality)
    image = as_rgb(page)
    if as_jpeg:
        return _compact_jpeg(image, dpi, quality)
    buffer = io.BytesIO()
    picture = _picture(image, two_tone)
    if scan_format is ScanFormat.PNG:
        picture.save(buffer, "PNG", dpi=(dpi, dpi), compress_level=PNG_LEVEL)
    else:
        picture.save(buffer, "TIFF", dpi=(dpi, dpi), compression="group4" if two_tone else "tiff_lzw")
    return buffer.getvalue()


def _picture(image: Image, two_tone: bool) -> Any:
    from PIL import Image as Pil

    picture = Pil.fromarray(image)
    return picture.convert("1", dither=Pil.Dither.NONE) if two_tone else picture


def _compact_jpeg(image: Image, dpi: int, quality: int) -> bytes:
    buffer = io.BytesIO()
    _picture(image, False).save(buffer, "JPEG", quality=quality, optimize=True, dpi=(dpi, dpi))
    return buffer.getvalue()


def _jpeg(page: Planes, dpi: int, quality: int) -> bytes:
    """A JPEG with the resolution written into its JFIF header."""
    import simplejpeg

    blue, red = page.colour or (None, None)
    data = simplejpeg.encode_jpeg_yuv_planes(page.y, blue, red, quality)
    header = bytearray(data[:20])
    if header[6:11] != b"JFIF\x00":
        raise RuntimeError("the JPEG encoder wrote no JFIF header")
    header[13] = 1
    header[14:16] = header[16:18] = dpi.to_bytes(2, "big")
    return bytes(header) + bytes(data[20:])


def bundle_pages(pages: list[bytes], scan_format: ScanFormat) -> bytes:
    """Both pages in one file, for the formats that hold several."""
    from PIL import Image as Pil

    pictures = [Pil.open(io.BytesIO(page)) for page in pages]
    buffer = io.BytesIO()
    if scan_format is ScanFormat.TIFF_PAGES:
        compression = "group4" if pictures[0].mode == "1" else "tiff_lzw"
        pictures[0].save(
            buffer,
            "TIFF",
            save_all=True,
            append_images=pictures[1:],
            compression=compression,
            dpi=pictures[0].info["dpi"],
        )
        return buffer.getvalue()
    return _pdf(pages, pictures)


def _pdf(pages: list[bytes], pictures: list[Any]) -> bytes:
    """A PDF of scans; reportlab stores JPEGs unchanged."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for page, picture in zip(pages, pictures, strict=True):
        dpi = float(picture.info["dpi"][0])
        size = (picture.width * 72 / dpi, picture.height * 72 / dpi)
        canvas.setPageSize(size)
        canvas.drawImage(ImageReader(io.BytesIO(page)), 0, 0, *size)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()
