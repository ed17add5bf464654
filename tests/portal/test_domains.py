"""Several domains on one installation: one person is two whom nothing links, and nothing of one opens the other."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from urllib.request import urlopen

import pytest
from flask import Flask

from datasets.errors import NotFound, SettingError, StoreError
from portal import create_app
from portal.accounts import service as accounts
from portal.accounts.keys import service as keys
from portal.accounts.tables import AccountRow
from portal.clock import FixedClock
from portal.domains import APART, FILE, read_domains, serve_domains
from portal.privacy.erasure import erase_person, find_stores
from portal.vault.tickets import open_ticket, seal_ticket
from tests.builders import EMAIL, PASSWORD
from tests.portal.test_separation import read_values

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
HOSTS = ("data.one.example", "data.two.example")
COMMON = {"PATH": os.environ["PATH"], "PORTAL_PACKAGES": "node_modules", "PORTAL_SITE_NAME": "of another portal"}


def write_domain(folder: Path, host: str, **choices: str) -> None:
    """Write what a domain chooses."""
    (folder / host).mkdir(parents=True, exist_ok=True)
    lines = "".join(f"PORTAL_{name.upper()}={text}\n" for name, text in choices.items())
    (folder / host / FILE).write_text(f"# {host}\n\n{lines}", "utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two domains, which chose a port and a name."""
    for number, host in enumerate(HOSTS):
        write_domain(tmp_path, host, port=f"{8001 + number}", controller=f"Collectivité {number}")
    return tmp_path


@pytest.fixture
def domains(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Flask]]:
    """The application of each domain, as its own process would make it."""
    made = []
    for environ in read_domains(folder, COMMON).values():
        with monkeypatch.context() as patch:
            for name, text in environ.items():
                patch.setenv(name, text)
            made.append(create_app({"queue_url": "immediate", "limits_url": "memory://"}, clock=FixedClock(NOW)))
        made[-1].extensions["portal"].databases.prepare()
    yield made
    for app in made:
        app.extensions["portal"].databases.close()


def enrol(app: Flask) -> str:
    """Give the same person an account and an API key; return the account's identifier."""
    parts = app.extensions["portal"]
    with parts.databases.session("accounts") as session:
        made = accounts.create_account(session, parts.vault, EMAIL, PASSWORD, at=NOW, given_name="Ada")
    with parts.databases.session("keys") as store:
        keys.create_key(store, keys.holder_of(parts.settings.secret_key, made.id), "agenda", at=NOW)
    return str(made.id)


def test_a_domain_reads_its_own_choices_only(folder: Path) -> None:
    """Each has its folder, its address and what it chose; nothing of the portal that the shell speaks of."""
    found = read_domains(folder, COMMON)
    assert list(found) == list(HOSTS)
    for host, environ in found.items():
        assert (environ["PORTAL_INSTANCE"], environ["PATH"]) == (str(folder / host), COMMON["PATH"])
        assert environ["PORTAL_BASE_URL"] == f"https://{host}"
        assert "PORTAL_SITE_NAME" not in environ
    assert found[HOSTS[1]]["PORTAL_CONTROLLER"] == "Collectivité 1"


def test_one_address_on_two_domains_is_two_unlinked_persons(domains: list[Flask]) -> None:
    """Accounts, keys, blind indexes, hashes and seals of one person share no value; none opens the other."""
    people = [enrol(app) for app in domains]
    one, two = (app.extensions["portal"] for app in domains)
    assert people[0] != people[1]
    assert not set(one.vault.indexes(EMAIL)) & set(two.vault.indexes(EMAIL))
    values = [read_values(app, "accounts") | read_values(app, "keys") for app in domains]
    told = re.compile(r"\d{4}-\d\d-\d\d|accounts_|keys_|beneficiary")
    assert {value for value in values[0] & values[1] if not told.match(value)} == set()
    with one.databases.session("accounts") as session:
        row = session.get(AccountRow, people[0])
    key = one.vault.find_key(people[0])
    assert key.unseal("account|given_name", row.given_name) == "Ada"
    with pytest.raises(StoreError):
        two.vault.find_key(people[1]).unseal("account|given_name", row.given_name)
    assert two.vault.find_key(people[0]) is None


def test_nothing_of_one_domain_opens_another(domains: list[Flask]) -> None:
    """A session, a ticket or an API key of one is nothing to the other; who is erased from one stays in the other."""
    people = [enrol(app) for app in domains]
    one, two = (app.extensions["portal"] for app in domains)
    browser = domains[0].test_client()
    assert browser.post("/login/", data={"email": EMAIL, "password": PASSWORD}, base_url="https://a").status_code == 303
    token = browser.get_cookie("token", domain="a")
    assert token is not None
    stranger = domains[1].test_client()
    stranger.set_cookie("token", token.value, domain="a", secure=True)
    assert stranger.get("/account/", base_url="https://a").location.startswith("/login/")
    ticket = seal_ticket(one.vault.ring, "right", {"x": "y"}, NOW, NOW - NOW.replace(day=1))
    assert open_ticket(one.vault.ring, "right", ticket, NOW)
    assert open_ticket(two.vault.ring, "right", ticket, NOW) is None
    assert erase_person(find_stores(one), people[0], at=NOW)
    with two.databases.session("accounts") as session:
        assert accounts.list_accounts(session) == [people[1]]


@pytest.mark.parametrize("name", [name for name in APART if name != "base_url"])
def test_two_domains_share_no_store(folder: Path, name: str) -> None:
    """Whoever names the same database, key, store or queue for two domains is told which, and nothing starts."""
    path = f"sqlite:///{folder}/shared" if name.endswith("_url") and name != "store_url" else f"{folder}/shared"
    for number, host in enumerate(HOSTS):
        write_domain(folder, host, port=f"{8001 + number}", **{name: path})
    with pytest.raises(SettingError, match=f"{name.upper()} of {HOSTS[1]}, shared with {HOSTS[0]}"):
        read_domains(folder, COMMON)


def test_what_is_no_domain_is_told(folder: Path, tmp_path: Path) -> None:
    """One port for two, a line that chooses nothing, an unknown name, a folder without any: each is one error."""
    write_domain(folder, HOSTS[1], port="8001")
    with pytest.raises(SettingError, match="PORTAL_PORT"):
        read_domains(folder, COMMON)
    for line in ("PORT=8002", "PORTAL_PORT", "PORTAL_POTR=8002"):
        (folder / HOSTS[1] / FILE).write_text(line)
        with pytest.raises(SettingError, match="POR"):
            read_domains(folder, COMMON)
    with pytest.raises(NotFound):
        serve_domains(tmp_path / "nowhere", COMMON)


def read(port: int) -> bytes:
    """Return the home page of a domain, as soon as it answers."""
    deadline = monotonic() + 60
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/") as answer:
                return bytes(answer.read())
        except OSError:
            assert monotonic() < deadline
            sleep(0.2)


@pytest.mark.verify
def test_one_command_serves_them_all(folder: Path) -> None:
    """`portal domain serve` starts each domain in processes of its own, and stops them all."""
    ports = []
    for host in HOSTS:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
        write_domain(folder, host, port=f"{ports[-1]}", site_name=f"Le site {host}", workers="1")
    environ: Mapping[str, str] = {**os.environ, "PORTAL_SITE_NAME": "of another portal"}
    command = [sys.executable, "-m", "portal", "domain"]
    with subprocess.Popen([*command, "serve", folder], env=environ) as server:
        for host, port in zip(HOSTS, ports, strict=True):
            assert f"Le site {host}".encode() in read(port)
            done = subprocess.run([*command, "run", folder, host, "accounts", "create", EMAIL], check=False)
            assert done.returncode == 0
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=30) == 0
    for port in ports:
        with pytest.raises(OSError, match="refused"):
            urlopen(f"http://127.0.0.1:{port}/")
