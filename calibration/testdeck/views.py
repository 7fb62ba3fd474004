"""Where on the paper each pixel of a scan looks: skew, shift, stretch, feed waves and folds.

All of it but the folds adds up from one part for a pixel's row and one for its column, so that maps
are made strip by strip from two lines of numbers; full-size maps would cost more than the resampling.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from calibration.testdeck.strips import strips

FOLD_WIDTH_MM = 3.0
MAP_ROWS = 48


@dataclass(frozen=True, slots=True)
class Fold:
    """A step across a fold, in pixels of the paper.

    Attributes:
        at, width: Middle and width of the ramp, along the direction across the fold.
        step: How far the paper beyond it is moved along the fold.
    """

    at: float
    width: float
    step: float


@dataclass(frozen=True, slots=True)
class View:
    """What a scan of `width` × `height` pixels sees, in pixels of the paper.

    Attributes:
        x_of_column, x_of_row, y_of_column, y_of_row: Parts that add up to a pixel's place.
        folds_x: Folds from top to bottom; beyond them the paper is moved in y.
        folds_y: Folds from left to right; beyond them the paper is moved in x.
    """

    width: int
    height: int
    x_of_column: Any
    x_of_row: Any
    y_of_column: Any
    y_of_row: Any
    folds_x: tuple[Fold, ...]
    folds_y: tuple[Fold, ...]

    def maps(self) -> Iterator[tuple[int, int, Any, Any]]:
        """Strip by strip: first row, the row after the last, and x and y of every pixel.

        The arrays are used again for the next strip.
        """
        x, y = (np.empty((MAP_ROWS, self.width), np.float32) for _ in range(2))
        for top, bottom in strips(self.height, MAP_ROWS):
            here = slice(bottom - top)
            x_of_row, y_of_row = self.x_of_row[top:bottom, None], self.y_of_row[top:bottom, None]
            steps_y = [_step(fold, self.x_of_column, x_of_row) for fold in self.folds_x]
            steps_x = [_step(fold, self.y_of_column, y_of_row) for fold in self.folds_y]
            for place, of_column, of_row, steps in (
                (x[here], self.x_of_column, x_of_row, steps_x),
                (y[here], self.y_of_column, y_of_row, steps_y),
            ):
                np.add(of_column + sum(step.beyond for step in steps), of_row, out=place)
                for step in steps:
                    place[:, step.ramp] += step.climb
            yield top, bottom, x[here], y[here]


@dataclass(frozen=True, slots=True)
class _Step:
    """How a fold moves a strip of rows.

    Attributes:
        beyond: For each column: the whole step where every row lies beyond the ramp.
        ramp: The columns in which some row lies on the ramp.
        climb: How far each pixel of those columns is moved.
    """

    beyond: Any
    ramp: slice
    climb: Any


def _step(fold: Fold, of_column: Any, of_row: Any) -> _Step:
    """The step for a strip, from the parts of its pixels' places across the fold."""
    # Places run one way along rows and along columns, so that the outermost rows hold the extremes.
    least, most = of_column + of_row.min(), of_column + of_row.max()
    beyond = least >= fold.at + fold.width / 2
    on_ramp = np.flatnonzero(~beyond & (most > fold.at - fold.width / 2))
    ramp = slice(int(on_ramp[0]), int(on_ramp[-1]) + 1) if len(on_ramp) else slice(0)
    up = (of_column[ramp] - np.float32(fold.at) + of_row) / np.float32(fold.width)
    climb = np.float32(fold.step) * np.clip(up + np.float32(0.5), 0, 1)
    return _Step(np.float32(fold.step) * beyond, ramp, climb)
