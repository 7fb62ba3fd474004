"""Every command, option, setting, threshold, doubt and exit code is documented; no link is dead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from typer.main import get_command

from ballot import errors
from ballot.reading import DoubtCode
from ballot.ruling import Verdict
from recognition.profile import Profile
from station import cli
from station.settings import Settings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def document(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def verbs(command: object, path: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    """Every leaf command with its options."""
    children = getattr(command, "commands", None)
    if children is None:
        yield (
            " ".join(path),
            [
                option
                for parameter in command.params  # type: ignore[attr-defined]
                if parameter.param_type_name == "option" and parameter.name != "help"
                for option in (*parameter.opts, *parameter.secondary_opts)
            ],
        )
        return
    for name, child in children.items():
        yield from verbs(child, (*path, name))


@pytest.fixture(scope="module")
def program() -> dict[str, list[str]]:
    cli._register_commands()
    return dict(verbs(get_command(cli.app), ("valgskann",)))


def sections() -> dict[str, str]:
    parts = re.split(r"(?m)^### ", document("commands.md"))[1:]
    return {part.partition("\n")[0]: re.split(r"(?m)^## ", part)[0] for part in parts}


def test_every_command_and_option_is_documented_and_no_other(program: dict[str, list[str]]) -> None:
    documented = sections()
    assert sorted(documented) == sorted(program)
    for name, options in program.items():
        text = documented[name]
        missing = [o for o in options if not re.search(rf"(?<![\w-]){re.escape(o)}(?![\w-])", text)]
        assert not missing, f"{name}: {missing}"


def test_no_option_is_documented_that_does_not_exist(program: dict[str, list[str]]) -> None:
    for name, text in sections().items():
        named = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text))
        assert named <= set(program[name]), f"{name}: {named - set(program[name])}"


def test_every_doubt_is_explained_in_a_row_of_its_own() -> None:
    rows = re.findall(r"(?m)^\| `([a-z_]+)` \|[^|]{10,}\|[^|]{10,}\|$", document("doubt_codes.md"))
    assert sorted(rows) == sorted(code.value for code in DoubtCode)


def test_verdicts_named_for_reviewers_exist() -> None:
    known = {verdict.value for verdict in Verdict} | {code.value for code in DoubtCode}
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)*)`", document("doubt_codes.md"))) - set("abcd") - {"sheet"}
    assert named <= known


def test_every_setting_is_documented() -> None:
    text = document("settings.md")
    for name in Settings.model_fields:
        assert f"`VALGSKANN_{name.upper()}`" in text
    for field in fields(Profile):
        assert f"| `{field.name}` |" in text


def test_every_exit_code_is_documented() -> None:
    rows = dict(re.findall(r"(?m)^\| (\d+) \| `(\w+)` \|", document("exit_codes.md")))
    classes = [
        c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.ValgskannError)
    ]
    assert rows == {str(c.exit_code): c.__name__ for c in classes}


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted(DOCS.glob("*.md"))], ids=lambda p: p.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
