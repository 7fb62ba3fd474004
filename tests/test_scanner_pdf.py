"""PDFs of scans: streams taken out as they are, the rest rendered, text and broken files refused."""

from __future__ import annotations

import io
import re
import zlib
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from ballot.sheet import PageImage
from scanner.sheets import plan_sheets
from tests.scan_files import (
    DPI,
    HEIGHT_PX,
    WIDTH_PX,
    drawing,
    encoded,
    jpeg,
    pdf,
    picture,
    pixels,
    png_predicted,
    text,
)

GREY, RGB = pikepdf.Name.DeviceGray, pikepdf.Name.DeviceRGB
DCT = {"Filter": pikepdf.Name.DCTDecode, "ColorSpace": GREY}
FLATE = {"Filter": pikepdf.Name.FlateDecode, "ColorSpace": GREY}
A5 = f"{WIDTH_PX / DPI * 72} 0 0 {HEIGHT_PX / DPI * 72} 0 0"


def load(folder: Path, data: bytes) -> list[PageImage]:
    (folder / "box.pdf").write_bytes(data)
    return [page for sheet in plan_sheets([folder]) for page in (sheet.front, sheet.back) if page is not None]


def dpi_of(page: PageImage) -> tuple[float, float]:
    with Image.open(io.BytesIO(page.data)) as image:
        return image.info["dpi"]


def test_jpeg_stream_is_taken_out_untouched_but_for_its_resolution(tmp_path: Path) -> None:
    source = encoded(picture(3), "JPEG").replace(b"\x01\x00\x96\x00\x96", b"\x01\x00\x48\x00\x48", 1)
    pages = load(tmp_path, pdf(drawing(source, **DCT), drawing(jpeg(4), **DCT), drawing(jpeg(5), **DCT)))
    assert [page.name for page in pages] == ["box.pdf#1", "box.pdf#2", "box.pdf#3"]
    assert dpi_of(pages[0]) == (DPI, DPI)
    assert pages[1].data == jpeg(4)
    assert len(pages[0].data) == len(source)
    assert pages[0].data[20:] == source[20:]


def test_deflated_jpeg_stream(tmp_path: Path) -> None:
    filters = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.DCTDecode])
    (page,) = load(tmp_path, pdf(drawing(zlib.compress(jpeg(4)), Filter=filters, ColorSpace=GREY)))
    assert np.abs(pixels(page.data).astype(int) - pixels(jpeg(4))).max() <= 2


@pytest.mark.parametrize("black_is_1", [False, True])
def test_fax_stream_keeps_its_compression(tmp_path: Path, black_is_1: bool) -> None:
    one_strip = {278: HEIGHT_PX}
    source = encoded(picture(5, "1"), "TIFF", compression="group4", tiffinfo=one_strip)
    with Image.open(io.BytesIO(source)) as image:
        ((start,), (length,)) = image.tag_v2[273], image.tag_v2[279]  # type: ignore[attr-defined]
    fax = source[start : start + length]
    params = pikepdf.Dictionary(K=-1, Columns=WIDTH_PX, Rows=HEIGHT_PX, BlackIs1=black_is_1)
    keys = {
        "Filter": pikepdf.Name.CCITTFaxDecode,
        "ColorSpace": GREY,
        "BitsPerComponent": 1,
        "DecodeParms": params,
    }
    data = pdf(drawing(fax, **keys))
    (page,) = load(tmp_path, data)
    with Image.open(io.BytesIO(page.data)) as image:
        assert image.tag_v2[259] == 4  # type: ignore[attr-defined]
    assert dpi_of(page) == pytest.approx((DPI, DPI), abs=0.01)
    assert fax in page.data
    assert np.array_equal(pixels(page.data), rendered(data))


def rendered(data: bytes) -> np.ndarray:
    """What a viewer shows, at the scan's resolution: the measure for everything taken out."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        return np.asarray(document[0].render(scale=DPI / 72 * (1 - 1e-6)).to_pil().convert("RGB"))
    finally:
        document.close()


@pytest.mark.parametrize(
    ("stream", "keys"),
    [
        (zlib.compress(picture(6).tobytes()), FLATE),
        (zlib.compress(picture(6, "RGB").tobytes()), {**FLATE, "ColorSpace": RGB}),
        (zlib.compress(picture(6, "1").tobytes()), {**FLATE, "BitsPerComponent": 1}),
        (
            png_predicted(picture(6)),
            {
                **FLATE,
                "DecodeParms": pikepdf.Dictionary(
                    Predictor=15, Columns=WIDTH_PX, Colors=1, BitsPerComponent=8
                ),
            },
        ),
        (picture(6).tobytes(), {"ColorSpace": GREY}),
        (zlib.compress(picture(6).tobytes()), {**FLATE, "Decode": pikepdf.Array([1, 0])}),
    ],
)
def test_uncompressed_and_deflated_pixels_look_as_in_a_viewer(
    tmp_path: Path, stream: bytes, keys: dict[str, object]
) -> None:
    data = pdf(drawing(stream, **keys))
    (page,) = load(tmp_path, data)
    assert page.problem == ""
    assert dpi_of(page) == pytest.approx((DPI, DPI), abs=0.1)
    assert np.array_equal(pixels(page.data), rendered(data))


def test_quarter_turned_page_is_shown_as_a_viewer_shows_it(tmp_path: Path) -> None:
    (page,) = load(tmp_path, pdf(drawing(jpeg(7), rotate=90, **DCT)))
    found, expected = pixels(page.data), np.rot90(pixels(jpeg(7)), -1)
    assert found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).mean() < 2


def test_scan_in_strips_is_put_together(tmp_path: Path) -> None:
    half = HEIGHT_PX // 2
    upper, lower = picture(8).crop((0, 0, WIDTH_PX, half)), picture(8).crop((0, half, WIDTH_PX, HEIGHT_PX))
    wide, high = WIDTH_PX / DPI * 72, half / DPI * 72

    def both(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
        for image, y in ((upper, high), (lower, 0)):
            keys = {**FLATE, "Height": half}
            drawing(zlib.compress(image.tobytes()), matrix=f"{wide} 0 0 {high} 0 {y}", **keys)(document, page)

    (page,) = load(tmp_path, pdf(both))
    found, expected = pixels(page.data), np.asarray(picture(8).convert("RGB"))
    assert found.shape == expected.shape
    differing = np.abs(found.astype(int) - expected) > 40
    assert differing.mean() < 0.02, "drawing it anew may move an edge by a pixel, no more"


def test_image_inside_a_form(tmp_path: Path) -> None:
    def nested(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
        inner = document.add_blank_page(page_size=(page.mediabox[2], page.mediabox[3]))
        drawing(jpeg(9), **DCT)(document, inner)
        form = inner.as_form_xobject()
        name = page.add_resource(document.make_indirect(form), pikepdf.Name.XObject)
        page.contents_add(f"q {name} Do Q".encode())
        del document.pages[1]

    (page,) = load(tmp_path, pdf(nested))
    assert page.data == jpeg(9)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (pdf(text), "no scan"),
        (pdf(drawing(jpeg(), matrix="60 0 0 80 10 10", **DCT)), "no scan"),
        (pdf(drawing(jpeg()[:-900], **DCT)), "truncated JPEG"),
        (pdf(drawing(zlib.compress(picture().tobytes())[:-900], **FLATE)), "image"),
        (
            pdf(drawing(zlib.compress(bytes(500)), **{**FLATE, "Width": 40_000, "Height": 40_000})),
            "40000 × 40000",
        ),
        (pdf(drawing(jpeg(), **DCT), encryption=pikepdf.Encryption(owner="o", user="u")), "password"),
        (b"%PDF-1.7\n" + b"garbage " * 400, "damaged PDF"),
        (b"%PDF-1.7\n", "PDF"),
    ],
)
def test_bad_pdfs_become_pages_with_a_reason(tmp_path: Path, data: bytes, words: str) -> None:
    (page,) = load(tmp_path, data)[:1]
    assert words in page.problem
    assert page.data == b""


def test_cut_off_pdf_never_ends_silently(tmp_path: Path) -> None:
    data = pdf(*(drawing(jpeg(n), **DCT) for n in range(4)))
    for part in (0.3, 0.6, 0.9):
        pages = load(tmp_path, data[: int(len(data) * part)])
        assert pages[-1].problem


def test_text_page_between_scans_keeps_its_place(tmp_path: Path) -> None:
    pages = load(tmp_path, pdf(drawing(jpeg(1), **DCT), text, drawing(jpeg(2), **DCT)))
    assert [bool(page.problem) for page in pages] == [False, True, False]
    assert re.fullmatch(r".*only text.*", pages[1].problem)
