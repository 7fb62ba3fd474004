"""Whether a scanner is fit for counting: reasons, and what to do about each."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from ballot.layout import PageSide
from ballot.reading import DoubtCode, Reading, SideRegistration
from ballot.sheet import PageImage
from calibration.evaluate import Outcome
from recognition.decode import Undecodable, decode_page

ENOUGH_SHEETS = 40
"""The acceptance test of a scanner in Norwegian practice has 40 ballots."""
LOWEST_DPI, HIGHEST_DPI = 190.0, 620.0
_DPI_TOLERANCE = 0.03
DARKEST_PAPER, LIGHTEST_PRINT, LEAST_CONTRAST = 170, 120, 100
"""Grey levels, 0 black to 255 white. Simulated good scans have paper at 240 to 254, print at 20 to 60."""
_CLIPPED_SHARE = 0.9
LARGEST_SKEW_DEG = 3.0
LARGEST_RESIDUAL_MM = 0.3
_SHARE_OF_SIDES = 0.05
_DOUBTED_SHARE, _MANY_DOUBTED = 0.1, 4
_STREAK_REACH_MM = 2.0
_INCH_MM = 25.4

_FROM_SCANNER = frozenset(
    {
        DoubtCode.UNREADABLE,
        DoubtCode.REGISTRATION_POOR,
        DoubtCode.MARK_UNCERTAIN,
        DoubtCode.BALLOT_ID_UNCERTAIN,
        DoubtCode.TORN,
        DoubtCode.STREAK,
        DoubtCode.INK_OUTSIDE_FIELDS,
        DoubtCode.STAMP_UNCERTAIN,
    }
)
"""Doubts that a bad scan brings about; the others come from what voters did."""
_FEEDING = frozenset(
    {
        DoubtCode.UNREADABLE,
        DoubtCode.MISSING_SIDE,
        DoubtCode.SIDES_MISMATCH,
        DoubtCode.DOUBLE_FEED,
        DoubtCode.WRONG_ELECTION,
        DoubtCode.UNKNOWN_LIST,
    }
)


@dataclass(frozen=True, slots=True)
class PageLook:
    """How one page looks, apart from what is on it.

    Attributes:
        paper, print: Grey level of the paper and of the darkest print, 0 to 255.
        clipped: Share of the page that is pure white.
        stated_dpi: Resolution the file states, or None.
    """

    paper: float
    print: float
    clipped: float
    bilevel: bool
    stated_dpi: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the scanner that should be otherwise.

    Attributes:
        unfit: Whether the scanner must not be used as it is; else it is a hint.
    """

    code: str
    unfit: bool
    what: str
    remedy: str


def look_at(page: PageImage) -> PageLook | None:
    """Measures the middle of a page; None when it cannot be decoded, which its reading says."""
    image = decode_page(page.data)
    if isinstance(image, Undecodable):
        return None
    small = image.grey[::4, ::4]
    height, width = small.shape
    middle = small[height // 8 : height - height // 8, width // 8 : width - width // 8]
    dark, light = np.percentile(middle, [0.5, 75])
    stated = None if image.dpi is None else image.dpi[0]
    return PageLook(float(light), float(dark), float((middle == 255).mean()), image.bilevel, stated)


def inside_of(reading: Reading) -> SideRegistration | None:
    """The registered image of the inside: the side that is not tinted all over."""
    return next((r for r in reading.registrations if r.page is PageSide.INSIDE), None)


def check(
    readings: Sequence[Reading],
    insides: Sequence[tuple[PageLook, SideRegistration]],
    outcomes: Sequence[Outcome] = (),
    unscanned: Sequence[str] = (),
) -> list[Finding]:
    """Everything that speaks against the scanner, the worst first.

    Args:
        readings: One a sheet.
        insides: Look and registration of every inside that was recognised.
        outcomes: The readings compared with the truth, where that is known.
        unscanned: Labelled sheets of which there is no scan.
    """
    found: list[Finding | None] = [
        *_truth(outcomes),
        _unscanned(unscanned),
        _feeding(readings),
        *_resolution(insides),
        *_light(insides),
        *_geometry([side for reading in readings for side in reading.registrations]),
        *_streaks(readings),
        _doubts(readings, outcomes),
    ]
    if len(readings) < ENOUGH_SHEETS:
        what = f"Only {len(readings)} sheets were looked at."
        found.append(
            Finding("few_sheets", False, what, f"Scan {ENOUGH_SHEETS} or more for a verdict to rely on.")
        )
    return sorted((f for f in found if f is not None), key=lambda f: not f.unfit)


def _truth(outcomes: Sequence[Outcome]) -> list[Finding]:
    wrong = [o for o in outcomes if o.wrong]
    if not wrong:
        return []
    told = "; ".join(f"{o.front}: {', '.join(o.wrong)}" for o in wrong[:5])
    what = f"{len(wrong)} sheets were read wrongly without a doubt ({told})."
    return [
        Finding("silent_errors", True, what, "Check the labels; if they are right, do not use this scanner.")
    ]


def _unscanned(sheets: Sequence[str]) -> Finding | None:
    if not sheets:
        return None
    told = ", ".join(sheets[:5]) + (" and others" if len(sheets) > 5 else "")
    what = f"{len(sheets)} labelled sheets have no scan ({told})."
    remedy = (
        "Scan all of them. If they were, two went through as one, or files and labels name them otherwise."
    )
    return Finding("unscanned", True, what, remedy)


def _feeding(readings: Sequence[Reading]) -> Finding | None:
    codes = Counter(d for r in readings for d in {d.code for d in r.doubts} & _FEEDING)
    bad = sum(bool({d.code for d in r.doubts} & _FEEDING) for r in readings)
    if not bad:
        return None
    told = ", ".join(f"{code.value} {n}" for code, n in codes.most_common())
    what = f"{bad} of {len(readings)} sheets could not be told or are incomplete ({told})."
    remedy = "Scan both sides, one ballot at a time, of this election; clean the rollers."
    return Finding("unreadable", bad > _SHARE_OF_SIDES * len(readings), what, remedy)


def _resolution(insides: Sequence[tuple[PageLook, SideRegistration]]) -> list[Finding]:
    if not insides:
        return []
    measured = [_dpi(side) for _, side in insides]
    middle, found = median(measured), []
    if not LOWEST_DPI <= middle <= HIGHEST_DPI:
        what = f"The ballots were scanned at {middle:.0f} dpi."
        found.append(Finding("wrong_dpi", True, what, "Set the scanner to 300 dpi (200 to 400 are read)."))
    if max(measured) - min(measured) > _DPI_TOLERANCE * middle:
        what = f"The resolution differs from sheet to sheet: {min(measured):.0f} to {max(measured):.0f} dpi."
        found.append(Finding("mixed_dpi", False, what, "Scan everything with the same settings."))
    lies = [
        (look.stated_dpi, dpi)
        for (look, _), dpi in zip(insides, measured, strict=True)
        if look.stated_dpi is not None and abs(look.stated_dpi - dpi) > _DPI_TOLERANCE * dpi
    ]
    if lies:
        stated, true = lies[0]
        what = (
            f"{len(lies)} files state another resolution than they have ({stated:.0f}, not {true:.0f} dpi)."
        )
        found.append(Finding("stated_dpi", False, what, "Let the scanner deliver its pictures unscaled."))
    return found


def _light(insides: Sequence[tuple[PageLook, SideRegistration]]) -> list[Finding]:
    looks = [look for look, _ in insides if not look.bilevel]
    if not looks:
        return []
    paper, dark = median(look.paper for look in looks), median(look.print for look in looks)
    found = []
    if paper < DARKEST_PAPER:
        what = f"The scans are too dark: paper has grey level {paper:.0f} (255 is white)."
        found.append(Finding("too_dark", True, what, "Raise the brightness, and clean lamp and glass."))
    if dark > LIGHTEST_PRINT:
        what = f"The scans are too light: print has grey level {dark:.0f} (0 is black)."
        found.append(
            Finding("too_light", True, what, "Lower the brightness, and switch «background removal» off.")
        )
    if paper - dark < LEAST_CONTRAST:
        what = f"The contrast is low: {paper - dark:.0f} grey levels between paper and print."
        found.append(Finding("low_contrast", True, what, "Raise the contrast."))
    if median(look.clipped for look in looks) > _CLIPPED_SHARE:
        what = "Paper is pure white almost everywhere; pencil and pale pens may be lost."
        found.append(
            Finding("clipped", False, what, "Switch «background removal» off, or lower the brightness.")
        )
    return found


def _geometry(sides: Sequence[SideRegistration]) -> list[Finding]:
    if not sides:
        what = "No side of any sheet was recognised."
        return [Finding("nothing_recognised", True, what, "Scan ballots of this election, at 300 dpi.")]
    found = []
    skewed = [angle for angle in map(_skew_deg, sides) if abs(angle) > LARGEST_SKEW_DEG]
    if skewed:
        what = (
            f"{len(skewed)} of {len(sides)} sides are skewed, by up to {max(map(abs, skewed)):.1f} degrees."
        )
        unfit = len(skewed) > _SHARE_OF_SIDES * len(sides)
        found.append(
            Finding("skewed", unfit, what, "Set the paper guides close to the ballots; clean the rollers.")
        )
    poor = sum(side.residual_mm > LARGEST_RESIDUAL_MM for side in sides)
    if poor:
        what = f"{poor} of {len(sides)} sides lie more than {LARGEST_RESIDUAL_MM} mm off their blank."
        unfit = poor > _SHARE_OF_SIDES * len(sides)
        found.append(
            Finding("registration", unfit, what, "Clean the rollers; check that the paper runs evenly.")
        )
    return found


def _streaks(readings: Sequence[Reading]) -> list[Finding]:
    """Streaks that stand at the same place of the glass on several sheets."""
    places = [
        (r.scan.value, r.mm_to_px.apply(*doubt.box_mm.center_mm)[0] / _dpi(r) * _INCH_MM)
        for reading in readings
        for doubt in reading.doubts
        for r in reading.registrations
        if doubt.code is DoubtCode.STREAK and doubt.box_mm is not None and r.scan is doubt.side
    ]
    found, left = [], sorted(places)
    while left:
        scan, at_mm = left[0]
        group = [p for p in left if p[0] == scan and p[1] - at_mm <= _STREAK_REACH_MM]
        left = left[len(group) :]
        scans = f"one {scan} scan" if len(group) == 1 else f"{len(group)} {scan} scans"
        what = f"A streak runs over {scans}, {at_mm:.0f} mm from the left edge."
        found.append(Finding("streak", len(group) > 1, what, "Clean the scanner glass on that side."))
    return found


def _doubts(readings: Sequence[Reading], outcomes: Sequence[Outcome]) -> Finding | None:
    plain, labelled = [o for o in outcomes if o.undamaged], {o.front for o in outcomes}
    # A few labels must not hide what happens to all other sheets.
    others = [{d.code for d in r.doubts} & _FROM_SCANNER for r in readings if r.front not in labelled]
    bad, whole = sum(not o.accepted for o in plain) + sum(map(bool, others)), len(plain) + len(others)
    codes = Counter(code.value for o in plain for code in set(o.doubts))
    codes += Counter(code.value for some in others for code in some)
    if not whole or bad <= _DOUBTED_SHARE * whole:
        return None
    told = ", ".join(f"{code} {n}" for code, n in codes.most_common())
    which = "sheets have doubts that a bad scan brings about" if others else "undamaged sheets are doubted"
    what = f"{bad} of {whole} {which} ({told})."
    return Finding(
        "doubts", bad >= _MANY_DOUBTED, what, "Look at the doubted sheets: is it the scan, or the ballots?"
    )


def _dpi(side: SideRegistration) -> float:
    return _INCH_MM * math.hypot(side.mm_to_px.a, side.mm_to_px.c)


def _skew_deg(side: SideRegistration) -> float:
    """The page's angle in the scan, -45 to 45; a page on its head or its side is not skewed."""
    return (math.degrees(math.atan2(side.mm_to_px.c, side.mm_to_px.a)) + 45) % 90 - 45
