"""The daily run: what is due is erased once, told, and written in a chain that shows any change."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from datasets.errors import StoreError
from portal.accounts import service as accounts
from portal.accounts.keys import service as keys
from portal.accounts.tables import AccountRow, SessionRow
from portal.audience import service as audience
from portal.audience.pseudonym import DailyKey
from portal.audience.tables import EventRow
from portal.clock import FixedClock
from portal.databases import Databases
from portal.mail import Letter, MailServer
from portal.privacy.calendar import PARIS, paris_day
from portal.privacy.duties import MARGIN, RULES
from portal.privacy.erasure import Stores
from portal.privacy.ledger import FIRST, Ledger
from portal.privacy.policy import POLICY
from portal.privacy.retention import run_retention
from portal.vault import Vault
from tests.builders import open_browser, stores_of, vault_of
from tests.portal.accounts.conftest import read_letters

PASSWORD = "Trois chênes & 1 étang"
DUE = ("A12", "A24", "P1", "B17", "P2")
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def installation(tmp_path: Path, address_stores: Callable[..., SimpleNamespace]) -> SimpleNamespace:
    """The settings of the instance whose stores are under test."""
    (tmp_path / "incoming").mkdir()
    archive = {"archive_key": tmp_path / "archive.key", "archive_readers": "", "store_url": tmp_path / "versions"}
    return SimpleNamespace(
        **vars(address_stores(tmp_path)), **archive, licence="licence-ouverte-2.0", publisher="Service inventé"
    )


def make_account(databases: Databases, email: str, last_sign_in: datetime, vault: Vault | None = None) -> str:
    """Create an account that nobody signed in to since then."""
    with databases.session("accounts") as session:
        return accounts.create_account(session, vault or vault_of(databases), email, PASSWORD, at=last_sign_in).id


def count(databases: Databases, name: str, table: Any) -> int:
    """How many rows a table has."""
    with databases.session(name) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize(
    ("last_sign_in", "end"),
    [
        (datetime(2024, 2, 29, 10, 0, tzinfo=PARIS), datetime(2025, 2, 28, 10, 0, tzinfo=PARIS)),
        (datetime(2025, 3, 31, 9, 0, tzinfo=PARIS), datetime(2026, 3, 31, 9, 0, tzinfo=PARIS)),
        (datetime(2025, 3, 28, 12, 0, tzinfo=PARIS), datetime(2026, 3, 28, 12, 0, tzinfo=PARIS)),
    ],
)
def test_an_inactive_account_is_erased_by_its_anniversary(
    databases: Databases, installation: SimpleNamespace, last_sign_in: datetime, end: datetime
) -> None:
    """A year after the last sign-in at the latest, counting the day between two runs, the account is gone."""
    ada = make_account(databases, "ada@example.org", last_sign_in)
    with databases.session("accounts") as session:
        accounts.get_row(session, ada).noticed = end - timedelta(days=2)
    run_retention(stores_of(databases, installation), end - MARGIN - timedelta(seconds=1))
    assert count(databases, "accounts", AccountRow) == 1
    run_retention(stores_of(databases, installation), end - MARGIN)
    assert count(databases, "accounts", AccountRow) == 0


def test_signing_in_starts_the_year_again(databases: Databases, installation: SimpleNamespace) -> None:
    """Somebody who signs in a week before the end keeps their account for another year."""
    make_account(databases, "ada@example.org", NOW)
    with databases.session("accounts") as session:
        assert open_browser(session, vault_of(databases), "ada@example.org", PASSWORD, NOW + timedelta(days=358))
    run_retention(stores_of(databases, installation), NOW + timedelta(days=366))
    assert count(databases, "accounts", AccountRow) == 1


def test_a_run_does_all_that_is_due_and_says_it(databases: Databases, installation: SimpleNamespace) -> None:
    """One run erases accounts, sessions, keys and events that are due, and keeps what is not."""
    old = NOW - timedelta(days=500)
    lost = make_account(databases, "old@example.org", old)
    make_account(databases, "new@example.org", NOW - timedelta(days=30))
    with databases.session("accounts") as session:
        open_browser(session, vault_of(databases), "new@example.org", PASSWORD, NOW - timedelta(days=10))
    with databases.session("keys") as session:
        holder = keys.holder_of(installation.secret_key, lost)
        keys.create_key(session, holder, "of the erased", at=old)
        keys.create_key(session, "another", "expired", at=old, expires=NOW)
        keys.create_key(session, "another", "living", at=old)
    with databases.session("audience") as session:
        event = {"dataset": "d", "kind": "page", "format": "", "referrer": "none", "bot": False, "visitor": "v"}
        audience.write_events(session, [{**event, "instant": at, "day": paris_day(at)} for at in (old, NOW)])
    DailyKey(installation.instance).turn(paris_day(old))
    report = run_retention(stores_of(databases, installation), NOW)
    done = {outcome.clause: outcome.count for outcome in report.outcomes}
    assert {clause: number for clause, number in done.items() if number} == dict.fromkeys(DUE, 1)
    assert list(done) == [clause for clause, _ in RULES]
    assert report.is_complete
    assert count(databases, "accounts", SessionRow) == 0
    assert count(databases, "audience", EventRow) == 1
    with databases.session("keys") as session:
        assert keys.list_keys(session, holder) == []
        assert [key.name for key in keys.list_keys(session, "another")] == ["living"]


def test_running_again_does_nothing_more(files: Databases, installation: SimpleNamespace) -> None:
    """A second run at the same instant finds nothing, and writes nothing in the ledger."""
    make_account(files, "ada@example.org", NOW - timedelta(days=400))
    run_retention(stores_of(files, installation), NOW)
    ledger = (installation.instance / "ledger.jsonl").read_bytes()
    again = run_retention(stores_of(files, installation), NOW)
    assert {outcome.count for outcome in again.outcomes} == {0}
    assert (installation.instance / "ledger.jsonl").read_bytes() == ledger


def test_a_store_that_is_away_does_not_stop_the_others(
    files: Databases, installation: SimpleNamespace, tmp_path: Path
) -> None:
    """A rule whose store is away is told as not done, and the others run; the next run takes it up."""
    make_account(files, "ada@example.org", NOW - timedelta(days=400))
    (tmp_path / "audience.sqlite").rename(tmp_path / "away")
    report = run_retention(stores_of(files, installation), NOW)
    assert [outcome.clause for outcome in report.outcomes if outcome.failure] == ["B17"]
    assert "NOT DONE" in str(report)
    assert not report.is_complete
    assert count(files, "accounts", AccountRow) == 0
    (tmp_path / "away").rename(tmp_path / "audience.sqlite")
    assert run_retention(stores_of(files, installation), NOW).is_complete


KEPT_ELSEWHERE = {"A13": "P8", "A22": "A12", "B16": "A24"}
"""Clauses that the duty of another one keeps: it is as early, or earlier."""


def test_every_delay_has_its_duty() -> None:
    """Nothing is erased that the policy does not tell, and no ceiling or floor is without the duty that keeps it."""
    duties = {clause for clause, _ in RULES}
    assert duties <= set(POLICY.clauses)
    timed = {clause.id for clause in POLICY.clauses.values() if clause.family in ("ceiling", "floor")}
    assert timed - duties == set(KEPT_ELSEWHERE)
    for clause, other in KEPT_ELSEWHERE.items():
        assert POLICY.ceiling(other, NOW) <= POLICY.ceiling(clause, NOW)


def test_the_ledger_names_nobody(files: Databases, installation: SimpleNamespace) -> None:
    """The evidence tells clause, category, number and instant, and nothing of the persons."""
    lost = make_account(files, "canary@example.org", NOW - timedelta(days=400))
    run_retention(stores_of(files, installation), NOW)
    (line,) = (installation.instance / "ledger.jsonl").read_text().splitlines()
    fact = json.loads(line)
    assert set(fact) == {"clause", "category", "count", "at", "policy", "previous", "hash"}
    assert (fact["clause"], fact["category"], fact["count"], fact["previous"]) == ("A12", "account", 1, FIRST)
    assert "canary" not in line
    assert lost not in line


@pytest.mark.parametrize(
    "tamper",
    [
        lambda lines: [lines[0].replace('"count": 1', '"count": 9'), *lines[1:]],
        lambda lines: lines[1:],
        lambda lines: [lines[0], lines[2]],
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [lines[0], "not a line\n", *lines[1:]],
    ],
)
def test_a_changed_ledger_shows(tmp_path: Path, tamper: Callable[[list[str]], list[str]]) -> None:
    """A line changed, removed, moved, repeated or damaged is found, and nothing is added after it."""
    ledger = Ledger(tmp_path / "ledger.jsonl")
    for number in (1, 2, 3):
        last = ledger.append("A12", "account", number, at=NOW, policy="1")
    assert ledger.verify() == last
    lines = ledger.path.read_text().splitlines(keepends=True)
    ledger.path.write_text("".join(tamper(lines)))
    with pytest.raises(StoreError, match="line"):
        ledger.append("A12", "account", 4, at=NOW, policy="1")


def test_the_ledger_is_its_owners_alone(tmp_path: Path) -> None:
    """Other users of the machine cannot read the evidence."""
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.append("A12", "account", 1, at=NOW, policy="1")
    assert ledger.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("last_sign_in", "first", "second"),
    [
        (datetime(2025, 3, 31, 9, 0, tzinfo=PARIS), date(2026, 3, 1), date(2026, 3, 24)),
        (datetime(2024, 2, 29, 23, 30, tzinfo=PARIS), date(2025, 1, 29), date(2025, 2, 21)),
    ],
)
def test_an_inactive_person_is_told_twice_before_the_end(
    app: Flask, clock: FixedClock, last_sign_in: datetime, first: date, second: date
) -> None:
    """Thirty days and seven days before, each once, in their language; daily runs send nothing else."""
    parts = app.extensions["portal"]
    stores = Stores(parts.databases, parts.vault, parts.settings, parts.post)
    make_account(parts.databases, "ada@example.org", last_sign_in, parts.vault)
    told = {}
    with app.app_context():
        for number in (*range(0, 320, 40), *range(320, 400)):
            clock.instant = at = (last_sign_in + timedelta(days=number, hours=5)).astimezone(UTC)
            run_retention(stores, at, trusted=True)
            for letter in read_letters(app):
                assert letter["To"] == "ada@example.org"
                told[paris_day(at)] = letter["Subject"]
    assert list(told) == [first, second]
    assert all("sera effacé" in subject for subject in told.values())
    assert count(parts.databases, "accounts", AccountRow) == 0


def test_a_notice_that_cannot_leave_is_sent_by_the_next_run(app: Flask, clock: FixedClock) -> None:
    """With the mail server away the rule says that it is not done; the next run sends the letter, once."""
    parts = app.extensions["portal"]
    stores = Stores(parts.databases, parts.vault, parts.settings, parts.post)
    make_account(parts.databases, "ada@example.org", NOW, parts.vault)
    clock.instant = at = NOW + timedelta(days=350)
    with app.app_context():
        away = replace(stores, post=replace(parts.post, carrier=MailServer("127.0.0.1", 1)))
        assert not run_retention(away, at).is_complete
        run_retention(stores, at + timedelta(days=1))
        run_retention(stores, at + timedelta(days=2))
    assert len(read_letters(app)) == 1


def test_the_ceiling_wins_over_a_missing_notice(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """When no run happened for forty days the account goes on time all the same, and the log says what was missed."""
    parts = app.extensions["portal"]
    make_account(parts.databases, "ada@example.org", NOW, parts.vault)
    with app.app_context():
        stores = Stores(parts.databases, parts.vault, parts.settings, parts.post)
        run_retention(stores, NOW + timedelta(days=364, hours=12))
    assert count(parts.databases, "accounts", AccountRow) == 0
    assert "no notice" in caplog.text


def test_letters_that_wait_go_after_a_week(app: Flask) -> None:
    """A letter that no server takes away is erased before it is seven days old, counting the day between runs."""
    parts = app.extensions["portal"]
    stores = Stores(parts.databases, parts.vault, parts.settings, parts.post)
    parts.post.send(Letter("ada@example.org", "canary", "text"))
    outbox = parts.settings.instance / "outbox"
    with app.app_context():
        run_retention(stores, NOW + timedelta(days=4))
        assert len(list(outbox.iterdir())) == 1
        run_retention(stores, NOW + timedelta(days=7) - MARGIN)
    assert list(outbox.iterdir()) == []
