"""The structure of a JPEG file: size, completeness, resolution. Nothing is decoded."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from scanner.limits import UnreadablePageError, check_size

_SOI, _EOI, _SOS, _APP0, _APP14 = 0xD8, 0xD9, 0xDA, 0xE0, 0xEE
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_DOTS_PER_INCH = 1


@dataclass(frozen=True, slots=True)
class _Segment:
    marker: int
    start: int
    body: bytes


def _segments(data: bytes) -> Iterator[_Segment]:
    """The segments before the first scan's pixels, that of the scan's header last."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise UnreadablePageError(f"damaged JPEG: no marker at byte {at}")
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2:
            raise UnreadablePageError(f"damaged JPEG: a segment at byte {at} has no length")
        yield _Segment(marker, at, data[at + 4 : at + 2 + length])
        if marker == _SOS:
            return
        at += 2 + length
    raise UnreadablePageError("truncated JPEG: the file ends before its picture begins")


def check_jpeg(data: bytes) -> tuple[int, int]:
    """Width and height in pixels of a complete JPEG.

    A picture that breaks off has no end marker after its first scan: within the pixels the
    marker's two bytes cannot occur (ITU-T T.81, B.1.1.5), so searching for them is exact.

    Raises:
        UnreadablePageError: Truncated, damaged, or of a size outside the limits.
    """
    size: tuple[int, int] | None = None
    pixels_at = 0
    for segment in _segments(data):
        if segment.marker in _START_OF_FRAME and len(segment.body) >= 5:
            height_px, width_px = struct.unpack(">HH", segment.body[1:5])
            size = (width_px, height_px)
        pixels_at = segment.start
    if size is None:
        raise UnreadablePageError("damaged JPEG: it does not tell the picture's size")
    check_size(*size)
    if data.find(b"\xff\xd9", pixels_at) < 0:
        raise UnreadablePageError("truncated JPEG: the file breaks off before the end of the picture")
    return size


def with_density(data: bytes, x_dpi: float, y_dpi: float) -> bytes:
    """The same JPEG with its resolution written into the JFIF header; no pixel is touched.

    A file without that header gets one, unless an Adobe header declares RGB or CMYK: decoders
    let JFIF overrule it and would then show wrong colours.
    """
    density = struct.pack(">BHH", _DOTS_PER_INCH, round(x_dpi), round(y_dpi))
    segments = list(_segments(data))
    first = segments[0]
    if first.marker == _APP0 and first.body.startswith(b"JFIF\0") and len(first.body) >= 14:
        units_at = first.start + 4 + 7
        return data[:units_at] + density + data[units_at + len(density) :]
    if any(s.marker == _APP14 and s.body.startswith(b"Adobe") and s.body[11:12] == b"\0" for s in segments):
        return data
    header = b"JFIF\0\x01\x01" + density + b"\0\0"
    return data[:2] + bytes((0xFF, _APP0)) + struct.pack(">H", len(header) + 2) + header + data[2:]
