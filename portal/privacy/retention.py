"""Erases what is due: one rule per clause of the policy that has a delay, each on its own store.

A rule that cannot run (its store is away) does not keep the others from running; it is told, and the next run
takes it up. Every rule may be run again at any moment: it does what is left to do.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_date

from datasets.errors import StoreUnavailable
from portal.accounts import service as accounts
from portal.accounts.journal import service as journal
from portal.accounts.keys import service as keys
from portal.audience.freeze import freeze
from portal.audience.pseudonym import destroy_keys
from portal.mail import write_letter
from portal.privacy.calendar import ceiling, end_of_day, last_due_day, paris_day
from portal.privacy.erased import FILE, Erased
from portal.privacy.erasure import Stores, erase_person
from portal.privacy.ledger import Ledger
from portal.privacy.policy import POLICY
from portal.producers.incoming import KEPT, purge_uploads
from portal.producers.service import purge_drafts
from portal.sources.private import LIFE, purge_private

NOTICES = (timedelta(days=30), timedelta(days=7))
"""How long before the erasure of an inactive account its person is told."""

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


def erase_inactive_accounts(stores: Stores, at: datetime) -> int:
    """Erase the accounts whose last sign-in is a year old (A12); without notice too, for the ceiling wins."""
    delay, limit, erased = POLICY.duration("A12"), at + MARGIN, 0
    with stores.databases.session("accounts") as session:
        silent = accounts.list_silent(session, end_of_day(last_due_day(limit, delay)))
    for account in silent:
        if ceiling(account.last_sign_in, delay) <= limit:
            gone = erase_person(stores, account.id, at=at, unless_after=account.last_sign_in)
            erased += gone
            if gone and account.noticed is None:
                logging.getLogger(__name__).warning("an account was erased that had been sent no notice")
    return erased


def warn_inactive(stores: Stores, at: datetime) -> int:
    """Write to those whose account will be erased in thirty days, and again in seven (P5).

    Raises StoreUnavailable when a letter could not leave: it is sent by the next run.
    """
    delay, today, sent = POLICY.duration("A12"), paris_day(at), 0
    with stores.databases.session("accounts") as session:
        silent = accounts.list_silent(session, end_of_day(last_due_day(at + NOTICES[0] + MARGIN, delay)))
    for account in silent:
        end = ceiling(account.last_sign_in, delay)
        days = [paris_day(end) - notice for notice in NOTICES]
        due = [day for day in days if day <= today]
        if due and end > at and (account.noticed is None or paris_day(account.noticed) < due[-1]):
            sent += warn_person(stores, account.id, end, at)
    return sent


def warn_person(stores: Stores, account_id: str, end: datetime, at: datetime) -> bool:
    """Send the notice that an account will be erased at `end`, and keep when; False when the person is gone."""
    with stores.databases.session("accounts") as session:
        if stores.vault.find_key(account_id) is None:
            return False
        person = accounts.get_account(session, stores.vault, account_id)
        day = format_date(paris_day(end), locale=person.language)
        sign_in = f"{stores.settings.base_url}/login/"
        stores.post.send(write_letter("inactive", person.email, person.language, day=day, sign_in=sign_in))
        accounts.get_row(session, account_id).noticed = at
    return True


def purge_sessions(stores: Stores, at: datetime) -> int:
    """Delete the sessions that have expired (A24)."""
    with stores.databases.session("accounts") as session:
        return accounts.purge_sessions(session, at)


def purge_keys(stores: Stores, at: datetime) -> int:
    """Delete the API keys that have expired (P1)."""
    with stores.databases.session("keys") as session:
        return keys.purge_keys(session, at)


def anonymise_events(stores: Stores, at: datetime) -> int:
    """Turn the months of events that are due into counts (B17)."""
    return freeze(stores.databases, at).events


def forget_drafts(stores: Stores, at: datetime) -> int:
    """Delete the drafts that nobody touched for a month, with the files they came from (P3).

    Uploads that nobody went on with go after days: what is not whole serves nobody.
    """
    incoming, delay = stores.settings.instance / "incoming", POLICY.duration("P3")
    purge_uploads(incoming, at - KEPT)
    return purge_drafts(stores.databases, incoming, end_of_day(last_due_day(at + MARGIN, delay)))


def forget_records(stores: Stores, at: datetime) -> int:
    """Erase the private records that were not published within a day (P4)."""
    return purge_private(stores.settings.instance, at - LIFE)


def destroy_daily_keys(stores: Stores, at: datetime) -> int:
    """Destroy the pseudonym keys of the days gone by, had nobody come since (P2)."""
    return destroy_keys(stores.settings.instance, keep=paris_day(at))


def purge_journal(stores: Stores, at: datetime) -> int:
    """Delete the acts of the journal that are a year old (B26)."""
    before = end_of_day(last_due_day(at + MARGIN, POLICY.duration("B26")))
    with stores.databases.session("accounts") as session:
        return journal.purge(session, before)


def forget_erasures(stores: Stores, at: datetime) -> int:
    """Forget who was erased a year ago: no copy that old may be put back (P7)."""
    before = end_of_day(last_due_day(at + MARGIN, POLICY.duration("P7")))
    return Erased(stores.settings.instance / FILE, stores.vault.secret).purge(before)


def empty_outbox(stores: Stores, at: datetime) -> int:
    """Delete the letters that a portal without mail server kept for a week (P8)."""
    before = end_of_day(last_due_day(at + MARGIN, POLICY.duration("P8"))).timestamp()
    old = [path for path in (stores.settings.instance / "outbox").glob("*.eml") if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def scrub_files(stores: Stores, _at: datetime) -> int:
    """Rewrite the files of persons so that no erased byte stays in them (A14); counts nothing."""
    for name in ("keys", "accounts"):
        stores.databases.scrub(name)
    return 0


RULES: tuple[tuple[str, Callable[[Stores, datetime], int]], ...] = (
    ("A12", erase_inactive_accounts),
    ("P5", warn_inactive),
    ("B26", purge_journal),
    ("P8", empty_outbox),
    ("P7", forget_erasures),
    ("A24", purge_sessions),
    ("P1", purge_keys),
    ("B17", anonymise_events),
    ("P2", destroy_daily_keys),
    ("P3", forget_drafts),
    ("P4", forget_records),
    ("A14", scrub_files),
)


def run_retention(stores: Stores, at: datetime) -> RetentionReport:
    """Do everything that is due at `at`, and write in the ledger what was done.

    Raises StoreError when the ledger cannot be written.
    """
    ledger, outcomes = Ledger(stores.settings.instance / "ledger.jsonl"), []
    for clause, act in RULES:
        category = POLICY.clauses[clause].category
        try:
            count = act(stores, at)
        except StoreUnavailable as error:
            outcomes.append(Outcome(clause, category, 0, str(error)))
            continue
        outcomes.append(Outcome(clause, category, count))
        if count:
            ledger.append(clause, category, count, at=at, policy=POLICY.version)
    return RetentionReport(at, tuple(outcomes))
