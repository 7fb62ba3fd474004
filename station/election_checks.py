"""What must hold between the parts of an election file.

The checks look at the decoded JSON, not at the validated models, so that they can report
contradictions together with missing keys and wrong types: everything malformed is skipped
here, because the models name it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from ballot.election import BallotKind, Election, ElectionKind, Rules

RULES_OF_KIND: dict[ElectionKind, frozenset[Rules]] = {
    ElectionKind.MUNICIPAL_COUNCIL: frozenset({Rules.VALGLOV_2002, Rules.VALGLOV_2023}),
    ElectionKind.COUNTY_COUNCIL: frozenset({Rules.VALGLOV_2002, Rules.VALGLOV_2023}),
    ElectionKind.MAYOR: frozenset({Rules.MAYOR_2007}),
}

Problems = Iterator[tuple[str, str]]
"""Pairs of the place and what is wrong there."""


def max_stemmetillegg(seats: int) -> int:
    """How many candidates of a list may have stemmetillegg (valglov-2002 § 6-2)."""
    if seats <= 23:
        return 4
    return 6 if seats <= 53 else 10


def unlawful_write_ins(election: Election) -> str:
    """What is wrong with the limit of write-ins, else nothing.

    A quarter of the seats, and at least five (valgloven); practice rounds down, the law is silent. It is
    not among the `contradictions`: a station that counts by such a file must still open.
    """
    seats, limit = election.seats, election.max_write_ins
    least, most = max(5, seats // 4), max(5, -(-seats // 4))
    if election.kind is not ElectionKind.MUNICIPAL_COUNCIL or least <= limit <= most:
        return ""
    return f"max_write_ins is {limit}, but {least} write-ins count with {seats} seats"


def contradictions(data: dict[str, Any]) -> Problems:
    """Yields every contradiction between parts of a decoded election file."""
    yield from _check_rules(data)
    yield from _check_unique(data, "districts", "id")
    yield from _check_lists(data)
    yield from _check_numbers(data.get("candidates"), "candidates")
    yield from _check_unique(data, "ballots", "number")
    yield from _check_ballots(data)


def _objects(value: object) -> list[tuple[int, dict[str, Any]]]:
    if not isinstance(value, list):
        return []
    return [(index, item) for index, item in enumerate(value) if isinstance(item, dict)]


def _kind(data: dict[str, Any]) -> ElectionKind | None:
    header = data.get("election")
    value = header.get("kind") if isinstance(header, dict) else None
    return ElectionKind(value) if value in list(ElectionKind) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _check_unique(data: dict[str, Any], part: str, key: str) -> Problems:
    seen: dict[str, int] = {}
    for index, item in _objects(data.get(part)):
        value = item.get(key)
        if not isinstance(value, str):
            continue
        if value in seen:
            yield f"{part}[{index}].{key}", f"{value!r} is already used by {part}[{seen[value]}]"
        else:
            seen[value] = index


def _check_rules(data: dict[str, Any]) -> Problems:
    kind = _kind(data)
    if kind is None:
        return
    rules = data.get("rules")
    if rules in list(Rules) and rules not in RULES_OF_KIND[kind]:
        allowed = " or ".join(sorted(RULES_OF_KIND[kind]))
        yield "rules", f"{rules!r} cannot settle a {kind} election; use {allowed}"
    if kind is not ElectionKind.MUNICIPAL_COUNCIL and _whole(data.get("max_write_ins")) not in (0, None):
        yield "max_write_ins", f"a {kind} election has no write-ins: must be 0 or left out"
    if kind is ElectionKind.MAYOR:
        if _whole(data.get("seats")) not in (1, None):
            yield "seats", "a mayor election fills 1 seat"
        if data.get("lists"):
            yield "lists", "must be empty in a mayor election; candidates stand in `candidates`"
        if not _objects(data.get("candidates")):
            yield "candidates", "a mayor election needs at least one candidate"
    else:
        if data.get("candidates"):
            yield "candidates", f"a {kind} election has its candidates in `lists`"
        if isinstance(data.get("lists"), list) and not data["lists"]:
            yield "lists", f"a {kind} election needs at least one list"


def _check_lists(data: dict[str, Any]) -> Problems:
    yield from _check_unique(data, "lists", "id")
    lists = _objects(data.get("lists"))
    anyone_named = any(item.get("candidates") for _, item in lists)
    party_place: dict[str, str] = {}
    for index, item in lists:
        place = f"lists[{index}]"
        yield from _check_numbers(item.get("candidates"), f"{place}.candidates")
        yield from _check_stemmetillegg(data, item, place)
        if anyone_named and item.get("candidates") == []:
            yield f"{place}.candidates", "is empty while other lists name candidates"
        parties = item.get("parties")
        for number, party in enumerate(parties if isinstance(parties, list) else []):
            here = f"{place}.parties[{number}]"
            if not isinstance(party, str):
                continue
            if party in party_place:
                yield here, f"{party!r} already stands at {party_place[party]}"
            party_place.setdefault(party, here)


def _check_numbers(candidates: object, place: str) -> Problems:
    for index, item in _objects(candidates):
        number = _whole(item.get("number"))
        if number is not None and number != index + 1:
            yield (
                f"{place}[{index}].number",
                f"is {number}, must be {index + 1} (candidates stand in list order and count from 1)",
            )


def _check_stemmetillegg(data: dict[str, Any], item: dict[str, Any], place: str) -> Problems:
    favoured = [i for i, c in _objects(item.get("candidates")) if c.get("stemmetillegg") is True]
    if not favoured:
        return
    kind, seats = _kind(data), _whole(data.get("seats"))
    if kind is ElectionKind.COUNTY_COUNCIL:
        yield f"{place}.candidates[{favoured[0]}].stemmetillegg", "county elections have no stemmetillegg"
    elif kind is ElectionKind.MUNICIPAL_COUNCIL and seats is not None:
        allowed = max_stemmetillegg(seats)
        if len(favoured) > allowed:
            yield (
                f"{place}.candidates",
                f"{len(favoured)} candidates have stemmetillegg, at most {allowed} may with {seats} seats",
            )


def _check_ballots(data: dict[str, Any]) -> Problems:
    kind = _kind(data)
    list_ids = {item.get("id") for _, item in _objects(data.get("lists")) if isinstance(item.get("id"), str)}
    seen: dict[tuple[object, object], int] = {}
    for index, item in _objects(data.get("ballots")):
        place = f"ballots[{index}]"
        if item.get("kind") not in list(BallotKind):
            continue
        ballot_kind = BallotKind(item["kind"])
        if kind is not None and (ballot_kind is BallotKind.MAYOR) != (kind is ElectionKind.MAYOR):
            yield f"{place}.kind", f"a {ballot_kind} ballot does not belong to a {kind} election"
        key = (ballot_kind, item.get("list") if isinstance(item.get("list"), str) else None)
        if key in seen:
            yield place, f"describes the same ballot as ballots[{seen[key]}]"
        seen.setdefault(key, index)
        yield from _check_keys_of_kind(item, ballot_kind, place)
        if isinstance(item.get("list"), str) and item["list"] not in list_ids:
            yield f"{place}.list", f"there is no list {item['list']!r}"
        if ballot_kind is BallotKind.PARTY:
            yield from _check_party_lists(item, place, list_ids)
            yield from _check_own_lists(item, place, data)


def _check_keys_of_kind(item: dict[str, Any], kind: BallotKind, place: str) -> Problems:
    needed = {BallotKind.LIST: ("list",), BallotKind.PARTY: ("parties", "lists")}.get(kind, ())
    for key in needed:
        if key not in item or item[key] is None:
            yield f"{place}.{key}", f"is missing: a {kind} ballot needs it"
    for key in ("list", "parties", "lists"):
        if key not in needed and item.get(key):
            yield f"{place}.{key}", f"a {kind} ballot cannot have it"


def _check_party_lists(item: dict[str, Any], place: str, list_ids: set[Any]) -> Problems:
    printed = item.get("parties")
    parties = [p for p in printed if isinstance(p, str)] if isinstance(printed, list) else []
    for index, party in enumerate(parties):
        if party in parties[:index]:
            yield f"{place}.parties[{index}]", f"{party!r} is printed twice"
    mapping = item.get("lists")
    if not isinstance(mapping, dict):
        return
    for party in parties:
        if party not in mapping:
            yield f"{place}.lists", f"does not say which list {party!r} belongs to (null: none in the area)"
    for party, list_id in mapping.items():
        if party not in parties:
            yield f"{place}.lists[{party!r}]", "is not among the printed `parties`"
        if isinstance(list_id, str) and list_id not in list_ids:
            yield f"{place}.lists[{party!r}]", f"there is no list {list_id!r}"


def _check_own_lists(item: dict[str, Any], place: str, data: dict[str, Any]) -> Problems:
    """A printed party counts for the list of its own name, where there is one: nothing later sees another."""
    own: dict[str, list[Any]] = {}
    for _, entry in _objects(data.get("lists")):
        if isinstance(entry.get("name"), str):
            own.setdefault(_folded(entry["name"]), []).append(entry.get("id"))
    mapping = item.get("lists")
    for party, list_id in mapping.items() if isinstance(mapping, dict) else ():
        named = own.get(_folded(party), [])
        if len(named) == 1 and list_id != named[0]:
            yield f"{place}.lists[{party!r}]", f"is {list_id!r}, but list {named[0]!r} has this name"


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
