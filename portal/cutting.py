"""Breaking the connection of an answer that fails on its way, under a server that would end it as if it were whole.

The server (granian) tells an application neither the connection of its reader nor its port. But what is left of a
broken answer may be anything: a few bytes more are given, as many as chance says, and the connection that has just
written so many is the one. It is asked twice, then reset: readers see it, whatever their protocol says of lengths.
"""

import os
import secrets
import socket
import stat
import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

SERVER = "Granian"
DESCRIPTORS = "/proc/self/fd"
PROBES = 20
LEAST, SPREAD = 1_000, 8_000
"""The bytes of a probe: so many, and up to so many more."""

PATIENCE = 0.25
"""Seconds that a probe may take from here to the connection, and half as much as the connection may take to close."""

TCP_INFO_SIZE = 216
NOT_SENT, SENT_TWICE = 144, 200
"""Where Linux tells, in TCP_INFO, the bytes that wait (32 bits), then those sent and those sent again (64 each)."""

Connection = tuple[int, int]
"""A connection of this process: its descriptor, and what tells it from the next one of that number."""


def hides_errors(environ: Mapping[str, Any]) -> bool:
    """Return whether the server of a request ends an answer that fails as if it were whole."""
    return environ.get("SERVER_SOFTWARE") == SERVER


def break_connection() -> Iterator[bytes]:
    """Give bytes of no meaning until it is known which connection takes them, and reset that one.

    It may remain unknown: when the reader takes nothing, when the protocol is HTTP/2, or elsewhere than on Linux.
    """
    suspected: set[Connection] = set()
    for _ in range(PROBES):
        before, size = count_written(), LEAST + secrets.randbelow(SPREAD)
        if not before:
            return
        yield b" " * size
        found = find_carriers(before, size)
        if len(found) == 1 and found == suspected:
            reset(*found)
            return
        suspected = found


def count_written() -> dict[Connection, int]:
    """Return how many bytes each TCP connection of this process was given to send, since it is open."""
    counts = {}
    for name in os.listdir(DESCRIPTORS) if os.path.isdir(DESCRIPTORS) else ():
        with suppress(OSError):  # closed meanwhile
            found = os.fstat(int(name))
            if stat.S_ISSOCK(found.st_mode) and (count := _read_count(int(name))) is not None:
                counts[int(name), found.st_ino] = count
    return counts


def _read_count(descriptor: int) -> int | None:
    """Return the bytes that a connection was given to send; None for a socket that is no connection of TCP."""
    with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as door:
        door.getpeername()
        info = door.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_SIZE)
        if len(info) == TCP_INFO_SIZE:
            [waiting] = struct.unpack_from("=I", info, NOT_SENT)
            sent, again = struct.unpack_from("=QQ", info, SENT_TWICE)
            return int(sent - again + waiting)
    return None


def find_carriers(before: Mapping[Connection, int], size: int) -> set[Connection]:
    """Return the connections that have written just `size` bytes since `before`, as a chunk or bare."""
    grown = {size, size + len(f"{size:x}\r\n\r\n")}
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        time.sleep(0.01)
        after = count_written()
        if found := {each for each, count in before.items() if after.get(each, 0) - count in grown}:
            return found
    return set()


def reset(connection: Connection) -> None:
    """Have a connection closed by its owner, with a reset instead of a good end; wait until it is."""
    descriptor, identity = connection
    with suppress(OSError):
        with socket.socket(fileno=os.dup(descriptor)) as door:
            if os.fstat(door.fileno()).st_ino != identity:
                return
            door.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            door.shutdown(socket.SHUT_RD)  # its owner believes that the reader has left
        until = time.monotonic() + 2 * PATIENCE
        while time.monotonic() < until and os.fstat(descriptor).st_ino == identity:
            time.sleep(0.01)
