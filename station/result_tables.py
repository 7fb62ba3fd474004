"""The result as tables on the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from tally.exports.labels import STATUS_NAMES
from tally.exports.numbers import exact, norwegian, percent
from tally.result import CandidateStatus, MayorResult, Result


def print_result(result: Result) -> None:
    """Prints seats, elected candidates, deputies and what the reader must know."""
    console = Console(highlight=False, markup=False)
    election = result.election
    console.print(f"{election.name}, {election.area_name} ({election.date})")
    if result.mayor is not None:
        _print_mayor(console, result, result.mayor)
    else:
        console.print(_list_table(result))
        console.print(_elected_table(result))
    rejected = sum(votes for _, votes in result.rejected)
    console.print(f"{result.counts.total} ballots: {result.blank} blank, {rejected} rejected.")
    if result.turnout is not None:
        console.print(f"Turnout: {percent(result.turnout.ballots, result.turnout.electorate)}")
    for tie in result.ties:
        how = "all of them won" if tie.order is None else f"lots: {', '.join(tie.order)}"
        console.print(f"Tie between {', '.join(tie.tied)} for {tie.places} place(s); {how}.")
    for lots in result.unused_lots:
        console.print(f"Not used: lots between {', '.join(lots.order)}, who did not tie.")
    for notice in result.notices:
        console.print(notice)
    if result.provisional:
        console.print(f"PROVISIONAL: {result.pending} sheets await review and are not in this result.")


def _list_table(result: Result) -> Table:
    table = Table(title="Lister", title_justify="left")
    table.add_column("Liste", overflow="fold")
    for heading in ("Sedler", "Mottatt", "Avgitt", "Listestemmer", "Mandater", "Vara"):
        table.add_column(heading, justify="right")
    for entry in result.lists:
        numbers = (
            entry.ballots,
            entry.write_ins_received,
            entry.write_ins_given,
            entry.list_votes,
            entry.seats,
            entry.deputies,
        )
        table.add_row(f"{entry.list_id} {entry.name}", *(norwegian(number) for number in numbers))
    return table


def _elected_table(result: Result) -> Table:
    table = Table(title="Valgte", title_justify="left")
    table.add_column("Liste", overflow="fold")
    table.add_column("Plass", justify="right")
    table.add_column("Navn", overflow="fold")
    table.add_column("Personstemmer", justify="right")
    table.add_column("")
    for entry in result.lists:
        for person in entry.candidates:
            if person.status is not CandidateStatus.NOT_ELECTED:
                table.add_row(
                    entry.list_id,
                    str(person.rank),
                    person.name,
                    norwegian(exact(person.total)),
                    STATUS_NAMES[person.status],
                )
    return table


def _print_mayor(console: Console, result: Result, mayor: MayorResult) -> None:
    people = {candidate.number: candidate.name for candidate in result.election.mayor_candidates}
    for number, stage in enumerate(mayor.rounds, start=1):
        table = Table(title=f"Runde {number}", title_justify="left")
        table.add_column("Kandidat", overflow="fold")
        table.add_column("Stemmer", justify="right")
        for candidate, votes in sorted(stage.votes, key=lambda item: -item[1]):
            table.add_row(f"{candidate} {people[candidate]}", norwegian(votes))
        console.print(table)
    if mayor.elected is not None:
        console.print(f"Valgt: {people[mayor.elected]}")
