"""What the machine read on a sheet, and what it is not sure of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ballot.geometry import Affine, Box
from ballot.layout import BoxKind, PageSide


class ScanSide(StrEnum):
    """The two images of a sheet as the scanner delivered them."""

    FRONT = "front"
    BACK = "back"


class SheetKind(StrEnum):
    """What ballot a sheet was recognised as."""

    LIST = "list"
    PARTY = "party"
    BLANK = "blank"
    MAYOR = "mayor"
    UNKNOWN = "unknown"


class StampState(StrEnum):
    """Whether the official stamp is there."""

    PRESENT = "present"
    MISSING = "missing"
    DOUBTFUL = "doubtful"


class MarkState(StrEnum):
    """What the ink in a box means."""

    EMPTY = "empty"
    MARKED = "marked"
    DOUBTFUL = "doubtful"
    TAKEN_BACK = "taken_back"


class DoubtCode(StrEnum):
    """Why a person must look. A closed set; each code is explained in ``docs/doubt_codes.md``."""

    UNREADABLE = "unreadable"
    WRONG_ELECTION = "wrong_election"
    SIDES_MISMATCH = "sides_mismatch"
    MISSING_SIDE = "missing_side"
    DUPLICATE_BALLOT = "duplicate_ballot"
    DOUBLE_FEED = "double_feed"
    TORN = "torn"
    STREAK = "streak"
    UNKNOWN_LIST = "unknown_list"
    BALLOT_ID_UNCERTAIN = "ballot_id_uncertain"
    STAMP_MISSING = "stamp_missing"
    STAMP_UNCERTAIN = "stamp_uncertain"
    MARK_UNCERTAIN = "mark_uncertain"
    MARK_TAKEN_BACK = "mark_taken_back"
    INK_OUTSIDE_FIELDS = "ink_outside_fields"
    WRITE_IN_UNCERTAIN = "write_in_uncertain"
    WRITE_IN_UNKNOWN = "write_in_unknown"
    WRITE_IN_TOO_MANY = "write_in_too_many"
    PARTY_UNCLEAR = "party_unclear"
    CHOICE_UNCLEAR = "choice_unclear"
    REGISTRATION_POOR = "registration_poor"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One reason why a person must look, with its place where it has one.

    Attributes:
        side: The scanned image it is on.
        box_mm: Its place on the upright printed page of that side.
        candidate: The candidate of the box in doubt.
        row: The write-in row in doubt.
        detail: One sentence for the reviewer.
    """

    code: DoubtCode
    side: ScanSide | None = None
    box_mm: Box | None = None
    candidate: int | None = None
    row: int | None = None
    party: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class MarkReading:
    """One box as measured.

    Attributes:
        score: 0 (clean paper) to 1 (certainly marked).
        expected: The box on the blank; found: where the scan shows it, both in page mm.
    """

    kind: BoxKind
    candidate: int | None
    party: str | None
    score: float
    state: MarkState
    expected: Box
    found: Box


@dataclass(frozen=True, slots=True)
class NamedCandidate:
    """A candidate of some list as ``<list>:<number>``, with the probability that it is meant."""

    candidate: str
    confidence: float


@dataclass(frozen=True, slots=True)
class WriteInReading:
    """A write-in row that has ink."""

    row: int
    text: str
    candidate: str | None
    confidence: float
    best: tuple[NamedCandidate, ...]
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """A mayor ballot's choices, by candidate number."""

    first: int | None
    second: int | None


@dataclass(frozen=True, slots=True)
class SideRegistration:
    """How one scanned image lies on the printed page.

    Attributes:
        mm_to_px: Maps page millimetres to pixels of the image as delivered.
        residual_mm: Root mean square distance of the landmarks from the fit.
        upside_down: Whether the page stands on its head in the scan.
    """

    scan: ScanSide
    page: PageSide
    mm_to_px: Affine
    residual_mm: float
    upside_down: bool
    dpi: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The machine's reading of one sheet. `accepted` holds exactly when nothing is in doubt."""

    front: str
    back: str | None
    kind: SheetKind
    list_id: str | None
    ballot_number: str | None
    ballot_id: str | None
    stamp: StampState
    personal: tuple[int, ...] = ()
    write_ins: tuple[WriteInReading, ...] = ()
    party: str | None = None
    choices: Choices | None = None
    doubts: tuple[Doubt, ...] = ()
    marks: tuple[MarkReading, ...] = ()
    registrations: tuple[SideRegistration, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether nothing is in doubt."""
        return not self.doubts
