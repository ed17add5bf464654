"""Answering a request: what a granted right does, the receipt that proves it, the letter that tells it."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from babel.dates import format_date

from datasets.errors import StoreUnavailable
from portal.accounts import service as accounts
from portal.accounts.consents import service as consents
from portal.accounts.journal.service import note
from portal.mail import write_letter
from portal.opposition import FILE as OPPOSED
from portal.opposition import Opposition
from portal.privacy.erasure import Stores, erase_person
from portal.privacy.ledger import FILE as LEDGER
from portal.privacy.ledger import Ledger
from portal.privacy.locking import service as locking
from portal.privacy.receipts import make_receipt, write_receipt
from portal.privacy.rights import service
from portal.privacy.rights.kinds import DECISIONS, ORDER, RIGHTS
from portal.privacy.rights.service import Request
from portal.vault.tickets import open_ticket, seal_ticket

FOLLOWED = timedelta(days=400)
"""How long the link of a letter leads to the request that it speaks of."""

CLAUSES: Mapping[str, str] = MappingProxyType({"erasure": "A17", "restriction": "A18", "objection": "B15"})
"""The clause under which a granted right is written in the ledger; the others are answers (A21)."""


def answer_request(
    stores: Stores, reference: str, decision: str, reasons: str, at: datetime, *, silent: bool = False
) -> Request:
    """Decide a request, do what is granted, write it in the ledger and tell the person. Needs an app context.

    What is granted is done before the decision is written: stopped in between, the request is still open, and
    deciding again does nothing twice. A legal order is told to the person whom it is about, unless `silent`. An erasure
    that a legal hold delays raises Conflict: it is to be refused.
    """
    with stores.databases.session("accounts") as session:
        request = service.get_request(session, stores.vault, reference)
    if decision in ("granted", "partial") and request.answered is None:
        ACTS.get(request.right, _do_nothing)(stores, request, at)
    clause = CLAUSES.get(request.right, "A21") if decision != "refused" else "A21"
    receipt = make_receipt(reference)
    with stores.databases.session("accounts") as session:
        request = service.decide_request(session, stores.vault, reference, decision, reasons, at, receipt=receipt)
        write_receipt(open_ledger(stores), clause, receipt, at)
    if request.right == ORDER and decision != "refused" and not silent:
        tell_disclosure(stores, request)
    tell(stores, "decision", request, decision=DECISIONS[decision][request.language], reasons=reasons, receipt=receipt,
         article=RIGHTS[request.right].article)  # fmt: skip
    return request


def tell(stores: Stores, letter: str, request: Request, **facts: object) -> bool:
    """Send a letter about a request to its e-mail address; False when there is none, or it could not leave."""
    email = find_email(stores, request)
    if not email:
        return False
    language = request.language
    right = RIGHTS[request.right].name[language]
    day = format_date(request.last_day, locale=language)
    written = write_letter(letter, email, language, reference=request.reference, right=right, day=day,
                           follow=follow_address(stores, request.reference), **facts)  # fmt: skip
    try:
        stores.post.send(written)
    except StoreUnavailable as error:
        logging.getLogger(__name__).error("a letter about request %s could not leave: %s", request.reference, error)
        return False
    return True


def tell_disclosure(stores: Stores, request: Request) -> None:
    """Tell a person that a legal order made us hand over data about them."""
    if request.account_id is None or stores.vault.find_key(request.account_id) is None:
        return
    with stores.databases.session("accounts") as session:
        person = accounts.get_account(session, stores.vault, request.account_id)
    stores.post.send(write_letter("disclosed", person.email, person.language, reference=request.reference))


def find_email(stores: Stores, request: Request) -> str:
    """Return where a person is written to: the address of the request, else that of their account; or nothing."""
    if request.contact.email or not request.account_id or request.right == ORDER:
        return request.contact.email
    with stores.databases.session("accounts") as session:
        key = stores.vault.find_key(request.account_id)
        return accounts.get_account(session, stores.vault, request.account_id).email if key else ""


def follow_address(stores: Stores, reference: str) -> str:
    """Return the address at which whoever has the letter follows a request."""
    at = stores.post.clock.now()
    ticket = seal_ticket(stores.vault.ring, "request", {"reference": reference}, at, FOLLOWED)
    return f"{stores.settings.base_url}/rights/follow/{ticket}/"


def read_follow(stores: Stores, ticket: str, at: datetime) -> Request | None:
    """Return the request that a link of a letter leads to; None when the link is old or the request is gone."""
    facts = open_ticket(stores.vault.ring, "request", ticket, at)
    if facts is None or stores.vault.find_key(f"request {facts['reference']}") is None:
        return None
    with stores.databases.session("accounts") as session:
        return service.get_request(session, stores.vault, facts["reference"])


def open_ledger(stores: Stores) -> Ledger:
    """Return the ledger of an installation."""
    return Ledger(stores.settings.instance / LEDGER)


def open_opposition(stores: Stores) -> Opposition:
    """Return the list of who objects."""
    return Opposition(stores.settings.instance / OPPOSED, stores.vault.secret)


def _do_nothing(_stores: Stores, _request: Request, _at: datetime) -> None:
    """Answer with words only: the copy and the corrections are the officer's to make before."""


def _erase(stores: Stores, request: Request, at: datetime) -> None:
    if request.account_id and not erase_person(stores, request.account_id, at=at):
        raise locking.refuse_held(request.reference)


def _lock(stores: Stores, request: Request, at: datetime) -> None:
    if request.account_id:
        with stores.databases.session("accounts") as session:
            key = accounts.get_key(stores.vault, request.account_id)
            locking.lock_account(session, key, request.reference, at=at)
            note(session, stores.vault, request.account_id, "locked", at, request.reference)


def _oppose(stores: Stores, request: Request, at: datetime) -> None:
    email = find_email(stores, request)
    if email:
        open_opposition(stores).add(email, at)


def _withdraw(stores: Stores, request: Request, at: datetime) -> None:
    if request.account_id:
        with stores.databases.session("accounts") as session:
            for receipt in consents.list_receipts(session, request.account_id):
                consents.withdraw(session, request.account_id, receipt.purpose, at, by="officer")


ACTS: Mapping[str, Callable[[Stores, Request, datetime], None]] = MappingProxyType(
    {"erasure": _erase, "restriction": _lock, "objection": _oppose, "withdrawal": _withdraw}
)
"""What granting a right does by itself."""
