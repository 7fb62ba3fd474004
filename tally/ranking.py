"""Which of a list's candidates are elected, and who are their deputies."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from ballot.election import Candidate, CandidateList, ElectionKind
from tally.counts import CandidateCounts, ListCounts
from tally.result import CandidateResult, CandidateStatus

STEMMETILLEGG_SHARE = Fraction(1, 4)
"""Of the list's approved ballots, not rounded (municipal councils; valglov-2002 § 11-12)."""

COUNTY_THRESHOLD_PERCENT = 8
"""Personal votes that lift a county candidate past list order, in percent of the list's ballots."""

EXTRA_DEPUTIES = 3
"""A list gets as many deputies as seats, and three more, while it has candidates."""


def eligible(entry: CandidateList) -> int:
    """How many seats the list can fill."""
    return sum(candidate.eligible for candidate in entry.candidates)


def deputies_for(seats: int, candidates_left: int | None) -> int:
    """How many deputies a list with `seats` seats gets (None left: candidates are not named)."""
    if seats == 0:
        return 0
    wanted = seats + EXTRA_DEPUTIES
    return wanted if candidates_left is None else min(wanted, candidates_left)


def rank_candidates(
    kind: ElectionKind, entry: CandidateList, counts: ListCounts, seats: int
) -> tuple[CandidateResult, ...]:
    """Ranks a list's candidates; ineligible ones come last, without a rank.

    Args:
        kind: Municipal lists are ranked by personal votes with stemmetillegg, county lists by
            the 8 % rule.
        entry: The list.
        counts: The list's counts over all categories.
        seats: Seats the list won, at most its eligible candidates.
    """
    if kind is ElectionKind.COUNTY_COUNCIL:
        ranked = _county_order(entry, counts)
    else:
        ranked = sorted(
            (c for c in entry.candidates if c.eligible),
            key=lambda c: (-_total(c, counts), c.number),
        )
    deputies = deputies_for(seats, len(ranked) - seats)
    results = []
    for rank, candidate in enumerate(ranked, start=1):
        if rank <= seats:
            status = CandidateStatus.ELECTED
        elif rank <= seats + deputies:
            status = CandidateStatus.DEPUTY
        else:
            status = CandidateStatus.NOT_ELECTED
        results.append(_result(candidate, counts, rank, status))
    skipped = [c for c in entry.candidates if not c.eligible]
    results += [_result(c, counts, None, CandidateStatus.NOT_ELECTED) for c in skipped]
    return tuple(results)


def _county_order(entry: CandidateList, counts: ListCounts) -> list[Candidate]:
    """First those with at least 8 % of the list's ballots, by votes; then the others in list order."""

    def key(candidate: Candidate) -> tuple[int, int, int]:
        crosses = _votes(counts.candidates, candidate).crosses
        passed = crosses > 0 and crosses * 100 >= counts.ballots * COUNTY_THRESHOLD_PERCENT
        return (0, -crosses, candidate.number) if passed else (1, 0, candidate.number)

    return sorted((c for c in entry.candidates if c.eligible), key=key)


def _votes(candidates: Mapping[int, CandidateCounts], candidate: Candidate) -> CandidateCounts:
    return candidates.get(candidate.number, CandidateCounts())


def _stemmetillegg(candidate: Candidate, counts: ListCounts) -> Fraction:
    return counts.ballots * STEMMETILLEGG_SHARE if candidate.stemmetillegg else Fraction(0)


def _total(candidate: Candidate, counts: ListCounts) -> Fraction:
    votes = _votes(counts.candidates, candidate)
    return _stemmetillegg(candidate, counts) + votes.crosses + votes.write_ins


def _result(
    candidate: Candidate, counts: ListCounts, rank: int | None, status: CandidateStatus
) -> CandidateResult:
    votes = _votes(counts.candidates, candidate)
    return CandidateResult(
        number=candidate.number,
        name=candidate.name,
        stemmetillegg=_stemmetillegg(candidate, counts),
        crosses=votes.crosses,
        write_ins=votes.write_ins,
        rank=rank,
        status=status,
    )
