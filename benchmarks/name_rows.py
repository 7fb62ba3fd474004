"""Write-in rows with known truth: real words put together into names, and handwriting fonts.

Real words come from ``../shared/handwriting`` (Copiste d'un jour, BAnQ, CC BY 4.0), which is not
part of the product. A row is drawn as it lies on a ballot: in a cell with printed lines and, in
part, strokes of the rows above and below.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from calibration.testdeck.handwriting import Writer, write_text
from calibration.testdeck.paper import Paper
from calibration.testdeck.pens import PEN_KINDS, pick_up_pen
from recognition.geometry import GreyImage
from recognition.names.alphabet import fold
from recognition.patches import PX_PER_MM

HANDWRITING = Path(__file__).resolve().parents[2] / "shared" / "handwriting"
CELL_MM = (84.0, 9.5)
OVER_MM, SIDE_MM = 5.7, 3.0
INSIDE = round(SIDE_MM * PX_PER_MM), round(OVER_MM * PX_PER_MM)
MIN_LETTERS = 4
"""French function words are shorter than any surname, and are written as a single stroke."""
_LINE_PX = 2

Ink = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Word:
    """A handwritten word and what it says."""

    file: Path
    writer: str
    text: str


@dataclass(frozen=True)
class Row:
    """A row as scanned, its blank, and the name that is written there."""

    kind: str
    writer: str
    text: str
    patch: GreyImage
    blank: GreyImage


def load_words(proof: bool) -> dict[str, list[Word]]:
    """Words of at least `MIN_LETTERS` by writer; writers with an odd number are kept for proof."""
    words: dict[str, list[Word]] = {}
    with (HANDWRITING / "words.tsv").open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            text = line["text"].strip('.,;:()"«»')
            if len(fold(text)) < MIN_LETTERS or not text.replace("-", "").replace("'", "").isalpha():
                continue
            if (int(line["writer"]) % 2 == 1) is proof:
                word = Word(HANDWRITING / line["file"], line["writer"], text)
                words.setdefault(line["writer"], []).append(word)
    return words


def word_ink(word: Word) -> Ink:
    """The darkness of a word's picture, without the writer's ruled lines, cropped sideways."""
    grey = cv2.imread(str(word.file), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise FileNotFoundError(word.file)
    paper = float(np.percentile(grey, 90))
    ink = np.clip((paper - grey.astype(np.float32)) / paper, 0, 1).astype(np.float32)
    mask = (ink > 0.12).astype(np.uint8)
    length = max(24, int(ink.shape[1] * 0.3))
    rules = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    rules = cv2.dilate(rules, np.ones((3, 1), np.uint8))
    upright = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((6, 1), np.uint8))
    ink[(rules > 0) & (upright == 0)] = 0
    ink /= max(float(np.percentile(ink[ink > 0.15], 90)), 0.2) if (ink > 0.15).any() else 1.0
    columns = np.flatnonzero((ink > 0.4).any(axis=0))
    cut = ink[:, columns[0] : columns[-1] + 1] if columns.size > 2 else ink
    return np.asarray(np.clip(cut, 0, 1), np.float32)


def _body(ink: Ink) -> tuple[int, int]:
    """Rows of the small letters' tops and feet: where most of the ink lies."""
    profile = ink.sum(axis=1)
    rows = np.flatnonzero(profile > 0.4 * profile.max())
    return int(rows[0]), int(rows[-1]) + 1


def _scaled(ink: Ink, scale: float) -> Ink:
    return np.asarray(cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.float32)


def word_line(words: list[Word], rng: np.random.Generator) -> Ink:
    """The words on one baseline, their letters about equally large, as one hand writes a name."""
    pieces = [word_ink(word) for word in words]
    first = _body(pieces[0])
    line = np.zeros((192, 24), np.float32)
    for number, piece in enumerate(pieces):
        body = _body(piece)
        if number:
            scale = (first[1] - first[0]) / (body[1] - body[0]) * float(rng.uniform(0.9, 1.1))
            piece = _scaled(piece, scale)
            body = _body(piece)
        foot = 112 + int(rng.integers(-2, 3))
        placed = np.zeros((192, piece.shape[1] + int(rng.integers(10, 24))), np.float32)
        top = foot - body[1]
        low, high = max(top, 0), min(top + piece.shape[0], 192)
        placed[low:high, : piece.shape[1]] = piece[low - top : high - top]
        line = np.hstack([line, placed])
    ys, xs = np.nonzero(line > 0.2)
    return line[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]


def empty_cell(lines: float, rng: np.random.Generator) -> tuple[GreyImage, GreyImage]:
    """Scan and blank of an empty cell; the lines lie a pixel apart at most."""
    size = (
        round((CELL_MM[1] + 2 * OVER_MM) * PX_PER_MM),
        round((CELL_MM[0] + 2 * SIDE_MM) * PX_PER_MM),
    )
    images = []
    for shift in (int(rng.integers(-1, 2)), 0):
        image = np.full(size, 250, np.uint8)
        for y in (INSIDE[1], size[0] - INSIDE[1]):
            image[y + shift : y + shift + _LINE_PX] = int(250 * (1 - lines))
        for x in (INSIDE[0], size[1] - INSIDE[0]):
            image[:, x + shift : x + shift + _LINE_PX] = int(250 * (1 - lines))
        images.append(image)
    return images[0], images[1]


def real_row(
    kind: str,
    words: list[Word],
    rng: np.random.Generator,
    bilevel: bool = False,
    others: tuple[list[Word], list[Word]] | None = None,
) -> Row:
    """A row of one writer's words in a printed cell.

    Args:
        others: What the writer wrote in the rows above and below, whose strokes come into this one.
    """
    patch, blank = empty_cell(float(rng.uniform(0.5, 0.9)), rng)
    line = word_line(words, rng)
    room = patch.shape[1] - 2 * INSIDE[0] - 16
    height = float(rng.uniform(0.55, 0.95)) * CELL_MM[1] * PX_PER_MM
    scale = min(height / line.shape[0], room / line.shape[1], 1.1)
    line = _scaled(line, scale)
    left = INSIDE[0] + 6 + int(rng.integers(0, max(1, min(60, room - line.shape[1]))))
    middle = patch.shape[0] // 2 + int(rng.integers(-4, 5))
    top = middle - line.shape[0] // 2
    strength = float(rng.uniform(0.7 if bilevel else 0.5, 1.0))
    region = patch[top : top + line.shape[0], left : left + line.shape[1]]
    region[:] = (region * (1 - line * strength)).astype(np.uint8)
    for side, written in zip((-1, 1), others or (), strict=False):
        _write_beside(patch, written, side, scale, strength, rng)
    noisy = patch.astype(np.float32) + rng.normal(0, 3, patch.shape)
    if bilevel:
        noisy = np.where(noisy < 250 * (1 - 0.35 * strength), 0.0, 255.0)
    patch = np.clip(noisy, 0, 255).astype(np.uint8)
    text = " ".join(word.text for word in words)
    return Row(kind, words[0].writer, text, patch, blank)


def _write_beside(
    patch: GreyImage, words: list[Word], side: int, scale: float, strength: float, rng: np.random.Generator
) -> None:
    """Writes into the row above (-1) or below (1), as much of which as lies on the patch."""
    line = word_line(words, rng)
    scale = min(scale, (patch.shape[1] - 2 * INSIDE[0] - 16) / line.shape[1])
    line = _scaled(line, scale)
    left = INSIDE[0] + 6 + int(rng.integers(0, 30))
    line = line[:, : patch.shape[1] - left]
    middle = patch.shape[0] / 2 + side * (CELL_MM[1] * PX_PER_MM - float(rng.uniform(0, 14)))
    top = round(middle - line.shape[0] / 2)
    first, last = max(0, -top), min(line.shape[0], patch.shape[0] - top)
    if last > first:
        region = patch[top + first : top + last, left : left + line.shape[1]]
        region[:] = (region * (1 - line[first:last] * strength)).astype(np.uint8)


def font_row(kind: str, text: str, font: str, rng: np.random.Generator, capitals: bool, pen: str) -> Row:
    """A row in a handwriting font, bent and shaken."""
    patch, blank = empty_cell(float(rng.uniform(0.5, 0.9)), rng)
    paper = Paper(np.repeat(patch[:, :, None], 3, axis=2), PX_PER_MM, PX_PER_MM)
    writer = Writer(
        font=font,
        capital_mm=float(rng.uniform(3.0, 4.6)),
        slant=float(rng.normal(0.05, 0.12)),
        rise=float(rng.normal(0, 0.012)),
        unrest=float(rng.uniform(0.03, 0.07)),
        capitals=capitals,
    )
    write_text(paper, text, Box(SIDE_MM, OVER_MM, *CELL_MM), writer, pick_up_pen(PEN_KINDS[pen], rng), rng)
    grey = cv2.cvtColor(paper.image, cv2.COLOR_RGB2GRAY).astype(np.float32) + rng.normal(0, 3, patch.shape)
    return Row(kind, font, text, np.clip(grey, 0, 255).astype(np.uint8), blank)
