"""Undocumented means failing: what docs/ tells of settings, commands, errors, exporters and paths is true."""

import re
from pathlib import Path

import click
import pytest

from datasets import errors
from exports import EXPORTERS
from portal.cli import cli
from portal.settings import SETTINGS, Setting

ROOT = Path(__file__).resolve().parent.parent
DOCS = sorted((ROOT / "docs").glob("*.md"))
PATHS = re.compile(r"`((?:datasets|exports|portal|tests|docs)/[\w./{},-]+\.(?:py|md|toml|csv|txt|json|html|css))`")


def read(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_each_setting_is_documented_as_it_is(setting: Setting) -> None:
    """docs/settings.md tells each variable, its default and its meaning in both languages."""
    row = next((line for line in read("settings.md").splitlines() if line.startswith(f"| `{setting.variable}`")), "")
    default = "node_modules" if setting.name == "packages" else setting.default
    for part in (f"`{default}`", setting.en, setting.fr):
        assert part in row


def commands(group: click.Group, prefix: str = "portal") -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        path = f"{prefix} {name}"
        found += commands(command, path) if isinstance(command, click.Group) else [(path, command)]
    return found


@pytest.mark.parametrize(("path", "command"), commands(cli), ids=lambda value: value if isinstance(value, str) else "")
def test_each_command_has_help_an_example_and_an_entry(path: str, command: click.Command) -> None:
    """`--help` of each command shows an example, and docs/commands.md tells it."""
    assert "Example:" in (command.help or "")
    assert f"`{path}" in read("commands.md")


def tree(kind: type[errors.PortalError]) -> list[type[errors.PortalError]]:
    return [kind, *(leaf for child in kind.__subclasses__() for leaf in tree(child))]


@pytest.mark.parametrize("kind", tree(errors.PortalError), ids=lambda kind: kind.__name__)
def test_each_error_is_in_the_drawing_and_in_the_docs(kind: type[errors.PortalError]) -> None:
    """The tree at the top of datasets/errors.py is whole, and docs/errors.md tells each code."""
    assert kind.__name__ in (errors.__doc__ or "")
    assert kind.code in read("errors.md")


@pytest.mark.parametrize("name", EXPORTERS)
def test_each_exporter_is_documented(name: str) -> None:
    """docs/exports.md tells each format."""
    assert f"`{name}`" in read("exports.md")


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_paths_named_in_the_docs_exist(page: Path) -> None:
    """A page that names a file names one that is there."""
    for name in PATHS.findall(page.read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), f"{page.name} names {name}"


def test_readme_tells_the_python_version_of_the_metadata() -> None:
    """The one fact that rots first."""
    wanted = re.search(r"python_requires = >=(\S+)", (ROOT / "setup.cfg").read_text(encoding="utf-8"))
    assert wanted
    assert f"Python {wanted[1]}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_names_only_commands_and_targets_that_exist() -> None:
    """What the first screen tells to type can be typed."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = {path.removeprefix("portal ") for path, _ in commands(cli)}
    for words in re.findall(r"\.venv/bin/portal ([a-z][a-z ]*)", readme):
        assert any(words.strip().startswith(name) for name in known), words
    for target in re.findall(r"^make ([a-z]+)(?: +#|$)", readme, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for page in re.findall(r"\]\(([\w./]+\.md)\)", readme):
        assert (ROOT / page).exists(), page
