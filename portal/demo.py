"""The demonstration: a new instance filled once, with invented records and three accounts."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from datasets.catalogue.catalogue import list_datasets
from datasets.errors import StoreUnavailable
from portal.accounts.service import create_account, has_accounts
from portal.extensions import Portal
from portal.instance import hold_instance

if TYPE_CHECKING:
    from datasets.programming.releases import Progress

PEOPLE = (
    ("beneficiary", "beneficiaire@demo.example.org"),
    ("producer", "producteur@demo.example.org"),
    ("officer", "dpd@demo.example.org"),
)
"""The role and the address of each demonstration account."""


def fill(portal: Portal, size: str, seed: int, progress: "Progress") -> Iterator[str]:
    """Do what is missing of: databases, published sample, accounts; yield what to tell the operator.

    Interrupted at any instant, it goes on the next time from where nothing is half-done.
    """
    from portal.programming import publish_records, sample  # half a second of imports that serving does not need

    instance = portal.settings.instance
    with hold_instance(instance, "publishing"):
        portal.databases.migrate()
        with portal.databases.session("catalogue") as session:
            published = bool(list_datasets(session))
        for left in (instance / "private").glob("sample-*"):
            shutil.rmtree(left)
        if not published:
            with tempfile.TemporaryDirectory(dir=instance / "private", prefix="sample-") as folder:
                yield from sample(portal, Path(folder), size, seed, progress)
                yield from publish_records(portal, Path(folder), progress)
        yield from create_people(portal)


def is_filled(portal: Portal) -> bool:
    """Return whether the instance holds what `fill` makes."""
    portal.databases.prepare()
    with portal.databases.session("catalogue") as catalogue:
        published = bool(list_datasets(catalogue))
    try:
        with portal.databases.session("accounts") as accounts:
            return published and has_accounts(accounts)
    except StoreUnavailable:  # away is not missing
        return published


def create_people(portal: Portal) -> Iterator[str]:
    """Create the demonstration accounts when there is no account at all; yield their passwords, once."""
    with portal.databases.session("accounts") as session:
        if has_accounts(session):
            return
        yield "Demonstration accounts (these passwords are shown once):"
        for role, email in PEOPLE:
            password = secrets.token_urlsafe(15)
            create_account(session, portal.vault, email, password, role, at=portal.clock.now())
            yield f"  {role:12} {email:32} {password}"
