"""The cast vote record: what a settled sheet counts as."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ballot.election import BallotKind


class RejectionReason(StrEnum):
    """Why a ballot can be rejected (valglov-2002 § 10-3).

    A: no official stamp. B: does not show which election. C: does not show which party.
    D: the party or group has no list in the area.
    """

    A = "a"
    B = "b"
    C = "c"
    D = "d"


class CountCategory(StrEnum):
    """How a vote was cast; categories are counted apart throughout.

    FO: advance. FS: advance, late or set aside. VO: election day. VF: from elsewhere on the
    paper roll. VS: special cover. VB: contingency. BF: from another borough.
    """

    FO = "FO"
    FS = "FS"
    VO = "VO"
    VF = "VF"
    VS = "VS"
    VB = "VB"
    BF = "BF"


@dataclass(frozen=True, slots=True)
class CastVoteRecord:
    """One sheet in exactly one class: counted for a list, blank, or rejected.

    Attributes:
        kind: The printed ballot that was used.
        category: Count category (FO, VO, …); district: polling district id.
        list_id: The list that gets the ballot; None for blank, rejected and mayor ballots.
        personal: Numbers of own candidates with a personal vote, ascending.
        write_ins: Valid slengere as ``<list>:<number>``, each once, none of the own list.
        rejected: The reason when the electoral committee rejected the ballot.
        first_choice, second_choice: Mayor ballots only.
    """

    sheet_id: str
    kind: BallotKind
    category: str
    district: str
    list_id: str | None = None
    personal: tuple[int, ...] = ()
    write_ins: tuple[str, ...] = ()
    blank: bool = False
    rejected: RejectionReason | None = None
    first_choice: int | None = None
    second_choice: int | None = None
