"""Counts as JSON (format ``counts/1``), from and to plain data; no files are opened here."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ballot import strict_json
from ballot.election import Election
from ballot.errors import CountsError
from ballot.record import CountCategory, RejectionReason
from tally.counts import (
    CandidateCounts,
    CategoryCounts,
    Counts,
    ListCounts,
    Lots,
    LotsKind,
    MayorCounts,
    SheetTotals,
)
from tally.reconcile import inconsistencies, refuse

Votes = Annotated[int, Field(ge=0, le=100_000_000)]
CandidateNumber = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}$")]
ChoicePair = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}>[1-9][0-9]{0,3}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _CandidateModel(_Strict):
    crosses: Votes = 0
    write_ins: Votes = 0


class _ListModel(_Strict):
    ballots: Votes
    write_ins_received: Votes = 0
    write_ins_given: Votes = 0
    candidates: dict[CandidateNumber, _CandidateModel] = Field(default_factory=dict)


class _MayorModel(_Strict):
    first: dict[CandidateNumber, Votes]
    pairs: dict[ChoicePair, Votes] = Field(default_factory=dict)


class _CategoryModel(_Strict):
    category: CountCategory
    district: str | None = None
    lists: dict[str, _ListModel] = Field(default_factory=dict)
    mayor: _MayorModel | None = None
    blank: Votes = 0
    rejected: dict[RejectionReason, Votes] = Field(default_factory=dict)


class _LotsModel(_Strict):
    kind: LotsKind
    order: tuple[str, ...]


class _SheetsModel(_Strict):
    read: Votes
    accepted: Votes
    reviewed: Votes
    pending: Votes = 0
    withdrawn: Votes = 0
    proposed_for_rejection: Votes = 0


class _CountsModel(_Strict):
    format: Literal["counts/1"]
    categories: tuple[_CategoryModel, ...]
    lots: tuple[_LotsModel, ...] = ()
    sheets: _SheetsModel | None = None
    election: str | None = None
    area: str | None = None
    unclosed: tuple[Annotated[int, Field(ge=1)], ...] = ()


def parse_counts(raw: bytes, election: Election, name: str) -> Counts:
    """Reads the bytes of a ``counts/1`` file that users know as `name`, and proves that they add up.

    Raises:
        CountsError: Not ``counts/1``, or inconsistent with itself or the election. The message
            lists every error with its place.
    """
    try:
        data = strict_json.decode(raw)
    except strict_json.StrictJsonError as error:
        raise CountsError(
            f"{name}: {error}. Nothing was settled.", "Correct the file (JSON in UTF-8) and settle again."
        ) from error
    problems = list(strict_json.repeated_keys(data))
    try:
        model = _CountsModel.model_validate_json(raw.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        problems += [
            (strict_json.place_of(detail["loc"]), strict_json.explain(detail))
            for detail in error.errors(include_url=False, include_context=False)
        ]
        refuse(name, problems)
        raise
    counts = _to_counts(model)
    refuse(name, [*problems, *inconsistencies(counts, election)])
    return counts


def counts_to_json(counts: Counts) -> dict[str, Any]:
    """The counts as a ``counts/1`` object: `parse_counts` gives back the same counts."""
    of = {"election": counts.election, "area": counts.area}
    data: dict[str, Any] = {
        "format": "counts/1",
        **{key: value for key, value in of.items() if value is not None},
        "categories": [_category_to_json(part) for part in counts.categories],
        "lots": [{"kind": lots.kind.value, "order": list(lots.order)} for lots in counts.lots],
    }
    if counts.unclosed:
        data["unclosed"] = list(counts.unclosed)
    if counts.sheets is not None:
        data["sheets"] = {
            "read": counts.sheets.read,
            "accepted": counts.sheets.accepted,
            "reviewed": counts.sheets.reviewed,
            "pending": counts.sheets.pending,
            "withdrawn": counts.sheets.withdrawn,
            "proposed_for_rejection": counts.sheets.proposed_for_rejection,
        }
    return data


def _to_counts(model: _CountsModel) -> Counts:
    return Counts(
        categories=tuple(_to_category(part) for part in model.categories),
        lots=tuple(Lots(lots.kind, lots.order) for lots in model.lots),
        sheets=None if model.sheets is None else SheetTotals(**model.sheets.model_dump()),
        election=model.election,
        area=model.area,
        unclosed=model.unclosed,
    )


def _to_category(model: _CategoryModel) -> CategoryCounts:
    mayor = None
    if model.mayor is not None:
        pairs = {tuple(int(n) for n in pair.split(">")): votes for pair, votes in model.mayor.pairs.items()}
        mayor = MayorCounts(
            first={int(number): votes for number, votes in model.mayor.first.items()},
            pairs={(pair[0], pair[1]): votes for pair, votes in pairs.items()},
        )
    return CategoryCounts(
        category=model.category,
        lists={list_id: _to_list(entry) for list_id, entry in model.lists.items()},
        blank=model.blank,
        rejected=dict(model.rejected),
        district=model.district,
        mayor=mayor,
    )


def _to_list(model: _ListModel) -> ListCounts:
    return ListCounts(
        ballots=model.ballots,
        write_ins_received=model.write_ins_received,
        write_ins_given=model.write_ins_given,
        candidates={
            int(number): CandidateCounts(votes.crosses, votes.write_ins)
            for number, votes in model.candidates.items()
        },
    )


def _category_to_json(part: CategoryCounts) -> dict[str, Any]:
    data: dict[str, Any] = {"category": part.category.value}
    if part.district is not None:
        data["district"] = part.district
    data["lists"] = {
        list_id: {
            "ballots": entry.ballots,
            "write_ins_received": entry.write_ins_received,
            "write_ins_given": entry.write_ins_given,
            "candidates": {
                str(number): {"crosses": votes.crosses, "write_ins": votes.write_ins}
                for number, votes in sorted(entry.candidates.items())
            },
        }
        for list_id, entry in part.lists.items()
    }
    if part.mayor is not None:
        data["mayor"] = {
            "first": {str(number): votes for number, votes in sorted(part.mayor.first.items())},
            "pairs": {f"{a}>{b}": votes for (a, b), votes in sorted(part.mayor.pairs.items())},
        }
    data["blank"] = part.blank
    data["rejected"] = {reason.value: part.rejected.get(reason, 0) for reason in RejectionReason}
    return data
