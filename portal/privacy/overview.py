"""What is forgotten, and when: what the runs did, what comes, and what the public may see of it."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from datasets.errors import StoreUnavailable
from portal.accounts.service import list_silent
from portal.audience import service as audience
from portal.privacy.calendar import end_of_day
from portal.privacy.duties import NOTICES, RULES
from portal.privacy.erasure import Stores
from portal.privacy.ledger import FILE, Ledger
from portal.privacy.policy import POLICY
from portal.privacy.retention import read_progress
from portal.privacy.rights import service as rights


@dataclass(frozen=True)
class Duty:
    """A duty as the officer reads it: what it did last and when, why it could not, whether it is late."""

    clause: str
    at: datetime | None
    count: int
    failure: str
    late: bool


@dataclass(frozen=True)
class PublicView:
    """What everybody may check: None where the store that knows is away."""

    last_run: datetime | None
    oldest_event: datetime | None
    oldest_end: datetime | None
    late_answers: int
    open_requests: int | None


def list_duties(stores: Stores, at: datetime) -> list[Duty]:
    """Return the duties of the daily run, as they stand at `at`."""
    progress = read_progress(stores.settings.instance)
    duties = []
    for clause, _ in RULES:
        last = progress.done.get(clause, {"at": None, "count": 0, "failure": ""})
        done = datetime.fromisoformat(last["at"]) if last["at"] else None
        duties.append(Duty(clause, done, last["count"], last["failure"], progress.is_late(clause, at)))
    return duties


def count_leaving(stores: Stores, at: datetime) -> int:
    """Return how many accounts will be erased within thirty days unless their persons sign in."""
    with stores.databases.session("accounts") as session:
        return len(list_silent(session, end_of_day(POLICY.last_due("A12", at + NOTICES[0]))))


def view_public(stores: Stores) -> PublicView:
    """Return what everybody may check of the promises about time."""
    lines = list(Ledger(stores.settings.instance / FILE).read())
    late = sum(line["count"] for line in lines if line["clause"] == "A21" and "proof" not in line)
    oldest, waiting = None, None
    with suppress(StoreUnavailable), stores.databases.session("audience") as session:
        found = audience.find_oldest(session)
        oldest = found[1] if found else None
    with suppress(StoreUnavailable), stores.databases.session("accounts") as session:
        waiting = rights.count_open(session)
    end = POLICY.ceiling("B17", oldest) if oldest else None
    return PublicView(read_progress(stores.settings.instance).at, oldest, end, late, waiting)
