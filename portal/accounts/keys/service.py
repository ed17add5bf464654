"""API keys, in a database of their own: a program is recognised without anybody knowing whose it is."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from datasets.errors import InvalidParameter, KeyExpired, OutOfScope
from datasets.model import Texts
from portal.accounts.keys.tables import KeyRow

SCOPES: Mapping[str, Texts] = MappingProxyType(
    {
        "read": {
            "fr": "Lire les données ouvertes, avec un quota à soi",
            "en": "Read open data, with a quota of its own",
        },
        "push": {"fr": "Envoyer des lignes à mes jeux de données", "en": "Send rows to my datasets"},
        "partners": {"fr": "Lire ce que les partenaires montrent d’eux", "en": "Read what partners show of themselves"},
    }
)
"""What a key may be made for, in words."""

STAFF_SCOPES = ("push", "partners")
"""The scopes of those who publish."""

LIVES = (30, 90, 365)
"""For how many days a key may be made; the last is the longest."""

MOST_KEYS = 20


@dataclass(frozen=True)
class ApiKey:
    """An API key as its holder sees it: everything but the secret, which is shown once."""

    id: str
    holder: str
    name: str
    scopes: tuple[str, ...]
    created: datetime
    expires: datetime | None
    last_used: date | None


def holder_of(secret: str, account_id: str) -> str:
    """Return the name under which `account_id` holds keys: a hash keyed by the secret of the instance."""
    return hmac.new(secret.encode(), b"api key holder|" + account_id.encode(), hashlib.sha256).hexdigest()


def digest_of(key: str) -> str:
    """Return the hash under which a random key is kept."""
    return hashlib.sha256(key.encode()).hexdigest()


def create_key(
    session: Session,
    holder: str,
    name: str,
    *,
    at: datetime,
    scopes: Collection[str] = ("read",),
    expires: datetime | None = None,
) -> str:
    """Create a key in the `keys` database and return its secret (256 random bits), which is kept nowhere.

    Raises InvalidParameter when the holder has as many keys as allowed, or a scope is unknown.
    """
    count = session.scalar(select(func.count()).where(KeyRow.holder == holder)) or 0
    if count >= MOST_KEYS:
        raise InvalidParameter(name="keys", found=f"{count} keys", expected=f"at most {MOST_KEYS}")
    if not scopes or set(scopes) - set(SCOPES):
        raise InvalidParameter(name="scopes", found=" ".join(sorted(scopes)) or "none", expected=" ".join(SCOPES))
    key = secrets.token_hex(32)
    session.add(
        KeyRow(
            id=secrets.token_hex(16),
            digest=digest_of(key),
            holder=holder,
            name=name.strip()[:100],
            scopes=" ".join(scopes),
            created=at,
            expires=expires,
        )
    )
    session.flush()
    return key


def list_keys(session: Session, holder: str) -> list[ApiKey]:
    """Return the keys of `holder`, oldest first."""
    rows = session.scalars(select(KeyRow).where(KeyRow.holder == holder).order_by(KeyRow.created, KeyRow.id))
    return [describe(row) for row in rows]


def describe(row: KeyRow) -> ApiKey:
    """Return the key that a row holds."""
    return ApiKey(row.id, row.holder, row.name, tuple(row.scopes.split()), row.created, row.expires, row.last_used)


def revoke_key(session: Session, holder: str, key_id: str) -> bool:
    """Delete one key of `holder`; False when they have no such key."""
    mine = delete(KeyRow).where(KeyRow.holder == holder, KeyRow.id == key_id).returning(KeyRow.id)
    return session.scalar(mine) is not None


def erase_keys(session: Session, holder: str) -> None:
    """Delete every key of `holder`."""
    session.execute(delete(KeyRow).where(KeyRow.holder == holder))


def purge_keys(session: Session, at: datetime) -> int:
    """Delete the keys that have expired; return how many."""
    purged = session.execute(delete(KeyRow).where(KeyRow.expires <= at))
    return purged.rowcount  # type: ignore[attr-defined]


def find_api_client(session: Session, key: str, at: datetime, scope: str = "read") -> ApiKey | None:
    """Return the key that a program shows, None when unknown. Its last use is kept to the day.

    Raises KeyExpired when its last day is over, OutOfScope when it was not made for `scope`.
    """
    row = session.scalar(select(KeyRow).where(KeyRow.digest == digest_of(key)))
    if row is None:
        return None
    if row.expires is not None and row.expires <= at:
        raise KeyExpired(day=row.expires.date().isoformat())
    found = describe(row)
    if scope not in found.scopes:
        raise OutOfScope(needed=scope, held=row.scopes)
    if row.last_used != at.date():
        session.execute(update(KeyRow).where(KeyRow.id == row.id).values(last_used=at.date()))
    return found
