"""The stamps of a simulated count, learnt as a station learns them: from some sheets of the same count."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recognition.count_stamps import CountStamps

FIRST_SHEETS = 60
APART = 7_000_003
"""Added to a deck's seed: the sheets that teach the stamps are not among those that are counted."""


def stamps_of_deck(election: Any, layouts: Any, sheets: Iterable[Any]) -> CountStamps:
    """The known stamps that `sheets` teach; reads until more would teach nothing."""
    from recognition.profile import DEFAULT_PROFILE
    from recognition.reader import compile_layouts, read_sheet
    from recognition.stamp_learning import StampLearner, stamp_picture
    from recognition.trace import SheetTrace

    compiled = compile_layouts(election, layouts)
    learner = StampLearner(DEFAULT_PROFILE)
    for sheet in sheets:
        trace = SheetTrace()
        read_sheet(sheet.scan, compiled, trace=trace)
        picture = stamp_picture(trace)
        if picture is not None:
            learner.add(picture)
        if learner.is_settled:
            break
    return learner.stamps()


def save_stamps(stamps: CountStamps, path: Path) -> None:
    """Keeps stamps for other processes."""
    import numpy as np

    with path.open("wb") as file:
        np.savez(file, *(stamp.picture for stamp in stamps.known), complete=stamps.complete)


def load_stamps(path: Path) -> CountStamps:
    """Stamps kept by `save_stamps`."""
    import numpy as np

    from recognition.count_stamps import CountStamps, KnownStamp

    with np.load(path, allow_pickle=False) as pictures:
        known = (KnownStamp(pictures[name], 0) for name in pictures.files if name != "complete")
        return CountStamps(tuple(known), bool(pictures["complete"]))
