"""Trains the upper part of the network for handwritten names on real hands and handwriting fonts.

    python -m training.names WHEEL FONTS OUTPUT [--writers even|0|2] [--rows N]

WHEEL is the package rapidocr with the published network; FONTS is a folder of handwriting fonts,
apart from those of the benchmark; OUTPUT gets the weights. Writers with odd numbers
are never looked at. `--writers 0` and `--writers 2` train on half of the others (number modulo 4),
so that the confidence can be fitted on rows of the other half.
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnx
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from benchmarks.name_rows import INSIDE
from benchmarks.name_trials import MIN_INK_MM2
from recognition.geometry import GreyImage
from recognition.names.alphabet import LETTERS, encode, letter_class
from recognition.names.cut_model import CHARACTERS
from recognition.names.ink import CellState, separate
from recognition.names.picture import row_picture
from station.name_model import published_model
from training.eyes import Eyes
from training.neck import FEATURES, Neck
from training.rows import drawn_rows

SEED = 2
BATCH, EPOCHS, RATE, DECAY, STEEPEST = 32, 5, 4e-4, 1e-4, 2.0
_AS_WRITTEN = 0.3
"""Weight of the loss over the signs as written, with capitals, beside that over folded letters."""
_LOST_FEATURES = 0.05


@dataclass(frozen=True)
class Example:
    """A row's features and what it says: folded letters, and columns of the network."""

    features: Tensor
    letters: tuple[int, ...]
    signs: tuple[int, ...]


def training_rows(
    model: bytes, fonts: Sequence[Path], writers: Sequence[int]
) -> Iterator[tuple[GreyImage, str]]:
    """Endless pictures as the network gets them, and what they say."""
    for row in drawn_rows(model, fonts, writers, SEED):
        cell = separate(row.patch, row.blank, INSIDE, MIN_INK_MM2)
        picture = row_picture(cell.ink) if cell.state in (CellState.WRITTEN, CellState.TWO_LINES) else None
        if picture is not None:
            yield picture, row.text


def example_of(picture: GreyImage, text: str, eyes: Eyes, column: dict[str, int]) -> Example | None:
    """None for a row that is too short for its text."""
    (seen,) = eyes.look(picture)
    features = torch.from_numpy(np.ascontiguousarray(seen[:, 0].T))
    letters = encode(text)
    signs = tuple(column[sign] for sign in text if sign in column)
    longest = max(len(c) + sum(a == b for a, b in itertools.pairwise(c)) for c in (letters, signs))
    return Example(features, letters, signs) if letters and longest <= len(features) else None


def train(neck: Neck, examples: list[Example], signs: Sequence[str], epochs: int) -> None:
    """Fits the neck to the examples."""
    folding = [
        torch.tensor([i for i, c in enumerate([0, *map(letter_class, signs)]) if c == k])
        for k in range(len(LETTERS) + 1)
    ]
    steps = epochs * (len(examples) // BATCH + 2)
    optimizer = torch.optim.AdamW(neck.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.15)
    neck.train()
    for epoch in range(epochs):
        losses = []
        for batch in _batches(examples):
            features, valid, lengths = _padded(batch)
            if random.random() < 0.5:
                features = features * (torch.rand_like(features) > _LOST_FEATURES)
            seen = neck(features, valid).log_softmax(-1)
            folded = torch.stack([seen[..., members].logsumexp(-1) for members in folding], -1)
            loss = _ctc(folded, [e.letters for e in batch], lengths)
            loss = loss + _AS_WRITTEN * _ctc(seen, [e.signs for e in batch], lengths)
            optimizer.zero_grad()
            loss.backward()
            clip_grad_norm_(neck.parameters(), STEEPEST)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1} of {epochs}: loss {np.mean(losses):.4f}", flush=True)
    neck.eval()


def _batches(examples: list[Example]) -> Iterator[list[Example]]:
    """Rows of about equal length together, in random order."""
    shuffled = random.sample(examples, len(examples))
    for start in range(0, len(shuffled), 20 * BATCH):
        pool = sorted(shuffled[start : start + 20 * BATCH], key=lambda e: len(e.features))
        batches = [pool[i : i + BATCH] for i in range(0, len(pool), BATCH)]
        random.shuffle(batches)
        yield from batches


def _padded(batch: list[Example]) -> tuple[Tensor, Tensor, Tensor]:
    lengths = torch.tensor([len(e.features) for e in batch])
    features = torch.nn.utils.rnn.pad_sequence([e.features for e in batch], batch_first=True)
    return features, torch.arange(features.shape[1])[None, :] < lengths[:, None], lengths


def _ctc(seen: Tensor, texts: list[tuple[int, ...]], lengths: Tensor) -> Tensor:
    counts = torch.tensor([len(text) for text in texts])
    spelt = torch.tensor([letter for text in texts for letter in text])
    losses = functional.ctc_loss(
        seen.transpose(0, 1), spelt, lengths, counts, reduction="none", zero_infinity=True
    )
    return (losses / counts.clamp(min=1)).mean()


def main() -> None:
    """Trains and writes the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("fonts", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--writers", choices=("even", "0", "2"), default="even")
    parser.add_argument("--rows", type=int, default=11000)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    torch.manual_seed(SEED)
    random.seed(SEED)
    published = published_model(arguments.wheel)
    model = onnx.load_from_string(published)
    signs = next(p.value for p in model.metadata_props if p.key == CHARACTERS).split("\n")
    column, eyes, neck = {sign: i for i, sign in enumerate(signs, 1)}, Eyes(model, [FEATURES]), Neck(model)
    fonts = [file.with_suffix("") for file in sorted(arguments.fonts.glob("*.ttf"))]
    writers = (0, 2) if arguments.writers == "even" else (int(arguments.writers),)
    examples: list[Example] = []
    for picture, text in training_rows(published, fonts, writers):
        if len(examples) == arguments.rows:
            break
        example = example_of(picture, text, eyes, column)
        examples += [] if example is None else [example]
        if len(examples) % 500 == 0:
            print(f"{len(examples)} of {arguments.rows} rows", flush=True)
    train(neck, examples, signs, arguments.epochs)
    with torch.no_grad():
        weights = {name: neck.weight(name).numpy().astype(np.float16) for name in neck.names}
    np.savez_compressed(arguments.output, **weights)


if __name__ == "__main__":
    main()
