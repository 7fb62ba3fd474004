"""Small elections whose candidates the tests name."""

from __future__ import annotations

from ballot.election import Candidate, CandidateList, Election, ElectionKind, Rules

LIST_NAMES = {"A": "Arbeiderpartiet", "H": "Høyre", "SP": "Senterpartiet", "V": "Venstre"}


def election_of(lists: dict[str, list[str]]) -> Election:
    """A municipal election with these candidates, by list."""
    return Election(
        id="names",
        name="Kommunestyrevalg",
        date="2023-09-11",
        kind=ElectionKind.MUNICIPAL_COUNCIL,
        rules=Rules.VALGLOV_2023,
        area_id="0001",
        area_name="Prøvevik",
        seats=19,
        max_write_ins=5,
        districts=(),
        lists=tuple(
            CandidateList(
                key, LIST_NAMES[key], (key,), tuple(Candidate(i, name) for i, name in enumerate(names, 1))
            )
            for key, names in lists.items()
        ),
        ballots=(),
    )
