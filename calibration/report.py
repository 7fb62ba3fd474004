"""The calibration report: one HTML page that needs no other file, for the people at the scanner."""

from __future__ import annotations

import base64
import html
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ballot.reading import MarkState, Reading
from calibration.bounds import position_errors, upper_limit
from calibration.crops import Crop
from calibration.evaluate import Outcome
from calibration.fitting import Fit, LabelledMark
from calibration.report_charts import Line, Series, histogram

_GREEN, _BLUE, _GREY = "#1b6e2c", "#1f4e9c", "#888"
_STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0}td,th{border-bottom:1px solid #ccc;padding:.25rem .7rem;
text-align:left;vertical-align:top}.bad{color:#b00020;font-weight:600}.good{color:#1b6e2c;font-weight:600}
.chart{width:100%;font:12px system-ui,sans-serif}.box{display:inline-block;margin:2px;font-size:11px;
text-align:center;vertical-align:top;border-bottom:4px solid #888}.box img{display:block;height:42px}
.large img{height:104px}.empty{border-color:#1f4e9c}.marked{border-color:#1b6e2c}
.wrong{outline:3px solid #b00020}"""
_LOOK = {MarkState.EMPTY: "empty", MarkState.MARKED: "marked"}


@dataclass(frozen=True, slots=True)
class Calibration:
    """Everything a calibration found.

    Attributes:
        scanner, made: As given by the operator; the date as text.
        dpi: Median resolution measured on the ballots.
        fit: The thresholds, from one half of the sheets.
        marks: Boxes of both halves, as read with the standing profile.
        readings: The proof half read with the fitted profile.
        outcomes: The same, compared with the truth.
        stamps: Sheets of the proof half by true and read stamp.
        residuals_mm: Of every registered side of both halves.
        fitted_sheets: Sheets of the half that was fitted on.
        unlabelled: Scans that the truth does not name, left out.
        unscanned: Labelled sheets of which there is no scan.
        max_residual_mm: The limit of a trusted fit.
    """

    scanner: str
    made: str
    dpi: float
    fit: Fit
    marks: tuple[LabelledMark, ...]
    readings: tuple[Reading, ...]
    outcomes: tuple[Outcome, ...]
    stamps: Counter[tuple[str, str]]
    residuals_mm: tuple[float, ...]
    fitted_sheets: int
    unlabelled: tuple[str, ...]
    unscanned: tuple[str, ...]
    max_residual_mm: float

    @property
    def silent(self) -> tuple[Outcome, ...]:
        """Sheets of the proof half with something wrong that nobody would see."""
        return tuple(o for o in self.outcomes if o.wrong)

    @property
    def positions(self) -> int:
        """Decided boxes of the proof half."""
        return sum(o.positions for o in self.outcomes)

    @property
    def position_errors(self) -> int:
        """Silent errors at ballot positions of the proof half."""
        return sum(position_errors(o.wrong, [(n, f.value) for n, f in o.troubles]) for o in self.outcomes)


def report_of(found: Calibration, crops: Sequence[Crop]) -> str:
    """The report as one HTML page."""
    title = f"Calibration of {html.escape(found.scanner)}"
    return "\n".join(
        [
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>',
            f"<style>{_STYLE}</style><h1>{title}</h1>",
            _verdict(found),
            *_summary(found),
            *_thresholds(found),
            *_distributions(found),
            *_doubts(found),
            *_gallery(found, crops),
            "</html>\n",
        ]
    )


def _verdict(found: Calibration) -> str:
    parts = []
    if found.silent:
        parts.append(
            f'<p class="bad">{len(found.silent)} of {len(found.outcomes)} sheets were read wrongly without a '
            "doubt. They are listed below. Find the cause before this scanner is used.</p>"
        )
    else:
        parts.append(
            f'<p class="good">No silent error on the {len(found.outcomes)} sheets that were kept apart '
            "as proof.</p>"
        )
    parts += [f'<p class="bad">{html.escape(warning)}</p>' for warning in found.fit.warnings]
    return "".join(parts)


def _summary(found: Calibration) -> list[str]:
    sheets, plain = len(found.outcomes), [o for o in found.outcomes if o.undamaged]
    reviewed, plain_reviewed = (sum(not o.accepted for o in group) for group in (found.outcomes, plain))
    rows = [
        ("made", f"{found.made}, scans of {found.dpi:.0f} dpi"),
        ("sheets", f"{found.fitted_sheets} to fit the thresholds on, {sheets} others to prove them"),
        ("labelled scans missing", ", ".join(found.unscanned[:20]) or "none"),
        ("scans without a label, left out", ", ".join(found.unlabelled[:20]) or "none"),
        ("boxes decided in the proof", str(found.positions)),
        (
            "silent errors at a box",
            f"{found.position_errors}; {_bound(found.position_errors, found.positions)}",
        ),
        ("sheets with a silent error", f"{len(found.silent)}; {_bound(len(found.silent), sheets)}"),
        ("sheets for a person", _share(reviewed, sheets)),
        ("of these undamaged, without handwriting", _share(plain_reviewed, len(plain))),
    ]
    note = (
        "<p>Everything in this table comes from the sheets that had no part in the fitting. The limits are "
        "exact (Clopper-Pearson, one-sided): with 95 % confidence the true rate lies below. A small deck "
        "proves little: without any error, 300 boxes prove a rate below one in 100, and no more.</p>"
    )
    errors = [(o.front, "; ".join(o.wrong)) for o in found.silent]
    listed = ["<h2>Silent errors</h2>", _table(("sheet", "what is wrong"), errors)] if errors else []
    return ["<h2>What was proven</h2>", _table(("", ""), rows), note, *listed]


def _thresholds(found: Calibration) -> list[str]:
    rows = [(m.name, f"{m.before:g}", f"{m.after:g}", m.reason) for m in found.fit.limits]
    boxes = f"{found.fit.empty_boxes} truly empty and {found.fit.marked_boxes} truly marked boxes"
    note = (
        f"<p>Fitted on {boxes}. A box with less ink (mm²) than the first limit is empty, with more than the "
        "second it is marked; between them a person looks. All other thresholds stay as they are.</p>"
    )
    return ["<h2>Thresholds</h2>", _table(("threshold", "before", "now", "why"), rows), note]


def _distributions(found: Calibration) -> list[str]:
    profile = found.fit.profile
    marks = histogram(
        [
            Series("truly empty", _BLUE, [m.ink_mm2 for m in found.marks if m.truth is MarkState.EMPTY]),
            Series("truly marked", _GREEN, [m.ink_mm2 for m in found.marks if m.truth is MarkState.MARKED]),
            Series("not fitted on", _GREY, [m.ink_mm2 for m in found.marks if m.truth not in _LOOK]),
        ],
        [Line("empty below", profile.empty_ink_mm2), Line("marked above", profile.marked_ink_mm2)],
        2.0 * profile.marked_ink_mm2,
        "ink in the box, mm²",
    )
    residuals = histogram(
        [Series("sides", _BLUE, found.residuals_mm)],
        [Line("doubted above", found.max_residual_mm)],
        1.25 * found.max_residual_mm,
        "registration residual, mm",
    )
    stamps = [(true, read, str(n)) for (true, read), n in sorted(found.stamps.items())]
    return [
        "<h2>Ink in the boxes</h2><p>Both kinds should stand well apart, with the red lines between them. "
        "Small counts are drawn enlarged. <i>Not fitted on</i> are marks that nobody can judge, and boxes "
        "under stamps, streaks and tears.</p>",
        marks,
        "<h2>How well the pages lie</h2><p>The further left, the better.</p>",
        residuals,
        "<h2>Stamps in the proof</h2>",
        _table(("truly", "read as", "sheets"), stamps),
    ]


def _doubts(found: Calibration) -> list[str]:
    counts = Counter(code.value for o in found.outcomes for code in set(o.doubts))
    plain = Counter(code.value for o in found.outcomes if o.undamaged for code in set(o.doubts))
    rows = [(code, str(n), str(plain[code])) for code, n in counts.most_common()]
    head = ("doubt", "sheets", "of these undamaged, without handwriting")
    return ["<h2>Doubts in the proof</h2>", _table(head, rows) if rows else "<p>None.</p>"]


def _gallery(found: Calibration, crops: Sequence[Crop]) -> list[str]:
    note = (
        "<p>Sorted by ink; those nearest a threshold, or on its wrong side, are large. "
        '<span class="box empty">&nbsp;truly empty&nbsp;</span> '
        '<span class="box marked">&nbsp;truly marked&nbsp;</span> '
        '<span class="box">&nbsp;not fitted on&nbsp;</span> '
        "A red frame: read as the opposite of the truth.</p>"
    )
    return ["<h2>The boxes</h2>", note, *(_picture(crop) for crop in crops)]


def _picture(crop: Crop) -> str:
    mark = crop.mark
    words = ["box", _LOOK.get(mark.truth, ""), "large" if crop.large else ""]
    if mark.truth in _LOOK and mark.reading.state in _LOOK and mark.truth is not mark.reading.state:
        words.append("wrong")
    who = mark.reading.candidate if mark.reading.candidate is not None else mark.reading.party
    told = html.escape(f"{mark.sheet}, {mark.reading.kind.value} {who}, read as {mark.reading.state.value}")
    data = base64.b64encode(crop.jpeg).decode()
    label = f"{mark.ink_mm2:.2f}" if crop.large else ""
    css = " ".join(word for word in words if word)
    return (
        f'<span class="{css}" title="{told}"><img alt="{told}" '
        f'src="data:image/jpeg;base64,{data}">{label}</span>'
    )


def _bound(errors: int, trials: int) -> str:
    if not trials:
        return "nothing proven"
    limit = upper_limit(errors, trials)
    return f"true rate at most {limit:.3%} (one in {1 / limit:,.0f})"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "none"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    cells = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table><tr>{cells}</tr>{body}</table>"
