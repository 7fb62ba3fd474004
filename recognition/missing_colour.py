"""Paper that is missing where a ballot has a pale tint, told by the tint's colour.

In grey a pale yellow is as light as a scanner's white lid, so a torn-off corner leaves no trace
there. In a scan in colour the lid has none of the tint's colour.
"""

from __future__ import annotations

import cv2
import numpy as np

from recognition.chroma import laid_chroma
from recognition.geometry import GreyImage, Mask
from recognition.paper import halved_once
from recognition.sides import PlacedImage

_PALE_GREY = 200
"""A darker tint is told from a white lid in grey."""

_MIN_CHROMA = 12
_BARE_SHARE = 0.4
_AS_LIGHT = 8
"""What has lost its colour by ink is also darker."""

_WIDE_PX = 4.5
"""At half `PAGE_DPI`: what is narrower than 4.5 mm is the glare of a fold or a scratch, or a page's rim."""


def missing_colour(placed: PlacedImage, page: GreyImage, seen: Mask) -> Mask | None:
    """Where the page lacks its tint's colour although it is as light, at `PAGE_DPI`.

    Args:
        page: The straightened scan.
        seen: Where the scan shows the page at all.

    Returns:
        None when the colour says nothing: no pale tint, or a scan without colour.
    """
    tint = placed.registration.side.tint
    if tint is None or float(np.median(tint.blank.ravel()[tint.sample])) < _PALE_GREY:
        return None
    height, width = tint.blank.shape
    laid = laid_chroma(placed, (height, width))
    if laid is None:
        return None
    shown = seen[: 2 * height : 2, : 2 * width : 2]
    sample = tint.sample[shown.ravel()[tint.sample]]
    if not len(sample) or (usual := float(np.median(laid.ravel()[sample]))) < _MIN_CHROMA:
        return None
    scanned = halved_once(page)
    light = scanned >= float(np.median(scanned.ravel()[sample])) - _AS_LIGHT
    bare = (cv2.blur(laid, (5, 5)) < _BARE_SHARE * usual) & light & tint.mask & shown
    solid = _wide(bare, shown)
    whole = np.zeros(page.shape, bool)
    if solid.any():
        whole[: 2 * height, : 2 * width] = np.repeat(np.repeat(solid, 2, axis=0), 2, axis=1)
    return whole


def _wide(bare: Mask, shown: Mask) -> Mask:
    """Bare places in which a circle finds room, which may reach over the page's edge and that of the scan.

    Of a torn corner a scan that was cut close may show a few millimetres only.
    """
    rim = int(_WIDE_PX) + 1
    free = np.pad((bare | ~shown).astype(np.uint8), rim, constant_values=1)
    room = cv2.distanceTransform(free, cv2.DIST_L2, 5)[rim:-rim, rim:-rim]
    core = (bare & (room >= _WIDE_PX)).astype(np.uint8)
    size = 2 * int(_WIDE_PX) + 1
    around = cv2.dilate(core, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))).view(bool)
    return np.asarray(bare & around, bool)
