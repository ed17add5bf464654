"""Sealing and opening texts with AES-256-GCM: who changes, moves or swaps a sealed text makes it unreadable."""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from datasets.errors import StoreError

FORMAT = b"\x01"
NONCE = 12
KEY = 32


def new_key() -> bytes:
    """Return 256 random bits."""
    return secrets.token_bytes(KEY)


def seal(key: bytes, content: bytes, place: str) -> bytes:
    """Return `content` sealed for `place` (the table, column and person it belongs to): format, nonce, text, tag."""
    nonce = secrets.token_bytes(NONCE)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, content, FORMAT + place.encode())


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    """Return what was sealed for `place`. Raises StoreError when it was changed, moved, or sealed with another key."""
    head, nonce, text = sealed[:1], sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
    try:
        return AESGCM(key).decrypt(nonce, text, head + place.encode())
    except (InvalidTag, ValueError) as error:
        raise StoreError(what=place.rpartition("|")[0], reason="a sealed value cannot be opened") from error


def derive(key: bytes, purpose: str) -> bytes:
    """Return a key of its own for `purpose`, from which the first cannot be had back (HKDF, RFC 5869)."""
    return HKDF(SHA256(), KEY, salt=None, info=purpose.encode()).derive(key)


def blind(key: bytes, text: str) -> str:
    """Return the blind index of `text`: equal for equal texts, and nothing more to whoever lacks the key."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
