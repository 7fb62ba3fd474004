"""Which ballot a sheet is: side by print, style by number, cross-checked by the party header."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from ballot.layout import DigitField
from recognition.digits import DigitScores, DigitShapes, digit_places, score_digits
from recognition.geometry import MM_PER_INCH, GreyImage, apply
from recognition.patches import PX_PER_MM, DetailSource, cut, cut_reference
from recognition.profile import Profile
from recognition.reference import PAGE_DPI, CompiledBallot, CompiledLayouts, CompiledSide
from recognition.register import Registration

_STRIP_MARGIN_MM = 2.0
_SIDEWAYS_MM = 1.1
_SPOILT_CORRELATION, _SPOILT_MARGIN = 0.6, 0.02
"""A digit that a line runs through still looks most like itself, one under a blot does not."""

_SAME_DIGITS = 0.6
"""From here on a line shows the blank's digits, but for a few. A ballot id of others reaches 0.2 to 0.6, now
and then in a wrong place: a 6 that lies 0.6 mm lower looks rather like a 9."""
_ASIDE_PX = 5.0

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


@dataclass(frozen=True)
class StraightLine:
    """A printed line of digits, cut out of the scan.

    Attributes:
        strip: The line with some paper around, at 200 dpi.
        blank: The same piece of the blank.
        places_px: Where each digit is centred in the strip, shape (n, 2).
        shift_mm: How far the line lies from its place on the page.
        is_sure: Whether it shows the blank's digits; of others the place sideways is known to half a
            millimetre only.
    """

    strip: GreyImage
    blank: GreyImage
    places_px: npt.NDArray[np.float64]
    shift_mm: npt.NDArray[np.float64]
    is_sure: bool


def straight_line(source: DetailSource, registration: Registration, field: DigitField) -> StraightLine:
    """Cuts out a line of digits where it is found near its place."""
    area = field.box.grown(_STRIP_MARGIN_MM)
    center = np.array([field.box.center_mm])
    shift = registration.shifts_at(center)[0]
    strip = cut(source, registration, area, (float(shift[0]), float(shift[1])))
    blank = cut_reference(registration.side.detail, area)
    offset, is_sure = _line_offset_px(strip, blank)
    places = (digit_places(field) - np.array([area.x_mm, area.y_mm])) * PX_PER_MM + offset
    return StraightLine(strip, blank, places, shift + offset / PX_PER_MM, is_sure)


def read_digit_line(
    source: DetailSource, registration: Registration, field: DigitField, shapes: DigitShapes
) -> DigitScores:
    """Compares the digits of a printed line with all shapes.

    The line itself is the landmark: it is first found near its place, because on a ballot with
    little print the fit may be off by more than a digit may be. A digit that the scan cuts off is none:
    the upper half of a 3 may pass for a 7.
    """
    line = straight_line(source, registration, field)
    asides = (0.0,) if line.is_sure else (0.0, -_ASIDE_PX, _ASIDE_PX)
    tried = [score_digits(line.strip, line.places_px + np.array([x, 0.0]), shapes) for x in asides]
    scores = max(tried, key=lambda found: float(found.correlation.max(axis=1).sum()))
    is_whole = _on_scan(source, registration, field, line.shift_mm)
    return DigitScores(np.where(is_whole[:, None], scores.correlation, -1.0))


def _on_scan(
    source: DetailSource, registration: Registration, field: DigitField, shift_mm: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Which digits of a line lie wholly on the scan."""
    height, width = source.grey.shape
    size_px = np.array([width * source.scale[0], height * source.scale[1]])
    boxes = ((b.x_mm, b.y_mm, b.right_mm, b.bottom_mm) for b in field.digits)
    corners_mm = np.array([[(x0, y0), (x1, y0), (x1, y1), (x0, y1)] for x0, y0, x1, y1 in boxes])
    places = apply(registration.mm_to_scan, corners_mm.reshape(-1, 2) + shift_mm).reshape(-1, 4, 2)
    return np.asarray(((places >= 0) & (places <= size_px)).all(axis=(1, 2)))


def _line_offset_px(strip: GreyImage, blank: GreyImage) -> tuple[npt.NDArray[np.float64], bool]:
    """How far a digit line lies from its place in a strip, found with the blank's own line, and whether
    it shows the same digits.

    Sideways less than half the pitch of the digits is searched: digits differ from ballot to
    ballot, but they stand on the same pitch, so a longer way would find the next digit.
    """
    rim = round(_STRIP_MARGIN_MM * PX_PER_MM)
    aside, along = round(_SIDEWAYS_MM * PX_PER_MM), rim - 1
    height, width = min(strip.shape[0], blank.shape[0]), min(strip.shape[1], blank.shape[1])
    line = blank[along : height - along, aside : width - aside]
    response = cv2.matchTemplate(strip, line, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(np.nan_to_num(response))
    if best < _SAME_DIGITS:
        y = _best_place(strip[:, aside : width - aside].mean(axis=1), line.mean(axis=1))
        x = _best_place(strip[y : y + len(line)].mean(axis=0), line.mean(axis=0))
    return np.array([x - aside, y - along], dtype=np.float64), best >= _SAME_DIGITS


def _best_place(profile: npt.NDArray[np.float64], wanted: npt.NDArray[np.float64]) -> int:
    """Where a shorter run of mean greys agrees best with a longer one.

    Other digits than the blank's have other shapes, but the same height, and paper in the same places.
    """
    pieces = np.lib.stride_tricks.sliding_window_view(profile, len(wanted))
    pieces = pieces - pieces.mean(axis=1, keepdims=True)
    lengths = np.maximum(np.linalg.norm(pieces, axis=1), 1e-6)
    return int(np.argmax(pieces @ (wanted - wanted.mean()) / lengths))


def judge_number(scores: DigitScores, layouts: CompiledLayouts, profile: Profile) -> NumberReading:
    """Decides which style a digit line names.

    A style is taken only when no digit contradicts it, most were read with certainty, and the others, as one
    with a line through it, still look most like its own: the ballots of another election, or of another
    municipality, may differ in the one digit that a blot covers.
    """
    text = scores.read(profile.min_digit_correlation, profile.min_digit_margin)
    agreeing = [b for b in layouts.ballots if _agrees(text, b.layout.number)]
    sure = sum(c != "?" for c in text)
    if (
        len(agreeing) == 1
        and sure >= 0.6 * len(text)
        and _looks_like(scores, text, agreeing[0].layout.number)
    ):
        return NumberReading(NumberVerdict.KNOWN, text, agreeing[0])
    if not agreeing and sure >= 0.8 * len(text):
        return NumberReading(NumberVerdict.OTHER_ELECTION, text, None)
    return NumberReading(NumberVerdict.UNREADABLE, text, None)


def _looks_like(scores: DigitScores, text: str, number: str) -> bool:
    """Whether each digit that was not read with certainty looks most like that of a number."""
    for place in (at for at, sign in enumerate(text) if sign == "?"):
        own = float(scores.correlation[place, int(number[place])])
        others = float(np.delete(scores.correlation[place], int(number[place])).max())
        if own < _SPOILT_CORRELATION or own < others + _SPOILT_MARGIN:
            return False
    return True


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
        if other is ballot or rival.layout.header is None:
            continue
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
