"""Sheets that look like the same ballot twice, and which of them still have to be asked about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, text

from ballot.reading import DoubtCode
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
    SELECT 1 FROM rulings e WHERE e.reading = l.number AND e.verdict = 'enter'
  ) THEN NULL ELSE l.ballot_number END AS ballot_number, coalesce((
    SELECT u.value FROM in_force u WHERE u.sheet = l.sheet AND u.verdict = 'ballot_id'
    ORDER BY u.number DESC LIMIT 1
  ), l.ballot_id) AS ballot_id
  FROM latest l
)
"""

# Of a sheet of which only one picture came, the other may be on a sheet that was delivered whole later. Two
# whole sheets must have both pictures in common: white sides of scans in black and white may be alike.
_SAME_PICTURES = """
SELECT a.id AS sheet, b.id AS other FROM sheets a JOIN sheets b ON b.pictures = a.pictures AND b.id != a.id
UNION
SELECT a.sheet, b.sheet FROM (
  SELECT sheet, min(sha256) AS sha256 FROM pages GROUP BY sheet HAVING count(*) = 1
) a JOIN pages b ON b.sha256 = a.sha256 AND b.sheet != a.sheet
"""

_PAGES = f"""
pages AS MATERIALIZED (
  SELECT id AS sheet, front_sha256 AS sha256 FROM sheets WHERE front_sha256 != '{NO_PICTURE}'
  UNION
  SELECT id, back_sha256 FROM sheets WHERE back_sha256 != '{NO_PICTURE}'
)
"""

_DUPLICATES = f"""{_IDENTITIES}, {_PAGES}
SELECT a.sheet AS sheet, b.sheet AS other FROM identities a JOIN identities b
  ON b.ballot_id = a.ballot_id AND b.sheet != a.sheet
  AND (a.ballot_number IS NULL OR b.ballot_number IS NULL OR a.ballot_number = b.ballot_number)
UNION {_SAME_PICTURES}
"""

_WITHDRAWALS = _IDENTITIES + "SELECT sheet, issue FROM in_force WHERE verdict = 'withdraw'"


def duplicates(connection: Connection) -> Mapping[str, frozenset[str]]:
    """For each sheet that has any: the other sheets with the same ballot id or the same pictures."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(text(_DUPLICATES)):
        found[row.sheet].add(row.other)
    return {sheet: frozenset(others) for sheet, others in found.items()}


def withdrawals(connection: Connection) -> Mapping[str, frozenset[str]]:
    """The sheets that rulings in force have withdrawn, each with the issues it was withdrawn under."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(text(_WITHDRAWALS)):
        found[row.sheet].add(row.issue)
    return {sheet: frozenset(issues) for sheet, issues in found.items()}


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


def twin_of(issue: str) -> str | None:
    """The other sheet that an issue about a ballot seen twice names; None for any other issue."""
    code, _, other = issue.partition("/")
    return other if code == DoubtCode.DUPLICATE_BALLOT.value and other else None


def is_asked_for(withdrawn_under: Iterable[str]) -> bool:
    """Whether a sheet like another one is a question: it counts, or the committee said that it is no ballot.

    Args:
        withdrawn_under: The issues under which it was withdrawn, if it was.
    """
    return all(twin_of(issue) is None for issue in withdrawn_under)


def stands_for(sheet_id: str, twins: frozenset[str], withdrawn_under: Iterable[str]) -> bool:
    """Whether a twin was withdrawn as another picture of this sheet, or of one that this one is asked about.

    Args:
        twins: All sheets like this one.
        withdrawn_under: The issues under which the twin was withdrawn, if it was.
    """
    return any(twin_of(issue) in {sheet_id, *twins} for issue in withdrawn_under)
