"""The way of a sheet: from two images to a reading."""

from __future__ import annotations

from dataclasses import dataclass

from ballot.election import Election
from ballot.layout import LayoutSet
from ballot.reading import Doubt, DoubtCode, Reading, SheetKind, StampState
from ballot.sheet import SheetScan
from recognition.profile import DEFAULT_PROFILE, Profile


@dataclass(frozen=True)
class CompiledLayouts:
    """Layouts with everything precomputed that reading needs. Built once a worker."""

    election: Election
    layouts: LayoutSet


def compile_layouts(election: Election, layouts: LayoutSet) -> CompiledLayouts:
    """Prepares layouts for reading."""
    return CompiledLayouts(election, layouts)


def read_sheet(sheet: SheetScan, layouts: CompiledLayouts, profile: Profile = DEFAULT_PROFILE) -> Reading:
    """Reads one sheet. Pure: the same input gives the same reading."""
    return Reading(
        front=sheet.front.name,
        back=None if sheet.back is None else sheet.back.name,
        kind=SheetKind.UNKNOWN,
        list_id=None,
        ballot_number=None,
        ballot_id=None,
        stamp=StampState.DOUBTFUL,
        doubts=(Doubt(DoubtCode.UNREADABLE, detail="The reader is not built yet."),),
    )
