"""How large a scan may be, checked on the header before anything is decoded."""

from __future__ import annotations

from ballot.sheet import MAX_PIXELS, MAX_SIDE_PX, MIN_SIDE_PX, PLAUSIBLE_DPI

MAX_IMAGE_BYTES = 512 * 1024 * 1024
"""One uncompressed colour A3 page at 600 dpi is 210 MB."""

MAX_PAGES_PER_FILE = 20_000
"""Ten boxes of 1,000 sheets; a longer chain of pages is a damaged or hostile file."""


class UnreadablePageError(Exception):
    """A page cannot be used; the message says why and becomes `PageImage.problem`."""


def check_decodable(width_px: int, height_px: int) -> None:
    """Refuses an image that is too large to be decoded safely.

    Raises:
        UnreadablePageError: Names the size and the limit.
    """
    if width_px > MAX_SIDE_PX or height_px > MAX_SIDE_PX or width_px * height_px > MAX_PIXELS:
        raise UnreadablePageError(
            f"the image is too large to be a ballot: {width_px} × {height_px} px, the limit is "
            f"{MAX_SIDE_PX} px a side and {MAX_PIXELS // 1_000_000} million px in all"
        )


def check_size(width_px: int, height_px: int) -> None:
    """Refuses an image that is too large to be decoded safely or too small to be a scan.

    Raises:
        UnreadablePageError: Names the size and the limit.
    """
    check_decodable(width_px, height_px)
    if width_px < MIN_SIDE_PX or height_px < MIN_SIDE_PX:
        raise UnreadablePageError(
            f"the image is too small to be a scan: {width_px} × {height_px} px, "
            f"it takes at least {MIN_SIDE_PX} px a side"
        )


def plausible_dpi(dpi: float) -> bool:
    """Whether a scanner can have worked at this resolution."""
    return PLAUSIBLE_DPI[0] <= dpi <= PLAUSIBLE_DPI[1]
