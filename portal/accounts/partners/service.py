"""The rules of what partners read: nothing is kept for it, each reading asks each person's degree again."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import service
from portal.accounts.organisations.tables import MembershipRow, OrganisationRow
from portal.accounts.partners.fields import list_shown
from portal.accounts.tables import AccountRow
from portal.vault import Vault

OPEN = "open"


def list_partners(
    session: Session, vault: Vault, at: datetime, is_locked: Callable[[str], bool]
) -> list[dict[str, str]]:
    """Return what partners may read at `at` of each producer who belongs to an organisation, by its name.

    Each is a row of FIELDS: only the fields that the person's degree shows are there at all; who is locked is not.
    """
    rows = select(MembershipRow.account_id, OrganisationRow.name).join(OrganisationRow).order_by(OrganisationRow.name)
    staff = set(service.list_staff(session, service.STAFF, at))
    found = []
    for account_id, organisation in session.execute(rows):
        key = vault.find_key(account_id) if account_id in staff and not is_locked(account_id) else None
        if key is None:
            continue
        person = service.describe(service.get_row(session, account_id), key, at)
        values = {"organisation": organisation, **{name: getattr(person, name) for name in service.SEALED}}
        found.append({name: values[name] for name in list_shown(person.transparency) if values.get(name)})
    return found


def list_closed_programmers(session: Session) -> list[str]:
    """Return the names, in the programming records, of organisations whose open dates may not be told.

    Those of which somebody chose the limited degree, or has not chosen: they are kept out of the calendar.
    """
    rows = select(OrganisationRow.programmer).join(MembershipRow).join(AccountRow)
    closed = rows.where(AccountRow.transparency != OPEN, OrganisationRow.programmer.is_not(None))
    return sorted({name for name in session.scalars(closed) if name})


def find_closed_programmer(session: Session, account_id: str) -> str:
    """Return the name, in the programming records, of the organisation that somebody closes; empty when they do not."""
    mine = select(OrganisationRow.programmer).join(MembershipRow).join(AccountRow)
    closed = mine.where(AccountRow.id == account_id, AccountRow.transparency != OPEN)
    return session.scalar(closed) or ""
