"""The report on names ruled by people: one HTML page with its diagrams."""

from __future__ import annotations

import html
import math

from calibration.ruled_names import ENOUGH_ROWS, NameFigures, Step

_STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0}td,th{border-bottom:1px solid #ccc;padding:.25rem .8rem;
text-align:left}.bad{color:#b00020;font-weight:600}.good{color:#1b6e2c;font-weight:600}
svg{width:100%;max-width:34rem;font:12px system-ui,sans-serif}"""
_SIZE, _LEFT, _BOTTOM = 340, 52, 40
_BLUE, _GREEN = "#1f4e9c", "#1b6e2c"
_LEAST_SHARE = 1e-4


def name_report_of(figures: NameFigures, station: str) -> str:
    """The page.

    Args:
        station: Name of the station's folder.
    """
    title = f"Handwritten names at {html.escape(station)}"
    parts = [
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>',
        f"<h1>{title}</h1>",
        _verdict(figures),
        "<h2>What each setting would have done</h2>",
        _settings(figures),
        "<h2>Is the machine as sure as it should be?</h2>",
        "<p>Each dot is a group of rows. On the line, the machine was right as often as it said. "
        "Below it, it was too sure of itself.</p>",
        _reliability(figures),
        "<h2>How many errors come with how many rows</h2>",
        "<p>From left to right ever less certain rows are accepted; the height is the share of them "
        "that name somebody else.</p>",
        _coverage(figures),
        "</html>",
    ]
    return "\n".join(parts)


def _verdict(figures: NameFigures) -> str:
    advised = figures.advised_error()
    if not figures.is_enough:
        text = (
            f'<p class="bad">{figures.rows} rows have been ruled on; {ENOUGH_ROWS} are needed. '
            "Let every row go to people until then (VALGSKANN_NAME_ERROR=0).</p>"
        )
    elif advised == 0:
        text = '<p class="bad">No setting held here. Let every row go to people (VALGSKANN_NAME_ERROR=0).</p>'
    else:
        text = f'<p class="good">These hands allow VALGSKANN_NAME_ERROR={advised:g}.</p>'
    shares = (
        f"<p>Of {figures.listed} rows that name a candidate, the machine's first was right in "
        f"{_percent(figures.first, figures.listed)}, one of its best in "
        f"{_percent(figures.in_best, figures.listed)}. {figures.rows - figures.listed} rows name nobody "
        "on a list.</p>"
    )
    return text + shares


def _settings(figures: NameFigures) -> str:
    rows = "".join(
        f"<tr><td>{s.accepted_error:g}</td><td>{s.confidence:.3f}</td>"
        f"<td>{s.accepted} ({_percent(s.accepted, figures.rows)})</td>"
        f'<td class="{"bad" if s.wrong else "good"}">{s.wrong}</td><td>{s.upper:.2%}</td></tr>'
        for s in figures.settings
    )
    return (
        "<table><tr><th>Accepted error</th><th>Least confidence</th><th>Accepted</th><th>Wrong</th>"
        f"<th>Upper 95 % limit</th></tr>{rows}</table>"
        "<p>Counted by confidence alone: rows that the reader refuses for another reason, such as two "
        "lines in one row, are among them.</p>"
    )


def _reliability(figures: NameFigures) -> str:
    dots = "".join(_dot(step) for step in figures.steps if step.rows)
    line = f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="#999" stroke-dasharray="5 4"/>'
    return _frame(line + dots, "confidence of the machine", "share that was right", (0.0, 0.5, 1.0))


def _dot(step: Step) -> str:
    right = step.right / step.rows
    told = f"{step.rows} rows, promised {step.promised:.1%}, right {right:.1%}"
    return (
        f'<circle cx="{_x(step.promised):.1f}" cy="{_y(right):.1f}" r="{3 + math.log2(step.rows):.1f}" '
        f'fill="{_BLUE}" fill-opacity=".7"><title>{told}</title></circle>'
    )


def _coverage(figures: NameFigures) -> str:
    """Errors on a scale of powers of ten, from one in ten thousand."""
    points = " ".join(f"{_x(share):.1f},{_y(_log_height(wrong)):.1f}" for share, wrong in figures.curve)
    line = f'<polyline points="{points}" fill="none" stroke="{_GREEN}" stroke-width="2"/>'
    marks = "".join(
        f'<text x="{_LEFT - 6}" y="{_y(_log_height(share)) + 4:.0f}" text-anchor="end">{share:g}</text>'
        for share in (0.0001, 0.001, 0.01, 0.1, 1.0)
    )
    return _frame(line + marks, "share of the rows accepted", "", ())


def _log_height(share: float) -> float:
    return 1 + math.log10(max(share, _LEAST_SHARE)) / 4


def _frame(inside: str, across: str, up: str, ticks: tuple[float, ...]) -> str:
    width, height = _LEFT + _SIZE + 16, _SIZE + _BOTTOM + 16
    labels = "".join(
        f'<text x="{_x(at):.0f}" y="{_y(0) + 16}" text-anchor="middle">{at:g}</text>'
        for at in (0.0, 0.5, 1.0)
    )
    labels += "".join(
        f'<text x="{_LEFT - 6}" y="{_y(at) + 4:.0f}" text-anchor="end">{at:g}</text>' for at in ticks
    )
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img"><path d="M{_LEFT} 10V{_y(0)}H{_x(1)}" '
        f'stroke="#444" fill="none"/>{inside}{labels}'
        f'<text x="{_x(0.5):.0f}" y="{_y(0) + 34}" text-anchor="middle">{across}</text>'
        f'<text x="{_LEFT + 6}" y="20">{up}</text></svg>'
    )


def _x(share: float) -> float:
    return _LEFT + _SIZE * share


def _y(share: float) -> float:
    return 10 + _SIZE * (1 - share)


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "none"
