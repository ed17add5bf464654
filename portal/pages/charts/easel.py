"""A program that draws: descriptions of drawings come in through a socket, drawings go out.

It runs beside the server, by its path, and imports nothing of the portal: what is heavy (a JavaScript engine of a
hundred megabytes) lives here once, and nowhere else. It ends by itself when nobody has asked for a while, when the
process that started it is gone, or when it has grown; a drawing that takes too long ends it too, by its alarm.

A message is its length (four bytes, big-endian) and its bytes. One question, one answer, on each connection: the
question is JSON (`kind`, `content`, `scale`); an answer begins with "+", or with "-" and a reason.
"""

import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from struct import Struct
from time import monotonic
from typing import Any

LENGTH = Struct(">I")
MOST_BYTES = 8 * 2**20
"""Beyond this a question is not read."""

DRAWING_SECONDS = 15
IDLE_SECONDS = 90.0
GLANCE_SECONDS = 2.0
"""How often it looks whether it should go on; also how long a slow client may keep it waiting."""

MOST_MEMORY = 1200 * 2**20
"""Bytes that it may allocate: half are reserved by the engine from the start, and a drawing that needs more ends it."""

GROWN = 400 * 2**20
"""Bytes in use beyond which it ends after its answer, to begin anew when next asked."""

VERSION = "6.4"
"""The version of Vega-Lite that descriptions are written for."""


def draw_svg(engine: Any, asked: Mapping[str, Any]) -> str:
    """Return a Vega-Lite description as SVG. Nothing is fetched, whatever it names."""
    return str(engine.vegalite_to_svg(asked["content"], vl_version=VERSION, allowed_base_urls=[]))


def compile_vega(engine: Any, asked: Mapping[str, Any]) -> str:
    """Return a Vega-Lite description as what Vega runs in browsers: JSON."""
    return json.dumps(engine.vegalite_to_vega(asked["content"], vl_version=VERSION), separators=(",", ":"))


def paint_png(engine: Any, asked: Mapping[str, Any]) -> bytes:
    """Return an SVG as PNG."""
    return bytes(engine.svg_to_png(asked["content"], scale=asked["scale"]))


KINDS: Mapping[str, Callable[[Any, Mapping[str, Any]], str | bytes]] = {
    "svg": draw_svg,
    "vega": compile_vega,
    "png": paint_png,
}


def send(connection: socket.socket, message: bytes) -> None:
    """Send one message."""
    connection.sendall(LENGTH.pack(len(message)) + message)


def receive(connection: socket.socket) -> bytes:
    """Return one message. Raises EOFError when the other end is gone, or says too much."""
    (length,) = LENGTH.unpack(_read(connection, LENGTH.size))
    if length > MOST_BYTES:
        raise EOFError(length)
    return _read(connection, length)


def _read(connection: socket.socket, length: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < length:
        piece = connection.recv(min(length - len(pieces), 2**16))
        if not piece:
            raise EOFError
        pieces += piece
    return bytes(pieces)


def answer(connection: socket.socket) -> None:
    """Read a question, draw, and answer it; a drawing over its time ends the program."""
    asked = json.loads(receive(connection))
    import vl_convert  # takes a tenth of a second: the socket listens before

    signal.alarm(DRAWING_SECONDS)
    try:
        drawn = KINDS[asked["kind"]](vl_convert, asked)
        told = b"+" + (drawn.encode() if isinstance(drawn, str) else drawn)
    except (ValueError, KeyError, TypeError) as error:
        told = b"-" + str(error).encode()
    finally:
        signal.alarm(0)
    send(connection, told)


def serve(door: socket.socket, starter: int) -> None:
    """Answer until there is a reason to end: idle, orphaned, or grown."""
    door.settimeout(GLANCE_SECONDS)
    asked = monotonic()
    while os.getppid() == starter and monotonic() - asked < IDLE_SECONDS and memory() < GROWN:
        try:
            connection, _ = door.accept()
        except TimeoutError:
            continue
        with connection:
            connection.settimeout(GLANCE_SECONDS)
            try:
                answer(connection)
            except (OSError, EOFError, ValueError):  # a client that went away, or does not speak as it should
                continue
        asked = monotonic()


def memory() -> int:
    """Return the bytes that the program holds in memory; 0 where the system does not tell.

    What `getrusage` tells is no use: a program begins with the most that its parent ever held.
    """
    try:
        resident = Path("/proc/self/statm").read_text("ascii").split()[1]
    except OSError:
        return 0
    return int(resident) * resource.getpagesize()


def main(path: str) -> None:
    """Listen at `path`, say so on the standard output, and serve."""
    starter = os.getppid()
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends it
    place = Path(path)
    os.chdir(place.parent)  # addresses of sockets are short
    place.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as door:
        os.umask(0o077)
        door.bind(place.name)
        door.listen(64)
        print("ready", flush=True)
        serve(door, starter)
        place.unlink(missing_ok=True)


if __name__ == "__main__":
    main(sys.argv[1])
