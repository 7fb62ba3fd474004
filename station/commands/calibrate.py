"""``valgskann calibrate``: thresholds of one scanner, fitted and proven on labelled sheets."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ballot.errors import CalibrationError, ScanSourceError
from ballot.reading import Reading
from station.commands.common import Json, make_folders_of, say, write_report

if TYPE_CHECKING:
    from ballot.election import Election
    from ballot.layout import LayoutSet
    from ballot.sheet import SheetScan
    from calibration.report import Calibration
    from recognition.profile import Profile

Truth = dict[str, dict[str, Any]]
_INCH_MM = 25.4


def register(app: typer.Typer) -> None:
    """Adds the verb to the program."""
    app.command("calibrate")(calibrate)


def calibrate(
    election_file: Annotated[Path, typer.Argument(metavar="ELECTION", help="The election.json.")],
    scans: Annotated[list[Path], typer.Argument(metavar="SCANS...", help="Scans of labelled sheets.")],
    truth: Annotated[Path, typer.Option(help="What is true of each sheet: truth.jsonl.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The profile file to write.")],
    report: Annotated[Path, typer.Option(help="The HTML report to write.")],
    layout: Annotated[
        Path | None, typer.Option(help="A layout file; without it the layout is learnt from the blanks.")
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the scanner, for report and profile.")] = "scanner",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as cores by default.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fits the mark thresholds on half of the labelled sheets and proves them on the other half.

    The report is always written. The profile is not (exit code 9) when the proof has a box that
    was read wrongly without a doubt, or none that was decided.
    """
    from station.worker import one_thread_a_process

    one_thread_a_process()
    from calibration.labels import load_truth
    from calibration.report import report_of
    from scanner.sheets import plan_sheets
    from station.commands.read import layouts_for
    from station.election_file import load_election
    from station.worker import usable_cores

    election = load_election(election_file)
    labels = load_truth(truth)
    plan = plan_sheets(scans)
    if not len(plan):
        raise ScanSourceError(
            f"There is no scan in {', '.join(map(str, scans))}. Nothing was read.",
            "Name the files, or the folder that holds them: JPEG, PNG, TIFF or PDF.",
        )
    make_folders_of(output, report)
    layouts = layouts_for(election, election_file, layout)
    found, first = _measure(plan, labels, election, layouts, workers or usable_cores(), name)
    from calibration.crops import chosen, cut_crops

    crops = cut_crops(chosen(found.marks, found.fit.profile), plan, first)
    write_report(report, report_of(found, crops), "No profile was written.")
    if found.position_errors:
        raise CalibrationError(
            f"{found.position_errors} boxes of the proof were read wrongly without a doubt. "
            f"No profile was written; {report} shows the boxes.",
            "Look at the report: correct wrong labels, or have the scanner looked at, and try again.",
        )
    if found.residuals_mm and not found.positions:
        raise CalibrationError(
            f"No box was decided on the {len(found.outcomes)} sheets of the proof, so nothing is proven. "
            "No profile was written.",
            "Label more sheets, each with its own «ballot_id»: scans of one ballot stay in one half.",
        )
    profile = _save(found, output)
    say(as_json, _answer(found, profile, output, report), _message(found, profile, output, report))


def _measure(
    plan: Iterable[SheetScan], labels: Truth, election: Election, layouts: LayoutSet, workers: int, name: str
) -> tuple[Calibration, dict[str, Reading]]:
    """Reads all labelled sheets, fits on one half, and reads the other half again with the fit."""
    from calibration.evaluate import compare
    from calibration.fitting import fit_marks, fitted_half, labelled_marks
    from calibration.report import Calibration
    from recognition.profile import DEFAULT_PROFILE
    from station.pipeline import read_many

    unlabelled: list[str] = []
    labelled = _labelled(plan, labels, unlabelled)
    first = {r.front: r for r in read_many(labelled, election, layouts, workers, profile=DEFAULT_PROFILE)}
    if not first:
        raise CalibrationError(
            "None of the scans has a label, so nothing can be fitted.",
            "«front» in the truth must be the name of each sheet's first image file.",
        )
    half = fitted_half(labels[front] for front in first)
    marks = {
        front: labelled_marks(reading, labels[front], DEFAULT_PROFILE, layouts)
        for front, reading in first.items()
    }
    fit = fit_marks([mark for front in marks if front in half for mark in marks[front]], DEFAULT_PROFILE)
    proof = (s for s in _labelled(plan, labels, []) if s.front.name not in half)
    second = tuple(read_many(proof, election, layouts, workers, profile=fit.profile))
    sides = [side for reading in first.values() for side in reading.registrations]
    found = Calibration(
        scanner=name,
        made=date.today().isoformat(),
        dpi=median(_INCH_MM * math.hypot(s.mm_to_px.a, s.mm_to_px.c) for s in sides) if sides else 0.0,
        fit=fit,
        marks=tuple(mark for group in marks.values() for mark in group),
        readings=second,
        outcomes=tuple(compare(reading, labels[reading.front]) for reading in second),
        stamps=Counter((labels[r.front]["stamp"], r.stamp.value) for r in second),
        residuals_mm=tuple(s.residual_mm for s in sides),
        fitted_sheets=len(half),
        unlabelled=tuple(unlabelled),
        unscanned=tuple(front for front in labels if front not in first),
        max_residual_mm=DEFAULT_PROFILE.max_residual_mm,
    )
    return found, first


def _labelled(plan: Iterable[SheetScan], labels: Truth, left_out: list[str]) -> Iterator[SheetScan]:
    for sheet in plan:
        if sheet.front.name in labels:
            yield sheet
        else:
            left_out.append(sheet.front.name)


def _save(found: Calibration, output: Path) -> Profile:
    from station.profile_file import ProfileOrigin, save_profile

    if not found.residuals_mm:
        raise CalibrationError(
            "No side of any sheet was recognised, so there is nothing to make a profile from.",
            "Check that the scans are of this election: «valgskann check-scanner» says what is wrong.",
        )
    origin = ProfileOrigin(
        scanner=found.scanner,
        made=date.fromisoformat(found.made),
        dpi=round(found.dpi, 1),
        fitted_sheets=found.fitted_sheets,
        proven_sheets=len(found.outcomes),
        empty_boxes=found.fit.empty_boxes,
        marked_boxes=found.fit.marked_boxes,
    )
    return save_profile(found.fit.profile, origin, output)


def _answer(found: Calibration, profile: Profile, output: Path, report: Path) -> dict[str, Any]:
    from calibration.bounds import upper_limit

    sheets, positions = len(found.outcomes), found.positions
    return {
        "profile": str(output),
        "version": profile.version,
        "report": str(report),
        "limits": {
            m.name: {"before": m.before, "after": m.after, "reason": m.reason} for m in found.fit.limits
        },
        "warnings": list(found.fit.warnings),
        "fitted_sheets": found.fitted_sheets,
        "proven_sheets": sheets,
        "proven_positions": positions,
        "sheets_with_silent_error": [o.front for o in found.silent],
        "upper_limit_position": upper_limit(found.position_errors, positions),
        "upper_limit_sheet": upper_limit(len(found.silent), sheets),
        "reviewed": sum(not o.accepted for o in found.outcomes),
        "unlabelled": list(found.unlabelled),
        "unscanned": list(found.unscanned),
    }


def _message(found: Calibration, profile: Profile, output: Path, report: Path) -> str:
    lines = [
        f"Fitted on {found.fitted_sheets} sheets, proven on {len(found.outcomes)} others: "
        f"{len(found.silent)} with a silent error, "
        f"{sum(not o.accepted for o in found.outcomes)} for a person.",
        *(f"  {m.name}: {m.before:g} -> {m.after:g} mm² ({m.reason})" for m in found.fit.limits),
        *found.fit.warnings,
        f"Report: {report}; look at it before the profile is used",
        f"Profile {profile.version}: {output}; use it with VALGSKANN_PROFILE={output}",
    ]
    return "\n".join(lines)
