"""Reads and writes election files (format ``election/1``).

The whole file is checked before anything is used: every error is reported at once, each
with its place (``lists[2].candidates[4].number``).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ballot import strict_json
from ballot.election import (
    BallotKind,
    BallotStyle,
    Candidate,
    CandidateList,
    District,
    Election,
    ElectionKind,
    Rules,
)
from ballot.errors import ElectionFileError
from station.election_checks import contradictions

MAX_FILE_BYTES = 20 * 1024 * 1024
"""Larger files are refused unread: the longest real candidate lists take about 1 MB."""


def _printable(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    if not text.isprintable():
        raise ValueError("contains control characters")
    return text


def _iso_date(text: str) -> str:
    try:
        parsed = date.fromisoformat(text)
    except ValueError:
        parsed = None
    if parsed is None or parsed.isoformat() != text:
        raise ValueError(f"{text!r} is not a date (YYYY-MM-DD)")
    return text


def _relative(text: str) -> str:
    if Path(text).is_absolute():
        raise ValueError("must be relative to the election file")
    return text


Text = Annotated[str, Field(max_length=300), AfterValidator(_printable)]
Identifier = Annotated[str, Field(pattern=r"^[^\s:]{1,64}$"), AfterValidator(_printable)]
Count = Annotated[int, Field(ge=1, le=100_000_000)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _HeaderModel(_Strict):
    id: Identifier
    name: Text
    date: Annotated[str, AfterValidator(_iso_date)]
    kind: ElectionKind


class _PlaceModel(_Strict):
    id: Identifier
    name: Text


class _PersonModel(_Strict):
    number: Annotated[int, Field(ge=1, le=1000)]
    name: Text
    born: Annotated[int, Field(ge=1850, le=2200)] | None = None
    eligible: bool = True
    nicknames: tuple[Text, ...] = ()


class _ListCandidateModel(_PersonModel):
    stemmetillegg: bool = False


class _MayorCandidateModel(_PersonModel):
    list: Text | None = None


class _ListModel(_Strict):
    id: Identifier
    name: Text
    parties: tuple[Identifier, ...] | None = None
    candidates: tuple[_ListCandidateModel, ...]


class _BallotModel(_Strict):
    kind: BallotKind
    number: Annotated[str, Field(pattern=r"^[0-9]{22}$")]
    file: Annotated[Text, AfterValidator(_relative)]
    list: Identifier | None = None
    parties: tuple[Text, ...] = ()
    lists: dict[str, Identifier | None] | None = None


class _ElectionModel(_Strict):
    format: Literal["election/1"]
    election: _HeaderModel
    area: _PlaceModel
    seats: Annotated[int, Field(ge=1, le=1000)]
    rules: Rules
    max_write_ins: Annotated[int, Field(ge=0, le=100)] | None = None
    electorate: Count | None = None
    districts: tuple[_PlaceModel, ...] = ()
    candidates: tuple[_MayorCandidateModel, ...] = ()
    lists: tuple[_ListModel, ...]
    ballots: tuple[_BallotModel, ...] = ()


def load_election(path: Path) -> Election:
    """Reads an election file.

    Raises:
        ElectionFileError: The file cannot be read, is not ``election/1``, or contradicts
            itself. The message lists every error with its place.
    """
    return parse_election(_read(path), str(path))


def parse_election(raw: bytes, name: str) -> Election:
    """Reads an election from the bytes of a file that users know as `name`.

    Raises:
        ElectionFileError: As `load_election`.
    """
    data = _decode(raw, name)
    problems = [*strict_json.repeated_keys(data)]
    model = None
    try:
        model = _ElectionModel.model_validate_json(raw.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        problems += [
            (strict_json.place_of(detail["loc"]), strict_json.explain(detail))
            for detail in error.errors(include_url=False, include_context=False)
        ]
    problems += contradictions(data)
    if model is None or problems:
        _refuse(name, list(dict.fromkeys(problems)))
    return _to_election(model)


def election_to_json(election: Election) -> dict[str, Any]:
    """The election as an ``election/1`` object: `load_election` gives back the same election."""
    data: dict[str, Any] = {
        "format": "election/1",
        "election": {
            "id": election.id,
            "name": election.name,
            "date": election.date,
            "kind": election.kind.value,
        },
        "area": {"id": election.area_id, "name": election.area_name},
        "seats": election.seats,
        "rules": election.rules.value,
        "max_write_ins": election.max_write_ins,
        "districts": [{"id": d.id, "name": d.name} for d in election.districts],
        "lists": [
            {
                "id": entry.id,
                "name": entry.name,
                "parties": list(entry.parties),
                "candidates": [
                    _person_to_json(c) | {"stemmetillegg": c.stemmetillegg} for c in entry.candidates
                ],
            }
            for entry in election.lists
        ],
        "ballots": [_ballot_to_json(style) for style in election.ballots],
    }
    if election.electorate is not None:
        data["electorate"] = election.electorate
    if election.mayor_candidates:
        data["candidates"] = [
            _person_to_json(c) | ({} if c.list_name is None else {"list": c.list_name})
            for c in election.mayor_candidates
        ]
    return data


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise ElectionFileError(
                f"{path}: there is no such election file. Nothing was read.",
                "Give the path of an election.json (format election/1).",
            )
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise ElectionFileError(
                f"{path}: {size:,} bytes is more than an election file can have ({MAX_FILE_BYTES:,}).",
                "Give the election.json, not a scan or an archive.",
            )
        return path.read_bytes()
    except OSError as error:
        raise ElectionFileError(
            f"{path}: cannot be read ({error.strerror}).", "Check the path and its permissions."
        ) from error


def _decode(raw: bytes, name: str) -> dict[str, Any]:
    try:
        data = strict_json.decode(raw)
    except strict_json.StrictJsonError as error:
        raise ElectionFileError(
            f"{name}: {error}. Nothing was used.",
            "Correct the file (JSON in UTF-8) and run the command again.",
        ) from error
    if not isinstance(data, dict):
        _refuse(name, [("(file)", "must be a JSON object with the key `format`: `election/1`")])
    return data


def _refuse(name: str, problems: list[tuple[str, str]]) -> NoReturn:
    lines = "\n".join(f"  {place}: {what}" for place, what in problems)
    count = "1 error" if len(problems) == 1 else f"{len(problems)} errors"
    raise ElectionFileError(
        f"{name}: the election file has {count}, nothing was used:\n{lines}",
        "Correct them all and run the command again.",
    )


def _to_election(model: _ElectionModel) -> Election:
    kind = model.election.kind
    default_write_ins = max(5, model.seats // 4) if kind is ElectionKind.MUNICIPAL_COUNCIL else 0
    return Election(
        id=model.election.id,
        name=model.election.name,
        date=model.election.date,
        kind=kind,
        rules=model.rules,
        area_id=model.area.id,
        area_name=model.area.name,
        seats=model.seats,
        max_write_ins=default_write_ins if model.max_write_ins is None else model.max_write_ins,
        districts=tuple(District(d.id, d.name) for d in model.districts),
        lists=tuple(_to_list(entry) for entry in model.lists),
        ballots=tuple(_to_style(style) for style in model.ballots),
        mayor_candidates=tuple(
            Candidate(c.number, c.name, c.born, False, c.eligible, c.nicknames, c.list)
            for c in model.candidates
        ),
        electorate=model.electorate,
    )


def _to_list(model: _ListModel) -> CandidateList:
    return CandidateList(
        id=model.id,
        name=model.name,
        parties=(model.id,) if model.parties is None else model.parties,
        candidates=tuple(
            Candidate(c.number, c.name, c.born, c.stemmetillegg, c.eligible, c.nicknames)
            for c in model.candidates
        ),
    )


def _to_style(model: _BallotModel) -> BallotStyle:
    return BallotStyle(
        kind=model.kind,
        number=model.number,
        file=model.file,
        list_id=model.list,
        parties=model.parties,
        party_lists=tuple((model.lists or {}).items()),
    )


def _person_to_json(candidate: Candidate) -> dict[str, Any]:
    data: dict[str, Any] = {"number": candidate.number, "name": candidate.name}
    if candidate.born is not None:
        data["born"] = candidate.born
    if not candidate.eligible:
        data["eligible"] = False
    if candidate.nicknames:
        data["nicknames"] = list(candidate.nicknames)
    return data


def _ballot_to_json(style: BallotStyle) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": style.kind.value, "number": style.number, "file": style.file}
    if style.list_id is not None:
        data["list"] = style.list_id
    if style.kind is BallotKind.PARTY:
        data["parties"] = list(style.parties)
        data["lists"] = dict(style.party_lists)
    return data
