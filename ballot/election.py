"""An election: its lists, candidates, districts and ballot styles."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class ElectionKind(StrEnum):
    """What is elected."""

    MUNICIPAL_COUNCIL = "municipal_council"
    COUNTY_COUNCIL = "county_council"
    MAYOR = "mayor"


class Rules(StrEnum):
    """The body of rules that a settlement follows."""

    VALGLOV_2002 = "valglov-2002"
    VALGLOV_2023 = "valglov-2023"
    MAYOR_2007 = "mayor-2007"


class BallotKind(StrEnum):
    """What kind of printed ballot."""

    LIST = "list"
    PARTY = "party"
    BLANK = "blank"
    MAYOR = "mayor"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate of a list, or of a mayoral election.

    Attributes:
        number: Place on the list, from 1.
        stemmetillegg: Whether the list gives this candidate the added share of 25 %.
        eligible: False when the candidate is skipped at the settlement (died, not electable).
        nicknames: Other names under which the candidate may be written in.
        list_name: For a mayoral election, the party printed under the name.
    """

    number: int
    name: str
    born: int | None = None
    stemmetillegg: bool = False
    eligible: bool = True
    nicknames: tuple[str, ...] = ()
    list_name: str | None = None


@dataclass(frozen=True, slots=True)
class CandidateList:
    """A list that stands for election. A joint list has more than one party code."""

    id: str
    name: str
    parties: tuple[str, ...]
    candidates: tuple[Candidate, ...]

    def candidate(self, number: int) -> Candidate | None:
        """The candidate with this number on the list."""
        return next((c for c in self.candidates if c.number == number), None)


@dataclass(frozen=True, slots=True)
class District:
    """A polling district (stemmekrets)."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class BallotStyle:
    """One kind of printed ballot.

    Attributes:
        number: The 22 printed digits that name election and list.
        list_id: The list of a list ballot, else None.
        file: The print house's blank (PDF or image), relative to the election file.
        parties: The printed parties of a party ballot, in printed order.
        party_lists: For a party ballot, which list each printed party belongs to in this
            area; None when the party has no list here.
    """

    kind: BallotKind
    number: str
    file: str
    list_id: str | None = None
    parties: tuple[str, ...] = ()
    party_lists: tuple[tuple[str, str | None], ...] = ()

    @property
    def key(self) -> str:
        """A short name that is unique within the election: the list, else the kind."""
        return self.list_id if self.list_id is not None else self.kind.value

    def list_of_party(self, party: str) -> str | None:
        """The list in this area of a printed party, or None."""
        return dict(self.party_lists).get(party)


@dataclass(frozen=True, slots=True)
class Election:
    """Everything the election file says."""

    id: str
    name: str
    date: str
    kind: ElectionKind
    rules: Rules
    area_id: str
    area_name: str
    seats: int
    max_write_ins: int
    districts: tuple[District, ...]
    lists: tuple[CandidateList, ...]
    ballots: tuple[BallotStyle, ...]
    mayor_candidates: tuple[Candidate, ...] = ()
    electorate: int | None = None
    extra: tuple[tuple[str, str], ...] = field(default=())

    def list_by_id(self, list_id: str) -> CandidateList | None:
        """The list with this id."""
        return next((entry for entry in self.lists if entry.id == list_id), None)

    def candidates_on(self, style: BallotStyle) -> tuple[Candidate, ...]:
        """The candidates printed on a ballot style, in list order."""
        if style.kind is BallotKind.MAYOR:
            return self.mayor_candidates
        found = self.list_by_id(style.list_id) if style.list_id is not None else None
        return found.candidates if found is not None else ()
