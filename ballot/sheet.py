"""A sheet as it comes from a scanner: two images, as bytes."""

from __future__ import annotations

from dataclasses import dataclass


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
