"""``valgskann calibrate-names``: how well names are read at this station, by people's own rulings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from station.commands.common import Dir, Json, make_folders_of, say, write_report

if TYPE_CHECKING:
    from calibration.ruled_names import NameFigures
    from station.ruled_rows import Kept


def register(app: typer.Typer) -> None:
    """Adds the verb to the program."""
    app.command("calibrate-names")(calibrate_names)


def calibrate_names(
    folder: Dir,
    report: Annotated[Path | None, typer.Option(help="The HTML report to write.")] = None,
    as_json: Json = False,
) -> None:
    """Compares the machine's reading of names with what people ruled, and says what may be accepted.

    The pictures of the rows are kept in the station's folder, without the ballots they are from.
    """
    from calibration.name_report import name_report_of
    from calibration.ruled_names import name_figures
    from recognition.names.figures import DEFAULT_CALIBRATION
    from station.ruled_rows import keep_crops, ruled_rows
    from station.station_folder import open_station

    make_folders_of(report)
    with open_station(folder) as station:
        rows = [row for _case, _number, row in ruled_rows(station)]
        kept = keep_crops(station, folder)
    figures = name_figures(rows, DEFAULT_CALIBRATION.thresholds)
    if report is not None:
        write_report(
            report,
            name_report_of(figures, folder.resolve().name),
            "The pictures of the ruled rows were kept.",
        )
    say(as_json, _answer(figures, kept), _message(figures, kept, report))


def _answer(figures: NameFigures, kept: Kept) -> dict[str, Any]:
    return {
        "rows": figures.rows,
        "listed": figures.listed,
        "first": figures.first,
        "in_best": figures.in_best,
        "settings": [
            {
                "accepted_error": s.accepted_error,
                "accepted": s.accepted,
                "wrong": s.wrong,
                "upper_limit": s.upper,
            }
            for s in figures.settings
        ],
        "enough": figures.is_enough,
        "advised_error": figures.advised_error(),
        "pictures": kept.total,
        "new_pictures": kept.added,
    }


def _message(figures: NameFigures, kept: Kept, report: Path | None) -> str:
    from calibration.ruled_names import ENOUGH_ROWS

    lines = [
        f"{figures.rows} written rows were ruled on; {figures.listed} name a candidate. "
        f"The machine's first was right in {figures.first}, one of its best in {figures.in_best}."
    ]
    lines += [
        f"  accepted error {s.accepted_error:g}: {s.accepted} rows accepted, {s.wrong} of them wrong "
        f"(at most {s.upper:.2%})"
        for s in figures.settings
    ]
    advised = figures.advised_error()
    lines.append(
        f"These hands allow VALGSKANN_NAME_ERROR={advised:g}."
        if figures.is_enough
        else f"{ENOUGH_ROWS} ruled rows are needed to say more; keep VALGSKANN_NAME_ERROR=0 until then."
    )
    lines.append(f"{kept.total} pictures of rows are kept in the station ({kept.added} new).")
    if report is not None:
        lines.append(f"Report: {report}")
    return "\n".join(lines)
