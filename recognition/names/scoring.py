"""How well every name of the lexicon fits what the network saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recognition.names.alphabet import BLANK, LETTERS
from recognition.names.lexicon import FloatArray, IntArray, Lexicon

_NEVER = np.float32(-1e9)
_CERTAIN = 0.995


@dataclass(frozen=True)
class RowScores:
    """Log-probabilities of one row, in nats.

    Attributes:
        free: Of the best text of all, listed or not.
        text: That text.
        entry: Of the best form of each candidate of the lexicon, its cost taken off.
        form: Index of that form.
    """

    free: float
    text: str
    entry: FloatArray
    form: IntArray


def score_row(log_probabilities: FloatArray, lexicon: Lexicon) -> RowScores:
    """Scores every candidate of the lexicon.

    Args:
        log_probabilities: Frames × classes of `recognition.names.alphabet`.

    The score of a form is that of its best CTC path (Viterbi), so that it can be compared frame by
    frame with the free best path: the difference is what the ink has to say against the name.
    """
    nodes = _best_paths(_without_pauses(log_probabilities), lexicon)
    forms = nodes[lexicon.form_node] - lexicon.form_cost
    if lexicon.size:
        entry = np.maximum.reduceat(forms, lexicon.entry_start)
        best = np.flatnonzero(forms == entry[lexicon.form_entry])
        form = np.zeros(lexicon.size, np.int32)
        form[lexicon.form_entry[best[::-1]]] = best[::-1]
    else:
        entry, form = np.zeros(0, np.float32), np.zeros(0, np.int32)
    free = float(log_probabilities.max(axis=1).sum())
    return RowScores(free, best_text(log_probabilities), entry, form)


def best_text(log_probabilities: FloatArray) -> str:
    """The text of the free best path, in the letters of `LETTERS`."""
    path = log_probabilities.argmax(axis=1)
    kept = path[np.flatnonzero(np.diff(path, prepend=-1))]
    return "".join(LETTERS[c - 1] for c in kept if c != BLANK)


def _without_pauses(log_probabilities: FloatArray) -> FloatArray:
    """The frames without those that only repeat that nothing is there.

    Of a run of frames that are certainly blank one is kept, which holds two equal letters
    apart; about half of the frames go, and with them half of the time. A path gains at most
    `-log(_CERTAIN)` for each.
    """
    blank = log_probabilities[:, BLANK] > np.log(_CERTAIN)
    repeated = np.zeros(len(blank), bool)
    repeated[1:] = blank[1:] & blank[:-1]
    return log_probabilities[~repeated]


def _best_paths(log_probabilities: FloatArray, lexicon: Lexicon) -> FloatArray:
    """For each node the score of the best path that spells it, over all frames."""
    count = len(lexicon.label)
    scores = np.full(2 * count, _NEVER, np.float32)  # of all paths, then of those ending blank
    total, blank_ended = scores[:count], scores[count:]
    letter_ended = np.full(count, _NEVER, np.float32)
    total[0] = blank_ended[0] = 0.0
    deepest = len(lexicon.depth_end) - 1
    for step, frame in enumerate(log_probabilities):
        end = int(lexicon.depth_end[min(step + 1, deepest)])
        entered = scores.take(lexicon.entered_from[:end])
        letters = letter_ended[:end]
        np.maximum(letters, entered, out=letters)
        letters += frame.take(lexicon.label[:end])
        letters[0] = _NEVER
        np.add(total[:end], frame[BLANK], out=blank_ended[:end])
        np.maximum(letters, blank_ended[:end], out=total[:end])
    return total
