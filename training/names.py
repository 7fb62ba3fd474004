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
import onnxruntime
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from benchmarks.name_rows import load_words
from recognition.geometry import GreyImage
from recognition.names.alphabet import LETTERS, encode, letter_class
from recognition.names.cut_model import CHARACTERS
from recognition.names.network import NameNetwork
from station.name_model import published_model
from training.line_names import cut_lines
from training.neck import FEATURES, Neck
from training.rows import TrainingRow, font_rows, segment_rows, word_rows

SEED = 2
SHARES = (0.38, 0.27, 0.35)
"""Of rows in fonts, of words put together, and of segments of lines."""
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


class Eyes:
    """The part of the network that stays as published."""

    def __init__(self, model: onnx.ModelProto) -> None:
        seeing = onnx.ModelProto()
        seeing.CopyFrom(model)
        seeing.graph.output.append(onnx.helper.make_tensor_value_info(FEATURES, onnx.TensorProto.FLOAT, None))
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            seeing.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def features(self, picture: GreyImage) -> Tensor:
        """Frames × 384."""
        plane = picture.astype(np.float32) / 127.5 - 1.0
        found = self._session.run([FEATURES], {"x": np.stack([plane] * 3)[np.newaxis]})[0][0]
        return torch.from_numpy(np.ascontiguousarray(found[:, 0].T))


def training_rows(model: bytes, fonts: Sequence[Path], writers: Sequence[int]) -> Iterator[TrainingRow]:
    """Endless rows of the writers whose number modulo 4 is among `writers`."""
    chance, rng = random.Random(SEED), np.random.default_rng(SEED)
    words = {w: group for w, group in load_words(proof=False).items() if int(w) % 4 in writers}
    wanted = {f"{number:04d}" for number in range(10_000) if number % 4 in writers}
    lines = list(cut_lines(NameNetwork(model), wanted))
    sources = (font_rows(fonts, chance, rng), word_rows(words, chance, rng), segment_rows(lines, chance, rng))
    while True:
        yield next(chance.choices(sources, SHARES)[0])


def example_of(row: TrainingRow, eyes: Eyes, column: dict[str, int]) -> Example | None:
    """None for a row that is too short for its text."""
    features = eyes.features(row.picture)
    letters = encode(row.text)
    signs = tuple(column[sign] for sign in row.text if sign in column)
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
    column, eyes, neck = {sign: i for i, sign in enumerate(signs, 1)}, Eyes(model), Neck(model)
    fonts = [file.with_suffix("") for file in sorted(arguments.fonts.glob("*.ttf"))]
    writers = (0, 2) if arguments.writers == "even" else (int(arguments.writers),)
    examples: list[Example] = []
    for row in training_rows(published, fonts, writers):
        if len(examples) == arguments.rows:
            break
        example = example_of(row, eyes, column)
        examples += [] if example is None else [example]
        if len(examples) % 500 == 0:
            print(f"{len(examples)} of {arguments.rows} rows", flush=True)
    train(neck, examples, signs, arguments.epochs)
    with torch.no_grad():
        weights = {name: neck.weight(name).numpy().astype(np.float16) for name in neck.names}
    np.savez_compressed(arguments.output, **weights)


if __name__ == "__main__":
    main()
