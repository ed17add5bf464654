"""The incoming folder: files arrive aside, in pieces, and are then kept under their checksum."""

import hashlib
import os
import secrets
from pathlib import Path
from typing import BinaryIO

from datasets.errors import FileTooLarge, StoreError

PIECE = 1 << 20


def receive(folder: Path, stream: BinaryIO, name: str, limit: int) -> tuple[str, int]:
    """Write `stream` to `folder` under its checksum; return that checksum (SHA-256) and the size in bytes.

    Raises FileTooLarge over `limit` bytes and StoreError when the disk refuses; nothing is left behind then.
    """
    aside = folder / f"{secrets.token_hex(8)}.part"
    digest, size = hashlib.sha256(), 0
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with aside.open("wb") as file:
            while piece := stream.read(PIECE):
                size += len(piece)
                if size > limit:
                    raise FileTooLarge(name=name, limit=f"{limit / 1e6:.0f} MB")
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(folder / digest.hexdigest())
    except OSError as error:
        raise StoreError(what=name, reason=error.strerror or str(error)) from error
    finally:
        aside.unlink(missing_ok=True)
    return digest.hexdigest(), size
