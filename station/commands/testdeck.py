"""``valgskann testdeck``: made-up elections, printed ballots and simulated scans with known truth."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ballot.election import Election, ElectionKind
from ballot.errors import UsageError
from station.commands.common import Json, progress, say, writing_into

if TYPE_CHECKING:
    from calibration.testdeck.options import DeckOptions

deck = typer.Typer(
    help="Makes elections, ballots and scans with known truth, to try and to calibrate the reader.",
    no_args_is_help=True,
)

_Election = Annotated[Path, typer.Argument(metavar="ELECTION", help="The election.json.")]
_Out = Annotated[Path, typer.Option("-o", "--output", help="Folder to write into.")]
_Seed = Annotated[int, typer.Option(help="The same seed gives the same result.")]


def register(app: typer.Typer) -> None:
    """Adds the verbs to the program."""
    app.add_typer(deck, name="testdeck")


@deck.command("election")
def make_election_file(
    output: _Out,
    seed: _Seed = 1,
    kind: Annotated[ElectionKind, typer.Option(help="Kind of election.")] = ElectionKind.MUNICIPAL_COUNCIL,
    seats: Annotated[int, typer.Option(help="Seats of the council.")] = 19,
    lists: Annotated[int, typer.Option(help="Lists, or candidates for mayor.")] = 6,
    as_json: Json = False,
) -> None:
    """Makes up an election and writes its election.json; print its ballots with `testdeck print`."""
    from calibration.testdeck.elections import make_election

    election = make_election(seed, kind, seats, lists)
    path = _write_election(election, output)
    answer = {"election": str(path), "ballots": [style.file for style in election.ballots]}
    say(
        as_json,
        answer,
        f"{path}: {election.name}, {election.area_name}, {len(election.ballots)} ballots to print",
    )


@deck.command("print")
def print_ballots(
    election_file: _Election,
    output: _Out,
    design: Annotated[str, typer.Option(help="Print house to imitate: fjord, skog or vidde.")] = "fjord",
    pixels: Annotated[bool, typer.Option("--pixels", help="Pictures instead of vectors and text.")] = False,
    as_json: Json = False,
) -> None:
    """Prints the blank of every ballot of an election as a PDF, with a copy of election.json."""
    from calibration.testdeck.designs import TextAs, design_named
    from calibration.testdeck.printing import print_election
    from station.election_file import load_election

    election = load_election(election_file)
    house = design_named(design, election.kind, TextAs.PIXELS if pixels else TextAs.TEXT)
    with writing_into(output):
        print_election(election, house, output)
    path = _write_election(election, output)
    answer = {"election": str(path), "design": design, "ballots": [style.file for style in election.ballots]}
    say(as_json, answer, f"{output}: {len(election.ballots)} ballots printed, design {design}")


@deck.command("scan")
def scan_deck(
    election_file: _Election,
    output: _Out,
    sheets: Annotated[int, typer.Option(min=1, help="How many sheets.")] = 60,
    seed: _Seed = 1,
    preset: Annotated[
        str, typer.Option(help="clean, normal, hard, trouble, grey200 or bilevel200.")
    ] = "normal",
    blank_dir: Annotated[
        Path | None, typer.Option(help="Folder that the election's ballot files are relative to.")
    ] = None,
    scan_format: Annotated[
        str | None,
        typer.Option("--format", help="jpeg, png, tiff, tiff-pages or pdf (default: the preset's)."),
    ] = None,
    dpi: Annotated[
        int | None, typer.Option(min=100, max=600, help="Resolution (default: the preset's).")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes to share the work.")] = 1,
    as_json: Json = False,
) -> None:
    """Simulates voters, pens, stamps, wear and scanners: writes scans/ and truth.jsonl."""
    from station.worker import one_thread_a_process

    one_thread_a_process()
    from calibration.testdeck.deck import simulate_deck, simulate_with, write_deck
    from station.election_file import load_election

    election = load_election(election_file)
    folder = blank_dir if blank_dir is not None else election_file.parent
    options = _options(preset, scan_format, dpi)
    with writing_into(output):
        output.mkdir(parents=True, exist_ok=True)
    with _pool(workers) as pool:
        made = (
            simulate_deck(election, folder, seed, options, sheets)
            if pool is None
            else simulate_with(pool, election, folder, seed, options, sheets)
        )
        _report(write_deck(made, output), sheets, output, as_json)


@deck.command("sample")
def make_sample_folder(output: _Out, seed: _Seed = 2, as_json: Json = False) -> None:
    """Makes the sample folder: an election, its blanks and sheets that show what happens at a count."""
    from station.worker import one_thread_a_process

    one_thread_a_process()
    from calibration.testdeck.sample import CASES, make_sample, sample_election

    election = sample_election(seed)
    _write_election(election, output)
    _report(make_sample(election, output, seed), sum(case.sheets for case in CASES), output, as_json)


def _write_election(election: Election, folder: Path) -> Path:
    from station.election_file import election_to_json

    path = folder / "election.json"
    content = json.dumps(election_to_json(election), ensure_ascii=False, indent=1) + "\n"
    with writing_into(folder):
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return path


def _options(preset_name: str, scan_format: str | None, dpi: int | None) -> DeckOptions:
    from dataclasses import replace

    from calibration.testdeck.encoding import ScanFormat
    from calibration.testdeck.options import preset

    options = preset(preset_name)
    if scan_format is not None:
        if scan_format not in set(ScanFormat):
            raise UsageError(
                f"--format {scan_format}: there is no such format.", f"Choose one of {', '.join(ScanFormat)}."
            )
        options = replace(options, format=ScanFormat(scan_format))
    if dpi is not None:
        options = replace(options, scanner=replace(options.scanner, dpis=(dpi,)))
    return options


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor | None]:
    if workers == 1:
        yield None
        return
    from station.worker import process_context

    with ProcessPoolExecutor(workers, mp_context=process_context()) as pool:
        yield pool


def _report(truths: Iterator[dict[str, Any]], total: int, output: Path, as_json: bool) -> None:
    kinds: Counter[str] = Counter()
    with progress(total) as step:
        for truth in truths:
            kinds[truth["kind"]] += 1
            if step is not None:
                step(kinds.total())
    answer = {"folder": str(output), "sheets": kinds.total(), "kinds": dict(kinds)}
    words = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    say(
        as_json,
        answer,
        f"{output}: {kinds.total()} sheets scanned ({words}); truth in {output / 'truth.jsonl'}",
    )
