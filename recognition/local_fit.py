"""What feeding and folds do to single places of a page, taken from its own lines of print."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recognition.geometry import MM_PER_INCH, GreyImage
from recognition.print_places import displacements
from recognition.reference import PAGE_DPI
from recognition.register import Registration

_NOTABLE_MM = 0.15
"""Less than this beside the fit is within what is allowed for everywhere."""

_MOST_MM = 0.9
_NEIGHBOURS, _ALIKE_MM = 4, 0.3
"""A line of print is believed when the middle of its neighbours' places differs by no more: ink over
a line, or a like line above it, may mislead one of them."""


def fitted_to_print(registration: Registration, page: GreyImage) -> Registration:
    """The registration with the places of the lines of print, or as it is when they lie well.

    Args:
        page: The straightened scan at `PAGE_DPI`.
    """
    side = registration.side
    found = [
        (((left + right) / 2, (top + bottom) / 2), move)
        for points in (side.prints.points, side.cells)
        for (left, top, right, bottom), move in zip(
            points.areas_px, displacements(points, side.page, page), strict=True
        )
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
