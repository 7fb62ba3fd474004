"""``make demo``: counts a folder of samples end to end with the program's own commands, and shows each."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

from ballot.errors import TieError
from station.election_file import load_election

_PROGRAM = (sys.executable, "-c", "from station.cli import main; main()")
_TIED = re.compile(r'"order": (\[.*?\])')
_MOST_TIES = 20


def _run(*arguments: object, quiet: bool = False) -> str:
    """Runs one command as a user would, showing it; returns what it printed.

    Raises:
        subprocess.CalledProcessError: The command failed; its own message has been shown.
    """
    words = [str(argument) for argument in arguments]
    print(f"\n$ valgskann {shlex.join(words)}", flush=True)
    done = subprocess.run([*_PROGRAM, *words], capture_output=True, text=True, check=False)
    if not quiet or done.returncode:
        print(done.stdout + done.stderr, end="", flush=True)
    done.check_returncode()
    return done.stdout


def _settle(*arguments: object) -> None:
    """Settles; where few ballots leave a tie, shows how drawn lots are entered.

    The law wants lots drawn by people. Here their order is the one in which the message names
    the lists, which is said.
    """
    lots: list[str] = []
    while True:
        try:
            _run("settle", *arguments, *lots)
        except subprocess.CalledProcessError as error:
            named = _TIED.search(error.stderr)
            if error.returncode != TieError.exit_code or named is None or len(lots) > _MOST_TIES:
                raise
            order = ",".join(json.loads(named[1]))
            print(f"\nFor the demo, say that the lots fell in this order: {order}")
            lots += ["--lots", order]
        else:
            return


def count_samples(samples: Path, out: Path) -> None:
    """Learns the ballots, opens a station and a box, scans, settles what is decided, and exports.

    Args:
        samples: Holds ``election.json``, its blanks, and ``scans``.
        out: Folder for everything made; an earlier demo's station in it is replaced.
    """
    election_file, layout, station = samples / "election.json", out / "ballots.layout", out / "station"
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(station, ignore_errors=True)
    district = load_election(election_file).districts[0].id
    started = time.monotonic()

    _run("layout", election_file, "-o", layout, "--proof", out / "proof")
    _run("init", station, election_file, "--layout", layout)
    _run("box", "open", station, "--number", 1, "--district", district, "--category", "VO")
    scan = json.loads(_run("scan", station, samples / "scans", "--box", 1, "--json", quiet=True))
    _run("box", "close", station, "--number", 1)
    _run("status", station)
    results = ("--html", out / "result.html", "--output", out / "results.json", "--csv", out / "tables")
    _settle(election_file, station, "--provisional", *results)
    _run("export", station, "--provisional", "--readings", "-o", out / "export")
    _run("verify", station)
    _summary(scan["read"], scan["accepted"], out, time.monotonic() - started)


def _summary(sheets: int, accepted: int, out: Path, seconds: float) -> None:
    doubted = sheets - accepted
    print(f"\n{sheets} sheets: {accepted} accepted, {doubted} doubted. In all {seconds:.0f} s.")
    if doubted:
        print(
            f"PROVISIONAL: the {doubted} doubted sheets wait for people and are NOT in the result.\n"
            f"Rule on them:        .venv/bin/valgskann serve {out / 'station'}\n"
            f"                     .venv/bin/valgskann review list {out / 'station'}"
        )
    for what, name in (
        ("Result page", "result.html"),
        ("Result (results/1)", "results.json"),
        ("Result tables", "tables"),
        ("Counts and readings", "export"),
        ("Pictures of the layouts", "proof"),
        ("The station", "station"),
    ):
        print(f"{what + ':':<25}{out / name}")


if __name__ == "__main__":
    try:
        count_samples(Path(sys.argv[1]), Path(sys.argv[2]))
    except subprocess.CalledProcessError as failed:
        raise SystemExit(failed.returncode) from None
