"""The marks of a side held to the pen that made them.

Of a cross struck through by a thick pen the strokes run into one another, so that two strokes of a still
thicker pen would explain all of it. But the voter's other marks show how thick the pen is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from recognition.bands import beyond_two_strokes
from recognition.boxes import BoxMeasure


def held_to_one_pen(measures: Sequence[BoxMeasure], least_others: int) -> list[BoxMeasure]:
    """The boxes of a side, with what two strokes leave that are no thicker than the other marks' pen.

    Of 73 drawn marks that were struck through or scribbled over and passed for votes (360 of each in three
    houses, in grey and black and white) 37 have more than 0.004 of the box there, of 1,350 plain marks
    other than rings two; of 1,707 simulated plain marks three.

    Args:
        least_others: With fewer other marks the pen is not known.
    """
    pens = {index: m.strokes.pen * m.inked.size for index, m in enumerate(measures) if m.inked is not None}
    return [
        measure if index not in pens else _held(measure, [pens[i] for i in pens if i != index], least_others)
        for index, measure in enumerate(measures)
    ]


def _held(measure: BoxMeasure, others_px: list[float], least_others: int) -> BoxMeasure:
    inked, strokes = measure.inked, measure.strokes
    if inked is None or len(others_px) < least_others:
        return measure
    usual = float(np.median(others_px)) / inked.size
    third = strokes.third
    if usual < strokes.pen:
        third, _ = beyond_two_strokes(inked.dark, inked.ink, inked.size, pen_share=usual)
    return replace(measure, strokes=replace(strokes, third_usual=third))
