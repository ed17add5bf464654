"""The incoming folder: files arrive aside, in pieces, and are then kept under their checksum.

    {id}.part      what has arrived; its length is the offset of the upload: nothing else remembers it
    {id}.upload    of an upload that can be resumed: who sends what, and the draft that it became
    {sha256}       a whole file

Nothing is held in memory but one piece. Kill the process at any instant: what has arrived can be resumed, or is
erased by the purge.
"""

import errno
import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from io import FileIO
from pathlib import Path
from typing import IO

from datasets.errors import DiskFull, FileTooLarge, NotFound, StoreError

PIECE = 1 << 20
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
KEPT = timedelta(days=2)
"""How long an upload that nobody adds to can be resumed; the nightly purge erases it afterwards."""
IDENTIFIER = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Upload:
    """A file that arrives in several requests: its sender's name for drafts, its name, its length in bytes.

    `dataset_id` is the dataset that it renews, if any; `draft_id` the draft that it became once whole.
    """

    upload_id: str
    owner: str
    name: str
    length: int
    dataset_id: str = ""
    draft_id: str = ""


class Reception:
    """A file being received: written aside and digested as it comes; a file object for whoever fills it."""

    def __init__(self, folder: Path, name: str, limit: int) -> None:
        self.folder, self.name, self.limit = folder, name, limit
        self.size, self.digest = 0, hashlib.sha256()
        self.path = folder / f"{secrets.token_hex(16)}.part"
        with telling_full_disk(name):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.file = self.path.open("wb")

    def write(self, piece: bytes) -> None:
        """Add a piece. Raises FileTooLarge beyond the limit, DiskFull and StoreError when the disk refuses."""
        self.size += len(piece)
        if self.size > self.limit:
            raise FileTooLarge(name=self.name, limit=f"{self.limit / 1e6:.0f} MB")
        self.digest.update(piece)
        with telling_full_disk(self.name):
            self.file.write(piece)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Do nothing: whoever parses a form goes back to the beginning of what it has received."""
        return offset

    def keep(self) -> str:
        """Keep the file under its checksum (SHA-256), on the disk for good, and return that checksum."""
        with telling_full_disk(self.name):
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()
            self.path.rename(self.folder / self.digest.hexdigest())
        return self.digest.hexdigest()

    def close(self) -> None:
        """Erase what was not kept."""
        self.path.unlink(missing_ok=True)
        try:
            self.file.close()
        except OSError:  # bytes that the disk refused are still waiting to be written: they are not wanted
            return


def start_upload(folder: Path, upload: Upload) -> None:
    """Make room for an upload that can be resumed. Raises DiskFull when the disk has not that much room."""
    with telling_full_disk(upload.name):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < upload.length:
            raise DiskFull(what=upload.name)
        write_upload(folder, upload)
        (folder / f"{upload.upload_id}.part").touch(mode=0o600)


def write_upload(folder: Path, upload: Upload) -> None:
    """Write what is known of an upload, all or nothing."""
    aside = folder / f"{upload.upload_id}.{secrets.token_hex(4)}"
    aside.write_text(json.dumps(asdict(upload), ensure_ascii=False), encoding="utf-8")
    aside.rename(folder / f"{upload.upload_id}.upload")


def find_upload(folder: Path, upload_id: str, owner: str) -> Upload:
    """Return an upload of `owner`. Raises NotFound, for another's upload too."""
    path = folder / f"{upload_id}.upload"
    if not IDENTIFIER.fullmatch(upload_id) or not path.exists():
        raise NotFound(kind="file", name=upload_id)
    found = Upload(**json.loads(path.read_text(encoding="utf-8")))
    if found.owner != owner:
        raise NotFound(kind="file", name=upload_id)
    return found


def offset_of(folder: Path, upload: Upload) -> int:
    """Return how many bytes of an upload have arrived."""
    path = folder / f"{upload.upload_id}.part"
    return upload.length if upload.draft_id else path.stat().st_size


@contextmanager
def open_part(folder: Path, upload: Upload) -> Iterator[FileIO | None]:
    """Open what has arrived of an upload to add to it; None when another request is adding to it now."""
    with telling_full_disk(upload.name), (folder / f"{upload.upload_id}.part").open("r+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        file.seek(0, os.SEEK_END)
        yield file


def add_pieces(file: FileIO, stream: IO[bytes], most: int, digest: "hashlib._Hash | None" = None) -> int:
    """Add to `file` at most `most` bytes of `stream`, in pieces; return how many there were."""
    added = 0
    while added < most and (piece := stream.read(min(PIECE, most - added))):
        left = memoryview(piece)
        while left:
            left = left[file.write(left) :]
        added += len(piece)
        if digest is not None:
            digest.update(piece)
    return added


def keep_part(folder: Path, upload: Upload, file: FileIO) -> str:
    """Keep a whole upload under its checksum (SHA-256), on the disk for good, and return that checksum."""
    os.fsync(file.fileno())
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    (folder / f"{upload.upload_id}.part").rename(folder / sha256)
    return sha256


def end_upload(folder: Path, upload: Upload) -> None:
    """Forget an upload; the draft that it became stays."""
    for suffix in ("part", "upload"):
        (folder / f"{upload.upload_id}.{suffix}").unlink(missing_ok=True)


def purge_uploads(folder: Path, before: datetime) -> int:
    """Erase what nobody has added to since `before`, and return how many pieces of files there were."""
    stale = [path for path in folder.glob("*.part") if path.stat().st_mtime < before.timestamp()]
    for path in stale:
        path.unlink(missing_ok=True)
    for path in folder.glob("*.upload"):
        if not path.with_suffix(".part").exists() and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
    return len(stale)


def find_unfinished(folder: Path, owner: str) -> list[tuple[Upload, int]]:
    """Return the uploads of `owner` that are not whole, each with how many bytes have arrived."""
    found = [Upload(**json.loads(path.read_text(encoding="utf-8"))) for path in folder.glob("*.upload")]
    mine = [upload for upload in found if upload.owner == owner and not upload.draft_id]
    return [(upload, offset_of(folder, upload)) for upload in mine]


@contextmanager
def telling_full_disk(name: str) -> Iterator[None]:
    """Raise DiskFull when the disk has no room for the file called `name`, StoreError when it fails otherwise."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull(what=name) from error
        raise StoreError(what=name, reason=error.strerror or str(error)) from error
