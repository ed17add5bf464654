"""Passkeys and recovery codes: made and used by a real authenticator, of software, and by one that lies."""

import html
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import create_app
from portal.accounts.passkeys.service import find_site
from portal.accounts.service import create_account
from portal.cli import cli
from portal.clock import FixedClock
from portal.mail import Outbox
from tests.builders import AN_IDENTITY, EMAIL, PASSWORD
from tests.portal.accounts.authenticator import PRESENT, Authenticator
from tests.portal.accounts.conftest import read_letters

SITE = "https://data.example.org"
ANOTHER = "https://data.example.com"


@pytest.fixture
def app(migrated: Path, tmp_path: Path, clock: FixedClock) -> Iterator[Flask]:
    """A portal that is no demonstration, on a site with a name."""
    instance = shutil.copytree(migrated, tmp_path / "instance")
    settings = {
        "instance": instance,
        "base_url": SITE,
        "queue_url": "immediate",
        "limits_url": "memory://",
        "sign_in_limit": "99 per day",
        "demonstration": "false",
        "mail_url": "smtp://127.0.0.1:1",
        "mail_from": "portail@example.org",
        **AN_IDENTITY,
    }
    app = create_app(settings, clock=clock)
    parts = app.extensions["portal"]
    app.extensions["portal"] = replace(parts, post=replace(parts.post, carrier=Outbox(instance / "outbox")))
    with app.extensions["portal"].databases.session("accounts") as session:
        create_account(session, app.extensions["portal"].vault, EMAIL, PASSWORD, "producer", at=clock.now())
    yield app
    app.extensions["portal"].databases.close()


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A browser in which the password was given."""
    browser = app.test_client()
    assert post(browser, "/login/", email=EMAIL, password=PASSWORD).status_code == 303
    return browser


def post(client: FlaskClient, path: str, **data: str) -> TestResponse:
    """Fill in a form of the site."""
    return client.post(path, data=data, base_url=SITE)


def read_asked(page: str) -> tuple[str, str]:
    """Return what a page asks of a passkey, and the ticket beside it."""
    form = re.search(r'data-passkey="([^"]+)".*?name="ticket"[^>]* value="([^"]+)"', page, re.DOTALL)
    assert form is not None
    return html.unescape(form[1]), form[2]


def add(browser: FlaskClient, device: Authenticator, name: str = "Téléphone") -> TestResponse:
    """Add a passkey on the page."""
    asked, ticket = read_asked(browser.get("/account/passkeys/", base_url=SITE).text)
    with post(
        browser, "/account/passkeys/", ticket=ticket, answer=device.make(asked), name=name, confirmation=PASSWORD
    ) as answer:
        return answer


def enter(client: FlaskClient, device: Authenticator) -> TestResponse:
    """Sign in with a passkey alone."""
    asked, ticket = read_asked(client.get("/login/", base_url=SITE).text)
    return post(client, "/login/passkey/", ticket=ticket, answer=device.sign(asked))


@pytest.fixture
def device(browser: FlaskClient, clock: FixedClock) -> Authenticator:
    """A device that holds a passkey of the account."""
    device = Authenticator(SITE)
    assert add(browser, device).location == "/account/security/?done=passkey"
    clock.instant += timedelta(minutes=1)
    return device


def test_a_producer_is_led_to_add_one_before_the_desk_opens(browser: FlaskClient) -> None:
    """Without a second factor the desk is closed; with a passkey it opens, in the same browser."""
    assert browser.get("/producer/", base_url=SITE).location == "/account/second-factor/"
    assert "/account/passkeys/" in browser.get("/account/second-factor/", base_url=SITE).text
    add(browser, Authenticator(SITE))
    assert browser.get("/producer/", base_url=SITE).status_code == 200


def test_a_new_passkey_is_told_by_letter(app: Flask, device: Authenticator) -> None:
    """Whoever finds a browser open cannot add theirs unseen."""
    (letter,) = read_letters(app)
    assert letter["To"] == EMAIL
    assert "Téléphone" in letter.get_content()


def test_a_passkey_signs_in_alone_and_sets_no_cookie_before(app: Flask, device: Authenticator) -> None:
    """The device is enough: neither address nor password; the page that asks it leaves nothing in the browser."""
    client = app.test_client()
    assert "Set-Cookie" not in client.get("/login/", base_url=SITE).headers
    assert enter(client, device).location == "/account/"
    page = client.get("/account/passkeys/", base_url=SITE, query_string={"lang": "en"}).text
    assert "last used: 22 November 2026" in page


def test_after_the_password_a_passkey_is_asked_for(app: Flask, device: Authenticator) -> None:
    """The right password alone opens nothing once there is a passkey; nor does a password page without it."""
    client = app.test_client()
    page = post(client, "/login/", email=EMAIL, password=PASSWORD)
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    assert 'name="code"' not in page.text, "there is no authenticator and no recovery code to ask for"
    asked, ticket = read_asked(page.text)
    assert post(client, "/login/passkey/", ticket=ticket, answer=device.sign(asked)).location == "/account/"


def answer_falsely(app: Flask, device: Authenticator, clock: FixedClock, lie: str) -> TestResponse:
    """Ask to sign in, and answer with a lie."""
    client = app.test_client()
    asked, ticket = read_asked(client.get("/login/", base_url=SITE).text)
    copy = replace(device)
    liars = {"origin": replace(device, origin=ANOTHER), "presence": replace(device, flags=PRESENT)}
    answer = (liars | {"stranger": Authenticator(SITE)}).get(lie, device).sign(asked)
    if lie == "replay":
        assert post(app.test_client(), "/login/passkey/", ticket=ticket, answer=answer).location == "/account/"
    elif lie == "clone":
        assert post(app.test_client(), "/login/passkey/", ticket=ticket, answer=answer).location == "/account/"
        clock.instant += timedelta(minutes=1)
        asked, ticket = read_asked(client.get("/login/", base_url=SITE).text)
        answer = copy.sign(asked)
    elif lie == "late":
        clock.instant += timedelta(minutes=5)
    elif lie == "challenge":
        ticket = read_asked(client.get("/login/", base_url=SITE).text)[1]
    elif lie == "garbage":
        answer = '{"rawId": [], "id": "é"}'
    return post(client, "/login/passkey/", ticket=ticket, answer=answer)


def test_what_lies_opens_nothing(app: Flask, device: Authenticator, clock: FixedClock) -> None:
    """Another site, nobody verified, a signature shown twice or too late, a copied device, a changed challenge."""
    for lie in ("origin", "presence", "stranger", "challenge", "garbage", "late", "replay", "clone"):
        clock.instant += timedelta(minutes=1)
        refused = answer_falsely(app, device, clock, lie)
        assert refused.location == "/login/?passkey=no", lie
        assert "Set-Cookie" not in refused.headers


def test_what_was_not_made_here_is_not_kept(browser: FlaskClient) -> None:
    """Made for another site, without proof of who held the device, without its ticket or the password: refused."""
    for lie in ("origin", "presence", "nameless", "password", "ticket", "garbage"):
        device = Authenticator(ANOTHER if lie == "origin" else SITE, flags=PRESENT if lie == "presence" else 5)
        asked, ticket = read_asked(browser.get("/account/passkeys/", base_url=SITE).text)
        fields = {"ticket": ticket, "answer": device.make(asked), "name": "Téléphone", "confirmation": PASSWORD}
        fields |= {
            "nameless": {"name": " "},
            "password": {"confirmation": "wrong"},
            "ticket": {"ticket": "AQ"},
            "garbage": {"answer": "{}"},
        }.get(lie, {})
        assert post(browser, "/account/passkeys/", **fields).status_code == 400, lie
    assert browser.get("/producer/", base_url=SITE).status_code == 303


def test_a_device_is_kept_once_and_removed_with_the_password(
    app: Flask, browser: FlaskClient, device: Authenticator
) -> None:
    """The same passkey twice is refused; removing one needs the password, and ends it."""
    assert add(browser, device).status_code == 400
    page = browser.get("/account/passkeys/", base_url=SITE).text
    found = re.search(r"/account/passkeys/[0-9a-f]{64}/remove/", page)
    assert 'for="confirmation-0"' in page
    assert 'id="confirmation-0"' in page
    assert found is not None
    assert "Téléphone" in page
    assert post(browser, found[0], confirmation="wrong").status_code == 400
    assert post(browser, found[0], confirmation=PASSWORD).status_code == 303
    assert enter(app.test_client(), device).location == "/login/?passkey=no"


def make_recovery(browser: FlaskClient) -> list[str]:
    """Make recovery codes and read them."""
    page = post(browser, "/account/recovery/", **{"recovery-confirmation": PASSWORD})
    assert page.status_code == 201
    return re.findall(r"<code>([a-z2-7-]{19})</code>", page.text)


def test_a_recovery_code_is_good_once(app: Flask, browser: FlaskClient, device: Authenticator) -> None:
    """Ten codes are shown once; each replaces the passkey once after the password; new ones cancel the old."""
    assert post(browser, "/account/recovery/", **{"recovery-confirmation": "wrong"}).status_code == 400
    first, codes = make_recovery(browser), make_recovery(browser)
    assert len(set(first + codes)) == 20

    def use(code: str) -> int:
        client = app.test_client()
        page = post(client, "/login/", email=EMAIL, password=PASSWORD).text
        ticket = re.findall(r'name="ticket"[^>]* value="([^"]+)"', page)[-1]
        return post(client, "/login/code/", ticket=ticket, code=code).status_code

    assert [use(code) for code in (first[0], codes[0], codes[0], codes[1].upper().replace("-", " "))] == [
        400,
        303,
        400,
        303,
    ]
    assert "8 codes" in browser.get("/account/passkeys/", base_url=SITE, query_string={"lang": "en"}).text


def test_the_operator_opens_to_whoever_lost_everything(app: Flask, browser: FlaskClient, device: Authenticator) -> None:
    """The command forgets passkeys, codes and sessions, and the person is told by letter."""
    make_recovery(browser)
    done = app.test_cli_runner().invoke(cli, ["accounts", "drop-factors", EMAIL])
    assert done.exit_code == 0, done.output
    assert read_letters(app)[-1]["To"] == EMAIL
    assert browser.get("/account/", base_url=SITE).location.startswith("/login/")
    assert enter(app.test_client(), device).location == "/login/?passkey=no"
    assert post(app.test_client(), "/login/", email=EMAIL, password=PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://data.example.org", "data.example.org"),
        ("http://localhost:8000", "localhost"),
        ("http://127.0.0.1:8000", None),
        ("http://[::1]:8000", None),
    ],
)
def test_a_site_without_a_name_has_no_passkeys(address: str, domain: str | None) -> None:
    """Passkeys are bound to a domain: a portal reached by a number offers none."""
    site = find_site(address, "Portail")
    assert (site and site.domain) == domain
