"""The account pages, as a browser and as an attacker see them."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import create_app
from portal.accounts.access import read_next
from portal.accounts.service import Account
from portal.clock import FixedClock
from tests.builders import EMAIL, PASSWORD
from tests.portal.accounts.conftest import sign_up

OTHER = "bob@example.org"
OPEN_PAGES = (
    "/login/",
    "/login/forgotten/",
    "/signup/",
    "/signup/stale/",
    "/pages/privacy/",
    "/",
    "/explore/",
    "/nothing/here/",
)


def cookies(response: TestResponse) -> list[str]:
    """The cookies that an answer sets."""
    return response.headers.getlist("Set-Cookie")


def sign_in(client: FlaskClient, email: str = EMAIL, password: str = PASSWORD, **kwargs: str) -> TestResponse:
    """Fill in the sign-in form."""
    return client.post("/login/", data={"email": email, "password": password}, **kwargs)


@pytest.mark.parametrize("path", OPEN_PAGES)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_visitor_gets_no_cookie(client: FlaskClient, path: str, lang: str) -> None:
    """Whatever a visitor opens, no cookie is set."""
    assert cookies(client.get(path, query_string={"lang": lang})) == []


def test_failing_to_sign_in_or_up_sets_no_cookie(client: FlaskClient, account: Account) -> None:
    """Forms filled in by somebody who is not signed in leave nothing in the browser."""
    assert cookies(sign_in(client, password="wrong")) == []
    assert cookies(client.post("/signup/", data={})) == []
    form = {"email": OTHER, "password": PASSWORD, "language": "fr", "adult": "y"}
    assert cookies(client.post("/signup/", data=form)) == []
    assert cookies(client.post("/logout/")) == []


def test_signing_in_sets_exactly_one_cookie(client: FlaskClient, account: Account) -> None:
    """The one cookie is out of reach of scripts and other sites, and goes away with the browser."""
    response = sign_in(client)
    assert response.status_code == 303
    (cookie,) = cookies(response)
    assert cookie.startswith("token=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires" not in cookie
    assert "Max-Age" not in cookie
    assert cookies(client.get("/account/")) == []


def test_the_cookie_is_secure_under_https(tmp_path: Path, clock: FixedClock, app: Flask, account: Account) -> None:
    """On a site whose address is https, the cookie never travels in clear."""
    settings = {
        "instance": app.extensions["portal"].settings.instance,
        "base_url": "https://data.example.org",
        "queue_url": "immediate",
        "limits_url": "memory://",
    }
    client = create_app(settings, clock=clock).test_client()
    (cookie,) = cookies(sign_in(client, base_url="https://data.example.org"))
    assert "Secure" in cookie


def test_the_cookie_names_nobody(client: FlaskClient, account: Account) -> None:
    """The cookie holds a random token: neither the account, nor a trace of the address or the browser."""
    response = sign_in(client)
    with client.session_transaction() as held:
        assert set(held) == {"_user_id", "_fresh"}
        assert held["_user_id"] != account.id
    assert EMAIL not in cookies(response)[0]


def test_signing_in_changes_the_token(app: Flask, account: Account) -> None:
    """A token that was known before the sign-in is worth nothing after it (session fixation)."""
    client = app.test_client()
    sign_in(client)
    with client.session_transaction() as held:
        before = held["_user_id"]
        held["planted"] = "by an attacker"
    sign_in(client)
    with client.session_transaction() as held:
        assert held["_user_id"] != before
        assert "planted" not in held


def test_a_stolen_cookie_dies_with_the_sign_out(app: Flask, signed_in: FlaskClient) -> None:
    """Signing out ends the session in the database: a copy of the cookie opens nothing."""
    stolen = signed_in.get_cookie("token")
    assert stolen is not None
    response = signed_in.post("/logout/")
    assert response.status_code == 303
    assert "Max-Age=0" in cookies(response)[0]
    thief = app.test_client()
    thief.set_cookie("token", stolen.value)
    assert thief.get("/account/").status_code == 303


@pytest.mark.parametrize("value", ["", "x", "eyJfdXNlcl9pZCI6IjEifQ.aaaa.bbbb", "é" * 50, "a" * 4000])
def test_a_forged_cookie_is_nobody(client: FlaskClient, value: str) -> None:
    """A cookie that we did not sign is ignored, without an error."""
    client.set_cookie("token", value)
    assert client.get("/account/").status_code == 303
    assert client.get("/pages/privacy/").status_code == 200


def test_signing_out_everywhere_closes_other_browsers(app: Flask, signed_in: FlaskClient) -> None:
    """One button ends every session of the person."""
    other = app.test_client()
    sign_in(other)
    assert signed_in.post("/account/sessions/").status_code == 303
    assert [client.get("/account/").status_code for client in (signed_in, other)] == [303, 303]


def test_known_and_unknown_addresses_get_the_same_answer(client: FlaskClient, account: Account) -> None:
    """Neither signing in nor signing up tells whether an address has an account."""
    known, unknown = (sign_in(client, email, "wrong") for email in (EMAIL, "bob@example.org"))
    assert known.status_code == unknown.status_code == 400
    assert known.text.replace(EMAIL, "") == unknown.text.replace("bob@example.org", "")
    forms = ({"email": email, "password": PASSWORD, "language": "fr", "adult": "y"} for email in (EMAIL, OTHER))
    known, unknown = (client.post("/signup/", data=form) for form in forms)
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(EMAIL, "") == unknown.text.replace(OTHER, "")
    known, unknown = (client.post("/login/forgotten/", data={"email": email}) for email in (EMAIL, OTHER))
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(EMAIL, "") == unknown.text.replace(OTHER, "")
    assert sign_in(client).status_code == 303


def test_signing_up_then_in(app: Flask, client: FlaskClient) -> None:
    """A new person signs up, confirms, signs in, and sees what is kept about them."""
    sign_up(app, client, email="Bob@example.org", given_name=" Bob ", language="en")
    assert sign_in(client, "bob@EXAMPLE.org").location == "/account/"
    page = client.get("/account/").text
    assert "bob@example.org" in page
    assert 'value="Bob"' in page
    assert '<html lang="en">' in page


@pytest.mark.parametrize(
    ("form", "lang", "said"),
    [
        ({"password": PASSWORD, "email": "nobody"}, "en", "An e-mail address is expected"),
        ({"password": PASSWORD, "email": "nobody"}, "fr", "Une adresse électronique est attendue"),
        ({"password": "Motdepasse2026!", "email": "b@example.org"}, "fr", "trop facile à deviner"),
        ({"password": "b@example.org", "email": "b@example.org"}, "en", "too easy to guess"),
    ],
)
def test_a_wrong_sign_up_says_what_to_do(client: FlaskClient, form: dict[str, str], lang: str, said: str) -> None:
    """The form comes back with what is wrong, in the reader's language, and without the password."""
    response = client.post("/signup/", query_string={"lang": lang}, data={**form, "language": "fr"})
    assert response.status_code == 400
    assert said in response.text
    assert re.search(r'type="password" value="[^"]', response.text) is None


def test_fields_that_nobody_asked_for_are_not_kept(client: FlaskClient, app: Flask, tmp_path: Path) -> None:
    """A field outside the closed list (a birth date, a role) is neither stored nor obeyed."""
    extra = {"birth_date": "canary-1815", "role": "officer", "id": "1"}
    sign_up(app, client, email=OTHER, **extra)
    sign_in(client, OTHER)
    assert "Bénéficiaire" in client.get("/account/", query_string={"lang": "fr"}).text
    app.extensions["portal"].databases.close()
    assert not any(b"canary-1815" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/producer/?page=2", "/producer/?page=2"),
        (None, "/account/"),
        ("", "/account/"),
        ("https://evil.example/", "/account/"),
        ("//evil.example/", "/account/"),
        ("/\\evil.example/", "/account/"),
        ("\\\\evil.example/", "/account/"),
        ("javascript:alert(1)", "/account/"),
        ("/ok\r\nSet-Cookie: a=b", "/account/"),
        ("account", "/account/"),
        ("http:///evil", "/account/"),
        ("/\t/evil.example", "/account/"),
        ("//[", "/account/"),
    ],
)
def test_signing_in_never_leads_to_another_site(asked: str | None, given: str) -> None:
    """After signing in, only a path of this site is followed."""
    assert read_next(asked) == given


def test_attempts_to_sign_in_are_limited(client: FlaskClient, account: Account) -> None:
    """After the number of attempts in the settings, even the right password waits."""
    answers = [sign_in(client, password="wrong").status_code for _ in range(9)]
    assert answers == [400] * 9
    assert sign_in(client).status_code == 429
    assert client.get("/login/").status_code == 200


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
@pytest.mark.parametrize("path", ["/login/", "/logout/", "/account/erase/", "/account/keys/"])
def test_other_sites_cannot_act(signed_in: FlaskClient, path: str, headers: dict[str, str]) -> None:
    """A form on another site is refused, although the browser would send the cookie."""
    assert signed_in.post(path, headers=headers, data={"confirmation": PASSWORD}).status_code == 403
    assert signed_in.get("/account/").status_code == 200


def test_pages_about_a_person_are_kept_by_no_cache(signed_in: FlaskClient) -> None:
    """Account pages forbid every cache."""
    for page in ("", "security/", "keys/", "journal/"):
        answer = signed_in.get(f"/account/{page}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_a_person_rectifies_and_changes_their_password(app: Flask, signed_in: FlaskClient) -> None:
    """The profile and the password change by their forms; other browsers are signed out, this one is not."""
    other = app.test_client()
    sign_in(other)
    profile = {"given_name": "Augusta", "family_name": "King", "language": "en"}
    assert signed_in.post("/account/profile/", data=profile).status_code == 303
    assert 'value="Augusta"' in signed_in.get("/account/").text
    change = {"current": PASSWORD, "new": "Quatre peupliers & 2 canards"}
    assert signed_in.post("/account/password/", data={**change, "current": "no"}).status_code == 400
    assert signed_in.post("/account/password/", data=change).status_code == 303
    assert (signed_in.get("/account/").status_code, other.get("/account/").status_code) == (200, 303)


def test_a_person_erases_themselves(app: Flask, signed_in: FlaskClient) -> None:
    """With their password a person is erased at once: the cookie goes, the key dies, signing in fails."""
    signed_in.post("/account/keys/", data={"name": "robot", "scopes": "read", "life": "30"})
    assert signed_in.post("/account/erase/", data={"confirmation": "wrong"}).status_code == 400
    response = signed_in.post("/account/erase/", data={"confirmation": PASSWORD})
    assert response.status_code == 200
    assert "Max-Age=0" in cookies(response)[0]
    assert signed_in.get("/account/").status_code == 303
    assert sign_in(signed_in).status_code == 400
    instance = app.extensions["portal"].settings.instance
    left = b"".join(path.read_bytes() for path in Path(instance).rglob("*") if path.is_file())
    assert EMAIL.encode() not in left


def test_with_the_accounts_away_open_pages_answer_a_signed_in_person(app: Flask, signed_in: FlaskClient) -> None:
    """Accounts switched off: open pages answer as to a visitor, signing in says that it is closed."""
    instance = Path(app.extensions["portal"].settings.instance)
    (instance / "accounts.sqlite").rename(instance / "away")
    assert signed_in.get("/pages/privacy/").status_code == 200
    assert sign_in(signed_in).status_code == 503


def test_with_the_keys_away_nobody_can_be_recognised(app: Flask, signed_in: FlaskClient) -> None:
    """Keys switched off: what persons confided is unreadable, so signing in is closed, and open pages answer."""
    instance = Path(app.extensions["portal"].settings.instance)
    (instance / "keys.sqlite").rename(instance / "away")
    assert signed_in.get("/account/").status_code == 303
    assert signed_in.post("/login/", data={"email": EMAIL, "password": PASSWORD}).status_code in (303, 503)
    assert signed_in.get("/account/").status_code == 303
    assert signed_in.get("/").status_code == 200
