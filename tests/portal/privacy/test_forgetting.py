"""Canaries and races: after an erasure no byte of a person is anywhere, whatever happens at the same instant."""

import logging
import os
import shutil
import signal
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from datasets.errors import Conflict, Locked, NotFound, StoreUnavailable
from portal import backup, create_app
from portal.accounts import service as accounts
from portal.accounts.keys import service as keys
from portal.accounts.service import Account
from portal.clock import FixedClock
from portal.extensions import Portal
from portal.opposition import Opposition
from portal.privacy import duties, policy, retention
from portal.privacy.erasure import Stores, erase_person, find_stores
from portal.privacy.ledger import Ledger
from portal.privacy.locking import service as locking
from portal.privacy.policy import POLICY
from portal.privacy.portability import collect
from portal.privacy.retention import read_progress, run_retention
from tests.builders import EMAIL, PASSWORD, open_browser
from tests.portal.producers.desk import send

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
Rule = tuple[str, Callable[[Stores, datetime], int]]
CANARY = "canarino"
ADDRESS = f"{CANARY}@example.org"


@pytest.fixture
def parts(app: Flask) -> Iterator[Portal]:
    """The parts of the portal."""
    yield app.extensions["portal"]
    app.extensions["portal"].databases.close()


@pytest.fixture
def stores(parts: Portal) -> Stores:
    """The stores of persons."""
    return find_stores(parts)


@pytest.fixture
def log(parts: Portal) -> Iterator[Path]:
    """A log that keeps everything that the portal says."""
    path = parts.settings.instance / "portal.log"
    handler = logging.FileHandler(path)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield path
    root.removeHandler(handler)
    root.setLevel(level)
    handler.close()


def find_traces(folder: Path, *names: str) -> list[str]:
    """Return the files of a folder where a name stands, as text in any usual encoding."""
    marks = [
        mark
        for name in names
        for mark in (name.encode(), name.upper().encode(), name.encode("utf-16-le"), b64encode(name.encode())[:-3])
    ]
    return [
        f"{path.relative_to(folder)}"
        for path in folder.rglob("*")
        if path.is_file() and any(mark in path.read_bytes() or mark in path.name.encode() for mark in marks)
    ]


def plant(app: Flask, parts: Portal) -> tuple[FlaskClient, str]:
    """Let somebody do everything that leaves something; return their browser and the account's identifier."""
    with parts.databases.session("accounts") as session:
        names = {"given_name": CANARY, "family_name": CANARY}
        made = accounts.create_account(session, parts.vault, ADDRESS, PASSWORD, "producer", at=NOW, **names)
    browser = app.test_client()
    assert browser.post("/login/", data={"email": ADDRESS, "password": PASSWORD}).status_code == 303
    browser.post("/login/", data={"email": ADDRESS, "password": "wrong"})
    profile = {"given_name": CANARY, "family_name": CANARY, "language": "fr", "phone": f"05 {CANARY}"}
    assert browser.post("/account/profile/", data=profile).status_code == 303
    with parts.databases.session("keys") as session:
        keys.create_key(session, keys.holder_of(parts.settings.secret_key, made.id), CANARY, at=NOW)
    assert browser.post("/account/rights/", data={"right": "access", "words": CANARY}).status_code == 303
    send(browser, f"nom;ville\n{CANARY};Auch\n".encode(), f"{CANARY}.csv")
    browser.get("/explore/", headers={"Referer": f"https://{CANARY}.example/", "User-Agent": f"{CANARY} Firefox/1"})
    browser.get(f"/explore/?q={CANARY}")
    browser.get(f"/api/explore/v2.1/catalog/datasets?where={CANARY}&apikey={CANARY}")
    browser.post("/account/copy/").close()
    assert app.extensions["audience"].buffer.flush()
    return browser, made.id


def test_no_byte_of_an_erased_person_is_left_anywhere(
    app: Flask, parts: Portal, stores: Stores, log: Path, tmp_path: Path
) -> None:
    """Planted in every store, log, letter, upload and copy, then erased: a scan of all files finds nothing.

    Uploads go at once, letters that wait within a week, copies with the cycle of the keys.
    """
    browser, account_id = plant(app, parts)
    instance = parts.settings.instance
    assert find_traces(instance, CANARY)  # the scan sees what is there: the upload, the letters
    list(backup.back_up(parts, tmp_path / "copy", NOW))
    assert browser.post("/account/erase/", data={"confirmation": PASSWORD}).status_code == 200
    with app.app_context():
        run_retention(stores, NOW + timedelta(days=3))
        run_retention(stores, NOW + timedelta(days=6))
    parts.databases.close()
    assert log.stat().st_size > 0
    assert find_traces(instance, CANARY, account_id) == []
    assert find_traces(tmp_path / "copy", CANARY) == ["keys/keys.sqlite"]  # the name of a key: kept apart, for days
    shutil.rmtree(tmp_path / "copy" / "keys")  # the short cycle of the keys is over
    for name in ("keys.sqlite", "secret.key"):
        (tmp_path / "copy" / "keys").mkdir(exist_ok=True)
        shutil.copy2(instance / name, tmp_path / "copy" / "keys" / name)
    backup.write_manifest(tmp_path / "copy" / "keys", NOW)
    assert find_traces(tmp_path / "copy", CANARY) == []
    (tmp_path / "new").mkdir()
    shutil.copy2(parts.settings.master_key, tmp_path / "new" / "master.key")
    backup.put_back(tmp_path / "copy", tmp_path / "new")
    old = create_app({"instance": tmp_path / "new", "queue_url": "immediate"}, clock=FixedClock(NOW))
    vault = old.extensions["portal"].vault
    with old.extensions["portal"].databases.session("accounts") as session:
        assert accounts.list_accounts(session) == [account_id]
        with pytest.raises(NotFound):
            accounts.get_account(session, vault, account_id)
    old.extensions["portal"].databases.close()


def test_a_sign_in_and_an_erasure_at_once_have_one_winner(parts: Portal, stores: Stores) -> None:
    """(i) Somebody inactive signs in while the run erases: they enter and stay, or are gone and cannot; never half."""
    for _ in range(4):
        with parts.databases.session("accounts") as session:
            made = accounts.create_account(session, parts.vault, EMAIL, PASSWORD, at=NOW - timedelta(days=400))
        gate, tokens = threading.Barrier(2), []

        def enter(gate: threading.Barrier = gate, tokens: list[str | None] = tokens) -> None:
            gate.wait()
            with suppress(StoreUnavailable, NotFound), parts.databases.session("accounts") as session:
                tokens.append(open_browser(session, parts.vault, EMAIL, PASSWORD, NOW))

        thread = threading.Thread(target=enter)
        thread.start()
        gate.wait()
        erased = erase_person(stores, made.id, at=NOW, unless_after=made.last_sign_in)
        thread.join()
        entered = bool(tokens and tokens[0])
        with parts.databases.session("accounts") as session:
            assert (accounts.list_accounts(session) == []) == erased
            assert erased != entered or not tokens
        assert (parts.vault.find_key(made.id) is None) == erased
        erase_person(stores, made.id, at=NOW)


def test_a_copy_being_built_ends_with_the_erasure(parts: Portal, stores: Stores, account: Account) -> None:
    """(ii) Erased while their copy is being gathered, a person's copy is whole or refused, and never again given."""
    failed: list[Exception] = []

    def gather() -> None:
        try:
            for _ in range(200):
                assert collect(stores, account.id)["account"][0]["email"] == EMAIL
        except (NotFound, StoreUnavailable) as error:
            failed.append(error)

    thread = threading.Thread(target=gather)
    thread.start()
    assert erase_person(stores, account.id, at=NOW)
    thread.join()
    with pytest.raises(NotFound):
        collect(stores, account.id)


def test_a_hold_between_intent_and_act_stops_the_erasure(
    app: Flask, parts: Portal, stores: Stores, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(iii) A hold placed after the run found the account and before it erased keeps it; the erasure waits."""
    real = accounts.list_silent

    def place(*arguments: object) -> list[accounts.Silent]:
        found = real(*arguments)  # type: ignore[arg-type]
        session, key = arguments[0], parts.vault.find_key(account.id)
        locking.hold_account(session, key, "un procès", at=at, until=at + timedelta(days=9))  # type: ignore[arg-type]
        return found

    at = NOW + timedelta(days=370)
    monkeypatch.setattr(duties.accounts, "list_silent", place)
    with app.app_context():
        duties.erase_inactive_accounts(stores, at)
        monkeypatch.undo()
        with parts.databases.session("accounts") as session:
            assert accounts.list_accounts(session) == [account.id]
        assert duties.end_holds(stores, at + timedelta(days=9)) == 1
    with parts.databases.session("accounts") as session:
        assert accounts.list_accounts(session) == []


def test_last_nights_copy_forgets_a_hundred_who_left_today(parts: Portal, stores: Stores, tmp_path: Path) -> None:
    """(iv) Of a thousand in the copy a hundred were erased since: put back, they are unreadable, the others whole."""
    size = 20  # of which one in ten leaves
    with parts.databases.session("accounts") as session:
        people = [
            accounts.keep_account(
                session, parts.vault, f"{CANARY}{number}@example.org", "$hash", "beneficiary", at=NOW, language="fr",
                given_name=CANARY, family_name="",
            ).id
            for number in range(size)
        ]  # fmt: skip
    list(backup.back_up(parts, tmp_path / "copy", NOW))
    gone = people[::10]
    for person in gone:
        erase_person(stores, person, at=NOW)
    (tmp_path / "new").mkdir()
    shutil.copy2(parts.settings.master_key, tmp_path / "new" / "master.key")
    backup.put_back(tmp_path / "copy", tmp_path / "new")
    again = create_app({"instance": tmp_path / "new", "queue_url": "immediate"}, clock=FixedClock(NOW))
    back = again.extensions["portal"]
    list(backup.replay(back, parts.settings.instance / "erased.jsonl"))
    with back.databases.session("accounts") as session:
        assert set(accounts.list_accounts(session)) == set(people) - set(gone)
        assert all(
            accounts.get_account(session, back.vault, one).given_name == CANARY for one in set(people) - set(gone)
        )
    back.databases.close()
    assert find_traces(tmp_path / "new", *gone) == []


def test_two_runs_at_once_are_one(app: Flask, parts: Portal, stores: Stores) -> None:
    """(v) While one run is at work another is refused, and nothing is done twice."""
    seen: list[Exception | None] = []

    def again(_stores: Stores, _at: datetime) -> int:
        try:
            run_retention(stores, NOW)
        except Locked as error:
            seen.append(error)
        return 1

    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(retention, "RULES", (("A24", again),))
        assert run_retention(stores, NOW).is_complete
    assert len(seen) == 1
    assert [line["count"] for line in Ledger(parts.settings.instance / "ledger.jsonl").read()] == [1]


def test_a_clock_that_jumps_erases_nothing(app: Flask, stores: Stores, account: Account) -> None:
    """(vi) Back by an hour or ahead by days, the run is refused until somebody vouches for the clock."""
    with app.app_context():
        run_retention(stores, NOW)
        for hours in (-1, -24, 24 * 4, 24 * 365):
            with pytest.raises(Conflict, match="clock"):
                run_retention(stores, NOW + timedelta(hours=hours))
            assert read_progress(stores.settings.instance).at == NOW
        run_retention(stores, NOW + timedelta(days=2))
        run_retention(stores, NOW + timedelta(days=400), trusted=True)
    with stores.databases.session("accounts") as session:
        assert accounts.list_accounts(session) == []


def test_a_policy_that_changes_during_a_run_is_obeyed_whole(
    app: Flask, stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(vii) Another version installed during a run stops it: no line mixes two policies, and none is disobeyed.

    What is left waits for a program that obeys the new version; an older program, back after that, erases nothing.
    """
    old, done = policy.FILE.read_text(encoding="utf-8"), []
    monkeypatch.setattr(policy, "FILE", tmp_path / "policy.toml")
    policy.FILE.write_text(old, encoding="utf-8")

    def install(_stores: Stores, _at: datetime) -> int:
        done.append("first")
        policy.FILE.write_text(old.replace('"P1Y"', '"P2Y"', 1), encoding="utf-8")
        return 1

    def act(_stores: Stores, _at: datetime) -> int:
        done.append("second")
        return 1

    def read_ledger() -> list[tuple[str, str]]:
        return [(line["clause"], line["policy"]) for line in Ledger(stores.settings.instance / "ledger.jsonl").read()]

    monkeypatch.setattr(retention, "RULES", (("A24", install), ("P1", act)))
    with app.app_context():
        first, second = run_retention(stores, NOW).outcomes
        assert (first.failure, done, read_ledger()) == ("", ["first"], [("A24", "1")])
        assert "restart the portal" in second.failure
        assert not run_retention(stores, NOW).is_complete
        assert done == ["first"]
        newer = replace(POLICY, version="2", effective=POLICY.effective + timedelta(days=1))
        with monkeypatch.context() as patch:  # the program that is started again
            patch.setattr(retention, "RULES", (("P1", act),))
            patch.setattr(retention, "POLICY", newer)
            patch.setattr(retention, "has_changed", lambda: False)
            assert run_retention(stores, NOW).is_complete
        policy.FILE.write_text(old, encoding="utf-8")  # and the older one, put back
        with pytest.raises(Conflict, match="older program"):
            run_retention(stores, NOW)
    assert (done, read_ledger()) == (["first", "second"], [("A24", "1"), ("P1", "2")])


def test_a_policy_is_the_same_whenever_its_file_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file copied or touched is no other policy; one that is gone, cut short or unsealed is."""
    text = policy.FILE.read_text(encoding="utf-8")
    monkeypatch.setattr(policy, "FILE", tmp_path / "policy.toml")
    assert policy.has_changed()
    for content, changed in ((text, False), (text[: len(text) // 2], True), (text.replace("P13M", "P14M"), True)):
        policy.FILE.write_text(content, encoding="utf-8")
        assert policy.has_changed() is changed


def test_a_full_disk_between_counting_and_erasing_changes_nothing(
    app: Flask, stores: Stores, make_full: Callable[[str], None]
) -> None:
    """(viii) When the counts cannot be written the events stay, the run says so, and the next one does all."""
    make_full("audience")
    with app.app_context():
        report = run_retention(stores, NOW)
    assert [outcome.clause for outcome in report.outcomes if outcome.failure] == ["B17"]


@pytest.fixture
def make_full(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets a database have no room for one more page, and something to count."""
    from portal.audience import service
    from tests.portal.audience.conftest import make_event

    def fill(name: str) -> None:
        with stores.databases.session(name) as session:
            events = [make_event(NOW - timedelta(days=2), f"{n}", dataset=f"{n}-" + "x" * 190) for n in range(99)]
            service.write_events(session, events)
        real = service.keep_day

        def keep(session, day, counts):  # type: ignore[no-untyped-def]
            from sqlalchemy import text

            pages = session.execute(text("PRAGMA page_count")).scalar()
            session.execute(text(f"PRAGMA max_page_count = {pages}"))
            real(session, day, counts)

        monkeypatch.setattr(service, "keep_day", keep)

    return fill


def test_whoever_comes_back_is_somebody_new(parts: Portal, stores: Stores, account: Account) -> None:
    """(ix) The same address a second after its erasure: a new key, nothing of before, and the objection still holds."""
    opposition = Opposition(parts.settings.instance / "opposed.jsonl", parts.vault.secret)
    opposition.add(EMAIL, NOW)
    before = parts.vault.find_key(account.id)
    assert erase_person(stores, account.id, at=NOW)
    with parts.databases.session("accounts") as session:
        again = accounts.create_account(session, parts.vault, EMAIL, PASSWORD, at=NOW + timedelta(seconds=1))
    after = parts.vault.find_key(again.id)
    assert again.id != account.id
    assert before is not None
    assert after is not None
    assert before.key != after.key
    assert again.given_name == ""
    assert opposition.is_opposed(EMAIL, use="sending")
    assert {line["act"] for line in collect(stores, again.id)["acts"]} == set()


def test_a_run_killed_at_a_duty_is_taken_up(app: Flask, stores: Stores) -> None:
    """Killed before or after an act, the next run does what is left, and the ledger says that it was taken up."""
    kill_at_duties(app, stores, duties.RULES[::5], done=False)
    kill_at_duties(app, stores, duties.RULES[-1:], done=True)


@pytest.mark.verify
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_run_killed_at_any_duty_is_taken_up(app: Flask, stores: Stores, done: bool) -> None:
    """Whatever the duty, killed before or after its act."""
    kill_at_duties(app, stores, duties.RULES, done=done)


def kill_at_duties(app: Flask, stores: Stores, chosen: Sequence[Rule], *, done: bool) -> None:
    """Kill a run at each of some duties, before or after its act, then run again."""
    instance = stores.settings.instance
    for number, (duty, act) in enumerate(chosen):
        at = NOW + timedelta(minutes=number + 99 * done)

        def die(stores: Stores, at: datetime, act: Callable[[Stores, datetime], int] = act) -> int:
            if done:
                act(stores, at)
            os.kill(os.getpid(), signal.SIGKILL)
            return 0

        child = os.fork()
        if child == 0:
            retention.RULES = tuple((clause, die if clause == duty else one) for clause, one in duties.RULES)  # type: ignore[misc]
            with app.app_context():
                run_retention(stores, at)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        assert read_progress(instance).intent == duty
        with app.app_context():
            assert run_retention(stores, at).is_complete
        progress = read_progress(instance)
        assert progress.intent is None
        assert not any(progress.is_late(clause, at) for clause, _ in duties.RULES)
    lines = [line["clause"] for line in Ledger(instance / "ledger.jsonl").read() if "resumed" in line]
    assert lines[-len(chosen) :] == [clause for clause, _ in chosen]
