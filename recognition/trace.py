"""What the stages of reading saw on one sheet, kept for debug pictures; nothing is kept without one."""

from __future__ import annotations

from dataclasses import dataclass, field

from ballot.reading import ScanSide
from recognition.decode import ScanImage
from recognition.identified import IdentifiedSheet
from recognition.sheet_stamp import StampArea
from recognition.sides import PlacedImage


@dataclass(slots=True)
class SheetTrace:
    """Filled by `recognition.reader.read_sheet` as far as the reading comes.

    Attributes:
        scans: The images that could be decoded.
        placed: Those that show a side of a ballot.
        sheet: The ballot, once it is known which.
        stamp: Where ink is the stamp's.
    """

    scans: dict[ScanSide, ScanImage] = field(default_factory=dict)
    placed: dict[ScanSide, PlacedImage] = field(default_factory=dict)
    sheet: IdentifiedSheet | None = None
    stamp: StampArea | None = None
