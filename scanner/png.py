"""The structure of a PNG file: size, completeness, and wrapping ready-made pixel data."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from scanner.limits import UnreadablePageError, check_size

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB = 0, 2


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(data):
        body_at = at + 8
        length = int.from_bytes(data[at : at + 4], "big")
        end = body_at + length + 4
        if body_at > len(data) or end > len(data):
            raise UnreadablePageError("truncated PNG: the file breaks off within the picture")
        kind, body = data[at + 4 : body_at], data[body_at : end - 4]
        if zlib.crc32(body, zlib.crc32(kind)) != int.from_bytes(data[end - 4 : end], "big"):
            raise UnreadablePageError("damaged PNG: a checksum is wrong")
        yield kind, body
        if kind == b"IEND":
            return
        at = end
    raise UnreadablePageError("truncated PNG: its end is missing")


def check_png(data: bytes) -> tuple[int, int]:
    """Width and height in pixels of a complete PNG whose checksums are right.

    Raises:
        UnreadablePageError: Truncated, damaged, or of a size outside the limits.
    """
    size: tuple[int, int] | None = None
    has_pixels = False
    for kind, body in _chunks(data):
        if kind == b"IHDR" and len(body) == 13:
            width_px, height_px = struct.unpack(">II", body[:8])
            size = (width_px, height_px)
            check_size(*size)
        has_pixels = has_pixels or kind == b"IDAT"
    if size is None or not has_pixels:
        raise UnreadablePageError("damaged PNG: it holds no picture")
    return size


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))


def wrap_png(
    deflated: bytes, width_px: int, height_px: int, bits: int, channels: int, dpi: tuple[float, float]
) -> bytes:
    """A PNG around pixel data that is already filtered and deflated as PNG wants it.

    Args:
        bits: Bits a sample; channels: 1 (grey) or 3 (RGB).
        dpi: Horizontal and vertical resolution.
    """
    colour = _GREY if channels == 1 else _RGB
    per_metre = [round(value / 0.0254) for value in dpi]
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, bits, colour, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">IIB", per_metre[0], per_metre[1], 1)),
            _chunk(b"IDAT", deflated),
            _chunk(b"IEND", b""),
        )
    )
