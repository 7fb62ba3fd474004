"""Checks what linters do not: nothing of this machine, no package index, no sprawling files."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
ROOT = Path(__file__).resolve().parents[1]
# Where this checkout lies; the root folder and the one for temporary files say nothing of a machine.
PLACES = [
    str(place) for place in (ROOT, ROOT.parent) if place != Path(place.anchor) and place != Path(gettempdir())
]
FORBIDDEN = (
    (re.compile(rf"(?:{'|'.join(map(re.escape, PLACES))})/\w"), "a path of this machine"),
    (re.compile(r"(?<![\w.])/(?:home|Users)/\w"), "a path of somebody's machine"),
    (
        re.compile(r"(?m)^\s*--(?:extra-)?index-url|^\s*--find-links|\"resolved\":\s*\"https?://"),
        "a package index",
    ),
    (re.compile(r"\b(?:TODO|FIXME|XXX)\b"), "unfinished work"),
)
LONG_ON_PURPOSE = re.compile(r"^store/migrations/")


def tracked_files() -> list[Path]:
    """The files under version control that exist."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def findings(path: Path) -> Iterator[str]:
    """What is wrong with one file."""
    if path == Path(__file__).resolve():
        return
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return  # pictures, fonts and archives
    name = path.relative_to(ROOT).as_posix()
    for pattern, what in FORBIDDEN:
        if match := pattern.search(text):
            yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {what}: {match.group().strip()}"
    if path.suffix != ".py" or LONG_ON_PURPOSE.match(name):
        return
    if (lines := text.count("\n")) > MAX_FILE_LINES:
        yield f"{name}: {lines} lines, at most {MAX_FILE_LINES}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION_LINES:
                yield f"{name}:{node.lineno}: {node.name} has {length} lines, at most {MAX_FUNCTION_LINES}"


def main() -> None:
    """Prints every finding and fails when there is one."""
    found = [finding for path in tracked_files() for finding in findings(path)]
    for finding in found:
        print(finding)
    print(f"tree: {len(found)} findings in {len(tracked_files())} files")
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
