"""How a scan renders the blank's print: learned from the page itself, line by line of print.

Scanners, presses and JPEG spread print, thin it, darken it and blur it, each in its own way. A
linear model of a few pictures made from the blank (as it is, blurred, thickened, thinned) explains
the print of a page to 1.5 % of white, so that what it does not explain is ink.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Darkness = npt.NDArray[np.float32]
"""Share of the paper's light that is missing, 0 for paper, 1 for black."""

_TERMS = 6
_NARROW_BLUR_PX, _WIDE_BLUR_PX = 0.8, 1.6
_NEXT = np.ones((3, 3), np.uint8)
_AT_PRINT_PX = 5
_AT_PRINT_DARKNESS = 0.08
_SAMPLES = 12_000
_MIN_SAMPLES = 300
_ROUNDS = 3
_OUTLIER, _OUTLIER_MEDIANS = 0.1, 2.5
_RIDGE = 1e-2


@dataclass(frozen=True)
class PrintModel:
    """The weights with which the pictures made from the blank add up to the scan's print."""

    weights: npt.NDArray[np.float64]

    def rendered(self, print_dark: Darkness) -> Darkness:
        """How dark the scan shows a piece of the blank's print.

        Args:
            print_dark: The piece, laid to where the scan has it.
        """
        return np.asarray(_terms(print_dark) @ self.weights, np.float32)


def fit_print_model(pieces: list[tuple[Darkness, Darkness]]) -> PrintModel | None:
    """The model of a page, by least squares from which ink is left out; None with too little print.

    Args:
        pieces: Pairs of the same shape: what the scan shows, and the blank's print laid there.
    """
    inputs, outputs = [], []
    for seen, print_dark in pieces:
        at = cv2.dilate(print_dark, np.ones((_AT_PRINT_PX, _AT_PRINT_PX), np.uint8)) > _AT_PRINT_DARKNESS
        inputs.append(_terms(print_dark)[at])
        outputs.append(seen[at])
    if sum(map(len, outputs)) < _MIN_SAMPLES:
        return None
    given, wanted = np.concatenate(inputs).astype(np.float64), np.concatenate(outputs).astype(np.float64)
    step = max(1, len(wanted) // _SAMPLES)
    given, wanted = given[::step], wanted[::step]
    kept = np.ones(len(wanted), bool)
    weights: npt.NDArray[np.float64] = np.zeros(_TERMS)
    for _ in range(_ROUNDS):
        own = given[kept]
        weights = np.asarray(np.linalg.solve(own.T @ own + _RIDGE * np.eye(_TERMS), own.T @ wanted[kept]))
        error = np.abs(wanted - given @ weights)
        kept = error < max(_OUTLIER, _OUTLIER_MEDIANS * float(np.median(error)))
    return PrintModel(weights)


def _terms(print_dark: Darkness) -> npt.NDArray[np.float32]:
    return np.stack(
        [
            print_dark,
            print_dark * print_dark,
            cv2.GaussianBlur(print_dark, (0, 0), _NARROW_BLUR_PX),
            cv2.GaussianBlur(print_dark, (0, 0), _WIDE_BLUR_PX),
            cv2.dilate(print_dark, _NEXT),
            cv2.erode(print_dark, _NEXT),
        ],
        axis=-1,
    )
