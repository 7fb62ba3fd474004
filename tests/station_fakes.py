"""A small election, sheets that say in their bytes how they read, and a station made of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ballot.box import BallotBox, SheetCase, StoredPage, StoredReading, StoredSheet
from ballot.reading import (
    Doubt,
    DoubtCode,
    Reading,
    SheetKind,
    StampState,
)
from ballot.reading_json import reading_from_json, reading_to_full_json
from ballot.record import CountCategory
from ballot.ruling import Ruling
from ballot.sheet import PageImage, SheetScan
from station.election_file import parse_election
from station.intake import Intake
from station.worker import ReadOne
from store.station_store import StationStore

ELECTION_FILE: dict[str, Any] = {
    "format": "election/1",
    "election": {
        "id": "KV-1",
        "name": "Kommunestyrevalget",
        "date": "2023-09-11",
        "kind": "municipal_council",
    },
    "area": {"id": "9901", "name": "Nordvik kommune"},
    "seats": 11,
    "rules": "valglov-2002",
    "max_write_ins": 5,
    "districts": [{"id": "0001", "name": "Sentrum"}],
    "lists": [
        {
            "id": list_id,
            "name": name,
            "parties": parties,
            "candidates": [
                {"number": n, "name": f"{first} {last}"}
                for n, (first, last) in enumerate(
                    ((f, surname) for f in ("Kari", "Ola", "Åse", "Per") for surname in surnames), start=1
                )
            ],
        }
        for list_id, name, parties, surnames in (
            ("A", "Arbeiderpartiet", ["A"], ("Berg", "Dahl", "Lie")),
            ("H", "Høyre", ["H"], ("Moe", "Nes", "Vik")),
            ("RMDG", "Rødt og De Grønne", ["R", "MDG"], ("Aas", "Bø", "Eng")),
        )
    ],
    "ballots": [
        {"kind": "list", "list": "A", "number": "2" * 21 + "1", "file": "A.pdf"},
        {"kind": "list", "list": "H", "number": "2" * 21 + "2", "file": "H.pdf"},
        {"kind": "list", "list": "RMDG", "number": "2" * 21 + "3", "file": "RMDG.pdf"},
        {"kind": "blank", "number": "2" * 21 + "4", "file": "BLANK.pdf"},
        {
            "kind": "party",
            "number": "2" * 21 + "5",
            "file": "PARTY.pdf",
            "parties": ["Arbeiderpartiet", "Høyre", "Rødt", "Kristelig Folkeparti"],
            "lists": {"Arbeiderpartiet": "A", "Høyre": "H", "Rødt": "RMDG", "Kristelig Folkeparti": None},
        },
    ],
}
ELECTION_BYTES = json.dumps(ELECTION_FILE, ensure_ascii=False).encode()
ELECTION = parse_election(ELECTION_BYTES, "test")
BOX = BallotBox(1, "KV-1", "9901", "0001", CountCategory.VO)


def reading(**changes: Any) -> Reading:
    """A ballot of list A, read without doubt."""
    values: dict[str, Any] = {
        "front": "a.jpg",
        "back": "b.jpg",
        "kind": SheetKind.LIST,
        "list_id": "A",
        "ballot_number": "2" * 21 + "1",
        "ballot_id": None,
        "stamp": StampState.PRESENT,
    }
    return Reading(**(values | changes))


def case(of: Reading, rulings: tuple[Ruling, ...] = (), duplicates: tuple[str, ...] = ()) -> SheetCase:
    """A stored sheet with this reading, without a store."""
    sheet = StoredSheet("1-0001", 1, 1, StoredPage(of.front, "0" * 64), None)
    return SheetCase(sheet, BOX, StoredReading(1, of, "test", "0" * 64), rulings, duplicates)


def scan(name: str, of: Reading | None = None, noise: str = "") -> SheetScan:
    """A sheet whose front bytes are its reading; `read_fake` reads it."""
    data = reading_to_full_json(of or reading())
    front = json.dumps({"noise": noise or name, "reading": data}).encode()
    return SheetScan(PageImage(f"{name}a.jpg", front), PageImage(f"{name}b.jpg", front[::-1]))


def read_fake(sheet: SheetScan) -> Reading:
    """Reads what `scan` wrote."""
    return reading_from_json(json.loads(sheet.front.data)["reading"])


@dataclass(frozen=True)
class FakeRecipe:
    """The reader of these sheets, through the pipeline's public seam."""

    def __call__(self) -> ReadOne:
        return read_fake


def deck(count: int) -> list[SheetScan]:
    """Sheets with different readings, ids and doubts."""
    sheets = []
    for n in range(count):
        doubts = (Doubt(DoubtCode.MARK_UNCERTAIN, candidate=3),) if n % 4 == 0 else ()
        read = reading(
            list_id="AH"[n % 2],
            ballot_number="2" * 21 + "12"[n % 2],
            ballot_id=f"{n:08d}",
            personal=(1, 2) if n % 3 else (),
            doubts=doubts,
        )
        sheets.append(scan(f"{n:04d}", read))
    return sheets


def make_station(folder: Path) -> StationStore:
    """A station with an open box 1."""
    store = StationStore.create(folder, ELECTION_BYTES, b"no layout", "test")
    store.open_box(BOX, "test")
    return store


def intake(store: StationStore, workers: int = 1) -> Intake:
    """A run of scanning into box 1 with the fake reader."""
    return Intake(store, 1, FakeRecipe(), workers, "fake 1", "0" * 64, "test")
