"""The rules of organisations: made and named by an officer; a person belongs to one at most."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from datasets.errors import InvalidParameter, NotFound
from portal.accounts.organisations.tables import MembershipRow, OrganisationRow
from portal.accounts.service import clean_text, get_row


@dataclass(frozen=True)
class Organisation:
    """An organisation: its name, its name in the programming records if it has one, how many persons belong to it."""

    id: str
    name: str
    programmer: str
    members: int


def make_organisation(session: Session, name: str, programmer: str, at: datetime) -> str:
    """Make an organisation and return its identifier. Raises InvalidParameter for a name that is empty or taken."""
    name, programmer = clean_text(name)[:200], clean_text(programmer)[:64]
    if not name:
        raise InvalidParameter(name="name", found="nothing", expected="the name of an organisation")
    taken = (OrganisationRow.name == name) | (OrganisationRow.programmer == (programmer or None))
    if session.scalar(select(OrganisationRow.id).where(taken)) is not None:
        raise InvalidParameter(name="name", found=repr(name), expected="an organisation that is not there yet")
    row = OrganisationRow(id=secrets.token_hex(16), name=name, programmer=programmer or None, created=at)
    session.add(row)
    session.flush()
    return row.id


def list_organisations(session: Session) -> list[Organisation]:
    """Return every organisation, by name."""
    counted = func.count(MembershipRow.account_id)
    rows = select(OrganisationRow, counted).outerjoin(MembershipRow).group_by(OrganisationRow.id)
    found = session.execute(rows.order_by(OrganisationRow.name))
    return [Organisation(row.id, row.name, row.programmer or "", members) for row, members in found]


def join(session: Session, account_id: str, organisation_id: str, at: datetime) -> None:
    """Let somebody belong to an organisation, and to no other. Raises NotFound."""
    get_row(session, account_id)
    if session.get(OrganisationRow, organisation_id) is None:
        raise NotFound(kind="organisation", name=organisation_id)
    session.merge(MembershipRow(account_id=account_id, organisation_id=organisation_id, since=at))
    session.flush()


def find_organisation(session: Session, account_id: str) -> str:
    """Return the name of the organisation of somebody, empty when they belong to none."""
    mine = select(OrganisationRow.name).join(MembershipRow).where(MembershipRow.account_id == account_id)
    return session.scalar(mine) or ""


def find_membership(session: Session, account_id: str) -> str:
    """Return the identifier of the organisation of somebody, empty when they belong to none."""
    row = session.get(MembershipRow, account_id)
    return row.organisation_id if row else ""
