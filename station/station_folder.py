"""A counting station in a folder: made, opened, and handed around as one thing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ballot.box import BallotBox
from ballot.election import Election
from ballot.errors import ElectionFileError, LayoutError, StationError, UsageError
from ballot.layout import LayoutSet
from ballot.record import CountCategory
from recognition.count_stamps import NO_STAMPS, CountStamps
from recognition.profile import DEFAULT_PROFILE
from station.count_stamps import stamps_digest
from station.election_checks import unlawful_write_ins
from station.election_file import load_election, parse_election
from station.intake import Intake
from station.pipeline import recognition_recipe
from store.station_store import StationFiles, StationStore
from tally.reconcile import districts_of


@dataclass(frozen=True, slots=True)
class Station:
    """An open station."""

    store: StationStore
    election: Election
    files: StationFiles

    def layouts(self) -> LayoutSet:
        """The layouts of the station's ballots."""
        from calibration.layout_file import layouts_from_bytes

        return layouts_from_bytes(self.files.layout)

    def open_box(self, number: int, district: str, category: str, label: str, by: str) -> BallotBox:
        """Opens a box of a district and category of the election.

        Raises:
            UsageError: The election has no such district, or there is no such category.
            StationError: The number is taken.
        """
        districts = districts_of(self.election)
        if district not in districts:
            raise UsageError(
                f"The election has no polling district {district!r}.", f"Give one of: {', '.join(districts)}."
            )
        if category not in list(CountCategory):
            raise UsageError(
                f"There is no count category {category!r}.", f"Give one of: {', '.join(CountCategory)}."
            )
        if number < 1:
            raise UsageError(f"A box cannot have number {number}.", "Give the number on its label, from 1.")
        box = BallotBox(
            number, self.election.id, self.election.area_id, district, CountCategory(category), label
        )
        self.store.open_box(box, by)
        return box

    def intake(
        self,
        box: int,
        workers: int,
        by: str,
        name_error: float = DEFAULT_PROFILE.name_error,
        stamps: CountStamps = NO_STAMPS,
    ) -> Intake:
        """A run of scanning into a box, with the real reader and the configured profile.

        Args:
            stamps: Those of the count, from `station.count_stamps`.

        Raises:
            CalibrationError: ``VALGSKANN_PROFILE`` names a file that cannot be used.
        """
        from recognition.mark_network import MODEL_SHA256
        from station.profile_file import configured_profile

        profile = configured_profile()
        return Intake(
            store=self.store,
            box=box,
            recipe=recognition_recipe(self.election, self.layouts(), name_error, profile, stamps),
            workers=workers,
            reader=(
                f"valgskann {_program_version()}, profile {profile.version}, names {name_error:g}, "
                f"marks {MODEL_SHA256[:8]}, stamps {stamps_digest(stamps)}"
            ),
            layout_sha256=self.files.layout_sha256,
            by=by,
        )


def init_station(folder: Path, election_path: Path, layout_path: Path | None, by: str) -> Election:
    """Makes a station from an election file, and a layout that is learnt when none is given.

    Raises:
        ElectionFileError: The election file cannot be used.
        LayoutError: The layout cannot be learnt, or is of another election.
        StationError: The folder is not free.
    """
    from calibration.layout_basis import require_learnt_for
    from calibration.layout_file import layouts_from_bytes, layouts_to_bytes

    election = load_election(election_path)
    if unlawful := unlawful_write_ins(election):
        raise ElectionFileError(
            f"{election_path}: {unlawful}. No station was made.", "Correct it, or leave max_write_ins out."
        )
    if layout_path is None:
        from calibration.learn import learn_layouts

        layout = layouts_to_bytes(learn_layouts(election, election_path.parent))
    else:
        layout = _read(layout_path, LayoutError)
    require_learnt_for(
        layouts_from_bytes(layout),
        election,
        "No station was made. Learn it from this election's blanks: valgskann layout ELECTION -o LAYOUT",
    )
    if not election.ballots:
        raise ElectionFileError(
            "The election file names no ballots, so nothing can be read.", "Add the blank ballots to it."
        )
    StationStore.create(folder, _read(election_path, ElectionFileError), layout, by).close()
    return election


@contextmanager
def open_station(folder: Path) -> Iterator[Station]:
    """Opens a station for the length of a block.

    Raises:
        StationError: There is no station, it has changed, or it is of a newer version.
    """
    with StationStore.open(folder) as store:
        files = store.files()
        yield Station(store, parse_election(files.election, str(folder)), files)


def _read(path: Path, error_class: type[ElectionFileError] | type[LayoutError] | type[StationError]) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise error_class(
            f"{path} cannot be read: {error.strerror}.", "Check its name and rights."
        ) from error


def _program_version() -> str:
    try:
        return version("valgskann")
    except PackageNotFoundError:
        return "not installed"  # run from the source tree
