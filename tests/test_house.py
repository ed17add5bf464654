"""What must never break in the plan of the house; each failure says why and what to do."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("datasets", "exports", "portal")
CLOCK_CALLS = re.compile(r"\b(datetime\.now|datetime\.utcnow|datetime\.today|date\.today|time\.time)\(")
FORBIDDEN_NAMES = {"utils", "helpers", "common", "core", "base", "misc", "manager", "handler", "data", "info"}


def modules() -> Iterator[Path]:
    for floor in FLOORS:
        yield from sorted((ROOT / floor).rglob("*.py"))


def test_the_floors_and_rooms_keep_their_import_contracts() -> None:
    """A lower floor never looks up, and rooms do not reach into each other (contracts in setup.cfg)."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", list(modules()), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_clock_asks_the_time(path: Path) -> None:
    """The present instant comes from portal/clock.py and is passed on, so that any instant can be replayed."""
    if path == ROOT / "portal" / "clock.py":
        return
    found = CLOCK_CALLS.findall(path.read_text(encoding="utf-8"))
    assert not found, f"{path} asks the system clock: receive the instant or the clock as an argument"


def test_no_module_is_called_by_a_word_that_says_nothing() -> None:
    """A newcomer guesses the file from the word."""
    assert not [path for path in modules() if path.stem in FORBIDDEN_NAMES]


@pytest.mark.parametrize("path", list(modules()), ids=lambda path: str(path.relative_to(ROOT)))
def test_public_functions_are_typed_and_say_what_they_do(path: Path) -> None:
    """Every public function and class has a docstring, and every public function a return type."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) or not tree.body, f"{path} has no docstring"
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            if isinstance(node, ast.FunctionDef):
                assert node.returns, f"{path}:{node.lineno} {node.name} has no return type"
            if node in tree.body:
                assert ast.get_docstring(node), f"{path}:{node.lineno} {node.name} has no docstring"


def test_tests_open_with_their_requirement() -> None:
    """Each test function begins with a sentence that says what must hold."""
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert not silent


def test_the_repository_names_no_machine_and_no_registry() -> None:
    """What is committed can be built anywhere: no machine path, no download address in the lock file."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    patterns = re.compile("|".join(("/wo" + "rk/", "bash_" + "jobs", '"resol' + 'ved": *"http')))
    texts = {".py", ".md", ".cfg", ".toml", ".json", ".html", ".js", ".css", ".txt", ".po", ".csv", ""}
    wrong = [
        name
        for name in filter(None, tracked)
        if Path(name).suffix in texts and patterns.search((ROOT / name).read_text(encoding="utf-8", errors="replace"))
    ]
    assert not wrong
