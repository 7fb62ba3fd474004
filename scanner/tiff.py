"""TIFF: the chain of pages, and taking one page out without touching its compressed pixels.

Source: TIFF 6.0 (Adobe, 1992) and the BigTIFF extension.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Literal

from scanner.limits import MAX_IMAGE_BYTES, MAX_PAGES_PER_FILE, UnreadablePageError, check_size

NEW_SUBFILE_TYPE, IMAGE_WIDTH, IMAGE_LENGTH, BITS_PER_SAMPLE, COMPRESSION = 254, 256, 257, 258, 259
PHOTOMETRIC, STRIP_OFFSETS, SAMPLES_PER_PIXEL, ROWS_PER_STRIP, STRIP_BYTE_COUNTS = 262, 273, 277, 278, 279
X_RESOLUTION, Y_RESOLUTION, T4_OPTIONS, RESOLUTION_UNIT, PREDICTOR = 282, 283, 292, 296, 317
_TILE_OFFSETS, _TILE_BYTE_COUNTS = 324, 325
_OLD_JPEG = 6
_REDUCED_COPY = 1  # bit 0 of NewSubfileType: a thumbnail of another page
# Tags that point to other places of the file and say nothing about the pixels.
_POINTERS = frozenset({288, 289, 330, 34665, 34853, 40965})

_SHORT, _LONG, _RATIONAL, _LONG8 = 3, 4, 5, 16
_TYPE_BYTES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_INT_CODE = {1: "B", _SHORT: "H", _LONG: "I", 13: "I", _LONG8: "Q", 18: "Q"}
_MAX_VALUE_BYTES = 64 * 1024 * 1024

ByteOrder = Literal["<", ">"]


@dataclass(frozen=True, slots=True)
class Field:
    """One entry of a directory: the TIFF type, how many values, and their bytes."""

    type: int
    count: int
    raw: bytes

    def ints(self, order: ByteOrder) -> tuple[int, ...]:
        """The values of a field of whole numbers."""
        code = _INT_CODE.get(self.type)
        if code is None:
            raise UnreadablePageError("damaged TIFF: a number is stored as something else")
        return struct.unpack(f"{order}{self.count}{code}", self.raw)


@dataclass(frozen=True, slots=True)
class Directory:
    """One page: its fields by tag, in the byte order of the file."""

    order: ByteOrder
    fields: Mapping[int, Field]

    def ints(self, tag: int) -> tuple[int, ...]:
        """The values of a field, none when the page has no such field."""
        return self.fields[tag].ints(self.order) if tag in self.fields else ()

    def first(self, tag: int, default: int) -> int:
        """The first value of a field."""
        values = self.ints(tag)
        return values[0] if values else default

    @property
    def calls_itself_copy(self) -> bool:
        """Whether it says that it is a reduced copy of another page."""
        return bool(self.first(NEW_SUBFILE_TYPE, 0) & _REDUCED_COPY)

    @property
    def width_px(self) -> int:
        """The width, 0 where it cannot be told."""
        try:
            return self.first(IMAGE_WIDTH, 0)
        except UnreadablePageError:
            return 0

    def pixel_ranges(self) -> list[tuple[int, int]]:
        """Offset and length in bytes of every strip or tile."""
        tiled = _TILE_OFFSETS in self.fields
        offsets = self.ints(_TILE_OFFSETS if tiled else STRIP_OFFSETS)
        lengths = self.ints(_TILE_BYTE_COUNTS if tiled else STRIP_BYTE_COUNTS)
        if not offsets or len(offsets) != len(lengths):
            raise UnreadablePageError("damaged TIFF: the page does not tell where its pixels are")
        if sum(lengths) > MAX_IMAGE_BYTES:
            raise UnreadablePageError(
                f"damaged TIFF: the page claims more than {MAX_IMAGE_BYTES >> 20} MiB of pixels"
            )
        return list(zip(offsets, lengths, strict=True))


def _take(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    data = file.read(length)
    if len(data) < length:
        raise UnreadablePageError("truncated TIFF: the file breaks off within the page")
    return data


class TiffReader:
    """Walks the pages of an open TIFF or BigTIFF file.

    Attributes:
        image_count: How many images `pages` met, thumbnails among them.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size_bytes = file.seek(0, 2)
        self._values: dict[tuple[int, int], bytes] = {}
        self._claimed_bytes = 0
        self.image_count = 0
        head = _take(file, 0, 8)
        self.order: ByteOrder = "<" if head[:2] == b"II" else ">"
        self._big = self._unpack("H", head[2:4]) == 43
        self._first = self._unpack("Q", _take(file, 8, 8)) if self._big else self._unpack("I", head[4:8])

    def _unpack(self, code: str, raw: bytes) -> int:
        return int(struct.unpack(self.order + code, raw)[0])

    def pages(self) -> list[Directory | UnreadablePageError]:
        """Every page in order, thumbnails left out; a break of the chain ends it with the reason.

        A page of full size that calls itself a reduced copy is none: programs set tags wrongly, and a ballot
        may be on it.
        """
        found: list[Directory | UnreadablePageError] = []
        copies: list[int] = []
        seen: set[int] = set()
        at = self._first
        while at:
            if at in seen or len(seen) >= MAX_PAGES_PER_FILE:
                found.append(
                    UnreadablePageError("damaged TIFF: its chain of pages does not end; pages may be missing")
                )
                break
            seen.add(at)
            self.image_count = len(seen)
            try:
                directory, at = self._directory(at)
                copies += [len(found)] if directory.calls_itself_copy else []
                found.append(directory)
            except UnreadablePageError as problem:
                found.append(UnreadablePageError(f"{problem}; further pages may be missing"))
                break
        widths_px = [page.width_px if isinstance(page, Directory) else 0 for page in found]
        thumbnails = {at for at in copies if 2 * widths_px[at] <= max(widths_px)}
        pages = [page for at, page in enumerate(found) if at not in thumbnails]
        return pages or [UnreadablePageError("damaged TIFF: it holds no page")]

    def _directory(self, at: int) -> tuple[Directory, int]:
        count_bytes, entry_bytes, link_bytes = (8, 20, 8) if self._big else (2, 12, 4)
        count = self._unpack("Q" if self._big else "H", _take(self._file, at, count_bytes))
        if count > 4096:
            raise UnreadablePageError("damaged TIFF: a page claims thousands of fields")
        table = _take(self._file, at + count_bytes, count * entry_bytes + link_bytes)
        fields: dict[int, Field] = {}
        for start in range(0, count * entry_bytes, entry_bytes):
            entry = table[start : start + entry_bytes]
            tag, kind = struct.unpack(self.order + "HH", entry[:4])
            if kind in _TYPE_BYTES:
                fields[tag] = self._field(kind, entry[4:])
        link = table[count * entry_bytes :]
        return Directory(self.order, fields), self._unpack("Q" if self._big else "I", link)

    def _field(self, kind: int, rest: bytes) -> Field:
        count = self._unpack("Q", rest[:8]) if self._big else self._unpack("I", rest[:4])
        value = rest[8:] if self._big else rest[4:]
        length = count * _TYPE_BYTES[kind]
        if length > _MAX_VALUE_BYTES:
            raise UnreadablePageError("damaged TIFF: a field claims an absurd length")
        if length > len(value):
            value = self._value(self._unpack("Q" if self._big else "I", value), length)
        return Field(kind, count, value[:length])

    def _value(self, offset: int, length: int) -> bytes:
        """A field's value elsewhere in the file; those that several fields share are read once.

        Raises:
            UnreadablePageError: Fields overlap, so that a small file would fill the memory.
        """
        known = self._values.get((offset, length))
        if known is None:
            self._claimed_bytes += length
            if self._claimed_bytes > self._size_bytes:
                raise UnreadablePageError("damaged TIFF: its fields claim more bytes than the file has")
            known = self._values[offset, length] = _take(self._file, offset, length)
        return known

    def check(self, page: Directory) -> tuple[int, int]:
        """Width and height in pixels of a page all of whose pixels are in the file.

        Raises:
            UnreadablePageError: Truncated, damaged, or of a size outside the limits.
        """
        size = (page.first(IMAGE_WIDTH, 0), page.first(IMAGE_LENGTH, 0))
        check_size(*size)
        end = self._file.seek(0, 2)
        if any(offset + length > end or length == 0 for offset, length in page.pixel_ranges()):
            raise UnreadablePageError("truncated TIFF: the file breaks off within the page")
        return size

    def single_page(self, page: Directory) -> bytes:
        """A TIFF file with this page alone: same compression, same pixels byte for byte, same resolution."""
        if page.first(COMPRESSION, 1) == _OLD_JPEG:
            raise UnreadablePageError("TIFF with old-style JPEG (compression 6), which cannot be taken apart")
        self.check(page)
        pieces = [_take(self._file, offset, length) for offset, length in page.pixel_ranges()]
        tiled = _TILE_OFFSETS in page.fields
        moved = {STRIP_OFFSETS, STRIP_BYTE_COUNTS, _TILE_OFFSETS, _TILE_BYTE_COUNTS}
        kept = {
            tag: _classic(field, self.order)
            for tag, field in page.fields.items()
            if tag not in moved and tag not in _POINTERS
        }
        return write_tiff(kept, pieces, order=self.order, tiled=tiled)


def _classic(field: Field, order: ByteOrder) -> Field:
    """BigTIFF's 64-bit numbers as the 32-bit ones of a classic file."""
    if field.type != _LONG8:
        return field
    values = field.ints(order)
    if max(values, default=0) > 0xFFFFFFFF:
        raise UnreadablePageError("damaged TIFF: a number is too large for a page")
    return Field(_LONG, field.count, struct.pack(f"{order}{field.count}I", *values))


def shorts(values: Sequence[int]) -> Field:
    """16-bit numbers for `write_tiff`, little-endian."""
    return Field(_SHORT, len(values), struct.pack(f"<{len(values)}H", *values))


def short(value: int) -> Field:
    """A 16-bit number for `write_tiff`, little-endian."""
    return shorts([value])


def long(value: int) -> Field:
    """A 32-bit number for `write_tiff`, little-endian."""
    return Field(_LONG, 1, struct.pack("<I", value))


def rational(value: float) -> Field:
    """A resolution for `write_tiff`, little-endian, exact to a thousandth."""
    return Field(_RATIONAL, 1, struct.pack("<II", round(value * 1000), 1000))


def write_tiff(
    fields: Mapping[int, Field], pieces: Sequence[bytes], order: ByteOrder = "<", tiled: bool = False
) -> bytes:
    """A classic single-page TIFF around compressed strips or tiles.

    Args:
        fields: All fields but those that tell where the pixels are, in byte order `order`.
        pieces: The compressed strips (or tiles) in order.
    """
    header_bytes = 8
    offsets, at = [], header_bytes
    for piece in pieces:
        offsets.append(at)
        at += len(piece) + len(piece) % 2
    count = len(pieces)
    all_fields = dict(fields)
    all_fields[_TILE_OFFSETS if tiled else STRIP_OFFSETS] = Field(
        _LONG, count, struct.pack(f"{order}{count}I", *offsets)
    )
    all_fields[_TILE_BYTE_COUNTS if tiled else STRIP_BYTE_COUNTS] = Field(
        _LONG, count, struct.pack(f"{order}{count}I", *map(len, pieces))
    )
    directory_at = at
    values_at = directory_at + 2 + 12 * len(all_fields) + 4
    table, values = bytearray(struct.pack(order + "H", len(all_fields))), bytearray()
    for tag in sorted(all_fields):
        field = all_fields[tag]
        inline = field.raw.ljust(4, b"\0")
        if len(field.raw) > 4:
            inline = struct.pack(order + "I", values_at + len(values))
            values += field.raw + b"\0" * (len(field.raw) % 2)
        table += struct.pack(order + "HHI", tag, field.type, field.count) + inline
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, directory_at)
    body = b"".join(piece + b"\0" * (len(piece) % 2) for piece in pieces)
    return bytes(head + body + table + struct.pack(order + "I", 0) + values)
