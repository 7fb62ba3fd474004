"""What happens to the paper between the print house and the scanner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from ballot.geometry import Box
from calibration.testdeck.fields import BallotFields, SideFields
from calibration.testdeck.lost_marks import Loss, LostMark, on_inside, pick_lost_marks
from calibration.testdeck.paper import Image, Rgb
from calibration.testdeck.planes import NEUTRAL, Planes, fill
from calibration.testdeck.strips import interpolated, strips

SHADE_PX_PER_MM = 2.0
SHADE_STEP = 4
LIGHTNESS = (0.299, 0.587, 0.114)
FRAYED = 203
"""Lightness of a torn edge."""


@dataclass(frozen=True, slots=True)
class WearRanges:
    """How much wear a deck has: rates are shares of sheets, others the strongest that occurs.

    Attributes:
        crease: Strength of fold lines, as a share of white.
        crumple: Strength of crumple shading, as a share of white.
        show_through: How much of the other side shines through.
        tone: How far the paper is from white.
        specks: Most dust specks a side.
        aimed_holes: Share of the holes that go through a box; the others are anywhere.
        lost_mark_rate: Share of sheets with one or two registration marks torn off or covered.
    """

    crease: float = 0.10
    crumple_rate: float = 0.0
    crumple: float = 0.10
    show_through: float = 0.04
    tone: float = 0.03
    specks: int = 12
    torn_rate: float = 0.0
    hole_rate: float = 0.0
    aimed_holes: float = 0.0
    lost_mark_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Wear:
    """One sheet's wear. Damage is given on the inside; the outside has it mirrored.

    Attributes:
        tear: Corner (0 to 3, from upper left by rows) and its legs in mm, or None.
        hole: Middle and radius in mm, or None.
    """

    crease: float
    crumple: float
    show_through: float
    tone: tuple[float, float, float]
    specks: int
    tear: tuple[int, float, float] | None
    hole: tuple[float, float, float] | None
    lost_marks: tuple[LostMark, ...] = ()

    @property
    def conditions(self) -> list[str]:
        """Words for the truth file."""
        words = []
        if self.crumple > 0:
            words.append("crumpled")
        if self.tear is not None:
            words.append("torn")
        if self.hole is not None:
            words.append("hole")
        return words + [mark.condition for mark in self.lost_marks]


def missing_pieces(wear: Wear, inside: SideFields) -> list[Box]:
    """Around each piece of the sheet that is gone, on the inside."""
    gone = [on_inside(m, inside) for m in wear.lost_marks if m.loss is Loss.TORN]
    if wear.tear is not None:
        corner, along_x, along_y = wear.tear
        x = inside.width_mm - along_x if corner % 2 else 0.0
        y = inside.height_mm - along_y if corner >= 2 else 0.0
        gone.append(Box(x, y, along_x, along_y))
    if wear.hole is not None:
        x, y, radius = wear.hole
        gone.append(Box(x - radius, y - radius, 2 * radius, 2 * radius))
    return gone


def harms(wear: Wear, inside: SideFields, seen_through: bool, shows_tear: bool = True) -> bool:
    """Whether a corner is seen to be gone, or a field of the inside is.

    Args:
        seen_through: False where paper and background look alike, so that nobody can see it.
        shows_tear: False where too little of a torn corner lies within the scans.
    """
    tear = wear.tear if seen_through else None
    gone = [on_inside(m, inside) for m in wear.lost_marks if m.loss is Loss.TORN and seen_through]
    if wear.hole is not None:
        x, y, radius = wear.hole
        # Of a hole that shows the background what lies beside it is in doubt as well.
        reach = 1.5 * radius if seen_through else radius
        gone.append(Box(x - reach, y - reach, 2 * reach, 2 * reach))
    fields = [m.box for m in inside.mark_boxes] + [row.name for row in inside.write_in_rows]
    fields += [d.box for d in (inside.ballot_number, inside.ballot_id) if d is not None]
    if tear is not None and (shows_tear or any(_reaches(tear, field, inside) for field in fields)):
        return True
    return any(piece.overlap_mm2(field) > 0 for piece in gone for field in fields)


def _reaches(tear: tuple[int, float, float], field: Box, inside: SideFields) -> bool:
    """Whether a torn corner takes a part of a field."""
    corner, along_x, along_y = tear
    x = inside.width_mm - field.right_mm if corner % 2 else field.x_mm
    y = inside.height_mm - field.bottom_mm if corner >= 2 else field.y_mm
    return x / along_x + y / along_y < 1


def pick_wear(ranges: WearRanges, ballot: BallotFields, rng: np.random.Generator) -> Wear:
    """One sheet's wear within the ranges."""
    fields = ballot.inside
    warmth = rng.uniform(0, ranges.tone)
    tear = hole = None
    if rng.random() < ranges.torn_rate:
        tear = (int(rng.integers(4)), float(rng.uniform(14, 34)), float(rng.uniform(14, 34)))
    if rng.random() < ranges.hole_rate:
        x, y = rng.uniform(20, fields.width_mm - 20), rng.uniform(20, fields.height_mm - 20)
        if ranges.aimed_holes and fields.mark_boxes and rng.random() < ranges.aimed_holes:
            x, y = fields.mark_boxes[int(rng.integers(len(fields.mark_boxes)))].box.center_mm
        hole = (float(x), float(y), float(rng.uniform(2.5, 6)))
    return Wear(
        crease=float(rng.uniform(0.2, 1) * ranges.crease),
        crumple=float(rng.uniform(0.4, 1) * ranges.crumple) if rng.random() < ranges.crumple_rate else 0.0,
        show_through=float(rng.uniform(0.2, 1) * ranges.show_through),
        tone=(1 - 0.3 * warmth, 1 - 0.4 * warmth, 1 - 1.2 * warmth),
        specks=int(rng.integers(0, ranges.specks + 1)),
        tear=tear,
        hole=hole,
        lost_marks=pick_lost_marks(ranges.lost_mark_rate, ballot, rng),
    )


def shadow_of(other: Planes) -> Any:
    """How dark the other side is where it would shine through: 0 to 1, mirrored and blurred.

    One value for every `SHADE_STEP` × `SHADE_STEP` pixels.
    """
    rows, columns = (n // SHADE_STEP for n in other.y.shape)
    grey = other.y[: rows * SHADE_STEP, : columns * SHADE_STEP]
    for step in (SHADE_STEP // 2, 1):  # halving twice is four times faster than quartering once
        grey = np.asarray(cv2.resize(grey, (columns * step, rows * step), interpolation=cv2.INTER_AREA))
    soft = cv2.GaussianBlur(np.ascontiguousarray(grey[:, ::-1]), (0, 0), 1.0)
    return 1 - soft.astype(np.float32) / 255


def worn(clean: Planes, wear: Wear, fields: SideFields, shadow: Any, rng: np.random.Generator) -> Planes:
    """A side with tone, unevenness, show-through, creases, crumples and dust.

    Args:
        clean: Left as it is.
        shadow: The other side's `shadow_of`.
    """
    width, height = int(fields.width_mm * SHADE_PX_PER_MM), int(fields.height_mm * SHADE_PX_PER_MM)
    coarse = rng.standard_normal((6, 8)).astype(np.float32)
    cloud = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    shade = 1 - 0.006 * np.abs(cloud)
    shade *= 1 - _soft_folds(fields, wear.crease, rng, (height, width))
    if wear.crumple > 0:
        shade *= 1 - _crumples(wear.crumple, rng, (height, width))
    light = cv2.resize(shade.astype(np.float32), (shadow.shape[1], shadow.shape[0]))
    light = light * (1 - np.float32(wear.show_through) * shadow)
    toned = Planes(
        _lit(clean.y, light * np.float32(np.dot(wear.tone, LIGHTNESS))),
        _tinted(clean, wear.tone),
        clean.x_px_per_mm,
        clean.y_px_per_mm,
    )
    _crease_lines(toned, wear.crease, fields, rng)
    _dust(toned, wear.specks, rng)
    return toned


def _lit(y: Image, light: Any) -> Image:
    """Lightness times the light that is left of it, given for every `SHADE_STEP` pixels."""
    gain = np.clip(np.rint(255 * light), 0, 255).astype(np.uint8)
    gain = np.pad(gain, ((1, 2), (1, 2)), mode="edge")
    out = np.empty_like(y)
    for top, bottom in strips(y.shape[0]):
        fine = interpolated(gain, SHADE_STEP, top, bottom, y.shape[1])
        cv2.multiply(y[top:bottom], fine, dst=out[top:bottom], scale=1 / 255)
    return out


def _tinted(clean: Planes, tone: tuple[float, float, float]) -> tuple[Image, ...]:
    """The colour planes on paper that is not white: the lighter a place, the more of the paper shows."""
    if not clean.colour:
        return ()
    red, _, blue = tone
    y = float(np.dot(tone, LIGHTNESS))
    shifts = ((blue - y) * 0.564, (red - y) * 0.713)  # JFIF: Cb = 0.564 (B - Y), Cr = 0.713 (R - Y)
    rows, columns = clean.colour[0].shape
    half = cv2.resize(clean.y, (columns, rows), interpolation=cv2.INTER_AREA)
    return tuple(
        np.asarray(cv2.addWeighted(plane, 1.0, half, shift, 0.0), np.uint8)
        for plane, shift in zip(clean.colour, shifts, strict=True)
    )


def _soft_folds(fields: SideFields, strength: float, rng: np.random.Generator, size: tuple[int, int]) -> Any:
    """The shadow on either side of a fold, where the paper does not lie flat."""
    out = np.zeros(size, np.float32)
    columns = np.arange(size[1]) / SHADE_PX_PER_MM
    rows = np.arange(size[0]) / SHADE_PX_PER_MM
    for fold in fields.folds_x_mm:
        side = np.where(columns < fold, rng.uniform(0.1, 0.6), rng.uniform(0.1, 0.6))
        out += (strength * side * np.exp(-np.abs(columns - fold) / 4.0)).astype(np.float32)[None, :]
    for fold in fields.folds_y_mm:
        side = np.where(rows < fold, rng.uniform(0.1, 0.6), rng.uniform(0.1, 0.6))
        out += (strength * side * np.exp(-np.abs(rows - fold) / 4.0)).astype(np.float32)[:, None]
    return out


def _crumples(strength: float, rng: np.random.Generator, size: tuple[int, int]) -> Any:
    """Facets with sharp ridges between them."""
    height, width = size
    columns, rows = np.arange(width), np.arange(height)[:, None]
    out = np.zeros(size, np.float32)
    for _ in range(9):
        angle = rng.uniform(0, np.pi)
        offset = rng.uniform(0.1, 0.9) * (width * abs(np.cos(angle)) + height * abs(np.sin(angle)))
        along, across = columns * np.cos(angle) - offset, rows * np.sin(angle)
        distance = along.astype(np.float32) + across.astype(np.float32)
        lit = np.where(distance > 0, np.float32(1.0), np.float32(-0.4))
        lit *= np.exp(np.abs(distance) / np.float32(-20 * SHADE_PX_PER_MM))
        out += lit * np.float32(rng.uniform(0.1, 0.5))
    return strength * np.clip(out, 0, 1.5)


def _crease_lines(planes: Planes, strength: float, fields: SideFields, rng: np.random.Generator) -> None:
    """The line itself: darker, or lighter where the ink has cracked."""
    for vertical, positions in ((True, fields.folds_x_mm), (False, fields.folds_y_mm)):
        for fold in positions:
            scale = planes.x_px_per_mm if vertical else planes.y_px_per_mm
            length = planes.y.shape[0 if vertical else 1]
            at = (fold + rng.normal(0, 0.5)) * scale
            half = max(1, round(rng.uniform(0.12, 0.3) * scale))
            middle = int(at)
            view = (
                planes.y[:, middle - half : middle + half]
                if vertical
                else planes.y[middle - half : middle + half].T
            )
            ramp = 1 - np.abs(np.linspace(-1, 1, view.shape[1]))
            rough = 0.8 + 0.5 * rng.standard_normal(length)
            change = np.asarray(-255 * strength * np.outer(rough, ramp))
            if rng.random() < 0.25:
                change = -0.7 * change
            view[:] = np.clip(view + change, 0, 255).astype(np.uint8)


def _dust(planes: Planes, specks: int, rng: np.random.Generator) -> None:
    """Small dark spots and short hairs anywhere."""
    height, width = planes.y.shape
    for _ in range(specks):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        grey = int(rng.integers(70, 170))
        if rng.random() < 0.8:
            radius = rng.uniform(0.05, 0.22) * planes.px_per_mm
            for plane, step in planes.all:
                level = grey if step == 1 else NEUTRAL
                size = max(1, round(radius / step))
                cv2.circle(plane, (x // step, y // step), size, level, -1, cv2.LINE_AA)
        else:
            steps = rng.normal(0, 0.25 * planes.px_per_mm, (8, 2))
            bend = (np.array([x, y]) + np.cumsum(steps, axis=0)).astype(int)
            cv2.polylines(planes.y, [bend.reshape(-1, 1, 2)], False, grey, 1, cv2.LINE_AA)


def damage(planes: Planes, wear: Wear, mirrored: bool, behind: Rgb, rng: np.random.Generator) -> None:
    """Cuts away a torn corner and a hole: the scanner's background shows there."""
    height, width = planes.y.shape
    if wear.tear is not None:
        corner, along_x, along_y = wear.tear
        right, below = bool(corner % 2) != mirrored, corner >= 2
        t = np.linspace(0, 1, 24)
        rough = np.cumsum(rng.normal(0, 0.35, 24))
        rough -= np.linspace(0, rough[-1], 24)
        x = ((1 - t) * along_x + rough) * planes.x_px_per_mm
        y = (t * along_y + rough) * planes.y_px_per_mm
        x, y = (width - x if right else x), (height - y if below else y)
        outer = [(width + 9 if right else -9, height + 9 if below else -9)]
        edge = np.stack([x, y], axis=1)
        edge[0, 1] = edge[0, 1] + (9 if below else -9)
        edge[-1, 0] = edge[-1, 0] + (9 if right else -9)
        fill(planes, np.concatenate([edge, outer]), behind)
        line = edge.astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(planes.y, [line], False, FRAYED, 2, cv2.LINE_AA)
    if wear.hole is not None:
        x_mm, y_mm, radius = wear.hole
        middle = ((width / planes.x_px_per_mm - x_mm) if mirrored else x_mm, y_mm)
        turn = np.linspace(0, 2 * np.pi, 30, endpoint=False)
        reach = radius * (1 + 0.15 * rng.standard_normal(30))
        points = np.stack([middle[0] + reach * np.cos(turn), middle[1] + reach * np.sin(turn)], axis=1)
        fill(planes, points * (planes.x_px_per_mm, planes.y_px_per_mm), behind)
