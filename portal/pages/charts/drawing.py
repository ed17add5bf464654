"""Drawings on demand: the program that draws is started when first needed, and what it drew is kept in files.

One program serves all the processes of a portal: they meet at a socket in the instance folder.
"""

import atexit
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from filelock import FileLock

from datasets.errors import Busy, LimitExceeded, StoreError
from portal.pages.charts import easel

PROGRAM = Path(easel.__file__)
PATIENCE = 20.0
"""Seconds that one may wait for a drawing, those drawn before it included."""

ATTEMPTS = 2
"""A program that ends just when it is asked is started again, once."""

PATH_LENGTH = 100
"""Longer paths do not fit in the address of a socket."""

MOST_KEPT = 200 * 2**20
"""Bytes of drawings kept."""

LOOK_EVERY = 64
"""New drawings after which the whole is measured."""

Turn = Callable[[], AbstractContextManager[None]]
"""What is held while the program works for somebody."""


class Drawer:
    """The drawings of one instance, in its folder `drawings`. Thread-safe, and shared with other processes."""

    def __init__(self, instance: Path, most: int = MOST_KEPT) -> None:
        self.folder = instance / "drawings"
        self.most = most
        self._program: subprocess.Popen[bytes] | None = None
        self._made = 0
        atexit.register(self.close)

    def draw(self, kind: str, content: Any, *, scale: float = 1.0, turn: Turn = nullcontext) -> bytes:
        """Return a drawing of a kind ("svg" and "vega" from Vega-Lite, "png" from SVG), kept or made now, at a turn.

        Raises Busy when it does not come in time, LimitExceeded when it is too big to be drawn.
        """
        question = json.dumps({"kind": kind, "content": content, "scale": scale}).encode()
        if len(question) > easel.MOST_BYTES:
            raise LimitExceeded(what="length", limit=easel.MOST_BYTES)

        def make() -> bytes:
            with turn():
                return self.ask(question)

        return self.keep(f"{name_of(question)}.{kind}", make)

    def keep(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Return the content of a kept file, made when it is not there; the least recently read go first."""
        kept = self.find(name)
        if kept is not None:
            return kept
        path, content = self.folder / name, make()
        with suppress(OSError):  # a full disk is no reason not to answer
            self.folder.mkdir(mode=0o700, exist_ok=True)
            aside = path.with_suffix(f".{os.getpid()}-{id(content)}")
            aside.write_bytes(content)
            aside.rename(path)
        self._made += 1
        if self._made % LOOK_EVERY == 1:
            self.purge()
        return content

    def find(self, name: str) -> bytes | None:
        """Return the content of a kept file, which is then the most recently read; None when it is not there."""
        path = self.folder / name
        try:
            content = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return content

    def holds(self, name: str) -> bool:
        """Return whether a file is kept."""
        return (self.folder / name).exists()

    def purge(self) -> None:
        """Delete the least recently read drawings, until the others are no more than `most` bytes."""
        found = []
        for path in self.folder.glob("*.*"):
            with suppress(OSError):
                found.append((path.stat().st_mtime, path.stat().st_size, path))
        kept = 0
        for _, size, path in sorted((each for each in found if each[2].suffix != ".lock"), reverse=True):
            kept += size
            if kept > self.most:
                path.unlink(missing_ok=True)

    def ask(self, question: bytes) -> bytes:
        """Return what the program draws; started when it does not answer. Raises Busy, LimitExceeded."""
        for _ in range(ATTEMPTS):
            with suppress(OSError, EOFError):
                return self._converse(question)
            self._start()
        try:
            return self._converse(question)
        except (OSError, EOFError) as error:
            raise Busy(seconds=round(PATIENCE)) from error

    def close(self) -> None:
        """End the program, when this process started it."""
        program, self._program = self._program, None
        if program is not None:
            program.kill()
            program.communicate()

    def _converse(self, question: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as connection, _address(self.folder / "socket") as address:
            connection.settimeout(PATIENCE)
            connection.connect(address)
            easel.send(connection, question)
            told = easel.receive(connection)
        if not told.startswith(b"+"):
            raise StoreError(what="A drawing", reason=told[1:].decode(errors="replace"))
        return told[1:]

    def _start(self) -> None:
        """Start the program, unless another thread or process just has."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        with FileLock(self.folder / "starting.lock", timeout=PATIENCE):
            if self._listens():
                return
            self.close()
            self._program = subprocess.Popen(  # noqa: S603 (our own program)
                [sys.executable, str(PROGRAM), str(self.folder / "socket")],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            if self._program.stdout is not None:
                self._program.stdout.readline()

    def _listens(self) -> bool:
        with (
            socket.socket(socket.AF_UNIX) as connection,
            suppress(OSError),
            _address(self.folder / "socket") as address,
        ):
            connection.connect(address)
            return True
        return False


def name_of(question: bytes) -> str:
    """Return the name of what answers a question: a digest of it and of the program."""
    return blake2b(question + easel.VERSION.encode(), digest_size=16).hexdigest()


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """Give the address of a socket, through its folder when its path is too long for one."""
    if len(os.fsencode(path)) <= PATH_LENGTH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
