"""What the station's verbs share: arguments, the person's name, answers and progress."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from ballot.errors import CalibrationError, UsageError

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="The station's folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Person = Annotated[
    str | None, typer.Option("--by", help="Name for the journal (default: VALGSKANN_PERSON, else the login).")
]


@contextmanager
def progress(total: int, what: str = "Reading") -> Iterator[Callable[[int], None] | None]:
    """A bar on standard error when that is a terminal: call it with the number done so far."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (
        what,
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.speed} /s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def person_named(given: str | None) -> str:
    """The name for the journal: as given, else from the settings."""
    from station.settings import load_settings

    return given.strip() if given and given.strip() else load_settings().person


def make_folders_of(*files: Path | None) -> None:
    """Makes the folders that files are going to be written into, before the work for them begins.

    Raises:
        UsageError: A folder cannot be made, or a folder stands where a file is wanted.
    """
    for file in (file for file in files if file is not None):
        folder = file.parent
        try:
            is_folder = file.is_dir()
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{folder} cannot be made ({error.strerror or error}). Nothing was begun.",
                "Choose another place for the file.",
            ) from error
        if is_folder:
            raise UsageError(f"{file} is a folder. Nothing was begun.", "Give the name of a file in it.")


def write_report(path: Path, text: str, done: str) -> None:
    """Writes a report.

    Args:
        done: What was done all the same, for the message when it cannot be written.

    Raises:
        CalibrationError: It cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CalibrationError(
            f"{path} cannot be written ({error.strerror or error}). {done}",
            "Choose another place for the report.",
        ) from error


@contextmanager
def writing_into(folder: Path) -> Iterator[None]:
    """Turns the system's refusal to write into one that names the folder asked for with ``-o``.

    Raises:
        UsageError: Something cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written ({error.strerror or error}).", "Give another folder with -o."
        ) from error


def write_whole(path: Path, text: str) -> None:
    """Writes a file whole or not at all: until it is complete the text stands in ``<name>.part``.

    Raises:
        OSError: It cannot be written; what stood there before stands there still.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def say(as_json: bool, answer: object, text: str) -> None:
    """Prints the answer, as JSON or in words."""
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=1) if as_json else text)
