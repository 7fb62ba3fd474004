"""Finds candidates and lists by what people write or print."""

from __future__ import annotations

from ballot.election import BallotKind, Candidate, Election


def candidate_of(election: Election, text: str) -> Candidate | None:
    """The candidate named ``<list>:<number>``; None when there is no such."""
    list_id, _, number = text.partition(":")
    found = election.list_by_id(list_id)
    return found.candidate(int(number)) if found is not None and number.isdecimal() else None


def list_of_party(election: Election, text: str) -> str | None:
    """The list that a party counts for in this area; None when it has none here.

    Args:
        text: A party as printed on the party ballot, or the id or name of a list, or the code
            of a party of a joint list (whose votes count for the joint list, VF2024 § 10-3).
    """
    for style in election.ballots:
        if style.kind is BallotKind.PARTY and text in style.parties:
            return style.list_of_party(text)
    if election.list_by_id(text) is not None:
        return text  # before another list that has a party of this code
    folded = text.strip().casefold()
    for entry in election.lists:
        if folded in {entry.id.casefold(), entry.name.casefold(), *(p.casefold() for p in entry.parties)}:
            return entry.id
    return None


def known_parties(election: Election) -> tuple[str, ...]:
    """Everything a party ballot can be ruled to be for: printed parties, then lists not printed."""
    printed = [p for style in election.ballots if style.kind is BallotKind.PARTY for p in style.parties]
    reached = {list_of_party(election, party) for party in printed}
    return *dict.fromkeys(printed), *(entry.name for entry in election.lists if entry.id not in reached)
