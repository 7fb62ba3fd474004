"""Names cut out of whole handwritten lines: neighbouring words with the writer's own spacing.

Single words of the collection were cut at clear gaps, so neat writers are over-represented among
them. Lines come from all writers. The network itself finds where in a line each word stands: the
known text is aligned with what it sees, and the line is cut at the emptiest column between words.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.name_rows import HANDWRITING, Ink, Word, word_ink
from recognition.names.alignment import letter_frames
from recognition.names.alphabet import encode, fold
from recognition.names.network import ROW_HEIGHT_PX, NameNetwork

FRAME_PX = 8
MAX_GAP = 2.5
"""A word whose letters lie further from what the network sees, in nats a letter, is left out: its
label or its place is wrong more often than its writing is hard."""


@dataclass(frozen=True)
class LineWord:
    """A word in a line: its text, and the columns of the line's ink that it takes."""

    text: str
    left: int
    right: int
    usable: bool


@dataclass(frozen=True)
class CutLine:
    """A line's ink and the words found in it, in order."""

    writer: str
    ink: Ink
    words: tuple[LineWord, ...]


def cut_lines(network: NameNetwork, wanted: set[str]) -> Iterator[CutLine]:
    """The lines of the wanted writers, cut into words."""
    with (HANDWRITING / "lines.tsv").open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            texts = [text for text in line["text"].split() if fold(text)]
            if line["writer"] not in wanted or len(texts) < 2 or "wikitexte" in line["text"]:
                continue
            ink = word_ink(Word(HANDWRITING / line["file"], line["writer"], line["text"]))
            words = _words_of(ink, texts, network)
            if words:
                yield CutLine(line["writer"], ink, words)


def _words_of(ink: Ink, texts: list[str], network: NameNetwork) -> tuple[LineWord, ...]:
    scale = ROW_HEIGHT_PX / ink.shape[0]
    width = max(FRAME_PX * 2, int(np.ceil(ink.shape[1] * scale / FRAME_PX)) * FRAME_PX)
    small = cv2.resize(ink, (width, ROW_HEIGHT_PX), interpolation=cv2.INTER_AREA)
    seen = network.read(np.asarray(np.clip(255 * (1 - small), 0, 255), np.uint8)).log_probabilities
    codes = [encode(text) for text in texts]
    frames = letter_frames(seen, [letter for code in codes for letter in code])
    if frames is None:
        return ()
    lost = seen.max(axis=1)
    px_per_frame = ink.shape[1] / len(seen)
    columns = ink.sum(axis=0)
    spans, start = [], 0
    for code in codes:
        spans.append((frames[start][0], frames[start + len(code) - 1][1]))
        start += len(code)
    edges = [0]
    for (_, end), (begin, _) in itertools.pairwise(spans):
        low, high = int(end * px_per_frame), max(int((begin + 1) * px_per_frame), int(end * px_per_frame) + 1)
        smooth = np.convolve(columns[low:high], np.ones(5), "same")
        edges.append(low + int(smooth.argmin()))
    edges.append(ink.shape[1])
    words, start = [], 0
    for text, code, left, right in zip(texts, codes, edges[:-1], edges[1:], strict=True):
        inside = frames[start : start + len(code)]
        gap = sum(
            float((lost[a : b + 1] - seen[a : b + 1, letter]).sum())
            for letter, (a, b) in zip(code, inside, strict=True)
        )
        start += len(code)
        words.append(LineWord(text, left, right, gap <= MAX_GAP * len(code) and right - left > 8))
    return tuple(words)
