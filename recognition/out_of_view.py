"""Parts of a page that lie outside the picture."""

from __future__ import annotations

import numpy as np

from ballot.geometry import Box
from recognition.geometry import apply
from recognition.sides import PlacedImage


def out_of_view(placed: PlacedImage, deeper_than_mm: float) -> Box | None:
    """The corner of the page of which the picture lacks most, when that is more than a strip along its edges.

    What is written there, or torn off, nobody sees.

    Args:
        deeper_than_mm: How much may lie outside, from the page's edges.
    """
    layout, depth_mm = placed.registration.side.layout, deeper_than_mm
    right_mm, bottom_mm = layout.width_mm - depth_mm, layout.height_mm - depth_mm
    within_mm = np.array([(x, y) for y in (depth_mm, bottom_mm) for x in (depth_mm, right_mm)])
    height, width = placed.work.scan.grey.shape
    on_scan = apply(placed.registration.mm_to_scan, within_mm)
    outside_px = np.maximum(-on_scan, on_scan - (width, height)).max(axis=1)
    if outside_px.max() <= 0:
        return None
    x_mm, y_mm = within_mm[int(outside_px.argmax())]
    return Box(
        0.0 if x_mm == depth_mm else right_mm, 0.0 if y_mm == depth_mm else bottom_mm, depth_mm, depth_mm
    )
