"""Finding and comparing printed text on a blank: labels of boxes, headers, digits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from ballot.geometry import Box
from ballot.layout import DigitField
from calibration.blank import BlankSide, Word

_NUMBER = re.compile(r"^(\d{1,3})[.):]*$")
_GLUED_NUMBER = re.compile(r"^(\d{1,3})[.):]+(\S+)$")
_LEADER = re.compile(r"\s*(?:(?:[._\u00b7]\s?){4,}|(?:\u2026\s?)+)")
"""Dots that lead from a name to what stands in the next column; no name has four of them in a row."""

_DETAILS = re.compile(r"\s*\(|,?\s+(?:f\.?|født|fødd)\s*\d|,?\s+(?:18|19|20)\d\d\b")
"""What begins to tell more of a person: «(V)», «(1967)», «f. 2002, Vik»."""

OCR_SIMILARITY = 85
"""Percent alike that counts as the same when text was read from pixels. Names of different
candidates of one list are seldom more than 80 % alike, and the printed number must agree too."""


_HEADER_MM = 6.88
"""19.5 points: a party header has 20 by regulation, less what a print house may round away."""


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed beside a box: an optional number, and the text after it.

    Attributes:
        names: What may be the name alone where more is told of the person on the same line.
    """

    number: int | None
    text: str
    box: Box
    names: tuple[str, ...] = ()


def normalised(text: str) -> str:
    """Case, accents as composed characters, spaces and hyphen forms made equal."""
    text = unicodedata.normalize("NFC", text).casefold()
    text = re.sub(r"[\u2010-\u2015\u2212\u00ad]", "-", text)
    return " ".join(text.split())


def same_text(printed: str, expected: str, *, exact: bool) -> bool:
    """Whether printed text is the expected one, allowing for misread letters when not `exact`."""
    a, b = normalised(printed), normalised(expected)
    if a == b:
        return True
    return not exact and fuzz.ratio(a, b) >= OCR_SIMILARITY


def name_orders(printed: str) -> tuple[str, ...]:
    """A printed name as it stands, and with the surname last where it stands first."""
    last, comma, first = printed.partition(",")
    return (printed, f"{first.strip()} {last}") if comma else (printed,)


def _bare_names(printed: str) -> tuple[str, ...]:
    """What may be the name in a line that goes on with year, place or party, the fullest first."""
    last, *others = (part.strip() for part in _DETAILS.split(printed)[0].split(","))
    return (f"{others[0]} {last}", last) if others else (last,)


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around all of `boxes` (at least one)."""
    first, *rest = boxes
    for box in rest:
        first = first.united(box)
    return first


def text_rows(words: Sequence[Word]) -> list[list[Word]]:
    """Groups words into printed rows, top to bottom, each from left to right."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.box.center_mm[1]):
        if rows and _on_row(rows[-1], word):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda w: w.box.x_mm) for row in rows]


def _on_row(row: Sequence[Word], word: Word) -> bool:
    """Whether a word stands on a row; a hyphen's box is a sixth of a millimetre high."""
    other = max(row, key=lambda w: w.box.h_mm).box
    shared = min(other.bottom_mm, word.box.bottom_mm) - max(other.y_mm, word.box.y_mm)
    return shared > 0.35 * min(other.h_mm, word.box.h_mm)


def segments(row: Sequence[Word], max_gap_mm: float) -> list[list[Word]]:
    """Cuts a row where the space between words exceeds `max_gap_mm`."""
    parts: list[list[Word]] = []
    for word in row:
        if parts and word.box.x_mm - parts[-1][-1].box.right_mm <= max_gap_mm:
            parts[-1].append(word)
        else:
            parts.append([word])
    return parts


WIDE_GAP, NARROW_GAP = 1.25, 0.75
"""Spaces wider than this many font sizes end a label. Typewriter faces leave almost one font size
between words; in book faces a column may follow closer than that, so both are tried."""


def label_gap_mm(words: Sequence[Word], gap_factor: float = WIDE_GAP) -> float:
    """How much space between words ends a label."""
    return max(1.0, gap_factor * max(w.font_mm for w in words))


def label_from_words(words: Sequence[Word], gap_factor: float = WIDE_GAP) -> Label | None:
    """The label made of the first words of a row: number, then text up to the first wide gap."""
    if not words:
        return None
    number: int | None = None
    rest = list(words)
    if match := _NUMBER.match(rest[0].text):
        number, rest = int(match[1]), rest[1:]
    elif match := _GLUED_NUMBER.match(rest[0].text):
        number = int(match[1])
        rest[0] = Word(match[2], rest[0].box, rest[0].font_mm)
    if not rest:
        return Label(number, "", words[0].box)
    text_words = _before_leader(segments(rest, label_gap_mm(rest, gap_factor))[0])
    text = re.sub(r",?\s*(f\.\s*)?(18|19|20)\d\d$", "", " ".join(w.text for w in text_words)).strip()
    return Label(number, text, union(w.box for w in [words[0], *text_words]), _bare_names(text))


def _before_leader(words: Sequence[Word]) -> list[Word]:
    """The words up to a row of dots, which may follow the last one without a space."""
    before: list[Word] = []
    length = 0
    leader = _LEADER.search(" ".join(word.text for word in words))
    for word in words:
        text = word.text if leader is None else word.text[: max(0, leader.start() - length)]
        if not text:
            break
        before.append(replace(word, text=text))
        length += len(word.text) + 1
    return before


def find_digits(side: BlankSide, digits: str) -> DigitField | None:
    """Finds a printed run of digits, which may be cut into groups by spaces."""
    for row in text_rows(side.words):
        for start in range(len(row)):
            joined = ""
            used: list[Word] = []
            for word in row[start:]:
                cleaned = word.text if word.text.isdigit() else ""
                if not cleaned:
                    break
                joined, used = joined + cleaned, [*used, word]
                if joined == digits:
                    return _digit_field(side, union(w.box for w in used), digits)
    return None


def digit_runs(side: BlankSide, length: int) -> list[str]:
    """All printed runs of exactly `length` digits."""
    runs = []
    for row in text_rows(side.words):
        for part in segments(row, 4.0):
            joined = "".join(w.text for w in part)
            if joined.isdigit() and len(joined) == length:
                runs.append(joined)
            else:
                runs += [w.text for w in part if w.text.isdigit() and len(w.text) == length]
    return runs


def _digit_field(side: BlankSide, box: Box, digits: str) -> DigitField | None:
    """Cuts a digit line into its digits by the empty columns between them."""
    from calibration.digit_cut import cut_digits

    boxes = cut_digits(side.grey, box, len(digits))
    return DigitField(box=union(boxes), text=digits, digits=boxes) if boxes else None


def header_words(side: BlankSide) -> list[Word]:
    """The words in the largest print of a side, in reading order, with the signs between them.

    A party header is at least 20 points by regulation; a title above it may be larger by half.
    """
    words = side.words
    # Font sizes judged from pixels depend on whether a word has tall letters or tails.
    share = 0.75 if side.from_text_layer else 0.6
    largest = max((w.font_mm for w in words if _has_letter(w)), default=0.0)
    if largest == 0.0:
        return []
    least = share * largest
    if side.from_text_layer:
        least = min(least, _HEADER_MM)
    header = []
    for row in text_rows(words):
        big = [w for w in row if _has_letter(w) and w.font_mm >= least]
        if big:
            left, right = big[0].box.x_mm - largest, big[-1].box.right_mm + largest
            header += [w for w in row if w in big or (not _has_letter(w) and left < w.box.x_mm < right)]
    return header


def _has_letter(word: Word) -> bool:
    return any(c.isalpha() for c in word.text)
