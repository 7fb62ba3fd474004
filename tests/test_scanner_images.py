"""Single images and TIFFs: passed byte for byte, split without loss, refused with a reason."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ballot.sheet import PageImage
from scanner.jpeg import with_density
from scanner.limits import UnreadablePageError
from scanner.sheets import plan_sheets
from scanner.tiff import TiffReader
from tests.scan_files import DPI, encoded, jpeg, multipage_tiff, picture, pixels


def load(folder: Path, **files: bytes) -> list[PageImage]:
    """The pages of files given as name_ending=bytes."""
    for name, data in files.items():
        (folder / ".".join(name.rsplit("_", 1))).write_bytes(data)
    return [page for sheet in plan_sheets([folder]) for page in (sheet.front, sheet.back) if page is not None]


def only(folder: Path, name: str, data: bytes) -> PageImage:
    (page,) = load(folder, **{name: data})
    return page


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x_jpg", jpeg()),
        ("x_jpg", jpeg(mode="RGB")),
        ("x_jpg", encoded(picture(mode="RGB"), "JPEG", subsampling=2, progressive=True)),
        ("x_jpg", jpeg(mode="CMYK")),
        ("x_jpg", jpeg() + b"\0" * 300),
        ("x_png", encoded(picture(), "PNG")),
        ("x_png", encoded(picture(mode="1"), "PNG")),
        ("x_tif", encoded(picture(), "TIFF", compression="tiff_lzw")),
        ("x_tif", encoded(picture(mode="1"), "TIFF", compression="group4")),
        ("x_tif", encoded(picture(), "TIFF", compression="tiff_adobe_deflate")),
        ("x_tif", encoded(picture(), "TIFF", big_tiff=True)),
        ("scan_dat", jpeg()),
    ],
)
def test_single_page_files_are_passed_as_they_are(tmp_path: Path, name: str, data: bytes) -> None:
    page = only(tmp_path, name, data)
    assert page.problem == ""
    assert page.data == data
    assert page.name == ".".join(name.rsplit("_", 1))


@pytest.mark.parametrize(
    ("mode", "compression", "code"),
    [
        ("1", "group4", 4),
        ("1", "group3", 3),
        ("L", "tiff_lzw", 5),
        ("RGB", "tiff_adobe_deflate", 8),
        ("L", "raw", 1),
    ],
)
def test_multipage_tiff_splits_without_loss(tmp_path: Path, mode: str, compression: str, code: int) -> None:
    pages = load(tmp_path, box_tif=multipage_tiff(range(5), mode, compression))
    assert [page.name for page in pages] == [f"box.tif#{n}" for n in range(1, 6)]
    for seed, page in enumerate(pages):
        assert np.array_equal(pixels(page.data), np.asarray(picture(seed, mode).convert("RGB")))
        with Image.open(io.BytesIO(page.data)) as image:
            assert image.tag_v2[259] == code  # type: ignore[attr-defined]
            assert image.info["dpi"] == pytest.approx((DPI, DPI))
            assert getattr(image, "n_frames", 1) == 1


def test_multipage_bigtiff_and_jpeg_in_tiff_split(tmp_path: Path) -> None:
    first, second = picture(1, "RGB"), picture(2, "RGB")
    data = encoded(first, "TIFF", save_all=True, append_images=[second], big_tiff=True, compression="jpeg")
    pages = load(tmp_path, box_tif=data)
    assert len(pages) == 2
    for source, page in zip((first, second), pages, strict=True):
        assert np.abs(pixels(page.data).astype(int) - np.asarray(source).astype(int)).mean() < 3


def test_thumbnail_in_tiff_is_no_page(tmp_path: Path) -> None:
    thumbnail = picture(2).resize((310, 440))
    thumbnail.encoderinfo = {"tiffinfo": {254: 1}}  # type: ignore[attr-defined]
    data = encoded(picture(1), "TIFF", save_all=True, append_images=[thumbnail])
    with Image.open(io.BytesIO(data)) as both:
        assert both.n_frames == 2  # type: ignore[attr-defined]
    (page,) = load(tmp_path, box_tif=data)
    assert page.name == "box.tif"
    assert np.array_equal(pixels(page.data), np.asarray(picture(1).convert("RGB")))


def test_a_page_of_full_size_that_calls_itself_a_thumbnail_is_a_page(tmp_path: Path) -> None:
    pages = [picture(n) for n in range(4)]
    for page in pages[1:3]:
        page.encoderinfo = {"tiffinfo": {254: 1}}  # type: ignore[attr-defined]
    found = load(tmp_path, box_tif=encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert len(found) == 4
    for n, page in enumerate(found):
        assert np.array_equal(pixels(page.data), np.asarray(picture(n).convert("RGB")))


def test_truncated_multipage_tiff_keeps_what_is_there_and_says_so(tmp_path: Path) -> None:
    data = multipage_tiff(range(4), "L", "raw")
    pages = load(tmp_path, box_tif=data[: len(data) * 5 // 8])
    assert [bool(page.problem) for page in pages][:2] == [False, False]
    assert "may be missing" in pages[-1].problem


def test_tiff_whose_fields_all_claim_the_same_bytes_takes_no_memory(tmp_path: Path) -> None:
    tags, size = 40, 1 << 20
    for step in (0, 1):  # the very same value, and values that overlap
        entries = [struct.pack("<HHII", 40_000 + n, 7, size - step * n, 2_000) for n in range(tags)]
        table = struct.pack("<H", tags) + b"".join(entries) + struct.pack("<I", 0)
        path = tmp_path / f"{step}.tif"
        path.write_bytes(struct.pack("<2sHI", b"II", 42, 8) + table.ljust(2_000 + size, b"\0"))
        tracemalloc.start()
        try:
            with path.open("rb") as file:
                pages = TiffReader(file).pages()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 3 * size
        assert isinstance(pages[0], UnreadablePageError) is bool(step)


def test_tiff_whose_pages_run_in_a_circle(tmp_path: Path) -> None:
    data = bytearray(multipage_tiff([1], "L", "raw"))
    (directory_at,) = struct.unpack("<I", data[4:8])
    (count,) = struct.unpack("<H", data[directory_at : directory_at + 2])
    link_at = directory_at + 2 + 12 * count
    data[link_at : link_at + 4] = struct.pack("<I", directory_at)
    pages = load(tmp_path, box_tif=bytes(data))
    assert pages[0].problem == ""
    assert "does not end" in pages[1].problem


def bomb_png() -> bytes:
    header = struct.pack(">IIBBBBB", 40_000, 40_000, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(5001) * 40_000)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def huge_jpeg() -> bytes:
    data = bytearray(jpeg())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 40_000, 40_000)
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("x_jpg", b"", "empty"),
        ("x_jpg", b"no image at all", "not a JPEG"),
        ("x_jpg", jpeg()[: len(jpeg()) // 2], "truncated JPEG"),
        ("x_jpg", jpeg()[:40], "truncated JPEG"),
        ("x_jpg", encoded(Image.new("L", (1, 1)), "JPEG"), "1 × 1 px"),
        ("x_jpg", huge_jpeg(), "40000 × 40000 px"),
        ("x_png", bomb_png(), "40000 × 40000 px"),
        ("x_png", encoded(picture(), "PNG")[:-400], "truncated PNG"),
        ("x_png", encoded(picture(), "PNG").replace(b"IDAT\x78", b"IDAT\x79"), "checksum"),
        ("x_png", encoded(Image.new("L", (1, 1)), "PNG"), "1 × 1 px"),
        ("x_tif", encoded(picture(), "TIFF")[:100], "truncated TIFF"),
        ("x_tif", encoded(picture(), "TIFF", compression="tiff_lzw")[:8], "truncated TIFF"),
        ("x_tif", encoded(Image.new("1", (1, 1)), "TIFF"), "1 × 1 px"),
        ("x_bmp", encoded(picture(), "BMP"), "not a JPEG"),
    ],
)
def test_bad_images_become_pages_with_a_reason(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    page = only(tmp_path, name, data)
    assert words in page.problem
    assert page.data == b""


def test_bad_page_keeps_its_place_among_the_good(tmp_path: Path) -> None:
    for number in range(1, 7):
        (tmp_path / f"{number:04}.jpg").write_bytes(jpeg(number) if number != 3 else b"")
    sheets = [(s.front, s.back) for s in plan_sheets([tmp_path])]
    assert [(f.name, b.name if b else None) for f, b in sheets] == [
        ("0001.jpg", "0002.jpg"),
        ("0003.jpg", "0004.jpg"),
        ("0005.jpg", "0006.jpg"),
    ]
    assert sheets[1][0].problem and sheets[1][1] is not None and not sheets[1][1].problem


@pytest.mark.parametrize("cut", range(3, 600, 37))
def test_any_cut_of_a_jpeg_is_noticed(tmp_path: Path, cut: int) -> None:
    assert only(tmp_path, "x_jpg", jpeg()[:-cut]).problem


def test_density_is_written_without_touching_pixels() -> None:
    for data in (jpeg(mode="RGB"), encoded(picture(mode="RGB"), "JPEG").replace(b"JFIF\0", b"XXXX\0", 1)):
        marked = with_density(data, 301.2, 298.7)
        with Image.open(io.BytesIO(marked)) as image:
            assert image.info["dpi"] == (301, 299)
        assert np.array_equal(pixels(marked), pixels(data))


def test_adobe_rgb_jpeg_gets_no_jfif_header() -> None:
    adobe = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
    plain = jpeg(mode="RGB")
    jfif_bytes = 2 + int.from_bytes(plain[4:6], "big")
    data = plain[:2] + adobe + plain[2 + jfif_bytes :]
    assert with_density(data, 300, 300) == data
