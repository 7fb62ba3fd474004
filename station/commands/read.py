"""``valgskann read``: scans to readings, without a station or a database."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ballot.election import Election
from ballot.errors import ScanSourceError, UsageError
from ballot.layout import LayoutSet
from ballot.reading import Reading
from ballot.reading_json import reading_to_json
from station.commands.common import progress

if TYPE_CHECKING:
    from scanner.sheets import ScanPlan

_MOST_NAMED = 10


def register(app: typer.Typer) -> None:
    """Adds the verb to the program."""
    app.command("read")(read)


def read(
    election_file: Annotated[Path, typer.Argument(metavar="ELECTION", help="The election.json.")],
    scans: Annotated[
        list[Path],
        typer.Argument(metavar="SCANS...", help="Images, multi-page TIFFs, PDFs or folders of them."),
    ],
    layout: Annotated[
        Path | None, typer.Option(help="A layout file; without it the layout is learnt from the blanks.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File for the readings; without it they are printed."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as cores by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    debug: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for pictures of what was seen on each sheet.")
    ] = None,
) -> None:
    """Reads scanned sheets into one JSON line a sheet, accepted or doubted.

    Exits 0 when all sheets were read, also when some are doubted.
    """
    from station.worker import one_thread_a_process

    one_thread_a_process()
    from station.count_stamps import looked_at, stamps_of_count
    from station.election_file import load_election
    from station.page_runs import by_run
    from station.pipeline import read_many, recognition_recipe
    from station.profile_file import configured_profile
    from station.settings import load_settings
    from station.worker import usable_cores

    election = load_election(election_file)
    plan = _planned(scans)
    layouts = layouts_for(election, election_file, layout)
    profile, cores = configured_profile(), workers or usable_cores()
    with progress(looked_at(plan), "Learning the stamps") as tell:
        stamps = stamps_of_count(plan, election, layouts, cores, profile, tell)
    name_error = load_settings().name_error
    if debug is None:
        readings = read_many(plan, election, layouts, cores, name_error, profile, stamps)
    else:
        from station.debug_reader import read_with_pictures

        recipe = recognition_recipe(election, layouts, name_error, profile, stamps)
        readings = read_with_pictures(plan, recipe, cores, debug)
    summary = Summary()
    with ReadingsFile(output) as file:
        told = with_progress(readings, len(plan), "Reading")
        for reading in by_run(zip(told, (sheet.run for sheet in plan.sheets), strict=False)):
            file.write(reading)
            summary.add(reading)
        _check_complete(summary, plan)
    _report(summary, plan, output, as_json, len(stamps.known))


def _planned(scans: list[Path]) -> ScanPlan:
    from scanner.sheets import plan_sheets

    plan = plan_sheets(scans)
    if not len(plan):
        raise ScanSourceError(
            f"There is no scan in {', '.join(map(str, scans))}. No sheet was read.",
            "Name the files, or the folder that holds them: JPEG, PNG, TIFF or PDF.",
        )
    return plan


def layouts_for(election: Election, election_file: Path, layout: Path | None) -> LayoutSet:
    """The layouts from a layout file, or learnt from the election's blanks.

    Raises:
        LayoutError: The file is damaged or of another election file, or a blank cannot be learnt.
    """
    if layout is None:
        from calibration.learn import learn_layouts

        return learn_layouts(election, election_file.parent)
    from calibration.layout_basis import require_learnt_for
    from calibration.layout_file import load_layouts

    layouts = load_layouts(layout)
    require_learnt_for(
        layouts,
        election,
        f"No sheet was read. Learn it anew with «valgskann layout {election_file} -o {layout}».",
    )
    return layouts


@dataclass(slots=True)
class Summary:
    """What was read so far. `doubts` counts sheets, not doubts: a sheet counts once for each code."""

    sheets: int = 0
    accepted: int = 0
    doubts: Counter[str] = field(default_factory=Counter)

    def add(self, reading: Reading) -> None:
        """Counts one more sheet."""
        self.sheets += 1
        self.accepted += reading.accepted
        self.doubts.update({doubt.code.value for doubt in reading.doubts})


class ReadingsFile:
    """Where readings go, one line each. A file appears under its name only when it is complete.

    Until then the lines stand in ``<name>.part``, so a killed run leaves nothing that looks
    finished. Without `output`, or when it is a device or pipe, each line goes out at once.

    Raises:
        UsageError: The file cannot be written.
    """

    def __init__(self, output: Path | None) -> None:
        self._output = output
        self._in_one_step = output is not None and (output.is_file() or not output.exists())
        self._part = output.with_name(output.name + ".part") if output and self._in_one_step else output

    def __enter__(self) -> ReadingsFile:
        with self._named():
            if self._part is None:
                self._file = sys.stdout
            else:
                self._part.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._part.open("w", encoding="utf-8")
        return self

    def write(self, reading: Reading) -> None:
        """Adds a line."""
        with self._named():
            self._file.write(json.dumps(reading_to_json(reading), ensure_ascii=False) + "\n")
            if not self._in_one_step:
                self._file.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._output is None or self._part is None:
            return
        try:
            with self._named():
                if kind is None and self._in_one_step:
                    self._file.flush()
                    os.fsync(self._file.fileno())
                self._file.close()
                if kind is None and self._in_one_step:
                    self._part.replace(self._output)
        finally:
            if self._in_one_step:
                self._part.unlink(missing_ok=True)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turns the system's error into one that names the file."""
        try:
            yield
        except OSError as error:
            what = "Standard output" if self._output is None else str(self._output)
            raise UsageError(
                f"{what} cannot be written ({error.strerror or error}). No readings were kept.",
                "Choose another place for them with -o.",
            ) from error


def with_progress(readings: Iterable[Reading], total: int, what: str) -> Iterator[Reading]:
    """Passes readings on; on a terminal, with bar, count, rate and time left on standard error."""
    if not sys.stderr.isatty():
        yield from readings
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:.0f} sheets/min"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=total, rate=0.0)
        for reading in readings:
            speed = progress.tasks[task].speed or 0.0
            progress.update(task, advance=1, rate=60 * speed)
            yield reading


def _check_complete(summary: Summary, plan: ScanPlan) -> None:
    if summary.sheets != len(plan):
        raise RuntimeError(f"{len(plan)} sheets went in and {summary.sheets} readings came out")


def _report(summary: Summary, plan: ScanPlan, output: Path | None, as_json: bool, stamps: int) -> None:
    """The summary: on standard output, or on standard error when the readings stand there."""
    to_stderr = output is None
    if as_json:
        answer: dict[str, Any] = {
            "sheets": summary.sheets,
            "accepted": summary.accepted,
            "doubted": summary.sheets - summary.accepted,
            "doubts": dict(summary.doubts.most_common()),
            "known_stamps": stamps,
            "ignored": [{"file": str(file.path), "reason": file.reason} for file in plan.ignored],
            "output": None if output is None else str(output),
        }
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=1), err=to_stderr)
        return
    typer.echo(
        f"{summary.sheets} sheets read: {summary.accepted} accepted, "
        f"{summary.sheets - summary.accepted} doubted",
        err=to_stderr,
    )
    for code, count in summary.doubts.most_common():
        typer.echo(f"  {code}: {count}", err=to_stderr)
    if stamps:
        typer.echo(f"Stamps known from the first sheets: {stamps}", err=to_stderr)
    for file in plan.ignored[:_MOST_NAMED]:
        typer.echo(f"Passed over {file.path}: {file.reason}", err=to_stderr)
    if len(plan.ignored) > _MOST_NAMED:
        typer.echo(f"and {len(plan.ignored) - _MOST_NAMED} more files; --json names all", err=to_stderr)
    if output is not None:
        typer.echo(f"Readings: {output}")
