"""The colour of a picture lies where its grey does, however its file says it is turned."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from recognition.decode import ScanImage, decode_page

ORIENTATION_TAG = 274


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_colour_of_a_turned_tiff_is_turned_as_its_grey(orientation: int) -> None:
    pixels = np.full((1200, 800, 3), 255, np.uint8)
    pixels[100:200, 100:300] = (255, 255, 0)
    file = io.BytesIO()
    tags = {ORIENTATION_TAG: orientation}
    Image.fromarray(pixels).save(file, "TIFF", compression="tiff_lzw", dpi=(200, 200), tiffinfo=tags)
    scan = decode_page(file.getvalue())
    assert isinstance(scan, ScanImage)
    colour = scan.colour
    assert colour is not None
    yellow = colour[:, :, 1].astype(int) - colour[:, :, 0] > 60
    in_grey, in_colour = (np.argwhere(where).mean(axis=0) for where in (scan.grey < 240, yellow))
    assert np.abs(in_grey - 4 * in_colour).max() < 4
