"""Which kind of file it is, by its first bytes and, for those that cannot be read, by its name."""

from __future__ import annotations

from enum import StrEnum


class FileFormat(StrEnum):
    """The formats that are read."""

    JPEG = "JPEG"
    PNG = "PNG"
    TIFF = "TIFF"
    PDF = "PDF"


SNIFF_BYTES = 1024
"""How many leading bytes `sniff` looks at: PDF allows that much before its header."""

READ_SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".tif", ".tiff", ".pdf"})
"""Names that promise a scan: such a file is never passed over, whatever it holds."""

OTHER_IMAGE_SUFFIXES = frozenset(
    {
        ".bmp",
        ".gif",
        ".webp",
        ".jp2",
        ".j2k",
        ".jpx",
        ".heic",
        ".heif",
        ".avif",
        ".pnm",
        ".pgm",
        ".ppm",
        ".pbm",
    }
)
"""Images that are not read: reported as pages with a problem, since a ballot may be on them."""

_MAGIC = (
    (b"\xff\xd8\xff", FileFormat.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileFormat.PNG),
    (b"II*\x00", FileFormat.TIFF),
    (b"MM\x00*", FileFormat.TIFF),
    (b"II+\x00", FileFormat.TIFF),
    (b"MM\x00+", FileFormat.TIFF),
)


def sniff(head: bytes) -> FileFormat | None:
    """The format told by a file's first `SNIFF_BYTES` bytes; names are not trusted."""
    for magic, file_format in _MAGIC:
        if head.startswith(magic):
            return file_format
    return FileFormat.PDF if b"%PDF-" in head[:SNIFF_BYTES] else None


def promises_scan(suffix: str) -> bool:
    """Whether a file name's ending says that it holds an image, readable here or not."""
    return suffix.lower() in READ_SUFFIXES | OTHER_IMAGE_SUFFIXES
