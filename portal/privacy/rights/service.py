"""The rules of requests about rights: received, doubted, extended, decided, and gone when nothing needs them."""

import hashlib
import json
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from datasets.errors import Conflict, InvalidParameter, NotFound, Phrase
from portal.privacy.calendar import end_of_day, last_due_day, paris_day
from portal.privacy.policy import POLICY
from portal.privacy.rights.deadlines import count_alarms, extended_due, first_due, resumed_due
from portal.privacy.rights.kinds import CHANNELS, DECISIONS, ORDER, RIGHTS
from portal.privacy.tables import RequestRow
from portal.vault import DataKey, Vault

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
SEALED = ("contact", "words", "doubt", "reasons")
LONGEST = 5000
SAME = (
    *("reference", "right", "channel", "received", "account_id", "clerk", "language", "doubted", "verified"),
    *("extended", "due", "alarms", "late", "decision", "answered"),
)
"""The columns that are read as they are."""


@dataclass(frozen=True)
class Contact:
    """Where a person is answered: a name, an e-mail address or a postal one."""

    name: str = ""
    email: str = ""
    address: str = ""


@dataclass(frozen=True)
class Request:
    """A request, opened with its key."""

    reference: str
    right: str
    channel: str
    received: date
    account_id: str | None
    clerk: str
    language: str
    contact: Contact
    words: str
    doubt: str
    doubted: datetime | None
    has_identity: bool
    verified: datetime | None
    extended: datetime | None
    due: datetime
    alarms: int
    late: bool
    decision: str | None
    reasons: str
    receipt: str
    answered: datetime | None

    @property
    def last_day(self) -> date:
        """Return the day in Paris at the end of which the answer is due."""
        return paris_day(self.due - timedelta(seconds=1))

    @property
    def is_waiting(self) -> bool:
        """Tell whether the delay stands still, because the person's identity is being checked."""
        return self.doubted is not None and self.verified is None and self.answered is None


def open_request(
    session: Session,
    vault: Vault,
    right: str,
    channel: str,
    contact: Contact,
    words: str,
    *,
    received: date,
    at: datetime,
    language: str,
    account_id: str | None = None,
    clerk: str = "",
    once: str = "",
) -> Request:
    """Write down a request received on a day, and return it with its deadline; `once` makes it the same each time.

    Raises InvalidParameter for an unknown right or channel, a day to come, or nowhere to answer.
    """
    if right not in RIGHTS or channel not in CHANNELS:
        raise InvalidParameter(name="right", found=repr(right), expected=", ".join(RIGHTS))
    if received > paris_day(at):
        raise InvalidParameter(name="received", found=f"{received}", expected="a day that has come")
    if not (contact.email or contact.address or account_id):
        raise InvalidParameter(name="contact", found="nothing", expected="an e-mail or postal address")
    reference = _name(once) if once else "".join(secrets.choice(ALPHABET) for _ in range(8))
    if once and session.get(RequestRow, reference) is not None:
        return get_request(session, vault, reference)
    key = vault.make_key(f"request {reference}", at)
    row = RequestRow(
        reference=reference, right=right, channel=channel, received=received, account_id=account_id, clerk=clerk,
        language=language, contact=_seal(key, "contact", json.dumps(vars(contact))),
        words=_seal(key, "words", words[:LONGEST]), due=first_due(received),
        alarms=0, late=False,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return _open(row, key)


def get_request(session: Session, vault: Vault, reference: str) -> Request:
    """Return a request. Raises NotFound."""
    return _open(*_get(session, vault, reference))


def list_requests(session: Session, vault: Vault, account_id: str | None = None) -> list[Request]:
    """Return the requests, unanswered first, the nearest deadline first; those that a person made when it is given.

    What a court orders about somebody is no request of theirs: they are told by a letter, unless it forbids so.
    """
    rows = select(RequestRow).order_by(RequestRow.answered.is_not(None), RequestRow.due, RequestRow.reference)
    if account_id is not None:
        rows = rows.where(RequestRow.account_id == account_id, RequestRow.right != ORDER)
    return [_open(row, _key(vault, row.reference)) for row in session.scalars(rows)]


def doubt_identity(session: Session, vault: Vault, reference: str, motive: str, at: datetime) -> Request:
    """Ask for a proof of identity, because of a doubt that is written down; the delay stands still meanwhile.

    Raises InvalidParameter without a motive, Conflict when the request was doubted or answered already.
    """
    row, key = _get(session, vault, reference)
    if not motive.strip():
        raise InvalidParameter(name="motive", found="nothing", expected="what makes you doubt who is asking")
    if row.doubted or row.answered:
        raise Conflict(name=reference, reason=Phrase("its identity was asked or it was answered already.",
                       "l’identité a déjà été demandée, ou la réponse rendue."))  # fmt: skip
    row.doubt, row.doubted = _seal(key, "doubt", motive[:LONGEST]), at
    session.flush()
    return _open(row, key)


def keep_identity(session: Session, vault: Vault, reference: str, content: bytes) -> None:
    """Keep the copy of an identity document, sealed, until it has been looked at. Raises Conflict without a doubt."""
    row, key = _get(session, vault, reference)
    if row.doubted is None or row.verified or row.answered:
        raise Conflict(name=reference, reason=Phrase("no identity document is asked for.",
                       "aucune pièce d’identité n’est demandée."))  # fmt: skip
    row.identity = _seal(key, "identity", b64encode(content).decode())
    session.flush()


def read_identity(session: Session, vault: Vault, reference: str) -> bytes:
    """Return the copy of the identity document of a request. Raises NotFound when there is none."""
    row, key = _get(session, vault, reference)
    if row.identity is None:
        raise NotFound(kind="file", name=reference)
    return b64decode(key.unseal("request|identity", row.identity))


def verify_identity(session: Session, vault: Vault, reference: str, at: datetime) -> Request:
    """Say that the person is who they say: the copy is destroyed, and the delay goes on. Raises Conflict."""
    row, key = _get(session, vault, reference)
    if row.doubted is None or row.verified or row.answered:
        raise Conflict(name=reference, reason=Phrase("no identity is being checked.",
                       "aucune identité n’est en cours de vérification."))  # fmt: skip
    row.identity, row.verified = None, at
    row.due = resumed_due(row.due, row.doubted, at)
    session.flush()
    return _open(row, key)


def extend_delay(session: Session, vault: Vault, reference: str, at: datetime) -> Request:
    """Give two months more, within the first month only (GDPR, art. 12(3)). Raises Conflict when it is too late."""
    row, key = _get(session, vault, reference)
    if row.extended or row.answered or at >= first_due(row.received):
        raise Conflict(name=reference, reason=Phrase(
            "a delay is extended once, within the first month, before the answer.",
            "un délai se prolonge une fois, pendant le premier mois, avant la réponse."))  # fmt: skip
    row.extended, row.due = at, extended_due(row.received)
    if row.doubted and row.verified:
        row.due = resumed_due(row.due, row.doubted, row.verified)
    session.flush()
    return _open(row, key)


def decide_request(
    session: Session, vault: Vault, reference: str, decision: str, reasons: str, at: datetime, *, receipt: str = ""
) -> Request:
    """Answer a request, with the receipt that proves it; the copy of an identity document goes.

    Raises InvalidParameter for an unknown decision or a refusal without reasons, Conflict when answered already.
    """
    row, key = _get(session, vault, reference)
    if decision not in DECISIONS:
        raise InvalidParameter(name="decision", found=repr(decision), expected=", ".join(DECISIONS))
    if decision != "granted" and not reasons.strip():
        raise InvalidParameter(name="reasons", found="nothing", expected="what is refused, and on what ground")
    mine = update(RequestRow).where(RequestRow.reference == reference, RequestRow.answered.is_(None))
    if session.scalar(mine.values(answered=at, decision=decision).returning(RequestRow.reference)) is None:
        raise Conflict(name=reference, reason=Phrase("it was answered already.", "la réponse a déjà été rendue."))
    session.refresh(row)
    row.reasons, row.identity = _seal(key, "reasons", json.dumps([reasons[:LONGEST], receipt])), None
    session.flush()
    return _open(row, key)


def list_alarming(session: Session, vault: Vault, at: datetime) -> list[Request]:
    """Return the requests of which the officer must be reminded, and note that they are."""
    found = []
    for request in list_requests(session, vault):
        due = count_alarms(request.received, at)
        if request.answered is None and due > request.alarms:
            session.execute(update(RequestRow).where(RequestRow.reference == request.reference).values(alarms=due))
            found.append(request)
    return found


def note_late(session: Session, at: datetime) -> int:
    """Note the requests whose deadline has passed without an answer; return how many are newly so.

    A request whose delay stands still is not late.
    """
    running = RequestRow.doubted.is_(None) | RequestRow.verified.is_not(None)
    late = update(RequestRow).where(RequestRow.late.is_(False), RequestRow.due <= at, running)
    answered = RequestRow.answered.is_(None) | (RequestRow.answered >= RequestRow.due)
    return len(session.scalars(late.where(answered).values(late=True).returning(RequestRow.reference)).all())


def list_closed(session: Session, vault: Vault, at: datetime) -> list[Request]:
    """Return the requests whose answer is old enough at `at` to leave the desk (clause P9)."""
    before = end_of_day(last_due_day(at, POLICY.duration("P9")))
    rows = session.scalars(select(RequestRow).where(RequestRow.answered < before))
    return [_open(row, _key(vault, row.reference)) for row in rows]


def close_request(session: Session, vault: Vault, reference: str) -> None:
    """Erase a request: its key first, then its row. Doing it twice changes nothing more."""
    vault.destroy_key(f"request {reference}")
    row = session.get(RequestRow, reference)
    if row is not None:
        session.delete(row)
        session.flush()


def purge_identities(session: Session, before: date, rights: tuple[str, ...]) -> int:
    """Destroy the copies of identity documents of the requests for `rights` received before a day; return how many."""
    old = update(RequestRow).where(
        RequestRow.identity.is_not(None), RequestRow.received < before, RequestRow.right.in_(rights)
    )
    return len(session.scalars(old.values(identity=None).returning(RequestRow.reference)).all())


def detach(session: Session, account_id: str) -> None:
    """Forget which account a request was about: the account is being erased, the request stays to be proven."""
    session.execute(update(RequestRow).where(RequestRow.account_id == account_id).values(account_id=None))


def _name(once: str) -> str:
    digest = hashlib.sha256(once.encode()).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:8])


def _get(session: Session, vault: Vault, reference: str) -> tuple[RequestRow, DataKey]:
    row = session.get(RequestRow, reference, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(kind="request", name=reference)
    return row, _key(vault, reference)


def _key(vault: Vault, reference: str) -> DataKey:
    key = vault.find_key(f"request {reference}")
    if key is None:
        raise NotFound(kind="request", name=reference)
    return key


def _seal(key: DataKey, column: str, text: str) -> bytes:
    return key.seal(f"request|{column}", text)


def _open(row: RequestRow, key: DataKey) -> Request:
    texts: dict[str, Any] = {}
    for column in SEALED:
        sealed = getattr(row, column)
        texts[column] = key.unseal(f"request|{column}", sealed) if sealed is not None else ""
    texts["contact"] = Contact(**json.loads(texts["contact"]))
    texts["reasons"], texts["receipt"] = json.loads(texts["reasons"]) if texts["reasons"] else ("", "")
    return Request(**{name: getattr(row, name) for name in SAME}, **texts, has_identity=row.identity is not None)
