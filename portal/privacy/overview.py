"""What is forgotten, and when: what the runs did, what comes, and what the public may see of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from datasets.errors import StoreError
from portal.accounts.service import list_silent
from portal.instance import KEY_FILE
from portal.privacy.calendar import end_of_day
from portal.privacy.duties import NOTICES, RULES
from portal.privacy.erasure import Stores
from portal.privacy.ledger import FILE, Ledger
from portal.privacy.policy import POLICY
from portal.privacy.retention import LATE, read_progress


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
    """What everybody may check, as the last run left it: no store of persons is asked."""

    last_run: datetime | None
    oldest_event: datetime | None
    oldest_end: datetime | None
    late_answers: int


def list_duties(stores: Stores, at: datetime) -> list[Duty]:
    """Return the duties of the daily run, as they stand at `at`: none is late before the first night."""
    instance = stores.settings.instance
    progress, duties = read_progress(instance), []
    young = at - datetime.fromtimestamp((instance / KEY_FILE).stat().st_mtime, UTC) <= LATE
    for clause, _ in RULES:
        last = progress.done.get(clause, {"at": None, "count": 0, "failure": ""})
        done = datetime.fromisoformat(last["at"]) if last["at"] else None
        late = progress.is_late(clause, at) and not (young and clause not in progress.done)
        duties.append(Duty(clause, done, last["count"], last["failure"], late))
    return duties


def count_leaving(stores: Stores, at: datetime) -> int:
    """Return how many accounts will be erased within thirty days unless their persons sign in."""
    with stores.databases.session("accounts") as session:
        return len(list_silent(session, end_of_day(POLICY.last_due("A12", at + NOTICES[0]))))


def check_ledger(instance: Path) -> tuple[int, StoreError | None]:
    """Return how many lines the ledger has, and what is wrong with its chain: None when it is whole."""
    ledger = Ledger(instance / FILE)
    try:
        ledger.verify()
        return sum(1 for _ in ledger.read()), None
    except StoreError as error:
        return 0, error


def view_public(instance: Path) -> PublicView:
    """Return what everybody may check of the promises about time."""
    progress = read_progress(instance)
    lines = Ledger(instance / FILE).read()
    late = sum(line["count"] for line in lines if line["clause"] == "A21" and "proof" not in line)
    end = POLICY.ceiling("B17", progress.oldest) if progress.oldest else None
    return PublicView(progress.at, progress.oldest, end, late)
