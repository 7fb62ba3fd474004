"""The figure by which a row is judged struck out, and what the installed head says of rows."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from recognition.geometry import GreyImage
from recognition.names.network import NameNetwork
from recognition.names.picture import picture_span, row_picture
from recognition.names.struck import struck_most
from station.name_model import load_name_model
from tests.name_rows import INSIDE, STRIKES, ink_of, struck, write


def test_row_is_judged_by_the_five_frames_that_look_most_struck() -> None:
    frames = np.full(30, -8.0, np.float32)
    frames[10:15] = (1, 2, 3, 4, 5)
    assert struck_most(frames) == pytest.approx(3.0)
    frames[20] = 9.0  # one frame alone is a letter's own stroke
    assert struck_most(frames) == pytest.approx(3.0)


def test_row_shorter_than_five_frames_is_judged_whole() -> None:
    assert struck_most(np.array([1.0, 2.0, 6.0], np.float32)) == pytest.approx(3.0)


@pytest.fixture(scope="module")
def network() -> NameNetwork:
    return NameNetwork(load_name_model())


def odds(network: NameNetwork, patch: GreyImage) -> float:
    picture = row_picture(ink_of(patch).ink)
    assert picture is not None
    return network.read(picture).struck


@pytest.mark.parametrize("font", ["patrick-hand", "kalam", "caveat"])
@pytest.mark.parametrize("shape", list(STRIKES))
def test_a_stroke_through_the_name_raises_the_odds(network: NameNetwork, font: str, shape: str) -> None:
    patch = write("Gunnar Solberg", font)
    assert odds(network, struck(patch, shape)) > odds(network, patch) + 2


def test_picture_shows_the_columns_that_it_says() -> None:
    patch = write("Gunnar Solberg")
    cv2.line(patch, (INSIDE[0] + 400, 80), (INSIDE[0] + 403, 84), 40, 5, cv2.LINE_AA)
    span = picture_span(ink_of(patch).ink)
    assert span is not None
    dark = np.flatnonzero((ink_of(patch).ink > 0.5).any(axis=0))
    assert span[0] < dark[0] < span[0] + 20 and span[1] - 20 < dark[-1] < span[1]
