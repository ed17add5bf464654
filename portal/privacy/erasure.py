"""Erasing a person from every store of the portal at once: sources, records, drafts, files, keys, sessions, account."""

from datetime import datetime

from portal.accounts.service import erase_account
from portal.databases import Databases
from portal.producers.service import erase_drafts, owner_of
from portal.settings import Settings
from portal.sources.private import erase_private
from portal.sources.service import erase_sources


def erase_person(
    databases: Databases, settings: Settings, account_id: str, *, unless_after: datetime | None = None
) -> bool:
    """Erase everything that is kept of a person; what they published stays, it is anonymous (clauses A11 and P3).

    With `unless_after`, somebody who signed in since then is spared: returns whether the person is erased. What
    only a known account leads to goes first, so that a crash leaves an account to erase again, never orphans.
    """
    if unless_after is None:
        _erase_drafts(databases, settings, account_id)
    if not erase_account(databases, settings.secret_key, account_id, unless_after=unless_after):
        return False
    _erase_drafts(databases, settings, account_id)
    return True


def _erase_drafts(databases: Databases, settings: Settings, account_id: str) -> None:
    owner = owner_of(settings.secret_key, account_id)
    erase_sources(databases, owner)
    erase_private(settings.instance, owner)
    erase_drafts(databases, settings.instance / "incoming", owner)
