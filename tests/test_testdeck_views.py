"""Where the pixels of a simulated scan look, against a map worked out pixel by pixel."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from calibration.testdeck.views import Fold, View

WIDTH, HEIGHT = 310, 170


def _ramp(place: np.ndarray, fold: Fold) -> np.ndarray:
    return np.asarray(fold.step * np.clip((place - fold.at) / fold.width + 0.5, 0, 1))


@given(
    st.floats(-0.06, 0.06),
    st.booleans(),
    st.tuples(st.floats(-40, 350), st.floats(-5, 5)),
    st.tuples(st.floats(-40, 220), st.floats(-5, 5)),
)
def test_maps_are_those_of_the_formula(
    angle: float, upside_down: bool, upright: tuple[float, float], level: tuple[float, float]
) -> None:
    turn = angle + (np.pi if upside_down else 0.0)
    cos, sin = np.cos(turn), np.sin(turn)
    u, v = np.arange(WIDTH) - WIDTH / 2, np.arange(HEIGHT) - HEIGHT / 2
    v = v + 2.0 * np.sin(v / 40)
    fold_x, fold_y = Fold(upright[0], 20.0, upright[1]), Fold(level[0], 20.0, level[1])
    single = np.float32
    view = View(
        WIDTH, HEIGHT, (cos * u).astype(single), (sin * v + 155).astype(single),
        (-sin * u).astype(single), (cos * v + 85).astype(single), (fold_x,), (fold_y,),
    )  # fmt: skip
    x = cos * u[None, :] + sin * v[:, None] + 155
    y = -sin * u[None, :] + cos * v[:, None] + 85
    covered = 0
    for top, bottom, x_seen, y_seen in view.maps():
        assert np.abs(x_seen - (x + _ramp(y, fold_y))[top:bottom]).max() < 1e-3
        assert np.abs(y_seen - (y + _ramp(x, fold_x))[top:bottom]).max() < 1e-3
        assert top == covered
        covered = bottom
    assert covered == HEIGHT
