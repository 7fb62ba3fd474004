"""Where in a row each letter of a name is, and what the ink there has against it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recognition.names.alphabet import BLANK, encode
from recognition.names.lexicon import FloatArray

_NEVER = -1e9


def token_gaps(log_probabilities: FloatArray, form: str) -> tuple[tuple[int, float], ...]:
    """For each name of a form its letters, and the nats by which the free best text fits better.

    One name that fits perfectly must not make up for another that does not fit at all, so they are
    weighed apart. What stands between two names counts with the one before it.

    Args:
        form: Names with spaces between them.
    """
    tokens = [encode(token) for token in form.split()]
    code = [letter for token in tokens for letter in token]
    lengths = [len(token) for token in tokens]
    if not code or len(code) > len(log_probabilities):
        return ()
    letter_at = _letters_of_frames(log_probabilities, np.array(code))
    states = np.where(letter_at % 2 == 1, np.array([*code, BLANK])[letter_at // 2], BLANK)
    places = np.arange(len(log_probabilities))
    lost = log_probabilities.max(axis=1) - log_probabilities[places, states]
    letters = np.clip((letter_at + 1) // 2 - 1, 0, len(code) - 1)
    token_of = np.repeat(np.arange(len(tokens)), lengths)[letters]
    gaps = np.bincount(token_of, weights=lost, minlength=len(tokens))
    return tuple((n, float(gap)) for n, gap in zip(lengths, gaps, strict=True) if n)


def letter_frames(log_probabilities: FloatArray, code: Sequence[int]) -> list[tuple[int, int]] | None:
    """The first and last frame of each letter on the best path; None when the row is too short."""
    if not code or len(code) > len(log_probabilities):
        return None
    letter_at = _letters_of_frames(log_probabilities, np.array(code))
    found = []
    for number in range(len(code)):
        frames = np.flatnonzero(letter_at == 2 * number + 1)
        if not frames.size:
            return None
        found.append((int(frames[0]), int(frames[-1])))
    return found


def _letters_of_frames(log_probabilities: FloatArray, code: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The state of the best path in each frame: odd for letters, even for the pauses around them."""
    count = 2 * len(code) + 1
    labels = np.zeros(count, np.int64)
    labels[1::2] = code
    may_skip = np.zeros(count, bool)
    may_skip[3::2] = code[1:] != code[:-1]
    score = np.full(count, _NEVER)
    score[:2] = log_probabilities[0, labels[:2]]
    came = np.zeros((len(log_probabilities), count), np.int8)
    for t in range(1, len(log_probabilities)):
        step = np.concatenate([[_NEVER], score[:-1]])
        skip = np.where(may_skip, np.concatenate([[_NEVER, _NEVER], score[:-2]]), _NEVER)
        choices = np.stack([score, step, skip])
        came[t] = choices.argmax(axis=0)
        score = choices.max(axis=0) + log_probabilities[t, labels]
    path = np.empty(len(log_probabilities), np.int64)
    state = count - 1 if score[-1] >= score[-2] else count - 2
    for t in range(len(path) - 1, -1, -1):
        path[t] = state
        state -= int(came[t, state])
    return path
