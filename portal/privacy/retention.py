"""The daily run: what is due is done once, written in the ledger, and taken up again where it was stopped.

    lock → clock → policy → for each duty: policy → intent → act → ledger → done

A duty that cannot run (its store is away) does not keep the others from running; it is told, and the next run takes
it up. Killed at any instant, the next run finds the intent and says in the ledger that it took it up. A clock that
goes back, or jumps ahead of everything that was stamped lately, erases nothing. A run obeys one version of the policy:
once another is installed, what is left waits for the program that obeys that one, and an older program erases nothing
any more.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from datasets.errors import Conflict, Locked, Phrase, StoreError, StoreUnavailable
from portal.accounts.journal import service as journal
from portal.audience import service as audience
from portal.privacy.duties import RULES
from portal.privacy.erasure import Stores
from portal.privacy.ledger import FILE as LEDGER
from portal.privacy.ledger import Ledger
from portal.privacy.policy import POLICY, Policy, has_changed

STATE = "retention.json"
LEAP = timedelta(days=3)
"""A clock further ahead of the newest stamp than this is believed only on an operator's word."""

LATE = timedelta(hours=26)
"""A duty that was not done for so long is late: it is due each day."""

NAME = Phrase("policy", "politique")
INSTALLED = Phrase(
    f"another version than {POLICY.version} was installed since this program began: restart the portal.",
    f"une autre version que la {POLICY.version} a été installée depuis que ce programme tourne : relancez le portail.",
)


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


@dataclass
class Progress:
    """What the runs have done so far: when the last one was, which duty was begun and not ended, what each did last.

    `oldest` is the instant of the oldest raw event of the audience that the last run left; `policy` the day since
    which the newest policy of all runs is in force.
    """

    path: Path
    at: datetime | None = None
    intent: str | None = None
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    oldest: datetime | None = None
    policy: date = date.min

    def save(self) -> None:
        """Write it, all or nothing. Raises StoreError."""
        at = self.at.isoformat() if self.at else None
        row: dict[str, Any] = {"at": at, "intent": self.intent, "done": self.done}
        row |= {"oldest": self.oldest.isoformat() if self.oldest else None, "policy": self.policy.isoformat()}
        aside = self.path.with_suffix(".new")
        try:
            aside.write_text(json.dumps(row), encoding="ascii")
            aside.chmod(0o600)
            aside.rename(self.path)
        except OSError as error:
            raise StoreError(what=self.path.name, reason=error.strerror or str(error)) from error

    def is_late(self, clause: str, at: datetime) -> bool:
        """Tell whether a duty was not done for more than a day."""
        last = self.done.get(clause)
        return last is None or bool(last["failure"]) or at - datetime.fromisoformat(last["at"]) > LATE


def read_progress(instance: Path) -> Progress:
    """Return what the runs of an instance have done so far. Raises StoreError for a file that cannot be read."""
    path = instance / STATE
    if not path.exists():
        return Progress(path)
    try:
        row: Mapping[str, Any] = json.loads(path.read_text(encoding="ascii"))
        oldest = datetime.fromisoformat(row["oldest"]) if row["oldest"] else None
        policy = date.fromisoformat(row.get("policy", date.min.isoformat()))
        return Progress(path, datetime.fromisoformat(row["at"]), row["intent"], dict(row["done"]), oldest, policy)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(what=STATE, reason="it cannot be read") from error


def run_retention(stores: Stores, at: datetime, *, trusted: bool = False) -> RetentionReport:
    """Do everything that is due at `at`, and write in the ledger what was done. `trusted` vouches for the clock.

    Raises Conflict when the clock cannot be believed or a newer policy was obeyed before, Locked when another run is
    at work, StoreError when the ledger cannot be written.
    """
    instance = stores.settings.instance
    try:
        with FileLock(instance / "retention.lock", timeout=0):
            progress = read_progress(instance)
            check_clock(progress, find_newest(stores, progress), at, trusted=trusted)
            check_policy(progress, POLICY)
            progress.at = at
            return do_duties(stores, progress, at)
    except Timeout:
        raise Locked(instance=str(instance), holder="another retention") from None


def do_duties(stores: Stores, progress: Progress, at: datetime) -> RetentionReport:
    """Do each duty in its turn; the ledger tells those that did something, and the one that a kill had stopped."""
    ledger, outcomes = Ledger(stores.settings.instance / LEDGER), []
    stopped = progress.intent
    for clause, act in RULES:
        category = POLICY.clauses[clause].category
        progress.intent = clause
        progress.save()
        try:
            if has_changed():
                raise Conflict(name=NAME, reason=INSTALLED)
            outcome = Outcome(clause, category, act(stores, at))
        except (StoreUnavailable, StoreError, Conflict) as error:
            outcome = Outcome(clause, category, 0, str(error))
        outcomes.append(outcome)
        if outcome.count or (clause == stopped and not outcome.failure):
            more = {"resumed": True} if clause == stopped else {}
            ledger.append(clause, category, outcome.count, at=at, policy=POLICY.version, **more)
        told = {"at": at.astimezone(UTC).isoformat(), "count": outcome.count, "failure": outcome.failure}
        last = progress.done.get(clause, told)
        progress.done[clause] = {**told, "at": last["at"]} if outcome.failure else told
    progress.intent = None
    with suppress(StoreUnavailable), stores.databases.session("audience") as session:
        left = audience.find_oldest(session)
        progress.oldest = left[1] if left else None
    progress.save()
    return RetentionReport(at, tuple(outcomes))


def find_newest(stores: Stores, progress: Progress) -> datetime | None:
    """Return the newest instant that was stamped: by the last run, an act of the journal, an event of the audience."""
    stamps = [progress.at] if progress.at else []
    for name, find in (("accounts", journal.find_newest), ("audience", audience.find_newest)):
        try:
            with stores.databases.session(name) as session:
                stamps += [stamp] if (stamp := find(session)) else []
        except StoreUnavailable:
            continue
    return max(stamps, default=None)


def check_policy(progress: Progress, policy: Policy) -> None:
    """Refuse a policy older than one that was obeyed before, else keep since when it is in force. Raises Conflict."""
    if policy.effective < progress.policy:
        since = f"{progress.policy:%Y-%m-%d}"
        en = f"that of {since} was obeyed before. Stop this older program, or give its text a new version."
        fr = f"celle du {since} a déjà été suivie. Arrêtez cet ancien programme, ou redonnez une version à son texte."
        raise Conflict(name=NAME, reason=Phrase(en, fr))
    progress.policy = policy.effective


def check_clock(progress: Progress, newest: datetime | None, at: datetime, *, trusted: bool) -> None:
    """Refuse an instant before the newest stamp, or too far ahead of it, unless it is vouched for. Raises Conflict.

    A first run has nothing to be ahead of.
    """
    if newest is None or trusted:
        return
    if at < newest.replace(second=0, microsecond=0):
        en = f"it went back: it says {at:%Y-%m-%d %H:%M}, something was stamped at {newest:%Y-%m-%d %H:%M}."
        fr = f"elle a reculé : elle dit {at:%Y-%m-%d %H:%M}, une trace est datée de {newest:%Y-%m-%d %H:%M}."
        raise Conflict(name=Phrase("clock", "horloge"), reason=Phrase(en, fr))
    if progress.at is not None and at - newest > LEAP:
        en = f"it is {(at - newest).days} days ahead of the last trace. Check it, then run with --trust-clock."
        fr = f"elle a {(at - newest).days} jours d’avance sur la dernière trace. Vérifiez-la, puis --trust-clock."
        raise Conflict(name=Phrase("clock", "horloge"), reason=Phrase(en, fr))
