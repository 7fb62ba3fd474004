"""The picture of a mark that the network for marks looks at."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from recognition.boxes import InkedBox

SIDE_PX = 48
BOX_PX = 24
"""Every box is this long in the picture, so that marks in large and small boxes look alike."""

Picture = npt.NDArray[np.float32]


def mark_picture(box: InkedBox) -> Picture:
    """A box with the paper around it, and the print of the blank there.

    Returns:
        Darkness and print, each 0 to 1, shape (2, `SIDE_PX`, `SIDE_PX`). Beyond what was cut out there is
        paper.
    """
    height, width = box.whole.shape
    scale = BOX_PX / box.size
    middle = (SIDE_PX - 1) / 2
    turn = np.array(
        [
            [scale, 0.0, middle - scale * (width - 1) / 2],
            [0.0, scale, middle - scale * (height - 1) / 2],
        ]
    )
    planes = (box.whole, box.printed.astype(np.float32))
    # Of a box that is made smaller every pixel must be seen, thin strokes too.
    spread = max(0.0, 0.5 * (1 / scale - 1))
    soft = [cv2.GaussianBlur(plane, (0, 0), spread) if spread > 0.2 else plane for plane in planes]
    return np.stack(
        [cv2.warpAffine(plane, turn, (SIDE_PX, SIDE_PX), flags=cv2.INTER_LINEAR) for plane in soft]
    )
