"""The campaign's log: finished chunks as lines that are only ever appended."""

from __future__ import annotations

import ast
import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LOG_FILE = "chunks.jsonl"
ABOUT_FILE = "campaign.json"
PUBLISHED_LOG = LOG_FILE + ".gz"
ROOT = Path(__file__).resolve().parents[1]


class CampaignLog:
    """Finished chunks in a folder. A chunk counts once, however often it was worked on."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOG_FILE
        self._done: set[tuple[str, int]] = set()
        self._mend()
        for line in self.lines():
            self._done.add((line["part"], line["start"]))

    def _mend(self) -> None:
        """Cuts off a last line that was not written whole when the campaign was killed."""
        if not self.path.is_file():
            return
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            with self.path.open("r+b") as file:
                file.truncate(whole)

    def lines(self) -> Iterator[dict[str, Any]]:
        """Each finished chunk, once."""
        if not self.path.is_file():
            return
        seen = set()
        with self.path.open(encoding="utf-8") as file:
            for text in file:
                line = json.loads(text)
                key = line["part"], line["start"]
                if key not in seen:
                    seen.add(key)
                    yield line

    def has(self, part: str, start: int) -> bool:
        """Whether a chunk is finished."""
        return (part, start) in self._done

    def add(self, line: dict[str, Any]) -> None:
        """Writes a finished chunk down for good."""
        key = line["part"], line["start"]
        if key in self._done:
            return
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._done.add(key)


def fingerprint() -> str:
    """Changes when the reader, the layout learner, the simulator or the comparison change.

    Comments and docstrings may be mended while a campaign goes on.
    """
    digest = hashlib.sha256()
    folders = ("ballot", "recognition", "calibration")
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    paths += [ROOT / "benchmarks" / f"{name}.py" for name in ("campaign_parts", "deck_stamps", "houses")]
    for path in paths:
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(_program_text(path.read_text(encoding="utf-8")).encode())
    return digest.hexdigest()[:16]


def _program_text(source: str) -> str:
    """Python source without comments, docstrings and layout."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [line for line in node.body if not _is_text(line)]
    return ast.unparse(tree)


def _is_text(line: ast.stmt) -> bool:
    return (
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
    )


def begin(folder: Path, about: dict[str, Any], may_differ: bool) -> None:
    """Writes down what this campaign is, or checks that it is the same one as before.

    Raises:
        SystemExit: The folder holds a campaign of another seed or of another program.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ABOUT_FILE
    if not path.is_file():
        path.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        return
    before = json.loads(path.read_text(encoding="utf-8"))
    if before["seed"] != about["seed"]:
        raise SystemExit(
            f"{folder} holds a campaign with seed {before['seed']}. Nothing was read. "
            "Go on with that seed, or choose another folder."
        )
    if before["program"] != about["program"] and not may_differ:
        raise SystemExit(
            f"The program has changed since the campaign in {folder} began, so its sheets would not prove "
            "this program. Nothing was read. Choose another folder, or go on with --mixed."
        )


def publish(folder: Path, place: Path) -> None:
    """Writes a campaign's log and what it is into `place`, small enough to be kept with the program.

    Anybody can then see what became of every sheet, make any of them again, and go on from there.
    """
    place.mkdir(parents=True, exist_ok=True)
    text = b"".join(
        json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        for line in CampaignLog(folder).lines()
    )
    (place / PUBLISHED_LOG).write_bytes(gzip.compress(text, mtime=0))
    (place / ABOUT_FILE).write_bytes((folder / ABOUT_FILE).read_bytes())


def go_on_from(place: Path, folder: Path, about: dict[str, Any]) -> bool:
    """Lays a published log into an empty folder, if it is of the same seed and program.

    Returns:
        Whether it was laid there.
    """
    published = place / ABOUT_FILE
    if (folder / LOG_FILE).exists() or not published.is_file():
        return False
    if json.loads(published.read_text(encoding="utf-8")) != about:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / (LOG_FILE + ".part")
    whole.write_bytes(gzip.decompress((place / PUBLISHED_LOG).read_bytes()))
    whole.rename(folder / LOG_FILE)
    return True
