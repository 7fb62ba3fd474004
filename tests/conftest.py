"""Shared by all tests: how examples are drawn, and print houses printed once a run.

`make test` draws the same examples every time, so that a failure means that a change caused it;
`make search` draws others, and twenty times as many, to find what nobody thought of.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from ballot.election import ElectionKind
from ballot.layout import LayoutSet
from calibration.learn import learn_layouts
from recognition.reader import CompiledLayouts, compile_layouts
from tests.fifth_house import ELECTION, Fields, print_fifth_house
from tests.print_houses import Printed, print_and_learn

settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("same")

Press = Callable[[str, ElectionKind], Printed]
Fifth = tuple[Path, dict[str, Fields], LayoutSet]


@pytest.fixture(scope="session")
def print_house(tmp_path_factory: pytest.TempPathFactory) -> Press:
    """Prints a small election in a design and learns its layout, once a run for each pair."""

    @cache
    def press(design: str, kind: ElectionKind) -> Printed:
        return print_and_learn(design, kind, tmp_path_factory.mktemp(f"{design}_{kind.value}"))

    return press


@pytest.fixture(scope="session")
def printed(print_house: Press) -> Printed:
    """The printed election most tests of reading use."""
    return print_house("fjord", ElectionKind.MUNICIPAL_COUNCIL)


@pytest.fixture(scope="session")
def layouts(printed: Printed) -> CompiledLayouts:
    return compile_layouts(printed.election, printed.layouts)


@pytest.fixture(scope="session")
def fifth(tmp_path_factory: pytest.TempPathFactory) -> Fifth:
    """The blanks of a house that only the tests know, what it drew, and what was learnt."""
    folder = tmp_path_factory.mktemp("fifth")
    fields = print_fifth_house(folder)
    return folder, fields, learn_layouts(ELECTION, folder)
