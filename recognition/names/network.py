"""The recognition network: a row's picture to log-probabilities of letters, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recognition.geometry import GreyImage
from recognition.names.alphabet import LETTERS, letter_class
from recognition.names.cut_model import CHARACTERS
from recognition.names.lexicon import FloatArray
from recognition.names.struck import STRUCK, struck_most
from recognition.onnx_model import one_core_session

ROW_HEIGHT_PX = 48
_FLOOR = 1e-6
"""Least probability of a letter in a frame, so that one odd frame cannot rule out a name."""


@dataclass(frozen=True)
class Sighting:
    """What the network saw in a row.

    Attributes:
        log_probabilities: Frames × letter classes; a frame is 8 pixels wide.
        text: The best text, as written: with capitals, spaces and full stops.
        struck: The log-odds that a stroke runs through the letters, where that is likeliest.
    """

    log_probabilities: FloatArray
    text: str
    struck: float


class NameNetwork:
    """The network, ready to read rows. One a process; runs on one core.

    Args:
        model: The ONNX file made by `recognition.names.cut_model.cut_model`, with the head of
            `recognition.names.struck`.
    """

    def __init__(self, model: bytes) -> None:
        self._session = one_core_session(model)
        self._letters = self._session.get_outputs()[0].name
        signs = self._session.get_modelmeta().custom_metadata_map[CHARACTERS].split("\n")
        self._signs = ["", *signs]
        self._fold = np.zeros((len(self._signs), len(LETTERS) + 1), np.float32)
        self._fold[np.arange(len(self._signs)), [0, *map(letter_class, signs)]] = 1.0

    def read(self, row: GreyImage) -> Sighting:
        """Reads one row.

        Args:
            row: Black writing on white, `ROW_HEIGHT_PX` high.
        """
        plane = row.astype(np.float32) / 127.5 - 1.0
        row_of = {"x": np.stack([plane] * 3)[np.newaxis]}
        found, struck = self._session.run([self._letters, STRUCK], row_of)
        found = np.asarray(found[0], np.float32)
        path = found.argmax(axis=1)
        kept = path[np.flatnonzero(np.diff(path, prepend=-1))]
        letters = np.log(np.maximum(found @ self._fold, _FLOOR)).astype(np.float32)
        return Sighting(
            letters, " ".join("".join(self._signs[i] for i in kept).split()), struck_most(struck.ravel())
        )
