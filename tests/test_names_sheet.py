"""Written names on whole sheets: the field of party ballots, and names of the ballot's own list."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ballot.election import BallotKind
from ballot.reading import DoubtCode, SheetKind
from calibration.testdeck.deck import Press as DeckPress
from calibration.testdeck.deck import SimulatedSheet, make_sheet, plan_sheet
from calibration.testdeck.options import CLEAN
from calibration.testdeck.voters import Intent, WriteInIntent
from recognition.names.row import NameReader, name_reader
from recognition.reader import CompiledLayouts, read_sheet
from review.web.sheet_view import _reading_lines
from station.name_model import load_name_model
from tests.print_houses import Printed

SEED = 731_000
OPTIONS = replace(CLEAN, scanner=replace(CLEAN.scanner, dpis=(200,)))


@pytest.fixture(scope="module")
def reader(printed: Printed) -> NameReader:
    return name_reader(printed.election, load_name_model())


def inked(printed: Printed, kind: BallotKind, number: int = 0, **written: object) -> SimulatedSheet:
    """A ballot of that kind on which a voter wrote this and nothing else."""
    for index in range(200):
        rng = np.random.default_rng([SEED + number, index])
        plan = plan_sheet(printed.election, printed.fields, OPTIONS, rng)
        if plan.intent.style.kind is kind:
            intent = Intent(plan.intent.style, pen="ballpoint_black", **written)  # type: ignore[arg-type]
            press = DeckPress(printed.folder, printed.fields)
            changed = replace(plan, intent=intent)
            return make_sheet(printed.election, press, changed, "sheet", "00471101", OPTIONS, rng)
    raise AssertionError(f"no ballot of kind {kind} in 200 plans")


def test_written_party_is_proposed_and_never_counted_unseen(
    printed: Printed, layouts: CompiledLayouts, reader: NameReader
) -> None:
    for number in range(2):
        sheet = inked(printed, BallotKind.PARTY, number, party_text="Arbeiderpartiet")
        found = read_sheet(sheet.scan, layouts, names=reader)
        assert found.kind is SheetKind.PARTY
        assert [doubt.code for doubt in found.doubts] == [DoubtCode.PARTY_UNCLEAR]
        assert found.party == "Arbeiderpartiet"
        assert "«Arbeider" in found.doubts[0].detail
        assert found.list_id is None


def test_party_that_has_no_list_is_not_proposed(
    printed: Printed, layouts: CompiledLayouts, reader: NameReader
) -> None:
    sheet = inked(printed, BallotKind.PARTY, party_text="Elvebygd Bygdeliste")
    found = read_sheet(sheet.scan, layouts, names=reader)
    assert found.party is None
    assert [doubt.code for doubt in found.doubts] == [DoubtCode.PARTY_UNCLEAR]


def test_without_the_network_no_party_is_proposed(printed: Printed, layouts: CompiledLayouts) -> None:
    found = read_sheet(inked(printed, BallotKind.PARTY, party_text="Høyre").scan, layouts)
    assert found.party is None
    assert [doubt.code for doubt in found.doubts] == [DoubtCode.PARTY_UNCLEAR]


def test_name_of_the_own_list_is_said_to_be_ignored(
    printed: Printed, layouts: CompiledLayouts, reader: NameReader
) -> None:
    blank = inked(printed, BallotKind.LIST)
    own = printed.election.list_by_id(read_sheet(blank.scan, layouts, names=reader).list_id or "")
    assert own is not None
    other = next(entry for entry in printed.election.lists if entry is not own)
    unsure = replace(reader, calibration=replace(reader.calibration, thresholds=()))
    for group, is_own in ((own, True), (other, False)):
        written = WriteInIntent(1, group.candidates[0].name, "", f"{group.id}:1", True)
        sheet = inked(printed, BallotKind.LIST, write_ins=(written,))
        found = read_sheet(sheet.scan, layouts, names=reader)
        assert found.list_id == own.id
        assert found.write_ins[0].best[0].candidate == f"{group.id}:{group.candidates[0].number}"
        shown = dict(_reading_lines(found, printed.election))["Slenger, rad 1"]
        assert found.write_ins[0].candidate is not None
        assert ("egen liste" in shown) is is_own
        doubted = read_sheet(sheet.scan, layouts, names=unsure)
        detail = next(d.detail for d in doubted.doubts if d.code is DoubtCode.WRITE_IN_UNCERTAIN)
        assert ("own list" in detail) is is_own
