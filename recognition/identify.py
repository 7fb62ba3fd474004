"""Which ballot a sheet is: side by print, style by number, cross-checked by the party header."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from ballot.geometry import Box
from ballot.layout import DigitField
from recognition.digits import DigitScores, DigitShapes, digit_places, score_digits
from recognition.geometry import MM_PER_INCH, GreyImage
from recognition.patches import PX_PER_MM, DetailSource, cut
from recognition.profile import Profile
from recognition.reference import PAGE_DPI, CompiledBallot, CompiledLayouts, CompiledSide
from recognition.register import Registration

_STRIP_MARGIN_MM = 2.0
_HEADER_REACH_PX = 3
_SAME_HEADER = 0.02


class NumberVerdict(StrEnum):
    """What the printed ballot number says."""

    KNOWN = "known"
    OTHER_ELECTION = "other_election"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class NumberReading:
    """The ballot number as read, with ``?`` for digits in doubt, and the style it names."""

    verdict: NumberVerdict
    text: str
    ballot: CompiledBallot | None


def read_digit_line(
    source: DetailSource, registration: Registration, field: DigitField, shapes: DigitShapes
) -> DigitScores:
    """Compares the digits of a printed line with all shapes."""
    area = field.box.grown(_STRIP_MARGIN_MM)
    center = np.array([field.box.center_mm])
    shift = registration.shifts_at(center)[0]
    strip = cut(source, registration, area, (float(shift[0]), float(shift[1])))
    places = (digit_places(field) - np.array([area.x_mm, area.y_mm])) * PX_PER_MM
    return score_digits(strip, places, shapes)


def judge_number(scores: DigitScores, layouts: CompiledLayouts, profile: Profile) -> NumberReading:
    """Decides which style a digit line names.

    A style is taken only when no digit contradicts it and every other style is contradicted by
    a digit that was read with certainty.
    """
    text = scores.read(profile.min_digit_correlation, profile.min_digit_margin)
    agreeing = [b for b in layouts.ballots if _agrees(text, b.layout.number)]
    sure = sum(c != "?" for c in text)
    if len(agreeing) == 1 and sure >= 0.6 * len(text):
        return NumberReading(NumberVerdict.KNOWN, text, agreeing[0])
    if not agreeing and sure >= 0.8 * len(text):
        return NumberReading(NumberVerdict.OTHER_ELECTION, text, None)
    return NumberReading(NumberVerdict.UNREADABLE, text, None)


def _agrees(text: str, number: str) -> bool:
    return len(text) == len(number) and all(a in ("?", b) for a, b in zip(text, number, strict=True))


def header_agrees(page: GreyImage, ballot: CompiledBallot, side: CompiledSide, layouts: CompiledLayouts,
                  profile: Profile) -> bool:  # fmt: skip
    """Whether the printed party header is that of `ballot` and of no other list.

    Args:
        page: The straightened scan of `side` at `PAGE_DPI`.
    """
    if side.layout.header is None:
        return True
    own = _header_correlation(page, side)
    if own < profile.min_header_correlation:
        return False
    for other in layouts.ballots:
        rival = other.side(side.layout.side)
        if other is not ballot and rival.layout.header is not None:
            if _header_correlation(page, rival) > own + _SAME_HEADER:
                return False
    return True


def _header_correlation(page: GreyImage, side: CompiledSide) -> float:
    assert side.layout.header is not None
    x0, y0, x1, y1 = _pixels(side.layout.header.grown(1.0), side.page.shape)
    template = side.page[y0:y1, x0:x1]
    reach = _HEADER_REACH_PX
    window = cv2.copyMakeBorder(page, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    window = window[y0 : y1 + 2 * reach, x0 : x1 + 2 * reach]
    if window.shape[0] < template.shape[0] or window.shape[1] < template.shape[1]:
        return 0.0
    response = cv2.matchTemplate(window, template, cv2.TM_CCOEFF_NORMED)
    best = float(response.max())
    return best if np.isfinite(best) and best <= 1.01 else 0.0


def _pixels(box: Box, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    scale = PAGE_DPI / MM_PER_INCH
    return (
        max(0, round(box.x_mm * scale)),
        max(0, round(box.y_mm * scale)),
        min(shape[1], round(box.right_mm * scale)),
        min(shape[0], round(box.bottom_mm * scale)),
    )
