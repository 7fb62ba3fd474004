"""Print houses: what the law leaves open, as values.

Three houses that share neither marks, positions, sizes nor fonts, so that nothing that works on
all of them can lean on one of them. All measures are millimetres from the upper left corner of
the side, font sizes are points.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from ballot.election import ElectionKind
from ballot.errors import CalibrationError
from ballot.geometry import Box
from ballot.layout import PageSide


class CornerMarks(StrEnum):
    """The kind of registration marks in the corners."""

    SQUARES = "squares"
    ANGLES = "angles"
    NONE = "none"


class Pattern(StrEnum):
    """What the tint of the outside is patterned with."""

    LINES = "lines"
    DOTS = "dots"
    WAVES = "waves"


class BoxPlace(StrEnum):
    """On which side of the printed name a box stands."""

    LEFT = "left"
    RIGHT = "right"


class WriteInStyle(StrEnum):
    """A table with cells, or ruled lines under column headings."""

    GRID = "grid"
    RULES = "rules"


class TextAs(StrEnum):
    """TEXT can be copied out of the PDF; PIXELS is a picture of the page without any text."""

    TEXT = "text"
    PIXELS = "pixels"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of candidates; boxes stand at its left or right edge."""

    x_mm: float
    w_mm: float
    top_mm: float
    bottom_mm: float


@dataclass(frozen=True, slots=True)
class Design:
    """How one print house makes ballots.

    Attributes:
        box_mm: Outer side of a box, to the middle of the line.
        row_mm: Wanted row distance; rows are set closer when the list is long.
        write_in: The table without its headings; its height is shared by the rows.
        write_in_split: Share of the table's width that the name column takes.
        number_xy_mm, id_xy_mm: Left end of the baseline of the digits, on the inside.
        tints: CMYK of the outside and of the bands, by kind of election.
        timing_bars: Short bars along the left edge, beside the corner marks.
        band_mm: Height of the tinted bands at top and bottom of the inside.
    """

    name: str
    width_mm: float
    height_mm: float
    corner_marks: CornerMarks
    mark_mm: float
    mark_inset_mm: float
    timing_bars: bool
    font: str
    bold_font: str
    header_pt: float
    text_pt: float
    name_pt: float
    box_mm: float
    box_line_mm: float
    box_place: BoxPlace
    row_mm: float
    columns: tuple[Column, ...]
    header_xy_mm: tuple[float, float]
    write_in_side: PageSide
    write_in_style: WriteInStyle
    write_in: Box
    write_in_split: float
    number_xy_mm: tuple[float, float]
    id_xy_mm: tuple[float, float]
    stamp_field: Box
    outside_title_xy_mm: tuple[float, float]
    pattern: Pattern
    tints: tuple[tuple[ElectionKind, tuple[float, float, float, float]], ...]
    band_mm: float
    folds_x_mm: tuple[float, ...]
    folds_y_mm: tuple[float, ...]
    born_printed: bool = True
    text_as: TextAs = TextAs.TEXT

    def tint(self, kind: ElectionKind) -> tuple[float, float, float, float]:
        """The CMYK tint of a kind of election."""
        return dict(self.tints)[kind]


FJORD = Design(
    name="fjord",
    width_mm=300,
    height_mm=223,
    corner_marks=CornerMarks.SQUARES,
    mark_mm=4.2,
    mark_inset_mm=8.5,
    timing_bars=False,
    font="Helvetica",
    bold_font="Helvetica-Bold",
    header_pt=22,
    text_pt=9,
    name_pt=9.5,
    box_mm=4.2,
    box_line_mm=0.3,
    box_place=BoxPlace.LEFT,
    row_mm=5.9,
    columns=(Column(18, 112, 56, 204), Column(162, 112, 34, 114)),
    header_xy_mm=(18, 30),
    write_in_side=PageSide.INSIDE,
    write_in_style=WriteInStyle.GRID,
    write_in=Box(162, 139, 122, 62),
    write_in_split=0.7,
    number_xy_mm=(214, 213),
    id_xy_mm=(24, 213),
    stamp_field=Box(186, 66, 74, 58),
    outside_title_xy_mm=(186, 44),
    pattern=Pattern.DOTS,
    tints=(
        (ElectionKind.MUNICIPAL_COUNCIL, (0.0, 0.5, 0.12, 0.0)),
        (ElectionKind.COUNTY_COUNCIL, (0.35, 0.0, 0.05, 0.0)),
        (ElectionKind.MAYOR, (0.0, 0.06, 0.4, 0.0)),
    ),
    band_mm=3.0,
    folds_x_mm=(150,),
    folds_y_mm=(),
)

SKOG = Design(
    name="skog",
    width_mm=297,
    height_mm=210,
    corner_marks=CornerMarks.ANGLES,
    mark_mm=8.0,
    mark_inset_mm=6.0,
    timing_bars=True,
    font="Times-Roman",
    bold_font="Times-Bold",
    header_pt=26,
    text_pt=10,
    name_pt=11,
    box_mm=5.5,
    box_line_mm=0.5,
    box_place=BoxPlace.RIGHT,
    row_mm=7.4,
    columns=(Column(24, 96, 56, 199), Column(164, 96, 56, 199)),
    header_xy_mm=(24, 36),
    write_in_side=PageSide.OUTSIDE,
    write_in_style=WriteInStyle.GRID,
    write_in=Box(18, 86, 116, 90),
    write_in_split=0.62,
    number_xy_mm=(24, 19),
    id_xy_mm=(240, 19),
    stamp_field=Box(196, 108, 62, 62),
    outside_title_xy_mm=(166, 54),
    pattern=Pattern.LINES,
    tints=(
        (ElectionKind.MUNICIPAL_COUNCIL, (0.3, 0.0, 0.4, 0.0)),
        (ElectionKind.COUNTY_COUNCIL, (0.4, 0.1, 0.0, 0.0)),
        (ElectionKind.MAYOR, (0.1, 0.25, 0.0, 0.0)),
    ),
    band_mm=0.0,
    folds_x_mm=(148.5,),
    folds_y_mm=(),
)

VIDDE = Design(
    name="vidde",
    width_mm=210,
    height_mm=297,
    corner_marks=CornerMarks.NONE,
    mark_mm=0.0,
    mark_inset_mm=0.0,
    timing_bars=False,
    font="Courier",
    bold_font="Courier-Bold",
    header_pt=20,
    text_pt=8,
    name_pt=8,
    box_mm=3.5,
    box_line_mm=0.2,
    box_place=BoxPlace.LEFT,
    row_mm=6.4,
    columns=(Column(16, 86, 52, 186), Column(108, 86, 52, 186)),
    header_xy_mm=(16, 28),
    write_in_side=PageSide.INSIDE,
    write_in_style=WriteInStyle.RULES,
    write_in=Box(16, 210, 178, 52),
    write_in_split=0.66,
    number_xy_mm=(128, 281),
    id_xy_mm=(128, 287),
    stamp_field=Box(70, 190, 70, 70),
    outside_title_xy_mm=(70, 172),
    pattern=Pattern.WAVES,
    tints=(
        (ElectionKind.MUNICIPAL_COUNCIL, (0.0, 0.12, 0.45, 0.0)),
        (ElectionKind.COUNTY_COUNCIL, (0.3, 0.3, 0.0, 0.0)),
        (ElectionKind.MAYOR, (0.3, 0.0, 0.15, 0.0)),
    ),
    band_mm=0.0,
    folds_x_mm=(),
    folds_y_mm=(148.5,),
    born_printed=False,
)

_MAYOR_COLUMN = Column(16, 116, 60, 180)


def _for_mayor(base: Design) -> Design:
    """The same house's sheet for one candidate list: A5 upright, folded across."""
    digits_top = base.number_xy_mm[1] < base.height_mm / 2
    return replace(
        base,
        width_mm=148,
        height_mm=210,
        columns=(_MAYOR_COLUMN,),
        header_xy_mm=(16, 36 if digits_top else 28),
        number_xy_mm=(18, 17) if digits_top else (18, 193),
        id_xy_mm=(106, 17) if digits_top else (106, 193),
        stamp_field=Box(42, 118, 62, 58),
        outside_title_xy_mm=(42, 40),
        folds_x_mm=(),
        folds_y_mm=(105,),
    )


def _for_county(base: Design) -> Design:
    """The same house's sheet without a write-in field: its room goes to the candidates."""
    if base.write_in_side is PageSide.OUTSIDE:
        return base
    lowest = max(base.write_in.bottom_mm, *(c.bottom_mm for c in base.columns))
    return replace(base, columns=tuple(replace(c, bottom_mm=lowest) for c in base.columns))


DESIGNS = {design.name: design for design in (FJORD, SKOG, VIDDE)}


def design_named(name: str, kind: ElectionKind, text_as: TextAs = TextAs.TEXT) -> Design:
    """The design of that name for that kind of election.

    Raises:
        CalibrationError: There is no such design.
    """
    if name not in DESIGNS:
        raise CalibrationError(
            f"There is no design {name!r}.", f"Choose one of {', '.join(sorted(DESIGNS))}."
        )
    variants = {ElectionKind.MAYOR: _for_mayor, ElectionKind.COUNTY_COUNCIL: _for_county}
    base = DESIGNS[name]
    return replace(variants[kind](base) if kind in variants else base, text_as=text_as)
