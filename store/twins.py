"""Sheets that look like the same ballot twice, and which of them still have to be asked about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from ballot.ruling import twin_of
from store.vault import sha256

NO_PICTURE = sha256(b"")
"""The checksum of a page that could not be taken out of its file."""

# The ballot id of every sheet: as a person ruled it last, else as read. A sheet that was entered by hand is
# of a ballot that the reader may have taken for another, so its number says nothing.
_IDENTITIES = """
WITH latest AS (
  SELECT r.* FROM readings r WHERE r.number = (SELECT max(n.number) FROM readings n WHERE n.sheet = r.sheet)
), in_force AS (
  SELECT u.* FROM rulings u JOIN latest l ON l.number = u.reading
  WHERE NOT EXISTS (SELECT 1 FROM rulings later WHERE later.supersedes = u.number)
), identities AS MATERIALIZED (
  SELECT l.sheet, CASE WHEN EXISTS (
    SELECT 1 FROM rulings e WHERE e.sheet = l.sheet AND e.reading = l.number AND e.verdict = 'enter'
  ) THEN NULL ELSE l.ballot_number END AS ballot_number, coalesce((
    SELECT u.value FROM in_force u WHERE u.sheet = l.sheet AND u.verdict = 'ballot_id'
    ORDER BY u.number DESC LIMIT 1
  ), l.ballot_id) AS ballot_id
  FROM latest l
)
"""

# Of a sheet of which only one picture came, the other may be on a sheet that was delivered whole later. Two
# whole sheets must have both pictures in common: white sides of scans in black and white may be alike, and
# a picture that several other sheets share is such a side. Where the same file lies on two sheets, a folder
# was scanned again, perhaps into another box, with its pages paired otherwise; its folder does not count,
# since files are named from the folder that was given, and that may be the one above. What a person has ruled
# of two sheets stays.
_MOST_SHARING = 4

_SAME_PICTURES = f"""
SELECT a.id AS sheet, b.id AS other FROM sheets a JOIN sheets b ON b.pictures = a.pictures AND b.id != a.id
UNION
SELECT a.sheet, b.sheet FROM (
  SELECT sheet, min(sha256) AS sha256 FROM pages GROUP BY sheet HAVING count(DISTINCT sha256) = 1
) a JOIN pages b ON b.sha256 = a.sha256 AND b.sheet != a.sheet
WHERE (
  SELECT count(DISTINCT s.pictures) FROM pages p JOIN sheets s ON s.id = p.sheet WHERE p.sha256 = a.sha256
) <= {_MOST_SHARING} OR EXISTS (
  SELECT 1 FROM in_force u WHERE u.sheet = a.sheet AND u.issue = 'duplicate_ballot/' || b.sheet
)
UNION
SELECT a.sheet, b.sheet FROM rare r JOIN pages a ON a.sha256 = r.sha256 JOIN pages b
  ON b.sha256 = a.sha256 AND b.name = a.name AND b.sheet != a.sheet
"""


def _without_folders(name: str) -> str:
    return f"substr({name}, length(rtrim({name}, replace({name}, '/', ''))) + 1)"


_PAGES = f"""
pages AS MATERIALIZED (
  SELECT id AS sheet, {_without_folders("front_name")} AS name, front_sha256 AS sha256 FROM sheets
    WHERE front_sha256 != '{NO_PICTURE}'
  UNION
  SELECT id, {_without_folders("back_name")}, back_sha256 FROM sheets
    WHERE back_sha256 != '{NO_PICTURE}'
), rare AS MATERIALIZED (
  SELECT p.sha256 FROM pages p JOIN sheets s ON s.id = p.sheet GROUP BY p.sha256
  HAVING count(DISTINCT p.sheet) > 1 AND count(DISTINCT s.pictures) <= {_MOST_SHARING}
)
"""

_DUPLICATES = f"""{_IDENTITIES}, {_PAGES}
SELECT a.sheet AS sheet, b.sheet AS other FROM identities a JOIN identities b
  ON b.ballot_id = a.ballot_id AND b.sheet != a.sheet
  AND (a.ballot_number IS NULL OR b.ballot_number IS NULL OR a.ballot_number = b.ballot_number)
UNION {_SAME_PICTURES}
"""

# What looks exactly like a sheet that was withdrawn as a picture of a third is asked about as that third.
_COPIES_OF_WITHDRAWN = f"""{_IDENTITIES}
SELECT DISTINCT a.id AS sheet, b.id AS copy FROM in_force u JOIN sheets a ON a.id = u.sheet
  JOIN sheets b ON b.pictures = a.pictures AND b.id != a.id
WHERE u.verdict = 'withdraw' AND u.issue LIKE 'duplicate_ballot/%'
"""

_WITHDRAWALS = _IDENTITIES + "SELECT sheet, issue FROM in_force WHERE verdict = 'withdraw'"


@dataclass(frozen=True, slots=True)
class Twins:
    """Which sheets look like which others, and which of these still are a question.

    Attributes:
        like: For each sheet that has any: the others with the same ballot id or the same pictures, and those
            that a sheet with the same pictures was withdrawn for.
        withdrawn: The issues under which each withdrawn sheet was withdrawn.
        pictures_of: The sheets withdrawn as other pictures of a sheet, by that sheet.
    """

    like: Mapping[str, frozenset[str]]
    withdrawn: Mapping[str, frozenset[str]]
    pictures_of: Mapping[str, frozenset[str]]

    def asked(self, sheet: str) -> tuple[str, ...]:
        """Sheets that one must be told from: those that count, or that the committee called no ballot.

        Of the latter none that this one was withdrawn as a picture of: neither would count.
        """
        others = (o for o in self._like(sheet) if all(twin_of(i) is None for i in self._issues(o)))
        stood_on = {twin_of(issue) for issue in self._issues(sheet)}
        return tuple(sorted(o for o in others if not (self._issues(o) and o in stood_on)))

    def stood_for(self, sheet: str) -> tuple[str, ...]:
        """Sheets that were withdrawn because this one counts, or another one that it is asked about."""
        like = self._like(sheet)
        others = {o for o in like if any(twin_of(issue) in like for issue in self._issues(o))}
        own = {o for o in self.pictures_of.get(sheet, ()) if sheet in self._like(o)}
        return tuple(sorted(others | own))

    def _like(self, sheet: str) -> frozenset[str]:
        return self.like.get(sheet, frozenset())

    def _issues(self, sheet: str) -> frozenset[str]:
        return self.withdrawn.get(sheet, frozenset())


def twins(connection: Connection) -> Twins:
    """All sheets of the station that look like others."""
    found = [(row.sheet, row.other) for row in connection.execute(text(_DUPLICATES))]
    withdrawn = _grouped((row.sheet, row.issue) for row in connection.execute(text(_WITHDRAWALS)))
    named = [(sheet, twin_of(issue)) for sheet, issues in withdrawn.items() for issue in issues]
    stands_for = [(of, sheet) for sheet, of in named if of is not None]
    through = _through_copies(connection, _grouped(found), _grouped((s, of) for of, s in stands_for))
    return Twins(_grouped([*found, *through]), withdrawn, _grouped(stands_for))


def _through_copies(
    connection: Connection, like: Mapping[str, frozenset[str]], counted_as: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, str]]:
    """Pairs, both ways round, of a sheet and those that another sheet of the same pictures was withdrawn for.

    Only what that other sheet is itself like: else two copies, each withdrawn for a third, would hold each
    other when the ids part. When the third was withdrawn for a fourth, that too.
    """
    for row in connection.execute(text(_COPIES_OF_WITHDRAWN)):
        reached, ahead = {row.sheet}, [row.sheet]
        while ahead:
            new = counted_as.get(ahead.pop(), frozenset()) - reached
            reached |= new
            ahead += new
        for of in (reached & like.get(row.sheet, frozenset())) - {row.copy}:
            yield from ((row.copy, of), (of, row.copy))


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return {key: frozenset(values) for key, values in found.items()}


def same_ballot(
    connection: Connection, sheet_id: str, ballot_id: str | None, ballot_number: str | None
) -> list[str]:
    """Sheets read before that carry the same id, or the same pictures: the quick question at intake."""
    query = text(
        "SELECT sheet FROM readings WHERE ballot_id = :id AND ballot_number IS :number AND sheet != :sheet "
        "UNION SELECT b.id FROM sheets a JOIN sheets b ON b.pictures = a.pictures AND b.id != a.id "
        "WHERE a.id = :sheet ORDER BY 1"
    )
    values = {"id": ballot_id, "number": ballot_number, "sheet": sheet_id}
    return list(connection.execute(query, values).scalars())
