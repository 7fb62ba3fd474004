"""The operators' verbs: ``init``, ``scan``, ``status``, ``export``, ``verify`` and ``serve``."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ballot.errors import ScanSourceError
from ballot.ruling import OPEN_STATES, SheetState
from station.commands.common import Dir, Json, Person, person_named, progress, say, write_whole, writing_into

if TYPE_CHECKING:
    from ballot.box import BallotBox, ScanRun
    from review.desk import BoxProgress
    from scanner.sheets import ScanPlan
    from station.intake import IntakeReport
    from store.station_store import StationStore

_MOST_NAMED = 10


def register(app: typer.Typer) -> None:
    """Adds the verbs to the program."""
    app.command("init")(init)
    app.command("scan")(scan)
    app.command("status")(status)
    app.command("export")(export)
    app.command("verify")(verify)
    app.command("serve")(serve)


def init(
    folder: Dir,
    election_file: Annotated[Path, typer.Argument(metavar="ELECTION", help="The election.json.")],
    layout: Annotated[
        Path | None, typer.Option(help="A layout file; without it the layout is learnt from the blanks.")
    ] = None,
    by: Person = None,
    as_json: Json = False,
) -> None:
    """Makes a counting station in a new folder: its database and its image vault.

    Exit codes: 0 made; 3 the election file or 4 the layout cannot be used; 8 the folder is not free.
    """
    from station.station_folder import init_station

    election = init_station(folder, election_file, layout, person_named(by))
    answer = {"station": str(folder), "election": election.id, "ballots": len(election.ballots)}
    say(
        as_json,
        answer,
        f"{folder}: a counting station for {election.name}, {election.area_name}.\n"
        f"Next: valgskann box open {folder} --number 1 --district … --category …",
    )


def scan(
    folder: Dir,
    scans: Annotated[
        list[Path],
        typer.Argument(metavar="SCANS...", help="Images, multi-page TIFFs, PDFs or folders of them."),
    ],
    box: Annotated[int, typer.Option(help="Number of the open box the sheets lie in.")],
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Reading processes (default: VALGSKANN_WORKERS, else the cores)."),
    ] = None,
    by: Person = None,
    as_json: Json = False,
) -> None:
    """Imports scanned sheets into a box and reads them.

    Safe to run again after any interruption: sheets already taken in are not doubled, sheets
    not read yet are read. Exit codes: 0 all taken in and read, also when some are doubted;
    5 a source cannot be opened; 8 no such box, or it is closed.
    """
    from station.worker import one_thread_a_process

    one_thread_a_process()
    from scanner.sheets import pages_since, plan_sheets
    from station.count_stamps import looked_at, save_stamps, stamps_of_count
    from station.profile_file import configured_profile
    from station.settings import load_settings
    from station.station_folder import open_station

    with open_station(folder) as station:
        station.store.box(box)
        plan = plan_sheets(scans)
        if not len(plan) and not station.store.unread(box):
            raise ScanSourceError(
                f"There is no scan in {', '.join(map(str, scans))}. No sheet was taken in.",
                "Name the files, or the folder that holds them: JPEG, PNG, TIFF or PDF.",
            )
        settings = load_settings()
        cores = workers or settings.workers
        profile = configured_profile()
        with progress(looked_at(plan), "Learning the stamps") as tell:
            stamps = stamps_of_count(plan, station.election, station.layouts(), cores, profile, tell)
        scanning = station.store.begin_scan(box, [str(path.absolute()) for path in scans], person_named(by))
        picture = folder / "stamps" / _picture_name(scanning)
        if stamps.known:
            save_stamps(stamps, picture)
        run = station.intake(box, cores, person_named(by), settings.name_error, stamps)
        with progress(len(plan)) as advance:
            report = run.run(plan, advance, [sheet.run for sheet in plan.sheets])
        late = pages_since(plan, scans)
        if not late:
            station.store.end_scan(scanning)
    answer = asdict(report) | {"box": box, "doubted": report.read - report.accepted}
    answer["ignored"] = [str(file.path) for file in plan.ignored]
    answer |= {"late_pages": late, "stamps": str(picture) if stamps.known else None}
    say(as_json, answer, _scan_message(folder, box, report, plan, late, picture if stamps.known else None))


def _picture_name(run: ScanRun) -> str:
    """A name of its own for every scan of a box: people look at the pictures of earlier ones later."""
    return f"box-{run.box}.png" if run.number == 1 else f"box-{run.box}-scan-{run.number}.png"


def _scan_message(
    folder: Path, box: int, report: IntakeReport, plan: ScanPlan, late: int, stamps: Path | None
) -> str:
    lines = [
        f"Box {box}: {report.new} sheets taken in, {report.known} were there already; "
        f"{report.read} read: {report.accepted} accepted, {report.read - report.accepted} to review."
    ]
    if report.new_unopened:
        lines.append(
            f"{report.new_unopened} sheets have a page that could not be opened; they are in review."
        )
    if report.faults:
        lines.append(
            f"The program itself failed on {report.faults} sheets; they are in review, named in the journal."
        )
    if report.moved:
        lines.append(
            f"A page is missing from these scans, or there twice: {report.moved} sheets may show two ballots "
            "and are in review. Scan the batch again into a new box rather than ruling on many of them."
        )
    if report.left:
        lines.append(
            f"ATTENTION: {report.left} of the sheets read were left by a scan of other files that did not "
            "come to its end. Run that one again, too: it may have more to take in, and has not looked for "
            "missing pages."
        )
    if late:
        lines.append(
            f"ATTENTION: {late} pages came while this ran and were NOT taken in. When the scanner is done, "
            "run the same command again."
        )
    if plan.ignored:
        named = ", ".join(f"{file.path} ({file.reason})" for file in plan.ignored[:_MOST_NAMED])
        lines.append(f"{len(plan.ignored)} files were passed over, --json names all: {named}")
    if stamps is not None:
        lines.append(f"The stamps these ballots carry, for you to look at: {stamps}")
    if report.read > report.accepted:
        lines.append(f"Next: valgskann serve {folder}, or valgskann review list {folder}")
    return "\n".join(lines)


def status(folder: Dir, as_json: Json = False) -> None:
    """Shows where every box stands: sheets by state, each in exactly one."""
    from review.desk import Desk
    from station.station_folder import open_station

    with open_station(folder) as station:
        boxes = Desk(station.store, station.election).progress()
        unfinished = {entry.box.number: _unfinished(station.store, entry.box) for entry in boxes}
        name = f"{station.election.name}, {station.election.area_name}"
    total = {state.value: sum(box.states[state] for box in boxes) for state in SheetState}
    answer: dict[str, Any] = {
        "boxes": [
            {
                "box": entry.box.number,
                "district": entry.box.district,
                "category": entry.box.category.value,
                "closed": entry.box.closed,
                "unfinished_scans": unfinished[entry.box.number],
                "sheets": entry.sheets,
                "states": {state.value: entry.states[state] for state in SheetState},
            }
            for entry in boxes
        ],
        "sheets": sum(total.values()),
        "states": total,
        "open": sum(total[state.value] for state in OPEN_STATES),
    }
    say(as_json, answer, _status_table(name, boxes, answer))


def _unfinished(store: StationStore, box: BallotBox) -> int:
    """Scans into a box that did not come to their end; with a closed box somebody has decided on them."""
    return 0 if box.closed else len(store.unfinished_scans(box.number))


def _status_table(name: str, boxes: tuple[BoxProgress, ...], answer: dict[str, Any]) -> str:
    states = [state for state in SheetState if answer["states"][state.value]]
    heads = ["box", "district", "category", "sheets", *(state.value.replace("_", " ") for state in states)]
    rows = [
        [
            f"{entry.box.number}{'' if not entry.box.closed else ' (closed)'}",
            entry.box.district,
            entry.box.category.value,
            str(entry.sheets),
            *(str(entry.states[state]) for state in states),
        ]
        for entry in boxes
    ]
    rows.append(["all", "", "", str(answer["sheets"]), *(str(answer["states"][s.value]) for s in states)])
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    lines = [
        name,
        *("  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in [heads, *rows]),
    ]
    waiting = answer["open"]
    decided = "Every sheet is decided." if answer["sheets"] else "No sheet has been scanned."
    lines.append(f"{waiting} sheets wait for somebody." if waiting else decided)
    cut_off = ", ".join(str(box["box"]) for box in answer["boxes"] if box["unfinished_scans"])
    if cut_off:
        lines.append(f"A scan into box {cut_off} still runs, or was cut off: then run it again.")
    return "\n".join(lines)


def export(
    folder: Dir,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write into.")],
    readings: Annotated[bool, typer.Option("--readings", help="Also every reading, as JSON lines.")] = False,
    provisional: Annotated[
        bool, typer.Option("--provisional", help="Count what is decided although sheets are open.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Writes ``counts.json`` (counts/1) and, when asked, ``readings.jsonl``.

    Exit codes: 0 written; 6 the counts contradict themselves; 8 sheets are still open (nothing is written).
    """
    from ballot.reading_json import reading_to_json
    from station.station_counts import counts_of, unclosed_boxes
    from station.station_folder import open_station
    from tally.counts_file import counts_to_json

    with open_station(folder) as station:
        unclosed = [found.box.number for found in unclosed_boxes(station)]
        counts = replace(counts_of(station, provisional), unclosed=tuple(unclosed))
        cases = station.store.cases() if readings else ()
    texts = {"counts.json": json.dumps(counts_to_json(counts), ensure_ascii=False, indent=1) + "\n"}
    if readings:
        lines = [
            json.dumps(
                {"sheet": case.sheet.id, "box": case.box.number} | reading_to_json(case.reading.reading)
            )
            for case in cases
            if case.reading is not None
        ]
        texts["readings.jsonl"] = "".join(f"{line}\n" for line in lines)
    with writing_into(output):
        for name, text in texts.items():
            write_whole(output / name, text)
    pending = counts.sheets.pending if counts.sheets else 0
    left_out = f"\nATTENTION: {pending} sheets are not decided and NOT in the counts." if pending else ""
    if unclosed:
        boxes = ", ".join(map(str, unclosed))
        left_out += (
            f"\nNot closed, so more sheets may come: box {boxes} (valgskann box close {folder} --number N)."
        )
    answer = {
        "files": [str(output / name) for name in texts],
        "ballots": counts.total,
        "pending": pending,
        "unclosed": unclosed,
    }
    say(as_json, answer, f"{counts.total} ballots counted; written: {', '.join(answer['files'])}{left_out}")  # type: ignore[arg-type]


def verify(folder: Dir, as_json: Json = False) -> None:
    """Proves that the station is whole: the journal's chain, every image, reading and ruling.

    Prints the journal's last hash: noted on paper, it shows later that nothing was cut off.
    Exit codes: 0 whole; 1 something is wrong (each thing is named); 8 the station cannot be opened.
    """
    from station.station_folder import open_station
    from station.verify import verify_station

    with open_station(folder) as station:
        found = verify_station(station)
    lines = [f"WRONG {problem}" for problem in found.problems]
    lines.append(
        f"{found.sheets} sheets, {found.images} images, {found.events} events checked: "
        + (f"{len(found.problems)} problems." if found.problems else "all whole.")
    )
    lines.append(f"Last hash of the journal: {found.head}")
    if found.unused_images and not found.problems:
        lines.append(
            f"{found.unused_images} images belong to no sheet (a scan that was cut off left them; harmless)."
        )
    say(as_json, asdict(found), "\n".join(lines))
    if found.problems:
        raise typer.Exit(1)


def serve(
    folder: Dir,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port on 127.0.0.1 (default: VALGSKANN_PORT, else 8023)."),
    ] = None,
) -> None:
    """Serves the station's pages on this machine only (127.0.0.1), until interrupted."""
    from station.serve import serve_station
    from station.settings import load_settings
    from station.station_folder import open_station

    chosen = port or load_settings().port
    with open_station(folder) as station:
        typer.echo(f"Open http://127.0.0.1:{chosen}/ in a browser on this machine. Stop with Ctrl-C.")
        serve_station(station, chosen)
