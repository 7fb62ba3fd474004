"""Everything the reader says of a doubt is said to the reviewer in Norwegian."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from review.details import ASKED, in_norwegian
from station.page_runs import DETAIL

ROOT = Path(__file__).parent.parent
NO_DOUBTS = {"debug_pictures.py", "mark_network.py", "cut_model.py", "struck.py", "reference.py"}
"""Their sentences are errors, or stand on pictures."""

SPELT_OUT = {
    "A party or list name is written inX.": ("A party or list name is written in.",),
    "Something is written over the X.": (
        "Something is written over the ballot number.",
        "Something is written over the ballot id.",
    ),
    "X runs over this box; it cannot be judged whether it is marked.": (
        "A stamp runs over this box; it cannot be judged whether it is marked.",
        "A stroke from outside runs over this box; it cannot be judged whether it is marked.",
    ),
    "X: X.": ("0001a.jpg: shows no side of any ballot of this election.",),
}
"""What the reader puts into some of them; other problems of pages stay as they are."""


def _sentences() -> Iterator[str]:
    """The sentences in the reader's modules, ``X`` for what differs; docstrings left out."""
    for path in sorted((ROOT / "recognition").rglob("*.py")):
        if path.name not in NO_DOUBTS:
            yield from _of_module(ast.parse(path.read_text(encoding="utf-8")))
    yield DETAIL


def _of_module(tree: ast.Module) -> Iterator[str]:
    texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            texts |= {id(part) for part in node.values}
            found = "".join(str(v.value) if isinstance(v, ast.Constant) else "X" for v in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in texts:
            found = node.value
        else:
            continue
        if " " in found and (found[0].isupper() or found.startswith(("X", "«"))) and found.endswith("."):
            yield found


@pytest.mark.parametrize("said", sorted({one for s in _sentences() for one in SPELT_OUT.get(s, (s,))}))
def test_every_sentence_of_the_reader_has_its_words(said: str) -> None:
    ours = in_norwegian(said)
    assert ours != said
    assert bool(ours) is (said not in ASKED)


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        (
            "The ballot id cannot be read with certainty (read 0123?567).",
            "Seddel-id ble lest som 0123?567.",
        ),
        (
            "2 first choices are crossed; 3 second choices are crossed.",
            "2 førstevalg og 3 andrevalg er krysset av.",
        ),
        ("3 second choices are crossed.", "3 andrevalg er krysset av."),
        (
            "A party or list name is written in: «Høyre {}».",
            "Et parti eller listenavn er skrevet inn: «Høyre {}».",
        ),
        (
            "Nothing legible is written in this row. The candidate it fits best stands on the ballot's own "
            "list, and would be ignored.",
            "Ingenting leselig er skrevet i raden. Kandidaten det passer best på, står på seddelens egen "
            "liste, og ville ikke telle.",
        ),
        (
            "0001a.jpg: 40 mm longer than any ballot here; two sheets may lie in it.",
            "0001a.jpg: 40 mm lengre enn noen seddel her. Det kan ligge to ark i bildet.",
        ),
        ("0001a.jpg: damaged JPEG: it ends too early.", "0001a.jpg: damaged JPEG: it ends too early."),
        ("Maskinen fant ikke et sikkert stempel.", "Maskinen fant ikke et sikkert stempel."),
        ("", ""),
    ],
)
def test_what_differs_is_kept(said: str, ours: str) -> None:
    assert in_norwegian(said) == ours
