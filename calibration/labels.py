"""Labelled sheets: ``truth.jsonl`` from a test deck, or written down by people."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ballot.errors import CalibrationError
from ballot.layout import BoxKind
from ballot.reading import SheetKind


class _TrueBox(BaseModel):
    model_config = ConfigDict(extra="allow")

    kind: BoxKind
    candidate: int | None = None
    party: str | None = None
    box_mm: tuple[float, float, float, float] | None = None
    taken_back: bool = False


class _TrueRow(BaseModel):
    model_config = ConfigDict(extra="allow")

    row: int
    candidate: str | None
    text: str = ""


class _TrueSheet(BaseModel):
    """One line: what people must write down is without a default, the rest is empty unless said."""

    model_config = ConfigDict(extra="allow")

    front: str = Field(min_length=1)
    kind: SheetKind
    list: str | None
    ballot_number: str | None
    ballot_id: str | None
    stamp: Literal["present", "missing"]
    personal: tuple[int, ...] = ()
    undecided: tuple[int, ...] = ()
    write_ins: tuple[_TrueRow, ...] = ()
    party: str | None = None
    choices: dict[str, int | None] | None = None
    mark_boxes: tuple[_TrueBox, ...] = ()
    missing_mm: tuple[tuple[float, float, float, float], ...] = ()
    conditions: tuple[str, ...] = ()
    expected_doubts: tuple[str, ...] = ()


def load_truth(path: Path) -> dict[str, dict[str, Any]]:
    """The truth of every sheet, by the name of its first image.

    Raises:
        CalibrationError: The file cannot be read, a line is malformed, or a sheet stands there twice.
    """
    remedy = "docs/testdeck.md says what a line must hold. Nothing was read."
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CalibrationError(f"The truth {path} cannot be read ({error}).", remedy) from error
    sheets: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            sheet = _TrueSheet.model_validate_json(line).model_dump(mode="json")
        except ValidationError as error:
            raise CalibrationError(f"{path}, line {number}: {error}", remedy) from error
        if sheet["front"] in sheets:
            raise CalibrationError(f"{path}, line {number}: {sheet['front']} stands there twice.", remedy)
        for box in sheet["mark_boxes"]:
            if box["box_mm"] is None:
                del box["box_mm"]
        sheets[sheet["front"]] = sheet
    if not sheets:
        raise CalibrationError(f"{path} holds no sheet.", remedy)
    return sheets
