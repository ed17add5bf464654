"""Passwords: how strong one must be, and how it is kept.

The rule is the CNIL's (deliberation 2022-100): 80 bits of entropy for a password alone. That is 12 characters of
the four kinds, 14 without a special one, 18 lower-case letters, or a sentence of seven words. Nothing forces a
change later. Entropy is guessed from the alphabets used and from the characters that a guesser could not foresee:
repetitions, sequences (abc, 321), well-known words and the person's own address count for one character each.
"""

import math
import re
import secrets
import string
from base64 import b64encode
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher()  # Argon2id with the second parameters of RFC 9106: 64 MiB, 3 passes
BITS = 80
LONGEST = 1024
KINDS = (
    (frozenset(string.ascii_lowercase), 26),
    (frozenset(string.ascii_uppercase), 26),
    (frozenset(string.digits), 10),
)
SPECIAL = 37
BLOCKED = (
    "motdepasse", "password", "passw0rd", "azerty", "azertyuiop", "qwerty", "qwertyuiop", "qsdfghjklm",
    "bonjour", "soleil", "doudou", "chocolat", "marseille", "loulou", "nicolas", "admin", "administrateur",
    "administrator", "welcome", "bienvenue", "iloveyou", "jetaime", "letmein", "dragon", "monkey", "football",
    "princess", "secret", "opendata", "portail", "portal", "gers", "cooprog", "correcthorsebatterystaple",
)  # fmt: skip


def measure_entropy(password: str, known: Iterable[str] = ()) -> float:
    """Return the bits of entropy that a guesser faces; `known` are words that they would try first.

    A low estimate, by CNIL's formula (length × log2 of the alphabets used) on what is left once foreseeable
    parts are counted as one character.
    """
    surprising = remove_foreseeable(password, known)
    alphabet = sum(size for kind, size in KINDS if kind & set(surprising))
    if any(not any(letter in kind for kind, _ in KINDS) for letter in surprising):
        alphabet += SPECIAL
    return len(surprising) * math.log2(alphabet) if alphabet else 0.0


def remove_foreseeable(password: str, known: Iterable[str]) -> str:
    """Return `password` with each known word, repetition and sequence shortened to one character."""
    words = sorted({word.casefold() for word in (*BLOCKED, *known) if len(word) >= 4}, key=len, reverse=True)
    for word in words:
        password = re.sub(re.escape(word), lambda found: found.group()[0], password, flags=re.IGNORECASE)
    password = re.sub(r"(.{1,8}?)\1{2,}", r"\1", password, flags=re.DOTALL)
    kept = password[:2]
    for before, previous, letter in zip(password, password[1:], password[2:], strict=False):
        step = ord(letter) - ord(previous)
        if not (abs(step) <= 1 and step == ord(previous) - ord(before)):
            kept += letter
    return kept


def is_strong(password: str, known: Iterable[str] = ()) -> bool:
    """Tell whether `password` reaches the CNIL's threshold, rounded to the bit as in its own examples."""
    return round(measure_entropy(password, known)) >= BITS


def hash_password(password: str) -> str:
    """Return the Argon2id hash to keep, its salt and parameters inside."""
    return HASHER.hash(password)


def verify_password(kept: str | None, password: str) -> bool:
    """Tell whether `password` is the one kept. Without one (None), do the same work and refuse."""
    try:
        return HASHER.verify(kept or make_decoy(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(kept: str) -> bool:
    """Tell whether `kept` was made with older parameters than today's."""
    return HASHER.check_needs_rehash(kept)


@cache
def make_decoy() -> str:
    """Return a hash that no password has, with today's parameters, so that refusing costs what accepting costs."""
    salt, digest = (
        b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (HASHER.salt_len, HASHER.hash_len)
    )
    costs = f"m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"
