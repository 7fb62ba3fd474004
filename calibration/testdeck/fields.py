"""Where the fields of a printed ballot stand, as the printer drew them.

The simulator must know where to put ink. It gets that from the printer (exact) or, for blanks
that someone else printed, from `calibration.testdeck.locator`. It is never learnt from scans.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ballot.errors import CalibrationError
from ballot.geometry import Box
from ballot.layout import BoxKind, DigitField, MarkBox, WriteInRow

FIELDS_FILE = "printed_fields.json"


@dataclass(frozen=True, slots=True)
class SideFields:
    """One printed side.

    Attributes:
        names: Printed candidate names, by candidate number (for strike-outs).
        printed: Boxes of everything printed, so that free paper can be found.
        folds_x_mm, folds_y_mm: Where the sheet is meant to be folded.
    """

    width_mm: float
    height_mm: float
    mark_boxes: tuple[MarkBox, ...] = ()
    write_in_rows: tuple[WriteInRow, ...] = ()
    party_write_in: Box | None = None
    stamp_field: Box | None = None
    ballot_number: DigitField | None = None
    ballot_id: DigitField | None = None
    header: Box | None = None
    registration_marks: tuple[Box, ...] = ()
    names: tuple[tuple[int, Box], ...] = ()
    printed: tuple[Box, ...] = ()
    folds_x_mm: tuple[float, ...] = ()
    folds_y_mm: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class BallotFields:
    """Both sides of one ballot style; `key` is that of `ballot.election.BallotStyle`."""

    key: str
    inside: SideFields
    outside: SideFields


@dataclass(frozen=True, slots=True)
class FieldMap:
    """The fields of all ballots of one election."""

    ballots: tuple[BallotFields, ...]

    def of(self, key: str) -> BallotFields:
        """The fields of one ballot style.

        Raises:
            CalibrationError: The map does not know the style.
        """
        for ballot in self.ballots:
            if ballot.key == key:
                return ballot
        raise CalibrationError(
            f"No printed fields are known for the ballot {key!r}.",
            "Print the ballots again with `valgskann testdeck print`.",
        )


def write_fields(fields: FieldMap, path: Path) -> None:
    """Writes the map as JSON."""
    path.write_text(
        json.dumps([asdict(b) for b in fields.ballots], ensure_ascii=False) + "\n", encoding="utf-8"
    )


def read_fields(path: Path) -> FieldMap:
    """Reads a map written by `write_fields`.

    Raises:
        CalibrationError: The file is not such a map.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        ballots = tuple(BallotFields(b["key"], _side(b["inside"]), _side(b["outside"])) for b in data)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CalibrationError(
            f"{path} does not hold printed fields ({error}).",
            "Print the ballots again with `valgskann testdeck print`.",
        ) from error
    return FieldMap(ballots)


def _box(data: dict[str, float] | None) -> Box | None:
    return None if data is None else Box(**data)


def _digits(data: dict[str, Any] | None) -> DigitField | None:
    if data is None:
        return None
    return DigitField(Box(**data["box"]), data["text"], tuple(Box(**d) for d in data["digits"]))


def _side(data: dict[str, Any]) -> SideFields:
    marks = tuple(
        MarkBox(BoxKind(m["kind"]), Box(**m["box"]), m["candidate"], m["party"], m["label"])
        for m in data["mark_boxes"]
    )
    rows = tuple(WriteInRow(r["row"], Box(**r["name"]), _box(r["party"])) for r in data["write_in_rows"])
    return SideFields(
        width_mm=data["width_mm"],
        height_mm=data["height_mm"],
        mark_boxes=marks,
        write_in_rows=rows,
        party_write_in=_box(data["party_write_in"]),
        stamp_field=_box(data["stamp_field"]),
        ballot_number=_digits(data["ballot_number"]),
        ballot_id=_digits(data["ballot_id"]),
        header=_box(data["header"]),
        registration_marks=tuple(Box(**b) for b in data["registration_marks"]),
        names=tuple((number, Box(**box)) for number, box in data["names"]),
        printed=tuple(Box(**b) for b in data["printed"]),
        folds_x_mm=tuple(data["folds_x_mm"]),
        folds_y_mm=tuple(data["folds_y_mm"]),
    )
