"""Results as JSON (format ``results/1``)."""

from __future__ import annotations

from typing import Any

from tally.exports.numbers import exact, quotient, rounded
from tally.lots import Tie
from tally.result import CandidateResult, ListResult, Result
from tally.secrecy import SMALLEST_PUBLISHED_CATEGORY, PublishedCategory, publishable


def results_to_json(
    result: Result, *, smallest_category: int = SMALLEST_PUBLISHED_CATEGORY
) -> dict[str, Any]:
    """The result as a ``results/1`` object, described in ``docs/settlement.md``."""
    election = result.election
    data: dict[str, Any] = {
        "format": "results/1",
        "election": {"id": election.id, "name": election.name, "date": election.date},
        "area": {"id": election.area_id, "name": election.area_name},
        "provisional": result.provisional,
    }
    if result.mayor is None:
        data |= {
            "lists": {entry.list_id: _list(entry) for entry in result.lists},
            "seats": [
                {"seat": award.seat, "list": award.list_id, "quotient": quotient(award.quotient)}
                for award in result.seats
            ],
            "vacant_seats": result.vacant_seats,
            "candidates": {
                entry.list_id: [_candidate(c) for c in entry.candidates] for entry in result.lists
            },
        }
    else:
        data |= {
            "rounds": [
                {"round": number, "votes": {str(candidate): votes for candidate, votes in stage.votes}}
                for number, stage in enumerate(result.mayor.rounds, start=1)
            ],
            "approved": result.mayor.approved,
            "elected": result.mayor.elected,
        }
    data |= {
        "blank": result.blank,
        "rejected": {reason.value: votes for reason, votes in result.rejected},
        "categories": [_category(row) for row in publishable(election, result.counts, smallest_category)],
        "ties": [_tie(tie) for tie in result.ties],
        "unused_lots": [{"kind": lots.kind.value, "order": list(lots.order)} for lots in result.unused_lots],
        "notices": list(result.notices),
    }
    if result.turnout is not None:
        data["turnout"] = {
            "ballots": result.turnout.ballots,
            "electorate": result.turnout.electorate,
            "share": rounded(result.turnout.share, 6),
        }
    if result.counts.sheets is not None:
        sheets = result.counts.sheets
        data["sheets"] = {
            "read": sheets.read,
            "accepted": sheets.accepted,
            "reviewed": sheets.reviewed,
            "pending": sheets.pending,
            "withdrawn": sheets.withdrawn,
            "proposed_for_rejection": sheets.proposed_for_rejection,
        }
    return data


def _list(entry: ListResult) -> dict[str, Any]:
    return {
        "name": entry.name,
        "ballots": entry.ballots,
        "write_ins_received": entry.write_ins_received,
        "write_ins_given": entry.write_ins_given,
        "list_votes": entry.list_votes,
        "seats": entry.seats,
        "deputies": entry.deputies,
        "persons_counted": entry.persons_counted,
    }


def _candidate(candidate: CandidateResult) -> dict[str, Any]:
    return {
        "number": candidate.number,
        "name": candidate.name,
        "stemmetillegg": exact(candidate.stemmetillegg),
        "crosses": candidate.crosses,
        "write_ins": candidate.write_ins,
        "total": exact(candidate.total),
        "rank": candidate.rank,
        "status": candidate.status.value,
    }


def _category(row: PublishedCategory) -> dict[str, Any]:
    data: dict[str, Any] = {"categories": [category.value for category in row.categories]}
    if row.list_ballots:
        data["lists"] = dict(row.list_ballots)
    if row.choices:
        data["first"] = {str(number): votes for number, votes in row.choices.items()}
    return data | {"blank": row.blank, "rejected": row.rejected, "total": row.total}


def _tie(tie: Tie) -> dict[str, Any]:
    return {
        "kind": tie.kind.value,
        "tied": list(tie.tied),
        "places": tie.places,
        "order": None if tie.order is None else list(tie.order),
        "decisive": tie.decisive,
    }
