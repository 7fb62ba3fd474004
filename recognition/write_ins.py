"""Write-in rows: which have ink, and which have specks as pale writing leaves in black and white."""

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

_FEW_SPECKS, _SPECKS_REACH_MM = 4, 5.0
"""So many specks, so far spread, are no dust. Of 414 empty rows on crumpled, dirty paper in black and white
397 had three at most; four names of which a low threshold left dots had six to eighteen. A spot of dirt
breaks up into specks near each other."""


@dataclass(frozen=True)
class CellInk:
    """Ink in a cell that the blank does not have there.

    Attributes:
        area_mm2: Inked area, specks left out.
        reach_mm: Longer side of the rectangle around the largest connected piece.
        pieces: How many connected pieces there are, specks left out.
        pieces_mm: Where the pieces of ink stand along the page, specks among them.
    """

    area_mm2: float
    reach_mm: float
    pieces: int = 0
    pieces_mm: tuple[float, ...] = ()

    def is_writing(self, profile: Profile) -> bool:
        """Whether it is more than dust."""
        enough = self.area_mm2 >= profile.row_ink_mm2
        is_long = self.reach_mm >= profile.row_reach_mm or self.area_mm2 >= profile.row_solid_mm2
        return enough and (is_long or self.pieces >= profile.row_pieces)

    @property
    def has_specks(self) -> bool:
        """Whether there are more pieces, further spread, than dust leaves."""
        many = len(self.pieces_mm) >= _FEW_SPECKS
        return many and max(self.pieces_mm) - min(self.pieces_mm) >= _SPECKS_REACH_MM


def inked_rows(
    source: DetailSource,
    registration: Registration,
    detail: GreyImage,
    rows: tuple[WriteInRow, ...],
    profile: Profile,
    bilevel: bool,
) -> list[tuple[WriteInRow, bool]]:
    """The rows with writing in the name or party column, or ink in both that together may be writing.

    Args:
        bilevel: Whether the scan is in black and white, where a pale pen may leave specks only.

    Returns:
        Each with whether it has writing; the others have specks.
    """
    found = []
    for row in rows:
        cells = [row.name] if row.party is None else [row.name, row.party]
        inks = [cell_ink(source, registration, detail, cell) for cell in cells]
        pieces_mm = tuple(x for ink in inks for x in ink.pieces_mm)
        whole = CellInk(
            sum(ink.area_mm2 for ink in inks),
            max(ink.reach_mm for ink in inks),
            sum(ink.pieces for ink in inks),
            pieces_mm,
        )
        if whole.is_writing(profile):
            found.append((row, True))
        elif bilevel and whole.has_specks:
            found.append((row, False))
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
    if not ink.any():
        return CellInk(0.0, 0.0)
    count, _labels, stats, centres = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    pieces_mm = tuple((area.x_mm + centres[1:count, 0] / PX_PER_MM).tolist())
    pieces = stats[1:count]
    pieces = pieces[pieces[:, cv2.CC_STAT_AREA] >= _SPECK_MM2 * PX_PER_MM**2]
    if not len(pieces):
        return CellInk(0.0, 0.0, 0, pieces_mm)
    sides = pieces[:, (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)]
    area_mm2 = float(pieces[:, cv2.CC_STAT_AREA].sum()) / PX_PER_MM**2
    return CellInk(area_mm2, float(sides.max()) / PX_PER_MM, len(pieces), pieces_mm)
