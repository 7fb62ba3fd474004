"""Write-in rows: which have ink."""

from __future__ import annotations

import cv2
import numpy as np

from ballot.geometry import Box
from ballot.layout import WriteInRow
from recognition.geometry import GreyImage
from recognition.patches import PX_PER_MM, DetailSource, cut, cut_reference
from recognition.register import Registration

_INSET_MM = 0.7
_INK_DARKNESS = 0.14
_SPECK_MM2 = 0.12


def inked_rows(
    source: DetailSource,
    registration: Registration,
    detail: GreyImage,
    rows: tuple[WriteInRow, ...],
    min_ink_mm2: float,
) -> list[WriteInRow]:
    """The rows whose name or party column has more than `min_ink_mm2` of ink."""
    found = []
    for row in rows:
        cells = [row.name] if row.party is None else [row.name, row.party]
        ink = sum(cell_ink_mm2(source, registration, detail, cell) for cell in cells)
        if ink >= min_ink_mm2:
            found.append(row)
    return found


def cell_ink_mm2(source: DetailSource, registration: Registration, detail: GreyImage, cell: Box) -> float:
    """Ink in a cell that the blank does not have there, in square millimetres."""
    area = cell.grown(-_INSET_MM)
    shift = registration.shifts_at(np.array([cell.center_mm]))[0]
    patch = cut(source, registration, area, (float(shift[0]), float(shift[1])))
    blank = cut_reference(detail, area)
    paper = float(np.percentile(patch, 80))
    printed = cv2.dilate((blank < 200).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    ink = ((paper - patch.astype(np.float32)) / max(paper, 40.0) > _INK_DARKNESS) & ~printed
    count, _labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    areas = stats[1:count, cv2.CC_STAT_AREA] / PX_PER_MM**2
    return float(areas[areas >= _SPECK_MM2].sum())
