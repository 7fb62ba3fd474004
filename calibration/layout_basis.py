"""What a layout was learnt by, so that it serves no election file that says otherwise."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ballot.election import BallotKind, BallotStyle, Election
from ballot.errors import LayoutError
from ballot.layout import LayoutSet


def basis_of(election: Election) -> str:
    """Checksum of all of an election file that gives fields their meaning.

    The boxes of a layout carry candidates' numbers: by a file with the candidates in another order each
    vote would go to somebody else, and nothing on any sheet would show it.
    """
    told = [election.id, [_told_of(election, style) for style in election.ballots]]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _told_of(election: Election, style: BallotStyle) -> list[Any]:
    entry = None if style.list_id is None else election.list_by_id(style.list_id)
    return [
        style.kind.value,
        style.number,
        style.list_id,
        None if entry is None else entry.name,
        [[person.number, person.name] for person in election.candidates_on(style)],
        list(style.parties),
        style.kind is BallotKind.LIST and election.max_write_ins > 0,
    ]


def require_learnt_for(layouts: LayoutSet, election: Election, remedy: str) -> None:
    """Lets layouts pass that were learnt by what the election file says now.

    Args:
        remedy: What was not done, and what to do now.

    Raises:
        LayoutError: They are of another election, or of the same one with other names, numbers or ballots.
    """
    if layouts.election_id != election.id:
        raise LayoutError(
            f"The layout is of election {layouts.election_id}, not of {election.id}.",
            remedy,
        )
    if layouts.basis != basis_of(election):
        raise LayoutError(
            f"The layout of {election.id} was learnt by an election file with other candidates, parties or "
            "ballots, or by an older program.",
            remedy,
        )
