"""Proof that counts add up and fit the election, before they are settled."""

from __future__ import annotations

from collections.abc import Iterator

from ballot.election import CandidateList, Election, ElectionKind
from ballot.errors import CountsError
from tally.counts import CategoryCounts, Counts, ListCounts, Lots, LotsKind, MayorCounts

Problems = Iterator[tuple[str, str]]
"""Pairs of the place in the counts and what is wrong there."""

NO_DISTRICT = "-"
"""The district of every box where the election has none."""


def districts_of(election: Election) -> tuple[str, ...]:
    """The ids of the polling districts, or of the one that stands for none."""
    return tuple(district.id for district in election.districts) or (NO_DISTRICT,)


def require_consistent(counts: Counts, election: Election, name: str = "counts") -> None:
    """Checks every invariant of `counts`.

    Raises:
        CountsError: Names every inconsistency with its place.
    """
    refuse(name, list(inconsistencies(counts, election)))


def refuse(name: str, problems: list[tuple[str, str]]) -> None:
    """Raises a `CountsError` that lists the problems, if there are any."""
    if not problems:
        return
    unique = list(dict.fromkeys(problems))
    lines = "\n".join(f"  {place}: {what}" for place, what in unique)
    count = "1 error" if len(unique) == 1 else f"{len(unique)} errors"
    raise CountsError(
        f"{name}: the counts have {count}, nothing was settled:\n{lines}",
        "Check the counts against the ballots, correct them all and settle again.",
    )


def inconsistencies(counts: Counts, election: Election) -> Problems:
    """Yields every contradiction within the counts and between counts and election."""
    if counts.election not in (None, election.id):
        yield "election", f"these are counts of election {counts.election}, not of {election.id}"
    if counts.area not in (None, election.area_id):
        yield "area", f"these are counts of area {counts.area}, not of {election.area_id}"
    seen: set[tuple[str, str | None]] = set()
    districts = districts_of(election)
    for index, part in enumerate(counts.categories):
        place = f"categories[{index}]"
        if (part.category, part.district) in seen:
            where = "" if part.district is None else f" of district {part.district}"
            yield f"{place}.category", f"{part.category}{where} was already counted above"
        seen.add((part.category, part.district))
        if part.district is not None and part.district not in districts:
            yield f"{place}.district", f"there is no district {part.district!r}"
        yield from _check_signs(part, place)
        if election.kind is ElectionKind.MAYOR:
            yield from _check_mayor(part, election, place)
        else:
            yield from _check_lists(part, election, place)
    yield from _check_whole_and_parts(counts)
    yield from _check_lots(counts.lots, election)
    yield from _check_sheets(counts)


def _check_signs(part: CategoryCounts, place: str) -> Problems:
    numbers = {f"{place}.blank": part.blank}
    numbers |= {f"{place}.rejected.{reason}": votes for reason, votes in part.rejected.items()}
    for list_id, entry in part.lists.items():
        here = f"{place}.lists.{list_id}"
        numbers[f"{here}.ballots"] = entry.ballots
        numbers[f"{here}.write_ins_received"] = entry.write_ins_received
        numbers[f"{here}.write_ins_given"] = entry.write_ins_given
        for number, votes in entry.candidates.items():
            numbers[f"{here}.candidates.{number}.crosses"] = votes.crosses
            numbers[f"{here}.candidates.{number}.write_ins"] = votes.write_ins
    if part.mayor is not None:
        numbers |= {f"{place}.mayor.first.{n}": votes for n, votes in part.mayor.first.items()}
        numbers |= {f"{place}.mayor.pairs.{a}>{b}": votes for (a, b), votes in part.mayor.pairs.items()}
    for where, value in numbers.items():
        if value < 0:
            yield where, f"is {value}, cannot be negative"


def _check_lists(part: CategoryCounts, election: Election, place: str) -> Problems:
    if part.mayor is not None:
        yield f"{place}.mayor", f"a {election.kind} election has no mayor ballots"
    for list_id, entry in part.lists.items():
        here = f"{place}.lists.{list_id}"
        found = election.list_by_id(list_id)
        if found is None:
            known = ", ".join(item.id for item in election.lists)
            yield here, f"there is no list {list_id!r} (lists are {known})"
            continue
        yield from _check_candidates(part, found, here)
        if election.kind is not ElectionKind.MUNICIPAL_COUNCIL:
            if entry.write_ins_received or entry.write_ins_given:
                yield here, f"has write-ins, but a {election.kind} election has none"
        elif entry.write_ins_given > entry.ballots * election.max_write_ins:
            yield (
                f"{here}.write_ins_given",
                f"{entry.write_ins_given} on {entry.ballots} ballots is more than "
                f"{election.max_write_ins} a ballot",
            )
    received = sum(entry.write_ins_received for entry in part.lists.values())
    given = sum(entry.write_ins_given for entry in part.lists.values())
    if received != given:
        yield (
            f"{place}.lists",
            f"write_ins_received add up to {received}, write_ins_given to {given}; they must be equal",
        )
    for list_id, entry in part.lists.items():
        if entry.write_ins_received > given - entry.write_ins_given:
            yield (
                f"{place}.lists.{list_id}.write_ins_received",
                f"is {entry.write_ins_received}, but the other lists gave {given - entry.write_ins_given} "
                "(names of the ballot's own list do not count)",
            )


def _check_candidates(part: CategoryCounts, found: CandidateList, here: str) -> Problems:
    entry = part.lists[found.id]
    others = sum(other.ballots for list_id, other in part.lists.items() if list_id != found.id)
    for number, votes in entry.candidates.items():
        candidate = found.candidate(number)
        if candidate is None:
            yield f"{here}.candidates.{number}", f"list {found.id} has no candidate {number}"
        elif votes.write_ins and not candidate.eligible:
            yield (
                f"{here}.candidates.{number}.write_ins",
                f"{votes.write_ins} write-ins for {candidate.name}, who is not eligible: they move no list "
                "vote (valglov-2002 § 7-2), and these counts do not say which lists gave them; settle the "
                "station's folder, or count again by this election file",
            )
        if votes.crosses > entry.ballots:
            yield (
                f"{here}.candidates.{number}.crosses",
                f"{votes.crosses} crosses on {entry.ballots} ballots",
            )
        if votes.write_ins > others:
            yield (
                f"{here}.candidates.{number}.write_ins",
                f"{votes.write_ins} write-ins on the {others} ballots of the other lists",
            )
    yield from _check_received(entry, here)


def _check_received(entry: ListCounts, here: str) -> Problems:
    if not entry.candidates:
        return
    named = sum(votes.write_ins for votes in entry.candidates.values())
    if named != entry.write_ins_received:
        yield (
            f"{here}.write_ins_received",
            f"is {entry.write_ins_received}, but the candidates' write_ins add up to {named} "
            "(leave `candidates` out if persons were not counted)",
        )


def _check_mayor(part: CategoryCounts, election: Election, place: str) -> Problems:
    if part.lists:
        yield f"{place}.lists", "a mayor election has no lists; use `mayor`"
    mayor = part.mayor or MayorCounts()
    known = {candidate.number for candidate in election.mayor_candidates}
    for number in mayor.first:
        if number not in known:
            yield f"{place}.mayor.first.{number}", f"there is no candidate {number}"
    with_second: dict[int, int] = {}
    for (first, second), votes in mayor.pairs.items():
        here = f"{place}.mayor.pairs.{first}>{second}"
        with_second[first] = with_second.get(first, 0) + votes
        if first == second:
            yield here, "the second choice is the first choice: leave such second choices out"
        for number in sorted({first, second} - known):
            yield here, f"there is no candidate {number}"
    for number, votes in with_second.items():
        if votes > mayor.first.get(number, 0):
            yield (
                f"{place}.mayor.pairs",
                f"{votes} ballots have first choice {number} and a second choice, "
                f"but only {mayor.first.get(number, 0)} have that first choice",
            )


def _check_whole_and_parts(counts: Counts) -> Problems:
    """A category counted by district must not stand there undivided as well."""
    undivided = {part.category for part in counts.categories if part.district is None}
    for index, part in enumerate(counts.categories):
        if part.district is not None and part.category in undivided:
            yield (
                f"categories[{index}].district",
                f"{part.category} is counted both by district and as a whole: its ballots would count twice",
            )
    partly: dict[str, list[bool]] = {}
    for part in counts.categories:
        for list_id, entry in part.lists.items():
            if entry.candidates or entry.write_ins_received:
                partly.setdefault(list_id, []).append(bool(entry.candidates))
    for list_id, named in partly.items():
        if any(named) and not all(named):
            yield (
                f"lists.{list_id}",
                "persons are counted in some categories, but in another only write_ins_received is given",
            )


def _check_lots(lots: tuple[Lots, ...], election: Election) -> Problems:
    orders: dict[tuple[LotsKind, frozenset[str]], tuple[str, ...]] = {}
    for index, drawing in enumerate(lots):
        place = f"lots[{index}]"
        mayor = election.kind is ElectionKind.MAYOR
        if (drawing.kind is LotsKind.MAYOR) != mayor:
            yield f"{place}.kind", f"lots for a {drawing.kind} do not belong to a {election.kind} election"
            continue
        known = (
            {str(c.number) for c in election.mayor_candidates} if mayor else {e.id for e in election.lists}
        )
        for name in drawing.order:
            if name not in known:
                yield f"{place}.order", f"there is no {'candidate' if mayor else 'list'} {name!r}"
        tied = frozenset(drawing.order)
        if len(tied) != len(drawing.order) or len(tied) < 2:
            yield f"{place}.order", "must name at least two, each once"
        if orders.setdefault((drawing.kind, tied), drawing.order) != drawing.order:
            yield f"{place}.order", "contradicts an earlier drawing between the same"


def _check_sheets(counts: Counts) -> Problems:
    sheets = counts.sheets
    if sheets is None:
        return
    handled = sheets.accepted + sheets.reviewed + sheets.pending + sheets.withdrawn
    if handled != sheets.read:
        yield (
            "sheets",
            f"{sheets.read} were read, but accepted + reviewed + pending + withdrawn are {handled}",
        )
    if sheets.accepted + sheets.reviewed != counts.total:
        yield (
            "sheets",
            f"{sheets.accepted + sheets.reviewed} are settled, but {counts.total} ballots are counted",
        )
