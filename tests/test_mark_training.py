"""What the network for marks is trained on, and that its file says what its weights say."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.strikes import blanks_of
from recognition.mark_network import FIGURES, MarkNetwork
from recognition.mark_picture import SIDE_PX
from training.mark_graph import INNER, WIDTHS, mark_graph
from training.mark_hand import SHAPE_SHARES, UNDOING_SHARES, Shape, Undoing, mark, undoing
from training.mark_sheets import examples
from training.stray_hand import STRAY_SHARES, stray


@pytest.mark.parametrize("shape", SHAPE_SHARES)
@pytest.mark.parametrize("way", UNDOING_SHARES)
def test_every_mark_and_what_takes_it_back_lie_at_the_box(shape: Shape, way: Undoing) -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        made = mark(shape, rng)
        strokes = np.concatenate([*made.strokes, *undoing(way, made, shape, rng)])
        assert np.isfinite(strokes).all()
        assert np.abs(np.concatenate(made.strokes)).max() < 3
        assert np.abs(strokes).max() < 4


def test_one_line_through_a_slash_would_be_a_cross() -> None:
    rng = np.random.default_rng(2)
    made = mark(Shape.SLASH, rng)
    assert all(len(undoing(Undoing.LINE, made, Shape.SLASH, rng)) >= 2 for _ in range(20))


def test_strokes_from_outside_end_before_the_middle() -> None:
    rng = np.random.default_rng(3)
    for kind in STRAY_SHARES:
        found = [stray(kind, rng) for _ in range(20)]
        assert all(f.strokes or f.areas for f in found)
        if kind.value == "stroke from outside":
            first = np.concatenate([f.strokes[0] for f in found])
            assert np.abs(first).max(axis=1).min() > 0.15


def test_a_network_without_weights_gives_its_bias() -> None:
    sizes = (2, *WIDTHS)
    weights = {f"conv{i}": np.zeros((WIDTHS[i], sizes[i], 3, 3), np.float32) for i in range(len(WIDTHS))}
    weights |= {f"conv{i}_bias": np.zeros(WIDTHS[i], np.float32) for i in range(len(WIDTHS))}
    weights |= {
        "inner": np.zeros((2 * WIDTHS[-1] + FIGURES, INNER), np.float32),
        "inner_bias": np.ones(INNER, np.float32),
        "outer": np.full((INNER, 1), 0.5, np.float32),
        "outer_bias": np.array([-3.0], np.float32),
    }
    network = MarkNetwork(mark_graph(weights))
    pictures = np.ones((2, 2, SIDE_PX, SIDE_PX), np.float32)
    assert network.look(pictures, np.zeros((2, FIGURES), np.float32)) == pytest.approx(INNER / 2 - 3)


def test_examples_are_measured_as_the_reader_does_and_of_every_kind(tmp_path: Path) -> None:
    blanks, _ = blanks_of("fjord", 20, tmp_path, 4)
    grey = np.array(Image.open(io.BytesIO(blanks[0].page.data)).convert("L"))
    drawn = [
        example
        for voter in range(6)
        for example in examples(blanks[0], grey, 200, voter, np.random.default_rng(voter))
    ]
    assert len(drawn) > 30
    assert {e.is_vote for e in drawn} == {True, False}
    assert {e.voter for e in drawn} == set(range(6))
    for example in drawn:
        assert example.picture.shape == (2, SIDE_PX, SIDE_PX)
        assert example.picture[0].max() > 0.2
        assert example.inks[0] > 0
        assert "," not in example.made or not example.is_vote
