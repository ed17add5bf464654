"""Answers that fail on their way, under the server that serves: readers see it, and nobody else does."""

import http.client
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from portal.cutting import break_connection, count_written, find_carriers, hides_errors

APP = """
import time
from pathlib import Path
from flask import Flask, request
from portal.respond import stream

application = Flask(__name__)

def write(pieces, fails, pause):
    for _ in range(pieces):
        yield b"1;2\\r\\n" * 1000
        time.sleep(pause)
    if fails:
        raise ValueError("half-way")

@application.get("/<end>/<int:pieces>/<float:pause>/<coding>")
def answer(end, pieces, pause, coding):
    lines = write(pieces, end == "fails", pause)
    ended = Path(f"{end}-{pieces}").touch
    return stream(lines, "text/csv", "d.csv", close=ended, coding=coding.strip("-"))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server works, and notes the queries that it has ended."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    """The port of a server of one process, whose answers end well or fail."""
    (folder / "failing.py").write_text(APP)
    with socket.create_server(("127.0.0.1", 0)) as door:
        number = door.getsockname()[1]
    options = f"--interface wsgi --workers 1 --blocking-threads 8 --log-level critical --port {number}"
    command = [sys.executable, "-m", "granian", *options.split(), "failing:application"]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", number)).close()
            break
        except OSError:
            time.sleep(0.1)
    yield number
    process.terminate()
    process.wait(20)


def read(port: int, path: str, version: str = "1.1") -> tuple[bytes, bool]:
    """Return what a client of HTTP received, and whether it believes that this is all."""
    with socket.create_connection(("127.0.0.1", port), 30) as client:
        client.sendall(f"GET {path} HTTP/{version}\r\nHost: d\r\nConnection: close\r\n\r\n".encode())
        received, closed = read_all(client)
    return received, closed and (version == "1.0" or received.endswith(b"0\r\n\r\n"))


def read_all(client: socket.socket) -> tuple[bytes, bool]:
    """Return what comes until the connection ends, and whether it was closed rather than reset."""
    received = b""
    try:
        while more := client.recv(1 << 16):
            received += more
    except ConnectionResetError:
        return received, False
    return received, True


@pytest.mark.parametrize(
    ("pieces", "coding", "version"), [(1, "-", "1.1"), (40, "gzip", "1.1"), (40, "-", "1.0"), (2000, "-", "1.1")]
)
def test_a_reader_sees_that_an_answer_failed(port, pieces, coding, version):
    """The connection is reset, be the answer short or long, compressed or not, with chunks or without."""
    assert read(port, f"/fails/{pieces}/0.0/{coding}", version)[1] is False


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_reader_sees_that_an_answer_is_whole(port, version):
    """An answer that ends well ends well."""
    received, whole = read(port, "/ends/40/0.0/-", version)
    assert whole
    assert received.count(b"1;2\r\n" * 1000) == 40


def test_only_the_answer_that_failed_is_cut(port):
    """Those that are given at the same time by the same process, fast or slow, come whole."""
    asked = ["/fails/5/0.02/-", "/ends/20/0.02/-", "/ends/2000/0.0/-"] * 3
    with ThreadPoolExecutor(len(asked)) as clients:
        found = list(clients.map(lambda path: read(port, path)[1], asked))
    assert found == [path.startswith("/ends") for path in asked]


def test_clients_of_every_day_tell_their_user(port, tmp_path):
    """Python's own client raises; curl ends with an error."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        client.request("GET", "/fails/40/0.0/-")
        with client.getresponse() as answer, pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
            answer.read()
    if curl := shutil.which("curl"):
        address = f"http://127.0.0.1:{port}/fails/40/0.0/-"
        done = subprocess.run([curl, "--silent", "--output", tmp_path / "d.csv", address], check=False)
        assert done.returncode in (18, 56)


def test_a_slow_reader_is_cut_once_it_has_read(port):
    """Nothing is guessed from a connection that takes nothing: it is cut when it does."""
    with socket.create_connection(("127.0.0.1", port), 30) as client:
        client.sendall(b"GET /fails/3000/0.0/- HTTP/1.1\r\nHost: d\r\n\r\n")
        time.sleep(0.5)
        assert read_all(client)[1] is False


def test_the_query_of_a_reader_who_leaves_is_ended(port, folder):
    """It is not read to its end for nobody."""
    with socket.create_connection(("127.0.0.1", port), 30) as client:
        client.sendall(b"GET /ends/1000000/0.0/- HTTP/1.1\r\nHost: d\r\n\r\n")
        client.recv(1 << 16)
    until = time.monotonic() + 10
    while not (folder / "ends-1000000").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert (folder / "ends-1000000").exists()


def test_nothing_is_given_where_no_connection_is_known():
    """Another server breaks connections by itself; a process without any has none to break."""
    assert not hides_errors({"SERVER_SOFTWARE": "gunicorn/23.0"})
    assert not hides_errors({})
    if not count_written():
        assert list(break_connection()) == []


def test_the_bytes_that_a_connection_was_given_are_counted():
    """Those that were sent and those that still wait, of that connection only."""
    with socket.create_server(("127.0.0.1", 0)) as door, socket.create_connection(door.getsockname()) as client:
        before = count_written()
        client.sendall(b" " * 1234)
        [found] = find_carriers(before, 1234)
        assert found[0] == client.fileno()
        assert find_carriers(count_written(), 1234) == set()
