"""Letters: the columns kept of the recognition network, and the classes they are summed into.

A name is compared without case, accents, spaces and punctuation. So the network's columns are
summed into a few classes: ``A a á à â ã`` into one, space, full stop, comma, hyphen and
apostrophe into the CTC blank. ``æ ä``, ``ø ö`` and ``å`` stay letters of their own.
"""

from __future__ import annotations

import unicodedata

BLANK = 0
"""The class of the CTC blank, and of everything that may stand or be left out between letters."""

LETTERS = "abcdefghijklmnopqrstuvwxyzæøå0123456789?"
"""The classes 1, 2, …; ``?`` is any other sign, which no name has."""

SKIPPED = " .,-'’´`–·"
_SKIPPED_KINDS = ("Pd", "Mn", "Cf")
"""Hyphens and dashes, accents by themselves, soft hyphens."""

OTHER_SIGNS = '()/&:;+=#*!"%@<>_'
_ACCENTED = (
    "áàâãāăąçćčďđðéèêëēėęěğíìîïīłñńňŋóòôõōőŕřśšșşťŧțúùûüūůűųýÿźžżßþ"
    "ÁÀÂÃĀĂĄÇĆČĎĐÉÈÊËĒĖĘĚĞÍÌÎÏĪŁÑŃŇŊÓÒÔÕŌŐŔŘŚŠȘŞŤŦȚÚÙÛÜŪŮŰŲÝŸŹŽŻÞ"
    "äöÄÖ"
)
_SPECIAL = {
    "ä": "æ", "ö": "ø", "đ": "d", "ð": "d", "ł": "l", "ŋ": "n", "ŧ": "t", "ı": "i",
    "œ": "ø", "ß": "ss", "þ": "th",
}  # fmt: skip

KEPT = "".join(
    dict.fromkeys(
        "abcdefghijklmnopqrstuvwxyzæøåABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅ0123456789"
        + _ACCENTED
        + SKIPPED
        + OTHER_SIGNS
    )
)
"""Every sign whose column is kept. The network also has a blank, which is always kept."""


def fold(text: str) -> str:
    """Text as the letters of `LETTERS`, without case, accents, spaces and punctuation.

    Signs that are neither a letter nor left out become ``?``. All hyphens and dashes are left out, and
    accents that have no composed letter: a candidate with one was never found, so that a namesake
    seemed to stand alone.
    """
    folded = []
    for sign in unicodedata.normalize("NFC", text).lower():
        if sign in SKIPPED or sign.isspace() or unicodedata.category(sign) in _SKIPPED_KINDS:
            continue
        plain = _SPECIAL.get(sign) or (sign if sign in LETTERS else unicodedata.normalize("NFD", sign)[0])
        folded.append("".join(s if s in LETTERS else "?" for s in plain))
    return "".join(folded)


def letter_class(sign: str) -> int:
    """The class of one sign of `KEPT`; a sign that folds to two letters counts as its first."""
    letters = fold(sign)
    return LETTERS.index(letters[0]) + 1 if letters else BLANK


def encode(text: str) -> tuple[int, ...]:
    """The classes of a name, in order."""
    return tuple(LETTERS.index(letter) + 1 for letter in fold(text))
