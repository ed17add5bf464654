"""Files made from a version once and kept beside it: whole or not there, gone with it, made again when missing.

    {root}/{dataset_id}/{version_id}/.made/{name}.{coding}.{SHA-256 of the bytes}

They hold nothing that the version does not tell, so copies leave them out. Kept on a local disk only.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from datasets.errors import DiskFull, StoreError
from datasets.model import Version
from datasets.store.versions import VersionStore

MADE = ".made"
PLAIN = "identity"
"""The coding of bytes that are compressed by nothing, in the words of HTTP."""

PIECE = 1 << 18
"""Bytes of a file in memory at once."""

ROOM = 1 << 30
"""Bytes that making a file must leave free on the disk."""


@dataclass(frozen=True)
class MadeFile:
    """A file that was made: where it is, its size in bytes, its SHA-256 in hexadecimal digits."""

    path: Path
    size: int
    sha256: str

    def read(self) -> "Pieces":
        """Return its bytes, piece by piece."""
        return Pieces(self.path)


class Pieces:
    """The bytes of a file from where `seek` puts it; the file is open only while a piece is read."""

    def __init__(self, path: Path) -> None:
        self._path, self._place = path, 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with self._path.open("rb", buffering=0) as content:
            content.seek(self._place)
            piece = content.read(PIECE)
        if not piece:
            raise StopIteration
        self._place += len(piece)
        return piece

    def seekable(self) -> bool:
        """Tell that reading may begin anywhere."""
        return True

    def seek(self, place: int) -> None:
        """Go on reading at the byte `place`."""
        self._place = place

    def tell(self) -> int:
        """Return the byte where reading goes on."""
        return self._place


class MadeFiles:
    """What was made from the versions of a store, by name and coding."""

    def __init__(self, store: VersionStore) -> None:
        self._store = store

    def find(self, version: Version, name: str, coding: str = PLAIN) -> MadeFile | None:
        """Return the file of that name (letters, digits and hyphens) in that coding, or None while it is not made."""
        folder, start = self._folder(version), f"{name}.{coding}."
        try:
            found = sorted(entry for entry in os.listdir(folder) if entry.startswith(start))
            if not found:
                return None
            path = folder / found[0]
            return MadeFile(path, path.stat().st_size, found[0].removeprefix(start))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def make(self, version: Version, name: str, chunks: Iterable[bytes], coding: str = PLAIN) -> MadeFile | None:
        """Write `chunks` as a file and return it; None in a store that is no local disk.

        The file appears whole or not at all, and only while its version is there. Raises StoreError, and DiskFull
        when the disk has no room to spare.
        """
        if not self._store.local:
            return None
        folder = self._folder(version)
        try:
            with self._store.aside() as aside:
                path = Path(aside) / name
                sha256, size = _write(path, chunks)
                if folder.parent.exists():  # else the version is gone, and its files with it
                    folder.mkdir(exist_ok=True)
                final = folder / f"{name}.{coding}.{sha256}"
                os.rename(path, final)
        except OSError as error:
            raise StoreError(what=f"{version.dataset_id}: {name}", reason=str(error)) from error
        return MadeFile(final, size, sha256)

    def forget_others(self, version: Version) -> None:
        """Remove what was made from the other versions of the same dataset."""
        mine = self._folder(version)
        for folder in mine.parent.parent.glob(f"*/{MADE}"):
            if folder != mine:
                shutil.rmtree(folder, ignore_errors=True)

    def _folder(self, version: Version) -> Path:
        return Path(self._store.locate(version)).parent / MADE


def _write(path: Path, chunks: Iterable[bytes]) -> tuple[str, int]:
    """Write chunks, force them onto the disk, and return their SHA-256 and their size."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as target:
        for chunk in chunks:
            if shutil.disk_usage(path.parent).free < ROOM:
                raise DiskFull(what=path.name)
            digest.update(chunk)
            target.write(chunk)
            size += len(chunk)
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest(), size
