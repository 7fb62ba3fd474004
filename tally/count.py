"""Counts cast vote records: every sheet in exactly one class, every vote once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ballot.election import BallotKind, Election, ElectionKind
from ballot.errors import CountsError
from ballot.record import CastVoteRecord, CountCategory, RejectionReason
from tally.counts import CandidateCounts, CategoryCounts, Counts, ListCounts, Lots, MayorCounts, SheetTotals
from tally.reconcile import require_consistent


def valid_write_ins(election: Election, list_id: str, written: Iterable[str]) -> tuple[str, ...]:
    """The slengere of a ballot that count, in written order.

    Names of the ballot's own list are ignored, the same candidate counts once, ineligible
    candidates move no vote (valglov-2002 § 7-2), and at most `Election.max_write_ins` count:
    the first valid ones.

    Args:
        election: Knows the lists and the limit.
        list_id: The ballot's list.
        written: Candidates as ``<list>:<number>``.

    Raises:
        CountsError: A name is not a candidate of the election.
    """
    valid: list[str] = []
    for name in written:
        other, _, number = name.partition(":")
        found = election.list_by_id(other)
        candidate = found.candidate(int(number)) if found is not None and number.isdecimal() else None
        if candidate is None:
            raise CountsError(
                f"{name!r} is not a candidate of election {election.id}.",
                "This record should not exist; report it with the sheet's number.",
            )
        same_name = f"{other}:{candidate.number}"
        if other != list_id and candidate.eligible and same_name not in valid:
            valid.append(same_name)
    return tuple(valid[: election.max_write_ins])


@dataclass(slots=True)
class _Part:
    """The growing counts of one category and district."""

    ballots: Counter[str] = field(default_factory=Counter)
    crosses: Counter[tuple[str, int]] = field(default_factory=Counter)
    write_ins: Counter[tuple[str, int]] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    blank: int = 0
    rejected: Counter[RejectionReason] = field(default_factory=Counter)
    first: Counter[int] = field(default_factory=Counter)
    pairs: Counter[tuple[int, int]] = field(default_factory=Counter)


def count_records(
    election: Election,
    records: Iterable[CastVoteRecord],
    *,
    lots: tuple[Lots, ...] = (),
    sheets: SheetTotals | None = None,
) -> Counts:
    """Counts records per category and district.

    Args:
        election: The election the records belong to.
        records: One record for each settled sheet, in any order.
        lots: Drawings of lots to settle with.
        sheets: How the sheets were handled, where known; must agree with the records.

    Raises:
        CountsError: A sheet stands there twice, is in no class or in several, names what the
            election does not have, or the sums do not add up.
    """
    parts: dict[tuple[CountCategory, str], _Part] = {}
    seen: set[str] = set()
    for record in records:
        if record.sheet_id in seen:
            raise _bad(record, "is recorded twice")
        seen.add(record.sheet_id)
        try:
            category = CountCategory(record.category)
        except ValueError as error:
            raise _bad(record, f"has the unknown category {record.category!r}") from error
        _add(election, parts.setdefault((category, record.district), _Part()), record)
    order = list(CountCategory)
    counts = Counts(
        categories=tuple(
            _finish(election, category, district, part)
            for (category, district), part in sorted(
                parts.items(), key=lambda item: (order.index(item[0][0]), item[0][1])
            )
        ),
        lots=lots,
        sheets=sheets,
        election=election.id,
        area=election.area_id,
    )
    if counts.total != len(seen):
        raise CountsError(
            f"{len(seen)} sheets were recorded, but {counts.total} ballots were counted.",
            "Nothing was settled. Report this with the station's journal.",
        )
    require_consistent(counts, election)
    return counts


def _bad(record: CastVoteRecord, what: str) -> CountsError:
    return CountsError(
        f"Sheet {record.sheet_id} {what}. Nothing was settled.",
        "Look at the sheet in the station and rule on it again.",
    )


def _add(election: Election, part: _Part, record: CastVoteRecord) -> None:
    classes = (
        record.list_id is not None,
        record.blank,
        record.rejected is not None,
        record.first_choice is not None,
    )
    if sum(classes) != 1:
        raise _bad(record, f"is in {sum(classes)} classes, must be in one (list, blank, rejected, choice)")
    if record.rejected is not None:
        part.rejected[record.rejected] += 1
    elif record.blank:
        part.blank += 1
    elif record.first_choice is not None:
        _add_choices(election, part, record, record.first_choice)
    elif record.list_id is not None:
        _add_list_ballot(election, part, record, record.list_id)


def _add_list_ballot(election: Election, part: _Part, record: CastVoteRecord, list_id: str) -> None:
    found = election.list_by_id(list_id)
    if found is None:
        raise _bad(record, f"counts for the unknown list {list_id!r}")
    if record.kind is not BallotKind.LIST and (record.personal or record.write_ins):
        raise _bad(record, f"is a {record.kind} ballot with personal votes")
    part.ballots[list_id] += 1
    for number in set(record.personal):
        if found.candidate(number) is None:
            raise _bad(record, f"has a cross for candidate {number}, whom list {list_id} does not have")
        part.crosses[list_id, number] += 1
    try:
        write_ins = valid_write_ins(election, list_id, record.write_ins)
    except CountsError as error:
        raise _bad(record, f"has a write-in that cannot count: {error.message}") from error
    for name in write_ins:
        other, _, number_text = name.partition(":")
        part.write_ins[other, int(number_text)] += 1
        part.given[list_id] += 1


def _add_choices(election: Election, part: _Part, record: CastVoteRecord, first: int) -> None:
    known = {candidate.number for candidate in election.mayor_candidates}
    second = record.second_choice
    for choice in (first, second):
        if choice is not None and choice not in known:
            raise _bad(record, f"chooses the unknown candidate {choice}")
    part.first[first] += 1
    if second is not None and second != first:
        part.pairs[first, second] += 1


def _finish(election: Election, category: CountCategory, district: str, part: _Part) -> CategoryCounts:
    lists = {}
    for entry in election.lists:
        candidates = {
            c.number: CandidateCounts(part.crosses[entry.id, c.number], part.write_ins[entry.id, c.number])
            for c in entry.candidates
            if (entry.id, c.number) in part.crosses or (entry.id, c.number) in part.write_ins
        }
        lists[entry.id] = ListCounts(
            ballots=part.ballots[entry.id],
            write_ins_received=sum(votes.write_ins for votes in candidates.values()),
            write_ins_given=part.given[entry.id],
            candidates=candidates,
        )
    mayor = election.kind is ElectionKind.MAYOR
    return CategoryCounts(
        category=category,
        lists={} if mayor else lists,
        blank=part.blank,
        rejected={reason: part.rejected[reason] for reason in RejectionReason},
        district=district,
        mayor=MayorCounts(dict(part.first), dict(part.pairs)) if mayor else None,
    )
