"""Proof pictures of a layout: every field drawn over the page."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from ballot.layout import BoxKind, LayoutSet, SideLayout

_SCALE = 1.0
_COLOURS: dict[str, tuple[int, int, int]] = {
    "mark": (200, 60, 0),
    "box": (0, 140, 0),
    "write_in": (200, 0, 200),
    "stamp": (0, 0, 220),
    "digits": (0, 120, 240),
    "header": (160, 120, 0),
}
"""BGR."""

_LABELS = {
    BoxKind.PERSONAL: "",
    BoxKind.PARTY: "p ",
    BoxKind.BLANK_VOTE: "blank",
    BoxKind.FIRST_CHOICE: "1:",
    BoxKind.SECOND_CHOICE: "2:",
}


def draw_side(side: SideLayout) -> npt.NDArray[np.uint8]:
    """The reference picture with every field outlined and named, BGR."""
    grey = cv2.imdecode(np.frombuffer(side.reference.png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert grey is not None
    pale = (255 - (255 - grey.astype(np.int32)) // 2).astype(np.uint8)
    picture = cv2.cvtColor(pale, cv2.COLOR_GRAY2BGR)
    scale = side.reference.dpi / 25.4

    def outline(box: Box, kind: str, text: str = "") -> None:
        p0 = round(box.x_mm * scale), round(box.y_mm * scale)
        p1 = round(box.right_mm * scale), round(box.bottom_mm * scale)
        cv2.rectangle(picture, p0, p1, _COLOURS[kind], 2)
        if text:
            at = p0[0] + 2, p0[1] - 4
            cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, _COLOURS[kind], 1, cv2.LINE_AA)

    for mark in side.registration_marks:
        outline(mark, "mark")
    for box in side.mark_boxes:
        outline(box.box, "box", _LABELS[box.kind] + str(box.candidate or ""))
    for row in side.write_in_rows:
        outline(row.name, "write_in", f"row {row.row}")
        if row.party is not None:
            outline(row.party, "write_in", "party")
    if side.party_write_in is not None:
        outline(side.party_write_in, "write_in", "party name")
    if side.stamp_field is not None:
        outline(side.stamp_field, "stamp", "stamp")
    for digits, text in ((side.ballot_number, "number"), (side.ballot_id, "id")):
        if digits is not None:
            outline(digits.box, "digits", f"{text} {digits.text}")
    if side.header is not None:
        outline(side.header, "header", "header")
    return picture.astype(np.uint8)


def write_proofs(layouts: LayoutSet, out_dir: Path) -> list[Path]:
    """Writes one PNG a side, named ``<ballot>_<side>.png``. Returns the paths."""
    out_dir.mkdir(parents=True, exist_ok=True)
    written = []
    for ballot in layouts.ballots:
        for side in ballot.sides:
            path = out_dir / f"{ballot.key}_{side.side.value}.png"
            ok, png = cv2.imencode(".png", draw_side(side))
            assert ok, "an 8-bit picture always encodes as PNG"
            path.write_bytes(png.tobytes())
            written.append(path)
    return written
