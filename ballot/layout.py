"""Where everything stands on a printed ballot, learnt from the blank."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ballot.election import BallotKind
from ballot.geometry import Box


class PageSide(StrEnum):
    """A side of the printed sheet. The inside carries the boxes, the outside the stamp field."""

    INSIDE = "inside"
    OUTSIDE = "outside"

    @property
    def other(self) -> PageSide:
        """The side behind this one."""
        return PageSide.OUTSIDE if self is PageSide.INSIDE else PageSide.INSIDE


class BoxKind(StrEnum):
    """What a mark in a box means."""

    PERSONAL = "personal"
    PARTY = "party"
    BLANK_VOTE = "blank_vote"
    FIRST_CHOICE = "first_choice"
    SECOND_CHOICE = "second_choice"


@dataclass(frozen=True, slots=True)
class MarkBox:
    """A printed box that voters mark.

    Attributes:
        box: The middle of the printed outline.
        candidate: Number of the candidate the mark is for (personal and choice boxes).
        party: Printed party name (party boxes).
        label: The text printed beside the box, as read from the blank.
    """

    kind: BoxKind
    box: Box
    candidate: int | None = None
    party: str | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class WriteInRow:
    """A row of the field «Kandidater fra andre lister». Rows count from 1, top to bottom."""

    row: int
    name: Box
    party: Box | None = None

    @property
    def whole(self) -> Box:
        """Both columns."""
        return self.name if self.party is None else self.name.united(self.party)


@dataclass(frozen=True, slots=True)
class DigitField:
    """A printed line of digits: the ballot number or the ballot id.

    Attributes:
        box: Around the whole line.
        text: The digits on the blank, without spaces.
        digits: One tight box for each digit of `text`, in order.
    """

    box: Box
    text: str
    digits: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class ReferenceImage:
    """The blank side as pixels, 8-bit grey PNG, at a known resolution and without border."""

    dpi: int
    png: bytes


@dataclass(frozen=True, slots=True)
class SideLayout:
    """Every field of one side.

    Attributes:
        header: Around the party header (list name), where the side has one.
        party_write_in: The field for a written-in party name on a party ballot.
        other_text: Boxes of all other printed text.
        coloured_print: Boxes of print or tint in another colour than the paper's.
    """

    side: PageSide
    width_mm: float
    height_mm: float
    reference: ReferenceImage
    registration_marks: tuple[Box, ...] = ()
    mark_boxes: tuple[MarkBox, ...] = ()
    write_in_rows: tuple[WriteInRow, ...] = ()
    party_write_in: Box | None = None
    stamp_field: Box | None = None
    ballot_number: DigitField | None = None
    ballot_id: DigitField | None = None
    header: Box | None = None
    other_text: tuple[Box, ...] = ()
    coloured_print: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class BallotLayout:
    """Both sides of one ballot style."""

    kind: BallotKind
    list_id: str | None
    number: str
    inside: SideLayout
    outside: SideLayout

    @property
    def key(self) -> str:
        """A short name that is unique within the election: the list, else the kind."""
        return self.list_id if self.list_id is not None else self.kind.value

    @property
    def sides(self) -> tuple[SideLayout, SideLayout]:
        """Inside and outside."""
        return self.inside, self.outside


@dataclass(frozen=True, slots=True)
class LayoutSet:
    """The layouts of all ballots of one election.

    Attributes:
        basis: Checksum of what the election file said when they were learnt.
    """

    election_id: str
    ballots: tuple[BallotLayout, ...]
    basis: str = ""

    def by_number(self, number: str) -> BallotLayout | None:
        """The layout of the ballot with this printed number."""
        return next((b for b in self.ballots if b.number == number), None)
