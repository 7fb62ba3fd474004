"""One file of scans: how many pages it has, and each page as an image file."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from types import TracebackType

from ballot.sheet import PageImage
from scanner.files import as_text
from scanner.formats import SNIFF_BYTES, FileFormat, sniff
from scanner.jpeg import check_jpeg
from scanner.limits import MAX_IMAGE_BYTES, MAX_PAGES_PER_FILE, UnreadablePageError
from scanner.pdf import PdfReader
from scanner.png import check_png
from scanner.tiff import Directory, TiffReader


@dataclass(frozen=True, slots=True)
class ScanFile:
    """A file of scans.

    Attributes:
        path: Where it is.
        name: What the operator knows it by.
        page_count: How many pages it holds, 1 also when that cannot be told.
        format: None when the file is none of the formats that are read.
        problem: Why nothing can be read from it, else empty.
    """

    path: Path
    name: str
    page_count: int = 1
    format: FileFormat | None = None
    problem: str = ""


def inspect(path: Path, name: str) -> ScanFile:
    """Looks into a file without decoding: its format and how many pages it has.

    Never raises for what is wrong with the file: that becomes `ScanFile.problem`.
    """
    file_format: FileFormat | None = None
    try:
        if not path.is_file():
            raise UnreadablePageError("it is not a file that can be opened")
        with path.open("rb") as file:
            head = file.read(SNIFF_BYTES)
            file_format = sniff(head)
            if not head:
                raise UnreadablePageError("the file is empty")
            if file_format is None:
                raise UnreadablePageError("it is not a JPEG, PNG, TIFF or PDF file")
            page_count = 1
            if file_format is FileFormat.TIFF:
                page_count = len(TiffReader(file).pages())
        if file_format is FileFormat.PDF:
            page_count = _pdf_page_count(path)
        return ScanFile(path, name, page_count, file_format)
    except OSError as error:
        return ScanFile(path, name, 1, file_format, f"the file cannot be read ({error.strerror or error})")
    except UnreadablePageError as problem:
        return ScanFile(path, name, 1, file_format, str(problem))


def _pdf_page_count(path: Path) -> int:
    with PdfReader(path) as pdf:
        if pdf.page_count > MAX_PAGES_PER_FILE:
            raise UnreadablePageError(
                f"the PDF claims {pdf.page_count} pages, the limit is {MAX_PAGES_PER_FILE}"
            )
        return pdf.page_count + bool(pdf.damage) or 1


class PageLoader(AbstractContextManager["PageLoader"]):
    """Takes pages out of files; keeps the last one open, since its pages come one after another."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._path: Path | None = None
        self._pdf: PdfReader | None = None
        self._tiff: TiffReader | None = None
        self._directories: list[Directory | UnreadablePageError] = []
        self._told: tuple[Path | None, str] = None, ""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def load(self, file: ScanFile, index: int) -> PageImage:
        """Page `index` (from 0) of a file. What is wrong with it is told in `problem`, never raised."""
        name = file.name if file.page_count == 1 else f"{file.name}#{index + 1}"
        if file.problem:
            return self._unreadable(file, name, file.problem)
        try:
            return PageImage(name, self._bytes(file, index))
        except OSError as error:
            return self._unreadable(file, name, f"the file cannot be read ({error.strerror or error})")
        except UnreadablePageError as problem:
            return self._unreadable(file, name, str(problem))

    def _unreadable(self, file: ScanFile, name: str, problem: str) -> PageImage:
        """A page that nothing could be taken from; the problem also says which file it was.

        Two ballots may come in files of one name, and both damaged: by name and problem alone one would
        pass for the other, and be lost.
        """
        if self._told[0] != file.path:
            self._told = file.path, _which(file.path)
        return PageImage(name, b"", f"{problem} ({self._told[1]})")

    def _bytes(self, file: ScanFile, index: int) -> bytes:
        if index == file.page_count - 1:
            _check_not_grown(file)
        if file.format is FileFormat.PDF or file.page_count > 1:
            self._open(file)
            return self._page_of_many(index)
        data = _read_whole(file.path)
        if file.format is FileFormat.JPEG:
            check_jpeg(data)
        elif file.format is FileFormat.PNG:
            check_png(data)
        else:
            self._open(file)
            return self._sole_tiff_page(data)
        return data

    def _open(self, file: ScanFile) -> None:
        if self._path == file.path:
            return
        self._stack.close()
        self._path, self._pdf, self._tiff = None, None, None
        if file.format is FileFormat.PDF:
            self._pdf = self._stack.enter_context(PdfReader(file.path))
        else:
            self._tiff = TiffReader(self._stack.enter_context(file.path.open("rb")))
            self._directories = self._tiff.pages()
        self._path = file.path

    def _page_of_many(self, index: int) -> bytes:
        if self._pdf is not None:
            if index >= self._pdf.page_count:
                raise UnreadablePageError(self._pdf.damage or "the PDF holds no page")
            return self._pdf.page(index)
        reader, page = self._tiff_page(index)
        return reader.single_page(page)

    def _sole_tiff_page(self, data: bytes) -> bytes:
        """The whole file, byte for byte; a file with a thumbnail beside its page loses the thumbnail."""
        reader, page = self._tiff_page(0)
        reader.check(page)
        return data if reader.image_count == 1 else reader.single_page(page)

    def _tiff_page(self, index: int) -> tuple[TiffReader, Directory]:
        if self._tiff is None or index >= len(self._directories):
            raise UnreadablePageError("the file changed while it was read")
        page = self._directories[index]
        if isinstance(page, UnreadablePageError):
            raise page
        return self._tiff, page


def _check_not_grown(file: ScanFile) -> None:
    """Refuses the last page of a file that has more of them by now: it was still being written.

    Raises:
        UnreadablePageError: Nobody would miss the pages that came later.
    """
    if file.format not in (FileFormat.TIFF, FileFormat.PDF):
        return
    now = inspect(file.path, file.name).page_count
    if now > file.page_count:
        raise UnreadablePageError(
            f"the file had {file.page_count} pages when the scan began and has {now} now: it was still being "
            "written; scan it again"
        )


def _which(path: Path) -> str:
    """What tells a damaged file from another of its name: its content, when it was written, or its place."""
    try:
        size, written_ns = path.stat().st_size, path.stat().st_mtime_ns
    except OSError:
        return f"not to be opened: {as_text(os.path.realpath(path))}"
    at = datetime.fromtimestamp(written_ns / 1e9, UTC)
    written = f"written {at:%Y-%m-%d %H:%M:%S}.{written_ns % 10**9 // 1000:06d} UTC"
    if not size:
        return written
    try:
        with path.open("rb") as data:
            return f"{size:,} bytes, checksum {file_digest(data, 'sha256').hexdigest()[:16]}"
    except OSError:
        return f"not to be opened: {size:,} bytes, {written}"


def _read_whole(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MAX_IMAGE_BYTES:
        raise UnreadablePageError(
            f"the file is {size >> 20} MiB, the limit for one image is {MAX_IMAGE_BYTES >> 20} MiB"
        )
    data = path.read_bytes()
    if not data:
        raise UnreadablePageError("the file is empty")
    return data
