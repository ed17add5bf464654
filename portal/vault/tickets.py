"""Tickets: facts that a person carries (in a link, in a form) and that nobody can read, change or use too late.

Until a ticket comes back nothing is kept of who holds it.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from datetime import datetime, timedelta

from datasets.errors import StoreError
from portal.vault.cipher import derive, seal, unseal
from portal.vault.keyring import Keyring

LONGEST = 4096


def seal_ticket(ring: Keyring, purpose: str, facts: Mapping[str, str], at: datetime, life: timedelta) -> str:
    """Return a ticket for `purpose`, good from `at` for `life`."""
    content = json.dumps({**facts, "until": (at + life).timestamp()}).encode()
    return urlsafe_b64encode(seal(_key(ring, ring.newest), content, purpose)).decode().rstrip("=")


def open_ticket(ring: Keyring, purpose: str, ticket: str, at: datetime) -> dict[str, str] | None:
    """Return the facts of a ticket, None when it is not ours, for something else, changed or too old."""
    try:
        sealed = urlsafe_b64decode(ticket[:LONGEST] + "=" * (-len(ticket) % 4))
    except (Error, ValueError):
        return None
    for version in ring.keys:
        try:
            facts = json.loads(unseal(_key(ring, version), sealed, purpose))
        except StoreError:
            continue
        return {k: v for k, v in facts.items() if k != "until"} if at.timestamp() < facts["until"] else None
    return None


def _key(ring: Keyring, version: int) -> bytes:
    return derive(ring.keys[version], "tickets")
