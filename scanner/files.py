"""Finding the files of scans in what the user named: files and folders, in natural order."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ballot.errors import ScanSourceError
from scanner.formats import SNIFF_BYTES, promises_scan, sniff

NaturalKey = tuple[tuple[int, int, str], ...]

_DIGITS = re.compile(r"([0-9]+)")
_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini"})


def natural_key(name: str) -> NaturalKey:
    """Sorts as people count: ``scan2`` before ``scan10``, capitals beside small letters.

    Names that differ only in capitals or leading zeros still have an order, so that sorting
    the same names always gives the same result.
    """
    parts = _DIGITS.split(name.casefold())
    key = [(1, int(part), "") if index % 2 else (0, 0, part) for index, part in enumerate(parts)]
    return (*key, (-1, 0, name))


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to be read.

    Attributes:
        name: Relative to the folder the user named, or the file's own name.
        group: Pages pair only within a group: one folder, or the files named one by one.
    """

    path: Path
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class IgnoredFile:
    """A file that was passed over, and why. Always shown to the user."""

    path: Path
    reason: str


@dataclass(slots=True)
class _Search:
    found: list[FoundFile] = field(default_factory=list)
    ignored: list[IgnoredFile] = field(default_factory=list)
    seen: dict[tuple[int, int], Path] = field(default_factory=dict)

    def already(self, path: Path) -> bool:
        """Whether this very file or folder was met before, by another name or link."""
        try:
            info = path.stat()
        except OSError:
            return False  # a dangling link is met once, and reported when it is opened
        identity = (info.st_dev, info.st_ino)
        if identity in self.seen:
            self.ignored.append(IgnoredFile(path, f"the same as {self.seen[identity]}"))
            return True
        self.seen[identity] = path
        return False

    def add(self, path: Path, name: str, group: str) -> None:
        if not self.already(path):
            self.found.append(FoundFile(path, as_text(name), group))

    def walk(self, folder: Path, prefix: str, group: str) -> None:
        if self.already(folder):
            return
        try:
            entries = sorted((path.name for path in folder.iterdir()), key=natural_key)
        except OSError as error:
            raise ScanSourceError(
                f"The folder {folder} cannot be opened ({error.strerror or error}). No sheet was read.",
                "Make it readable and run the command again.",
            ) from error
        folders = [entry for entry in entries if (folder / entry).is_dir()]
        for entry in entries:
            path = folder / entry
            if entry.startswith(".") or entry.casefold() in _SYSTEM_FILES:
                self.ignored.append(IgnoredFile(path, "hidden or system file"))
            elif entry not in folders:
                reason = _reason_to_ignore(path)
                if reason:
                    self.ignored.append(IgnoredFile(path, reason))
                else:
                    self.add(path, prefix + entry, group)
        for entry in folders:
            if not entry.startswith("."):
                self.walk(folder / entry, f"{prefix}{entry}/", str(folder / entry))


def as_text(name: str) -> str:
    """A name that can be stored and printed: bytes that are not UTF-8 are spelt out, as ``K\\xe5.jpg``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _reason_to_ignore(path: Path) -> str:
    """Only what neither is a scan nor calls itself one may be passed over.

    A file that is there and cannot be opened may be a scan, whatever it is called: it becomes a page with
    that problem.
    """
    if promises_scan(path.suffix):
        return ""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return "not a regular file"
        with path.open("rb") as file:
            return "" if sniff(file.read(SNIFF_BYTES)) is not None else "not an image or PDF"
    except FileNotFoundError as error:
        return f"cannot be opened ({error.strerror or error})"
    except OSError:
        return ""


def _in_counting_order(paths: Sequence[Path]) -> list[Path]:
    """Files named one by one keep their order, unless it is the alphabetical one of a shell's pattern."""
    names = [str(path) for path in paths]
    if names in (sorted(names), sorted(names, key=str.casefold)):
        return sorted(paths, key=lambda path: natural_key(str(path)))
    return list(paths)


def find_files(paths: Sequence[Path]) -> tuple[list[FoundFile], list[IgnoredFile]]:
    """The files to read, in order, and those passed over.

    Folders are searched with all their subfolders: a folder's own files first, then its
    subfolders, both in natural order. A file met twice, also through a link, is taken once.

    Raises:
        ScanSourceError: A path does not exist, or a folder cannot be opened. Nothing is read then.
    """
    for path in paths:
        try:
            missing = not path.is_symlink() and not path.exists()
        except OSError as error:
            raise ScanSourceError(
                f"{path} cannot be opened ({error.strerror or error}). No sheet was read.",
                "Check its name and rights and run the command again.",
            ) from error
        if missing:
            raise ScanSourceError(
                f"There is no file or folder {path}. No sheet was read.",
                "Check the name and run the command again.",
            )
    search = _Search()
    position = 0
    while position < len(paths):
        path = paths[position]
        if path.is_dir():
            search.walk(path, "", str(path))
            position += 1
            continue
        run = position
        while run < len(paths) and not paths[run].is_dir():
            run += 1
        for file in _in_counting_order(paths[position:run]):
            search.add(file, file.name, f"files:{position}")
        position = run
    return _with_distinct_names(search.found), search.ignored


def _with_distinct_names(found: list[FoundFile]) -> list[FoundFile]:
    """Two files of one name, from different folders, are told apart by their full path as given."""
    counts: dict[str, int] = {}
    for file in found:
        counts[file.name] = counts.get(file.name, 0) + 1
    return [
        file if counts[file.name] == 1 else FoundFile(file.path, as_text(file.path.as_posix()), file.group)
        for file in found
    ]
