"""A file closed by a password, that 7-Zip or WinZip opens anywhere: a ZIP of one member, in AES-256.

The format is AE-2 of WinZip: a salt, two bytes that tell a wrong password, the member in counter mode (its counter is
little-endian, from 1), and ten bytes of HMAC-SHA1 over it. The passwords are ours, drawn at random and long: the few
rounds of PBKDF2 that the format fixes protect them no less.
"""

import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
GROUPS, SIZE = 7, 4
ROUNDS = 1000
KEY, SALT, CHECK, TAG = 32, 16, 2, 10
ENCRYPTED, METHOD, NEEDED = 0x801, 99, 51
"""What the headers say: encrypted and named in UTF-8; kept as AE-x; for readers of ZIP 5.1."""

EXTRA = struct.pack("<HHHHBH", 0x9901, 7, 2, int.from_bytes(b"AE", "little"), 3, 0)
"""The field that tells the kind: AE-2, 256 bits, the member as it is (a copy is a zip already)."""

NEW_YEAR = (0, 33)
"""The time and day of the member, 1 January 1980: the file tells nothing of when it was made."""


def make_password() -> str:
    """Return a password of 138 random bits, in groups that can be read out over the telephone."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(SIZE)) for _ in range(GROUPS))
    return "-".join(groups)


def enclose(content: bytes, name: str, password: str) -> bytes:
    """Return a ZIP whose one member, `name`, is `content` closed by `password`."""
    salt, called = secrets.token_bytes(SALT), name.encode()
    keys = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, ROUNDS, 2 * KEY + CHECK)
    closed = _count(keys[:KEY], content)
    tag = hmac.new(keys[KEY : 2 * KEY], closed, hashlib.sha1).digest()[:TAG]
    body = salt + keys[2 * KEY :] + closed + tag
    sizes = struct.pack("<HHHIIIHH", METHOD, *NEW_YEAR, 0, len(body), len(content), len(called), len(EXTRA))
    member = struct.pack("<IHH", 0x04034B50, NEEDED, ENCRYPTED) + sizes + called + EXTRA + body
    entry = struct.pack("<IHHH", 0x02014B50, NEEDED, NEEDED, ENCRYPTED) + sizes + bytes(14) + called + EXTRA
    return member + entry + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(entry), len(member), 0)


def _count(key: bytes, content: bytes) -> bytes:
    """Return `content` under the counter mode of the format; done again, it gives it back."""
    blocks = range(1, len(content) // 16 + 2)
    stream = Cipher(AES(key), ECB()).encryptor().update(b"".join(n.to_bytes(16, "little") for n in blocks))  # noqa: S305 (the format's counter mode, which no library offers)
    return bytes(one ^ two for one, two in zip(content, stream, strict=False))
