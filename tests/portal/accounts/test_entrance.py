"""Entering: nothing is kept before a letter is confirmed, forgotten passwords, codes of a second factor."""

import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pyotp
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from aiosmtpd.smtp import AuthResult
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from datasets.errors import SettingError
from portal import create_app
from portal.accounts import passwords
from portal.accounts.service import Account, create_account
from portal.accounts.tables import AccountRow
from portal.clock import FixedClock
from portal.mail import MailServer, read_server
from tests.builders import AN_IDENTITY, EMAIL, PASSWORD
from tests.portal.accounts.conftest import find_link, read_letters

OTHER = "canary.bob@example.org"
NEW = "Quatre peupliers & 2 canards"
FORM = {"email": OTHER, "password": PASSWORD, "language": "en", "given_name": "Canarino", "adult": "y"}


def count_accounts(app: Flask) -> int:
    """How many accounts there are."""
    with app.extensions["portal"].databases.session("accounts") as session:
        return session.scalar(select(func.count()).select_from(AccountRow)) or 0


def post(client: FlaskClient, path: str, **data: str) -> int:
    """Post a form, let what follows the answer happen, and return the status."""
    with client.post(path, data=data) as answer:
        return answer.status_code


def test_the_form_proposes_the_language_of_the_page(client: FlaskClient) -> None:
    """An English reader is offered letters in English, a French one in French."""
    for lang, name in (("en", "English"), ("fr", "Français")):
        page = client.get("/signup/", query_string={"lang": lang}).text
        assert f'<option selected value="{lang}">{name}</option>' in page


def test_before_the_letter_is_confirmed_nothing_is_kept(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    """Asking for an account writes nothing of the person, but in the letter; opening its link makes nothing either."""
    post(client, "/signup/", **FORM)
    (letter,) = read_letters(app)
    assert letter["To"] == OTHER
    assert letter["Subject"].startswith("Confirm your account")
    assert client.get(find_link(letter)).status_code == 200
    app.extensions["portal"].databases.close()
    content = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"anary" not in content
    assert count_accounts(app) == 0


def test_a_letter_makes_one_account_once(app: Flask, client: FlaskClient) -> None:
    """Confirmed twice, or asked for twice, an address has one account."""
    for _ in range(2):
        post(client, "/signup/", **FORM)
    links = [find_link(letter) for letter in read_letters(app)]
    answers = [client.post(link).location for link in (links[0], links[0], links[1])]
    assert answers == ["/login/?welcome=1", "/login/", "/login/"]
    assert count_accounts(app) == 1


def test_a_letter_is_too_old_after_a_day(app: Flask, client: FlaskClient, clock: FixedClock) -> None:
    """A link works for twenty-four hours, not a second more, and a changed one never."""
    post(client, "/signup/", **FORM)
    link = find_link(read_letters(app)[0])
    broken = [link[:-3] + "/", f"{link[:-9]}AAAAAAAA/", "/signup/AQ/", "/signup/%C3%A9/"]
    assert {client.post(other).status_code for other in broken} == {410}
    start = clock.instant
    clock.instant = start + timedelta(hours=24)
    assert client.post(link).status_code == 410
    clock.instant = start + timedelta(hours=24) - timedelta(seconds=1)
    assert client.post(link).status_code == 303


def test_somebody_under_fifteen_is_refused_with_the_reason(app: Flask, client: FlaskClient) -> None:
    """Without saying to be 15 nobody gets an account, and the page says why and what remains open."""
    with client.post("/signup/", data={**FORM, "adult": ""}, query_string={"lang": "en"}) as answer:
        assert answer.status_code == 400
        assert "15 or older. Reading needs none." in answer.text
    assert read_letters(app) == []


def test_a_known_address_is_told_so_by_letter_only(app: Flask, client: FlaskClient, account: Account) -> None:
    """Who signs up with an address that has an account learns nothing; its owner reads it, and nothing changes."""
    post(client, "/signup/", **{**FORM, "email": EMAIL, "language": "fr"})
    (letter,) = read_letters(app)
    assert "avez déjà un compte" in letter["Subject"]
    assert "/signup/" not in letter.get_content()
    assert post(client, "/login/", email=EMAIL, password=PASSWORD) == 303


def test_a_forgotten_password_is_replaced_once(app: Flask, client: FlaskClient, signed_in: FlaskClient) -> None:
    """The link of the letter replaces the password, signs every browser out, tells the owner, and works once."""
    post(client, "/login/forgotten/", email=EMAIL)
    link = find_link(read_letters(app)[0])
    assert post(client, link, new="weak") == 400
    assert post(client, link, new=NEW) == 303
    assert "changé" in read_letters(app)[0]["Subject"]
    assert signed_in.get("/account/").status_code == 303
    assert [post(client, "/login/", email=EMAIL, password=one) for one in (PASSWORD, NEW)] == [400, 303]
    assert post(client, link, new="Cinq moulins & 6 ponts") == 410


def test_the_link_of_a_forgotten_password_lasts_an_hour(
    app: Flask, client: FlaskClient, account: Account, clock: FixedClock
) -> None:
    """An hour after the request the link changes nothing; a link made to sign up never changes a password."""
    post(client, "/login/forgotten/", email=EMAIL)
    post(client, "/signup/", **FORM)
    link, other = sorted(map(find_link, read_letters(app)))
    assert client.get(link.replace(link.split("/")[-2], other.split("/")[-2])).status_code == 410
    clock.instant += timedelta(hours=1)
    assert client.get(link).status_code == 410


def test_an_unknown_address_gets_a_letter_that_says_so(app: Flask, client: FlaskClient) -> None:
    """Whoever owns an address without account reads that nothing was changed nor kept."""
    post(client, "/login/forgotten/", email=OTHER)
    (letter,) = read_letters(app)
    assert letter["To"] == OTHER
    assert "http" not in letter.get_content()


def add_factor(app: Flask, browser: FlaskClient, clock: FixedClock) -> pyotp.TOTP:
    """Add a second factor to the signed-in account, and return what shows its codes."""
    page = browser.get("/account/second-factor/").text
    secret = page.partition("<code>")[2].partition("</code>")[0]
    ticket = page.partition('name="ticket"')[2].partition('value="')[2].partition('"')[0]
    codes = pyotp.TOTP(secret)
    answer = browser.post("/account/second-factor/", data={"ticket": ticket, "code": codes.at(clock.instant)})
    assert answer.location == "/account/security/?done=factor"
    return codes


def ask_code(client: FlaskClient) -> str:
    """Give the right password and return the ticket of the page that asks for a code."""
    page = client.post("/login/", data={"email": EMAIL, "password": PASSWORD})
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    return page.text.partition('name="ticket"')[2].partition('value="')[2].partition('"')[0]


def test_a_second_factor_is_asked_for_at_each_sign_in(app: Flask, signed_in: FlaskClient, clock: FixedClock) -> None:
    """After the password a code is needed: right, of now, and not used before."""
    codes = add_factor(app, signed_in, clock)
    client = app.test_client()
    ticket = ask_code(client)
    used = codes.at(clock.instant)
    assert post(client, "/login/code/", ticket=ticket, code=used) == 400, "the code that enrolled was used"
    clock.instant += timedelta(seconds=60)
    wrong = f"{(int(codes.at(clock.instant)) + 1) % 10**6:06}"
    assert [post(client, "/login/code/", ticket=ticket, code=code) for code in (wrong, "", "abc", "é" * 6)] == [400] * 4
    assert post(client, "/login/code/", ticket=ticket, code=codes.at(clock.instant)) == 303
    assert client.get("/account/").status_code == 200
    again = app.test_client()
    assert post(again, "/login/code/", ticket=ticket, code=codes.at(clock.instant)) == 400


def test_a_code_without_its_password_opens_nothing(app: Flask, signed_in: FlaskClient, clock: FixedClock) -> None:
    """A code alone, with a forged or an old ticket, leads back to the sign-in page."""
    codes = add_factor(app, signed_in, clock)
    client = app.test_client()
    clock.instant += timedelta(seconds=60)
    ticket = ask_code(client)
    clock.instant += timedelta(minutes=5)
    for forged in ("", "AQ", ticket):
        assert (
            client.post("/login/code/", data={"ticket": forged, "code": codes.at(clock.instant)}).location == "/login/"
        )


def test_dropping_the_second_factor_needs_the_password(app: Flask, signed_in: FlaskClient, clock: FixedClock) -> None:
    """Whoever finds an open browser cannot remove the second factor, nor put another in its place."""
    add_factor(app, signed_in, clock)
    for answer in (signed_in.get("/account/second-factor/"), signed_in.post("/account/second-factor/")):
        assert answer.location == "/account/security/"
    assert post(signed_in, "/account/second-factor/forget/", **{"factor-confirmation": "wrong"}) == 400
    assert post(signed_in, "/account/second-factor/forget/", **{"factor-confirmation": PASSWORD}) == 303
    assert post(app.test_client(), "/login/", email=EMAIL, password=PASSWORD) == 303


class Mailbox(Message):
    """Keeps the letters that a mail server receives."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[EmailMessage] = []

    def handle_message(self, message: Any) -> None:
        """Keep one."""
        self.letters.append(message)


def check_login(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    """Accept the portal's name and password only."""
    return AuthResult(success=(given.login, given.password) == (b"portal", b"mot de passe"))


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    """A real mail server that asks for a password, and its port."""
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, "127.0.0.1", port, authenticator=check_login, auth_require_tls=False)
    server.start()
    yield box, port
    server.stop()


@pytest.fixture
def production(migrated: Path, tmp_path: Path, clock: FixedClock, mailbox: tuple[Mailbox, int]) -> Iterator[Flask]:
    """A portal that is no demonstration, with that mail server."""
    instance = tmp_path / "instance"
    shutil.copytree(migrated, instance)
    settings = {
        "instance": instance,
        "queue_url": "immediate",
        "limits_url": "memory://",
        "demonstration": "false",
        "mail_url": f"smtp://portal:mot%20de%20passe@127.0.0.1:{mailbox[1]}",
        "mail_from": "portail@example.org",
        **AN_IDENTITY,
    }
    app = create_app(settings, clock=clock)
    yield app
    app.extensions["portal"].databases.close()


def test_letters_go_through_the_operators_mail_server(production: Flask, mailbox: tuple[Mailbox, int]) -> None:
    """With a mail server, letters arrive whole in both languages, accents included; no copy stays in the instance."""
    for language, said in (("fr", "confirmez"), ("en", "confirm")):
        post(production.test_client(), "/signup/", **{**FORM, "language": language})
        letter = mailbox[0].letters.pop()
        assert (letter["To"], letter["From"]) == (OTHER, "portail@example.org")
        text = letter.get_payload(decode=True).decode()
        assert said in text
        assert "/signup/" in text
    assert not (production.extensions["portal"].settings.instance / "outbox").exists()


def test_a_mail_server_that_is_away_changes_no_answer(
    production: Flask, mailbox: tuple[Mailbox, int], caplog: pytest.LogCaptureFixture
) -> None:
    """Without its mail server the portal answers as ever, and the log says so without the address."""
    post_office = production.extensions["portal"].post
    away = replace(post_office, carrier=MailServer("127.0.0.1", 1))
    production.extensions["portal"] = replace(production.extensions["portal"], post=away)
    assert post(production.test_client(), "/signup/", **FORM) == 200
    assert "a letter could not leave" in caplog.text
    assert OTHER not in caplog.text


def test_who_publishes_needs_a_second_factor_first(production: Flask, clock: FixedClock) -> None:
    """A producer without a second factor is led to add one; once added, the desk opens."""
    parts = production.extensions["portal"]
    with parts.databases.session("accounts") as session:
        create_account(session, parts.vault, EMAIL, PASSWORD, "producer", at=clock.now())
    browser = production.test_client()
    post(browser, "/login/", email=EMAIL, password=PASSWORD)
    assert {browser.get(path).location for path in ("/producer/", "/account/")} == {"/account/second-factor/"}
    add_factor(production, browser, clock)
    assert browser.get("/producer/").status_code == 200


@pytest.mark.parametrize("address", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://host:port"])
def test_a_wrong_address_of_the_mail_server_is_refused(address: str) -> None:
    """An address that names no mail server stops the start, and its password is not repeated."""
    with pytest.raises(SettingError, match="PORTAL_MAIL_URL"):
        read_server(address)
    with pytest.raises(SettingError) as caught:
        read_server("smtpx://portal:canary@host")
    assert "canary" not in str(caught.value)


def test_known_and_unknown_addresses_take_the_same_time(
    client: FlaskClient, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What costs time, one password hash, is computed once for a known address, an unknown one, and none."""
    verify, checked = passwords.verify_password, []

    def count(kept: str | None, password: str) -> bool:
        checked.append(password)
        return verify(kept, password)

    monkeypatch.setattr(passwords, "verify_password", count)
    for email in (EMAIL, OTHER, "no address"):
        post(client, "/login/", email=email, password="wrong")
    assert checked == ["wrong"] * 3


def test_nobody_can_lock_somebody_else_out(app: Flask, account: Account) -> None:
    """Whoever uses up their tries with Ada's address stops themselves: from elsewhere, she signs in."""
    attacker, ada = ({"REMOTE_ADDR": address} for address in ("192.0.2.6", "192.0.2.7"))

    def enter(password: str, where: dict[str, str]) -> int:
        form = {"email": EMAIL, "password": password}
        return app.test_client().post("/login/", data=form, environ_overrides=where).status_code

    answers = [enter("wrong", attacker) for _ in range(10)]
    assert answers == [400] * 9 + [429]
    assert enter(PASSWORD, ada) == 303
