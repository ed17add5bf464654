"""Copies of an installation, and putting one back: nothing that was erased since comes to life again.

    FOLDER/
      manifest.json           the SHA-256 of every other file but the keys
      catalogue.sqlite accounts.sqlite audience.sqlite, ledger.jsonl erased.jsonl opposed.jsonl acts.jsonl,
      versions/ territories/
      archive/                sealed records; their keys (`archive.key`) are never copied
      keys/                   keys.sqlite secret.key and their manifest: to be kept apart, for a few days only

`master.key` is never copied: who holds a copy of everything else reads nothing of anybody. Older data may be put back
with newer keys: they open only those who have not been erased in between.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from datasets.errors import StoreError
from portal.accounts.journal.waiting import FILE as WAITING_ACTS
from portal.databases import NAMES, find_file
from portal.extensions import Portal
from portal.instance import KEY_FILE, prepare_instance
from portal.opposition import FILE as OPPOSED
from portal.privacy.archive import FOLDER as ARCHIVE
from portal.privacy.erased import FILE as ERASED
from portal.privacy.erased import Erased
from portal.privacy.erasure import erase_person, find_stores
from portal.privacy.rights.answering import open_opposition
from portal.producers.service import LEFT_OUT

MANIFEST = "manifest.json"
KEYS = "keys"
FOLDERS = ("versions", "territories", ARCHIVE)
FILES = ("ledger.jsonl", ERASED, OPPOSED, WAITING_ACTS)
BLOCK = 1 << 20


def back_up(portal: Portal, folder: Path, at: datetime) -> Iterator[str]:
    """Copy the installation into a new `folder` while it serves; yield what was copied.

    Raises StoreError when the folder exists or cannot be written; nothing half-done keeps its name.
    """
    aside = folder.with_name(f".{folder.name}.{os.getpid()}")
    if folder.exists():
        raise StoreError(what=str(folder), reason="it is there already; a copy goes into a new folder")
    try:
        (aside / KEYS).mkdir(mode=0o700, parents=True)
        for name in NAMES:  # the catalogue first: what it points at is copied after it
            if find_file(portal.databases.urls[name]) is None:
                yield f"{name}: on a server, which has its own copies"
                continue
            path = (aside / KEYS if name == "keys" else aside) / f"{name}.sqlite"
            portal.databases.copy(name, path, LEFT_OUT if name == "catalogue" else ())
        shutil.copy2(portal.settings.instance / KEY_FILE, aside / KEYS / KEY_FILE)
        for name in FOLDERS:
            shutil.copytree(
                portal.settings.instance / name, aside / name, ignore=shutil.ignore_patterns(".incoming", ".made")
            )
        for name in FILES:
            if (portal.settings.instance / name).exists():
                shutil.copy2(portal.settings.instance / name, aside / name)
        count = sum(write_manifest(part, at) for part in (aside, aside / KEYS))
        aside.rename(folder)
    except OSError as error:
        raise StoreError(what=str(folder), reason=error.strerror or str(error)) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    yield f"{count} files in {folder}; keep {KEYS}/ apart, and for a few days only"


def write_manifest(part: Path, at: datetime) -> int:
    """Write beside the files of a part of a copy what each of them is; return how many there are."""
    hashes = hash_tree(part)
    (part / MANIFEST).write_text(json.dumps({"at": at.isoformat(), "files": hashes}, indent=1), encoding="utf-8")
    return len(hashes)


def check_copy(folder: Path) -> None:
    """Raise StoreError, naming the file, when a byte of a copy or of its keys is not as it was copied."""
    for part in (folder, folder / KEYS):
        try:
            told = json.loads((part / MANIFEST).read_text(encoding="utf-8"))["files"]
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(what=str(part / MANIFEST), reason="it is missing or cannot be read") from error
        found = hash_tree(part)
        for name in sorted({*told, *found}):
            if told.get(name) != found.get(name):
                reason = "it is missing" if name not in found else "it is not as it was copied"
                raise StoreError(what=str(part / name), reason=reason)


def put_back(folder: Path, instance: Path) -> None:
    """Write a checked copy into an instance that has published nothing; erasures are then replayed (`replay`).

    Raises StoreError when the copy was damaged, or when the instance is in use.
    """
    check_copy(folder)
    if (instance / "catalogue.sqlite").exists():
        raise StoreError(what=str(instance), reason="there is an installation in it; put the copy back into a new one")
    prepare_instance(instance)
    try:
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder)
            if path.is_file() and path.name != MANIFEST:
                target = instance / (relative.name if relative.parts[0] == KEYS else relative)
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copy2(path, target)
    except OSError as error:
        raise StoreError(what=str(instance), reason=error.strerror or str(error)) from error


def replay(portal: Portal, newer: Path | None = None, opposed: Path | None = None) -> Iterator[str]:
    """Erase again everybody who was erased since the copy was made; yield how many.

    `newer` is the file of erasures of the installation that was lost, when it could be saved; it joins the copy's own.
    So is `opposed` of its list of objections.
    """
    stores, secret = find_stores(portal), portal.vault.secret
    erased = Erased(portal.settings.instance / ERASED, secret)
    known = {**erased.read(), **(Erased(newer, secret).read() if newer else {})}
    back = [person for person in stores.list_people() if erased.name(person) in known]
    for person in back:
        erase_person(stores, person, at=portal.clock.now())
    if opposed is not None:
        open_opposition(stores).merge(opposed)
    yield f"{len(back)} persons erased again"


def hash_tree(part: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a part, by its path there: not of the manifest, nor of the keys below it."""
    paths = [path for path in sorted(part.rglob("*")) if path.is_file() and path.name != MANIFEST]
    return {str(path.relative_to(part)): hash_file(path) for path in paths if path.relative_to(part).parts[0] != KEYS}


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
