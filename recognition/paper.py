"""How light the paper of a page is, piece by piece."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import GreyImage

TILE_PX = 32
_EVERY = 3


def paper_tiles(page: GreyImage) -> npt.NDArray[np.float32]:
    """The upper quartile of the grey levels of each tile, shape (rows, columns); the last ones may be cut."""
    height, width = page.shape
    rows, cols = -(-height // TILE_PX), -(-width // TILE_PX)
    # Beyond its end the page goes on as its last row and column.
    y = np.minimum((TILE_PX * np.arange(rows)[:, None] + np.arange(0, TILE_PX, _EVERY)).ravel(), height - 1)
    x = np.minimum((TILE_PX * np.arange(cols)[:, None] + np.arange(0, TILE_PX, _EVERY)).ravel(), width - 1)
    samples = page[y][:, x].reshape(rows, len(y) // rows, cols, len(x) // cols)
    values = samples.swapaxes(1, 2).reshape(rows, cols, -1)
    rank = values.shape[2] * 3 // 4
    return np.partition(values, rank, axis=2)[:, :, rank].astype(np.float32)


def halved_once(page: GreyImage) -> GreyImage:
    """A page at half its size, each pixel the mean of four; an odd last row or column is left out."""
    height, width = page.shape
    even = page[: height // 2 * 2, : width // 2 * 2]
    return np.asarray(cv2.resize(even, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8)
