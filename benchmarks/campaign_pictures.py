"""Pictures of what went wrong: the sheet made small, and each field in question as scanned."""

from __future__ import annotations

import re
from typing import Any

import cv2
import numpy as np

from ballot.geometry import Box
from ballot.layout import PageSide
from ballot.reading import Reading, ScanSide

SMALL_PX = 620
AROUND_MM = 9.0
FIELD_PX = 260
JPEG_QUALITY = 70


def _decoded(data: bytes) -> Any:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def _jpeg(image: Any) -> bytes:
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise RuntimeError("a picture could not be encoded")
    return bytes(data)


def small_picture(data: bytes) -> bytes:
    """The whole image, its longer side `SMALL_PX` pixels."""
    image = _decoded(data)
    scale = SMALL_PX / max(image.shape[:2])
    return _jpeg(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def field_pictures(sheet: Any, reading: Reading, errors: tuple[str, ...]) -> dict[str, bytes]:
    """Each candidate's field that an error names, and each mark that was taken back."""
    words = [w for w in sheet.truth["conditions"] if w.startswith("taken_back:")]
    numbers = {
        int(n) for text in (*errors, *words) for n in re.findall(r"(?:candidate |taken_back:)(\d+)", text)
    }
    inside = next((r for r in reading.registrations if r.page is PageSide.INSIDE), None)
    if inside is None or not numbers:
        return {}
    page = sheet.scan.front if inside.scan is ScanSide.FRONT else sheet.scan.back
    image = _decoded(page.data)
    boxes = {m.candidate: m.expected for m in reading.marks}
    boxes |= {m["candidate"]: Box(*m["box_mm"]) for m in sheet.truth["mark_boxes"]}
    pictures = {}
    for number in sorted(numbers & boxes.keys()):
        crop = _upright(image, inside.mm_to_px, boxes[number].grown(AROUND_MM))
        pictures[str(number)] = _jpeg(crop)
    return pictures


def _upright(image: Any, mm_to_px: Any, area: Box) -> Any:
    """A place on the page as it stands when the page is upright."""
    width, height = FIELD_PX, round(FIELD_PX * area.h_mm / area.w_mm)
    corners = ((area.x_mm, area.y_mm), (area.right_mm, area.y_mm), (area.x_mm, area.bottom_mm))
    source = np.array([mm_to_px.apply(*corner) for corner in corners], np.float32)
    target = np.array([(0, 0), (width, 0), (0, height)], np.float32)
    matrix = cv2.getAffineTransform(source, target)
    return cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_AREA)
