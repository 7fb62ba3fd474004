"""Where in a row the letters of a known text stand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recognition.names.alignment import letter_frames
from recognition.names.alphabet import LETTERS, encode


def seen(path: str) -> npt.NDArray[np.float32]:
    """Frames that show these letters; a full stop is a pause."""
    frames = np.full((len(path), len(LETTERS) + 1), 0.001, np.float32)
    for place, sign in enumerate(path):
        frames[place, 0 if sign == "." else LETTERS.index(sign) + 1] = 0.9
    return np.log(frames)


def test_letters_stand_where_they_are_seen() -> None:
    assert letter_frames(seen("..aa.b..b"), encode("abb")) == [(2, 3), (5, 5), (8, 8)]


def test_wrong_letter_takes_the_place_of_the_one_seen() -> None:
    assert letter_frames(seen("a.c.b"), encode("adb")) == [(0, 0), (2, 2), (4, 4)]


def test_row_too_short_for_the_text_has_no_places() -> None:
    assert letter_frames(seen("ab"), encode("abc")) is None
    assert letter_frames(seen("aa"), encode("aa")) is None
    assert letter_frames(seen("ab"), ()) is None
