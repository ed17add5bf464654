"""One server for all clients: `portal serve` on a free port, as an operator starts it, with datasets that suit them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from datasets.publish import publish
from portal.accounts.keys.service import create_key
from tests.clients.power import power_releases
from tests.clients.savings import a_savings_release
from tests.portal.explore.communes import AT, a_portal

PATIENCE = 180
CALLS = "1000000 per day"


@dataclass(frozen=True)
class Server:
    """A portal that answers: its address, that of its catalogue in the API, a key that it knows, and what it says."""

    address: str
    key: str
    log: Path

    @property
    def catalog(self) -> str:
        """Return the address of the catalogue in the API."""
        return f"{self.address}/api/explore/v2.1/catalog"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The portal that every client calls."""
    folder = tmp_path_factory.mktemp("clients")
    key = fill_instance(folder / "instance")
    port = find_port()
    found = Server(f"http://127.0.0.1:{port}", key, folder / "server.log")
    settings = {"INSTANCE": str(folder / "instance"), "API_LIMIT": CALLS, "WORKERS": "1"}
    environ = os.environ | {f"PORTAL_{name}": value for name, value in settings.items()}
    command = [Path(sys.executable).with_name("portal"), "serve", "--port", str(port)]
    with found.log.open("w") as log, subprocess.Popen(command, env=environ, stdout=log, stderr=log) as process:
        wait_for(found, process)
        yield found
        process.terminate()
        process.wait(timeout=PATIENCE)
    assert "Traceback" not in found.log.read_text(), f"The server failed under its clients: {found.log.read_text()}"


def fill_instance(instance: Path) -> str:
    """Publish the datasets in a new instance and return the API key of someone."""
    portal = a_portal(instance).extensions["portal"]
    publish(
        lambda: portal.databases.session("catalogue"), portal.store, [*power_releases(), a_savings_release()], at=AT
    )
    with portal.databases.session("keys") as session:
        return create_key(session, "someone", "tests", at=AT)


def find_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers; fail with what it said otherwise."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{server.catalog}/datasets?limit=0"):
                return
        except URLError:
            time.sleep(0.1)
    process.terminate()
    pytest.fail(f"The server did not start:\n{server.log.read_text()}")
