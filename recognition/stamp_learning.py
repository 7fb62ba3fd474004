"""The stamps of a count, learnt from sheets on which they were found for certain."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recognition.count_stamps import CountStamps, KnownStamp
from recognition.geometry import GreyImage
from recognition.known_stamp import StampMatch, find_known, laid_back, set_off
from recognition.profile import Profile
from recognition.stamp_search import Place
from recognition.trace import SheetTrace

LEAST_SHEETS = 3
"""A stamp is known when so many sheets show it whole. What is on fewer may be one voter's drawing, and a
stamp known in part would make writing of the rest of it on every sheet."""

_MANY = 45
"""Stamps seen, after which no more sheets are looked at. Of three stamps in turn 24 impressions (12 ballots
scanned twice) had not shown the third, which then sent every ballot that carried it to a person."""

_LEAST_SEEN, _MOST_OTHERS_SHARE, _MOST_OTHERS = 9, 0.05, 1
"""The known stamps are all there are when so many sheets show them, and of all hardly one another: of a short
run's first sheets one may be another office's. What is rarer costs a person a look at each such sheet."""

_MOST_AVERAGED = 12
_WHOLE_SHARE = 0.75
"""Of a faint impression less ink is seen than of a strong one, of half an impression half."""

_DARK_GREY, _DARK_PERCENT, _FULL_GREY = 30, 70, 180
_BEYOND_PX = 40
_BEYOND_SHARE = 0.3
"""What lies beyond the picture of one sheet is the stamp's when this share of its sheets show it: a fold or
the edge of a tint may have cut it off."""


@dataclass(slots=True)
class _Group:
    """Pictures of one stamp, each as it lay on its sheet."""

    first: KnownStamp
    pictures: list[GreyImage]

    @property
    def whole(self) -> list[GreyImage]:
        """The pictures that have about as much ink as most: others may lack a part."""
        inked_px = [_inked_px(picture) for picture in self.pictures]
        least_px = _WHOLE_SHARE * sorted(inked_px)[len(inked_px) * 3 // 4]
        return [p for p, own_px in zip(self.pictures, inked_px, strict=True) if own_px >= least_px]

    @property
    def darkness(self) -> float:
        """How dark its ink usually is."""
        return float(np.median([_usual_darkness(picture) for picture in self.pictures]))


def _usual_darkness(picture: GreyImage) -> float:
    dark = picture[picture > _DARK_GREY]
    return float(np.percentile(dark, _DARK_PERCENT)) if len(dark) else 0.0


def _inked_px(picture: GreyImage) -> int:
    return int(np.count_nonzero(picture > _DARK_GREY))


def stamp_picture(trace: SheetTrace) -> GreyImage | None:
    """The ink of the stamp that was found on a sheet; None when there is none, or only a part of it.

    Returns:
        How much darker than the blank, 0 to 255, at `PAGE_DPI`, cut out as it lies on the page.
    """
    if trace.sheet is None or trace.stamp is None or not trace.stamp.whole:
        return None
    side = next(s for s in trace.sheet.sides if s.placed.scan is trace.stamp.scan)
    ys, xs = np.nonzero(trace.stamp.own)
    darker = np.where(trace.stamp.own, side.darker, np.uint8(0))
    return np.ascontiguousarray(darker[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1])


class StampLearner:
    """Groups pictures of stamps by what they show."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._groups: list[_Group] = []

    def add(self, picture: GreyImage) -> None:
        """Adds the picture of one sheet's stamp, from `stamp_picture`."""
        place = (slice(0, picture.shape[0]), slice(0, picture.shape[1]))
        firsts = tuple(group.first for group in self._groups)
        for match in find_known(picture, place, firsts):
            if match.is_proof(self._profile) and not _is_reversed(picture, place, match):
                next(group for group in self._groups if group.first is match.stamp).pictures.append(picture)
                return
        self._groups.append(_Group(KnownStamp(picture, 1), [picture]))

    @property
    def is_settled(self) -> bool:
        """Whether more sheets would teach nothing: many were seen, and of each stamp some that are whole."""
        seen = sum(len(group.pictures) for group in self._groups)
        return seen >= _MANY and all(len(group.whole) >= LEAST_SHEETS for group in self._groups)

    def stamps(self) -> CountStamps:
        """The stamps that enough sheets show; they are all there are when hardly a sheet showed another."""
        own = [group for group in self._groups if not self._is_set_off(group)]
        known = [group for group in own if len(group.whole) >= LEAST_SHEETS]
        seen, of_known = (sum(len(g.pictures) for g in groups) for groups in (own, known))
        return CountStamps(
            tuple(_middle(group) for group in sorted(known, key=lambda g: -len(g.pictures))),
            complete=of_known >= _LEAST_SEEN
            and seen - of_known <= max(_MOST_OTHERS, _MOST_OTHERS_SHARE * seen),
        )

    def _is_set_off(self, group: _Group) -> bool:
        """Whether a group is another one reversed, and paler: what wet stamps left on the next ballots."""
        picture = group.whole[0]
        place = (slice(0, picture.shape[0]), slice(0, picture.shape[1]))
        darker = [other for other in self._groups if other.darkness > group.darkness]
        found = [set_off(picture, place, other.first) for other in darker]
        return any(match is not None and match.is_clear for match in found)


def _is_reversed(picture: GreyImage, place: Place, match: StampMatch) -> bool:
    """Whether more of a stamp is seen reversed than as it is."""
    reverse = None if match.is_clear else set_off(picture, place, match.stamp)
    return reverse is not None and reverse.share > match.share


def _middle(group: _Group) -> KnownStamp:
    """The median of a group: blots, pale places and what voters wrote beside it are on single sheets.

    All are laid onto one that has more ink than most.
    """
    used = sorted(group.whole[:_MOST_AVERAGED], key=_inked_px)
    base = KnownStamp(used[len(used) * 3 // 4], 1)
    even = []
    for picture in used:
        place = (slice(0, picture.shape[0]), slice(0, picture.shape[1]))
        match = next(find_known(picture, place, (base,)), None)
        if match is None:
            continue
        laid = laid_back(picture, match.to_page, base.picture.shape, _BEYOND_PX)
        full = _usual_darkness(picture) or 1.0
        even.append(np.clip(laid * (_FULL_GREY / full), 0, 255))
    return KnownStamp(_with_what_lies_beyond(np.stack(even)), len(group.pictures))


def _with_what_lies_beyond(pictures: npt.NDArray[np.float32]) -> GreyImage:
    """The median of pictures with `_BEYOND_PX` around, and around it what enough of them show."""
    height, width = (length - 2 * _BEYOND_PX for length in pictures.shape[1:])
    own = slice(_BEYOND_PX, _BEYOND_PX + height), slice(_BEYOND_PX, _BEYOND_PX + width)
    least = min(len(pictures), max(LEAST_SHEETS, math.ceil(_BEYOND_SHARE * len(pictures))))
    whole = np.sort(pictures, axis=0)[-least]
    whole[own] = np.median(pictures[(slice(None), *own)], axis=0)
    inked = whole > _DARK_GREY
    inked[own] = True
    ys, xs = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    return np.ascontiguousarray(whole[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]).astype(np.uint8)
