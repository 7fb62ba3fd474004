"""The network that tells votes from marks taken back, and from other ink in boxes, by their picture.

Rules see single things: strokes side by side, ink beyond two bands, a line through the middle. The network
sees the whole mark, beside the pen and the ink of the ballot's other marks. It was trained on what was drawn
for it (`training.marks`), by a hand that no proof uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from ballot.errors import ModelError
from ballot.reading import MarkState
from recognition.boxes import BoxMeasure
from recognition.mark_picture import mark_picture
from recognition.onnx_model import one_core_session

FIGURES = 8
MODEL = "marks.onnx"
"""Beside this module; written by `training.marks`."""

MODEL_SHA256 = "afdf1d167035f75618752ef1d56e5e62cea9cedc622a67e9180b922b8520ecde"
"""Of the file that the thresholds were fitted for."""

LEAST_BOX_MM, MOST_BOX_MM, MOST_ASPECT = 3.0, 6.5, 1.25
"""Boxes like those it was trained on, which are square and 3.5 to 5.5 mm large."""

_FLOOR = np.array([0.1, 0.1, 1.0])
"""In mm2, mm2 and pixels: less than a mark's ink and than a pen's width."""

_MOST_RATIO, _MANY = 2.0, 4
"""Ratios beyond e squared, and more marks than these, tell nothing more."""

Numbers = npt.NDArray[np.float32]
Inks = npt.NDArray[np.floating]


def inks_of(measure: BoxMeasure) -> tuple[float, ...]:
    """Ink inside the box and in all in mm2, width of the pen and the box in pixels, and the inked share."""
    size = measure.inked.size if measure.inked else 1
    whole_mm2 = measure.ink_mm2 + measure.spill_mm2
    return measure.ink_mm2, whole_mm2, measure.strokes.pen * size, float(size), measure.ink_share


def figures(own: Inks, others: Inks, bilevel: bool) -> Numbers:
    """What the network is told beside the picture, shape (`FIGURES`,).

    Args:
        own: See `inks_of`, shape (5,).
        others: Those of the side's other marks, as far as rules let them pass, shape (n, 5).
        bilevel: Whether the ballot was scanned in black and white.
    """
    ratios = np.zeros(3)
    if len(others):
        usual = np.median(others[:, :3], axis=0)
        ratios = np.log(np.maximum(own[:3], _FLOOR) / np.maximum(usual, _FLOOR))
    ratios = np.clip(ratios, -_MOST_RATIO, _MOST_RATIO)
    count = min(len(others), _MANY) / _MANY
    return np.array(
        [*ratios, count, float(len(others) > 0), float(bilevel), own[2] / own[3], own[4]], np.float32
    )


class MarkNetwork:
    """The network, ready to look at marks. One a process; runs on one core.

    Args:
        model: The ONNX file.
    """

    def __init__(self, model: bytes) -> None:
        self._session = one_core_session(model)

    def log_odds(
        self, measures: Sequence[BoxMeasure], others: Sequence[Sequence[BoxMeasure]], bilevel: bool
    ) -> Numbers:
        """The log-odds that each is no vote.

        Args:
            measures: Boxes whose ink was looked at.
            others: For each of them the side's other marks.
        """
        pictures = np.stack([mark_picture(m.inked) for m in measures if m.inked is not None])
        told = np.stack(
            [
                figures(np.array(inks_of(measure)), np.array([inks_of(o) for o in beside]), bilevel)
                for measure, beside in zip(measures, others, strict=True)
            ]
        )
        return self.look(pictures.astype(np.float32), told)

    def look(self, pictures: Numbers, told: Numbers) -> Numbers:
        """The log-odds for pictures, shape (n, 2, `SIDE_PX`, `SIDE_PX`), and figures, (n, `FIGURES`)."""
        (odds,) = self._session.run(None, {"pictures": pictures, "figures": told})
        if not np.isfinite(odds).all():
            raise RuntimeError("the network for marks gave no number")
        return np.asarray(odds, np.float32)[:, 0]


def odds_against(
    measures: Sequence[BoxMeasure], states: Sequence[MarkState], bilevel: bool
) -> list[float | None]:
    """The log-odds that the ink in each box of a side is no vote; None for boxes that are empty.

    Args:
        states: What the boxes were judged to be by themselves.
        bilevel: Whether the side was scanned in black and white.
    """
    made = [
        i for i, state in enumerate(states) if state is not MarkState.EMPTY and measures[i].inked is not None
    ]
    odds: list[float | None] = [None] * len(measures)
    if made:
        counted = [i for i in made if states[i] is MarkState.MARKED]
        others = [[measures[other] for other in counted if other != i] for i in made]
        found = mark_network().log_odds([measures[i] for i in made], others, bilevel)
        for index, value in zip(made, found.tolist(), strict=True):
            odds[index] = value
    return odds


@lru_cache(maxsize=1)
def mark_network() -> MarkNetwork:
    """The program's network.

    Raises:
        ModelError: Its file is missing or altered.
    """
    remedy = "Install the program anew. Nothing was counted."
    try:
        model = (files("recognition") / MODEL).read_bytes()
    except OSError as error:
        raise ModelError(f"The network for marks cannot be read: {error}.", remedy) from error
    if sha256(model).hexdigest() != MODEL_SHA256:
        raise ModelError(f"The network for marks ({MODEL}) has been altered.", remedy)
    return MarkNetwork(model)
