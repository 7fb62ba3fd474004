"""Small made-up elections, printed in one of the test deck's designs and learnt from the blanks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ballot.election import Election, ElectionKind
from ballot.layout import LayoutSet
from calibration.learn import learn_layouts
from calibration.testdeck.designs import design_named
from calibration.testdeck.elections import make_election
from calibration.testdeck.fields import FieldMap
from calibration.testdeck.printing import print_election

ELECTION_SEED = 4_141


@dataclass(frozen=True)
class Printed:
    """An election with its blanks: what the printer drew, and what was learnt from the PDFs alone."""

    election: Election
    folder: Path
    fields: FieldMap
    layouts: LayoutSet


def print_and_learn(design: str, kind: ElectionKind, folder: Path, seats: int = 11) -> Printed:
    election = make_election(ELECTION_SEED, kind, seats, lists=2)
    fields = print_election(election, design_named(design, kind), folder)
    return Printed(election, folder, fields, learn_layouts(election, folder))
