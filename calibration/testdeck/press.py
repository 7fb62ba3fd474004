"""Unused ballots as pixels, and ballots as voter and official left them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ballot.election import BallotStyle, Election
from calibration.testdeck import inking
from calibration.testdeck.fields import FieldMap
from calibration.testdeck.official import Stamping
from calibration.testdeck.paper import MM_PER_INCH, Blank, print_ballot_id, render_blank
from calibration.testdeck.planes import Planes, planes_of, reduced
from calibration.testdeck.voters import Intent

CACHE_BYTES = 200_000_000
SAME_SCALE = 0.02


class Press:
    """Unused ballots as pixels; those used last are kept, as many as fit into `CACHE_BYTES`."""

    def __init__(self, folder: Path, fields: FieldMap) -> None:
        self.folder = folder
        self.fields = fields
        self._cache: dict[tuple[str, int], Blank] = {}

    def blank(self, style: BallotStyle, dpi: int) -> Blank:
        """Both sides of a style at a resolution."""
        key = (style.key, dpi)
        made = self._cache.pop(key, None)
        if made is None:
            made = self._sharing(render_blank(self.folder / style.file, self.fields.of(style.key), dpi))
        self._cache[key] = made
        while len(self._cache) > 1 and self._kept_bytes() > CACHE_BYTES:
            self._cache.pop(next(iter(self._cache)))
        return made

    def _sharing(self, made: Blank) -> Blank:
        """The blank with an outside that is kept already: most styles of an election have the same."""
        for kept in self._cache.values():
            if np.array_equal(kept.outside.image, made.outside.image):
                return replace(made, outside=kept.outside)
        return made

    def _kept_bytes(self) -> int:
        images = [side.image for blank in self._cache.values() for side in (blank.inside, blank.outside)]
        return sum({id(image): image.nbytes for image in images}.values())


@dataclass(frozen=True, slots=True)
class UsedBallot:
    """A ballot with its ink, before any wear. It can be scanned any number of times.

    Attributes:
        intent: What the voter did.
        stamped_boxes: The stamp may cover boxes or write-in rows.
    """

    sheet: inking.Sheet
    intent: Intent
    stamping: Stamping
    stamped_boxes: bool
    ballot_id: str
    _planes: dict[tuple[int, bool], tuple[Planes, Planes]] = field(default_factory=dict)

    def sides(self, dpi: int, coloured: bool) -> tuple[Planes, Planes]:
        """Inside and outside as a scanner of that resolution meets them; not to be changed."""
        key = (dpi, coloured)
        if key not in self._planes:
            factor = dpi / MM_PER_INCH / self.sheet.inside.px_per_mm
            inside, outside = (planes_of(p, coloured) for p in (self.sheet.inside, self.sheet.outside))
            if factor < 1 - SAME_SCALE:
                inside, outside = reduced(inside, factor), reduced(outside, factor)
            self._planes[key] = inside, outside
        return self._planes[key]


def use_ballot(
    election: Election,
    press: Press,
    intent: Intent,
    stamping: Stamping,
    ballot_id: str,
    dpi: int,
    rng: np.random.Generator,
) -> UsedBallot:
    """Prints a ballot with its id, fills it in and stamps it."""
    blank = press.blank(intent.style, dpi)
    sheet = inking.Sheet(blank.inside.copy(), blank.outside.copy(), blank.fields)
    for paper, fields in ((sheet.inside, sheet.fields.inside), (sheet.outside, sheet.fields.outside)):
        if fields.ballot_id is not None:
            print_ballot_id(paper, fields.ballot_id, ballot_id)
    done = inking.vote(sheet, intent, rng)
    stamped_boxes = inking.stamp(sheet, stamping, election, rng)
    return UsedBallot(sheet, done, stamping, stamped_boxes, ballot_id)
