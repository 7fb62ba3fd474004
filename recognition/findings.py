"""Collects what is found on one sheet while it is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from ballot.geometry import Box
from ballot.reading import (
    Choices,
    Doubt,
    DoubtCode,
    MarkReading,
    Reading,
    ScanSide,
    SheetKind,
    SideRegistration,
    StampState,
    WriteInReading,
)
from ballot.sheet import SheetScan


@dataclass
class Findings:
    """The reading in the making. Starts as a sheet of which nothing is known."""

    sheet: SheetScan
    kind: SheetKind = SheetKind.UNKNOWN
    list_id: str | None = None
    ballot_number: str | None = None
    ballot_id: str | None = None
    stamp: StampState = StampState.DOUBTFUL
    personal: list[int] = field(default_factory=list)
    write_ins: list[WriteInReading] = field(default_factory=list)
    party: str | None = None
    choices: Choices | None = None
    doubts: list[Doubt] = field(default_factory=list)
    marks: list[MarkReading] = field(default_factory=list)
    registrations: list[SideRegistration] = field(default_factory=list)

    def doubt(
        self,
        code: DoubtCode,
        side: ScanSide | None = None,
        box: Box | None = None,
        *,
        candidate: int | None = None,
        row: int | None = None,
        party: str | None = None,
        detail: str = "",
    ) -> None:
        """Adds a reason for a person to look."""
        self.doubts.append(Doubt(code, side, box, candidate, row, party, detail))

    def reading(self) -> Reading:
        """The finished reading."""
        return Reading(
            front=self.sheet.front.name,
            back=None if self.sheet.back is None else self.sheet.back.name,
            kind=self.kind,
            list_id=self.list_id,
            ballot_number=self.ballot_number,
            ballot_id=self.ballot_id,
            stamp=self.stamp,
            personal=tuple(sorted(self.personal)),
            write_ins=tuple(self.write_ins),
            party=self.party,
            choices=self.choices,
            doubts=tuple(self.doubts),
            marks=tuple(self.marks),
            registrations=tuple(self.registrations),
        )
