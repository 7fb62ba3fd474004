"""Measures how far fields lie from where the reader takes them to be, against the simulator's own geometry.

    python -m benchmarks.registration --folder out/registration --sheets 60

The simulator knows of every pixel of a scan where on the paper it looks. A field's place by the reader,
carried back so to the paper, must be the field's place on the blank. Boxes are taken where their outline
was found at last, all other fields where the page's fit has them. Exit status 1 when more than one field
in a thousand is further off than the aim.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from ballot.layout import PageSide, SideLayout
from benchmarks.campaign_parts import PARTS, Part, compiled, deck_seed, prepare
from calibration.testdeck.deck import SimulatedSheet, plan_sheet, scan_ballot
from calibration.testdeck.feeding import ONE_BALLOT
from calibration.testdeck.options import preset
from calibration.testdeck.press import use_ballot
from calibration.testdeck.scanning import ColourMode, view_of
from calibration.testdeck.views import View
from station.worker import one_thread_a_process

SEED = 6_700_000
AIM_MM = 0.2
PERCENTILES = (50.0, 99.0, 99.9, 100.0)
TAKEN = (
    "fjord-county-normal",
    "skog-county-grey",
    "vidde-county-bilevel",
    "bare-county-grey",
    "outer-county-bilevel",
    "bare-municipal-normal",
    "outer-municipal-normal",
    "fjord-municipal-hard",
)
Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """A scanned sheet and where each of its sides' pixels look."""

    sheet: SimulatedSheet
    views: dict[PageSide, tuple[View, tuple[float, float]]]
    """With the pixels of the paper a mm, across and down."""


def scanned(part: Part, election: Any, press: Any, seed: int, count: int) -> Iterator[Seen]:
    """Sheets of a part's kind, each fed alone."""
    options = preset(part.preset)
    for index in range(count):
        rng = np.random.default_rng([deck_seed(part, seed), index])
        plan = plan_sheet(election, press.fields, options, rng)
        way, fields = plan.way, press.fields.of(plan.intent.style.key)
        used = use_ballot(election, press, plan.intent, plan.stamping, f"{index:08d}", way.dpi, rng)
        views = {}
        sides = used.sides(way.dpi, way.mode is ColourMode.COLOUR)
        for page, paper, area in zip(PageSide, sides, (fields.inside, fields.outside), strict=True):
            view = view_of(paper, 1, area, way, page is PageSide.OUTSIDE)
            views[page] = view, (paper.x_px_per_mm, paper.y_px_per_mm)
        alone = replace(plan, fed=ONE_BALLOT)
        yield Seen(scan_ballot(election, press, used, alone, f"{index:04d}", options, rng), views)


def on_paper(view: View, px_per_mm: tuple[float, float], points_px: Points) -> Points:
    """Where on the paper (mm) points of a scan look, shape (n, 2)."""
    rows = [(x.copy(), y.copy()) for _, _, x, y in view.maps()]  # they come in the same memory
    at = np.asarray(points_px, np.float32).reshape(1, -1, 2)
    axes = []
    for axis in (0, 1):
        whole = np.concatenate([maps[axis] for maps in rows])
        found = cv2.remap(whole, at[..., 0].copy(), at[..., 1].copy(), cv2.INTER_LINEAR)
        axes.append((found[0] + 0.5) / px_per_mm[axis])
    return np.stack(axes, axis=1).astype(np.float64)


def other_fields(layout: SideLayout) -> Points:
    """Middles of all fields that are no boxes, in mm, shape (n, 2)."""
    boxes: list[Box] = [row.whole for row in layout.write_in_rows]
    boxes += [d.box for d in (layout.ballot_number, layout.ballot_id) if d is not None]
    boxes += [box for box in (layout.stamp_field, layout.header, layout.party_write_in) if box is not None]
    return np.array([[b.x_mm + b.w_mm / 2, b.y_mm + b.h_mm / 2] for b in boxes]).reshape(-1, 2)


def errors_mm(seen: Seen, layouts: Any) -> tuple[list[float], list[float]]:
    """Distances of a sheet's boxes, and of its other fields; none of a sheet that the reader cannot place."""
    from recognition.boxes import measure_boxes
    from recognition.profile import DEFAULT_PROFILE
    from recognition.reader import read_sheet
    from recognition.trace import SheetTrace

    trace = SheetTrace()
    read_sheet(seen.sheet.scan, layouts, DEFAULT_PROFILE, trace=trace)
    boxes: list[float] = []
    others: list[float] = []
    for side in () if trace.sheet is None else trace.sheet.sides:
        fit = side.placed.registration
        view, px_per_mm = seen.views[side.placed.page]
        measured = measure_boxes(side.placed.source, fit)
        middles = other_fields(fit.side.layout)
        for found, true_mm, shifts in (
            (boxes, fit.side.box_blanks.centers_mm, np.array([m.shift_mm for m in measured])),
            (others, middles, fit.shifts_at(middles)),
        ):
            if len(true_mm):
                to_px = np.asarray(fit.mm_to_scan)
                points_px = (true_mm + shifts) @ to_px[:, :2].T + to_px[:, 2]
                found += np.hypot(*(on_paper(view, px_per_mm, points_px) - true_mm).T).tolist()
    return boxes, others


def measured(part: Part, folder: Path, seed: int, count: int) -> tuple[list[float], list[float], int]:
    """Distances of boxes and other fields of a part's sheets, and how many sheets could be placed."""
    from calibration.layout_file import load_layouts
    from recognition.reader import compile_layouts

    prepare(part, folder, seed)
    election, _, press = compiled(folder / part.name)
    layouts = compile_layouts(election, load_layouts(folder / part.name / "layout"))
    boxes: list[float] = []
    others: list[float] = []
    placed = 0
    for seen in scanned(part, election, press, seed, count):
        of_boxes, of_others = errors_mm(seen, layouts)
        boxes += of_boxes
        others += of_others
        placed += bool(of_others)
    return boxes, others, placed


def row_of(name: str, what: str, found: list[float]) -> str:
    """One line of the table."""
    values = " ".join(f"{value:7.3f}" for value in np.percentile(found, PERCENTILES))
    far = sum(distance > AIM_MM for distance in found)
    return f"{name:24} {what:6} {len(found):7} {values} {far:6}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="Where the printed parts are kept.")
    parser.add_argument("--sheets", type=int, default=60, help="Sheets of each part.")
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args()
    one_thread_a_process()
    cv2.setNumThreads(1)
    print(f"{'part':24} {'what':6} {'fields':>7} median     99    99.9    most  above {AIM_MM} mm")
    every: list[float] = []
    for part in (part for part in PARTS if part.name in TAKEN):
        boxes, others, placed = measured(part, args.folder, args.seed, args.sheets)
        print(row_of(part.name, "boxes", boxes))
        print(row_of(f"  {placed} of {args.sheets} sheets", "others", others), flush=True)
        every += boxes + others
    print(row_of("all", "", every))
    return 1 if float(np.percentile(every, 99.9)) > AIM_MM else 0


if __name__ == "__main__":
    raise SystemExit(main())
