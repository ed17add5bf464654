"""The master keys of an instance, in a file outside the databases: one line for each version, the newest last."""

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from datasets.errors import SettingError
from portal.vault.cipher import KEY, new_key

EXPECTED = "lines “version:key”, a number and 32 bytes in base64"


@dataclass(frozen=True)
class Keyring:
    """Master keys by version; the highest wraps, the others still open what they wrapped."""

    keys: Mapping[int, bytes]

    @property
    def newest(self) -> int:
        """The version that wraps from now on."""
        return max(self.keys)

    def text(self) -> str:
        """Return the lines of the file."""
        return "".join(f"{version}:{urlsafe_b64encode(key).decode()}\n" for version, key in sorted(self.keys.items()))


@dataclass
class KeyringFile:
    """A file of master keys, read again whenever it has changed, so that keys turn while the portal serves."""

    path: Path
    _known: tuple[tuple[int, int], Keyring] | None = None

    def __call__(self) -> Keyring:
        """Return the keys as the file holds them now. Raises SettingError."""
        try:
            found = self.path.stat()
        except OSError:
            return read_keyring(self.path)
        identity = found.st_ino, found.st_mtime_ns
        if self._known is None or self._known[0] != identity:
            self._known = identity, read_keyring(self.path)
        return self._known[1]


def read_keyring(path: Path) -> Keyring:
    """Return the master keys that a file holds. Raises SettingError when it is missing, empty or damaged."""
    try:
        lines = path.read_text(encoding="ascii").split()
        keys = {int(version): urlsafe_b64decode(key) for version, key in (line.split(":") for line in lines)}
    except (OSError, ValueError) as error:
        raise SettingError(name="PORTAL_MASTER_KEY", found=f"{path.name}: {error}", expected=EXPECTED) from error
    if not keys or any(len(key) != KEY for key in keys.values()):
        raise SettingError(name="PORTAL_MASTER_KEY", found=f"{path.name}: no whole key", expected=EXPECTED)
    return Keyring(keys)


def make_keyring(path: Path) -> None:
    """Write a first master key at `path`, readable by its owner only; a file that exists is never touched."""
    if not path.exists():
        write_keyring(path, Keyring({1: new_key()}))


def add_key(path: Path) -> Keyring:
    """Add a newer master key to the file; the older ones stay until everything is wrapped anew."""
    ring = read_keyring(path)
    return write_keyring(path, Keyring({**ring.keys, ring.newest + 1: new_key()}))


def drop_older(path: Path, kept: Collection[int] = ()) -> Keyring:
    """Keep the newest master key and the versions `kept`; what another wrapped, backups included, opens no more."""
    ring = read_keyring(path)
    return write_keyring(path, Keyring({n: key for n, key in ring.keys.items() if n == ring.newest or n in kept}))


def write_keyring(path: Path, ring: Keyring) -> Keyring:
    """Write the keys at `path`, all or nothing, readable by the owner only; return them."""
    aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(ring.text())
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)
    return ring
