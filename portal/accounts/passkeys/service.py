"""The rules of passkeys: what a device keeps, and signs only for this site and once its owner proved who they are.

A passkey is two factors at once (the device, and the finger, face or code that opens it), so it signs in alone.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.accounts.service import get_key
from portal.accounts.tables import PasskeyRow
from portal.vault import Vault

MOST_PASSKEYS = 10
LONGEST_ANSWER = 20_000


@dataclass(frozen=True)
class Site:
    """The site that passkeys are bound to: its domain, its origin and its name."""

    domain: str
    origin: str
    name: str


@dataclass(frozen=True)
class Passkey:
    """A passkey as its owner sees it."""

    id: str
    name: str
    created: datetime
    last_used: datetime | None


def find_site(base_url: str, name: str) -> Site | None:
    """Return the site at an address; None when it has no name of its own, which passkeys need."""
    parts = urlsplit(base_url)
    domain = parts.hostname or ""
    try:
        ipaddress.ip_address(domain)
    except ValueError:
        return Site(domain, f"{parts.scheme}://{parts.netloc}", name) if domain else None
    return None


def list_rows(session: Session, account_id: str) -> list[PasskeyRow]:
    """Return the rows of somebody's passkeys, oldest first."""
    mine = select(PasskeyRow).where(PasskeyRow.account_id == account_id)
    return list(session.scalars(mine.order_by(PasskeyRow.created, PasskeyRow.id)))


def list_passkeys(session: Session, vault: Vault, account_id: str) -> list[Passkey]:
    """Return somebody's passkeys, oldest first. Raises NotFound when the person is erased."""
    key, rows = get_key(vault, account_id), list_rows(session, account_id)
    return [Passkey(row.id, key.unseal("passkey|name", row.name), row.created, row.last_used) for row in rows]


def remove_passkey(session: Session, account_id: str, passkey_id: str) -> bool:
    """Forget one passkey of somebody; False when they have no such one."""
    mine = delete(PasskeyRow).where(PasskeyRow.account_id == account_id, PasskeyRow.id == passkey_id)
    return session.scalar(mine.returning(PasskeyRow.id)) is not None


def digest_of(credential: bytes) -> str:
    """Return the hash by which a passkey is found."""
    return hashlib.sha256(credential).hexdigest()
