"""Pictures of boxes for the gallery, upright and of one scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ballot.geometry import Affine, Box
from ballot.reading import MarkState, Reading, ScanSide
from ballot.sheet import SheetScan
from calibration.fitting import LabelledMark
from recognition.decode import Undecodable, decode_page
from recognition.profile import Profile

MOST_LARGE, MOST_SMALL = 60, 500
_PX_PER_MM = 12
_MARGIN_MM = 1.2
_JPEG_QUALITY = 70


@dataclass(frozen=True, slots=True)
class Crop:
    """One box of the gallery: a JPEG, and whether it lies so near a threshold that it stands large."""

    mark: LabelledMark
    jpeg: bytes
    large: bool


def distance(mark: LabelledMark, profile: Profile) -> float:
    """How far a box's ink lies from the nearest threshold, as a share of it; negative on the wrong side."""
    low, high = profile.empty_ink_mm2, profile.marked_ink_mm2
    if mark.truth is MarkState.EMPTY:
        return (low - mark.ink_mm2) / low
    if mark.truth is MarkState.MARKED:
        return (mark.ink_mm2 - high) / high
    return min(abs(mark.ink_mm2 - low) / low, abs(mark.ink_mm2 - high) / high)


def chosen(marks: Sequence[LabelledMark], profile: Profile) -> list[tuple[LabelledMark, bool]]:
    """The boxes of the gallery by their ink, each with whether it is shown large.

    All inked boxes before clean ones; of the clean ones an even sample when there are too many.
    """
    near = sorted((m for m in marks if m.scan is not None), key=lambda m: distance(m, profile))
    large: list[LabelledMark] = []
    for truth in (MarkState.EMPTY, MarkState.MARKED):
        large += [m for m in near if m.truth is truth][: MOST_LARGE // 2]
    shown = set(map(id, large))
    rest = [m for m in near if id(m) not in shown]
    if len(rest) > MOST_SMALL:
        rest = [rest[i * len(rest) // MOST_SMALL] for i in range(MOST_SMALL)]
    both = [(m, True) for m in large] + [(m, False) for m in rest]
    return sorted(both, key=lambda pair: pair[0].ink_mm2)


def cut_crops(
    wanted: Sequence[tuple[LabelledMark, bool]],
    sheets: Iterable[SheetScan],
    readings: Mapping[str, Reading],
) -> list[Crop]:
    """Cuts the boxes from their scans; each page is decoded once."""
    by_sheet: dict[str, list[int]] = {}
    for index, (mark, _) in enumerate(wanted):
        by_sheet.setdefault(mark.sheet, []).append(index)
    found: dict[int, Crop] = {}
    for sheet in sheets:
        indices = by_sheet.get(sheet.front.name, [])
        for scan in {wanted[i][0].scan for i in indices}:
            page = sheet.front if scan is ScanSide.FRONT else sheet.back
            image = None if page is None else decode_page(page.data)
            if image is None or isinstance(image, Undecodable):
                continue
            affine = next(r.mm_to_px for r in readings[sheet.front.name].registrations if r.scan is scan)
            for i in indices:
                mark, large = wanted[i]
                if mark.scan is scan:
                    found[i] = Crop(mark, _cut(image.grey, mark.reading.found, affine), large)
    return [found[i] for i in sorted(found)]


def _cut(grey: np.typing.NDArray[np.uint8], box: Box, affine: Affine) -> bytes:
    picture = cut_box(grey, box.grown(_MARGIN_MM), affine, _PX_PER_MM)
    ok, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    assert ok, "an 8-bit picture always encodes as JPEG"
    return jpeg.tobytes()


def cut_box(
    grey: np.typing.NDArray[np.uint8], area: Box, mm_to_px: Affine, px_per_mm: float
) -> np.typing.NDArray[np.uint8]:
    """A piece of a scan, upright.

    Args:
        area: Page mm.
        mm_to_px: How the page lies in the scan.
        px_per_mm: Scale of the picture.
    """
    width, height = round(area.w_mm * px_per_mm), round(area.h_mm * px_per_mm)
    corners = [(area.x_mm, area.y_mm), (area.right_mm, area.y_mm), (area.x_mm, area.bottom_mm)]
    source = np.array([mm_to_px.apply(*corner) for corner in corners], np.float32)
    target = np.array([(0, 0), (width, 0), (0, height)], np.float32)
    matrix = cv2.getAffineTransform(source, target)
    picture = cv2.warpAffine(grey, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255,))
    return np.asarray(picture, np.uint8)
