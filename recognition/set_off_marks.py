"""Marks set off from another box: across a fold wet ink leaves itself, mirrored and paler, on paper."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from recognition.box_greys import Darkness
from recognition.boxes import BoxMeasure, InkedBox
from recognition.profile import Profile

_PALER = 0.7
"""Ink set off is at most so dark as the ink that it came from. Of 120 simulated sheets of normal and hard
decks no plain mark was less than 0.75 times as dark as another that it mirrors."""

_MIRRORED = 0.9
"""How well a mark agrees with the mirrored one it may have come from; those drawn as set off reach 0.95."""

_SMOOTH_PX = 1.0
_OFF_PX = 8


def set_off_marks(measures: Sequence[BoxMeasure], profile: Profile) -> set[int]:
    """The boxes of a side in grey or colour whose ink may be another box's, set off across a fold.

    Where a ballot is folded nobody knows, so the mirrored mark is looked for in all its boxes. A voter's own
    mark is seldom that much paler than the others and their mirror as well.
    """
    inked = {
        index: m.inked
        for index, m in enumerate(measures)
        if m.inked is not None and m.ink_mm2 > profile.dust_ink_mm2 and m.inked.ink.any()
    }
    strengths = {index: _strength(box) for index, box in inked.items()}
    return {
        index
        for index, box in inked.items()
        if any(
            strengths[index] <= _PALER * strengths[other] and _mirrored_fit(source, box) >= _MIRRORED
            for other, source in inked.items()
        )
    }


def _strength(box: InkedBox) -> float:
    """How dark the middle of the strokes is."""
    return float(np.percentile(box.dark[box.ink], 75))


def _mirrored_fit(source: InkedBox, box: InkedBox) -> float:
    """How well a mark agrees with the mirror of another, a millimetre moved at most."""
    mark = _smooth(box.dark)
    return max(_agreement(mark, _smooth(mirror)) for mirror in (source.dark[::-1], source.dark[:, ::-1]))


def _agreement(mark: Darkness, mirror: Darkness) -> float:
    rows, columns = (min(a, b) for a, b in zip(mark.shape, mirror.shape, strict=True))
    around = np.pad(mirror, _OFF_PX)
    return float(cv2.matchTemplate(around, mark[:rows, :columns], cv2.TM_CCOEFF_NORMED).max())


def _smooth(dark: Darkness) -> Darkness:
    return np.asarray(cv2.GaussianBlur(np.ascontiguousarray(dark), (0, 0), _SMOOTH_PX), np.float32)
