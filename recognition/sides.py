"""Registering both images of a sheet and telling inside from outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ballot.geometry import Affine
from ballot.layout import PageSide
from ballot.reading import ScanSide, SideRegistration
from recognition.coarse import CoarseFit, find_page
from recognition.decode import ScanImage
from recognition.geometry import MM_PER_INCH, Matrix, compose, to_affine
from recognition.patches import DetailSource, detail_source
from recognition.profile import Profile
from recognition.pyramid import WorkImage, prepare
from recognition.reference import CompiledLayouts, CompiledSide
from recognition.register import Registration, fit_page

_MIN_COARSE_SCORE = 0.28
_LIKELY_COARSE_SCORE = 0.45
_TRIED_FITS, _TRIED_OTHERS = 3, 8
"""The lists of a county look alike from afar: on one clean scan, cut close and askew, more than
five fits of others to it, both ways up, were better than its own."""
_CERTAIN_AGREEING = 0.75
_USUAL_DPI = (300.0, 200.0, 240.0, 400.0, 150.0, 600.0)
_SAME_DPI = 0.04
"""A page is found at a resolution that is off by so much."""


@dataclass(frozen=True)
class PlacedImage:
    """A scanned image laid onto one side of a ballot."""

    scan: ScanSide
    work: WorkImage
    registration: Registration
    source: DetailSource

    @property
    def page(self) -> PageSide:
        """Inside or outside."""
        return self.registration.side.layout.side

    def as_reading(self) -> SideRegistration:
        """As reported in the reading: on the picture as it was delivered."""
        affine: Affine = to_affine(compose(self._to_delivered(), self.registration.mm_to_scan))
        return SideRegistration(
            scan=self.scan,
            page=self.page,
            mm_to_px=affine,
            residual_mm=self.registration.residual_mm,
            upside_down=self.registration.upside_down,
            dpi=self.work.dpi[0],
        )

    def _to_delivered(self) -> Matrix:
        """Turns back what `ScanImage.turned` has turned."""
        back = np.eye(2, 3)
        height, width = self.work.scan.grey.shape
        for _ in range(self.work.scan.quarter_turns):
            back = compose(np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, width]]), back)
            width, height = height, width
        return back


def place_image(
    scan: ScanSide, image: ScanImage, layouts: CompiledLayouts, profile: Profile
) -> PlacedImage | None:
    """Finds which side of which ballot an image shows, or None when it shows none.

    A page that lies on its side, as scanners deliver those fed by the short edge, is turned; one whose file
    states a wrong resolution, or none, is tried at those that scanners have.
    """
    sides = list({id(s): s for b in layouts.ballots for s in (b.inside, b.outside)}.values())
    first: PlacedImage | None = None
    for one, dpi in _ways(image, sides):
        placed = _place_at(scan, one, dpi, sides, profile)
        if placed is not None and placed.registration.agreeing >= profile.min_agreeing:
            return placed
        # What fits poorly is reported as it was delivered: on its side it hardly is the ballot.
        if one is image and (first is None or _agreeing(placed) > _agreeing(first)):
            first = placed
    return first


def _agreeing(placed: PlacedImage | None) -> float:
    return 0.0 if placed is None else placed.registration.agreeing


def _ways(image: ScanImage, sides: list[CompiledSide]) -> Iterator[tuple[ScanImage, tuple[float, float]]]:
    """How a picture may lie, and at which resolution, the likeliest first."""
    yield from ((image, dpi) for dpi in _resolutions(image, sides))
    turned = image.turned()  # not before it is needed, since that takes longer than decoding
    yield from ((turned, dpi) for dpi in _resolutions(turned, sides))
    for one in (image, turned):
        known = _resolutions(one, sides)
        for usual in _USUAL_DPI:
            if all(abs(usual / dpi[0] - 1) > _SAME_DPI for dpi in known):
                yield one, (usual, usual)


def _place_at(
    scan: ScanSide,
    image: ScanImage,
    dpi: tuple[float, float],
    sides: list[CompiledSide],
    profile: Profile,
) -> PlacedImage | None:
    """The side that an image shows at a resolution, as well as it fits."""
    best: PlacedImage | None = None
    work = prepare(image, dpi)
    for guess in _guesses(work, sides):
        registration = fit_page(work, guess, guess.side, profile)
        if registration is None:
            continue
        if best is None or registration.agreeing > best.registration.agreeing:
            best = PlacedImage(scan, work, registration, detail_source(image.grey, dpi[0]))
        if registration.agreeing > _CERTAIN_AGREEING:
            break
    return best


def _guesses(work: WorkImage, sides: list[CompiledSide]) -> Iterator[CoarseFit]:
    """Places worth fitting: the likeliest at once, then, of all others, those that fit best."""
    others = []
    likely = 0
    for fit in find_page(work, sides):
        if likely < _TRIED_FITS and fit.score >= _LIKELY_COARSE_SCORE:
            likely += 1
            yield fit
        elif fit.score >= _MIN_COARSE_SCORE:
            others.append(fit)
    yield from sorted(others, key=lambda f: -f.score)[:_TRIED_OTHERS]


def _resolutions(image: ScanImage, sides: list[CompiledSide]) -> list[tuple[float, float]]:
    """Resolutions worth trying: the one stated, then those at which the image is a whole page."""
    tries = [image.dpi] if image.dpi is not None else []
    height, width = image.grey.shape
    for size in dict.fromkeys((round(s.size_mm[0], 1), round(s.size_mm[1], 1)) for s in sides):
        across, down = width / size[0] * MM_PER_INCH, height / size[1] * MM_PER_INCH
        if abs(across / down - 1) < 0.12:
            both = (across + down) / 2
            if all(abs(both / known[0] - 1) > 0.01 for known in tries):
                tries.append((both, both))
    return tries


def placed_as(placed: PlacedImage, side: CompiledSide, profile: Profile) -> PlacedImage | None:
    """The same image laid onto another ballot's side, from where it lies now."""
    if side is placed.registration.side:
        return placed
    guess = CoarseFit(side, placed.registration.upside_down, 1.0, placed.registration.mm_to_scan)
    registration = fit_page(placed.work, guess, side, profile)
    if registration is None:
        return None
    return PlacedImage(placed.scan, placed.work, registration, placed.source)
