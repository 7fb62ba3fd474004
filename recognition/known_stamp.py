"""A stamp that is known from other sheets of the same count, found again on this one.

The ballots of a count carry the same few stamps. Where one of them lies on a sheet its picture does,
turned and shifted as a whole, so that even a part of it, or a faint impression, is told from everything
that a voter can write: every letter must stand where the known stamp has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from ballot.geometry import Box
from recognition.count_stamps import KnownStamp
from recognition.geometry import MM_PER_INCH, GreyImage, Mask
from recognition.ink import grown
from recognition.profile import Profile
from recognition.reference import PAGE_DPI
from recognition.stamp_search import Place, rough_places
from recognition.stamp_turns import Darkness, Matrix, halved, window_sums

_PX_PER_MM = PAGE_DPI / MM_PER_INCH
_FINE_STEP_DEG, _FINE_SPAN_DEG, _FINE_SHIFT_PX, _LAST_SHIFT_PX = 0.75, 3.0, 6, 2
_TILE_PX, _TILE_SHIFT_PX = 18, 2
"""Pieces of 4.6 mm, a letter or two, may lie half a millimetre off: rubber and paper give way."""

_MIN_CORNER, _MIN_TILE_INK = 0.12, 0.06
_ALIKE = 0.7
"""From this correlation on a piece of the page shows the same letters,"""

_ALIKE_DETAIL, _DETAIL_PX = 0.6, 2.0
"""if its detail finer than half a millimetre does so too. The dark strip beside the paper correlates with a
line of letters by 0.7 and more, as any thick line may; its detail by 0.37 at the median, 0.67 at most.
That of stamps does by 0.85 and more at the median, and hardly one of their pieces is lost by it."""

_LEAST_CONTRAST_GREY = 15
"""A piece of mere paper correlates with anything."""

_UNLIKE, _UNLIKE_CONTRAST_GREY = 0.3, 60
"""With strong ink and less correlation than this a piece of the page shows other letters."""

_CRISP = 0.9
"""Where half of the strong ink correlates by so much the impression is crisp, and what does not is other ink:
letters of another office, or writing over the stamp. A doubled or smeared impression seldom is."""

_MOST_PRINT_SHARE = 0.04
"""Over the blank's own print a stamp is not all seen."""

_EVEN = 1e-3
_INK_GREY, _OWN_GREY = 76, 38
_CLEAR_SHARE = 0.9
_BOUNCE_PX, _SEEN_GREY = 13, 24
_LEAST_BESIDE_SHARE, _BOUNCED_SHARE, _BOUNCED_MORE = 0.15, 0.7, 0.2
_CLEAR_SPREAD_MM, _SPREAD_MM, _MARGIN_MM = 0.6, 1.2, 1.0


@dataclass(frozen=True)
class StampMatch:
    """A known stamp laid onto a page.

    Attributes:
        to_page: From pixels of the stamp's picture to pixels of the page, shape (2, 3).
        alike: Pieces of its print that the page shows at their place, of
        pieces: so many.
        against: Pieces at whose place the page has ink that is something else.
        differing: Pieces of a crisp impression at whose place the page has strong ink that is not alike.
        bilevel: Whether the scan is black and white, where a threshold breaks letters of uneven ink.
    """

    stamp: KnownStamp
    to_page: Matrix
    alike: int
    pieces: int
    against: int = 0
    differing: int = 0
    bilevel: bool = False

    def is_proof(self, profile: Profile) -> bool:
        """Whether so much of the stamp lies where it must that it can be nothing else."""
        least = max(profile.known_stamp_pieces, profile.known_stamp_share * self.pieces)
        return self.alike >= least

    def is_contradicted(self, profile: Profile) -> bool:
        """Whether other letters stand where some of its own must: a stamp that has only a line in common.

        A stamp that came out in part, faint, doubled or smeared has no ink, or its own, at those places.
        """
        is_other = self.has_other_ink(profile) and not self.bilevel
        return is_other or self.against > profile.known_stamp_against_share * self.pieces

    def has_other_ink(self, profile: Profile) -> bool:
        """Whether a crisp impression has other ink than its own: letters of another office, or writing.

        In black and white it may be its own letters, broken.
        """
        return self.differing > profile.known_stamp_differing_share * self.pieces

    def is_there(self, profile: Profile) -> bool:
        """Whether the stamp, or a part of it, lies here, and no other that is like it in part."""
        return self.is_proof(profile) and not self.is_contradicted(profile)

    @property
    def share(self) -> float:
        """How much of it the page shows at its place."""
        return self.alike / max(1, self.pieces)

    @property
    def is_clear(self) -> bool:
        """Whether all of it came out, nowhere doubled or smeared."""
        return self.share >= _CLEAR_SHARE

    def ink(self, shape: tuple[int, int], crisp: bool = False) -> Mask:
        """Where its own ink lies on a page of that shape, blots and slips of the hand allowed for.

        Args:
            crisp: Whether it came out crisp, though not all of it clear.
        """
        picture = self._on_page((self.stamp.picture > _OWN_GREY).astype(np.uint8) * 255, shape)
        return grown_near(picture > 127, _CLEAR_SPREAD_MM if self.is_clear or crisp else _SPREAD_MM)

    def area(self, shape: tuple[int, int]) -> Mask:
        """The stamp as a whole on a page of that shape."""
        return grown_near(self._on_page(np.full_like(self.stamp.picture, 255), shape) > 127, _MARGIN_MM)

    def box(self) -> Box:
        """Around it, page mm."""
        height, width = self.stamp.picture.shape
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
        at_mm = (corners @ self.to_page[:, :2].T + self.to_page[:, 2]) / _PX_PER_MM
        (left, top), (right, bottom) = at_mm.min(axis=0), at_mm.max(axis=0)
        return Box(float(left), float(top), float(right - left), float(bottom - top))

    def _on_page(self, picture: GreyImage, shape: tuple[int, int]) -> GreyImage:
        return np.asarray(cv2.warpAffine(picture, self.to_page, shape[::-1]), np.uint8)


def find_known(
    darker: GreyImage,
    place: Place,
    stamps: tuple[KnownStamp, ...],
    printed: Mask | None = None,
    bilevel: bool = False,
) -> Iterator[StampMatch]:
    """Lays known stamps onto the ink of one part of a page as well as it can be, the likeliest first.

    A stamp that has more ink than there is at that place is left out.

    Args:
        darker: By how much each pixel of a page is darker than its blank can be, at `PAGE_DPI`.
        place: Rows and columns that the ink in question takes up.
        printed: Where the blank has print, same shape; nowhere by default.
        bilevel: Whether the scan is black and white.
    """
    for stamp, rough in rough_places(darker, place, stamps):
        matrix = _fine(darker, stamp, rough)
        yield StampMatch(stamp, matrix, *_alike(darker, printed, stamp, matrix), bilevel)


def set_off(
    darker: GreyImage, place: Place, stamp: KnownStamp, printed: Mask | None = None, bilevel: bool = False
) -> StampMatch | None:
    """A stamp reversed, as it comes off, while it is wet, on a ballot that lies on it; as `find_known`."""
    return next(find_known(darker, place, (stamp.mirrored(),), printed, bilevel), None)


def grown_near(mask: Mask, margin_mm: float) -> Mask:
    """A small part of a page with so much more around it: as `grown`, without looking at all the page."""
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    found = np.zeros_like(mask)
    if width:
        reach = round(margin_mm * _PX_PER_MM)
        rows = slice(max(0, top - reach), top + height + reach)
        cols = slice(max(0, left - reach), left + width + reach)
        found[rows, cols] = grown(mask[rows, cols], margin_mm)
    return found


def second_impression(darker: GreyImage, match: StampMatch) -> StampMatch | None:
    """The same stamp once more, a little aside, as it comes when the hand bounces; None when there is none.

    Most of what the second one has beside the first must be there: writing beside a stamp is not.
    """
    picture, around = match.stamp.picture, _BOUNCE_PX
    shown = laid_back(darker, match.to_page, picture.shape, around) > _SEEN_GREY
    first = np.pad(grown(picture > _OWN_GREY, _CLEAR_SPREAD_MM), around)
    ink = (picture > _INK_GREY).astype(np.float32)
    free = (~first).astype(np.float32)
    seen = cv2.matchTemplate((shown & ~first).astype(np.float32), ink, cv2.TM_CCORR)
    beside = cv2.matchTemplate(free, ink, cv2.TM_CCORR)
    enough = beside >= _LEAST_BESIDE_SHARE * float(ink.sum())
    share = np.where(enough, seen / np.maximum(beside, 1), 0.0)
    _, best, _, (x, y) = cv2.minMaxLoc(share)
    # On soiled or dark paper every place would do.
    if best < _BOUNCED_SHARE or best - float(np.median(share[enough])) < _BOUNCED_MORE:
        return None
    moved = match.to_page.copy()
    moved[:, 2] += match.to_page[:, :2] @ np.array([x - around, y - around])
    return replace(match, to_page=moved)


def _fine(darker: GreyImage, stamp: KnownStamp, rough: Matrix) -> Matrix:
    """The best small turn from the rough place and the best shift.

    Every second turn is tried at half the resolution, and the best and its neighbours at the page's own.
    """
    small = _halved_picture(stamp.picture.tobytes(), stamp.picture.shape)
    page, corner = _halved_around(darker, rough, stamp.picture.shape)
    reach = _FINE_SHIFT_PX // 2
    coarse = []
    for turn in np.arange(-_FINE_SPAN_DEG, _FINE_SPAN_DEG + 0.01, 2 * _FINE_STEP_DEG):
        matrix = _turned_by(rough, stamp, float(turn))
        # The middle of a pixel of the smaller picture lies between four of the larger one.
        halved = matrix.copy()
        halved[:, 2] = (matrix[:, :2] @ np.array([0.5, 0.5]) + matrix[:, 2] - 0.5 - corner) / 2
        score, shift = _best_shift(page, small, halved, reach)
        coarse.append((score, float(turn), 2 * shift))
    _, middle, shift = max(coarse, key=lambda found: found[0])
    fine = []
    for turn in (middle - _FINE_STEP_DEG, middle, middle + _FINE_STEP_DEG):
        matrix = _turned_by(rough, stamp, turn)
        matrix[:, 2] += matrix[:, :2] @ shift
        score, rest = _best_shift(darker, stamp.picture.astype(np.float32), matrix, _LAST_SHIFT_PX)
        matrix[:, 2] += matrix[:, :2] @ rest
        fine.append((score, matrix))
    return max(fine, key=lambda found: found[0])[1]


def _turned_by(rough: Matrix, stamp: KnownStamp, turn_deg: float) -> Matrix:
    height, width = stamp.picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), turn_deg, 1.0)
    return np.asarray(np.c_[rough[:, :2] @ turn[:, :2], rough[:, :2] @ turn[:, 2] + rough[:, 2]])


def _best_shift(
    darker: GreyImage, picture: Darkness, matrix: Matrix, reach: int
) -> tuple[float, npt.NDArray[np.float64]]:
    """The best correlation of a picture with a page, and how far along and down the picture it is."""
    shown = laid_back(darker, matrix, picture.shape, reach)
    scores = cv2.matchTemplate(shown, picture, cv2.TM_CCOEFF_NORMED)
    _, score, _, (x, y) = cv2.minMaxLoc(scores)
    return float(score), np.array([x - reach, y - reach], np.float64)


def _halved_around(
    darker: GreyImage, matrix: Matrix, shape: tuple[int, int]
) -> tuple[GreyImage, npt.NDArray[np.float64]]:
    """The page around a stamp's place at half its resolution, and the column and row of its corner."""
    height, width = shape
    middle = matrix[:, :2] @ np.array([width / 2, height / 2]) + matrix[:, 2]
    reach = int(np.hypot(height, width) / 2) + 2 * _FINE_SHIFT_PX
    left, top = (max(0, int(at) - reach) for at in middle)
    right, bottom = (max(first + 2, int(at) + reach) for first, at in zip((left, top), middle, strict=True))
    piece = darker[top:bottom, left:right]
    even = piece[: piece.shape[0] // 2 * 2, : piece.shape[1] // 2 * 2]
    half = cv2.resize(even, (even.shape[1] // 2, even.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(half, np.uint8), np.array([left, top], np.float64)


@lru_cache(maxsize=16)
def _halved_picture(data: bytes, shape: tuple[int, int]) -> Darkness:
    return halved(np.frombuffer(data, np.uint8).reshape(shape).astype(np.float32))


def laid_back(darker: GreyImage, matrix: Matrix, shape: tuple[int, int], around: int) -> Darkness:
    """A page as the picture of a stamp of that shape has it, with so many pixels around."""
    shifted = np.c_[matrix[:, :2], matrix[:, 2] - matrix[:, :2] @ np.array([around, around])]
    size = (shape[1] + 2 * around, shape[0] + 2 * around)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(darker, shifted, size, flags=flags), np.float32)


@dataclass(frozen=True)
class _Pieces:
    """The pieces of a stamp, in rows and columns of half their size.

    Attributes:
        picture: As much of the stamp as the pieces cover.
        rows: Which rows of it each row of pieces has, a row each,
        cols: and which columns each column of pieces has, a column each.
        sums: Darkness of each piece, and
        spread: how much it varies within the piece: the sum of squares about the mean.
        telling: Which of them can be nothing else.
    """

    picture: Darkness
    rows: Darkness
    cols: Darkness
    sums: Darkness
    spread: Darkness
    telling: Mask


def _alike(
    darker: GreyImage, printed: Mask | None, stamp: KnownStamp, matrix: Matrix
) -> tuple[int, int, int, int]:
    """Pieces of the stamp's print as `StampMatch` counts them: alike, all, against and differing."""
    pieces = _telling_pieces(stamp.picture.tobytes(), stamp.picture.shape)
    if not pieces.telling.any():
        return 0, 0, 0, 0
    shown = laid_back(darker, matrix, stamp.picture.shape, _TILE_SHIFT_PX)
    best = _correlations(shown, pieces)
    contrast = _contrast(shown, best.shape)
    strong = (contrast >= _UNLIKE_CONTRAST_GREY) & pieces.telling
    other = (best < _UNLIKE) & strong
    if printed is not None:
        laid = laid_back(printed.view(np.uint8) * np.uint8(255), matrix, stamp.picture.shape, _TILE_SHIFT_PX)
        strong &= _share_of_print(laid, best.shape) <= _MOST_PRINT_SHARE
    is_crisp = strong.any() and float(np.median(best[strong])) >= _CRISP
    differing = int((best[strong] < _ALIKE).sum()) if is_crisp else 0
    seen = (best >= _ALIKE) & (contrast >= _LEAST_CONTRAST_GREY) & pieces.telling
    if seen.any():
        details = _telling_pieces(stamp.picture.tobytes(), stamp.picture.shape, detail=True)
        seen &= _correlations(_detail(shown), details) >= _ALIKE_DETAIL
    return int(seen.sum()), int(pieces.telling.sum()), int(other.sum()), differing


def _correlations(shown: Darkness, pieces: _Pieces) -> npt.NDArray[np.float64]:
    """Of each piece with the page, in the best place within its reach."""
    height, width = pieces.picture.shape
    down, along = pieces.sums.shape
    step, area, shifts = _TILE_PX // 2, _TILE_PX * _TILE_PX, 2 * _TILE_SHIFT_PX + 1
    sums, squares = window_sums(shown, _TILE_PX)
    best = np.full(pieces.sums.shape, -1.0)
    for y, x in np.ndindex(shifts, shifts):
        product = pieces.rows @ (shown[y : y + height, x : x + width] * pieces.picture) @ pieces.cols
        at = slice(y, y + step * down, step), slice(x, x + step * along, step)
        spread = (squares[at] - sums[at] * sums[at] / area) * pieces.spread
        best = np.maximum(
            best, (product - sums[at] * pieces.sums / area) / np.sqrt(np.maximum(spread, _EVEN))
        )
    return np.asarray(best)


def _contrast(shown: Darkness, shape: tuple[int, ...]) -> Darkness:
    """The greatest less the least darkness where each piece may lie."""
    reach = _TILE_PX + 2 * _TILE_SHIFT_PX
    around = np.ones((reach, reach), np.uint8)
    ranges = cv2.dilate(shown, around, anchor=(0, 0)) - cv2.erode(shown, around, anchor=(0, 0))
    step = _TILE_PX // 2
    return np.asarray(ranges[: step * shape[0] : step, : step * shape[1] : step], np.float32)


def _share_of_print(printed: Darkness, shape: tuple[int, ...]) -> Darkness:
    """How much of where each piece may lie the blank has printed."""
    reach = (_TILE_PX + 2 * _TILE_SHIFT_PX,) * 2
    share = cv2.boxFilter((printed > _OWN_GREY).astype(np.float32), -1, reach, anchor=(0, 0))
    step = _TILE_PX // 2
    return np.asarray(share[: step * shape[0] : step, : step * shape[1] : step], np.float32)


def _detail(picture: Darkness) -> Darkness:
    return np.asarray(picture - cv2.GaussianBlur(picture, (0, 0), _DETAIL_PX), np.float32)


@lru_cache(maxsize=32)
def _telling_pieces(data: bytes, shape: tuple[int, int], detail: bool = False) -> _Pieces:
    picture = np.frombuffer(data, np.uint8).reshape(shape).astype(np.float32)
    step = _TILE_PX // 2
    down, along = (max(0, (length - _TILE_PX) // step + 1) for length in shape)
    picture = np.ascontiguousarray(picture[: step * (down + 1), : step * (along + 1)])
    rows, cols = _members(down, picture.shape[0]), _members(along, picture.shape[1]).T
    told = [
        [_is_telling(picture[y : y + _TILE_PX, x : x + _TILE_PX]) for x in range(0, step * along, step)]
        for y in range(0, step * down, step)
    ]
    if detail:
        picture = _detail(picture)
    sums = np.asarray(rows @ picture @ cols, np.float32)
    spread = rows @ (picture * picture) @ cols - sums * sums / (_TILE_PX * _TILE_PX)
    return _Pieces(
        picture,
        rows,
        cols,
        sums,
        np.asarray(spread, np.float32),
        np.array(told, bool).reshape(down, along),
    )


def _members(count: int, length: int) -> Darkness:
    """Which of so many pixels belong to each of the pieces in a row, one row of the matrix a piece."""
    first = np.arange(count)[:, None] * (_TILE_PX // 2)
    at = np.arange(length)
    return np.asarray((at >= first) & (at < first + _TILE_PX), np.float32)


def _is_telling(piece: Darkness) -> bool:
    """Whether a piece shows more than a straight line: letters, not the side of a frame."""
    if float((piece > _INK_GREY).mean()) < _MIN_TILE_INK:
        return False
    gx, gy = cv2.Sobel(piece, cv2.CV_32F, 1, 0), cv2.Sobel(piece, cv2.CV_32F, 0, 1)
    xx, yy, xy = float((gx * gx).sum()), float((gy * gy).sum()), float((gx * gy).sum())
    root = float(np.hypot(xx - yy, 2 * xy))
    return xx + yy > 0 and (xx + yy - root) / (xx + yy + root) >= _MIN_CORNER
