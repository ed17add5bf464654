"""Consents by purpose: none beforehand, one button each, proven, and nothing sent after a withdrawal."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from datasets.errors import InvalidParameter
from portal.accounts.consents import service
from portal.accounts.consents.mailing import open_opposition, write_to_all
from portal.accounts.consents.purposes import PURPOSES
from portal.accounts.service import Account
from portal.cli import cli
from portal.mail import Letter, Post
from tests.builders import EMAIL
from tests.portal.accounts.conftest import read_letters

TEXTS = {"fr": ("Du nouveau", "Trois jeux de données."), "en": ("News", "Three datasets.")}


def agree(browser: FlaskClient, purpose: str, choice: str = "give") -> int:
    """Press the button of a purpose."""
    return browser.post(f"/account/consents/{purpose}/{choice}/").status_code


def write(app: Flask, purpose: str = "news") -> str:
    """Write to everybody who agrees; return what was said of it."""
    with app.app_context():
        return "".join(write_to_all(app.extensions["portal"], purpose, TEXTS))


def test_nothing_is_agreed_to_beforehand(app: Flask, signed_in: FlaskClient) -> None:
    """A new account agrees to nothing, no box is ticked, and nobody is written to."""
    page = signed_in.get("/account/consents/", query_string={"lang": "en"}).text
    assert "checked" not in page
    assert page.count("/give/") == len(PURPOSES)
    assert "/withdraw/" not in page
    assert "You agreed to nothing." in page
    for purpose in PURPOSES:
        assert write(app, purpose).startswith("0 sent")
    assert read_letters(app) == []


def test_each_purpose_stands_alone_and_has_its_receipt(app: Flask, signed_in: FlaskClient, account: Account) -> None:
    """Agreeing to one is not agreeing to another; the receipt keeps the instant and the hash of the words read."""
    assert [agree(signed_in, "news"), agree(signed_in, "news")] == [303, 303]
    with app.extensions["portal"].databases.session("accounts") as session:
        (receipt,) = service.list_receipts(session, account.id)
        assert not service.has_consented(session, account.id, "survey")
    assert receipt.wording in {PURPOSES["news"].fingerprint(lang) for lang in ("fr", "en")}
    assert write(app, "survey").startswith("0 sent")
    assert write(app, "news").startswith("1 sent")
    page = signed_in.get("/account/consents/").text
    assert receipt.id[:8] in page
    assert receipt.wording[:16] in page


def test_withdrawing_takes_what_giving_took(app: Flask, signed_in: FlaskClient) -> None:
    """One button gives, one button withdraws; both are receipts, and both are in the journal."""
    agree(signed_in, "news")
    agree(signed_in, "news", "withdraw")
    assert write(app).startswith("0 sent")
    page = signed_in.get("/account/consents/", query_string={"lang": "en"}).text
    assert "withdrawn on" in page
    journal = signed_in.get("/account/journal/", query_string={"lang": "en"}).text
    assert "Consent given (news)" in journal
    assert "Consent withdrawn (news)" in journal


def test_the_link_of_a_letter_withdraws_without_signing_in(app: Flask, signed_in: FlaskClient) -> None:
    """Opening the link changes nothing; one click of it, or of the mail program (RFC 8058), withdraws at once."""
    agree(signed_in, "news")
    write(app)
    (path,) = (app.extensions["portal"].settings.instance / "outbox").glob("*.eml")
    assert b"\nList-Unsubscribe: <http" in path.read_bytes(), "mail programs read the address as it is"
    (letter,) = read_letters(app)
    link = re.findall(r"https?://[^/]+(/consents/\S+/)", letter.get_content())[0]
    assert letter["List-Unsubscribe"].strip("<>").endswith(link)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    reader = app.test_client()
    assert reader.get(link).status_code == 200
    assert write(app).startswith("1 sent")
    answer = reader.post(link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert write(app).startswith("0 sent")
    assert reader.post(link[:-4] + "AAA/").status_code == 410


def test_who_withdraws_while_letters_leave_gets_none(
    app: Flask, signed_in: FlaskClient, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail room asks at the moment of sending: a letter written before a withdrawal does not leave after it."""
    agree(signed_in, "news")
    send = Post.send

    def delay(post: Post, letter: Letter) -> bool:
        agree(signed_in, "news", "withdraw")
        return send(post, letter)

    monkeypatch.setattr(Post, "send", delay)
    assert write(app).startswith("0 sent, 1 to whom nothing may be sent")
    assert read_letters(app) == []


def test_who_objected_is_not_written_to(app: Flask, signed_in: FlaskClient) -> None:
    """The opposition list wins over an older consent; agreeing anew takes one off it, as only the person may."""
    agree(signed_in, "news")
    parts = app.extensions["portal"]
    objections = open_opposition(parts)
    objections.add(EMAIL, parts.clock.now())
    assert write(app).startswith("0 sent, 1 to whom")
    agree(signed_in, "news")
    assert not objections.is_opposed(EMAIL, use="sending")
    assert write(app).startswith("1 sent")


def test_a_locked_account_is_not_written_to(app: Flask, signed_in: FlaskClient) -> None:
    """An account that is kept and not used receives nothing that it agreed to, until it is unlocked."""
    agree(signed_in, "news")
    signed_in.post("/account/lock/")
    assert write(app).startswith("0 sent, 1 to whom")
    signed_in.post("/account/unlock/")
    assert write(app).startswith("1 sent")


@contextmanager
def files(folder: Path) -> Iterator[list[str]]:
    """The letter in two files, as the operator writes it."""
    for lang, (subject, text) in TEXTS.items():
        (folder / lang).write_text(f"{subject}\n\n{text}\n", "utf-8")
    yield [f"--{lang}={folder / lang}" for lang in TEXTS]


def test_each_reads_in_their_language(app: Flask, signed_in: FlaskClient, tmp_path: Path) -> None:
    """The command writes in the language of each account, and says why the letter came."""
    agree(signed_in, "training")
    signed_in.post("/account/profile/", data={"language": "en"})
    with files(tmp_path) as options:
        done = app.test_cli_runner().invoke(cli, ["accounts", "write", "training", *options])
    assert done.output.startswith("1 sent"), done.output
    (letter,) = read_letters(app)
    assert (letter["Subject"], letter["To"]) == ("News", EMAIL)
    assert "because you agreed to: Training and guides" in letter.get_content()


def test_an_unknown_purpose_is_refused(app: Flask, signed_in: FlaskClient, account: Account) -> None:
    """Nobody agrees to what is not in the table."""
    assert agree(signed_in, "marketing") == 400
    parts = app.extensions["portal"]
    with parts.databases.session("accounts") as session, pytest.raises(InvalidParameter, match="marketing"):
        service.give(session, account.id, "marketing", "fr", parts.clock.now())
