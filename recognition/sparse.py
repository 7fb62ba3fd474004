"""Masks of a page with few pixels set, drawn in a picture without the page's empty stretches.

Ink and trace cover one pixel in five hundred of an ordinary ballot, in a tenth of its rows and columns.
Labelling strokes in what is left of the page when empty rows and columns are cut short takes a tenth of
the time, and tells the same strokes apart: within the reach asked for, each pixel keeps its surroundings,
and what is farther apart than twice that reach stays so.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import GreyImage, Mask

Indices = npt.NDArray[np.int64]
Lines = npt.NDArray[np.bool_]
"""True for the rows, or the columns, of a page that are of interest."""


@dataclass(frozen=True)
class SetPixels:
    """The pixels that are set in a mask, row by row.

    Attributes:
        flat: Their flat indices, ascending.
        y, x: Their rows and columns.
        shape: Of the mask.
    """

    flat: Indices
    y: Indices
    x: Indices
    shape: tuple[int, int]

    def where(self, chosen: npt.NDArray[np.bool_]) -> SetPixels:
        """Some of the pixels."""
        return SetPixels(self.flat[chosen], self.y[chosen], self.x[chosen], self.shape)

    def of(self, mask: Mask) -> npt.NDArray[np.bool_]:
        """The values of another mask of the page at these pixels."""
        return mask.ravel()[self.flat]

    def as_mask(self) -> Mask:
        """The mask again."""
        mask = np.zeros(self.shape, bool)
        mask.ravel()[self.flat] = True
        return mask


def set_pixels(mask: Mask) -> SetPixels:
    """Lists the pixels of a mask."""
    height, width = mask.shape
    flat = np.flatnonzero(mask)
    y, x = np.divmod(flat, width)
    return SetPixels(flat, y, x, (height, width))


@dataclass(frozen=True)
class ShortPage:
    """A page with its empty stretches cut short.

    Attributes:
        rows, columns: What is left of it.
        row_of, column_of: Where each row and column of the page went; of use for those that are left.
    """

    rows: Indices
    columns: Indices
    row_of: Indices
    column_of: Indices

    def drawn(self, pixels: SetPixels) -> GreyImage:
        """Pixels of the page, 1 each, on the short page."""
        picture = np.zeros((len(self.rows), len(self.columns)), np.uint8)
        picture[self.row_of[pixels.y], self.column_of[pixels.x]] = 1
        return picture

    def cut(self, page: GreyImage) -> GreyImage:
        """What is left of a picture of the page."""
        return np.ascontiguousarray(page[self.rows][:, self.columns])

    def whole(self, mask: Mask, shape: tuple[int, ...]) -> Mask:
        """A mask of the short page on the whole one, of this shape."""
        y, x = np.nonzero(mask)
        found = np.zeros(shape, bool)
        found[self.rows[y], self.columns[x]] = True
        return found

    def place(self, place: tuple[slice, slice]) -> tuple[slice, slice]:
        """A rectangle of the page whose rows and columns are all left."""
        rows, columns = place
        return _moved(rows, self.row_of), _moved(columns, self.column_of)


def short_page(pixels: SetPixels, reach: int, kept: tuple[Lines, Lines] | None = None) -> ShortPage:
    """Cuts the stretches of a page short in which no pixel lies.

    Args:
        reach: So many rows and columns beside a pixel stay.
        kept: Rows and columns that stay whatever lies on them.
    """
    height, width = pixels.shape
    rows, columns = np.zeros(height, bool), np.zeros(width, bool)
    rows[pixels.y] = True
    columns[pixels.x] = True
    rows, columns = grown_lines(rows, reach), grown_lines(columns, reach)
    if kept is not None:
        rows |= kept[0]
        columns |= kept[1]
    return ShortPage(
        np.flatnonzero(rows), np.flatnonzero(columns), np.cumsum(rows) - 1, np.cumsum(columns) - 1
    )


def grown_lines(lines: Lines, reach: int) -> Lines:
    """Rows or columns, and so many beside each."""
    near = cv2.dilate(lines.view(np.uint8).reshape(1, -1), np.ones((1, 2 * reach + 1), np.uint8))
    return np.asarray(near, np.uint8).ravel().view(bool)


def strokes(pixels: SetPixels) -> tuple[Indices, int]:
    """Tells strokes apart, over gaps of two pixels at most.

    Returns:
        For each pixel the number of its stroke, and one more than the highest number.
    """
    if not len(pixels.flat):
        return np.zeros(0, np.int64), 0
    page = short_page(pixels, 3)
    joined = cv2.morphologyEx(page.drawn(pixels), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    return np.asarray(labels[page.row_of[pixels.y], page.column_of[pixels.x]], np.int64), count


def _moved(lines: slice, moved: Indices) -> slice:
    if lines.start >= min(lines.stop, len(moved)):
        return slice(0, 0)
    return slice(int(moved[lines.start]), int(moved[min(lines.stop, len(moved)) - 1]) + 1)


def grouped(pixels: SetPixels, size: int, origin: tuple[int, int]) -> list[Indices]:
    """Pixels in groups, joined where squares of `size` around them meet: indices into `pixels`, ascending.

    Args:
        origin: A row and a column before which there is nothing. From there groups are sorted from the top
            down by two rows at a time, and from left to right, as labelling the whole page would sort them.
    """
    if not len(pixels.flat):
        return []
    page = short_page(pixels, size // 2 + 1)
    joined = cv2.dilate(page.drawn(pixels), np.ones((size, size), np.uint8))
    _, labels = cv2.connectedComponents(joined, connectivity=8)
    group = labels[page.row_of[pixels.y], page.column_of[pixels.x]]
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=0))
    down = np.maximum(pixels.y - origin[0] - size // 2, 0) // 2
    aside = np.maximum(pixels.x - origin[1] - size // 2, 0) // 2
    first = np.minimum.reduceat((down * pixels.shape[1] + aside)[order], starts)
    groups = np.split(order, starts[1:])
    return [groups[index] for index in np.argsort(first)]
