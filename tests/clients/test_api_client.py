"""@opendatasoft/api-client: its own JavaScript, run by node, calls the portal (api_client.mjs holds the checks)."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import Server

SCRIPT = Path(__file__).with_name("api_client.mjs")
NAMES = [line.split("'")[1] for line in SCRIPT.read_text("utf-8").splitlines() if line.startswith("check('")]


@pytest.fixture(scope="module")
def outcomes(server: Server) -> dict[str, str]:
    """What each check of the script found: empty when it holds."""
    node = shutil.which("node") or str(Path(sys.executable).with_name("node"))
    done = subprocess.run(
        [node, SCRIPT, server.address, server.key], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "the client warned"
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_every_check_ran(outcomes: dict[str, str]) -> None:
    """No check of the script is lost on the way, and there are many."""
    assert list(outcomes) == NAMES
    assert len(NAMES) >= 30


@pytest.mark.parametrize("name", NAMES)
def test_the_client_of_opendatasoft_finds_what_it_expects(outcomes: dict[str, str], name: str) -> None:
    """Whatever its query builder writes is understood, and the answer has the shape that it reads."""
    assert outcomes[name] == ""
