"""The rules of grants: a role is given for a time, to somebody of an organisation, by an officer and not to oneself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from datasets.errors import InvalidParameter
from portal.accounts.entering.service import sign_out_everywhere
from portal.accounts.organisations.service import find_membership, find_organisation, join
from portal.accounts.service import GRANT_LIFE, STAFF, Account, describe, get_row
from portal.accounts.tables import ROLES, AccountRow
from portal.vault import Vault


@dataclass(frozen=True)
class Somebody:
    """An account as an officer sees it: no more than what granting takes."""

    account: Account
    organisation: str
    is_over: bool


def list_staff(session: Session, vault: Vault, at: datetime) -> list[Somebody]:
    """Return those who were granted a role, by address; others are found by theirs, one at a time."""
    found = []
    for row in session.scalars(select(AccountRow).where(AccountRow.role.in_(STAFF))):
        key = vault.find_key(row.id)
        if key is not None:
            over = row.role_until is not None and row.role_until <= at
            found.append(Somebody(describe(row, key, at), find_organisation(session, row.id), over))
    return sorted(found, key=lambda one: one.account.email)


def grant(
    session: Session, account_id: str, role: str, until: datetime | None, organisation_id: str, at: datetime
) -> None:
    """Give somebody a role until an instant; whoever loses a role is signed out everywhere.

    Raises InvalidParameter for a role that is none, a grant without an end, over or too long, a producer without
    organisation; NotFound for an account or an organisation that is not there.
    """
    if role not in ROLES:
        raise InvalidParameter(name="role", found=repr(role), expected=" or ".join(ROLES))
    if role in STAFF and (until is None or not at < until <= at + GRANT_LIFE):
        longest = f"an instant within {GRANT_LIFE.days} days"
        raise InvalidParameter(name="until", found=str(until or "nothing"), expected=longest)
    row = get_row(session, account_id)
    if organisation_id:
        join(session, account_id, organisation_id, at)
    elif role == "producer" and not find_membership(session, account_id):
        raise InvalidParameter(name="organisation", found="nothing", expected="the organisation of the producer")
    if role != row.role:
        sign_out_everywhere(session, account_id)
    row.role, row.role_until, row.role_noticed = role, until if role in STAFF else None, None


def list_ending(session: Session, before: datetime) -> list[tuple[str, datetime, datetime | None]]:
    """Return the grants that end before an instant: whose, when, and when their person was last told."""
    rows = select(AccountRow.id, AccountRow.role_until, AccountRow.role_noticed)
    ending = rows.where(AccountRow.role.in_(STAFF), AccountRow.role_until < before)
    return [(account_id, until, told) for account_id, until, told in session.execute(ending) if until is not None]


def end_grants(session: Session, at: datetime) -> list[str]:
    """Take back the roles whose grant is over at `at` (they opened nothing since its end); return whose they were."""
    over = select(AccountRow).where(AccountRow.role.in_(STAFF), AccountRow.role_until <= at)
    rows = list(session.scalars(over))
    for row in rows:
        row.role, row.role_until, row.role_noticed = "beneficiary", None, None
    return [row.id for row in rows]
