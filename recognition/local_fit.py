"""What feeding and folds do to single places of a page, taken from its own lines of print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recognition.geometry import MM_PER_INCH, GreyImage
from recognition.print_places import Move, displacements
from recognition.reference import PAGE_DPI
from recognition.register import Registration

_NOTABLE_MM = 0.15
"""Less than this beside the fit is within what is allowed for everywhere."""

_MOST_MM = 0.9
_NEIGHBOURS, _ALIKE_MM = 4, 0.3
"""A line of print is believed when the middle of its neighbours' places differs by no more: ink over
a line, or a like line above it, may mislead one of them."""


@dataclass(frozen=True)
class PrintFit:
    """A registration with the places of the lines of print.

    Attributes:
        registration: As it was when they lie well.
        moves: Where the page showed each line of the side's `prints`, as `displacements` gives it.
    """

    registration: Registration
    moves: Sequence[Move | None]


def fitted_to_print(registration: Registration, page: GreyImage) -> PrintFit:
    """Fits a registration to the places of the lines of print.

    Args:
        page: The straightened scan at `PAGE_DPI`.
    """
    side = registration.side
    moves = displacements(side.prints.points, side.page, page)
    of_cells = displacements(side.cells, side.page, page)
    return PrintFit(_fitted(registration, moves, of_cells), moves)


def _fitted(
    registration: Registration, of_prints: Sequence[Move | None], of_cells: Sequence[Move | None]
) -> Registration:
    side = registration.side
    found = [
        (((left + right) / 2, (top + bottom) / 2), move)
        for points, own in ((side.prints.points, of_prints), (side.cells, of_cells))
        for (left, top, right, bottom), move in zip(points.areas_px, own, strict=True)
        if move is not None
    ]
    if len(found) <= _NEIGHBOURS:
        return registration
    centers, moves = np.array(found).transpose(1, 0, 2) * (MM_PER_INCH / PAGE_DPI)
    away = ((centers[:, None, :] - centers[None, :, :]) ** 2).sum(axis=2)
    np.fill_diagonal(away, np.inf)
    nearest = np.argsort(away, axis=1)[:, :_NEIGHBOURS]
    usual = np.median(moves[nearest], axis=1)
    sure = (np.abs(moves - usual) <= _ALIKE_MM).all(axis=1) & (np.abs(moves) <= _MOST_MM).all(axis=1)
    if not sure.any() or float(np.abs(moves[sure]).max()) < _NOTABLE_MM:
        return registration
    return replace(
        registration,
        print_mm=centers[sure],
        print_shifts_mm=registration.shifts_at(centers[sure]) + moves[sure],
    )
