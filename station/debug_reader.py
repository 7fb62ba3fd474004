"""Reading with pictures of what each stage saw, written by the process that read the sheet."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ballot.errors import UsageError
from ballot.reading import Reading
from ballot.sheet import SheetScan
from station.pipeline import RecognitionRecipe, read_with
from station.worker import ReadOne

if TYPE_CHECKING:
    from recognition.debug_pictures import Picture

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DebugRecipe:
    """The recipe of the real reader, that also leaves pictures in a folder."""

    reading: RecognitionRecipe
    folder: Path

    def __call__(self) -> ReadOne:
        """Compiles the layouts in this process."""
        import cv2

        from recognition.debug_pictures import debug_pictures
        from recognition.names.row import name_reader
        from recognition.reader import compile_layouts, read_sheet
        from recognition.trace import SheetTrace

        cv2.setNumThreads(1)
        recipe, folder = self.reading, self.folder
        compiled = compile_layouts(recipe.election, recipe.layouts)
        names = name_reader(recipe.election, recipe.name_model)
        profile = replace(recipe.profile, name_error=recipe.name_error)

        def read_one(sheet: SheetScan) -> Reading:
            trace = SheetTrace()
            reading = read_sheet(sheet, compiled, profile, names, trace, recipe.stamps)
            try:
                for what, picture in debug_pictures(reading, trace):
                    _write(folder, sheet.front.name, what, picture)
            except OSError as error:  # a full disk must not change what was read
                _log.warning("no pictures of %s: %s", sheet.front.name, error.strerror or error)
            return reading

        return read_one


def read_with_pictures(
    sheets: Iterable[SheetScan], reading: RecognitionRecipe, workers: int, folder: Path
) -> Iterator[Reading]:
    """Reads sheets as `station.pipeline.read_many` does, and writes their pictures into a folder.

    Raises:
        UsageError: The folder cannot be made, or has something in it.
    """
    _make_empty(folder)
    return (outcome.reading for outcome in read_with(sheets, DebugRecipe(reading, folder), workers))


def _make_empty(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = any(folder.iterdir())
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be used for pictures ({error.strerror or error}). No sheet was read.",
            "Name another folder with --debug.",
        ) from error
    if taken:
        raise UsageError(
            f"{folder} is not empty, and pictures of two runs must not be mixed. No sheet was read.",
            "Name a new folder with --debug.",
        )


def _write(folder: Path, name: str, what: str, picture: Picture) -> None:
    """Writes a picture; sheets from several folders may have the same name, so none is overwritten."""
    from PIL import Image

    safe = re.sub(r"[^\w.-]+", "_", name)
    for count in itertools.count(1):
        path = folder / (f"{safe}.{what}.png" if count == 1 else f"{safe}-{count}.{what}.png")
        try:
            with path.open("xb") as file:
                Image.fromarray(picture).save(file, format="PNG")
        except FileExistsError:
            continue
        return
