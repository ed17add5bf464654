"""The rules of accounts: made, found, described, erased. HTTP and the clock stay outside (entering has its own room).

What a person says of themselves is sealed with their own key (`portal.vault`); addresses are found by a blind index.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from datasets.errors import InvalidParameter, NotFound, StoreUnavailable
from portal.accounts import passwords
from portal.accounts.keys import service as keys
from portal.accounts.partners.fields import DEGREES
from portal.accounts.tables import ROLES, AccountRow, SessionRow
from portal.databases import Databases
from portal.vault import DataKey, Vault

NAMES = ("given_name", "family_name")
OPTIONAL = ("phone", "profession", "workplace", "postal_address")
SEALED = ("email", *NAMES, *OPTIONAL)
"""The columns of an account that its person's key opens; those of OPTIONAL may hold nothing."""

LONGEST = 300
"""Letters kept of a field of the profile."""

STAFF = ("producer", "officer")
"""The roles that are granted, for a time, and that need a second factor."""

GRANT_LIFE = timedelta(days=365)
"""The longest grant of such a role."""


@dataclass(frozen=True)
class Account:
    """A person's account as the rest of the portal sees it (never the password)."""

    id: str
    email: str
    role: str
    given_name: str
    family_name: str
    language: str
    created: datetime
    last_sign_in: datetime
    has_code: bool = False
    passkeys: int = 0
    role_until: datetime | None = None
    transparency: str = "limited"
    phone: str = ""
    profession: str = ""
    workplace: str = ""
    postal_address: str = ""

    @property
    def has_second_factor(self) -> bool:
        """Tell whether signing in takes more than the password: a code, or a passkey."""
        return self.has_code or self.passkeys > 0

    @property
    def known_words(self) -> tuple[str, ...]:
        """Words that somebody guessing this person's password would try first."""
        return self.email, self.email.partition("@")[0], self.given_name, self.family_name


@dataclass(frozen=True)
class Silent:
    """An account that nobody signs in to: since when, and when its person was last told what comes of it."""

    id: str
    last_sign_in: datetime
    noticed: datetime | None


def clean_text(text: str | None) -> str:
    """Return a line without what cannot be printed (a NUL, which PostgreSQL refuses) and the spaces around it."""
    return "".join(letter for letter in text or "" if letter.isprintable()).strip()


def clean_name(text: str | None) -> str:
    """Return a name: such a line, of a hundred letters at most."""
    return clean_text(text)[:100]


def has_accounts(session: Session) -> bool:
    """Tell whether anybody has an account."""
    return session.scalar(select(AccountRow.id).limit(1)) is not None


def normalise_email(text: str) -> str:
    """Return the one spelling under which an address is kept. Raises InvalidParameter."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.casefold()
    except EmailNotValidError as error:
        raise InvalidParameter(name="email", found=repr(text[:100]), expected="an e-mail address") from error


def create_account(
    session: Session,
    vault: Vault,
    email: str,
    password: str,
    role: str = "beneficiary",
    *,
    at: datetime,
    given_name: str = "",
    family_name: str = "",
    language: str = "fr",
) -> Account:
    """Create an account in the `accounts` database, its personal values sealed with a new key of `vault`.

    Raises InvalidParameter for an unknown role, a weak password, a wrong address or one already in use.
    """
    if role not in ROLES:
        raise InvalidParameter(name="role", found=repr(role), expected=" or ".join(ROLES))
    address = normalise_email(email)
    if not passwords.is_strong(password, (address, address.partition("@")[0], given_name, family_name)):
        raise InvalidParameter(name="password", found="a weak password", expected=f"{passwords.BITS} bits of entropy")
    hashed = passwords.hash_password(password)
    names = {"given_name": clean_name(given_name), "family_name": clean_name(family_name)}
    return keep_account(session, vault, address, hashed, role, at=at, language=language, **names)


def keep_account(
    session: Session, vault: Vault, address: str, hashed: str, role: str, *, at: datetime, language: str, **names: str
) -> Account:
    """Keep an account whose normalised `address` and `hashed` password were checked. Raises InvalidParameter."""
    if find_row(session, vault, address) is not None:
        raise InvalidParameter(name="email", found=address, expected="an address without an account")
    key = vault.make_key(secrets.token_hex(16), at)
    row = AccountRow(
        id=key.person,
        email_index=vault.index(address),
        email=key.seal("account|email", address),
        password=hashed,
        role=role,
        role_until=at + GRANT_LIFE if role in STAFF else None,
        language=language,
        created=at,
        last_sign_in=at,
        **{name: key.seal(f"account|{name}", text) for name, text in names.items()},
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        vault.destroy_key(key.person)
        raise InvalidParameter(name="email", found=address, expected="an address without an account") from error
    return describe(row, key)


def find_row(session: Session, vault: Vault, address: str) -> AccountRow | None:
    """Return the row of the account that has a normalised address, None when there is none."""
    return session.scalar(select(AccountRow).where(AccountRow.email_index.in_(vault.indexes(address))))


def get_account(session: Session, vault: Vault, account_id: str, at: datetime | None = None) -> Account:
    """Return the account `account_id`, with its role at `at`. Raises NotFound, when its key was destroyed too."""
    return describe(get_row(session, account_id), get_key(vault, account_id), at)


def get_key(vault: Vault, account_id: str) -> DataKey:
    """Return the key of a person. Raises NotFound when it was destroyed."""
    key = vault.find_key(account_id)
    if key is None:
        raise NotFound(kind="account", name=account_id)
    return key


def get_row(session: Session, account_id: str) -> AccountRow:
    """Return the row of `account_id`. Raises NotFound."""
    row = session.get(AccountRow, account_id)
    if row is None:
        raise NotFound(kind="account", name=account_id)
    return row


def describe(row: AccountRow, key: DataKey, at: datetime | None = None) -> Account:
    """Return the account that a row holds, opened with its person's key; a role whose grant is over at `at` is gone."""
    over = at is not None and row.role_until is not None and row.role_until <= at
    sealed = {name: getattr(row, name) for name in SEALED}
    return Account(
        id=row.id,
        role="beneficiary" if over else row.role,
        role_until=row.role_until,
        language=row.language,
        created=row.created,
        last_sign_in=row.last_sign_in,
        has_code=row.second_factor is not None,
        passkeys=len(row.passkeys),
        transparency=row.transparency,
        **{name: key.unseal(f"account|{name}", kept) if kept is not None else "" for name, kept in sealed.items()},
    )


def set_transparency(session: Session, account_id: str, degree: str) -> None:
    """Change what partners may read of somebody. Raises InvalidParameter for an unknown degree, NotFound."""
    if degree not in DEGREES:
        raise InvalidParameter(name="transparency", found=repr(degree), expected=" or ".join(DEGREES))
    get_row(session, account_id).transparency = degree


def update_profile(session: Session, vault: Vault, account_id: str, language: str, values: Mapping[str, str]) -> None:
    """Change what a person says of themselves: `values` of NAMES and OPTIONAL only. Raises NotFound."""
    row, key = get_row(session, account_id), get_key(vault, account_id)
    row.language = language
    for name in (*NAMES, *OPTIONAL):
        if name in values:
            text = clean_name(values[name]) if name in NAMES else clean_text(values[name])[:LONGEST]
            setattr(row, name, key.seal(f"account|{name}", text))


def erase_account(
    databases: Databases,
    vault: Vault,
    account_id: str,
    *,
    record: Callable[[Session], bool] = lambda session: True,
    unless_after: datetime | None = None,
) -> bool:
    """Erase a person at once: their key first, their API keys, account and sessions, then the bytes left in the files.

    Doing it twice changes nothing more (policy A11). With `unless_after`, somebody who signed in since then is
    spared: returns whether the person is erased. `record` is called last in the same transaction, and may spare them
    by returning False. The account is locked before the key goes, and leaves after it: a crash in between leaves an
    account that nobody can read and that the next run erases, never a key without it.
    """
    with databases.session("accounts") as session:
        mine = delete(AccountRow).where(AccountRow.id == account_id)
        if unless_after is not None:
            mine = mine.where(AccountRow.last_sign_in <= unless_after)
        session.execute(delete(SessionRow).where(SessionRow.account_id == account_id))
        if session.execute(mine).rowcount == 0 and unless_after is not None:  # type: ignore[attr-defined]
            session.rollback()
            return False
        if not record(session):
            session.rollback()
            return False
        vault.destroy_key(account_id)
        with databases.session("keys") as store:
            keys.erase_keys(store, keys.holder_of(vault.secret, account_id))
    for name in ("keys", "accounts"):
        with suppress(StoreUnavailable):  # busy: the rows are gone, and the daily retention scrubs again
            databases.scrub(name)
    return True


def list_silent(session: Session, since: datetime) -> list[Silent]:
    """Return the accounts that nobody signed in to since `since`, longest silence first."""
    rows = select(AccountRow.id, AccountRow.last_sign_in, AccountRow.noticed)
    found = session.execute(rows.where(AccountRow.last_sign_in < since).order_by(AccountRow.last_sign_in))
    return [Silent(account_id, seen, noticed) for account_id, seen, noticed in found]


def list_accounts(session: Session) -> list[str]:
    """Return the identifiers of every account."""
    return list(session.scalars(select(AccountRow.id)))


def list_staff(session: Session, roles: Sequence[str], at: datetime) -> list[str]:
    """Return the identifiers of those who have one of `roles` at `at`."""
    live = or_(AccountRow.role_until.is_(None), AccountRow.role_until > at)
    return list(session.scalars(select(AccountRow.id).where(AccountRow.role.in_(roles), live)))


def index_anew(databases: Databases, vault: Vault) -> int:
    """Write the newest blind index of every address; return how many changed. It may be stopped and done again."""
    changed = 0
    with databases.session("accounts") as session:
        everybody = list_accounts(session)
    for account_id in everybody:
        key = vault.find_key(account_id)
        with databases.session("accounts") as session:
            row = session.get(AccountRow, account_id, with_for_update=True)
            if key is None or row is None:
                continue
            newest = vault.index(key.unseal("account|email", row.email))
            changed += row.email_index != newest
            row.email_index = newest
    return changed
