"""Rows to train on: words and line segments of the collection, and invented names in fonts.

Writers with odd numbers, kept for proof, are never looked at.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np

from benchmarks.name_rows import CELL_MM, INSIDE, Ink, Word, empty_cell, font_row, load_words, word_line
from recognition.geometry import GreyImage
from recognition.names.network import NameNetwork
from recognition.names.struck import SHAPES, add_head
from recognition.patches import PX_PER_MM
from training.line_names import CutLine, cut_lines


def _sounds(text: str) -> list[str]:
    return text.split()


_ONSETS = _sounds(
    "b br bj d dr f fj fl fr g gj gr h hj hv j k kj kl kn kr kv l m n p pr r s sj sk sl sm sn st"
)
_ONSETS += _sounds("str sv t tr tv v")
_NUCLEI = _sounds("a e i o u y æ ø å a e i o ei au øy ie ia")
_CODAS = _sounds("d g k l ld ll lt m n nd ng nn nt p r rd rg rk rn rs rt s sk ss st t tt x") + [""] * 24
_ENDINGS = _sounds("sen stad vik nes land berg heim dal ø bø rud set ås a e")


SHARES = (0.38, 0.27, 0.35)
"""Of rows in fonts, of words put together, and of segments of lines."""


@dataclass(frozen=True)
class DrawnRow:
    """A row as scanned, its blank, what it says, and whose hand it is."""

    patch: GreyImage
    blank: GreyImage
    text: str
    writer: str


def drawn_rows(model: bytes, fonts: Sequence[Path], writers: Sequence[int], seed: int) -> Iterator[DrawnRow]:
    """Endless rows of the writers whose number modulo 4 is among `writers`, and of the fonts."""
    chance, rng = random.Random(seed), np.random.default_rng(seed)
    words = {w: group for w, group in load_words(proof=False).items() if int(w) % 4 in writers}
    wanted = {f"{number:04d}" for number in range(10_000) if number % 4 in writers}
    lines = list(cut_lines(NameNetwork(add_head(model, _no_head())), wanted))
    sources = (
        _font_rows(fonts, chance, rng),
        _word_rows(words, chance, rng),
        _segment_rows(lines, chance, rng),
    )
    while True:
        yield next(chance.choices(sources, SHARES)[0])


def invented_name(chance: random.Random) -> str:
    """Syllables with æ, ø and å that spell nobody's name, so that no name is learnt by heart."""
    words = []
    for _ in range(chance.choice((1, 2, 2, 2, 3))):
        syllables = [
            chance.choice([*_ONSETS, ""]) + chance.choice(_NUCLEI) + chance.choice(_CODAS)
            for _ in range(chance.choice((1, 1, 2, 2, 3)))
        ]
        word = "".join(syllables) + (chance.choice(_ENDINGS) if chance.random() < 0.3 else "")
        if chance.random() < 0.12:
            word = word[0] + chance.choice((".", ""))
        words.append(word[0].upper() + word[1:])
    joint = "-" if len(words) == 3 and chance.random() < 0.3 else " "
    return " ".join([joint.join(words[:2]), *words[2:]]) if len(words) > 1 else words[0] + "er"


def _no_head() -> bytes:
    """A head that says nothing, for a network that is only to read."""
    archive = BytesIO()
    np.savez(archive, **{name: np.zeros(shape, np.float16) for name, shape in SHAPES.items()})
    return archive.getvalue()


def _font_rows(fonts: Sequence[Path], chance: random.Random, rng: np.random.Generator) -> Iterator[DrawnRow]:
    """Endless invented names in handwriting fonts."""
    while True:
        font = chance.choice(fonts)
        pen = chance.choice(("ballpoint_blue", "ballpoint_black", "pencil"))
        text = invented_name(chance)
        row = font_row("font", text, str(font), rng, chance.random() < 0.4, pen)
        yield DrawnRow(row.patch, row.blank, text, font.stem)


def _word_rows(
    words: dict[str, list[Word]], chance: random.Random, rng: np.random.Generator
) -> Iterator[DrawnRow]:
    """Endless rows of one to three words of one writer."""
    every = [word for group in words.values() for word in group]
    while True:
        first = chance.choice(every)
        chosen = [first, *chance.choices(words[first.writer], k=chance.choice((0, 1, 1, 1, 2)))]
        yield from _real(word_line(chosen, rng), " ".join(w.text for w in chosen), first.writer, rng)


def _segment_rows(
    lines: Sequence[CutLine], chance: random.Random, rng: np.random.Generator
) -> Iterator[DrawnRow]:
    """Endless rows of one to three neighbouring words of a line."""
    while True:
        line = chance.choice(lines)
        count = min(chance.choice((1, 2, 2, 2, 3)), len(line.words))
        start = chance.randrange(len(line.words) - count + 1)
        chosen = line.words[start : start + count]
        if all(word.usable for word in chosen) and sum(len(word.text) for word in chosen) >= 4:
            ink = line.ink[:, chosen[0].left : chosen[-1].right]
            yield from _real(ink, " ".join(word.text for word in chosen), line.writer, rng)


def _real(ink: Ink, text: str, writer: str, rng: np.random.Generator) -> Iterator[DrawnRow]:
    ink = _cropped(_bent(ink, rng))
    if ink.shape[0] < 8 or ink.shape[1] < 12:
        return
    patch, blank = empty_cell(float(rng.uniform(0.5, 0.9)), rng)
    room = patch.shape[1] - 2 * INSIDE[0] - 16
    height = float(rng.uniform(0.5, 0.95)) * CELL_MM[1] * PX_PER_MM
    scale = min(height / ink.shape[0], room / ink.shape[1], 1.2)
    ink = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    left = INSIDE[0] + 6 + int(rng.integers(0, max(1, min(60, room - ink.shape[1]))))
    top = patch.shape[0] // 2 + int(rng.integers(-6, 7)) - ink.shape[0] // 2
    strength = float(rng.uniform(0.35, 1.0))
    region = patch[top : top + ink.shape[0], left : left + ink.shape[1]]
    region[:] = (region * (1 - np.clip(ink, 0, 1) * strength)).astype(np.uint8)
    noisy = patch + rng.normal(0, float(rng.uniform(1, 6)), patch.shape)
    if strength > 0.6 and rng.random() < 0.2:
        noisy = np.where(noisy < 250 * (1 - float(rng.uniform(0.25, 0.5)) * strength), 0.0, 255.0)
    yield DrawnRow(np.clip(noisy, 0, 255).astype(np.uint8), blank, text, writer)


def _bent(ink: Ink, rng: np.random.Generator) -> Ink:
    """The ink slanted, stretched, waved, and drawn with another pen."""
    height, width = ink.shape
    slant, stretch = float(rng.normal(0, 0.15)), float(np.exp(rng.normal(0, 0.12)))
    rise = float(rng.normal(0, 0.012))
    pad = int(abs(slant) * height) + 4
    size = (int(width * stretch) + 2 * pad, height + 2 * int(abs(rise) * width * stretch) + 6)
    ys, xs = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    coarse = (3, max(3, size[0] // 24))
    wave = [
        cv2.resize(rng.normal(0, 0.9, coarse).astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
        for _ in "xy"
    ]
    source_x = (xs - pad + (ys - size[1] / 2) * slant) / stretch + wave[0]
    source_y = ys - (size[1] - height) / 2 + (xs - size[0] / 2) * rise + wave[1]
    bent = cv2.remap(ink, source_x.astype(np.float32), source_y.astype(np.float32), cv2.INTER_LINEAR)
    kind = rng.random()
    if kind < 0.25:
        bent = 0.5 * bent + 0.5 * cv2.dilate(bent, np.ones((2, 2), np.uint8))
    elif kind < 0.4:
        bent = 0.4 * bent + 0.6 * cv2.erode(bent, np.ones((2, 2), np.uint8))
    elif kind < 0.55:
        bent = cv2.GaussianBlur(bent, (3, 3), 0)
    return np.asarray(np.clip(bent, 0, 1), np.float32)


def _cropped(ink: Ink) -> Ink:
    ys, xs = np.flatnonzero((ink > 0.3).any(axis=1)), np.flatnonzero((ink > 0.3).any(axis=0))
    return ink[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1] if ys.size and xs.size else ink[:0, :0]
