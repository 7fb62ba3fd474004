"""Write-in rows: which have ink."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ballot.geometry import Box
from ballot.layout import WriteInRow
from recognition.geometry import GreyImage, grey_percentile
from recognition.patches import PX_PER_MM, DetailSource, cut, cut_reference
from recognition.profile import Profile
from recognition.register import Registration

_INSET_MM = 0.7
_INK_DARKNESS = 0.14
_SPECK_MM2 = 0.12


@dataclass(frozen=True)
class CellInk:
    """Ink in a cell that the blank does not have there, specks left out.

    Attributes:
        area_mm2: Inked area.
        reach_mm: Longer side of the rectangle around the largest connected piece.
    """

    area_mm2: float
    reach_mm: float

    def is_writing(self, profile: Profile) -> bool:
        """Whether it is more than dust."""
        enough = self.area_mm2 >= profile.row_ink_mm2
        return enough and (self.reach_mm >= profile.row_reach_mm or self.area_mm2 >= profile.row_solid_mm2)


def inked_rows(
    source: DetailSource,
    registration: Registration,
    detail: GreyImage,
    rows: tuple[WriteInRow, ...],
    profile: Profile,
) -> list[WriteInRow]:
    """The rows with writing in the name or party column, or ink in both that together may be writing."""
    found = []
    for row in rows:
        cells = [row.name] if row.party is None else [row.name, row.party]
        inks = [cell_ink(source, registration, detail, cell) for cell in cells]
        whole = CellInk(sum(i.area_mm2 for i in inks), max(i.reach_mm for i in inks))
        if whole.is_writing(profile):
            found.append(row)
    return found


def cell_ink(source: DetailSource, registration: Registration, detail: GreyImage, cell: Box) -> CellInk:
    """The ink of one cell."""
    area = cell.grown(-_INSET_MM)
    shift = registration.shifts_at(np.array([cell.center_mm]))[0]
    patch = cut(source, registration, area, (float(shift[0]), float(shift[1])))
    blank = cut_reference(detail, area)
    paper = grey_percentile(patch, 80)
    printed = cv2.dilate((blank < 200).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    greys = np.arange(256, dtype=np.float32)
    dark = ((paper - greys) / max(paper, 40.0) > _INK_DARKNESS).astype(np.uint8)
    ink = np.asarray(cv2.LUT(patch, dark), np.uint8).view(bool) & ~printed
    least_px = _SPECK_MM2 * PX_PER_MM**2
    if np.count_nonzero(ink) < least_px:
        return CellInk(0.0, 0.0)
    count, _labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    pieces = stats[1:count]
    pieces = pieces[pieces[:, cv2.CC_STAT_AREA] >= least_px]
    if not len(pieces):
        return CellInk(0.0, 0.0)
    sides = pieces[:, (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)]
    return CellInk(float(pieces[:, cv2.CC_STAT_AREA].sum()) / PX_PER_MM**2, float(sides.max()) / PX_PER_MM)
