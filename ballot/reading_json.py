"""Readings as JSON objects: the public line of the readings file, and the full form for the store."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ballot.geometry import Affine, Box
from ballot.layout import BoxKind, PageSide
from ballot.reading import (
    Choices,
    Doubt,
    DoubtCode,
    MarkReading,
    MarkState,
    NamedCandidate,
    Reading,
    ScanSide,
    SheetKind,
    SideRegistration,
    StampState,
    WriteInReading,
)


def doubt_to_json(doubt: Doubt) -> dict[str, Any]:
    """A doubt as it stands in the readings file; keys without a value are left out."""
    out: dict[str, Any] = {"code": doubt.code.value}
    if doubt.side is not None:
        out["side"] = doubt.side.value
    if doubt.box_mm is not None:
        out["box_mm"] = doubt.box_mm.as_list()
    for key in ("candidate", "row", "party"):
        value = getattr(doubt, key)
        if value is not None:
            out[key] = value
    if doubt.detail:
        out["detail"] = doubt.detail
    return out


def _write_in_to_json(entry: WriteInReading) -> dict[str, Any]:
    return {
        "row": entry.row,
        "text": entry.text,
        "candidate": entry.candidate,
        "confidence": round(entry.confidence, 4),
        "best": [{"candidate": b.candidate, "confidence": round(b.confidence, 4)} for b in entry.best],
        "doubtful": entry.doubtful,
    }


def reading_to_json(reading: Reading) -> dict[str, Any]:
    """The public form: one line of the readings file."""
    return {
        "front": reading.front,
        "back": reading.back,
        "kind": reading.kind.value,
        "list": reading.list_id,
        "ballot_number": reading.ballot_number,
        "ballot_id": reading.ballot_id,
        "stamp": reading.stamp.value,
        "personal": list(reading.personal),
        "write_ins": [_write_in_to_json(w) for w in reading.write_ins],
        "party": reading.party,
        "choices": None
        if reading.choices is None
        else {"first": reading.choices.first, "second": reading.choices.second},
        "doubts": [doubt_to_json(d) for d in reading.doubts],
        "accepted": reading.accepted,
    }


def reading_to_full_json(reading: Reading) -> dict[str, Any]:
    """The public form plus every measurement, enough to rebuild the reading."""
    out = reading_to_json(reading)
    out["marks"] = [asdict(m) for m in reading.marks]
    out["registrations"] = [asdict(r) for r in reading.registrations]
    return out


def _box(values: list[float] | None) -> Box | None:
    return None if values is None else Box(*values)


def _doubt_from_json(data: dict[str, Any]) -> Doubt:
    side = data.get("side")
    return Doubt(
        code=DoubtCode(data["code"]),
        side=None if side is None else ScanSide(side),
        box_mm=_box(data.get("box_mm")),
        candidate=data.get("candidate"),
        row=data.get("row"),
        party=data.get("party"),
        detail=data.get("detail", ""),
    )


def _write_in_from_json(data: dict[str, Any]) -> WriteInReading:
    return WriteInReading(
        row=data["row"],
        text=data["text"],
        candidate=data["candidate"],
        confidence=data["confidence"],
        best=tuple(NamedCandidate(b["candidate"], b["confidence"]) for b in data["best"]),
        doubtful=data["doubtful"],
    )


def _mark_from_json(data: dict[str, Any]) -> MarkReading:
    return MarkReading(
        kind=BoxKind(data["kind"]),
        candidate=data["candidate"],
        party=data["party"],
        score=data["score"],
        state=MarkState(data["state"]),
        expected=Box(**data["expected"]),
        found=Box(**data["found"]),
    )


def _registration_from_json(data: dict[str, Any]) -> SideRegistration:
    return SideRegistration(
        scan=ScanSide(data["scan"]),
        page=PageSide(data["page"]),
        mm_to_px=Affine(**data["mm_to_px"]),
        residual_mm=data["residual_mm"],
        upside_down=data["upside_down"],
        dpi=data["dpi"],
    )


def reading_from_json(data: dict[str, Any]) -> Reading:
    """Rebuilds a reading from its public or full form.

    Raises:
        KeyError, ValueError: The object is not a reading.
    """
    choices = data["choices"]
    return Reading(
        front=data["front"],
        back=data["back"],
        kind=SheetKind(data["kind"]),
        list_id=data["list"],
        ballot_number=data["ballot_number"],
        ballot_id=data["ballot_id"],
        stamp=StampState(data["stamp"]),
        personal=tuple(data["personal"]),
        write_ins=tuple(_write_in_from_json(w) for w in data["write_ins"]),
        party=data["party"],
        choices=None if choices is None else Choices(choices["first"], choices["second"]),
        doubts=tuple(_doubt_from_json(d) for d in data["doubts"]),
        marks=tuple(_mark_from_json(m) for m in data.get("marks", [])),
        registrations=tuple(_registration_from_json(r) for r in data.get("registrations", [])),
    )
