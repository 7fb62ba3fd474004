"""Files and folders of scans as sheets of two sides; nothing that went in is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ballot.errors import ScanSourceError
from ballot.sheet import SheetScan
from scanner.files import IgnoredFile, find_files
from scanner.page_series import PairedSheet
from scanner.pages import PageLoader, ScanFile, inspect
from scanner.pairing import PageName, pair_pages


@dataclass(frozen=True, slots=True)
class ScanPlan:
    """What will be read, known before the first page is loaded.

    Attributes:
        pages: Every page as (file, page from 0), in order.
        sheets: Front and back, or a lone page, as indices into `pages`.
        ignored: Files in the folders that neither are scans nor call themselves so.
    """

    pages: tuple[tuple[ScanFile, int], ...]
    sheets: tuple[PairedSheet, ...]
    ignored: tuple[IgnoredFile, ...]

    def __iter__(self) -> Iterator[SheetScan]:
        """Loads the sheets one after another, so that memory holds only a few."""
        with PageLoader() as loader:
            for sheet in self.sheets:
                back = None if sheet.back is None else loader.load(*self.pages[sheet.back])
                yield SheetScan(loader.load(*self.pages[sheet.front]), back)

    def __len__(self) -> int:
        return len(self.sheets)


def plan_sheets(paths: Sequence[Path]) -> ScanPlan:
    """Finds and pairs all pages under `paths` by the rules of `scanner.pairing`.

    Raises:
        ScanSourceError: A path does not exist, or a folder cannot be opened.
    """
    found, ignored = find_files(paths)
    pages: list[tuple[ScanFile, int]] = []
    names: list[PageName] = []
    for file in found:
        scan = inspect(file.path, file.name)
        for index in range(scan.page_count):
            pages.append((scan, index))
            names.append(PageName(PurePosixPath(file.path.name).stem, file.group, scan.page_count, index))
    return ScanPlan(tuple(pages), tuple(pair_pages(names)), tuple(ignored))


def pages_since(plan: ScanPlan, paths: Sequence[Path]) -> int:
    """How many pages lie under `paths` now that were not there when they were planned."""
    try:
        now = plan_sheets(paths)
    except ScanSourceError:
        return 0  # moved away since: what was planned has been loaded, or reported page by page
    known = {(file.path, index) for file, index in plan.pages}
    return sum((file.path, index) not in known for file, index in now.pages)


def iter_sheets(paths: Sequence[Path]) -> Iterator[SheetScan]:
    """The sheets of files and folders of scans, loaded one at a time.

    A page that cannot be read is delivered all the same, with `PageImage.problem` saying why.

    Raises:
        ScanSourceError: A path does not exist, or a folder cannot be opened; before the first sheet.
    """
    return iter(plan_sheets(paths))
