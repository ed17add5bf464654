"""Readers in processes of their own: whatever a hostile file makes of a library, the portal stays up and small.

A workbook of one cell in its last row and column, a layer that makes GDAL crash: the process apart reaches its limit of
memory or of time, and the portal says that the file cannot be read.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from typing import BinaryIO, cast

from datasets.errors import BrokenFile, EncryptedArchive, IngestError, TooManyBytes, UnknownOption

PROGRAMS = Path(__file__).parent / "programs"
MEMORY = 400 << 20
"""Bytes that a reader may hold."""
SECONDS = 900
"""Seconds of processor that it may take."""
LONGEST = 3600
"""Seconds after which one that is still there is stopped, idle or not."""
PASSWORD, ABSENT, MEMORY_OUT = 3, 4, 5
"""The ends of a program that say why: a password, a sheet that is not there, no memory left."""

OUT = ("memory", "pointer is null")
"""What a library says when it finds no memory."""


@contextmanager
def reading_apart(program: str, *arguments: str, name: str, kind: str) -> Iterator[BinaryIO]:
    """Run a program of `programs` on `arguments`, its limits first, and give what it writes, as a stream.

    Raises, when the program fails, EncryptedArchive, UnknownOption (the last argument is no sheet or layer),
    TooManyBytes (no memory or time left) or BrokenFile with its last words; `kind` is the format as people call it.
    """
    command = [sys.executable, "-I", str(PROGRAMS / f"{program}.py"), str(MEMORY), str(SECONDS), *arguments]
    environment = {**os.environ, "RUST_BACKTRACE": "0"}  # a trace without memory would never end
    with TemporaryFile() as words:
        with subprocess.Popen(  # noqa: S603 (our own interpreter and program)
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=words, env=environment
        ) as process:
            late = Timer(LONGEST, process.kill)
            late.start()
            failed = None
            try:
                yield cast(BinaryIO, process.stdout)
            except (EOFError, ValueError, TypeError, OSError) as error:
                failed = error  # the stream was cut: the end of the program says why
            except BaseException:
                process.kill()
                raise
            finally:
                late.cancel()
                cast(BinaryIO, process.stdout).close()
        if process.returncode:
            words.seek(0)
            said = words.read(1 << 16).decode("utf-8", errors="replace").strip().splitlines() or [""]
            told = said[-1].replace(arguments[0], name).rpartition("Error: ")[2]
            raise explain(process.returncode, told, arguments[-1], name, kind) from failed
        if failed:
            raise failed


def explain(code: int, said: str, asked: str, name: str, kind: str) -> IngestError:
    """Return the error that the end of a program means."""
    if code == PASSWORD:
        return EncryptedArchive(name=name)
    if code == ABSENT:
        return UnknownOption(name="sheet", value=asked)
    if code == MEMORY_OUT or code < 0 or any(word in said.lower() for word in OUT):
        return TooManyBytes(name=name)
    return BrokenFile(name=name, format=kind, found=said[:200] or "no reason given")
