"""From the bytes of one page to pixels, or to the reason why not."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt
import simplejpeg
from PIL import Image

from ballot.sheet import MAX_PIXELS, MAX_SIDE_PX, MIN_SIDE_PX

# `decode_page` reads the size from the header and decides on the product's own limit.
Image.MAX_IMAGE_PIXELS = None

GreyImage = npt.NDArray[np.uint8]

_ROW_STEP = 7
_DARK, _MIDDLE, _LIGHT = 64, 128, 192
_EDGE_STEP, _MOST_GREY = 160, 0.1


@dataclass(frozen=True)
class ScanImage:
    """A decoded page.

    Attributes:
        grey: 8-bit grey, shape (height, width).
        dpi: Resolution the file states, horizontally and vertically, or None.
        bilevel: Whether the scanner delivered black and white only.
        colour_data: The file of a scan in colour, None for grey scans.
        quarter_turns: By how many quarter turns clockwise it was turned from the picture as delivered.
    """

    grey: GreyImage
    dpi: tuple[float, float] | None
    bilevel: bool
    colour_data: bytes | None = None
    quarter_turns: int = 0

    @cached_property
    def colour(self) -> GreyImage | None:
        """BGR at a quarter of the size, shape (h/4, w/4, 3), or None for grey scans.

        Decoded when first asked for: reading grey alone takes half the time of grey and colour.
        """
        reduced = None if self.colour_data is None else _reduced_colour(self.colour_data)
        return None if reduced is None else np.ascontiguousarray(np.rot90(reduced, -self.quarter_turns))

    @property
    def lies_on_its_side(self) -> bool:
        """Whether the paper ran through the scanner along the rows of this picture, not along its columns."""
        return self.quarter_turns % 2 == 1

    def turned(self) -> ScanImage:
        """The same page turned by a quarter clockwise."""
        return ScanImage(
            np.ascontiguousarray(np.rot90(self.grey, -1)),
            None if self.dpi is None else (self.dpi[1], self.dpi[0]),
            self.bilevel,
            self.colour_data,
            (self.quarter_turns + 1) % 4,
        )


@dataclass(frozen=True)
class Undecodable:
    """Why a page has no pixels."""

    reason: str


def decode_page(data: bytes) -> ScanImage | Undecodable:
    """Decodes a JPEG, PNG or single-page TIFF.

    The size is checked before anything is decoded, so a hostile file cannot fill the memory.
    """
    if not data:
        return Undecodable("the file is empty")
    try:
        with Image.open(io.BytesIO(data)) as header:
            width, height = header.size
            mode, kind = header.mode, header.format
            dpi = _stated_dpi(header)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return Undecodable(f"not a picture that can be opened ({error})")
    if max(width, height) > MAX_SIDE_PX or width * height > MAX_PIXELS:
        return Undecodable(f"{width} × {height} pixels is larger than any ballot scan")
    if min(width, height) < MIN_SIDE_PX:
        return Undecodable(f"{width} × {height} pixels is too small for a ballot")
    try:
        if kind == "JPEG" and mode in ("L", "RGB"):
            grey = simplejpeg.decode_jpeg(data, colorspace="GRAY")[:, :, 0]
            if _was_black_and_white(grey):
                return ScanImage(np.asarray(255 * (grey >= _MIDDLE), np.uint8), dpi, True)
            return ScanImage(grey, dpi, False, data if mode == "RGB" else None)
        return _decode_with_pillow(data, mode, dpi)
    except (OSError, ValueError, SyntaxError, cv2.error) as error:
        return Undecodable(f"damaged picture ({error})")


def _reduced_colour(data: bytes) -> GreyImage | None:
    # The grey image is not turned by what a camera may have noted, so neither is this; but Pillow, which
    # decodes TIFF to grey, turns it by the tag.
    flags = cv2.IMREAD_REDUCED_COLOR_4 | cv2.IMREAD_IGNORE_ORIENTATION
    is_tiff = data[:2] in (b"II", b"MM")
    decoded = None if is_tiff else cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if decoded is not None:
        return np.asarray(decoded, dtype=np.uint8)
    with Image.open(io.BytesIO(data)) as file:
        small = file.convert("RGB").resize((file.width // 4, file.height // 4), Image.Resampling.BOX)
    return np.ascontiguousarray(np.asarray(small)[:, :, ::-1])


def _decode_with_pillow(data: bytes, mode: str, dpi: tuple[float, float] | None) -> ScanImage:
    with Image.open(io.BytesIO(data)) as file:
        file.load()
        image = _on_white(file, mode)
        grey = np.asarray(image.convert("L"))
        colourless = image.mode in ("L", "1", "I", "F")
    bilevel = mode == "1" or _has_two_levels(grey)
    return ScanImage(grey, dpi, bilevel, None if colourless else data)


def _on_white(image: Image.Image, mode: str) -> Image.Image:
    """The picture without transparency and with eight bits a channel."""
    if mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    if mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image, dtype=np.uint32) >> 8).astype(np.uint8))
    return image


def _has_two_levels(grey: GreyImage) -> bool:
    histogram = np.bincount(grey[::7, ::7].ravel(), minlength=256)
    return int(np.count_nonzero(histogram)) <= 2


def _was_black_and_white(grey: GreyImage) -> bool:
    """Whether a scan in black and white was stored as a JPEG, which adds a little grey beside the edges.

    In black and white every edge is one pixel wide. Of 40 such pictures none has more than 0.06 grey pixels
    for each such edge; of 344 scans in grey and colour none has less than 7, and than 0.18 with its contrast
    raised eightfold.
    """
    # Hardly any scan in grey comes through the first look, so it costs a tenth of the second.
    return _has_sharp_edges(grey[:: _ROW_STEP * 10], 1.0) and _has_sharp_edges(grey[::_ROW_STEP], _MOST_GREY)


def _has_sharp_edges(rows: GreyImage, most_grey: float) -> bool:
    between = cv2.countNonZero(cv2.inRange(rows, _DARK, _LIGHT - 1))
    steps = cv2.absdiff(np.ascontiguousarray(rows[:, 1:]), np.ascontiguousarray(rows[:, :-1]))
    edges = cv2.countNonZero(cv2.inRange(steps, _EDGE_STEP, 255))
    return edges > 0 and between <= most_grey * edges


def _stated_dpi(image: Image.Image) -> tuple[float, float] | None:
    stated = image.info.get("dpi")
    if stated is None:
        return None
    x, y = float(stated[0]), float(stated[1])
    return (x, y) if 90 <= x <= 1300 and 90 <= y <= 1300 else None
