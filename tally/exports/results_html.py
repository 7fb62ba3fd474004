"""The result as one page that stands alone: no scripts, no external resources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jinja2 import Environment, PackageLoader, StrictUndefined

from ballot.election import ElectionKind
from tally.exports import labels, numbers
from tally.exports.charts import Bar, HalfCircle, bar_length, half_circle
from tally.exports.colours import colours, from_left
from tally.result import CandidateStatus, ListResult, Result
from tally.sainte_lague import divisor
from tally.secrecy import SMALLEST_PUBLISHED_CATEGORY, publishable

_MONTHS = (
    "januar",
    "februar",
    "mars",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "desember",
)


@dataclass(frozen=True, slots=True)
class QuotientCell:
    """A quotient and the number of the seat it won, if any."""

    quotient: str
    seat: int | None


@dataclass(frozen=True, slots=True)
class QuotientRow:
    """The quotients of all lists for one divisor."""

    divisor: str
    cells: tuple[QuotientCell, ...]


def results_to_html(result: Result, *, smallest_category: int = SMALLEST_PUBLISHED_CATEGORY) -> str:
    """The result page (bokmål), complete in one string.

    Args:
        result: What to show.
        smallest_category: Categories with fewer ballots are shown merged.
    """
    environment = Environment(
        loader=PackageLoader("tally.exports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["no"] = numbers.norwegian
    environment.filters["exact"] = lambda value: numbers.norwegian(numbers.exact(value).removesuffix(".0"))
    approved = sum(part.approved_for_someone for part in result.counts.categories)
    template = environment.get_template("mayor.html" if result.mayor is not None else "council.html")
    return template.render(
        result=result,
        election=result.election,
        labels=labels,
        Status=CandidateStatus,
        percent=numbers.percent,
        approved=approved,
        total=result.counts.total,
        rejected=sum(votes for _, votes in result.rejected),
        date=_norwegian_date(result.election.date),
        categories=publishable(result.election, result.counts, smallest_category),
        smallest_category=smallest_category,
        **(_mayor_parts(result) if result.mayor is not None else _council_parts(result)),
    )


def _council_parts(result: Result) -> dict[str, object]:
    lists = result.election.lists
    by_id = {entry.list_id: entry for entry in result.lists}
    colour = colours(lists)
    return {
        "colour": colour,
        "county": result.election.kind is ElectionKind.COUNTY_COUNCIL,
        "circle": _circle(result, by_id),
        "seated": [by_id[list_id] for list_id in from_left(lists) if by_id[list_id].seats],
        "bars": _list_bars(result, colour),
        "quotients": _quotients(result),
        "with_seats": [entry for entry in result.lists if entry.seats],
        "named": any(entry.candidates for entry in result.lists),
    }


def _circle(result: Result, by_id: dict[str, ListResult]) -> HalfCircle | None:
    if not result.seats:
        return None
    return half_circle([(list_id, by_id[list_id].seats) for list_id in from_left(result.election.lists)])


def _list_bars(result: Result, colour: dict[str, str]) -> list[Bar]:
    """Largest list first; shares are of the ballots for lists."""
    all_ballots = sum(entry.ballots for entry in result.lists)
    longest = max((entry.ballots for entry in result.lists), default=0)
    return [
        Bar(
            label=entry.list_id,
            name=entry.name,
            votes=entry.ballots,
            share=numbers.percent(entry.ballots, all_ballots),
            length=bar_length(entry.ballots, longest),
            colour=colour[entry.list_id],
        )
        for entry in sorted(result.lists, key=lambda entry: -entry.ballots)
    ]


def _quotients(result: Result) -> list[QuotientRow]:
    """All quotients down to one row below the last seat any list won."""
    if not result.seats:
        return []
    seat_of: dict[tuple[str, int], int] = {}
    won: dict[str, int] = {}
    for award in result.seats:
        seat_of[award.list_id, won.get(award.list_id, 0)] = award.seat
        won[award.list_id] = won.get(award.list_id, 0) + 1
    rows = []
    for index in range(max(won.values()) + 1):
        divided_by = divisor(index)
        cells = tuple(
            QuotientCell(numbers.quotient(entry.list_votes / divided_by), seat_of.get((entry.list_id, index)))
            for entry in result.lists
        )
        rows.append(QuotientRow("1,4" if index == 0 else str(divided_by), cells))
    return rows


def _mayor_parts(result: Result) -> dict[str, object]:
    assert result.mayor is not None
    people = {candidate.number: candidate for candidate in result.election.mayor_candidates}
    rounds = []
    for stage in result.mayor.rounds:
        longest = max((votes for _, votes in stage.votes), default=0)
        whole = sum(votes for _, votes in stage.votes)
        rounds.append(
            [
                Bar(
                    label=str(number),
                    name=people[number].name,
                    votes=votes,
                    share=numbers.percent(votes, whole),
                    length=bar_length(votes, longest),
                    colour="#1d4f7a" if number == result.mayor.elected else "#9db2c4",
                )
                for number, votes in sorted(stage.votes, key=lambda item: -item[1])
            ]
        )
    elected = None if result.mayor.elected is None else people[result.mayor.elected]
    return {"rounds": rounds, "elected": elected, "people": people}


def _norwegian_date(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day}. {_MONTHS[day.month - 1]} {day.year}"
