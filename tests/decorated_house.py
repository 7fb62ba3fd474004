"""Ballots of the fifth house with decorations of a print house beneath them, and how they are drawn on."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2
from PIL import Image

from ballot.geometry import Box
from ballot.reading import Reading
from ballot.sheet import PageImage, SheetScan
from calibration.layout_file import layouts_from_bytes, layouts_to_bytes
from calibration.learn import learn_layouts
from recognition.reader import compile_layouts, read_sheet
from recognition.reference import CompiledLayouts
from tests.fifth_house import ELECTION, print_fifth_house

Colours = npt.NDArray[np.uint8]
PX_PER_MM = 200 / 25.4
TURN_DEG = 0.6
LIGHT_BLUE, BALLPOINT = (150, 190, 235), (40, 50, 120)

House = tuple[CompiledLayouts, dict[int | str, Box], Path]
"""The first list's ballot as compiled, its boxes by candidate, and its specimen."""


def learn_house(folder: Path, decorate: Callable[[Any], None]) -> House:
    """Prints and learns the ballot of the first list.

    Args:
        decorate: Draws on the inside first, what lies beneath everything else.
    """
    style = ELECTION.ballots[0]
    fields = print_fifth_house(folder, decorate)
    election = replace(ELECTION, ballots=(style,))
    layouts = layouts_from_bytes(layouts_to_bytes(learn_layouts(election, folder)))
    return compile_layouts(election, layouts), fields[style.key].boxes, folder / style.file


def strokes(picture: Colours, lines_mm: list[list[tuple[float, float]]], ink: tuple[int, int, int]) -> None:
    """Draws lines with a pen of 0.4 mm."""
    for line in lines_mm:
        ends = np.rint(np.array(line) * PX_PER_MM).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(picture, [ends], False, ink, 3, cv2.LINE_AA)


def cross(at_mm: tuple[float, float], half_mm: float) -> list[list[tuple[float, float]]]:
    """The two lines of a cross around a place."""
    x, y = at_mm
    return [
        [(x - half_mm, y - half_mm), (x + half_mm, y + half_mm)],
        [(x - half_mm, y + half_mm), (x + half_mm, y - half_mm)],
    ]


def read(house: House, draw: Callable[[Colours], None], grey: bool, bilevel: bool = False) -> Reading:
    """Reads a ballot without a stamp, turned and uneven as a scanner would."""
    compiled, _, file = house
    document = pypdfium2.PdfDocument(file)
    names = []
    for side in range(2):
        picture = np.array(document[side].render(scale=200 / 72).to_pil().convert("RGB"))
        if side == 0:
            draw(picture)
        height, width = picture.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), TURN_DEG, 1.0)
        turned = cv2.warpAffine(picture, turn, (width, height), borderValue=(255, 255, 255))
        light = np.linspace(0.97, 1.0, width)[None, :, None]
        noise = np.random.default_rng(side).normal(0, 2.5, turned.shape)
        scanned = np.clip(cv2.GaussianBlur(turned, (0, 0), 0.6) * light + noise, 0, 255).astype(np.uint8)
        image = Image.fromarray(scanned)
        data = io.BytesIO()
        if bilevel:
            black = image.convert("L").point(lambda level: 255 * (level > 140)).convert("1")
            black.save(data, "PNG", dpi=(200, 200))
        else:
            (image.convert("L") if grey else image).save(data, "JPEG", quality=88, dpi=(200, 200))
        names.append(PageImage(f"{side}.jpg", data.getvalue()))
    document.close()
    return read_sheet(SheetScan(names[0], names[1]), compiled)
