"""Sums a campaign up: bounds, review rates, troubles, and every silent error with its picture."""

from __future__ import annotations

import base64
import html
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.campaign_parts import PASSES
from calibration.bounds import position_errors, upper_limit

__all__ = ["SUMMARY_FILE", "Totals", "html_of", "text_of", "upper_limit", "write_report"]

KINDS = ("stamp_missing", "mark_taken_back", "torn", "ink_outside_fields")
NAMES = {
    "stamp_missing": "missing stamp",
    "mark_taken_back": "mark taken back",
    "torn": "torn field or corner",
    "ink_outside_fields": "ink outside the fields",
}
WANTED_OF_EACH = 2_000
SUMMARY_FILE = "summary.txt"


def is_plain(sheet: dict[str, Any]) -> bool:
    """Whether a sheet of the log has nothing that calls for a person, and its voter does not fill boxes."""
    return bool(sheet["undamaged"] and sheet["clear_stamp"] and not sheet.get("fills", False))


@dataclass
class DeckTotals:
    """What was counted of the decks of one kind.

    Attributes:
        plain: Undamaged sheets without handwriting, with a clear stamp, of voters who do not fill boxes.
        plain_reviewed: Those of them that went to a person.
        doubts: Sheets among these with each doubt.
    """

    sheets: int = 0
    positions: int = 0
    silent: int = 0
    plain: int = 0
    plain_reviewed: int = 0
    doubts: Counter[str] = field(default_factory=Counter)

    def add(self, sheet: dict[str, Any]) -> None:
        """Counts one sheet."""
        self.sheets += 1
        self.positions += sheet["positions"]
        self.silent += bool(sheet["errors"])
        if is_plain(sheet):
            self.plain += 1
            if not sheet["accepted"]:
                self.plain_reviewed += 1
                self.doubts.update(sheet["doubts"])


@dataclass
class Totals:
    """Everything counted, over the campaign, by part, and by kind of deck."""

    sheets: Counter[str] = field(default_factory=Counter)
    decks: dict[str, DeckTotals] = field(default_factory=lambda: defaultdict(DeckTotals))
    ballots: set[tuple[str, int]] = field(default_factory=set)
    positions: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    position_errors: int = 0
    undamaged: Counter[str] = field(default_factory=Counter)
    reviewed: Counter[str] = field(default_factory=Counter)
    clear: Counter[str] = field(default_factory=Counter)
    clear_reviewed: Counter[str] = field(default_factory=Counter)
    review_reasons: Counter[str] = field(default_factory=Counter)
    fates: Counter[tuple[str, str]] = field(default_factory=Counter)
    needless: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    vanished: int = 0
    lost: int = 0
    faults: list[str] = field(default_factory=list)
    silent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    missed: list[tuple[str, int, str]] = field(default_factory=list)
    seconds: float = 0.0
    reading_seconds: float = 0.0

    @property
    def plain(self) -> tuple[int, int]:
        """Plain sheets that went to a person, and all of them; see `DeckTotals`."""
        decks = self.decks.values()
        return sum(deck.plain_reviewed for deck in decks), sum(deck.plain for deck in decks)

    def add(self, line: dict[str, Any]) -> None:
        """Counts one finished chunk."""
        self.seconds += line["seconds"]
        self.reading_seconds += line["reading_seconds"]
        for sheet in line["sheets"]:
            self._add_sheet(line["part"], sheet)

    def _add_sheet(self, part: str, sheet: dict[str, Any]) -> None:
        self.sheets[part] += 1
        self.decks[_deck_of(part)].add(sheet)
        self.ballots.add((part, sheet["index"] // PASSES))
        self.positions[part] += sheet["positions"]
        self.accepted += sheet["accepted"]
        if sheet["errors"]:
            self.errors[part] += 1
            self.silent.append((part, sheet))
            self.position_errors += position_errors(sheet["errors"], sheet["troubles"])
        if sheet["undamaged"]:
            self.undamaged[part] += 1
            self.clear[part] += sheet["clear_stamp"]
            if not sheet["accepted"]:
                self.reviewed[part] += 1
                self.clear_reviewed[part] += sheet["clear_stamp"]
                self.review_reasons.update(sheet["doubts"])
        for name, fate in sheet["troubles"]:
            self.fates[name, fate] += 1
        self.needless.update(sheet["needless"])
        self.vanished += sheet.get("vanished", 0)
        self.lost += len(sheet.get("lost", ()))
        self.missed += [(part, sheet["index"], name) for name in sheet["missed"]]
        if "fault" in sheet:
            self.faults.append(f"{part} sheet {sheet['index']}: {sheet['fault'].strip().splitlines()[-1]}")


def _deck_of(part: str) -> str:
    """The kind of deck, which ends a part's name: its scanner and its wear."""
    return part.rpartition("-")[2]


def _rate(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.2%})" if whole else "none"


def _one_in(rate: float) -> str:
    return f"{rate:.2e} (one in {1 / rate:,.0f})" if rate > 0 else "0"


def _bounds(totals: Totals) -> list[tuple[str, str]]:
    sheets, positions = totals.sheets.total(), totals.positions.total()
    rows = [
        ("sheets read", f"{sheets:,}, of which accepted {_rate(totals.accepted, sheets)}"),
        ("ballots voted", f"{len(totals.ballots):,}, each worn and scanned up to {PASSES} times"),
        ("ballot positions read", f"{positions:,}"),
        ("sheets with a silent error", f"{len(totals.silent)}"),
        ("positions with a silent error", f"{totals.position_errors}"),
    ]
    if positions:
        rows += [
            (
                "95 % upper limit, silent errors a position",
                _one_in(upper_limit(totals.position_errors, positions)),
            ),
            ("95 % upper limit, silent errors a sheet", _one_in(upper_limit(len(totals.silent), sheets))),
        ]
    return [
        *rows,
        ("undamaged, no handwriting, clear stamp: reviewed",
         _rate(totals.clear_reviewed.total(), totals.clear.total())),
        ("the same without voters who fill boxes: reviewed",
         _rate(*totals.plain)),
        ("undamaged, no handwriting, any stamp: reviewed",
         _rate(totals.reviewed.total(), totals.undamaged.total())),
        ("their doubts", ", ".join(f"{k} {v}" for k, v in totals.review_reasons.most_common()) or "none"),
        ("marks, or scribbles over them, that the scan does not show (black and white, too light)",
         f"{totals.vanished}, votes wrong for it {totals.lost}"),
        ("failures of the program (doubted as unreadable)", str(len(totals.faults))),
        ("time spent", f"{totals.seconds / 3600:.2f} processor hours, "
         f"{totals.reading_seconds / max(totals.seconds, 1e-9):.0%} of it reading"),
    ]  # fmt: skip


def _troubles(totals: Totals) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    others = sorted({name for name, _ in totals.fates} - set(KINDS))
    for name in (*KINDS, *others):
        doubted, missed, silent = (totals.fates[name, fate] for fate in ("doubted", "missed", "silent"))
        there = doubted + missed + silent
        few = " (fewer than 2,000)" if name in KINDS and there < WANTED_OF_EACH else ""
        needless = str(totals.needless[name]) if name in KINDS else "–"
        rows.append(
            (NAMES.get(name, name), f"{there}{few}", str(doubted), str(missed), str(silent), needless)
        )
    return rows


TROUBLE_HEAD = (
    "what must be doubted",
    "there were",
    "doubted",
    "missed doubts",
    "accepted silently",
    "needless",
)
PART_HEAD = ("part", "sheets", "positions", "silent errors", "undamaged", "of these reviewed")


DECK_HEAD = (
    "kind of deck",
    "sheets",
    "positions",
    "silent errors",
    "95 % limit a sheet",
    "plain sheets reviewed",
    "doubts of these, of 100 plain sheets",
)


def _decks(totals: Totals) -> list[tuple[str, ...]]:
    return [
        (
            name,
            f"{deck.sheets:,}",
            f"{deck.positions:,}",
            str(deck.silent),
            f"one in {1 / upper_limit(deck.silent, deck.sheets):,.0f}",
            _rate(deck.plain_reviewed, deck.plain),
            ", ".join(f"{code} {100 * count / deck.plain:.1f}" for code, count in deck.doubts.most_common(4)),
        )
        for name, deck in sorted(totals.decks.items())
    ]


def _parts(totals: Totals) -> list[tuple[str, ...]]:
    return [
        (part, str(sheets), str(totals.positions[part]), str(totals.errors[part]),
         str(totals.undamaged[part]), _rate(totals.reviewed[part], totals.undamaged[part]))
        for part, sheets in sorted(totals.sheets.items())
    ]  # fmt: skip


def _tables(totals: Totals) -> dict[str, tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Heads and rows of each table, by its title."""
    return {
        "What must be doubted": (TROUBLE_HEAD, _troubles(totals)),
        "Kinds of deck": (DECK_HEAD, _decks(totals)),
        "Parts": (PART_HEAD, _parts(totals)),
    }


def _text_table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    return [
        "  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in [head, *rows]
    ]


def text_of(totals: Totals) -> str:
    """The summary as text."""
    lines = ["Accuracy campaign", ""]
    lines += [f"  {name}: {value}" for name, value in _bounds(totals)]
    for head, rows in _tables(totals).values():
        lines += ["", *_text_table(head, rows)]
    lines += ["", "Silent errors" if totals.silent else "No silent error."]
    lines += [f"  {part} sheet {s['index']}: {'; '.join(s['errors'])}" for part, s in totals.silent]
    lines += ["", "Missed doubts (the sheet went to a person for another reason)"] if totals.missed else []
    lines += [f"  {part} sheet {index}: {name}" for part, index, name in totals.missed]
    lines += (
        ["", "Failures of the program", *(f"  {fault}" for fault in totals.faults)] if totals.faults else []
    )
    return "\n".join(lines) + "\n"


STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0}
td,th{border-bottom:1px solid #ccc;padding:.25rem .7rem;text-align:left}
.bad{color:#b00020;font-weight:600}.good{color:#1b6e2c;font-weight:600}
img{border:1px solid #999;margin:.3rem}"""


def _html_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    cells = "".join(f"<th>{html.escape(h)}</th>" for h in head)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table><tr>{cells}</tr>{body}</table>"


def _case(part: str, sheet: dict[str, Any], folder: Path) -> str:
    told = html.escape("; ".join(sheet["errors"]))
    pictures = []
    if "case" in sheet:
        place = folder / "silent" / sheet["case"]
        for path in [*sorted(place.glob("field-*.jpg")), *sorted(place.glob("small-*.jpg"), reverse=True)]:
            data = base64.b64encode(path.read_bytes()).decode()
            pictures.append(f'<img alt="{html.escape(path.stem)}" src="data:image/jpeg;base64,{data}">')
    return f"<h3>{html.escape(part)}, sheet {sheet['index']}</h3><p>{told}</p>{''.join(pictures)}"


def html_of(totals: Totals, folder: Path) -> str:
    """The summary as one page that needs no other file."""
    silent = "".join(_case(part, sheet, folder) for part, sheet in totals.silent)
    verdict = f'<p class="bad">{len(totals.silent)} sheets with a silent error</p>' if totals.silent else (
        '<p class="good">No silent error</p>'
    )  # fmt: skip
    missed = [(part, str(index), NAMES.get(name, name)) for part, index, name in totals.missed]
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Accuracy campaign</title>',
        f"<style>{STYLE}</style>",
        "<h1>Accuracy campaign</h1>",
        verdict,
        _html_table(("", ""), list(_bounds(totals))),
        *(f"<h2>{title}</h2>" + _html_table(*table) for title, table in _tables(totals).items()),
        f"<h2>Silent errors</h2>{silent}" if silent else "",
        "<h2>Missed doubts</h2>" + _html_table(("part", "sheet", "what"), missed) if missed else "",
    ]
    return "\n".join(parts) + "</html>\n"


def write_report(totals: Totals, folder: Path) -> str:
    """Writes ``summary.txt`` and ``summary.html`` into the campaign's folder; returns the text."""
    text = text_of(totals)
    (folder / SUMMARY_FILE).write_text(text, encoding="utf-8")
    (folder / "summary.html").write_text(html_of(totals, folder), encoding="utf-8")
    return text
