"""Finding scans in files and folders: natural order, nothing passed over in silence, nothing taken twice."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ballot.errors import ScanSourceError
from scanner.sheets import iter_sheets, pages_since, plan_sheets
from tests.scan_files import jpeg, multipage_tiff


def names(*paths: Path) -> list[tuple[str, str | None]]:
    return [(s.front.name, s.back.name if s.back else None) for s in plan_sheets(paths)]


def fill(folder: Path, *files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / file).write_bytes(jpeg())
    return folder


def test_natural_order_and_subfolders(tmp_path: Path) -> None:
    fill(tmp_path, "s1.jpg", "s10.jpg", "s2.jpg", "s9.jpg")
    fill(tmp_path / "box10", "1.jpg", "2.jpg", "3.jpg")
    fill(tmp_path / "box2", "1.jpg")
    assert names(tmp_path) == [
        ("s1.jpg", "s2.jpg"),
        ("s9.jpg", "s10.jpg"),
        ("box2/1.jpg", None),
        ("box10/1.jpg", "box10/2.jpg"),
        ("box10/3.jpg", None),
    ]


def test_files_of_a_shell_pattern_are_counted_naturally(tmp_path: Path) -> None:
    fill(tmp_path, "s1.jpg", "s2.jpg", "s10.jpg", "s11.jpg")
    pattern = sorted(tmp_path.glob("*.jpg"))
    assert names(*pattern) == [("s1.jpg", "s2.jpg"), ("s10.jpg", "s11.jpg")]


def test_files_in_another_order_keep_it(tmp_path: Path) -> None:
    fill(tmp_path, "k.jpg", "d.jpg", "x.jpg", "g.jpg")
    given = [tmp_path / name for name in ("k.jpg", "d.jpg", "x.jpg", "g.jpg")]
    assert names(*given) == [("k.jpg", "d.jpg"), ("x.jpg", "g.jpg")]


def test_what_is_no_scan_is_named(tmp_path: Path) -> None:
    fill(tmp_path, "1.jpg", "2.jpg", ".hidden.jpg")
    (tmp_path / "readme.txt").write_text("about")
    (tmp_path / "Thumbs.db").write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe")
    plan = plan_sheets([tmp_path])
    assert len(plan) == 1
    assert {file.path.name for file in plan.ignored} == {".hidden.jpg", "readme.txt", "Thumbs.db", "pipe"}
    assert all(file.reason for file in plan.ignored)


def test_named_file_that_is_no_image_is_a_page_with_a_problem(tmp_path: Path) -> None:
    note = tmp_path / "readme.txt"
    note.write_text("about")
    (sheet,) = iter_sheets([note])
    assert "not a JPEG" in sheet.front.problem


def test_missing_path_stops_before_anything_is_read(tmp_path: Path) -> None:
    fill(tmp_path, "1.jpg")
    with pytest.raises(ScanSourceError, match=r"nowhere"):
        iter_sheets([tmp_path, tmp_path / "nowhere"])


def test_links_and_repeats_are_taken_once(tmp_path: Path) -> None:
    folder = fill(tmp_path / "scans", "1.jpg", "2.jpg")
    (folder / "again.jpg").symlink_to(folder / "1.jpg")
    (folder / "loop").symlink_to(folder)
    os.link(folder / "2.jpg", folder / "hard.jpg")
    plan = plan_sheets([folder, folder / "1.jpg", folder])
    assert [(s.front.name, s.back.name if s.back else None) for s in plan] == [("1.jpg", "2.jpg")]
    assert len(plan.ignored) == 5


def test_dangling_and_circular_links_are_pages_with_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").symlink_to(tmp_path / "gone.jpg")
    (tmp_path / "x.jpg").symlink_to(tmp_path / "y.jpg")
    (tmp_path / "y.jpg").symlink_to(tmp_path / "x.jpg")
    pages = [p for s in iter_sheets([tmp_path]) for p in (s.front, s.back) if p is not None]
    assert [page.name for page in pages] == ["a.jpg", "x.jpg", "y.jpg"]
    assert all(page.problem for page in pages)


def test_a_file_without_an_ending_that_cannot_be_opened_is_a_page_with_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, "0001", "0002")
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    real = Path.open

    def refusing(path: Path, *arguments: Any, **named: Any) -> Any:
        if path.name == "0002":
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", refusing)
    plan = plan_sheets([tmp_path])
    (sheet,) = plan
    assert sheet.front.problem == "" and sheet.back is not None
    assert "cannot be read (Permission denied)" in sheet.back.problem
    assert [file.path.name for file in plan.ignored] == ["dangling"]


def test_files_of_one_name_that_cannot_be_opened_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for batch in ("morning", "noon"):
        fill(tmp_path / batch, "1.jpg")
        (tmp_path / batch / "1.jpg").write_bytes(jpeg() + batch.encode())
        (tmp_path / batch / "2.jpg").symlink_to(tmp_path / "gone \udce5" / batch)

    def refusing(*_: Any, **__: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refusing)
    sheets = [next(iter_sheets([tmp_path / batch])) for batch in ("morning", "noon", "morning")]
    told = [(sheet.front.problem, sheet.back.problem) for sheet in sheets if sheet.back is not None]
    assert told[0] == told[2]
    assert told[0][0] != told[1][0] and told[0][1] != told[1][1]
    assert all(problem.encode() for pair in told for problem in pair)


def test_same_name_in_two_folders_is_told_apart(tmp_path: Path) -> None:
    first, second = fill(tmp_path / "a", "1.jpg"), fill(tmp_path / "b", "1.jpg")
    assert names(first, second) == [
        ((first / "1.jpg").as_posix(), None),
        ((second / "1.jpg").as_posix(), None),
    ]


def test_file_that_vanishes_after_planning_is_reported(tmp_path: Path) -> None:
    fill(tmp_path, "1.jpg", "2.jpg")
    plan = plan_sheets([tmp_path])
    (tmp_path / "2.jpg").unlink()
    (sheet,) = plan
    assert sheet.front.problem == "" and sheet.back is not None
    assert "cannot be read" in sheet.back.problem


def test_pages_that_came_after_planning_are_told(tmp_path: Path) -> None:
    fill(tmp_path / "in", "1.jpg", "2.jpg")
    (tmp_path / "in" / "box.tif").write_bytes(multipage_tiff([1, 2], "L", "tiff_lzw"))
    plan = plan_sheets([tmp_path / "in"])
    assert pages_since(plan, [tmp_path / "in"]) == 0
    fill(tmp_path / "in", "3.jpg", "4.jpg")
    (tmp_path / "in" / "box.tif").write_bytes(multipage_tiff([1, 2, 3], "L", "tiff_lzw"))
    (tmp_path / "in" / "1.jpg").unlink()
    assert pages_since(plan, [tmp_path / "in"]) == 3
    (tmp_path / "in").rename(tmp_path / "away")
    assert pages_since(plan, [tmp_path / "in"]) == 0


@pytest.mark.parametrize("kind", ["TIFF", "PDF"])
@pytest.mark.parametrize("planned", [1, 4])
def test_a_file_that_grows_after_planning_is_reported(tmp_path: Path, kind: str, planned: int) -> None:
    def write(pages: int) -> None:
        drawn = [Image.new("L", (400, 400), 100 + n) for n in range(pages)]
        drawn[0].save(tmp_path / "box", kind, save_all=True, append_images=drawn[1:], resolution=100)

    write(planned)
    plan = plan_sheets([tmp_path])
    write(6)
    pages = [page for sheet in plan for page in (sheet.front, sheet.back) if page is not None]
    assert [bool(page.problem) for page in pages] == [False] * (planned - 1) + [True]
    assert "still being written" in pages[-1].problem
    assert not any(sheet.front.problem for sheet in plan_sheets([tmp_path]))


def test_lone_page_between_pairs_and_a_multipage_file(tmp_path: Path) -> None:
    fill(tmp_path, "0001a.jpg", "0001b.jpg", "0002a.jpg", "0004a.jpg", "0004b.jpg")
    (tmp_path / "0003.tif").write_bytes(multipage_tiff([1, 2, 3], "1", "group4"))
    assert names(tmp_path) == [
        ("0001a.jpg", "0001b.jpg"),
        ("0002a.jpg", None),
        ("0003.tif#1", "0003.tif#2"),
        ("0003.tif#3", None),
        ("0004a.jpg", "0004b.jpg"),
    ]


def test_a_name_that_is_not_utf8_can_be_stored_and_printed(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"K\xe5fjord.jpg")).write_bytes(jpeg())
    assert names(tmp_path) == [(r"K\xe5fjord.jpg", None)]
    (sheet,) = iter_sheets([tmp_path])
    assert sheet.front.problem == ""


def test_a_path_that_cannot_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScanSourceError, match="cannot be opened"):
        plan_sheets([tmp_path / ("x" * 300)])
