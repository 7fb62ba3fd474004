"""The settlement (valgoppgjør): counts in, the settled election out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ballot.election import CandidateList, Election, ElectionKind
from tally.counts import Counts, ListCounts, Lots, LotsKind
from tally.lots import Tie
from tally.mayor import settle_mayor
from tally.ranking import deputies_for, eligible, rank_candidates
from tally.reconcile import require_consistent
from tally.result import ListResult, MayorResult, Result, Turnout
from tally.sainte_lague import allocate

_BALLOTS_WITH_VOTES = 50
"""Ballots of a list among which some voter has given a personal vote. If one in five does, which is few for
a local election, 50 ballots without any come once in 70,000 times."""


def settle(election: Election, counts: Counts) -> Result:
    """Settles an election by its rules, in exact arithmetic.

    Raises:
        CountsError: The counts contradict themselves or the election.
        TieError: Lots must decide and no drawing is recorded.
    """
    require_consistent(counts, election)
    if election.kind is ElectionKind.MAYOR:
        return _settle_mayor(election, counts)
    return _settle_council(election, counts)


def list_votes(election: Election, counts: ListCounts) -> int:
    """What seats are awarded by.

    Municipal councils: ``ballots * seats + received - given`` (valglov-2002 § 11-12). County
    councils: one vote a ballot.
    """
    if election.kind is ElectionKind.MUNICIPAL_COUNCIL:
        return counts.ballots * election.seats + counts.write_ins_received - counts.write_ins_given
    return counts.ballots


def names_candidates(election: Election) -> bool:
    """False for an election file without candidates, which can only settle seats."""
    return any(entry.candidates for entry in election.lists)


def _settle_council(election: Election, counts: Counts) -> Result:
    by_list = {entry.id: counts.of_list(entry.id) for entry in election.lists}
    votes = {list_id: list_votes(election, part) for list_id, part in by_list.items()}
    caps = {entry.id: eligible(entry) for entry in election.lists} if names_candidates(election) else None
    allocation = allocate(votes, election.seats, caps=caps, lots=counts.lots)
    lists = tuple(
        _list_result(election, entry, by_list[entry.id], votes[entry.id], allocation.seats_of(entry.id))
        for entry in election.lists
    )
    return Result(
        election=election,
        counts=counts,
        lists=lists,
        seats=allocation.awards,
        blank=counts.blank,
        rejected=tuple(counts.rejected.items()),
        turnout=_turnout(election, counts),
        ties=allocation.ties,
        unused_lots=_unused(counts, allocation.ties),
        vacant_seats=allocation.vacant,
        notices=(
            *_notices(lists, allocation.vacant, _without_persons(election, counts)),
            *_partly_without_persons(election, counts),
        ),
    )


def _list_result(
    election: Election, entry: CandidateList, counts: ListCounts, votes: int, seats: int
) -> ListResult:
    persons_counted = bool(counts.candidates) or counts.write_ins_received == 0
    named = names_candidates(election)
    return ListResult(
        list_id=entry.id,
        name=entry.name,
        ballots=counts.ballots,
        write_ins_received=counts.write_ins_received,
        write_ins_given=counts.write_ins_given,
        list_votes=votes,
        seats=seats,
        deputies=deputies_for(seats, eligible(entry) - seats if named else None),
        candidates=rank_candidates(election.kind, entry, counts, seats) if persons_counted else (),
        persons_counted=persons_counted or not named,
    )


def _settle_mayor(election: Election, counts: Counts) -> Result:
    mayor, ties = settle_mayor(election.mayor_candidates, counts.mayor(), counts.lots)
    return Result(
        election=election,
        counts=counts,
        lists=(),
        seats=(),
        blank=counts.blank,
        rejected=tuple(counts.rejected.items()),
        turnout=_turnout(election, counts),
        ties=ties,
        unused_lots=_unused(counts, ties),
        mayor=mayor,
        notices=_mayor_notices(mayor, counts.blank),
    )


def _mayor_notices(mayor: MayorResult, blank: int) -> tuple[str, ...]:
    if mayor.elected is None:
        return ("Ingen er valgt: det er ingen stemmer å fordele.",)
    votes = dict(mayor.rounds[0].votes)[mayor.elected]
    if len(mayor.rounds) == 1 and votes * 2 < mayor.approved + blank:
        return (
            f"Flertallet er regnet av de {mayor.approved} stemmene med førstevalg. Regnes de {blank} blanke "
            "med, har ingen halvparten; avklar regelen før resultatet brukes.",
        )
    return ()


def _turnout(election: Election, counts: Counts) -> Turnout | None:
    return None if election.electorate is None else Turnout(counts.total, election.electorate)


def _unused(counts: Counts, ties: tuple[Tie, ...]) -> tuple[Lots, ...]:
    used: set[tuple[LotsKind, frozenset[str]]] = {(tie.kind, frozenset(tie.tied)) for tie in ties}
    return tuple(lots for lots in counts.lots if (lots.kind, frozenset(lots.order)) not in used)


def _without_persons(election: Election, counts: Counts) -> tuple[str, ...]:
    """Lists with ballots whose counts name no candidate and come from no sheets: perhaps not counted yet."""
    if counts.sheets is not None or not names_candidates(election):
        return ()
    found = ((entry, counts.of_list(entry.id)) for entry in election.lists)
    return tuple(
        entry.name
        for entry, part in found
        if part.ballots and not part.candidates and not part.write_ins_received
    )


def _partly_without_persons(election: Election, counts: Counts) -> Iterator[str]:
    """Says of lists whose persons are counted in some categories only: perhaps they wait in the others."""
    for entry in election.lists if counts.sheets is None else ():
        bare = tuple(_parts_without_persons(entry, counts))
        counted = any(part.lists[entry.id].candidates for part in counts.categories if entry.id in part.lists)
        if bare and counted:
            yield (
                f"Ingen personstemmer til {entry.name} er oppgitt for {', '.join(bare)}. Er de ikke talt "
                "ennå, er det ikke avgjort hvem som er valgt."
            )


def _parts_without_persons(entry: CandidateList, counts: Counts) -> Iterator[str]:
    """Categories without a personal vote to a list; where only some of its districts are, these."""
    found: dict[str, list[tuple[str | None, ListCounts]]] = defaultdict(list)
    for part in counts.categories:
        if entry.id in part.lists:
            found[part.category.value].append((part.district, part.lists[entry.id]))
    for code, parts in found.items():
        bare = [(district, votes.ballots) for district, votes in parts if not votes.candidates]
        if len(bare) < len(parts):
            yield from (f"{code} i krets {d}" for d, ballots in bare if ballots >= _BALLOTS_WITH_VOTES)
        elif sum(ballots for _, ballots in bare) >= _BALLOTS_WITH_VOTES:
            yield code


def _notices(lists: tuple[ListResult, ...], vacant: int, unnamed: tuple[str, ...]) -> tuple[str, ...]:
    notices = []
    if vacant:
        notices.append(
            f"{vacant} mandater står ledige: ingen liste med stemmer har flere valgbare kandidater."
        )
    notices += [
        f"Personstemmene til {entry.name} er ikke oppgitt; kandidatene er ikke rangert."
        for entry in lists
        if not entry.persons_counted
    ]
    if unnamed:
        notices.append(
            f"Ingen personstemmer er oppgitt for {', '.join(unnamed)}; kandidatene står i listens "
            "rekkefølge. Er personstemmene ikke talt ennå, er det ikke avgjort hvem som er valgt."
        )
    return tuple(notices)
