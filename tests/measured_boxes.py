"""Boxes of 4 mm as they are measured and judged, for tests of what is decided from them."""

from __future__ import annotations

from dataclasses import replace

from ballot.geometry import Box
from ballot.reading import BoxKind, MarkReading, MarkState, ScanSide
from recognition.alike import JudgedBox
from recognition.boxes import BoxMeasure
from recognition.marks import Trait

PLACE = Box(20.0, 50.0, 4.0, 4.0)

EMPTY_BOX = BoxMeasure(
    shift_mm=(0.0, 0.0),
    outline=1.0,
    ink_mm2=0.0,
    core_mm2=0.0,
    faint_mm2=0.0,
    ink_share=0.0,
    reach_mm=0.0,
    depth_mm=0.0,
    bridges=False,
    spill_mm2=0.0,
    void_mm=1.6,
    struck=False,
    paper=240.0,
)
CROSSED_BOX = replace(
    EMPTY_BOX,
    ink_mm2=3.4,
    core_mm2=1.6,
    faint_mm2=3.9,
    ink_share=0.25,
    reach_mm=3.5,
    depth_mm=3.4,
    void_mm=0.7,
)


def judged_box(state: MarkState, ink_mm2: float = 4.0, *traits: Trait) -> JudgedBox:
    """A box of a ballot, judged by itself."""
    mark = MarkReading(
        kind=BoxKind.PERSONAL, candidate=1, party=None, score=0.5, state=state, expected=PLACE, found=PLACE
    )
    return JudgedBox(
        scan=ScanSide.FRONT,
        mark=mark,
        bilevel=False,
        traits=frozenset(traits),
        ink_mm2=ink_mm2,
        whole_mm2=ink_mm2,
    )
