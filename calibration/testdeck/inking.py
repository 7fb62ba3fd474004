"""Lays a voter's and an official's ink on both sides of a ballot."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ballot.election import Election
from ballot.geometry import Box
from ballot.layout import PageSide
from calibration.testdeck import handwriting, marks
from calibration.testdeck.fields import BallotFields, SideFields
from calibration.testdeck.official import Stamping
from calibration.testdeck.paper import Coverage, Paper, free_place
from calibration.testdeck.pens import PEN_KINDS, Pen, Stroke, draw_strokes, pick_up_pen
from calibration.testdeck.stamps import press_stamp
from calibration.testdeck.voters import Intent

COMMENT_MM = (62.0, 11.0)
STAMP_REACH_MM = 18.0
STAMPED_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Sheet:
    """Both sides of one ballot while it is being used."""

    inside: Paper
    outside: Paper
    fields: BallotFields

    def side(self, side: PageSide) -> tuple[Paper, SideFields]:
        """A side and its fields."""
        if side is PageSide.INSIDE:
            return self.inside, self.fields.inside
        return self.outside, self.fields.outside

    def other(self, paper: Paper) -> Paper:
        """The back of a side."""
        return self.outside if paper is self.inside else self.inside


def _draw(sheet: Sheet, paper: Paper, strokes: list[Stroke], pen: Pen, rng: np.random.Generator) -> None:
    ink, left, top = draw_strokes(paper, strokes, pen, rng)
    if pen.bleed > 0:
        _bleed(sheet.other(paper), ink, left, top, pen, paper.image.shape[1])


def _bleed(back: Paper, ink: Coverage, left: int, top: int, pen: Pen, width_px: int) -> None:
    """Ink that goes through the paper: mirrored, blurred, weak."""
    soft = cv2.GaussianBlur(ink[:, ::-1], (0, 0), 0.12 * back.px_per_mm) * np.float32(pen.bleed)
    back.lay_ink(np.asarray(soft, np.float32), width_px - left - ink.shape[1], top, pen.colour)


def vote(sheet: Sheet, intent: Intent, rng: np.random.Generator) -> Intent:
    """Draws everything the voter does.

    Returns:
        What was done: the intent, without a comment when the sheet has no room for one.
    """
    pen = pick_up_pen(PEN_KINDS[intent.pen], rng)
    fields = sheet.fields.inside
    names = dict(fields.names)
    for mark in intent.marks:
        box = mark.mark_box.box
        others = tuple(m.box for m in fields.mark_boxes if m is not mark.mark_box and m.box != box)
        _draw(sheet, sheet.inside, marks.mark_strokes(mark.shape, box, others, pen.width_mm, rng), pen, rng)
        if mark.taken_back:
            _draw(sheet, sheet.inside, marks.scribble_strokes(box, others, pen.width_mm, rng), pen, rng)
    for missed in intent.beside:
        name = names.get(missed.candidate) if missed.candidate is not None else None
        _draw(sheet, sheet.inside, marks.beside_strokes(missed.box, name, pen.width_mm, rng), pen, rng)
    for number in intent.struck_out:
        if number in names:
            _draw(sheet, sheet.inside, marks.strike_out_strokes(names[number], rng), pen, rng)
    writer = handwriting.pick_writer(rng)
    _write(sheet, intent, writer, pen, rng)
    commented = _comment(sheet, intent, writer, pen, rng)
    return intent if commented else replace(intent, comment=None)


def _write(
    sheet: Sheet, intent: Intent, writer: handwriting.Writer, pen: Pen, rng: np.random.Generator
) -> None:
    for side in PageSide:
        paper, fields = sheet.side(side)
        rows = {row.row: row for row in fields.write_in_rows}
        for entry in intent.write_ins:
            if entry.row in rows:
                row = rows[entry.row]
                handwriting.write_text(paper, entry.text, row.name, writer, pen, rng)
                if entry.party_text and row.party is not None:
                    handwriting.write_text(paper, entry.party_text, row.party, writer, pen, rng)
    field = sheet.fields.inside.party_write_in
    if intent.party_text is not None and field is not None:
        handwriting.write_text(sheet.inside, intent.party_text, field, writer, pen, rng)


def _comment(
    sheet: Sheet, intent: Intent, writer: handwriting.Writer, pen: Pen, rng: np.random.Generator
) -> bool:
    """Writes the comment where nothing is printed; says whether there was room."""
    if intent.comment is None:
        return False
    place = free_place(sheet.fields.inside, *COMMENT_MM, rng, margin_mm=2.0)
    if place is None:
        return False
    handwriting.write_text(sheet.inside, intent.comment, place, writer, pen, rng)
    return True


def stamp(sheet: Sheet, stamping: Stamping, election: Election, rng: np.random.Generator) -> bool:
    """Presses the stamp; says whether it may cover boxes or write-in rows."""
    if stamping.impression is None:
        return False
    paper, fields = sheet.side(stamping.side)
    ink, corner = press_stamp(paper, stamping.impression, election.area_name, election.date[:4], rng)
    x, y = stamping.impression.x_mm, stamping.impression.y_mm
    targets = [m.box for m in fields.mark_boxes] + [row.name for row in fields.write_in_rows]
    return any(
        t.grown(STAMP_REACH_MM).contains_point(x, y) or _is_inked(paper, ink, corner, t) for t in targets
    )


def _is_inked(paper: Paper, ink: Coverage, corner: tuple[int, int], field: Box) -> bool:
    """Whether a stamp's ink lies on a field; large stamps reach it from further away."""
    left, top = paper.corner_px(field.x_mm, field.y_mm)
    right, bottom = paper.corner_px(field.right_mm, field.bottom_mm)
    rows = slice(max(0, top - corner[1]), max(0, bottom - corner[1]))
    columns = slice(max(0, left - corner[0]), max(0, right - corner[0]))
    return bool((ink[rows, columns] > STAMPED_SHARE).any())
