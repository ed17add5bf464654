"""Erasing a person from every store of the portal at once: sources, records, drafts, files, keys, sessions, account."""

from dataclasses import dataclass
from datetime import datetime

from portal.accounts.service import erase_account, list_accounts
from portal.databases import Databases, Session
from portal.extensions import Portal
from portal.mail import Post
from portal.privacy.erased import FILE, Erased
from portal.privacy.ledger import FILE as LEDGER
from portal.privacy.ledger import Ledger
from portal.privacy.locking import service as locking
from portal.privacy.receipts import make_receipt, write_receipt
from portal.privacy.rights import service as rights
from portal.producers.service import erase_drafts, owner_of
from portal.settings import Settings
from portal.sources.private import erase_private
from portal.sources.service import erase_sources
from portal.vault import Vault


@dataclass(frozen=True)
class Stores:
    """Where the portal keeps anything of persons: the databases, the vault of their keys, the instance; and how to
    write to them."""

    databases: Databases
    vault: Vault
    settings: Settings
    post: Post

    def list_people(self) -> list[str]:
        """Return the identifiers of everybody who has an account."""
        with self.databases.session("accounts") as session:
            return list_accounts(session)

    def note_erasure(self, account_id: str, at: datetime) -> None:
        """Write that a person is erased, so that an older copy put back forgets them too."""
        Erased(self.settings.instance / FILE, self.vault.secret).add(account_id, at)


def find_stores(parts: Portal) -> Stores:
    """Return the stores of persons of an installation."""
    return Stores(parts.databases, parts.vault, parts.settings, parts.post)


def erase_person(stores: Stores, account_id: str, *, at: datetime, unless_after: datetime | None = None) -> bool:
    """Erase everything that is kept of a person; what they published stays, it is anonymous (clauses A11 and P3).

    With `unless_after`, somebody who signed in since then is spared; so is somebody whose account a legal hold
    keeps (clause P11), and their erasure waits for its end: returns whether the person is erased. What only a known
    account leads to goes first, so that a crash leaves an account to erase again, never orphans.
    """
    if delay_erasure(stores, account_id, at) is not None:
        return False
    if unless_after is None:
        _erase_drafts(stores, account_id)

    def record(session: Session) -> bool:
        if locking.is_held(session, account_id, at):  # since a moment: a hold and an erasure wait for each other
            return False
        locking.forget_locks(session, account_id)
        rights.detach(session, account_id)
        stores.note_erasure(account_id, at)
        return True

    if not erase_account(stores.databases, stores.vault, account_id, record=record, unless_after=unless_after):
        delay_erasure(stores, account_id, at)
        return False
    _erase_drafts(stores, account_id)
    return True


def erase_with_receipt(stores: Stores, account_id: str, *, at: datetime) -> str:
    """Erase the person who asks, and return the receipt of it. Raises Conflict when a legal hold forbids it."""
    if not erase_person(stores, account_id, at=at):
        raise locking.refuse_held("account")
    receipt = make_receipt("account")
    write_receipt(Ledger(stores.settings.instance / LEDGER), "A11", receipt, at)
    return receipt


def delay_erasure(stores: Stores, account_id: str, at: datetime) -> datetime | None:
    """Let an erasure wait for the end of the hold that forbids it, and return that end; None without a hold."""
    with stores.databases.session("accounts") as session:
        return locking.delay_erasure(session, account_id, at)


def release_account(stores: Stores, account_id: str, *, erased: bool, at: datetime) -> None:
    """Lift a hold that is over, once the erasure that waited for it, if one did, is done (clause P11)."""
    if erased:
        erase_person(stores, account_id, at=at)
    with stores.databases.session("accounts") as session:
        locking.unlock_account(session, account_id, locking.HOLD)


def _erase_drafts(stores: Stores, account_id: str) -> None:
    settings, owner = stores.settings, owner_of(stores.settings.secret_key, account_id)
    erase_sources(stores.databases, owner)
    erase_private(settings.instance, owner)
    erase_drafts(stores.databases, settings.instance / "incoming", owner)
