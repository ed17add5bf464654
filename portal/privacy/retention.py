"""Erases what is due: one rule per clause of the policy that has a delay, each on its own store.

A rule that cannot run (its store is away) does not keep the others from running; it is told, and the next run
takes it up. Every rule may be run again at any moment: it does what is left to do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from datasets.errors import StoreUnavailable
from portal.accounts import service as accounts
from portal.accounts.keys import service as keys
from portal.audience.freeze import freeze
from portal.audience.pseudonym import destroy_keys
from portal.databases import Databases
from portal.privacy.calendar import ceiling, end_of_day, last_due_day, paris_day
from portal.privacy.erasure import erase_person
from portal.privacy.ledger import Ledger
from portal.privacy.policy import POLICY
from portal.producers.incoming import KEPT, purge_uploads
from portal.producers.service import purge_drafts
from portal.settings import Settings
from portal.sources.private import LIFE, purge_private

MARGIN = timedelta(days=1)
"""A ceiling reached before the next daily run is acted upon in this one: early rather than late."""


@dataclass(frozen=True)
class Outcome:
    """What one rule did: how many things, or why it could not."""

    clause: str
    category: str
    count: int
    failure: str = ""


@dataclass(frozen=True)
class RetentionReport:
    """What a run did, rule by rule."""

    at: datetime
    outcomes: tuple[Outcome, ...]

    @property
    def is_complete(self) -> bool:
        """Tell whether every rule could run."""
        return not any(outcome.failure for outcome in self.outcomes)

    def __str__(self) -> str:
        lines = [
            f"{outcome.clause:4} {outcome.category:10} "
            + (f"NOT DONE: {outcome.failure}" if outcome.failure else f"{outcome.count:,} dealt with")
            for outcome in self.outcomes
        ]
        return "\n".join([f"Retention at {self.at:%Y-%m-%d %H:%M %Z}, policy {POLICY.version}", *lines])


def erase_inactive_accounts(databases: Databases, at: datetime, settings: Settings) -> int:
    """Erase the accounts whose last sign-in is a year old (A12)."""
    delay, limit = POLICY.duration("A12"), at + MARGIN
    with databases.session("accounts") as session:
        silent = accounts.list_silent(session, end_of_day(last_due_day(limit, delay)))
    due = [account for account in silent if ceiling(account.last_sign_in, delay) <= limit]
    erased = [erase_person(databases, settings, account.id, unless_after=account.last_sign_in) for account in due]
    return sum(erased)


def purge_sessions(databases: Databases, at: datetime, _settings: Settings) -> int:
    """Delete the sessions that have expired (A24)."""
    with databases.session("accounts") as session:
        return accounts.purge_sessions(session, at)


def purge_keys(databases: Databases, at: datetime, _settings: Settings) -> int:
    """Delete the API keys that have expired (P1)."""
    with databases.session("keys") as session:
        return keys.purge_keys(session, at)


def anonymise_events(databases: Databases, at: datetime, _settings: Settings) -> int:
    """Turn the months of events that are due into counts (B17)."""
    return freeze(databases, at).events


def forget_drafts(databases: Databases, at: datetime, settings: Settings) -> int:
    """Delete the drafts that nobody touched for a month, with the files they came from (P3).

    Uploads that nobody went on with go after days: what is not whole serves nobody.
    """
    delay = POLICY.duration("P3")
    purge_uploads(settings.instance / "incoming", at - KEPT)
    return purge_drafts(databases, settings.instance / "incoming", end_of_day(last_due_day(at + MARGIN, delay)))


def forget_records(_databases: Databases, at: datetime, settings: Settings) -> int:
    """Erase the private records that were not published within a day (P4)."""
    return purge_private(settings.instance, at - LIFE)


def destroy_daily_keys(_databases: Databases, at: datetime, settings: Settings) -> int:
    """Destroy the pseudonym keys of the days gone by, had nobody come since (P2)."""
    return destroy_keys(settings.instance, keep=paris_day(at))


def scrub_files(databases: Databases, _at: datetime, _settings: Settings) -> int:
    """Rewrite the files of persons so that no erased byte stays in them (A14); counts nothing."""
    for name in ("keys", "accounts"):
        databases.scrub(name)
    return 0


RULES: tuple[tuple[str, Callable[[Databases, datetime, Settings], int]], ...] = (
    ("A12", erase_inactive_accounts),
    ("A24", purge_sessions),
    ("P1", purge_keys),
    ("B17", anonymise_events),
    ("P2", destroy_daily_keys),
    ("P3", forget_drafts),
    ("P4", forget_records),
    ("A14", scrub_files),
)


def run_retention(databases: Databases, at: datetime, settings: Settings) -> RetentionReport:
    """Do everything that is due at `at`, and write in the ledger what was done.

    Raises StoreError when the ledger cannot be written.
    """
    ledger, outcomes = Ledger(settings.instance / "ledger.jsonl"), []
    for clause, act in RULES:
        category = POLICY.clauses[clause].category
        try:
            count = act(databases, at, settings)
        except StoreUnavailable as error:
            outcomes.append(Outcome(clause, category, 0, str(error)))
            continue
        outcomes.append(Outcome(clause, category, count))
        if count:
            ledger.append(clause, category, count, at=at, policy=POLICY.version)
    return RetentionReport(at, tuple(outcomes))
