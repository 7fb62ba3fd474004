"""The errors of the program, one tree.

An exception means that the *system* could not do its work. What is wrong with a sheet is
never an exception but a `ballot.reading.Doubt` in its reading.

    ValgskannError                exit code
    ├── UsageError                2   wrong use of a command
    ├── ElectionFileError         3   the election file cannot be used
    ├── LayoutError               4   the blank ballots do not give a layout
    ├── ScanSourceError           5   a scan file or folder cannot be opened at all
    ├── CountsError               6   counts do not add up or do not fit the election
    ├── TieError                  7   a drawing of lots is needed
    ├── StationError              8   the counting station's folder or database
    ├── CalibrationError          9   a test deck or profile cannot be made or used
    └── ModelError               10   the network for handwritten names is missing or altered
"""

from __future__ import annotations


class ValgskannError(Exception):
    """Root of every error the program raises on purpose.

    Args:
        message: What happened, in one or more plain sentences.
        remedy: What the user can do now. Printed after the message.
    """

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n{self.remedy}" if self.remedy else self.message


class UsageError(ValgskannError):
    """The command was called in a way that cannot work."""

    exit_code = 2


class ElectionFileError(ValgskannError):
    """The election file is missing, malformed or contradicts itself."""

    exit_code = 3


class LayoutError(ValgskannError):
    """A layout cannot be learnt from a blank ballot, or contradicts the election file."""

    exit_code = 4


class ScanSourceError(ValgskannError):
    """A file or folder of scans cannot be opened at all."""

    exit_code = 5


class CountsError(ValgskannError):
    """Counts contradict themselves or the election."""

    exit_code = 6


class TieError(ValgskannError):
    """Equal quotients or votes that the law settles by drawing lots, and no drawing is recorded."""

    exit_code = 7


class StationError(ValgskannError):
    """The station's folder or database cannot be used as asked."""

    exit_code = 8


class CalibrationError(ValgskannError):
    """A test deck, a profile or a calibration cannot be made or used."""

    exit_code = 9


class ModelError(ValgskannError):
    """A network, for handwritten names or for marks, is missing, altered or cannot be installed."""

    exit_code = 10
