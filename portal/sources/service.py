"""The rules of sources: who may make one, what it fetches and when, and who may push."""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select

from datasets.catalogue.catalogue import resolve_identifier
from datasets.errors import (
    AuthenticationFailed,
    InvalidParameter,
    NotFound,
    PermissionDenied,
    PortalError,
    StoreUnavailable,
)
from datasets.history.updates import get_update
from portal.accounts.service import STAFF, list_staff
from portal.databases import Databases
from portal.extensions import Portal, is_locked
from portal.producers.service import create_draft, find_published, owner_of
from portal.sources.arrivals import Arrival, publish_arrival
from portal.sources.fetching import Fetched, Limits, fetch, read_hosts
from portal.sources.network import read_address
from portal.sources.tables import PushRow, SourceRow

KINDS = ("address", "push")
STATES = ("waiting", "working", "published", "unchanged", "refused")
MOST_HOURS = 24 * 366
REMEMBERED = timedelta(days=30)
"""How long a push is remembered: the same request answers the same until then."""

OVER = {
    "fr": "Le rôle de qui a créé cette source a pris fin, ou son compte est verrouillé : rien n’est publié par elle.",
    "en": "The role of whoever made this source is over, or their account is locked: nothing is published by it.",
}


def create_source(
    portal: Portal,
    owner: str,
    dataset_id: str,
    kind: str,
    *,
    address: str = "",
    update: str = "replace",
    key: Sequence[str] = (),
    hours: int = 24,
) -> tuple[str, str]:
    """Keep a new source of a dataset that `owner` published; return its identifier and, for a push, its secret.

    The secret is kept nowhere. Raises NotFound, InvalidParameter and FetchRefused.
    """
    find_published(portal, dataset_id, owner)
    check_source(kind, update, key, hours)
    if kind == "address":
        read_address(address)
    secret, now = secrets.token_hex(32) if kind == "push" else "", portal.clock.now()
    source = SourceRow(
        source_id=secrets.token_hex(16),
        dataset_id=dataset_id,
        owner=owner,
        kind=kind,
        address=address,
        update=update,
        key=list(key),
        hours=hours,
        digest=digest_of(secret) if secret else "",
        seen={},
        state="waiting",
        told={},
        checked=None,
        due=now if kind == "address" else None,
        created=now,
    )
    with portal.databases.session("catalogue") as session:
        session.add(source)
    return source.source_id, secret


def check_source(kind: str, update: str, key: Sequence[str], hours: int) -> None:
    """Raise InvalidParameter for what no source can be."""
    if kind not in KINDS:
        raise InvalidParameter(name="kind", found=repr(kind), expected=" or ".join(KINDS))
    if get_update(update).needs_key and not key:
        raise InvalidParameter(name="key", found="no key", expected="the fields that tell one row from another")
    if not 1 <= hours <= MOST_HOURS:
        raise InvalidParameter(name="hours", found=str(hours), expected=f"a whole number from 1 to {MOST_HOURS}")


def digest_of(secret: str) -> str:
    """Return the hash under which a random secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def list_sources(portal: Portal, owner: str, dataset_id: str | None = None) -> list[SourceRow]:
    """Return the sources of `owner`, or of one dataset of theirs, the oldest first."""
    query = select(SourceRow).where(SourceRow.owner == owner).order_by(SourceRow.created, SourceRow.source_id)
    if dataset_id is not None:
        query = query.where(SourceRow.dataset_id == dataset_id)
    with portal.databases.session("catalogue") as session:
        return list(session.scalars(query))


def get_source(portal: Portal, source_id: str, owner: str | None = None) -> SourceRow:
    """Return a source, of `owner` when one is given. Raises NotFound, for another's source too."""
    with portal.databases.session("catalogue") as session:
        source = session.get(SourceRow, source_id)
    if source is None or owner not in (None, source.owner):
        raise NotFound(kind="source", name=source_id)
    return source


def tell_sources(portal: Portal, source_id: str | None = None) -> Iterator[str]:
    """Yield the sources of everybody, or one of them, line by line. Raises NotFound."""
    query = select(SourceRow).order_by(SourceRow.dataset_id, SourceRow.created)
    if source_id is not None:
        query = query.where(SourceRow.source_id == get_source(portal, source_id).source_id)
    with portal.databases.session("catalogue") as session:
        sources = list(session.scalars(query))
    for source in sources:
        where = source.address or "rows pushed by a program"
        yield f"{source.source_id}  {source.state:<10} {source.dataset_id:<30} {source.update:<8} {where}"
        if "en" in source.told:
            yield f"    {source.told['en']}"


def delete_source(portal: Portal, source_id: str, owner: str) -> None:
    """Delete a source of `owner`; what it published stays. Raises NotFound."""
    get_source(portal, source_id, owner)
    with portal.databases.session("catalogue") as session:
        session.execute(delete(SourceRow).where(SourceRow.source_id == source_id))


def erase_sources(databases: Databases, owner: str) -> None:
    """Delete every source of `owner`, whose account is erased; what is published stays."""
    with databases.session("catalogue") as session:
        session.execute(delete(SourceRow).where(SourceRow.owner == owner))


def change_source(portal: Portal, source_id: str, **values: Any) -> None:
    """Change columns of a source, in a transaction of its own; nothing happens when the source is gone."""
    with portal.databases.session("catalogue") as session:
        source = session.get(SourceRow, source_id)
        if source is not None:
            for name, value in values.items():
                setattr(source, name, value)


def run_due(portal: Portal) -> int:
    """Fetch every address whose hour has come, and return how many there were; forget pushes of long ago.

    The next hour is written first: a source that kills its worker waits for its turn like the others.
    """
    now = portal.clock.now()
    with portal.databases.session("catalogue") as session:
        session.execute(delete(PushRow).where(PushRow.created < now - REMEMBERED))
        due = list(session.scalars(select(SourceRow).where(SourceRow.kind == "address", SourceRow.due <= now)))
        for source in due:
            source.due = now + timedelta(hours=source.hours)
    for source in due:
        run_source(portal, source.source_id)
    return len(due)


def run_source(portal: Portal, source_id: str) -> None:
    """Fetch the address of a source and publish what came, telling on the source what came of it.

    What cannot be published as it is becomes a draft at the desk, where its producer decides.
    """
    source = get_source(portal, source_id)
    now = portal.clock.now()
    change_source(portal, source_id, state="working", due=now + timedelta(hours=source.hours))
    if not may_publish(portal, source.owner):
        change_source(portal, source_id, state="refused", told=OVER, checked=now)
        return
    folder, limits = portal.settings.instance / "incoming", read_limits(portal)
    try:
        fetched = fetch(source.address, folder, limits, source.seen)
    except PortalError as error:
        change_source(portal, source_id, state="refused", told=say(error), checked=now)
        return
    if fetched is None:
        change_source(portal, source_id, state="unchanged", told={}, checked=now)
        return
    change_source(
        portal, source_id, checked=now, seen=dict(fetched.seen), **publish_fetched(portal, source, fetched, folder)
    )


def may_publish(portal: Portal, owner: str) -> bool:
    """Tell whether who made a source has a role that publishes, and no lock; yes while the accounts are away."""
    try:
        with portal.databases.session("accounts") as session:
            staff = list_staff(session, STAFF, portal.clock.now())
        owners = [each for each in staff if owner_of(portal.settings.secret_key, each) == owner]
        return any(not is_locked(account_id) for account_id in owners)
    except StoreUnavailable:
        return True


def publish_fetched(portal: Portal, source: SourceRow, fetched: Fetched, folder: Path) -> dict[str, Any]:
    """Publish what was fetched; return the state of the source and what to tell."""
    path = folder / fetched.sha256
    origin = {"source": "address", "address": source.address}
    try:
        made, _ = publish_arrival(portal, source, Arrival(path, fetched.sha256, fetched.name, origin))
    except PortalError as error:
        name, size = fetched.name, fetched.size
        draft_id = create_draft(portal, source.owner, name, fetched.sha256, size, dataset_id=source.dataset_id)
        portal.queue.enqueue("read_draft", draft_id=draft_id)
        return {"state": "refused", "told": {**say(error), "draft": draft_id}}
    path.unlink(missing_ok=True)
    return {"state": "published" if made.new else "unchanged", "told": {"version": made.version.version_id}}


def read_limits(portal: Portal) -> Limits:
    """Return the limits of what is fetched, from the settings."""
    settings = portal.settings
    return Limits(settings.upload_limit, settings.fetch_seconds, read_hosts(settings.fetch_hosts))


def say(error: PortalError) -> dict[str, str]:
    """Return the message of an error, by language."""
    return {"fr": error.message("fr"), "en": error.message("en")}


def find_push(portal: Portal, dataset_id: str, secret: str) -> SourceRow:
    """Return the push source of a dataset that a program shows the secret of.

    Raises AuthenticationFailed for an unknown secret, PermissionDenied for one of another dataset, and when who made
    it publishes no more.
    """
    with portal.databases.session("catalogue") as session:
        source = session.scalar(
            select(SourceRow).where(SourceRow.digest == digest_of(secret), SourceRow.kind == "push")
        )
        if not secret or source is None:
            raise AuthenticationFailed()
        try:
            asked = resolve_identifier(session, dataset_id)
        except NotFound:
            asked = ""
    if asked != source.dataset_id or not may_publish(portal, source.owner):
        raise PermissionDenied()
    return source


def find_own_push(portal: Portal, dataset_id: str, owner: str) -> SourceRow:
    """Return the push source that `owner` made for a dataset. Raises PermissionDenied when there is none."""
    with portal.databases.session("catalogue") as session:
        try:
            asked = resolve_identifier(session, dataset_id)
        except NotFound:
            raise PermissionDenied() from None
        mine = select(SourceRow).where(
            SourceRow.dataset_id == asked, SourceRow.owner == owner, SourceRow.kind == "push"
        )
        source = session.scalar(mine.order_by(SourceRow.created, SourceRow.source_id).limit(1))
    if source is None:
        raise PermissionDenied()
    return source
