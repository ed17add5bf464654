"""The rules of entering: passwords, codes, sessions. HTTP and the clock stay outside."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from datasets.errors import InvalidParameter
from portal.accounts import passwords, second_factor
from portal.accounts.journal.service import note
from portal.accounts.service import Account, describe, find_row, get_key, get_row, normalise_email
from portal.accounts.tables import AccountRow, PasskeyRow, RecoveryRow, SessionRow
from portal.vault import Vault

SESSION_LIFE = timedelta(days=7)
"""A browser stays signed in for at most a week, counted from the sign-in and never renewed by visits."""


def authenticate(session: Session, vault: Vault, email: str, password: str) -> AccountRow | None:
    """Return the account that an address and a password open, or None. Unknown addresses take the time of known ones.

    Whether a second factor is asked for is the caller's to see; nothing is opened yet.
    """
    row = find_row(session, vault, read_address(email))
    if not passwords.verify_password(row.password if row else None, password) or row is None:
        return None
    if passwords.needs_rehash(row.password):
        row.password = passwords.hash_password(password)
    return row


def read_address(text: str) -> str:
    """Return the normalised address that somebody typed, empty when it is none."""
    try:
        return normalise_email(text)
    except InvalidParameter:
        return ""


def enter(session: Session, vault: Vault, account_id: str, at: datetime) -> str | None:
    """Return the token of a new session of somebody who proved who they are; None when they were just erased."""
    purge_sessions(session, at)
    # One statement, so that a sign-in and the erasure of an inactive account cannot both succeed.
    seen = update(AccountRow).where(AccountRow.id == account_id).values(last_sign_in=at, noticed=None)
    if session.scalar(seen.returning(AccountRow.id)) is None:
        return None
    note(session, vault, account_id, "signed_in", at)
    return open_session(session, account_id, at)


def check_code(session: Session, vault: Vault, account_id: str, code: str, at: datetime) -> bool:
    """Tell whether `code` is the second factor's now; a code is good once."""
    row, key = get_row(session, account_id), get_key(vault, account_id)
    if row.second_factor is None:
        return False
    secret = key.unseal("account|second_factor", row.second_factor)
    step = second_factor.find_step(secret, code, at, row.last_code)
    if step is None:
        return False
    newer = update(AccountRow).where(AccountRow.id == account_id, AccountRow.last_code < step).values(last_code=step)
    return session.scalar(newer.returning(AccountRow.id)) is not None


def set_second_factor(session: Session, vault: Vault, account_id: str, secret: str, code: str, at: datetime) -> bool:
    """Keep the secret of a second factor once a code shows that the authenticator knows it; False otherwise."""
    step = second_factor.find_step(secret, code, at, 0)
    if step is None:
        return False
    row, key = get_row(session, account_id), get_key(vault, account_id)
    row.second_factor, row.last_code = key.seal("account|second_factor", secret), step
    return True


def drop_second_factor(session: Session, account_id: str) -> None:
    """Forget the second factor of an account. Raises NotFound."""
    row = get_row(session, account_id)
    row.second_factor, row.last_code = None, 0


def drop_factors(session: Session, account_id: str) -> None:
    """Forget the second factor, passkeys and recovery codes of an account, and end its sessions. Raises NotFound."""
    drop_second_factor(session, account_id)
    for table in (PasskeyRow, RecoveryRow, SessionRow):
        session.execute(delete(table).where(table.account_id == account_id))


def has_second_factor(row: AccountRow) -> bool:
    """Tell whether signing in to an account takes more than its password."""
    return row.second_factor is not None or bool(row.passkeys)


def find_for_reset(session: Session, facts: Mapping[str, str] | None) -> AccountRow | None:
    """Return the account whose password a ticket may replace: None when it changed since, or is gone."""
    row = session.get(AccountRow, facts["account"]) if facts else None
    return row if row and facts and digest_of(row.password) == facts["before"] else None


def open_session(session: Session, account_id: str, at: datetime) -> str:
    """Return the token of a new session of `account_id`; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    session.add(SessionRow(digest=digest_of(token), account_id=account_id, created=at, expires=at + SESSION_LIFE))
    session.flush()
    return token


def digest_of(token: str) -> str:
    """Return the hash under which a random token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_by_token(session: Session, vault: Vault, token: str, at: datetime) -> Account | None:
    """Return the account that `token` signs in, None when it was signed out, erased or has expired."""
    rows = select(AccountRow).join(SessionRow)
    row = session.scalar(rows.where(SessionRow.digest == digest_of(token), SessionRow.expires > at))
    key = vault.find_key(row.id) if row else None
    return describe(row, key, at) if row and key else None


def sign_out(session: Session, token: str) -> None:
    """End the session of `token`; nothing happens when it is over already."""
    session.execute(delete(SessionRow).where(SessionRow.digest == digest_of(token)))


def sign_out_everywhere(session: Session, account_id: str) -> None:
    """End every session of `account_id`."""
    session.execute(delete(SessionRow).where(SessionRow.account_id == account_id))


def change_password(session: Session, vault: Vault, account_id: str, current: str, new: str) -> bool:
    """Replace the password and end every session; False when `current` is not the present one.

    Raises InvalidParameter when `new` is weak, NotFound when the account is gone.
    """
    row = get_row(session, account_id)
    if not passwords.verify_password(row.password, current):
        return False
    set_password(session, vault, row, new)
    return True


def set_password(session: Session, vault: Vault, row: AccountRow, new: str) -> None:
    """Give an account a new password and end every session. Raises InvalidParameter when it is weak."""
    if not passwords.is_strong(new, describe(row, get_key(vault, row.id)).known_words):
        raise InvalidParameter(name="password", found="a weak password", expected=f"{passwords.BITS} bits of entropy")
    row.password = passwords.hash_password(new)
    sign_out_everywhere(session, row.id)


def purge_sessions(session: Session, at: datetime) -> int:
    """Delete the sessions that have expired; return how many."""
    purged = session.execute(delete(SessionRow).where(SessionRow.expires <= at))
    return purged.rowcount  # type: ignore[attr-defined]
