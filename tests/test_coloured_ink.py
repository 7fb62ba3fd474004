"""Colours within a stamp: its own, however pale, and another's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import recognition.coloured_ink
from recognition.coloured_ink import coloured_over_print, other_colour_in_stamp
from recognition.profile import DEFAULT_PROFILE

HEIGHT, WIDTH = 400, 600
BLUE = (2.0, 30.0)


def _places(
    monkeypatch: pytest.MonkeyPatch, stamp: tuple[float, float], cross: tuple[float, float] | None
) -> int:
    """How many places of another colour are seen in a stamp of so much red and blue beyond the paper."""
    tint = np.random.default_rng(3).normal(0, 0.6, (2, HEIGHT // 2, WIDTH // 2)).astype(np.float32)
    inked = np.zeros((HEIGHT // 2, WIDTH // 2), bool)
    inked[50:100, 100:200] = np.arange(100) % 4 < 2
    strength = np.random.default_rng(4).uniform(0.5, 2.0, (50, 100))
    for plane, own in zip(tint, stamp, strict=True):
        plane[50:100, 100:200] += own * strength * inked[50:100, 100:200]
    if cross is not None:
        for plane, own in zip(tint, cross, strict=True):
            plane[70:80, 140:150] = own
    monkeypatch.setattr(recognition.coloured_ink, "laid_tint", lambda placed, shape: tint)
    whole = np.repeat(np.repeat(inked, 2, axis=0), 2, axis=1)
    own = np.zeros((HEIGHT, WIDTH), bool)
    own[90:210, 190:410] = True
    nowhere = np.zeros((HEIGHT, WIDTH), bool)
    registration = SimpleNamespace(side=SimpleNamespace(fields=SimpleNamespace(zone=nowhere)))
    side: Any = SimpleNamespace(
        page=np.zeros((HEIGHT, WIDTH), np.uint8),
        layout=SimpleNamespace(mark_boxes=(object(),)),
        placed=SimpleNamespace(registration=registration),
        seen=SimpleNamespace(judged=~nowhere, trace=whole),
    )
    return len(other_colour_in_stamp(side, own, nowhere, DEFAULT_PROFILE))


@pytest.mark.parametrize("stamp", [(0.0, 0.0), (-9.0, -1.0), (25.0, -4.0), (-4.0, 22.0)])
def test_a_stamps_own_colour_is_no_other_however_pale(
    monkeypatch: pytest.MonkeyPatch, stamp: tuple[float, float]
) -> None:
    assert _places(monkeypatch, stamp, None) == 0


@pytest.mark.parametrize("stamp", [(0.0, 0.0), (-9.0, -1.0), (25.0, -4.0)])
def test_a_blue_cross_within_a_stamp_of_another_colour_is_seen(
    monkeypatch: pytest.MonkeyPatch, stamp: tuple[float, float]
) -> None:
    assert _places(monkeypatch, stamp, BLUE) == 1


def _over_print(monkeypatch: pytest.MonkeyPatch, crossed: bool) -> int:
    """How many places of colour are seen over a panel with a white letter, perhaps above crossed print."""
    blank = np.full((HEIGHT, WIDTH), 255, np.uint8)
    blank[20:160, 20:560], blank[60:100, 80:92] = 80, 255
    tint = np.zeros((2, HEIGHT // 2, WIDTH // 2), np.float32)
    tint[1][blank[::2, ::2] < 255] = 30.0
    near = blank < 255
    near[60:100, 80:92] = True
    if crossed:
        blank[200:204, 40:560] = 80
        near[180:230, 40:560] = True
        tint[0][98:104, 60:66] = 40.0
    monkeypatch.setattr(recognition.coloured_ink, "laid_tint", lambda placed, shape: tint)
    compiled = SimpleNamespace(coloured=near, page=blank, near_print=near)
    side: Any = SimpleNamespace(
        page=blank,
        layout=SimpleNamespace(mark_boxes=(object(),)),
        placed=SimpleNamespace(registration=SimpleNamespace(side=compiled)),
    )
    return len(coloured_over_print(side, np.zeros((HEIGHT, WIDTH), bool), DEFAULT_PROFILE))


def test_white_letters_on_a_coloured_panel_are_no_ink(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _over_print(monkeypatch, crossed=False) == 0


def test_a_cross_over_print_beside_a_coloured_panel_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _over_print(monkeypatch, crossed=True) == 1
