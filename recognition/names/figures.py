"""The figures of the name reader's calibration."""

from __future__ import annotations

from recognition.names.confidence import Calibration

DEFAULT_CALIBRATION = Calibration("unfitted", (0.0,) * 23, 0.1, (), "nothing")
