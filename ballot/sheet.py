"""A sheet as it comes from a scanner: two images, as bytes."""

from __future__ import annotations

from dataclasses import dataclass

MAX_SIDE_PX = 20_000
"""A2 at 600 dpi is 14,000 px; a longer side is no ballot but a mistake or a decompression bomb."""

MAX_PIXELS = 200_000_000
"""A3 at 600 dpi is 70 million; 200 million grey pixels still fit into 200 MB of memory."""

MIN_SIDE_PX = 300
"""A5, the smallest ballot, is 580 px wide at 100 dpi, and 100 dpi are too few to read it."""

PLAUSIBLE_DPI = (90.0, 1300.0)
"""A resolution outside this range is a file's nonsense (72 by default, 1 for unknown), not a scanner's."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """One scanned side.

    Attributes:
        name: What the operator knows it by: the file name, with ``#n`` for page n of a
            multi-page file.
        data: A single-page image file (JPEG, PNG or TIFF), or empty bytes when the page
            could not be taken out of its file.
        problem: Why the page cannot be read, else empty.
    """

    name: str
    data: bytes
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SheetScan:
    """Both sides of one sheet. `back` is None when only one side was delivered."""

    front: PageImage
    back: PageImage | None
