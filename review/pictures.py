"""Pictures of a sheet for people: upright, with what was read and what is doubted drawn over."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from ballot.geometry import Affine, Box
from ballot.layout import PageSide
from ballot.reading import MarkState, Reading, ScanSide, SideRegistration
from review.issues import Issue
from scanner.limits import UnreadablePageError, check_decodable

Pixels = NDArray[np.uint8]

_SCREEN_LONG_SIDE_PX = 1800  # two sides fit a desk's screen, and a cross stays readable
_JPEG_QUALITY = 80
_CROP_PX_A_MM = 8.0  # about 200 dpi
_CROP_AROUND_MM = 5.0
_CROP_LEAST_MM = (90.0, 24.0)  # wide enough that the name beside a box shows
_DOUBT_BGR, _MARK_BGR = (0, 60, 210), (60, 130, 0)


@dataclass(frozen=True, slots=True)
class Outline:
    """A field to draw: its corners in pixels of the upright picture.

    Attributes:
        number: The issue's number; None for a field that was read as marked.
    """

    corners_px: tuple[tuple[float, float], ...]
    number: int | None = None

    @property
    def points(self) -> str:
        """The corners as SVG writes them."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.corners_px)

    @property
    def label_px(self) -> tuple[float, float]:
        """Where the number goes: left of the middle of the field."""
        ys = [y for _, y in self.corners_px]
        return min(x for x, _ in self.corners_px), (min(ys) + max(ys)) / 2


@dataclass(frozen=True, slots=True)
class Upright:
    """How a scan is turned for people, by quarter turns, and scaled."""

    width_px: int
    height_px: int
    quarter_turns: int
    scale: float

    @property
    def shown_px(self) -> tuple[int, int]:
        """Width and height as shown."""
        w, h = (
            (self.width_px, self.height_px)
            if self.quarter_turns % 2 == 0
            else (self.height_px, self.width_px)
        )
        return max(1, round(w * self.scale)), max(1, round(h * self.scale))

    def place(self, x_px: float, y_px: float) -> tuple[float, float]:
        """Where a pixel of the scan is shown."""
        w, h = self.width_px, self.height_px
        turned = ((x_px, y_px), (y_px, w - x_px), (w - x_px, h - y_px), (h - y_px, x_px))[self.quarter_turns]
        return turned[0] * self.scale, turned[1] * self.scale


def decode(data: bytes) -> Pixels | None:
    """The pixels of a page, colour, as delivered; None when they cannot be had."""
    if not data:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of sizes that are refused right below
            picture = Image.open(io.BytesIO(data))
        with picture:
            check_decodable(*picture.size)
            pixels = cv2.imdecode(
                np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
            )
            if pixels is None:
                pixels = np.asarray(picture.convert("RGB"))[:, :, ::-1]
            return np.ascontiguousarray(pixels, np.uint8)
    except (UnidentifiedImageError, UnreadablePageError, OSError, ValueError, SyntaxError, cv2.error):
        return None


def registration_of(reading: Reading, side: ScanSide) -> SideRegistration | None:
    """How a side lies, where the machine found out."""
    return next((entry for entry in reading.registrations if entry.scan is side), None)


def upright(
    pixels: Pixels, registration: SideRegistration | None, long_side_px: int | None = None
) -> Upright:
    """How to show a scan: by its registration, else as it came."""
    height, width = pixels.shape[:2]
    turns = 0
    if registration is not None:
        # Which way the page's x axis points in the scan, to the nearest quarter turn.
        angle = math.atan2(registration.mm_to_px.c, registration.mm_to_px.a)
        turns = round(angle / (math.pi / 2)) % 4
    scale = 1.0 if long_side_px is None else min(1.0, long_side_px / max(width, height))
    return Upright(width, height, turns, scale)


def for_screen(pixels: Pixels, registration: SideRegistration | None) -> Upright:
    """How a side is shown on a page."""
    return upright(pixels, registration, _SCREEN_LONG_SIDE_PX)


def turned(pixels: Pixels, way: Upright) -> Pixels:
    """The picture as shown."""
    codes = (None, cv2.ROTATE_90_COUNTERCLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_CLOCKWISE)
    code = codes[way.quarter_turns]
    out = pixels if code is None else cv2.rotate(pixels, code)
    if way.scale < 1.0:
        out = cv2.resize(out, way.shown_px, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(out, np.uint8)


def outlines(reading: Reading, issues: Iterable[Issue], side: ScanSide, way: Upright) -> tuple[Outline, ...]:
    """What to draw over a side: boxes read as marked, then what is doubted."""
    registration = registration_of(reading, side)
    if registration is None:
        return ()
    found = []
    if registration.page is PageSide.INSIDE:
        found += [
            Outline(_corners(mark.found, registration.mm_to_px, way))
            for mark in reading.marks
            if mark.state is MarkState.MARKED
        ]
    found += [
        Outline(_corners(issue.doubt.box_mm.grown(1.0), registration.mm_to_px, way), issue.number)
        for issue in issues
        if issue.doubt.box_mm is not None and issue.doubt.side is side
    ]
    return tuple(found)


def _corners(box: Box, mm_to_px: Affine, way: Upright) -> tuple[tuple[float, float], ...]:
    corners = (
        (box.x_mm, box.y_mm),
        (box.right_mm, box.y_mm),
        (box.right_mm, box.bottom_mm),
        (box.x_mm, box.bottom_mm),
    )
    return tuple(way.place(*mm_to_px.apply(x, y)) for x, y in corners)


def crop(pixels: Pixels, registration: SideRegistration, box: Box) -> Pixels:
    """The surroundings of a field, straightened and upright, at about 200 dpi."""
    near = box.grown(_CROP_AROUND_MM)
    width, height = max(near.w_mm, _CROP_LEAST_MM[0]), max(near.h_mm, _CROP_LEAST_MM[1])
    # Boxes stand left of the names or right of them: the field sits a quarter in from the left
    # unless that would leave the page.
    x, y = max(0.0, near.x_mm - (width - near.w_mm) / 4), max(0.0, near.y_mm - (height - near.h_mm) / 2)
    m = registration.mm_to_px
    (x0, y0), k = m.apply(x, y), 1.0 / _CROP_PX_A_MM
    matrix = np.array([[m.a * k, m.b * k, x0], [m.c * k, m.d * k, y0]])
    size = (round(width * _CROP_PX_A_MM), round(height * _CROP_PX_A_MM))
    out = cv2.warpAffine(
        pixels, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=(235, 235, 235)
    )
    corners = (
        ((box.x_mm - x) * _CROP_PX_A_MM, (box.y_mm - y) * _CROP_PX_A_MM),
        ((box.right_mm - x) * _CROP_PX_A_MM, (box.bottom_mm - y) * _CROP_PX_A_MM),
    )
    (left, top), (right, bottom) = (tuple(round(v) for v in corner) for corner in corners)
    cv2.rectangle(out, (left - 10, top - 10), (right + 10, bottom + 10), _DOUBT_BGR, 2, cv2.LINE_AA)
    return np.ascontiguousarray(out, np.uint8)


def drawn(pixels: Pixels, way: Upright, fields: Iterable[Outline]) -> Pixels:
    """The upright picture with the fields drawn on it, for a file."""
    out = turned(pixels, way).copy()
    for field in fields:
        colour = _MARK_BGR if field.number is None else _DOUBT_BGR
        corners = np.array([[round(x), round(y)] for x, y in field.corners_px], np.int32)
        cv2.polylines(out, [corners], True, colour, 3, cv2.LINE_AA)
        if field.number is not None:
            x, y = field.label_px
            at = (max(2, round(x) - 30 * len(str(field.number)) - 8), max(30, round(y) + 14))
            cv2.putText(out, str(field.number), at, cv2.FONT_HERSHEY_SIMPLEX, 1.1, colour, 3, cv2.LINE_AA)
    return out


def to_jpeg(pixels: Pixels) -> bytes:
    """JPEG for a page."""
    return bytes(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1])


def to_png(pixels: Pixels) -> bytes:
    """PNG for a file."""
    return bytes(cv2.imencode(".png", pixels)[1])
