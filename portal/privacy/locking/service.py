"""The rules of locks: an account is kept and not used until its person, or the end of a legal hold, says otherwise."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from datasets.errors import Conflict, InvalidParameter, NotFound, Phrase
from portal.accounts.tables import AccountRow
from portal.privacy.calendar import ceiling
from portal.privacy.policy import POLICY
from portal.privacy.tables import LockRow
from portal.vault import DataKey

REQUEST, HOLD = "request", "hold"
"""Why an account is locked: its person asks so; or a duty to keep (a trial, an order) forbids to erase it."""

PLACE = "lock|motive"


@dataclass(frozen=True)
class Lock:
    """A lock as its person and the officer read it."""

    account_id: str
    ground: str
    since: datetime
    until: datetime | None
    motive: str
    erasure: datetime | None


def lock_account(session: Session, key: DataKey, motive: str, *, at: datetime) -> None:
    """Keep an account without using it, at the request of its person; doing it twice changes nothing more."""
    _hold_account(session, key.person)
    if session.get(LockRow, (key.person, REQUEST)) is None:
        sealed = key.seal(PLACE, motive)
        session.add(LockRow(account_id=key.person, ground=REQUEST, since=at, motive=sealed))
        session.flush()


def hold_account(session: Session, key: DataKey, motive: str, *, at: datetime, until: datetime) -> None:
    """Forbid the erasure of an account until an instant, for a motive; doing it again moves the end.

    Raises InvalidParameter for an end that is past or beyond what the policy allows at once (P11), or without a
    motive; NotFound when the account is erased already.
    """
    last = ceiling(at, POLICY.duration("P11"))
    if not at < until <= last:
        raise InvalidParameter(name="until", found=f"{until:%Y-%m-%d}", expected=f"a day up to {last:%Y-%m-%d}")
    if not motive.strip():
        raise InvalidParameter(name="motive", found="nothing", expected="why the law forbids to erase")
    _hold_account(session, key.person)
    row = session.get(LockRow, (key.person, HOLD))
    if row is None:
        row = LockRow(account_id=key.person, ground=HOLD, since=at)
        session.add(row)
    row.until, row.motive = until, key.seal(PLACE, motive)
    session.flush()


def unlock_account(session: Session, account_id: str, ground: str) -> LockRow | None:
    """Lift a lock; return what it was, None when there was none."""
    row = session.get(LockRow, (account_id, ground), with_for_update=True)
    if row is not None:
        session.delete(row)
        session.flush()
    return row


def is_locked(session: Session, account_id: str) -> bool:
    """Tell whether an account is kept without being used."""
    return session.scalar(select(LockRow.account_id).where(LockRow.account_id == account_id).limit(1)) is not None


def is_held(session: Session, account_id: str, at: datetime) -> bool:
    """Tell whether a legal hold forbids at `at` to erase an account."""
    row = session.get(LockRow, (account_id, HOLD), populate_existing=True)
    return row is not None and row.until is not None and row.until > at


def delay_erasure(session: Session, account_id: str, at: datetime) -> datetime | None:
    """Note that an erasure waits for the end of a hold, and return that end; None when no hold forbids it."""
    held = update(LockRow).where(LockRow.account_id == account_id, LockRow.ground == HOLD, LockRow.until > at)
    row = session.scalar(held.values(erasure=at).returning(LockRow))
    return row.until if row else None


def list_locks(session: Session, key: DataKey) -> list[Lock]:
    """Return the locks of an account, opened with its person's key."""
    rows = session.scalars(select(LockRow).where(LockRow.account_id == key.person).order_by(LockRow.ground))
    return [
        Lock(row.account_id, row.ground, row.since, row.until, key.unseal(PLACE, row.motive), row.erasure)
        for row in rows
    ]


def list_held(session: Session) -> list[str]:
    """Return the accounts that a legal hold keeps, the nearest end first."""
    held = select(LockRow.account_id).where(LockRow.ground == HOLD).order_by(LockRow.until, LockRow.account_id)
    return list(session.scalars(held))


def end_hold(session: Session, account_id: str, at: datetime) -> bool:
    """End a hold at `at`, before its day, and tell whether an erasure waits for it. Raises NotFound."""
    row = session.get(LockRow, (account_id, HOLD), with_for_update=True)
    if row is None:
        raise NotFound(kind="request", name=account_id)
    row.until = at
    session.flush()
    return row.erasure is not None


def list_ended(session: Session, at: datetime) -> list[tuple[str, bool]]:
    """Return the accounts whose hold is over at `at`, and whether an erasure waits for it."""
    ended = select(LockRow.account_id, LockRow.erasure).where(LockRow.ground == HOLD, LockRow.until <= at)
    return [(account_id, erasure is not None) for account_id, erasure in session.execute(ended)]


def forget_locks(session: Session, account_id: str) -> None:
    """Delete the locks of an account that is being erased."""
    session.execute(delete(LockRow).where(LockRow.account_id == account_id))


def refuse_held(name: str) -> Conflict:
    """Return the error of an erasure that a legal hold delays."""
    en = "the law forbids to erase this account for now. It is locked, and is erased at the end of that duty."
    fr = "la loi interdit d’effacer ce compte pour l’instant. Il est verrouillé, et sera effacé à la fin de ce devoir."
    return Conflict(name=name, reason=Phrase(en, fr))


def _hold_account(session: Session, account_id: str) -> None:
    """Keep the account's row until this transaction ends, so that it is locked or erased, never both."""
    mine = update(AccountRow).where(AccountRow.id == account_id).values(id=account_id).returning(AccountRow.id)
    if session.scalar(mine) is None:
        raise NotFound(kind="account", name=account_id)
