"""JSON files that come from outside: decoded without ambiguity, errors with their place.

Python's decoder silently keeps the last of two equal keys and takes ``NaN`` for a number. In
a file of votes both would change a result without a word, so here they are errors.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn


class StrictJsonError(ValueError):
    """The bytes are not JSON in UTF-8. The message completes a sentence: "the file …"."""


class JsonObject(dict[str, Any]):
    """A JSON object that remembers which of its keys stood there more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        times = Counter(key for key, _ in pairs)
        self.repeated = tuple(key for key, count in times.items() if count > 1)


def decode(raw: bytes) -> object:
    """Decodes a JSON document (UTF-8, with or without byte order mark).

    Raises:
        StrictJsonError: Not UTF-8, not JSON, or nested too deeply.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StrictJsonError(f"is not UTF-8 text (byte {error.start} cannot be decoded)") from error
    try:
        return json.loads(text, object_pairs_hook=JsonObject, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise StrictJsonError(
            f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise StrictJsonError(f"is not JSON that can be read: {error}") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def repeated_keys(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Yields the place of every key that stands more than once in its object, and what is wrong."""
    if isinstance(value, JsonObject):
        for key in value.repeated:
            yield f"{place}.{key}".lstrip("."), "the key stands there more than once"
        for key, item in value.items():
            yield from repeated_keys(item, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from repeated_keys(item, f"{place}[{index}]")


def place_of(location: tuple[int | str, ...]) -> str:
    """``("lists", 2, "id")`` as ``lists[2].id``."""
    place = ""
    for part in location:
        place += f"[{part}]" if isinstance(part, int) else f".{part}"
    return place.lstrip(".") or "(file)"


def explain(detail: Mapping[str, Any]) -> str:
    """One validation error (type, loc, msg, input) in plain words, without its place."""
    if detail["type"] == "extra_forbidden":
        return f"unknown key `{detail['loc'][-1]}`"
    if detail["type"] == "missing":
        return "is missing"
    message = str(detail["msg"]).removeprefix("Value error, ")
    given = detail.get("input")
    shown = repr(given) if isinstance(given, (str, int, float)) or given is None else type(given).__name__
    return f"{message} (is {shown[:80]})"
