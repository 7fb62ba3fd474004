"""The official stamps of a count, as its first sheets taught them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from recognition.geometry import GreyImage


@dataclass(frozen=True)
class KnownStamp:
    """A stamp of the count.

    Attributes:
        picture: How much darker than paper it is, upright as it was first seen, 0 to 255, at `PAGE_DPI`.
        sheets: On how many sheets it was found before.
    """

    picture: GreyImage
    sheets: int

    def mirrored(self) -> KnownStamp:
        """What it leaves, while it is wet, on a ballot that lies on it."""
        return KnownStamp(np.ascontiguousarray(self.picture[:, ::-1]), self.sheets)


@dataclass(frozen=True)
class CountStamps:
    """The stamps of a count.

    Attributes:
        known: Those that several sheets showed, the most frequent first.
        complete: Whether hardly a sheet showed another one.
    """

    known: tuple[KnownStamp, ...] = ()
    complete: bool = False


NO_STAMPS = CountStamps()
