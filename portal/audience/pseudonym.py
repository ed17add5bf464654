"""Visits told apart for one day, by a key that no one keeps.

The pseudonym of a visit is a keyed hash of the site, the shortened address and the class of browser. The key is
random, lives in memory and in one file of the instance (so that all processes share it), and both are destroyed
when the day changes in Paris: from then on not even we can compute the pseudonym of a known person again.
"""

import hashlib
import hmac
import os
import secrets
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from threading import Lock

PREFIXES = {4: 24, 6: 48}


class DailyKey:
    """The key of the present day, shared through the folder of the instance by every process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._day: date | None = None
        self._key = b""
        self._lock = Lock()

    def pseudonym(self, day: date, site: str, address: str, browser: str) -> str:
        """Return the pseudonym (128 bits, in hexadecimal) of a visit on `day`."""
        text = "\x1f".join((site, shorten_address(address), browser))
        return hmac.new(self.turn(day), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]

    def turn(self, day: date) -> bytes:
        """Return the key of `day`; every other is forgotten, here and on the disk."""
        with self._lock:
            if day != self._day:
                self._key, self._day = read_or_make_key(self.folder, day), day
                destroy_keys(self.folder, keep=day)
            return self._key


def read_or_make_key(folder: Path, day: date) -> bytes:
    """Return the key of `day`: the one that another process made, else a new one.

    When the folder cannot be written the key stays in the memory of this process: visits are then told apart by
    process, which counts more of them, and nothing else.
    """
    path = locate_key(folder, day)
    key = secrets.token_bytes(32)
    aside = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
        try:
            os.link(aside, path)  # fails when another process was first: its key is the day's
        finally:
            aside.unlink()
    except FileExistsError:
        return path.read_bytes()
    except OSError:
        aside.unlink(missing_ok=True)
    return key


def destroy_keys(folder: Path, *, keep: date) -> int:
    """Remove the keys of every day but `keep`; return how many there were."""
    old = [path for path in folder.glob("audience-*.key") if path != locate_key(folder, keep)]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def locate_key(folder: Path, day: date) -> Path:
    """Return the file that holds the key of `day`."""
    return folder / f"audience-{day.isoformat()}.key"


def shorten_address(address: str) -> str:
    """Return the network of an address (/24, or /48 for IPv6); nothing for what is not an address."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    bits = PREFIXES[parsed.version]
    hidden = parsed.max_prefixlen - bits
    return f"{type(parsed)(int(parsed) >> hidden << hidden)}/{bits}"
