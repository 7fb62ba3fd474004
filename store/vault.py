"""The image vault: files named by the SHA-256 of their bytes, written once, never changed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ballot.errors import StationError


def sha256(data: bytes) -> str:
    """The name of these bytes in a vault: 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


class ImageVault:
    """A folder of write-once files.

    A file appears under its name only when all its bytes are on disk, so a run that is killed
    at any point leaves whole files and, at worst, a temporary one that nothing refers to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._temporary = folder / "tmp"

    def create(self) -> None:
        """Makes the empty vault."""
        self._temporary.mkdir(parents=True, exist_ok=True)

    def put(self, data: bytes) -> str:
        """Keeps bytes and returns their SHA-256. The same bytes twice are kept once.

        Raises:
            StationError: The vault cannot be written, or holds other bytes under this name.
        """
        name = sha256(data)
        path = self.path(name)
        try:
            if path.exists():
                self.get(name)
            else:
                self._write(data, path)
        except OSError as error:
            raise StationError(
                f"The image vault {self._folder} cannot be written: {error}.",
                "The sheet was not taken in. Make room on the disk or fix its rights and scan again: "
                "sheets already taken in are not doubled.",
            ) from error
        return name

    def get(self, name: str) -> bytes:
        """The bytes of a file, checked against its name.

        Raises:
            StationError: The file is missing or its bytes have changed.
        """
        path = self.path(name)
        remedy = "Restore the station's vault from a copy, or scan the sheet again."
        try:
            data = path.read_bytes()
        except OSError as error:
            raise StationError(f"Image {name[:12]}… is missing from the vault: {error}.", remedy) from error
        if sha256(data) != name:
            raise StationError(f"Image {path} has changed since it was scanned.", remedy)
        return data

    def path(self, name: str) -> Path:
        """Where the file of this name lies, or would lie."""
        return self._folder / name[:2] / name

    def names(self) -> Iterator[str]:
        """Every file in the vault."""
        for folder in sorted(self._folder.iterdir()):
            if folder.is_dir() and folder != self._temporary:
                yield from sorted(path.name for path in folder.iterdir())

    def _write(self, data: bytes, path: Path) -> None:
        descriptor, temporary = tempfile.mkstemp(dir=self._temporary)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o444)
            path.parent.mkdir(exist_ok=True)
            Path(temporary).rename(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        for folder in (path.parent, self._folder):
            _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """Makes a rename durable. Not every system lets a folder be opened; those need no sync."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
