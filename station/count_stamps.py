"""The official stamps of a count, learnt from its first sheets before the others are read."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ballot.errors import StationError
from recognition.count_stamps import NO_STAMPS, CountStamps
from station.pipeline import read_with

if TYPE_CHECKING:
    from ballot.election import Election
    from ballot.layout import LayoutSet
    from ballot.reading import Reading
    from ballot.sheet import SheetScan
    from recognition.profile import Profile
    from scanner.sheets import ScanPlan
    from station.worker import ReadOne

_MOST_SHEETS = 60
_SHARE = 3
"""At most a third of the sheets is looked at twice: a count of five sheets teaches nothing."""

_GAP_PX = 12


@dataclass(frozen=True, slots=True)
class _StampRecipe:
    """The recipe of a reader that leaves a picture of each sheet's stamp in a folder."""

    election: Election
    layouts: LayoutSet
    profile: Profile
    folder: Path

    def __call__(self) -> ReadOne:
        """Compiles the layouts in this process."""
        import cv2
        import numpy as np

        from recognition.reader import compile_layouts, read_sheet
        from recognition.stamp_learning import stamp_picture
        from recognition.trace import SheetTrace

        cv2.setNumThreads(1)
        compiled = compile_layouts(self.election, self.layouts)

        def read_one(sheet: SheetScan) -> Reading:
            trace = SheetTrace()
            reading = read_sheet(sheet, compiled, self.profile, trace=trace)
            picture = stamp_picture(trace)
            if picture is not None:
                np.save(self.folder / _name(sheet), picture, allow_pickle=False)
            return reading

        return read_one


def looked_at(sheets: ScanPlan) -> int:
    """How many of the first sheets are looked at, at most."""
    return min(_MOST_SHEETS, len(sheets) // _SHARE)


def stamps_of_count(
    sheets: ScanPlan,
    election: Election,
    layouts: LayoutSet,
    workers: int,
    profile: Profile,
    tell: Callable[[int], None] | None = None,
) -> CountStamps:
    """Looks for the stamps that several of the first sheets carry.

    A stamp that the reader finds by itself, clear and whole, on three sheets is known: on others it is
    then found where it came out in part, or fainter, or where text alone would be no proof. Scans of one
    ballot count once: what only that one carries may be its voter's drawing.

    Args:
        tell: Told the number of sheets looked at so far, of `looked_at`.
    """
    import numpy as np

    from recognition.stamp_learning import LEAST_SHEETS, StampLearner

    most = looked_at(sheets)
    if most < LEAST_SHEETS:
        return NO_STAMPS
    learner = StampLearner(profile)
    names: deque[str] = deque()
    ballots: set[str | None] = set()

    def first_sheets() -> Iterator[SheetScan]:
        for sheet in islice(sheets, most):
            names.append(_name(sheet))
            yield sheet

    with TemporaryDirectory(prefix="valgskann-stamps-") as folder:
        recipe = _StampRecipe(election, layouts, profile, Path(folder))
        # What goes wrong with a sheet is told when it is read for the count.
        with closing(read_with(first_sheets(), recipe, workers)) as outcomes:
            for done, outcome in enumerate(outcomes, start=1):
                picture, ballot = recipe.folder / names.popleft(), outcome.reading.ballot_id
                is_again = ballot is not None and ballot in ballots
                ballots.add(ballot)
                if picture.is_file() and not is_again:
                    learner.add(np.load(picture, allow_pickle=False))
                if tell is not None:
                    tell(done)
                if learner.is_settled:
                    break
    return learner.stamps()


def _name(sheet: SheetScan) -> str:
    pages = (page.data for page in (sheet.front, sheet.back) if page is not None)
    return hashlib.sha256(b"".join(pages)).hexdigest() + ".npy"


def stamps_digest(stamps: CountStamps) -> str:
    """Names the stamps that a run knew, for the journal."""
    if not stamps.known:
        return "none"
    content = hashlib.sha256(b"".join(stamp.picture.tobytes() for stamp in stamps.known))
    others = "" if stamps.complete else " and others"
    return f"{len(stamps.known)}{others} ({content.hexdigest()[:8]})"


def save_stamps(stamps: CountStamps, path: Path) -> None:
    """Writes a picture of the stamps, one below the other, for a person to look at.

    Raises:
        StationError: The file cannot be written.
    """
    import numpy as np
    from PIL import Image

    width = max(stamp.picture.shape[1] for stamp in stamps.known) + 2 * _GAP_PX
    height = sum(stamp.picture.shape[0] + _GAP_PX for stamp in stamps.known) + _GAP_PX
    sheet = np.full((height, width), 255, np.uint8)
    top = _GAP_PX
    for stamp in stamps.known:
        rows, cols = stamp.picture.shape
        sheet[top : top + rows, _GAP_PX : _GAP_PX + cols] = 255 - stamp.picture
        top += rows + _GAP_PX
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(sheet).save(path, format="PNG", dpi=(100, 100))
    except OSError as error:
        raise StationError(
            f"{path} cannot be written ({error.strerror or error}). No sheet was taken in.",
            "Make room on the disk, then scan again.",
        ) from error
