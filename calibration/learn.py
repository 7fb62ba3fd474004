"""Learns the layout of every ballot of an election from the print house's blanks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
from rapidfuzz import fuzz

from ballot.election import BallotKind, BallotStyle, Candidate, Election
from ballot.errors import LayoutError
from ballot.geometry import Box
from ballot.layout import (
    BallotLayout,
    DigitField,
    LayoutSet,
    MarkBox,
    PageSide,
    ReferenceImage,
    SideLayout,
    WriteInRow,
)
from calibration.blank import BlankSide, Word, read_blank
from calibration.box_labels import Assigned, assign_boxes
from calibration.found_again import unfound_sides
from calibration.labelled_boxes import square_boxes
from calibration.layout_basis import basis_of
from calibration.printed_text import (
    OCR_SIMILARITY,
    digit_runs,
    find_digits,
    header_words,
    normalised,
    text_rows,
    union,
)
from calibration.rectangles import Rectangle, find_rectangles
from calibration.registration_marks import find_registration_marks
from calibration.stamp_field import find_stamp_field, how_told
from calibration.write_in_field import find_party_write_in, find_write_in_rows

REFERENCE_DPI = 200
"""Resolution of the stored reference: OCR-B digits of 10 points are 20 pixels high."""

NUMBER_DIGITS, ID_DIGITS = 22, 8


def learn_layouts(election: Election, folder: Path) -> LayoutSet:
    """Learns all ballots of an election.

    Args:
        election: The election file's content.
        folder: Where the file names of its ballots are relative to.

    Raises:
        LayoutError: Any blank cannot be used; the message names every problem of every blank.
    """
    if not election.ballots:
        raise LayoutError(
            "The election file names no ballots, so there is no layout to learn.",
            "Add the blank ballots under «ballots», or use the file for settling only.",
        )
    learnt: list[BallotLayout] = []
    problems: list[str] = []
    for style in election.ballots:
        try:
            learnt.append(_learn_ballot(election, style, folder / style.file))
        except LayoutError as error:
            problems.append(str(error))
    if problems:
        raise LayoutError("\n".join(problems))
    layouts = LayoutSet(election.id, tuple(learnt), basis_of(election))
    if unfound := unfound_sides(election, layouts):
        raise LayoutError(
            f"No scan of these pages could be told by its print: {'; '.join(unfound)}.",
            "Ask the print house for registration marks in the corners, or for more print all over the page.",
        )
    return layouts


def _learn_ballot(election: Election, style: BallotStyle, path: Path) -> BallotLayout:
    """Learns one ballot from its text layer, or from its pixels when that layer does not fit."""
    candidates = election.candidates_on(style)
    sides = read_blank(path)
    try:
        return _layout_of(election, style, candidates, sides, path.name)
    except LayoutError as error:
        if _is_text_of(sides, election, style):
            raise
        pixels = read_blank(path, use_text_layer=False)
        try:
            return _layout_of(election, style, candidates, pixels, path.name)
        except LayoutError:
            # The text layer is the exact source, so its contradictions are the ones to show.
            raise error from None


def _is_text_of(sides: Sequence[BlankSide], election: Election, style: BallotStyle) -> bool:
    """Whether the text layers tell the ballot's text, so that what contradicts the file is an error.

    Reading from pixels forgives misread letters, so it must not get a say where the text itself
    shows a name of one letter's difference. Only a layer without the expected words (fonts
    embedded without their characters) gives way to it.
    """
    if not any(side.from_text_layer for side in sides):
        return True
    printed = {normalised(part) for side in sides for word in side.words for part in _parts(word.text)}
    names = [c.name for c in election.candidates_on(style)] or [*style.parties, election.area_name]
    expected = [normalised(part) for name in names for part in _parts(name)]
    return sum(part in printed for part in expected) >= 0.5 * len(expected)


def _parts(text: str) -> list[str]:
    return re.findall(r"\w+", text)


class _SideFinder:
    """Everything found on one side before it is known what belongs to the ballot."""

    def __init__(self, blank: BlankSide, style: BallotStyle, candidates: Sequence[Candidate]) -> None:
        self.blank = blank
        self.rectangles: list[Rectangle] = find_rectangles(blank.grey)
        self.boxes: Assigned = assign_boxes(blank, square_boxes(blank, self.rectangles), style, candidates)
        self.number: DigitField | None = find_digits(blank, style.number)
        # Digits of the ballot number, set in groups of four, are no id.
        rest = blank if self.number is None else blank.without(self.number.box)
        ids = digit_runs(rest, ID_DIGITS)
        # Ids count up from 00000001; a telephone number, which all ballots share, begins with another digit.
        ids = [run for run in ids if run.startswith("0")] or ids[-1:]
        self.ballot_id: DigitField | None = find_digits(rest, ids[-1]) if ids else None


def _layout_of(
    election: Election,
    style: BallotStyle,
    candidates: Sequence[Candidate],
    sides: tuple[BlankSide, BlankSide],
    name: str,
) -> BallotLayout:
    finders = tuple(_SideFinder(side, style, candidates) for side in sides)
    problems = _number_problems(finders, style) + _header_problems(finders, election, style)
    needs_boxes = style.kind is not BallotKind.BLANK
    if needs_boxes and not any(f.boxes.boxes or f.boxes.problems for f in finders):
        problems.append("no boxes to mark were found beside any name of the election file")
    boxed = max(finders, key=lambda f: len(f.boxes.boxes)) if needs_boxes else None
    if boxed is not None:
        problems += boxed.boxes.problems
    has_write_ins = style.kind is BallotKind.LIST and election.max_write_ins > 0
    rows = [find_write_in_rows(f.blank, f.rectangles, f.boxes.rows) if has_write_ins else () for f in finders]
    with_rows = max(rows, key=len)
    layouts = _with_one_stamp_field(
        finders,
        [
            _side_layout(finder, page, style, election, finder is boxed, own if own is with_rows else ())
            for finder, page, own in zip(finders, PageSide, rows, strict=True)
        ],
    )
    if has_write_ins and not any(layout.write_in_rows for layout in layouts):
        problems.append("no rows to write names of other lists in were found")
    if not any(layout.stamp_field for layout in layouts):
        problems.append(
            "no field for the official stamp was found; it is left white in a tint, or has an unbroken "
            "frame, holds hardly any print, and lies beside «Stempel» where that stands by itself"
        )
    if problems:
        raise LayoutError(
            f"{name} (ballot {style.key}): " + "; ".join(problems) + ".",
            "Compare the blank with the election file and have the wrong one corrected; "
            "where both are right, ask the print house for the form named.",
        )
    return BallotLayout(style.kind, style.list_id, style.number, layouts[0], layouts[1])


def _with_one_stamp_field(finders: Sequence[_SideFinder], layouts: list[SideLayout]) -> list[SideLayout]:
    """Sides of which one has the stamp field, where on both a frame could be it.

    In it print without a frame passes for a stamp, and neat writing with it: an empty frame on the other side
    made a stamp of a comment there. Where both or neither are told to be the field, it is the one outside.
    """
    fields = [layout.stamp_field for layout in layouts]
    told = [None if f is None else how_told(s.blank, f) for s, f in zip(finders, fields, strict=True)]
    if None in told:
        return layouts
    kept = max(range(len(told)), key=lambda index: (told[index], index))
    return [
        layout if index == kept else replace(layout, stamp_field=None) for index, layout in enumerate(layouts)
    ]


def _number_problems(finders: Sequence[_SideFinder], style: BallotStyle) -> list[str]:
    if any(f.number for f in finders):
        return []
    runs = [run for f in finders for run in digit_runs(f.blank, NUMBER_DIGITS)]
    if style.number in runs:
        return [f"ballot number: «{style.number}» is too pale or too tight to tell its digits apart"]
    printed = f"printed «{runs[0]}»" if runs else "no number of 22 digits is printed"
    return [f"ballot number: {printed}, the election file has «{style.number}»"]


def _header_problems(finders: Sequence[_SideFinder], election: Election, style: BallotStyle) -> list[str]:
    """A list ballot must show its list's name in its large print."""
    if style.list_id is None:
        return []
    entry = election.list_by_id(style.list_id)
    assert entry is not None, "the election file was checked when it was read"
    headers = [header_words(finder.blank) for finder in finders]
    if any(_shows(f.blank, [words], entry.name) for f, words in zip(finders, headers, strict=True)):
        return []
    printed = " ".join(word.text for word in headers[0])
    return [f"party header: printed «{printed}», the election file has «{entry.name}»"]


def _shows(blank: BlankSide, rows: Sequence[Sequence[Word]], name: str) -> bool:
    """Whether rows of words are the name of a list, or hold it."""
    text, wanted = normalised(" ".join(word.text for row in rows for word in row)), normalised(name)
    if re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", text):
        return True
    if blank.from_text_layer or len(text) < len(wanted) * 0.8:
        return False
    return fuzz.partial_ratio(wanted, text) >= OCR_SIMILARITY


def _header_box(finder: _SideFinder, election: Election, style: BallotStyle) -> Box | None:
    if style.list_id is None or _header_problems([finder], election, style):
        return None
    entry = election.list_by_id(style.list_id)
    assert entry is not None, "the election file was checked when it was read"
    rows = text_rows(header_words(finder.blank))
    # A title that all ballots have would hide, where a scan's header is compared, that the name is another.
    if finder.blank.from_text_layer:
        while len(rows) > 1 and _shows(finder.blank, rows[1:], entry.name):
            rows = rows[1:]
        while len(rows) > 1 and _shows(finder.blank, rows[:-1], entry.name):
            rows = rows[:-1]
    return union(word.box for row in rows for word in row)


def _side_layout(
    finder: _SideFinder,
    page: PageSide,
    style: BallotStyle,
    election: Election,
    is_boxed: bool,
    rows: tuple[WriteInRow, ...],
) -> SideLayout:
    blank = finder.blank
    boxes: tuple[MarkBox, ...] = finder.boxes.boxes if is_boxed else ()
    is_party = style.kind is BallotKind.PARTY and is_boxed
    party_field = find_party_write_in(blank, finder.rectangles, finder.boxes.rows) if is_party else None
    fields = [b.box for b in boxes] + [r.name for r in rows] + [r.party for r in rows if r.party]
    fields += [party_field] if party_field is not None else []
    stamp = find_stamp_field(blank, finder.rectangles, [*fields, *(finder.boxes.rows if is_boxed else ())])
    fields += [stamp] if stamp is not None else []
    return SideLayout(
        side=page,
        width_mm=blank.width_mm,
        height_mm=blank.height_mm,
        reference=_reference(blank),
        registration_marks=find_registration_marks(blank.grey, blank.words, fields),
        mark_boxes=boxes,
        write_in_rows=rows,
        party_write_in=party_field,
        stamp_field=stamp,
        ballot_number=finder.number,
        ballot_id=finder.ballot_id,
        header=_header_box(finder, election, style),
        other_text=tuple(w.box for w in blank.words),
        coloured_print=blank.coloured,
    )


def _reference(blank: BlankSide) -> ReferenceImage:
    mm_per_px = 25.4 / REFERENCE_DPI
    size = round(blank.width_mm / mm_per_px), round(blank.height_mm / mm_per_px)
    small = cv2.resize(blank.grey, size, interpolation=cv2.INTER_AREA)
    ok, png = cv2.imencode(".png", small)
    if not ok:
        raise LayoutError("The reference picture of a blank could not be encoded.")
    return ReferenceImage(REFERENCE_DPI, png.tobytes())
