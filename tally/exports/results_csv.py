"""Results as CSV for Norwegian spreadsheets: semicolons, decimal comma."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from fractions import Fraction

from tally.exports.labels import CATEGORY_NAMES, STATUS_NAMES, merged_name
from tally.exports.numbers import exact, quotient, rounded
from tally.result import Result
from tally.secrecy import SMALLEST_PUBLISHED_CATEGORY, publishable


def results_to_csv(result: Result, *, smallest_category: int = SMALLEST_PUBLISHED_CATEGORY) -> dict[str, str]:
    """The result as CSV tables by table name, each the text of one file.

    Text that a spreadsheet would run as a formula is marked as text with an apostrophe.
    """
    tables = {"kategorier": _categories(result, smallest_category)}
    if result.mayor is None:
        tables |= {"lister": _lists(result), "mandater": _seats(result), "kandidater": _candidates(result)}
    else:
        tables["runder"] = _rounds(result)
    tables["merknader"] = _remarks(result)  # also when empty: none of an earlier result may stay beside it
    return tables


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow([_cell(value) for value in header])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return stream.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") and value != "-":
        return f"'{value}"
    return value


def _comma(number: str) -> str:
    return number.replace(".", ",")


def _lists(result: Result) -> str:
    ballots = sum(entry.ballots for entry in result.lists)
    return _table(
        [
            "Partikode",
            "Partinavn",
            "Stemmesedler",
            "Oppslutning prosentvis",
            "Slengere mottatt",
            "Slengere avgitt",
            "Listestemmer",
            "Antall mandater",
            "Antall varamedlemmer",
        ],
        (
            (
                entry.list_id,
                entry.name,
                entry.ballots,
                _comma(rounded(Fraction(entry.ballots * 100, ballots), 2)) if ballots else "",
                entry.write_ins_received,
                entry.write_ins_given,
                entry.list_votes,
                entry.seats,
                entry.deputies,
            )
            for entry in result.lists
        ),
    )


def _seats(result: Result) -> str:
    return _table(
        ["Mandat", "Partikode", "Kvotient"],
        ((award.seat, award.list_id, _comma(quotient(award.quotient))) for award in result.seats),
    )


def _candidates(result: Result) -> str:
    return _table(
        [
            "Partikode",
            "Plass",
            "Listeplass",
            "Navn",
            "Stemmetillegg",
            "Kryss",
            "Slengere",
            "Sum personstemmer",
            "Status",
        ],
        (
            (
                entry.list_id,
                "" if candidate.rank is None else candidate.rank,
                candidate.number,
                candidate.name,
                _comma(exact(candidate.stemmetillegg)),
                candidate.crosses,
                candidate.write_ins,
                _comma(exact(candidate.total)),
                STATUS_NAMES[candidate.status],
            )
            for entry in result.lists
            for candidate in entry.candidates
        ),
    )


def _categories(result: Result, smallest: int) -> str:
    election = result.election
    header = [entry.id for entry in election.lists]
    header += [str(candidate.number) for candidate in election.mayor_candidates]
    rows = []
    for row in publishable(election, result.counts, smallest):
        votes = [*row.list_ballots.values(), *row.choices.values()]
        name = merged_name(row) if row.merged else CATEGORY_NAMES[row.categories[0]]
        code = "+".join(row.categories)
        rows.append((code, name, *votes, row.blank, row.rejected, row.total))
    return _table(["Kode", "Kategori", *header, "Blanke", "Forkastede", "Sum"], rows)


def _remarks(result: Result) -> str:
    """What must be known of the other tables, above all that they are provisional."""
    waiting = f"FORELØPIG: {result.pending} sedler er ikke avgjort og er ikke med i tabellene."
    remarks = ([waiting] if result.provisional else []) + list(result.notices)
    return _table(["Merknad"], ((remark,) for remark in remarks))


def _rounds(result: Result) -> str:
    names = {candidate.number: candidate.name for candidate in result.election.mayor_candidates}
    rounds = result.mayor.rounds if result.mayor is not None else ()
    elected = result.mayor.elected if result.mayor is not None else None
    return _table(
        ["Runde", "Nummer", "Navn", "Stemmer", "Valgt"],
        (
            (number, candidate, names[candidate], votes, "ja" if candidate == elected else "")
            for number, stage in enumerate(rounds, start=1)
            for candidate, votes in stage.votes
        ),
    )
