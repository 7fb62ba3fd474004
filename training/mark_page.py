"""A scanned page that is drawn on with pens, and scanned anew."""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.strikes import Blank
from recognition.geometry import apply
from training.mark_hand import Points

FINE = 4
"""The drawing's pixels to one of the scan."""

_PENS_MM = (((0.18, 0.6), 0.57), ((0.5, 0.95), 0.28), ((0.8, 1.35), 0.15))
_GRAINS, _GRAIN_SHARES = (0.04, 0.15, 0.45), (0.2, 0.55, 0.25)
_PALE, _PALE_BILEVEL = 0.25, 0.06
_SUBPIXEL_BITS = 4

Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Pen:
    """A pen, and how its ink lies on the paper.

    Attributes:
        width_mm: Of its strokes.
        darkness: Share of the light that its ink swallows.
        grain: How much less of it there is in the paper's hollows.
    """

    width_mm: float
    darkness: float
    grain: float


def any_pen(bilevel: bool, rng: np.random.Generator) -> Pen:
    """A pen of any kind; few are so pale that black and white shows little of them."""
    spans = [span for span, _ in _PENS_MM]
    low, high = spans[int(rng.choice(len(spans), p=[share for _, share in _PENS_MM]))]
    is_pale = rng.random() < (_PALE_BILEVEL if bilevel else _PALE)
    return Pen(
        width_mm=float(rng.uniform(low, high)),
        darkness=float(rng.uniform(0.22, 0.5) if is_pale else rng.uniform(0.5, 0.97)),
        grain=float(rng.choice(_GRAINS, p=_GRAIN_SHARES)),
    )


class DrawnPage:
    """A page's grey, which strokes darken. Places are in page mm."""

    def __init__(self, grey: Grey, blank: Blank, rng: np.random.Generator) -> None:
        self.grey = grey.astype(np.float32)
        self._to_scan = blank.registration.mm_to_scan
        self._rng = rng
        ends = apply(self._to_scan, np.array([[0.0, 0.0], [10.0, 0.0]]))
        self._px_per_mm = float(np.hypot(*(ends[1] - ends[0]))) / 10

    def draw(self, strokes: tuple[Points, ...], pen: Pen) -> None:
        """Draws strokes; where they lie twice pale ink is darker."""
        part, corner = self._part(np.concatenate(strokes), pen.width_mm)
        clear = np.ones(part.shape, np.float32)
        for stroke in strokes:
            clear *= 1 - pen.darkness * self._stroke(stroke, corner, part.shape, pen.width_mm)
        self._lay(part, 1 - clear, pen.grain)

    def darken(self, outline: Points, darkness: float) -> None:
        """Makes an area dark, as a blot or what lies behind a hole."""
        part, corner = self._part(outline, 0.1)
        fine = np.zeros((part.shape[0] * FINE, part.shape[1] * FINE), np.uint8)
        cv2.fillPoly(fine, [np.rint(self._fine(outline, corner)).astype(np.int32)], 255)
        self._lay(part, darkness * self._coarse(fine, part.shape), 0.05)

    def _part(self, points: Points, around_mm: float) -> tuple[npt.NDArray[np.float32], tuple[int, int]]:
        every = apply(self._to_scan, points)
        pad = 3 + around_mm * self._px_per_mm
        left, top = np.maximum(np.floor(every.min(axis=0) - pad).astype(int), 0).tolist()
        right, bottom = np.maximum(np.ceil(every.max(axis=0) + pad).astype(int), 1).tolist()
        return self.grey[top:bottom, left:right], (left, top)

    def _fine(self, points: Points, corner: tuple[int, int]) -> Points:
        return np.asarray((apply(self._to_scan, points) - corner + 0.5) * FINE)

    def _stroke(
        self, stroke: Points, corner: tuple[int, int], shape: tuple[int, ...], width_mm: float
    ) -> npt.NDArray[np.float32]:
        fine = np.zeros((shape[0] * FINE, shape[1] * FINE), np.uint8)
        path = self._fine(stroke, corner)
        slow = np.interp(np.linspace(0, 5, len(path)), np.arange(6), self._rng.normal(0, 1, 6))
        widths = width_mm * self._px_per_mm * FINE * (1 + 0.12 * slow)
        forces = np.clip(255 * (0.93 + 0.07 * slow), 120, 255)
        fixed = np.rint(path * 2**_SUBPIXEL_BITS).astype(int).tolist()
        for start, end, thick, force in zip(
            fixed[:-1], fixed[1:], widths.tolist(), forces.tolist(), strict=False
        ):
            cv2.line(fine, start, end, force, max(1, round(thick)), cv2.LINE_8, _SUBPIXEL_BITS)
        return self._coarse(fine, shape)

    def _coarse(self, fine: Grey, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        small = cv2.resize(fine, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32) / 255

    def _lay(self, part: npt.NDArray[np.float32], ink: npt.NDArray[np.float32], grain: float) -> None:
        rng = self._rng
        hollows = cv2.GaussianBlur(rng.standard_normal(part.shape, np.float32), (0, 0), 0.8) * 1.9
        swallowed = ink * np.clip(1 + grain * (hollows - 0.4), 0, 1)
        part *= 1 - cv2.GaussianBlur(swallowed, (0, 0), float(rng.uniform(0.35, 0.9)))


def scanned(grey: npt.NDArray[np.float32], dpi: int, bilevel: bool, rng: np.random.Generator) -> Grey:
    """The page with a scanner's noise, through JPEG or a threshold, fixed or adaptive."""
    noise = rng.standard_normal(grey.shape, np.float32) * rng.uniform(1, 5)
    noisy = np.clip(grey + noise, 0, 255).astype(np.uint8)
    if not bilevel:
        file = io.BytesIO()
        Image.fromarray(noisy).save(file, "JPEG", quality=int(rng.integers(45, 92)), dpi=(dpi, dpi))
        return np.array(Image.open(file))
    if rng.random() < 0.5:
        white = noisy > rng.integers(110, 200)
    else:
        reach = int(rng.integers(10, 31)) * 2 + 1
        white = noisy > cv2.blur(noisy, (reach, reach)).astype(float) - rng.uniform(15, 40)
    return np.where(white, 255, 0).astype(np.uint8)
