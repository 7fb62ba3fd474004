"""Write-in rows drawn for the tests: a cell with printed lines and names in handwriting fonts."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from ballot.geometry import Box
from calibration.testdeck.handwriting import Writer, write_text
from calibration.testdeck.paper import Paper
from calibration.testdeck.pens import PEN_KINDS, pick_up_pen
from recognition.geometry import GreyImage
from recognition.names.ink import CellInk, separate
from recognition.patches import PX_PER_MM

CELL = Box(3.0, 5.7, 80.0, 9.5)
INSIDE = round(3.0 * PX_PER_MM), round(5.7 * PX_PER_MM)
MIN_INK_MM2 = 0.8


def blank_cell() -> GreyImage:
    """The cell with a table line on each side."""
    blank = np.full((round(20.9 * PX_PER_MM), round(86 * PX_PER_MM)), 248, np.uint8)
    for y in (INSIDE[1], blank.shape[0] - INSIDE[1]):
        blank[y - 1 : y + 1] = 90
    for x in (INSIDE[0], blank.shape[1] - INSIDE[0]):
        blank[:, x - 1 : x + 1] = 90
    return blank


def write(
    text: str, font: str = "patrick-hand", *, capitals: bool = False, seed: int = 1, cell: Box = CELL,
    onto: GreyImage | None = None, capital_mm: float = 3.6, pen: str = "ballpoint_blue",
) -> GreyImage:  # fmt: skip
    """A scan of the cell, or of `onto`, with a text written into it."""
    rng = np.random.default_rng(seed)
    base = np.roll(blank_cell(), 1, axis=0) if onto is None else onto
    paper = Paper(np.repeat(base[:, :, None], 3, axis=2), PX_PER_MM, PX_PER_MM)
    writer = Writer(font, capital_mm, slant=0.05, rise=0.0, unrest=0.03, capitals=capitals)
    write_text(paper, text, cell, writer, pick_up_pen(PEN_KINDS[pen], rng), rng)
    grey = cv2.cvtColor(paper.image, cv2.COLOR_RGB2GRAY).astype(np.float32) + rng.normal(0, 2, base.shape)
    return np.clip(grey, 0, 255).astype(np.uint8)


def ink_of(patch: GreyImage) -> CellInk:
    """The cell's ink."""
    return separate(patch, blank_cell(), INSIDE, MIN_INK_MM2)


def _wave(share: float) -> float:
    return 6 * float(np.sin(share * 40))


STRIKES: dict[str, tuple[Callable[[float], float], ...]] = {
    "straight": (lambda _share: 0.0,),
    "wavy": (_wave,),
    "zigzag": (lambda share: 40 * abs((share * 8) % 2 - 1) - 20,),
    "steep": (lambda share: 40 * share - 20,),
    "cross": (lambda share: 40 * share - 20, lambda share: 20 - 40 * share),
}
"""Strokes by which a name is taken back: how many pixels below its middle, by the share of its length."""


WORDS = ("first", "last")


def struck(patch: GreyImage, shape: str, tone: int = 60, word: str = "all") -> GreyImage:
    """The patch with what is written in its cell, or one word of it, struck out by strokes of that shape."""
    dark = patch[INSIDE[1] + 8 : -INSIDE[1] - 8, INSIDE[0] + 6 : -INSIDE[0] - 6] < 150
    columns = np.flatnonzero(dark.any(axis=0))
    if word != "all":
        gap = int(np.diff(columns).argmax()) + 1
        columns = columns[:gap] if word == "first" else columns[gap:]
    left, right = int(columns[0]) + INSIDE[0] + 2, int(columns[-1]) + INSIDE[0] + 10
    ys = np.nonzero(dark[:, columns[0] : columns[-1] + 1])[0]
    middle = float(np.median(ys)) + INSIDE[1] + 8
    places = np.linspace(0.0, 1.0, 200)
    found = patch.copy()
    for height in STRIKES[shape]:
        points = [(left + (right - left) * u, middle + height(float(u))) for u in places]
        cv2.polylines(found, [np.rint(points).astype(np.int32)], False, tone, 3, cv2.LINE_AA)
    return found
