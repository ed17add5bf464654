"""The copy for a legal order: made by two, of what is named only, never in the clear, read by few for a motive."""

import hashlib
import hmac
import io
import zipfile
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.accounts.service import Account, create_account
from portal.clock import FixedClock
from portal.extensions import Portal
from portal.privacy.archive import Archive, open_archive
from portal.privacy.duties import purge_archive
from portal.privacy.erasure import find_stores
from portal.privacy.portability import COLUMNS, collect
from portal.privacy.rights.envelope import LETTERS, enclose, make_password
from portal.privacy.rights.handover import TABLES
from portal.privacy.rights.kinds import FACTS
from tests.builders import EMAIL, PASSWORD

READER = "lectrice@example.org"
CLERK = "greffe@example.org"


def disclose(enclosed: bytes, password: str) -> bytes:
    """Open an AE-2 zip by the text of its specification: a reader that owes nothing to the writer."""
    with zipfile.ZipFile(io.BytesIO(enclosed)) as archive:
        (told,) = archive.infolist()
    assert (told.flag_bits & 1, told.compress_type) == (1, 99)
    start = 30 + len(told.filename.encode()) + 11
    body = enclosed[start : start + told.compress_size]
    salt, check, closed, tag = body[:16], body[16:18], body[18:-10], body[-10:]
    keys = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, 1000, 66)
    assert check == keys[64:], "another password"
    assert hmac.new(keys[32:64], closed, "sha1").digest()[:10] == tag, "changed since"
    opened = bytearray()
    for number, place in enumerate(range(0, len(closed), 16), 1):
        stream = Cipher(AES(keys[:32]), ECB()).encryptor().update(number.to_bytes(16, "little"))
        opened += bytes(a ^ b for a, b in zip(closed[place : place + 16], stream, strict=False))
    assert len(opened) == told.file_size
    return bytes(opened)


@settings(max_examples=15)
@given(st.binary(max_size=100))
def test_what_is_closed_opens_by_its_password_only(content: bytes) -> None:
    """Any content comes back by the password; another, or a byte changed, gives nothing; nothing is in the clear."""
    password = make_password()
    enclosed = enclose(content, "é.zip", password)
    assert disclose(enclosed, password) == content
    assert enclose(content, "é.zip", password) != enclosed
    with pytest.raises(AssertionError):
        disclose(enclosed, password[::-1].lower())
    changed = bytearray(enclosed)
    changed[30 + 6 + 11 + 18] ^= 1
    with pytest.raises(AssertionError):
        disclose(bytes(changed), password)
    assert len(content) < 8 or content not in enclosed


def test_passwords_are_long_and_can_be_read_out() -> None:
    """At least 128 random bits, of letters that nobody mistakes one for another."""
    passwords = {make_password() for _ in range(50)}
    assert len(passwords) == 50
    assert len(LETTERS) ** len(make_password().replace("-", "")) > 2**128
    assert set("".join(passwords)) <= {*LETTERS, "-"}
    assert not set("01IO") & set(LETTERS)


@pytest.fixture
def browsers(app: Flask) -> dict[str, FlaskClient]:
    """Two officers' browsers, of whom one reads the archive."""
    parts: Portal = app.extensions["portal"]
    object.__setattr__(parts.settings, "archive_readers", READER)
    found = {}
    for email in (CLERK, READER):
        with parts.databases.session("accounts") as session:
            create_account(session, parts.vault, email, PASSWORD, "officer", at=parts.clock.now())
        found[email] = app.test_client()
        assert found[email].post("/login/", data={"email": email, "password": PASSWORD}).status_code == 303
    return found


@pytest.fixture
def archive(app: Flask) -> Archive:
    """The archive of the instance."""
    return open_archive(app.extensions["portal"].settings)


def record(browser: FlaskClient, day: date) -> str:
    """Write an order down; return its reference."""
    form = {"right": "order", "received": f"{day}", "name": "Tribunal", "address": "Auch", "language": "fr"}
    return browser.post("/desk/new/", data={**form, "account": EMAIL}).location.split("/")[-2]


def test_the_copy_for_an_order_is_closed_and_read_for_a_motive(
    app: Flask, browsers: dict[str, FlaskClient], archive: Archive, account: Account, clock: FixedClock
) -> None:
    """Another officer seals what the order names; a reader takes it closed, for a motive; nothing is in the clear."""
    clerk, reader = browsers[CLERK], browsers[READER]
    reference = record(clerk, clock.now().date())
    chosen = {"tables": ["account", "consents"]}
    assert clerk.post(f"/desk/{reference}/order", data=chosen).status_code == 403
    assert reader.post(f"/desk/{reference}/copy").status_code == 404
    assert reader.post(f"/desk/{reference}/order", data={}).status_code == 400
    assert reader.post(f"/desk/{reference}/order", data={"tables": ["passwords"]}).status_code == 400
    assert archive.list_entries() == []
    sealed = reader.post(f"/desk/{reference}/order", data=chosen)
    assert reader.post(f"/desk/{reference}/order", data=chosen).location == sealed.location
    (entry,) = archive.list_entries()
    assert sealed.location.endswith(f"?record={entry.number}")
    instance = app.extensions["portal"].settings.instance
    for path in (instance / "archive").rglob("*"):
        assert EMAIL.encode() not in path.read_bytes(), path
    opening = {"number": entry.number, "motive": "réquisition 12/2026"}
    assert clerk.post("/desk/archive/", data=opening).status_code == 403
    assert reader.post("/desk/archive/", data={**opening, "motive": " "}).status_code == 400
    assert archive.list_reads() == []
    page = reader.post("/desk/archive/", data=opening)
    assert "Compte et profil, Consentements" in page.text
    password = page.text.partition("Mot de passe du fichier</dt>")[2].partition(">")[2].partition("<")[0]
    with reader.post("/desk/archive/", data={**opening, "file": "y"}) as answer:
        assert (answer.mimetype, EMAIL.encode() in answer.data) == ("application/zip", False)
        content = disclose(answer.data, password)
    with zipfile.ZipFile(io.BytesIO(content)) as copy:
        assert {name.partition(".")[0] for name in copy.namelist()} == {"account", "consents", "datapackage"}
        assert EMAIL in copy.read("account.json").decode()
    assert [read["motive"] for read in archive.list_reads()] == [opening["motive"]] * 2


def test_the_copy_for_an_order_is_destroyed_when_it_is_due(
    app: Flask, browsers: dict[str, FlaskClient], archive: Archive, account: Account, clock: FixedClock
) -> None:
    """It lives until the order must be answered, or a week when that is over; then its key goes, and its file."""
    now, stores = clock.now(), find_stores(app.extensions["portal"])
    for day, end in ((now.date(), date(2026, 12, 22)), (date(2026, 9, 1), now.date() + timedelta(days=7))):
        reference = record(browsers[CLERK], day)
        assert browsers[READER].post(f"/desk/{reference}/order", data={"tables": ["acts"]}).status_code == 303
        assert archive.list_entries()[-1].end == end
    assert purge_archive(stores, now + timedelta(days=5)) == 0
    assert purge_archive(stores, now + timedelta(days=8)) == 1
    assert purge_archive(stores, now + timedelta(days=31)) == 1
    assert archive.list_entries() == []


def test_an_order_is_not_told_by_the_account(
    app: Flask, browsers: dict[str, FlaskClient], account: Account, signed_in: FlaskClient, clock: FixedClock
) -> None:
    """Neither the person's pages nor their copy tell of an order, which may forbid so: a letter does, or nothing."""
    reference = record(browsers[CLERK], clock.now().date())
    assert reference not in signed_in.get("/account/rights/").text
    rows = collect(find_stores(app.extensions["portal"]), account.id)
    assert rows["requests"] == []
    page = browsers[READER].get(f"/desk/{reference}/?lang=en").text
    assert "Seal the copy" in page
    assert "proof of identity" not in page
    mine = browsers[CLERK].get(f"/desk/{reference}/?lang=en").text
    assert "another officer makes the copy and decides" in mine
    assert "Seal the copy" not in mine
    assert "Send the answer" not in mine


def test_no_copy_is_sealed_that_nobody_could_read(
    app: Flask, browsers: dict[str, FlaskClient], account: Account, clock: FixedClock
) -> None:
    """Without a named reader it is refused, with what to do; and so it is for a request that is no order."""
    reference = record(browsers[CLERK], clock.now().date())
    object.__setattr__(app.extensions["portal"].settings, "archive_readers", "")
    answer = browsers[READER].post(f"/desk/{reference}/order", data={"tables": ["acts"]})
    assert (answer.status_code, "PORTAL_ARCHIVE_READERS" in answer.text) == (409, True)
    assert browsers[READER].post("/desk/NOTHING1/order", data={"tables": ["acts"]}).status_code == 404


def test_every_part_of_a_copy_and_of_a_record_has_its_words() -> None:
    """What an officer chooses are the tables of a copy; what a record tells has a name in both languages."""
    assert set(TABLES) == set(COLUMNS)
    assert all({"fr", "en"} == set(words) for words in (*TABLES.values(), *FACTS.values()))
