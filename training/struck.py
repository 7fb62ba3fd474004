"""Trains the head that tells strokes through a name.

    python -m training.struck WHEEL FONTS OUTPUT [--rows N]

WHEEL, FONTS and the writers are those of `training.names`. Every row is looked at as written and
struck out twice. Each half of the writers is read by a head trained on the other, which tells how
many struck and how many clean rows lie above each limit; the head that is written was trained on both.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnx
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from benchmarks.name_rows import INSIDE
from benchmarks.name_trials import MIN_INK_MM2
from recognition.geometry import GreyImage
from recognition.names.ink import CellState, separate
from recognition.names.picture import picture_span, row_picture
from recognition.names.struck import FEATURES, INNER, REACH, WIDTH, add_features, struck_most
from station.name_model import published_model
from training.eyes import Eyes
from training.rows import DrawnRow, drawn_rows
from training.strikes import strike

SEED = 5
STRUCK_TWICE = 2
BATCH, EPOCHS, RATE, DECAY = 32, 8, 2e-3, 0.03
_LOST_FEATURES, _LOST_WITHIN = 0.2, 0.3
SHARES = (0.002, 0.005, 0.01)
"""Of clean rows taken for struck out, for which the limits are printed."""


@dataclass(frozen=True)
class Example:
    """Frames × `WIDTH` features, and which frames a stroke runs through."""

    half: int
    struck: bool
    features: npt.NDArray[np.float16]
    label: npt.NDArray[np.bool_]


def examples(rows: Iterator[DrawnRow], half: int, eyes: Eyes) -> Iterator[Example]:
    """Each row as written and struck out."""
    rng = np.random.default_rng([SEED, half])
    for row in rows:
        clean = _example(row.patch, row.blank, None, half, eyes)
        if clean is None:
            continue
        yield clean
        for _ in range(STRUCK_TWICE):
            drawn = strike(row.patch, row.blank, rng)
            found = None if drawn is None else _example(drawn[0], row.blank, drawn[1], half, eyes)
            if found is not None:
                yield found


def _example(
    patch: GreyImage, blank: GreyImage, struck: tuple[int, int] | None, half: int, eyes: Eyes
) -> Example | None:
    """None for a row that is not read, or not by the network alone."""
    cell = separate(patch, blank, INSIDE, MIN_INK_MM2)
    picture = row_picture(cell.ink) if cell.state is CellState.WRITTEN else None
    span = picture_span(cell.ink)
    if picture is None or span is None:
        return None
    (seen,) = eyes.look(picture)
    features = seen[:, 0].T.astype(np.float16)
    edges = np.linspace(*span, len(features) + 1)
    first, end = struck or (0, 0)
    middles = (edges[:-1] + edges[1:]) / 2
    return Example(half, struck is not None, features, (middles >= first) & (middles < end))


class Head(nn.Module):
    """The head, over features of which it knows mean and spread."""

    def __init__(self, middle: Tensor, spread: Tensor) -> None:
        super().__init__()
        self.register_buffer("middle", middle)
        self.register_buffer("spread", spread)
        self.inner = nn.Conv1d(WIDTH, INNER, REACH, padding=REACH // 2)
        self.outer = nn.Conv1d(INNER, 1, REACH, padding=REACH // 2)
        self.lost_features, self.lost_within = nn.Dropout(_LOST_FEATURES), nn.Dropout(_LOST_WITHIN)

    def forward(self, features: Tensor, valid: Tensor) -> Tensor:
        """Log-odds: rows × frames.

        Args:
            features: Rows × frames × `WIDTH`, shorter rows padded.
            valid: Rows × frames; false where padded, which counts as nothing in both layers.
        """
        there = valid[:, None, :]
        even = ((features - self.middle) / self.spread).transpose(1, 2) * there
        within = functional.relu(self.inner(self.lost_features(even))) * there
        odds: Tensor = self.outer(self.lost_within(within))[:, 0]
        return odds

    def weights(self) -> dict[str, npt.NDArray[np.float16]]:
        """As `recognition.names.struck.SHAPES`; the features' spread goes into the first layer."""
        with torch.no_grad():
            found = {
                "middle": self.middle,
                "inner": self.inner.weight / self.spread[None, :, None],
                "inner_bias": self.inner.bias,
                "outer": self.outer.weight,
                "outer_bias": self.outer.bias,
            }
            return {name: values.numpy().astype(np.float16) for name, values in found.items()}


def fit(part: Sequence[Example]) -> Head:
    """Trains a head on the frames of the examples."""
    count = sum(len(e.features) for e in part)
    middle = sum(e.features.sum(axis=0, dtype=np.float64) for e in part) / count
    square = sum((e.features.astype(np.float32) ** 2).sum(axis=0, dtype=np.float64) for e in part) / count
    spread = np.sqrt(np.maximum(square - middle**2, 0)) + 1e-3
    head = Head(*(torch.from_numpy(values.astype(np.float32)) for values in (middle, spread)))
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(part) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for epoch in range(EPOCHS):
        shuffled, losses = random.sample(list(part), len(part)), []
        for start in range(0, len(part), BATCH):
            batch = shuffled[start : start + BATCH]
            features = pad_sequence([torch.from_numpy(e.features).float() for e in batch], True)
            label = pad_sequence([torch.from_numpy(e.label).float() for e in batch], True)
            lengths = torch.tensor([len(e.label) for e in batch])
            valid = torch.arange(label.shape[1])[None, :] < lengths[:, None]
            odds = head(features, valid)
            loss = functional.binary_cross_entropy_with_logits(odds[valid], label[valid])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {np.mean(losses):.4f}", flush=True)
    return head.eval()


def highest(head: Head, example: Example) -> float:
    """The log-odds by which a row is judged."""
    with torch.no_grad():
        features = torch.from_numpy(example.features).float()[None]
        return struck_most(head(features, torch.ones(features.shape[:2], dtype=torch.bool))[0].numpy())


def held_out(every: Sequence[Example]) -> tuple[list[float], list[float]]:
    """The highest log-odds of clean and of struck rows, by the head of the other writers."""
    clean: list[float] = []
    struck: list[float] = []
    for half in (0, 2):
        head = fit([e for e in every if e.half != half])
        for example in every:
            if example.half == half:
                (struck if example.struck else clean).append(highest(head, example))
    return clean, struck


def main() -> None:
    """Trains and writes the head."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("fonts", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--rows", type=int, default=4000)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    torch.manual_seed(SEED)
    random.seed(SEED)
    published = published_model(arguments.wheel)
    eyes = Eyes(onnx.load_from_string(add_features(published)), [FEATURES])
    fonts = [file.with_suffix("") for file in sorted(arguments.fonts.glob("*.ttf"))]
    every: list[Example] = []
    for half, own in ((0, fonts[::2]), (2, fonts[1::2])):
        rows = drawn_rows(published, own, (half,), SEED + half)
        every += examples(islice(rows, arguments.rows // 2), half, eyes)
        print(f"{len(every)} rows looked at", flush=True)
    clean, struck = held_out(every)
    for share in SHARES:
        limit = float(np.quantile(clean, 1 - share))
        print(f"limit {limit:.2f}: {share:.1%} of {len(clean)} clean rows, "
              f"{np.mean(np.array(struck) > limit):.1%} of {len(struck)} struck rows above")  # fmt: skip
    np.savez_compressed(arguments.output, **fit(every).weights())


if __name__ == "__main__":
    main()
