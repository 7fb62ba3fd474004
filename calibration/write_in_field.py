"""The field «Kandidater fra andre lister»: its rows with their name and party columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

from ballot.geometry import Box
from ballot.layout import WriteInRow
from calibration.blank import BlankSide
from calibration.printed_text import union
from calibration.rectangles import Rectangle, find_horizontal_lines
from calibration.write_in_columns import MIN_NAME_MM, columns_of, split_at_heading

_MIN_ROW_MM, _MAX_ROW_MM = 4.5, 22.0
_MIN_PARTY_MM = 12.0
_ALIGNED_MM = 1.5
_BESIDE_LINE_MM = 8.0
_TAKEN_SHARE, _MARK_CELL_MM = 0.2, 15.0
_PRINTED_SHARE = 0.25
"""Of the rows' width: «Navn:» and «Parti:» take up less, candidates' names more."""


def cells(rectangles: Sequence[Rectangle]) -> list[Box]:
    """Rectangles that can be cells to write in: flat and wide."""
    return [
        r.box
        for r in rectangles
        if r.fill > 0.9 and _MIN_ROW_MM <= r.box.h_mm <= _MAX_ROW_MM and r.box.w_mm >= _MIN_PARTY_MM
        and r.box.w_mm > 1.3 * r.box.h_mm
    ]  # fmt: skip


def find_write_in_rows(
    side: BlankSide, rectangles: Sequence[Rectangle], taken: Sequence[Box] = ()
) -> tuple[WriteInRow, ...]:
    """The rows to write names in, from a table of cells or from ruled lines.

    Args:
        taken: Around each box for a mark with its label: candidates may stand in cells or between lines, too.
    """
    table = _rows_from_cells(side, _free_cells(rectangles, taken))
    return table if table else _rows_from_lines(side, taken)


def _free_cells(rectangles: Sequence[Rectangle], taken: Sequence[Box]) -> list[Box]:
    """The cells that are not in a row of a table with somebody's name and box."""
    found = cells(rectangles)
    theirs = [cell for cell in found if _is_taken(cell, taken)]
    return [
        cell for cell in found if cell not in theirs and not any(_is_in_row(cell, other) for other in theirs)
    ]


def _is_in_row(a: Box, b: Box) -> bool:
    """Whether two cells are as high as each other, with a cell for a mark between them at most."""
    gap_mm = max(a.x_mm - b.right_mm, b.x_mm - a.right_mm)
    return abs(a.y_mm - b.y_mm) < 0.5 and abs(a.bottom_mm - b.bottom_mm) < 0.5 and gap_mm < _MARK_CELL_MM


def _is_taken(place: Box, taken: Sequence[Box]) -> bool:
    return any(place.overlap_mm2(row) > _TAKEN_SHARE * row.area_mm2 for row in taken)


def _are_printed(side: BlankSide, rows: Sequence[Box]) -> bool:
    """Whether print takes up so much of the rows that nobody is meant to write there."""
    words = [word.box for word in side.words]
    printed_mm = sum(
        word.w_mm for row in rows for word in words if word.overlap_mm2(row) > 0.5 * word.area_mm2
    )
    return printed_mm > _PRINTED_SHARE * _width(rows)


def _rows_from_cells(side: BlankSide, found: Sequence[Box]) -> tuple[WriteInRow, ...]:
    names = _largest_stack(side, [b for b in found if b.w_mm >= MIN_NAME_MM])
    if not names:
        return ()
    levels = [sorted((b for b in found if _is_level(b, name)), key=lambda b: b.x_mm) for name in names]
    rows: list[WriteInRow] = []
    for name, party in columns_of(side, levels[0], names[0]):
        for level in levels:
            own = _below(name, level)
            if own is not None:
                rows.append(WriteInRow(len(rows) + 1, own, None if party is None else _below(party, level)))
    return tuple(rows)


def _is_level(a: Box, b: Box) -> bool:
    return abs(a.center_mm[1] - b.center_mm[1]) < 0.25 * b.h_mm and abs(a.h_mm - b.h_mm) < 0.25 * b.h_mm


def _below(top: Box, level: Sequence[Box]) -> Box | None:
    """The cell of a level that goes on a column."""
    return next((b for b in level if abs(b.x_mm - top.x_mm) < 1 and abs(b.w_mm - top.w_mm) < 1), None)


def _largest_stack(side: BlankSide, boxes: Sequence[Box]) -> list[Box]:
    """The tallest pile of free boxes of one width and left edge, top to bottom; at least two."""
    stacks: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: (b.y_mm, b.x_mm)):
        for stack in stacks:
            last = stack[-1]
            if abs(last.x_mm - box.x_mm) < 1 and abs(last.w_mm - box.w_mm) < 1 and abs(
                last.h_mm - box.h_mm
            ) < 1.5 and box.y_mm - last.bottom_mm < 1.5 * last.h_mm:  # fmt: skip
                stack.append(box)
                break
        else:
            stacks.append([box])
    # Cells of the party column pile up as high as those of the names: the wider pile is the names'.
    free = [stack for stack in stacks if not _are_printed(side, stack)]
    best = max(free, key=lambda s: (len(s), s[0].w_mm), default=[])
    return best if len(best) >= 2 else []


def _rows_from_lines(side: BlankSide, taken: Sequence[Box]) -> tuple[WriteInRow, ...]:
    levels = _levels(ruled_lines(side))
    best: list[list[Box]] = []
    for start, level in enumerate(levels):
        # Lines of another column, as those that lead from names to their years, may be as high.
        for first, last in combinations(range(len(level) + 1), 2):
            pieces = level[first:last]
            if _width(pieces) < MIN_NAME_MM:
                continue
            run = _run_of(pieces, levels[start + 1 :], taken)
            if _size(run) > _size(best) and not _are_printed(side, _between(run)):
                best = run
    if len(best) < 2:
        return ()
    return _rows_above_lines(side, best, taken)


def _run_of(pieces: list[Box], below: Sequence[Sequence[Box]], taken: Sequence[Box]) -> list[list[Box]]:
    """Evenly spaced lines under a first one, with the same ends and nobody's box between."""
    run = [pieces]
    around = union(pieces).grown(_ALIGNED_MM)
    for level in below:
        own = [box for box in level if around.x_mm <= box.x_mm and box.right_mm <= around.right_mm]
        if not own or not _aligned(run[-1], own):
            continue
        step = own[0].y_mm - run[-1][0].y_mm
        if step > _MAX_ROW_MM:
            break
        if step < _MIN_ROW_MM or (len(run) > 1 and abs(step - _step(run)) > 0.15 * _step(run)):
            continue
        if _is_taken(union([*run[-1], *own]), taken):
            break
        run.append(own)
    return run


def _between(run: Sequence[Sequence[Box]]) -> list[Box]:
    """The rows between the lines of a run."""
    return [union([*above, *below]) for above, below in pairwise(run)]


def _size(run: Sequence[Sequence[Box]]) -> tuple[int, float]:
    return len(run), _width(run[0]) if run else 0.0


def _width(pieces: Sequence[Box]) -> float:
    return sum(box.w_mm for box in pieces)


def ruled_lines(side: BlankSide) -> list[Box]:
    """Drawn or dotted lines to write on. The strokes of set print can look like dots: they are not."""
    words = [w.box for w in side.words if any(c.isalnum() for c in w.text)]
    return [
        line
        for line in find_horizontal_lines(side.grey, _MIN_PARTY_MM)
        if sum(line.overlap_mm2(word) for word in words) < 0.3 * line.area_mm2
    ]


def _levels(lines: Sequence[Box]) -> list[list[Box]]:
    """Lines grouped by height on the page, each group from left to right."""
    levels: list[list[Box]] = []
    for line in sorted(lines, key=lambda b: b.y_mm):
        if levels and abs(levels[-1][0].y_mm - line.y_mm) < 0.7:
            levels[-1].append(line)
        else:
            levels.append([line])
    return [sorted(level, key=lambda b: b.x_mm) for level in levels]


def _aligned(a: Sequence[Box], b: Sequence[Box]) -> bool:
    return abs(a[0].x_mm - b[0].x_mm) < _ALIGNED_MM and abs(a[-1].right_mm - b[-1].right_mm) < _ALIGNED_MM


def _step(run: Sequence[Sequence[Box]]) -> float:
    return (run[-1][0].y_mm - run[0][0].y_mm) / (len(run) - 1)


def _rows_above_lines(
    side: BlankSide, levels: Sequence[Sequence[Box]], taken: Sequence[Box]
) -> tuple[WriteInRow, ...]:
    """Each ruled line carries the row above it; the columns part at a gap or at a heading."""
    step = _step(levels)
    whole = union([box for level in levels for box in level])
    first = Box(whole.x_mm, whole.y_mm - step, whole.w_mm, step)
    has_line_above_first = _is_taken(first, taken) or _is_table_top(side, levels)
    usable = levels[1:] if has_line_above_first else levels
    # Columns part where the last line does; the ends are those of all lines.
    top, pieces = usable[0][0].center_mm[1] - step, levels[-1]
    lefts = [whole.x_mm, *(piece.x_mm for piece in pieces[1:])]
    rights = [*(piece.right_mm for piece in pieces[:-1]), whole.right_mm]
    places = [Box(left, top, right - left, step) for left, right in zip(lefts, rights, strict=True)]
    rows: list[WriteInRow] = []
    for name, party in columns_of(side, places):
        if party is None:
            name, party = split_at_heading(side, name, whole.y_mm)
        for level in usable:
            y = level[0].center_mm[1] - step
            beside = None if party is None else _at(y, party)
            rows.append(WriteInRow(len(rows) + 1, _at(y, name), beside))
    return tuple(rows)


def _at(y_mm: float, column: Box) -> Box:
    return Box(column.x_mm, y_mm, column.w_mm, column.h_mm)


def _is_table_top(side: BlankSide, levels: Sequence[Sequence[Box]]) -> bool:
    """Whether the uppermost line closes a table: headings stand right above it, and above no other line."""
    above = [_words_right_above(side, union(level)) for level in levels[:2]]
    return bool(above[0] - above[1])


def _words_right_above(side: BlankSide, line: Box) -> set[str]:
    return {
        w.text
        for w in side.words
        if line.y_mm - 6 < w.box.bottom_mm <= line.y_mm + 0.3
        and line.x_mm - 1 < w.box.center_mm[0] < line.right_mm + 1
    }


def find_party_write_in(
    side: BlankSide, rectangles: Sequence[Rectangle], taken: Sequence[Box] = ()
) -> Box | None:
    """The field for a written-in party name: the widest cell, else the paper above the longest line.

    Args:
        taken: Around each box for a mark with its label.
    """
    cell = max(_free_cells(rectangles, taken), key=lambda b: b.w_mm, default=None)
    if cell is not None:
        return cell
    above_lines = [(line, _paper_above(side, line)) for line in ruled_lines(side) if line.w_mm >= MIN_NAME_MM]
    free = [
        (line, paper)
        for line, paper in above_lines
        # The edges of a table are no lines to write on, either.
        if paper.h_mm >= _MIN_ROW_MM and paper.y_mm >= 0 and not _is_taken(_around_line(paper), taken)
    ]
    return max(free, key=lambda found: found[0].w_mm)[1] if free else None


def _around_line(paper: Box) -> Box:
    """The paper above a line, and at least so much above and below it as a row of a table may have."""
    height_mm = max(paper.h_mm, _BESIDE_LINE_MM)
    return Box(paper.x_mm, paper.bottom_mm - height_mm, paper.w_mm, height_mm + _BESIDE_LINE_MM)


def _paper_above(side: BlankSide, line: Box) -> Box:
    bottom = line.center_mm[1]
    above = [
        w.box.bottom_mm
        for w in side.words
        if w.box.bottom_mm <= bottom and line.x_mm < w.box.right_mm and w.box.x_mm < line.right_mm
    ]
    top = max([*above, bottom - _MAX_ROW_MM])
    return Box(line.x_mm, top, line.w_mm, bottom - top)
