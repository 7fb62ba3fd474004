"""Layouts with everything precomputed that reading needs. Built once a worker, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from ballot.election import BallotStyle, Election
from ballot.errors import LayoutError
from ballot.geometry import Box
from ballot.layout import BallotLayout, LayoutSet, PageSide, SideLayout
from recognition.anchors import AnchorSet, choose_anchors
from recognition.box_blanks import BoxBlanks, box_blanks
from recognition.digits import DigitShapes, digit_shapes_of
from recognition.field_masks import FieldMasks, boxes_mask, field_masks
from recognition.geometry import MM_PER_INCH, GreyImage, over
from recognition.paper import halved_once, paper_tiles
from recognition.print_mosaic import PrintMosaic, print_mosaic
from recognition.print_places import PrintPoints, print_points

COARSE_DPI = 25
PAGE_DPI = 100
DETAIL_DPI = 200
"""Resolutions of the three steps: find the page, fit it, measure its fields."""

PRINT_PX_PER_MM = (DETAIL_DPI / MM_PER_INCH, PAGE_DPI / MM_PER_INCH)
"""Resolutions at which lines of print are compared, and found."""

_LINE_GAP_MM = 3.0
_MAX_LINE_MM = (60.0, 12.0)
_MIN_LINE_PX = 30
_LINE_MARGIN_MM, _CELL_MARGIN_MM = 1.6, 1.5
_TINT_GREY = 244
_TINT_SAMPLE = 11
_PRINT_GREY = 110
"""Lighter than this all over is a tint; darker anywhere is print on it."""

_GROUND, _DARK_GROUND_GREY = (13, 13), 128
_LEAST_BAR_MM2 = 150.0
"""Registration marks are smaller: one that is not seen is missing."""

_COLOURED_MM = 1.0
_SOLID, _BEHIND = np.ones((5, 5), np.uint8), np.ones((9, 9), np.uint8)
"""At half `PAGE_DPI`: print of 2.5 mm and more both ways; the sides lie within 2 mm of each other."""

_BILEVEL_PRINT_GREY, _BILEVEL_TINT_GREY = 238, 245

THUMB_FACTOR = 3
"""Pixels at `COARSE_DPI` a pixel of a thumbnail."""


@dataclass(frozen=True)
class Tint:
    """A blank page's tint, at half `PAGE_DPI`.

    Attributes:
        mask: Where there is tint without print on it.
        blank: The page.
        sample: Flat indices of some of the tint's pixels.
    """

    mask: npt.NDArray[np.bool_]
    blank: GreyImage
    sample: npt.NDArray[np.int64]


@dataclass(frozen=True)
class BilevelBlank:
    """What a scan of black and white is compared with, at `PAGE_DPI`.

    Attributes:
        darkest: The darkest that the blank may be. Thresholding thickens print by up to a pixel of the
            scan on each side, and makes the finest lines, which are a mere grey at this resolution, as
            black as all others.
        judged: Where there is no tint: a tint becomes dots, rims and blots that differ from scan to scan.
    """

    darkest: GreyImage
    judged: npt.NDArray[np.bool_]


def _bilevel_blank(page: GreyImage) -> BilevelBlank:
    near = np.asarray(cv2.erode(page, np.ones((7, 7), np.uint8)), np.uint8)
    darkest = np.where(near < _BILEVEL_PRINT_GREY, np.uint8(0), near)
    ground = cv2.morphologyEx(page, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    tinted = (~over(np.asarray(ground, np.uint8), _BILEVEL_TINT_GREY - 1)).view(np.uint8)
    return BilevelBlank(darkest, cv2.dilate(tinted, np.ones((7, 7), np.uint8)) == 0)


@dataclass(frozen=True)
class CompiledSide:
    """One blank side, ready to be compared with scans.

    Attributes:
        detail: The blank at `DETAIL_DPI`; page: at `PAGE_DPI`.
        thumb: The blank at 8 dpi, see `thumbnail`.
        coarse_anchors, page_anchors: Patches for finding and for fitting the page.
        darkest, darkest_near: The blank at `PAGE_DPI`, each pixel the darkest within half and
            a quarter of a millimetre, the misfit allowed for.
        near_print: True within 0.5 mm of the blank's lines and letters (not of mere tints).
        fields: Where the fields are, at `PAGE_DPI`.
        prints: The lines of print that are no field's, with paper around them.
        cells: The printed lines around each write-in row.
        tint: The tint of the page, if it has any.
        bars: Each large dark area of the page, as a title bar, light print in it left out.
        paper_tiles: How light each piece of `page` is, see `recognition.paper`.
    """

    key: str
    layout: SideLayout
    detail: GreyImage
    page: GreyImage
    thumb: npt.NDArray[np.float32]
    coarse_anchors: AnchorSet
    page_anchors: AnchorSet
    darkest: GreyImage
    darkest_near: GreyImage
    near_print: npt.NDArray[np.bool_]
    fields: FieldMasks
    prints: PrintMosaic
    cells: PrintPoints
    tint: Tint | None
    bars: tuple[npt.NDArray[np.bool_], ...]
    paper_tiles: npt.NDArray[np.float32]

    @cached_property
    def bilevel(self) -> BilevelBlank:
        """The blank for scans of black and white, made when the first one is compared."""
        return _bilevel_blank(self.page)

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the side."""
        return self.layout.width_mm, self.layout.height_mm

    @cached_property
    def dark_ground(self) -> npt.NDArray[np.bool_]:
        """Where print is light on a dark ground, at `PAGE_DPI`: no pen shows there."""
        return _dark_ground(self.page)

    @cached_property
    def shown_behind(self) -> npt.NDArray[np.bool_]:
        """Where solid dark print of this side may show through on the other one, at half `PAGE_DPI`.

        The paper may have been turned about its upright or its level middle line between the printings.
        """
        solid = cv2.morphologyEx(
            (halved_once(self.page) < _PRINT_GREY).view(np.uint8), cv2.MORPH_OPEN, _SOLID
        )
        near = np.asarray(cv2.dilate(solid, _BEHIND), np.uint8).view(bool)
        return np.asarray(near[:, ::-1] | near[::-1])

    @cached_property
    def coloured(self) -> npt.NDArray[np.bool_]:
        """Where print has a colour, or lies on a coloured tint, at `PAGE_DPI`."""
        return boxes_mask(list(self.layout.coloured_print), _COLOURED_MM, self.page.shape, PAGE_DPI)

    @cached_property
    def box_blanks(self) -> BoxBlanks:
        """The blank at the boxes; made when first asked for, as many sides are never read."""
        return box_blanks(self.detail, [b.box for b in self.layout.mark_boxes], DETAIL_DPI / MM_PER_INCH)


@dataclass(frozen=True)
class CompiledBallot:
    """Both sides of a ballot style."""

    style: BallotStyle
    layout: BallotLayout
    inside: CompiledSide
    outside: CompiledSide

    def side(self, page: PageSide) -> CompiledSide:
        """The compiled inside or outside."""
        return self.inside if page is PageSide.INSIDE else self.outside


@dataclass(frozen=True)
class CompiledLayouts:
    """All ballots of an election, ready for reading."""

    election: Election
    ballots: tuple[CompiledBallot, ...]
    digit_shapes: DigitShapes

    def by_number(self, number: str) -> CompiledBallot | None:
        """The ballot style with this printed number."""
        return next((b for b in self.ballots if b.layout.number == number), None)


def compile_layouts(election: Election, layouts: LayoutSet) -> CompiledLayouts:
    """Prepares layouts for reading: decodes the references and picks their anchors.

    Raises:
        LayoutError: The layouts are not those of this election.
    """
    styles = {style.number: style for style in election.ballots}
    if layouts.election_id != election.id or any(b.number not in styles for b in layouts.ballots):
        raise LayoutError(
            f"The layout is of election {layouts.election_id}, the election file of {election.id}.",
            "Learn the layout again from this election's blank ballots.",
        )
    known: dict[bytes, CompiledSide] = {}
    ballots = []
    for ballot in layouts.ballots:
        sides = [_compile_side(ballot.key, side, known) for side in ballot.sides]
        ballots.append(CompiledBallot(styles[ballot.number], ballot, sides[0], sides[1]))
    shapes = digit_shapes_of([(side.detail, side.layout) for b in ballots for side in (b.inside, b.outside)])
    return CompiledLayouts(election, tuple(ballots), shapes)


def _compile_side(key: str, layout: SideLayout, known: dict[bytes, CompiledSide]) -> CompiledSide:
    """Compiles a side; sides that look alike (most outsides) share one compilation."""
    twin = known.get(layout.reference.png)
    if twin is not None and twin.layout == layout:
        return twin
    detail = cv2.imdecode(np.frombuffer(layout.reference.png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert detail is not None, "the layout file was checked when it was loaded"
    detail = _at_dpi(np.asarray(detail, np.uint8), layout.reference.dpi, DETAIL_DPI, layout)
    page = _at_dpi(detail, DETAIL_DPI, PAGE_DPI, layout)
    coarse = _at_dpi(page, PAGE_DPI, COARSE_DPI, layout)
    near_print, fields = _near_print(page), field_masks(layout, page.shape, PAGE_DPI)
    bars = _bars(page)
    compiled = CompiledSide(
        key=key,
        layout=layout,
        detail=detail,
        page=page,
        thumb=thumbnail(_at_dpi(coarse, COARSE_DPI, COARSE_DPI / THUMB_FACTOR, layout)),
        coarse_anchors=choose_anchors(
            coarse,
            size=20,
            search_px=20,
            count=16,
            spacing_px=16,
            avoid=_variable_print(layout, COARSE_DPI, 2),
        ),
        page_anchors=choose_anchors(
            page, size=32, search_px=14, count=60, spacing_px=44, avoid=_variable_print(layout, PAGE_DPI, 4)
        ),
        darkest=np.asarray(cv2.erode(page, np.ones((5, 5), np.uint8)), np.uint8),
        darkest_near=np.asarray(cv2.erode(page, np.ones((3, 3), np.uint8)), np.uint8),
        near_print=near_print,
        fields=fields,
        prints=print_mosaic(detail, page, _print_lines(near_print, fields, bars), PRINT_PX_PER_MM),
        cells=print_points(
            page, [r.whole.grown(_CELL_MARGIN_MM) for r in layout.write_in_rows], PRINT_PX_PER_MM[1]
        ),
        tint=_tint(page),
        bars=bars,
        paper_tiles=paper_tiles(page),
    )
    known[layout.reference.png] = compiled
    return compiled


def thumbnail(image: GreyImage) -> npt.NDArray[np.float32]:
    """A small picture with mean 0 and length 1: the sum over the product of two is their correlation."""
    level = image.astype(np.float32)
    level -= level.mean()
    return level / max(float(np.sqrt((level * level).sum())), 1.0)


def _near_print(page: GreyImage) -> npt.NDArray[np.bool_]:
    """Where a slight misfit or a thick reproduction makes the blank's own print look like ink."""
    ground = cv2.morphologyEx(page, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    printed = (ground.astype(np.int16) - page) > 40
    near: npt.NDArray[np.bool_] = cv2.dilate(printed.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return near


def _tint(page: GreyImage) -> Tint | None:
    lightest = cv2.dilate(page, np.ones((9, 9), np.uint8))
    darkest = cv2.erode(page, np.ones((5, 5), np.uint8))
    tinted = ((lightest < _TINT_GREY) & (darkest > _PRINT_GREY)).astype(np.uint8)
    # Only where all four pixels are.
    half = halved_once(tinted * 255) == 255
    if not half.any():
        return None
    return Tint(half, halved_once(page), np.flatnonzero(half)[::_TINT_SAMPLE])


def _dark_ground(page: GreyImage) -> npt.NDArray[np.bool_]:
    return np.asarray(cv2.blur(page, _GROUND) < _DARK_GROUND_GREY)


def _bars(page: GreyImage) -> tuple[npt.NDArray[np.bool_], ...]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(_dark_ground(page).astype(np.uint8))
    least_px = _LEAST_BAR_MM2 * (PAGE_DPI / MM_PER_INCH) ** 2
    large = [label for label in range(1, count) if stats[label, cv2.CC_STAT_AREA] >= least_px]
    wholes = (cv2.dilate((labels == label).astype(np.uint8), np.ones(_GROUND, np.uint8)) for label in large)
    return tuple(whole.view(bool) & (page < _PRINT_GREY) for whole in wholes)


def _at_dpi(image: GreyImage, from_dpi: float, to_dpi: float, layout: SideLayout) -> GreyImage:
    if from_dpi == to_dpi:
        return image
    width, height = page_size_px(layout, to_dpi)
    # Sizes in pixels are rounded; the scale must not be, or print at the far end lies a pixel off.
    by = from_dpi / to_dpi
    whole = round(width * by), round(height * by)
    beyond = max(0, whole[1] - image.shape[0]), max(0, whole[0] - image.shape[1])
    padded = cv2.copyMakeBorder(image, 0, beyond[0], 0, beyond[1], cv2.BORDER_REPLICATE)
    exact = padded[: whole[1], : whole[0]]
    return np.asarray(cv2.resize(exact, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def page_size_px(layout: SideLayout, dpi: float) -> tuple[int, int]:
    """Width and height of a side in pixels."""
    return round(layout.width_mm * dpi / MM_PER_INCH), round(layout.height_mm * dpi / MM_PER_INCH)


def _variable_print(layout: SideLayout, dpi: int, margin_px: int) -> npt.NDArray[np.bool_]:
    """True around print that differs from ballot to ballot: the ballot id."""
    width, height = page_size_px(layout, dpi)
    boxes = [] if layout.ballot_id is None else [layout.ballot_id.box]
    return boxes_mask(boxes, margin_px * MM_PER_INCH / dpi, (height, width), dpi)


def _print_lines(
    near_print: npt.NDArray[np.bool_], fields: FieldMasks, bars: tuple[npt.NDArray[np.bool_], ...]
) -> list[Box]:
    """Around the lines of print outside the fields, in page mm; long or high ones in pieces.

    Bars are left out: how a scan renders those tells nothing of black letters, as where dropout makes
    coloured print pale.
    """
    scale = PAGE_DPI / MM_PER_INCH
    gap = 2 * round(_LINE_GAP_MM * scale / 2) + 1
    printed = (near_print & ~fields.zone & ~fields.digits).astype(np.uint8)
    for bar in bars:
        printed[cv2.dilate(bar.astype(np.uint8), np.ones(_GROUND, np.uint8)) > 0] = 0
    joined = cv2.morphologyEx(printed, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    _count, _labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    most_w, most_h = round(_MAX_LINE_MM[0] * scale), round(_MAX_LINE_MM[1] * scale)
    lines = []
    for x, y, w, h, area in stats[1:].tolist():
        if area < _MIN_LINE_PX:
            continue
        for left in range(x, x + w, most_w):
            for top in range(y, y + h, most_h):
                right, bottom = min(left + most_w, x + w), min(top + most_h, y + h)
                line = Box(left / scale, top / scale, (right - left) / scale, (bottom - top) / scale)
                lines.append(line.grown(_LINE_MARGIN_MM))
    return lines
