"""Every threshold of the reader, with its unit and reason. The one place for reading policy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """Decision thresholds of the reader, fitted by `calibration` and stored by version."""

    version: str = "default-1"


DEFAULT_PROFILE = Profile()
