"""The marks of a side held to the pen that made them.

Of a cross struck through by a thick pen the strokes run into one another, so that two strokes of a still
thicker pen would explain all of it. But the voter's other marks show how thick the pen is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from recognition.bands import beyond_two_strokes
from recognition.boxes import BoxMeasure, InkedBox
from recognition.profile import Profile

_UNMEASURED = 1.0
"""Width, as a share of the box, of a pen that could not be measured, or of a block of ink."""


def held_to_one_pen(measures: Sequence[BoxMeasure], profile: Profile) -> list[BoxMeasure]:
    """The boxes of a side, with what two strokes leave that are no thicker than the other marks' pen.

    Of 73 drawn marks that were struck through or scribbled over and passed for votes (of 720 on the seed
    looked at) 37 have more than 0.004 of the box there, of 1,350 plain marks other than rings two; of 1,707
    simulated plain marks three.
    """
    # Dust tells nothing of the pen, nor does ink of which no stroke's width could be measured.
    pens_px = {
        index: m.strokes.pen * m.inked.size
        for index, m in enumerate(measures)
        if m.inked is not None and m.ink_mm2 > profile.dust_ink_mm2 and m.strokes.pen < _UNMEASURED
    }
    return [
        _held(measure, measure.inked, [px for i, px in pens_px.items() if i != index], profile)
        if measure.inked is not None
        else measure
        for index, measure in enumerate(measures)
    ]


def _held(measure: BoxMeasure, inked: InkedBox, others_px: list[float], profile: Profile) -> BoxMeasure:
    strokes = measure.strokes
    if len(others_px) < profile.least_like or measure.ink_mm2 <= profile.dust_ink_mm2:
        return measure
    usual = float(np.median(others_px)) / inked.size
    third = strokes.third
    if usual < strokes.pen:
        third, _ = beyond_two_strokes(inked.dark, inked.ink, inked.size, pen_share=usual)
    return replace(measure, strokes=replace(strokes, third_of_usual_pen=third))
