"""``valgskann layout``: where everything stands on the ballots, learnt from the blanks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ballot.election import BallotKind, Election
from ballot.layout import BallotLayout


def register(app: typer.Typer) -> None:
    """Adds the verb to the program."""
    app.command("layout")(learn_layout)


def learn_layout(
    election_file: Annotated[Path, typer.Argument(metavar="ELECTION", help="The election.json.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The layout file to write.")],
    proof: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for a picture of every side with all fields outlined."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Learns the layout of every ballot of an election from its blank (PDF or picture)."""
    from station.worker import one_thread_a_process

    one_thread_a_process()
    from calibration.layout_file import save_layouts
    from calibration.learn import learn_layouts
    from station.commands.common import make_folders_of
    from station.election_file import load_election

    election = load_election(election_file)
    make_folders_of(output)
    layouts = learn_layouts(election, election_file.parent)
    save_layouts(layouts, output)
    pictures: list[Path] = []
    if proof is not None:
        from calibration.proof import write_proofs

        pictures = write_proofs(layouts, proof)
    found = [_summary(ballot) for ballot in layouts.ballots]
    notes = [note for ballot in layouts.ballots for note in _notes(ballot, election)]
    if as_json:
        answer = {
            "layout": str(output),
            "ballots": found,
            "notes": notes,
            "proofs": [str(path) for path in pictures],
        }
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    for ballot in found:
        typer.echo(_sentence(ballot))
    for note in notes:
        typer.echo(note)
    typer.echo(f"{output}: the layouts of {len(found)} ballots")
    if pictures:
        typer.echo(f"{proof}: {len(pictures)} pictures; look at each before the count")


def _summary(ballot: BallotLayout) -> dict[str, Any]:
    sides = ballot.sides
    return {
        "ballot": ballot.key,
        "kind": ballot.kind.value,
        "number": ballot.number,
        "size_mm": [round(ballot.inside.width_mm, 1), round(ballot.inside.height_mm, 1)],
        "boxes": sum(len(side.mark_boxes) for side in sides),
        "write_in_rows": sum(len(side.write_in_rows) for side in sides),
        "registration_marks": sum(len(side.registration_marks) for side in sides),
        "stamp_field": any(side.stamp_field is not None for side in sides),
        "ballot_number": any(side.ballot_number is not None for side in sides),
        "ballot_id": any(side.ballot_id is not None for side in sides),
    }


def _notes(ballot: BallotLayout, election: Election) -> list[str]:
    """What may be right, but is learnt wrongly more often: a ballot may have fewer rows than names count."""
    rows = sum(len(side.write_in_rows) for side in ballot.sides)
    if ballot.kind is not BallotKind.LIST or rows == election.max_write_ins:
        return []
    return [
        f"Note: {ballot.key} has {rows} write-in rows, but {election.max_write_ins} written names count: "
        "look at its picture (--proof) whether all rows were found"
    ]


def _sentence(found: dict[str, Any]) -> str:
    width_mm, height_mm = found["size_mm"]
    parts = [f"{found['ballot']}: {width_mm} × {height_mm} mm", f"{found['boxes']} boxes"]
    if found["write_in_rows"]:
        parts.append(f"{found['write_in_rows']} write-in rows")
    parts.append(f"{found['registration_marks']} registration marks")
    names = {"stamp_field": "stamp field", "ballot_number": "ballot number", "ballot_id": "ballot id"}
    missing = [name for key, name in names.items() if not found[key]]
    return ", ".join(parts) + (f"; no {', no '.join(missing)}" if missing else "")
