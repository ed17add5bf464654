"""A compressed file becomes a plain one, in a folder of its own, under limits that no promise of the archive can lift.

Sizes are counted on the bytes that really come out; the names of an archive are shown, never used as paths.
"""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from datasets.errors import BrokenArchive, EncryptedArchive, TooManyBytes

BLOCK = 1 << 20
LARGEST = 8 << 30
"""Bytes that may come out of one archive."""
RATIO, FREE = 200, 64 << 20
"""How many times its own size an archive may hold, beyond the first bytes, which are free."""
MEMBERS = 10_000
GZIP, ZIP, EMPTY_ZIP = b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06"
IDLE = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def gunzip(path: Path, target: Path, name: str) -> None:
    """Write what a gzip file holds to `target`. Raises BrokenArchive and TooManyBytes."""
    try:
        with gzip.open(path) as source, target.open("wb") as out:
            for block in counted(source, path.stat().st_size, name):
                out.write(block)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BrokenArchive(name=name) from error


def members(path: Path, name: str) -> list[str]:
    """Return the names of the files that a zip archive holds, without folders and what systems leave behind.

    Raises BrokenArchive, and TooManyBytes when there are more than MEMBERS.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [one.filename for one in archive.infolist() if not one.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BrokenArchive(name=name) from error
    if len(names) > MEMBERS:
        raise TooManyBytes(name=name)
    return [one for one in names if not any(idle in one for idle in IDLE)]


def extract(path: Path, member: str, target: Path, name: str) -> None:
    """Write one file of a zip archive to `target`. Raises BrokenArchive, EncryptedArchive and TooManyBytes."""
    with target.open("wb") as out:
        for block in blocks_of(path, member, name):
            out.write(block)


def blocks_of(path: Path, member: str, name: str) -> Iterator[bytes]:
    """Yield the bytes of one file of a zip archive. Raises BrokenArchive, EncryptedArchive and TooManyBytes."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(member).flag_bits & 1:
                raise EncryptedArchive(name=name)
            with archive.open(member) as source:
                yield from counted(source, path.stat().st_size, name)
    except (zipfile.BadZipFile, EOFError, OSError, KeyError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise BrokenArchive(name=name) from error


def counted(source: IO[bytes] | gzip.GzipFile, packed: int, name: str) -> Iterator[bytes]:
    """Yield the blocks of a compressed stream of `packed` bytes; raise TooManyBytes as soon as they are too many."""
    allowed = min(LARGEST, max(FREE, packed * RATIO))
    while block := source.read(BLOCK):
        allowed -= len(block)
        if allowed < 0:
            raise TooManyBytes(name=name)
        yield block
