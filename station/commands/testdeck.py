"""``valgskann testdeck``: made-up elections, printed ballots and simulated scans with known truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ballot.election import ElectionKind

deck = typer.Typer(
    help="Makes elections, ballots and scans with known truth, to try and to calibrate the reader.",
    no_args_is_help=True,
)

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
) -> None:
    """Makes up an election and writes its election.json; print its ballots with `testdeck print`."""
    from calibration.testdeck.elections import make_election
    from station.election_file import election_to_json

    election = make_election(seed, kind, seats, lists)
    output.mkdir(parents=True, exist_ok=True)
    path = output / "election.json"
    path.write_text(
        json.dumps(election_to_json(election), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    typer.echo(f"{path}: {election.name}, {election.area_name}, {len(election.ballots)} ballots to print")


@deck.command("print")
def print_ballots(
    election_file: Annotated[Path, typer.Argument(metavar="ELECTION", help="The election.json.")],
    output: _Out,
    design: Annotated[str, typer.Option(help="Print house to imitate: fjord, skog or vidde.")] = "fjord",
    pixels: Annotated[bool, typer.Option("--pixels", help="Pictures instead of vectors and text.")] = False,
) -> None:
    """Prints the blank of every ballot of an election as a PDF, with a copy of election.json."""
    from calibration.testdeck.designs import TextAs, design_named
    from calibration.testdeck.printing import print_election
    from station.election_file import election_to_json, load_election

    election = load_election(election_file)
    house = design_named(design, election.kind, TextAs.PIXELS if pixels else TextAs.TEXT)
    print_election(election, house, output)
    content = json.dumps(election_to_json(election), ensure_ascii=False, indent=1) + "\n"
    (output / "election.json").write_text(content, encoding="utf-8")
    typer.echo(f"{output}: {len(election.ballots)} ballots printed, design {design}")
