"""Every threshold of the reader, with its unit and reason. The one place for reading policy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """Decision thresholds of the reader. Where two differ, what lies between is doubted.

    Attributes:
        min_anchor_correlation: A patch of the blank counts as found from this correlation.
        min_anchors: Fewest patches that make a fit.
        min_agreeing: Share of the side's patches that must agree, else the fit is doubted.
        max_residual_mm: Largest root mean square residual of a trusted fit.
        empty_ink_mm2, marked_ink_mm2: A box with less ink is empty, with more is marked.
        faint_ink_mm2: Faint ink (pencil, pale pens) above this in an empty box is doubted.
        overfull_share: A box whose inside is inked beyond this share may be a mark taken back.
        row_ink_mm2: Ink in a write-in row above this is writing.
        outside_ink_mm2: A patch of ink outside all fields above this is doubted.
        outside_free_mm2, over_print_ink_mm2: Of that ink, so much must lie clear of the
            ballot's own print, or so much must lie over it.
        outside_reach_mm: A patch of ink smaller than this in both directions is dust.
        min_digit_correlation, min_digit_margin: A printed digit is read when its best shape
            correlates at least so well, and better than the second by the margin.
        min_header_correlation: The printed header must agree with the list's at least so well.
        stamp_ink_mm2: Least ink of a stamp; trace_ink_mm2: ink that may be a trace of one.
    """

    version: str = "default-1"
    min_anchor_correlation: float = 0.6
    min_anchors: int = 6
    min_agreeing: float = 0.4
    max_residual_mm: float = 0.6
    empty_ink_mm2: float = 0.35
    marked_ink_mm2: float = 1.0
    faint_ink_mm2: float = 0.9
    overfull_share: float = 0.65
    row_ink_mm2: float = 0.8
    outside_ink_mm2: float = 0.75
    outside_free_mm2: float = 0.3
    over_print_ink_mm2: float = 5.0
    outside_reach_mm: float = 1.7
    min_digit_correlation: float = 0.6
    min_digit_margin: float = 0.06
    min_header_correlation: float = 0.6
    stamp_ink_mm2: float = 25.0
    trace_ink_mm2: float = 4.0


DEFAULT_PROFILE = Profile()
