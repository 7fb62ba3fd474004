"""``valgskann settle``: counts, or a station's own records, to the settled election."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ballot.election import Election, ElectionKind
from ballot.errors import CountsError, UsageError
from station.commands.common import write_whole
from station.election_file import MAX_FILE_BYTES, load_election
from tally.secrecy import SMALLEST_PUBLISHED_CATEGORY

if TYPE_CHECKING:
    from tally.counts import Counts


def register(app: typer.Typer) -> None:
    """Adds the verb to the command line."""
    app.command("settle")(settle)


def settle(
    election_file: Annotated[Path, typer.Argument(metavar="ELECTION", help="election.json (election/1)")],
    counts_path: Annotated[
        Path, typer.Argument(metavar="COUNTS", help="A counts/1 file, or the folder of a counting station")
    ],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write results/1 JSON here")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the result page here (one HTML file)")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the result tables (CSV) into this folder")] = None,
    lots: Annotated[
        list[str] | None,
        typer.Option(
            help="A drawing of lots, first drawn first, for example A,H (may be given several times)"
        ),
    ] = None,
    smallest_category: Annotated[
        int, typer.Option(min=1, help="Publish categories with fewer ballots only merged (ballot secrecy)")
    ] = SMALLEST_PUBLISHED_CATEGORY,
    provisional: Annotated[
        bool,
        typer.Option("--provisional", help="Of a station: settle what is decided, leave out what is not"),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print results/1 JSON instead of tables")] = False,
) -> None:
    """Settles an election: list votes, seats, elected candidates and deputies.

    Exit codes: 0 settled; 2 wrong use; 3 the election file and 6 the counts contradict themselves;
    7 a drawing of lots is needed; 8 the station cannot be read. On an error nothing is written.
    """
    from tally.exports.results_csv import results_to_csv
    from tally.exports.results_html import results_to_html
    from tally.exports.results_json import results_to_json
    from tally.settle import settle as settle_counts

    _check_targets([path for path in (output, html) if path is not None], election_file, counts_path)
    election = load_election(election_file)
    counts, notices = _load_counts(election, counts_path, provisional)
    result = settle_counts(election, _with_lots(election, counts, lots or []))
    result = replace(result, notices=(*result.notices, *notices))
    data = json.dumps(
        results_to_json(result, smallest_category=smallest_category), ensure_ascii=False, indent=1
    )
    files: dict[Path, str] = {}
    if output is not None:
        files[output] = data + "\n"
    if html is not None:
        files[html] = results_to_html(result, smallest_category=smallest_category)
    if csv is not None:
        tables = results_to_csv(result, smallest_category=smallest_category)
        files |= {csv / f"{name}.csv": "\ufeff" + text for name, text in tables.items()}
    for path, text in files.items():
        _write(path, text)
    if as_json:
        typer.echo(data)
    else:
        from station.result_tables import print_result

        print_result(result)


def _check_targets(targets: list[Path], *inputs: Path) -> None:
    """Refuses to write over a folder, over what is settled from, or one result over the other."""
    taken = {os.path.realpath(path) for path in inputs}
    for target in targets:
        place = os.path.realpath(target)
        of_station = any(_is_in_station(Path(place), Path(folder)) for folder in taken)
        try:
            why = "is a folder" if target.is_dir() else "is named twice on the command line"
        except OSError:
            continue  # writing it says why it cannot be written
        why = "belongs to the station" if of_station else why
        if place in taken or of_station or target.is_dir():
            raise UsageError(
                f"{target} {why}, so the result cannot be written there. Nothing was settled.",
                "Give a file name of its own.",
            )
        taken.add(place)


def _is_in_station(place: Path, folder: Path) -> bool:
    """Whether a file is the database of the station in a folder, beside it by its name, or an image."""
    from store.station_store import DATABASE_NAME, VAULT_NAME

    inside = place.relative_to(folder).parts if place.is_relative_to(folder) else ()
    return bool(inside) and (inside[0].startswith(DATABASE_NAME) or inside[0] == VAULT_NAME)


def _load_counts(election: Election, path: Path, provisional: bool) -> tuple[Counts, tuple[str, ...]]:
    """The counts, and what a reader of the result must know of the station they come from."""
    from tally.counts_file import parse_counts

    try:
        raw = None if path.is_dir() else _bytes_of(path)
    except OSError as error:
        raise CountsError(
            f"{path}: cannot be read ({error.strerror}). Nothing was settled.",
            "Give a counts/1 file or the folder of a station.",
        ) from error
    if raw is None:
        return _count_station(election, path, provisional)
    counts = parse_counts(raw, election, str(path))
    return counts, tuple(
        f"Kasse {box} var ikke lukket da tallene ble skrevet. Resultatet er ikke endelig før alle kasser er "
        "skannet og lukket."
        for box in counts.unclosed
    )


def _bytes_of(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise CountsError(
            f"{path}: more than {MAX_FILE_BYTES:,} bytes is no counts file. Nothing was settled.",
            "Give a counts/1 file or the folder of a station.",
        )
    return path.read_bytes()


def _count_station(election: Election, folder: Path, provisional: bool) -> tuple[Counts, tuple[str, ...]]:
    from station.station_counts import counts_of, unclosed_notices
    from station.station_folder import open_station

    with open_station(folder) as station:
        if _lasting(station.election) != _lasting(election):
            raise UsageError(
                f"{folder} counts election {station.election.id} by another election file than this. "
                "Nothing was settled.",
                "Give the station's own election file; only eligibility and `electorate` may differ.",
            )
        notices = unclosed_notices(station)
        return counts_of(replace(station, election=election), provisional), notices


def _lasting(election: Election) -> Election:
    """The election without what may be learnt after the station was made: eligibility and the roll."""
    lists = tuple(
        replace(entry, candidates=tuple(replace(person, eligible=True) for person in entry.candidates))
        for entry in election.lists
    )
    mayors = tuple(replace(person, eligible=True) for person in election.mayor_candidates)
    return replace(election, lists=lists, mayor_candidates=mayors, electorate=None)


def _with_lots(election: Election, counts: Counts, drawings: list[str]) -> Counts:
    """The counts with the drawings from the command line added."""
    from tally.counts import Lots, LotsKind

    kind = LotsKind.MAYOR if election.kind is ElectionKind.MAYOR else LotsKind.SEAT
    added = tuple(Lots(kind, tuple(name.strip() for name in text.split(","))) for text in drawings)
    return replace(counts, lots=counts.lots + added)


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written ({error.strerror}). The election was settled, but not all was saved.",
            "Choose another place and settle again; the same counts give the same result.",
        ) from error
