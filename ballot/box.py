"""Boxes of ballots, and the sheets that a station has taken in."""

from __future__ import annotations

from dataclasses import dataclass

from ballot.reading import Reading
from ballot.record import CountCategory
from ballot.ruling import Ruling

# The Norwegian terms (tellekategorier), as they stand on the labels.
CATEGORY_NAMES = {
    CountCategory.FO: "forhåndsstemmer",
    CountCategory.FS: "forhåndsstemmer, sent innkomne eller lagt til side",
    CountCategory.VO: "valgtingsstemmer",
    CountCategory.VF: "valgtingsstemmer fra andre kretser (papirmanntall)",
    CountCategory.VS: "stemmer i særskilt omslag",
    CountCategory.VB: "stemmer i beredskapskonvolutt",
    CountCategory.BF: "stemmer fra bydel til bydel",
}


@dataclass(frozen=True, slots=True)
class BallotBox:
    """A box (kasse) of ballots: the unit that is scanned and counted.

    Attributes:
        number: Number on the box's label, unique in the station.
        area: Area id of the election; district: polling district id.
        label: What stands on the label beyond that, free text.
        closed: No more sheets may be scanned into it.
    """

    number: int
    election: str
    area: str
    district: str
    category: CountCategory
    label: str = ""
    closed: bool = False


@dataclass(frozen=True, slots=True)
class ScanRun:
    """A run of scanning into a box, from its command to its end.

    Attributes:
        number: Counts the runs of its box, from 1.
        sources: The files and folders that were given, absolute, in alphabetical order.
        at: When it began, UTC, ISO 8601; by: who ran it.
    """

    box: int
    number: int
    sources: tuple[str, ...]
    at: str
    by: str


@dataclass(frozen=True, slots=True)
class StoredPage:
    """One side of a sheet as taken in: its bytes lie in the image vault under their SHA-256.

    Attributes:
        problem: Why the page could not be taken out of its file, else empty.
    """

    name: str
    sha256: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StoredSheet:
    """A sheet of a station.

    Attributes:
        id: ``<box>-<sequence>``, for example ``3-0012``.
        sequence: Place in the box, from 1 in the order of scanning.
    """

    id: str
    box: int
    sequence: int
    front: StoredPage
    back: StoredPage | None


@dataclass(frozen=True, slots=True)
class StoredReading:
    """A reading as kept: what was read, with what, from which layout.

    Attributes:
        number: Counts all readings of the station; rulings refer to it.
    """

    number: int
    reading: Reading
    reader: str
    layout_sha256: str


@dataclass(frozen=True, slots=True)
class SheetCase:
    """All that is known about one sheet: what a reviewer and the count start from.

    Attributes:
        reading: None while the sheet waits to be read.
        rulings: All rulings on this reading in the order made, superseded ones included.
        duplicates: Other sheets, not withdrawn, with the same ballot id or the same pictures.
        withdrawn_duplicates: The same, of sheets that are withdrawn.
    """

    sheet: StoredSheet
    box: BallotBox
    reading: StoredReading | None
    rulings: tuple[Ruling, ...] = ()
    duplicates: tuple[str, ...] = ()
    withdrawn_duplicates: tuple[str, ...] = ()
