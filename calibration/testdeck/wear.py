"""What happens to the paper between the print house and the scanner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from ballot.geometry import Box
from calibration.testdeck.fields import SideFields
from calibration.testdeck.paper import Paper, Rgb

SHADE_PX_PER_MM = 2.0


@dataclass(frozen=True, slots=True)
class WearRanges:
    """How much wear a deck has: rates are shares of sheets, others the strongest that occurs.

    Attributes:
        crease: Strength of fold lines, as a share of white.
        crumple: Strength of crumple shading, as a share of white.
        show_through: How much of the other side shines through.
        tone: How far the paper is from white.
        specks: Most dust specks a side.
    """

    crease: float = 0.10
    crumple_rate: float = 0.0
    crumple: float = 0.10
    show_through: float = 0.04
    tone: float = 0.03
    specks: int = 12
    torn_rate: float = 0.0
    hole_rate: float = 0.0


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
        return words


def harms(wear: Wear, inside: SideFields, corner_shows: bool) -> bool:
    """Whether a corner is seen to be gone, or a hole goes through a field of the inside.

    Args:
        corner_shows: False where paper and background look alike, so that nobody can see it.
    """
    torn = wear.tear is not None and corner_shows
    if wear.hole is None:
        return torn
    x, y, radius = wear.hole
    reach = 1.5 * radius
    around = Box(x - reach, y - reach, 2 * reach, 2 * reach)
    fields = [m.box for m in inside.mark_boxes] + [row.name for row in inside.write_in_rows]
    fields += [d.box for d in (inside.ballot_number, inside.ballot_id) if d is not None]
    return torn or any(around.overlap_mm2(field) > 0 for field in fields)


def pick_wear(ranges: WearRanges, fields: SideFields, rng: np.random.Generator) -> Wear:
    """One sheet's wear within the ranges."""
    warmth = rng.uniform(0, ranges.tone)
    tear = hole = None
    if rng.random() < ranges.torn_rate:
        tear = (int(rng.integers(4)), float(rng.uniform(14, 34)), float(rng.uniform(14, 34)))
    if rng.random() < ranges.hole_rate:
        x, y = rng.uniform(20, fields.width_mm - 20), rng.uniform(20, fields.height_mm - 20)
        hole = (float(x), float(y), float(rng.uniform(2.5, 6)))
    return Wear(
        crease=float(rng.uniform(0.2, 1) * ranges.crease),
        crumple=float(rng.uniform(0.4, 1) * ranges.crumple) if rng.random() < ranges.crumple_rate else 0.0,
        show_through=float(rng.uniform(0.2, 1) * ranges.show_through),
        tone=(1 - 0.3 * warmth, 1 - 0.4 * warmth, 1 - 1.2 * warmth),
        specks=int(rng.integers(0, ranges.specks + 1)),
        tear=tear,
        hole=hole,
    )


def shine_through(front: Paper, back: Paper, strength: float) -> tuple[Any, Any]:
    """What is left of the light on each side where the other's print shines through.

    Mirrored and blurred, at a quarter of the resolution, as shares of 0 to 1.
    """
    reduced = [
        cv2.resize(p.image, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA) for p in (back, front)
    ]
    left = []
    for picture in reduced:
        grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[:, ::-1], (0, 0), 1.0)
        left.append(1 - np.float32(strength) * (1 - grey.astype(np.float32) / 255))
    return left[0], left[1]


def apply_wear(paper: Paper, wear: Wear, fields: SideFields, light: Any, rng: np.random.Generator) -> None:
    """Tone, unevenness, show-through, creases, crumples and dust on one side, in place.

    Args:
        light: The side's map from `shine_through`.
    """
    width, height = int(fields.width_mm * SHADE_PX_PER_MM), int(fields.height_mm * SHADE_PX_PER_MM)
    coarse = rng.standard_normal((6, 8)).astype(np.float32)
    cloud = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    shade = 1 - 0.006 * np.abs(cloud)
    shade *= 1 - _soft_folds(fields, wear.crease, rng, (height, width))
    if wear.crumple > 0:
        shade *= 1 - _crumples(wear.crumple, rng, (height, width))
    shade = cv2.resize(shade.astype(np.float32), (light.shape[1], light.shape[0])) * light
    toned = np.clip(np.rint(255 * shade[..., None] * np.array(wear.tone, np.float32)), 0, 255).astype(
        np.uint8
    )
    fine = cv2.resize(toned, (paper.image.shape[1], paper.image.shape[0]), interpolation=cv2.INTER_LINEAR)
    cv2.multiply(paper.image, fine, dst=paper.image, scale=1 / 255)
    _crease_lines(paper, wear.crease, fields, rng)
    _dust(paper, wear.specks, rng)


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
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    out = np.zeros(size, np.float32)
    for _ in range(9):
        angle = rng.uniform(0, np.pi)
        offset = rng.uniform(0.1, 0.9) * (width * abs(np.cos(angle)) + height * abs(np.sin(angle)))
        distance = columns * np.cos(angle) + rows * np.sin(angle) - offset
        lit = np.where(distance > 0, 1.0, -0.4) * np.exp(-np.abs(distance) / (20 * SHADE_PX_PER_MM))
        out += (lit * rng.uniform(0.1, 0.5)).astype(np.float32)
    return strength * np.clip(out, 0, 1.5)


def _crease_lines(paper: Paper, strength: float, fields: SideFields, rng: np.random.Generator) -> None:
    """The line itself: darker, or lighter where the ink has cracked."""
    for vertical, positions in ((True, fields.folds_x_mm), (False, fields.folds_y_mm)):
        for fold in positions:
            scale = paper.x_px_per_mm if vertical else paper.y_px_per_mm
            length = paper.image.shape[0 if vertical else 1]
            at = (fold + rng.normal(0, 0.5)) * scale
            half = max(1, round(rng.uniform(0.12, 0.3) * scale))
            middle = int(at)
            view = (
                paper.image[:, middle - half : middle + half]
                if vertical
                else paper.image[middle - half : middle + half].transpose(1, 0, 2)
            )
            ramp = 1 - np.abs(np.linspace(-1, 1, view.shape[1]))
            rough = 0.8 + 0.5 * rng.standard_normal(length)
            change = np.asarray(-255 * strength * np.outer(rough, ramp))
            if rng.random() < 0.25:
                change = -0.7 * change
            view[:] = np.clip(view + change[..., None], 0, 255).astype(np.uint8)


def _dust(paper: Paper, specks: int, rng: np.random.Generator) -> None:
    """Small dark spots and short hairs anywhere."""
    height, width = paper.image.shape[:2]
    for _ in range(specks):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        grey = int(rng.integers(70, 170))
        if rng.random() < 0.8:
            radius = max(1, round(rng.uniform(0.05, 0.22) * paper.px_per_mm))
            cv2.circle(paper.image, (x, y), radius, (grey, grey, grey), -1, cv2.LINE_AA)
        else:
            steps = rng.normal(0, 0.25 * paper.px_per_mm, (8, 2))
            bend = (np.array([x, y]) + np.cumsum(steps, axis=0)).astype(int)
            cv2.polylines(paper.image, [bend.reshape(-1, 1, 2)], False, (grey, grey, grey), 1, cv2.LINE_AA)


def damage(paper: Paper, wear: Wear, mirrored: bool, behind: Rgb, rng: np.random.Generator) -> None:
    """Cuts away a torn corner and a hole: the scanner's background shows there."""
    height, width = paper.image.shape[:2]
    if wear.tear is not None:
        corner, along_x, along_y = wear.tear
        right, below = bool(corner % 2) != mirrored, corner >= 2
        t = np.linspace(0, 1, 24)
        rough = np.cumsum(rng.normal(0, 0.35, 24))
        rough -= np.linspace(0, rough[-1], 24)
        x = ((1 - t) * along_x + rough) * paper.x_px_per_mm
        y = (t * along_y + rough) * paper.y_px_per_mm
        x, y = (width - x if right else x), (height - y if below else y)
        outer = [(width + 9 if right else -9, height + 9 if below else -9)]
        edge = np.stack([x, y], axis=1)
        edge[0, 1] = edge[0, 1] + (9 if below else -9)
        edge[-1, 0] = edge[-1, 0] + (9 if right else -9)
        polygon = np.concatenate([edge, outer]).astype(np.int32)
        cv2.fillPoly(paper.image, [polygon.reshape(-1, 1, 2)], behind, cv2.LINE_AA)
        cv2.polylines(
            paper.image, [edge.astype(np.int32).reshape(-1, 1, 2)], False, (205, 203, 198), 2, cv2.LINE_AA
        )
    if wear.hole is not None:
        x_mm, y_mm, radius = wear.hole
        middle = ((width / paper.x_px_per_mm - x_mm) if mirrored else x_mm, y_mm)
        turn = np.linspace(0, 2 * np.pi, 30, endpoint=False)
        reach = radius * (1 + 0.15 * rng.standard_normal(30))
        points = np.stack([middle[0] + reach * np.cos(turn), middle[1] + reach * np.sin(turn)], axis=1)
        pixels = (points * (paper.x_px_per_mm, paper.y_px_per_mm)).astype(np.int32)
        cv2.fillPoly(paper.image, [pixels.reshape(-1, 1, 2)], behind, cv2.LINE_AA)
