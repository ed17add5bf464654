"""The rules of consents: given for one purpose at a time, proven by a receipt, withdrawn at once."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from datasets.errors import InvalidParameter
from portal.accounts.consents.purposes import PURPOSES
from portal.accounts.consents.tables import ConsentRow


@dataclass(frozen=True)
class Receipt:
    """A consent as its giver sees it: what for, since when, the hash of what they read, and until when."""

    id: str
    purpose: str
    wording: str
    channel: str
    given: datetime
    withdrawn: datetime | None
    withdrawn_by: str


def give(
    session: Session, account_id: str, purpose: str, language: str, at: datetime, channel: str = "account"
) -> None:
    """Keep a consent with the words that were read; one that is given already stays as it is.

    Raises InvalidParameter for an unknown purpose.
    """
    if purpose not in PURPOSES:
        raise InvalidParameter(name="purpose", found=repr(purpose), expected=" or ".join(PURPOSES))
    if has_consented(session, account_id, purpose):
        return
    row = ConsentRow(
        id=secrets.token_hex(16),
        account_id=account_id,
        purpose=purpose,
        wording=PURPOSES[purpose].fingerprint(language),
        language=language,
        channel=channel,
        given=at,
        withdrawn=None,
    )
    session.add(row)
    session.flush()


def withdraw(session: Session, account_id: str, purpose: str, at: datetime, by: str = "account") -> bool:
    """Withdraw a consent; False when there was none."""
    changed = update(ConsentRow).where(_live(account_id, purpose)).values(withdrawn=at, withdrawn_by=by)
    return session.scalar(changed.returning(ConsentRow.id)) is not None


def has_consented(session: Session, account_id: str, purpose: str) -> bool:
    """Tell whether somebody agrees to a purpose now."""
    return session.scalar(select(ConsentRow.id).where(_live(account_id, purpose))) is not None


def list_receipts(session: Session, account_id: str) -> list[Receipt]:
    """Return the receipts of somebody's consents, withdrawn ones too, newest first."""
    mine = select(ConsentRow).where(ConsentRow.account_id == account_id)
    rows = session.scalars(mine.order_by(ConsentRow.given.desc(), ConsentRow.id))
    return [
        Receipt(row.id, row.purpose, row.wording, row.channel, row.given, row.withdrawn, row.withdrawn_by)
        for row in rows
    ]


def list_consenting(session: Session, purpose: str) -> list[str]:
    """Return the accounts that agree to a purpose now."""
    live = select(ConsentRow.account_id).where(ConsentRow.purpose == purpose, ConsentRow.withdrawn.is_(None))
    return list(session.scalars(live.order_by(ConsentRow.given, ConsentRow.id)))


def _live(account_id: str, purpose: str) -> ColumnElement[bool]:
    mine = and_(ConsentRow.account_id == account_id, ConsentRow.purpose == purpose)
    return and_(mine, ConsentRow.withdrawn.is_(None))
