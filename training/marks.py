"""Trains the network that tells votes from marks taken back and from other ink.

    python -m training.marks EXAMPLES... --held-out EXAMPLES... --output recognition/marks.onnx

The examples are those of `training.mark_examples`. Of each mark the network is told the ink and the pen of
some of the same voter's other marks, of none now and then.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from recognition.mark_network import FIGURES, figures
from training.mark_examples import Examples, load
from training.mark_graph import INNER, WIDTHS, Weights, mark_graph

SEED = 7
BATCH, EPOCHS, RATE, DECAY = 128, 12, 2e-3, 0.02
_LOST = 0.25
_ALONE, _MOST_OTHERS = 0.25, 8
_SHIFT_PX = 2
SHARES = (0.001, 0.003, 0.01, 0.03)


def told(data: Examples, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """The figures of every mark beside others of its voter, chosen anew each time."""
    found = np.empty((len(data.inks), FIGURES), np.float32)
    order = np.argsort(data.voters, kind="stable")
    starts = np.flatnonzero(np.diff(data.voters[order], prepend=-1))
    for group in np.split(order, starts[1:]):
        counted = group[data.counts[group]]
        for index in group:
            most = 0 if rng.random() < _ALONE else int(rng.integers(1, _MOST_OTHERS + 1))
            others = rng.permutation(counted[counted != index])[:most]
            found[index] = figures(data.inks[index], data.inks[others], bool(data.bilevel[index]))
    return found


class Net(nn.Module):
    """The layers of `recognition.mark_network`."""

    def __init__(self) -> None:
        super().__init__()
        sizes = (2, *WIDTHS)
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in zip(sizes, WIDTHS, strict=False))
        self.inner = nn.Linear(2 * WIDTHS[-1] + FIGURES, INNER)
        self.outer = nn.Linear(INNER, 1)
        self.lost = nn.Dropout(_LOST)

    def forward(self, pictures: Tensor, figures: Tensor) -> Tensor:
        """Log-odds that it is no vote, one a picture."""
        seen = pictures
        for number, conv in enumerate(self.convs):
            seen = functional.relu(conv(seen))
            if number < len(self.convs) - 1:
                seen = functional.max_pool2d(seen, 2)
        every = torch.cat([seen.amax((2, 3)), seen.mean((2, 3)), figures], dim=1)
        odds: Tensor = self.outer(self.lost(functional.relu(self.inner(every))))
        return odds[:, 0]

    def weights(self) -> Weights:
        """As `training.mark_graph.mark_graph` takes them."""
        found = {}
        for number, conv in enumerate(self.convs):
            found[f"conv{number}"], found[f"conv{number}_bias"] = conv.weight, conv.bias
        for name in ("inner", "outer"):
            layer = getattr(self, name)
            found[name], found[f"{name}_bias"] = layer.weight.T, layer.bias
        return {name: values.detach().numpy().copy() for name, values in found.items()}


def varied(pictures: Tensor, bilevel: Tensor, rng: np.random.Generator) -> Tensor:
    """Mirrored, turned, shifted, and paler or darker where there is grey."""
    if rng.random() < 0.5:
        pictures = pictures.flip(3)
    if rng.random() < 0.5:
        pictures = pictures.flip(2)
    if rng.random() < 0.5:
        pictures = pictures.transpose(2, 3)
    shift = rng.integers(-_SHIFT_PX, _SHIFT_PX + 1, 2).tolist()
    pictures = torch.roll(pictures, shift, (2, 3))
    force = torch.from_numpy(rng.uniform(0.7, 1.3, len(pictures)).astype(np.float32))
    force = torch.where(bilevel, torch.ones_like(force), force)
    dark = (pictures[:, :1] * force[:, None, None, None]).clamp(0, 1)
    return torch.cat([dark, pictures[:, 1:]], dim=1)


def fit(data: Examples) -> Net:
    """Trains the network."""
    rng = np.random.default_rng(SEED)
    net = Net().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(data.is_vote) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for epoch in range(EPOCHS):
        net.train()
        every, losses = told(data, rng), []
        order = rng.permutation(len(every))
        for start in range(0, len(order), BATCH):
            at = order[start : start + BATCH]
            pictures = torch.from_numpy(data.pictures[at]).float() / 255
            bilevel = torch.from_numpy(data.bilevel[at])
            seen = varied(pictures, bilevel, rng).contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", dtype=torch.bfloat16):  # more than twice as fast
                odds = net(seen, torch.from_numpy(every[at]))
            loss = functional.binary_cross_entropy_with_logits(
                odds.float(), torch.from_numpy(~data.is_vote[at]).float()
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {np.mean(losses):.4f}", flush=True)
    return net.eval()


def odds_of(net: Net, data: Examples) -> npt.NDArray[np.float32]:
    """The log-odds of every mark."""
    every = told(data, np.random.default_rng(SEED + 1))
    with torch.no_grad():
        return np.concatenate(
            [
                net(
                    torch.from_numpy(data.pictures[at : at + 512]).float() / 255,
                    torch.from_numpy(every[at : at + 512]),
                ).numpy()
                for at in range(0, len(every), 512)
            ]
        )


def tell(odds: npt.NDArray[np.float32], data: Examples) -> None:
    """Prints how well the two kinds lie apart."""
    for name, where in (("grey", ~data.bilevel), ("black and white", data.bilevel)):
        votes, others = odds[where & data.is_vote], odds[where & ~data.is_vote]
        print(f"{name}: {len(votes)} votes, {len(others)} marks taken back and other ink")
        for share in SHARES:
            low, high = np.quantile(others, share), np.quantile(votes, 1 - share)
            passing, caught = np.mean(votes < low), np.mean(others > high)
            print(f"  below {low:.2f}: {share:.1%} of what is no vote, {passing:.1%} of the votes")
            print(f"  above {high:.2f}: {share:.1%} of the votes, {caught:.1%} of what is no vote")


def main() -> None:
    """Trains and writes the network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("examples", type=Path, nargs="+")
    parser.add_argument("--held-out", type=Path, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    net = fit(load(arguments.examples))
    held_out = load(arguments.held_out)
    tell(odds_of(net, held_out), held_out)
    arguments.output.write_bytes(mark_graph(net.weights()))


if __name__ == "__main__":
    main()
