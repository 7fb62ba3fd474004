"""The command line: collects the verbs and turns errors into messages and exit codes."""

from __future__ import annotations

import importlib
import io
import sys

import typer

from ballot.errors import ValgskannError

_COMMAND_MODULES = (
    "layout",
    "read",
    "settle",
    "station",
    "box",
    "review",
    "testdeck",
    "calibrate",
    "calibrate_names",
    "check_scanner",
)

app = typer.Typer(
    name="valgskann",
    help="Counts paper ballots: from the scanner's images to the settled election, doubting openly.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _register_commands() -> None:
    for name in _COMMAND_MODULES:
        importlib.import_module(f"station.commands.{name}").register(app)


def main() -> None:
    """Runs the program. Exit codes are those of `ballot.errors`."""
    _register_commands()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # The answer to work that is done must not fail for a letter that the terminal does not have.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except ValgskannError as error:
        print(f"valgskann: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from error
