"""``valgskann check-scanner``: fit or unfit, why, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ballot.errors import CalibrationError, ScanSourceError
from station.commands.common import Json, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ballot.reading import Reading, SideRegistration
    from ballot.sheet import SheetScan
    from calibration.scanner_check import Finding, PageLook


def register(app: typer.Typer) -> None:
    """Adds the verb to the program."""
    app.command("check-scanner")(check_scanner)


def check_scanner(
    election_file: Annotated[Path, typer.Argument(metavar="ELECTION", help="The election.json.")],
    scans: Annotated[list[Path], typer.Argument(metavar="SCANS...", help="Scans of the acceptance test.")],
    layout: Annotated[
        Path | None, typer.Option(help="A layout file; without it the layout is learnt from the blanks.")
    ] = None,
    truth: Annotated[Path | None, typer.Option(help="What is true of each sheet, where known.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as cores by default.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Says whether a scanner is fit for counting, from the scans of its acceptance test.

    Exit codes: 0 fit, 1 unfit.
    """
    from station.worker import one_thread_a_process

    one_thread_a_process()
    from calibration.evaluate import compare
    from calibration.labels import load_truth
    from calibration.scanner_check import check
    from scanner.sheets import plan_sheets
    from station.commands.read import layouts_for
    from station.election_file import load_election
    from station.pipeline import read_many
    from station.worker import usable_cores

    election = load_election(election_file)
    labels = {} if truth is None else load_truth(truth)
    plan = plan_sheets(scans)
    if not len(plan):
        raise ScanSourceError(
            f"There is no scan in {', '.join(map(str, scans))}. Nothing was checked.",
            "Name the files, or the folder that holds them: JPEG, PNG, TIFF or PDF.",
        )
    layouts = layouts_for(election, election_file, layout)
    readings = tuple(read_many(plan, election, layouts, workers or usable_cores()))
    outcomes = [compare(r, labels[r.front]) for r in readings if r.front in labels]
    if labels and not outcomes:
        raise CalibrationError(
            "None of the scans has a label, so nothing could be compared.",
            "«front» in the truth must be the name of each sheet's first image file.",
        )
    unscanned = sorted(labels.keys() - {reading.front for reading in readings})
    found = check(readings, _insides(plan, readings), outcomes, unscanned)
    fit = not any(finding.unfit for finding in found)
    say(as_json, _answer(found, fit, len(readings), len(outcomes)), _message(found, fit, len(readings)))
    if not fit:
        raise typer.Exit(1)


def _insides(
    sheets: Iterable[SheetScan], readings: Iterable[Reading]
) -> list[tuple[PageLook, SideRegistration]]:
    """Look and registration of every recognised inside; sheets and readings are in one order."""
    from ballot.reading import ScanSide
    from calibration.scanner_check import inside_of, look_at

    found = []
    for sheet, reading in zip(sheets, readings, strict=True):
        side = inside_of(reading)
        page = None if side is None else (sheet.front if side.scan is ScanSide.FRONT else sheet.back)
        look = None if page is None else look_at(page)
        if side is not None and look is not None:
            found.append((look, side))
    return found


def _answer(found: list[Finding], fit: bool, sheets: int, labelled: int) -> dict[str, Any]:
    return {
        "fit": fit,
        "sheets": sheets,
        "labelled": labelled,
        "findings": [{"code": f.code, "unfit": f.unfit, "what": f.what, "remedy": f.remedy} for f in found],
    }


def _message(found: list[Finding], fit: bool, sheets: int) -> str:
    lines = [f"{'Fit' if fit else 'UNFIT'}: {sheets} sheets looked at."]
    for finding in found:
        lines += [f"  {'Unfit' if finding.unfit else 'Hint'}: {finding.what}", f"    {finding.remedy}"]
    return "\n".join(lines)
