"""Whether the reader finds each blank again on a picture of itself that lies askew, as scans do."""

from __future__ import annotations

import cv2
import numpy as np

from ballot.election import Election
from ballot.layout import LayoutSet, ReferenceImage
from ballot.reading import ScanSide
from recognition.decode import Undecodable, decode_page
from recognition.geometry import MM_PER_INCH
from recognition.profile import DEFAULT_PROFILE
from recognition.reader import compile_layouts
from recognition.sides import place_image

_TURN_DEG, _STRETCH, _SHIFT_MM = 1.5, 1.006, 4.0


def unfound_sides(election: Election, layouts: LayoutSet) -> list[str]:
    """The names of the sides that are not found, not fitted well, or taken for the side behind.

    Args:
        layouts: Those of the election.
    """
    compiled = compile_layouts(election, layouts)
    problems = []
    for ballot in layouts.ballots:
        for side in ballot.sides:
            image = decode_page(_askew(side.reference))
            assert not isinstance(image, Undecodable), "a layout's pictures are within the limits of scans"
            placed = place_image(ScanSide.FRONT, image, compiled, DEFAULT_PROFILE)
            if (
                placed is None
                or placed.page is not side.side
                or placed.registration.agreeing < DEFAULT_PROFILE.min_agreeing
            ):
                problems.append(f"{ballot.key}, {side.side.value}")
    return problems


def _askew(reference: ReferenceImage) -> bytes:
    """The picture of a side, turned, stretched and moved."""
    picture = cv2.imdecode(np.frombuffer(reference.png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None, "the picture was encoded when the layout was learnt"
    height, width = picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), _TURN_DEG, 1.0)
    stretched = turn * np.array([[_STRETCH], [1.0]])
    stretched[:, 2] += _SHIFT_MM * reference.dpi / MM_PER_INCH
    askew = cv2.warpAffine(picture, stretched, (width, height), borderValue=(255.0,))
    ok, png = cv2.imencode(".png", askew)
    assert ok, "an 8-bit picture always encodes as PNG"
    return png.tobytes()
