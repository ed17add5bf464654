"""Interpreters apart: run functions of a module in clean Python processes.

The auditor works there for two reasons. He must share nothing with the suppressor; and OR-tools and highspy each
bring a library of the same name (libhighs) in another version, so that one process can load only one of them.
"""

import atexit
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from queue import SimpleQueue
from threading import Lock
from typing import Any, BinaryIO

from datasets.errors import DisclosureError

_PROGRAM = "from datasets.disclosure.apart import answer; answer()"


class Apart:
    """At most `size` processes, started when first needed, that call functions of `module`."""

    def __init__(self, module: str, size: int = 2) -> None:
        self.module, self.size = module, size
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._started: list[subprocess.Popen[bytes]] = []
        self._lock = Lock()
        atexit.register(self.close)

    def call(self, function: str, arguments: Sequence[Any]) -> Iterator[Any]:
        """Yield `function(argument)` for each argument, in order; DisclosureError when a process dies."""
        for _ in range(min(self.size, len(arguments))):
            self._start()
        with ThreadPoolExecutor(self.size) as threads:
            yield from threads.map(lambda argument: self._ask(function, argument), arguments)

    def close(self) -> None:
        """End the processes."""
        while self._started:
            process = self._started.pop()
            process.communicate()
        self._idle = SimpleQueue()

    def _start(self) -> None:
        with self._lock:
            if len(self._started) < self.size:
                process = subprocess.Popen(  # noqa: S603 (our own interpreter, a fixed program)
                    [sys.executable, "-c", _PROGRAM],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                )
                self._started.append(process)
                self._idle.put(process)

    def _ask(self, function: str, argument: Any) -> Any:
        process = self._idle.get()
        if process.stdin is None or process.stdout is None:
            raise DisclosureError(table=function, reason="the process apart has no pipes.")
        try:
            pickle.dump((self.module, function, argument), process.stdin)
            process.stdin.flush()
            return pickle.load(process.stdout)  # noqa: S301 (our own child)
        except (EOFError, BrokenPipeError) as error:
            raise DisclosureError(table=function, reason="the process apart ended; see its message above.") from error
        finally:
            self._idle.put(process)


def answer() -> None:
    """Serve calls read on the standard input until it closes; what they print goes to the standard error."""
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    for module, function, argument in _read(sys.stdin.buffer):
        pickle.dump(getattr(import_module(module), function)(argument), answers)
        answers.flush()


def _read(stream: BinaryIO) -> Iterator[tuple[str, str, Any]]:
    while True:
        try:
            yield pickle.load(stream)  # noqa: S301 (our own parent)
        except EOFError:
            return
