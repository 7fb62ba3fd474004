"""The verbs of boxes: ``box open``, ``box close`` and ``box list``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ballot.errors import UsageError
from station.commands.common import Dir, Json, Person, person_named, say

box_app = typer.Typer(help="Boxes of ballots: open, list, close.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the verbs to the program."""
    app.add_typer(box_app, name="box")


@box_app.command("open")
def box_open(
    folder: Dir,
    number: Annotated[int, typer.Option(help="Number on the box's label.")],
    category: Annotated[str, typer.Option(help="Count category: FO, FS, VO, VF, VS, VB or BF.")],
    district: Annotated[
        str | None, typer.Option(help="Polling district id; may be left out where there is only one.")
    ] = None,
    label: Annotated[str, typer.Option(help="What else stands on the label.")] = "",
    by: Person = None,
    as_json: Json = False,
) -> None:
    """Opens a box: sheets can be scanned into it."""
    from station.station_folder import open_station
    from tally.reconcile import districts_of

    with open_station(folder) as station:
        only = districts_of(station.election)
        if district is None and len(only) > 1:
            raise UsageError(
                "The box's polling district is not given.", f"Give --district: {', '.join(only)}."
            )
        box = station.open_box(number, district or only[0], category, label, person_named(by))
    say(
        as_json,
        asdict(box),
        f"Box {box.number} is open: district {box.district}, category {box.category.value}.\n"
        f"Next: valgskann scan {folder} --box {box.number} SCANS",
    )


@box_app.command("close")
def box_close(
    folder: Dir,
    number: Annotated[int, typer.Option(help="Number on the box's label.")],
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Also when a scan into it has not come to its end.")
    ] = False,
    by: Person = None,
    as_json: Json = False,
) -> None:
    """Closes a box: no more sheets come into it. Review goes on.

    Exit codes: 0 closed; 8 there is no such box, it is closed, sheets of it are not read yet, or a scan into
    it has not come to its end (nothing is changed).
    """
    from station.station_folder import open_station

    with open_station(folder) as station:
        station.store.close_box(number, person_named(by), leave_scans=unfinished)
        sheets = len(station.store.sheets(number))
    say(as_json, {"box": number, "sheets": sheets}, f"Box {number} is closed with {sheets} sheets.")


@box_app.command("list")
def box_list(folder: Dir, as_json: Json = False) -> None:
    """Lists the boxes and how many sheets each holds."""
    from station.station_folder import open_station

    with open_station(folder) as station:
        boxes = [
            asdict(box) | {"sheets": len(station.store.sheets(box.number))} for box in station.store.boxes()
        ]
    lines = [
        f"box {b['number']:>4}  district {b['district']}  {b['category']}  {b['sheets']:>5} sheets  "
        f"{'closed' if b['closed'] else 'open'}  {b['label']}".rstrip()
        for b in boxes
    ]
    say(as_json, boxes, "\n".join(lines) or "No box has been opened.")
