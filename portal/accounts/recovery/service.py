"""Recovery codes: for whoever lost their authenticator and their passkeys; each is good once, only hashes are kept."""

import base64
import hashlib
import secrets

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.accounts.tables import RecoveryRow

CODES = 10
BYTES = 10
"""80 bits each: 16 letters and digits, in four groups."""


def make_codes(session: Session, account_id: str) -> list[str]:
    """Return new codes in the place of those that were left; they are kept nowhere but as hashes."""
    session.execute(delete(RecoveryRow).where(RecoveryRow.account_id == account_id))
    codes = [base64.b32encode(secrets.token_bytes(BYTES)).decode().lower() for _ in range(CODES)]
    session.add_all(RecoveryRow(digest=digest_of(account_id, code), account_id=account_id) for code in codes)
    session.flush()
    return ["-".join(code[place : place + 4] for place in range(0, len(code), 4)) for code in codes]


def use_code(session: Session, account_id: str, code: str) -> bool:
    """Tell whether `code` is one of somebody's that were left, and cross it out."""
    bare = "".join(letter for letter in code.lower() if letter.isalnum())
    mine = delete(RecoveryRow).where(RecoveryRow.digest == digest_of(account_id, bare))
    return session.scalar(mine.returning(RecoveryRow.digest)) is not None


def count_codes(session: Session, account_id: str) -> int:
    """Return how many codes somebody has left."""
    mine = select(func.count()).where(RecoveryRow.account_id == account_id)
    return session.scalar(mine) or 0


def digest_of(account_id: str, code: str) -> str:
    """Return the hash under which a code of somebody is kept: 80 random bits need no slow one."""
    return hashlib.sha256(f"{account_id}|{code}".encode()).hexdigest()
