"""What a deck is like, and the presets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ballot.errors import CalibrationError
from calibration.testdeck.encoding import ScanFormat
from calibration.testdeck.feeding import FeedRanges
from calibration.testdeck.official import StampRanges
from calibration.testdeck.scanning import Background, ColourMode, ScannerRanges
from calibration.testdeck.voters import Habit, VoterRanges
from calibration.testdeck.wear import WearRanges


@dataclass(frozen=True, slots=True)
class DeckOptions:
    """Everything that can be chosen about a deck."""

    voters: VoterRanges = field(default_factory=VoterRanges)
    stamps: StampRanges = field(default_factory=StampRanges)
    wear: WearRanges = field(default_factory=WearRanges)
    scanner: ScannerRanges = field(default_factory=ScannerRanges)
    feed: FeedRanges = field(default_factory=FeedRanges)
    format: ScanFormat = ScanFormat.JPEG
    jpeg_quality: tuple[int, int] = (75, 85)
    compact_jpeg: bool = False


ALL_BACKGROUNDS = tuple(Background)
HABITS = ((Habit.TAKEN_BACK, 0.02), (Habit.BESIDE, 0.012), (Habit.COMMENT, 0.015), (Habit.STRIKE_OUT, 0.012))

CLEAN = DeckOptions(
    voters=VoterRanges(
        write_in_rate=0.0,
        odd_choices=0.0,
        group_names=0.0,
        pens=(("ballpoint_blue", 0.65), ("ballpoint_black", 0.35)),
        shapes=(("cross", 0.86), ("tick", 0.14)),
    ),
    stamps=StampRanges(missing=0.0, wrong_side=0.06, off_field=0.0, tilt_deg=15),
    wear=WearRanges(crease=0.06, show_through=0.03, tone=0.02, specks=4),
    scanner=ScannerRanges(backgrounds=ALL_BACKGROUNDS),
)

NORMAL = DeckOptions(
    voters=VoterRanges(habits=HABITS),
    stamps=StampRanges(
        missing=0.012,
        anywhere=0.25,
        qualities=(("clear", 0.86), ("faint", 0.04), ("partial", 0.05), ("double", 0.03), ("smeared", 0.02)),
    ),
    wear=WearRanges(torn_rate=0.004, hole_rate=0.002, crumple_rate=0.05, specks=14),
    scanner=ScannerRanges(
        backgrounds=ALL_BACKGROUNDS, skew_deg=1.8, shift_mm=4, stretch=0.004, wave_mm=0.12, fold_step_mm=0.2
    ),
    jpeg_quality=(70, 88),
)

HARD = DeckOptions(
    voters=VoterRanges(
        habits=tuple((habit, 3 * rate) for habit, rate in HABITS), odd_choices=0.12, write_in_rate=0.4
    ),
    stamps=StampRanges(
        missing=0.03,
        wrong_side=0.15,
        anywhere=0.6,
        off_field=0.1,
        tilt_deg=70,
        qualities=(("clear", 0.55), ("faint", 0.14), ("partial", 0.13), ("double", 0.1), ("smeared", 0.08)),
    ),
    wear=WearRanges(
        crease=0.25,
        crumple_rate=0.35,
        crumple=0.16,
        show_through=0.09,
        tone=0.08,
        specks=60,
        torn_rate=0.05,
        hole_rate=0.04,
    ),
    scanner=ScannerRanges(
        dpis=(200, 240, 300, 400),
        modes=(
            ColourMode.COLOUR,
            ColourMode.COLOUR,
            ColourMode.GREY,
            ColourMode.BILEVEL_ADAPTIVE,
            ColourMode.BILEVEL_FIXED,
        ),
        backgrounds=ALL_BACKGROUNDS,
        skew_deg=3.0,
        shift_mm=8.0,
        stretch=0.01,
        wave_mm=0.4,
        fold_step_mm=0.5,
        blur_px=(0.3, 1.1),
        noise=(1.0, 7.0),
        brightness=16,
        contrast=0.14,
        gamma=0.2,
        streak_rate=0.03,
        upside_down_rate=0.2,
        swapped_rate=0.2,
    ),
    jpeg_quality=(50, 90),
)


def _with_scanner(base: DeckOptions, dpi: int, modes: tuple[ColourMode, ...]) -> DeckOptions:
    return replace(base, scanner=replace(base.scanner, dpis=(dpi,), modes=modes))


TROUBLE = replace(
    NORMAL,
    voters=replace(
        NORMAL.voters,
        no_personal_votes=0.15,
        write_in_rate=0.12,
        party_ballots=0.02,
        blank_ballots=0.02,
        habits=(
            (Habit.TAKEN_BACK, 0.3),
            (Habit.BESIDE, 0.2),
            (Habit.COMMENT, 0.18),
            (Habit.STRIKE_OUT, 0.05),
        ),
    ),
    stamps=replace(NORMAL.stamps, missing=0.26, anywhere=0.4),
    wear=replace(NORMAL.wear, torn_rate=0.12, hole_rate=0.16, aimed_holes=0.9, lost_mark_rate=0.08),
    scanner=replace(NORMAL.scanner, skew_deg=3.0, shift_mm=8.0, stretch=0.01, wave_mm=0.4, fold_step_mm=0.5),
    feed=FeedRanges(double_feed=0.01, empty_paper=0.005, dirty=0.08),
)
"""What calls for a person, often: every kind of it comes up some thousand times in ten thousand sheets."""

PRESETS = {
    "clean": CLEAN,
    "normal": NORMAL,
    "hard": HARD,
    "trouble": TROUBLE,
    "grey200": _with_scanner(NORMAL, 200, (ColourMode.GREY,)),
    "bilevel200": replace(
        _with_scanner(NORMAL, 200, (ColourMode.BILEVEL_ADAPTIVE, ColourMode.BILEVEL_FIXED)),
        format=ScanFormat.TIFF,
    ),
}


def preset(name: str) -> DeckOptions:
    """The options of that name.

    Raises:
        CalibrationError: There is no such preset.
    """
    if name not in PRESETS:
        raise CalibrationError(f"There is no preset {name!r}.", f"Choose one of {', '.join(PRESETS)}.")
    return PRESETS[name]
