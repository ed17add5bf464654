"""docs/clients.md: every program of the page runs as it is written, against the server of the tests."""

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import Server

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000"
PROGRAMS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
TOOLS = {"sh": ["sh", "-e"], "js": ["node", "--input-type=module"], "r": ["Rscript", "--vanilla", "-"]}
"""How a program of each language is run, but for Python: it comes by the standard input."""


def find_tool(language: str) -> list[str]:
    """Return the command of a language; skip the test where its tool, or curl for the shell, is absent."""
    name, *options = TOOLS[language]
    path = shutil.which(name) or shutil.which(name, path=Path(sys.executable).parent)
    if path is None or (language == "sh" and shutil.which("curl") is None):
        pytest.skip(f"{name} is not on this machine")
    return [path, *options]


@pytest.mark.parametrize(("language", "program"), PROGRAMS, ids=[f"{name}-{i}" for i, (name, _) in enumerate(PROGRAMS)])
def test_programs_of_the_page_run(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
    program: str,
) -> None:
    """A reader who copies a program sees data, and no error."""
    assert ADDRESS in program
    program = program.replace(ADDRESS, server.address)
    if language == "python":
        path = tmp_path / "program.py"
        path.write_text(program, encoding="utf-8")
        runpy.run_path(str(path))
        shown = capsys.readouterr().out
    else:
        (tmp_path / ".curlrc").write_text("fail\nsilent\n")
        monkeypatch.chdir(tmp_path if language == "sh" else ROOT)
        environ = {**os.environ, "CURL_HOME": str(tmp_path)}
        command = find_tool(language)
        done = subprocess.run(
            command, input=program, env=environ, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        shown = done.stdout
    assert shown.count("\n") >= 1


def test_the_page_has_a_program_in_each_language() -> None:
    """Shell, Python, R and JavaScript."""
    assert {name for name, _ in PROGRAMS} == {"python", *TOOLS}


def test_the_page_names_the_tests_that_hold_it() -> None:
    """A client in the table has a test file, and each test file of a client is in the table."""
    named = set(re.findall(r"`tests/clients/(test_\w+\.py)`", PAGE))
    there = {path.name for path in Path(__file__).parent.glob("test_*.py")} - {Path(__file__).name}
    assert named == there
