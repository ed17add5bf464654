"""What a signed-in person sees, in a real browser: passkeys of a real device, one cookie, nothing else kept."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from portal import create_app
from portal.accounts.organisations.service import join, make_organisation
from portal.accounts.service import create_account
from portal.clock import SystemClock
from portal.mail import Outbox
from tests.builders import EMAIL, PASSWORD
from tests.serving import serve

pytestmark = pytest.mark.browser

PAGES = (
    "/account/",
    "/account/security/",
    "/account/passkeys/",
    "/account/keys/",
    "/account/consents/",
    "/account/journal/",
    "/partners/",
    "/desk/accounts/",
)
STORED = """async () => [document.cookie, localStorage.length, sessionStorage.length,
    (await indexedDB.databases()).length, (await caches.keys()).length]"""
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


@pytest.fixture
def site(migrated: Path, tmp_path: Path) -> Iterator[tuple[str, Flask]]:
    """A portal on a site with a name, where Ada is an officer; passkeys need a name and the present time."""
    instance = shutil.copytree(migrated, tmp_path / "instance")
    settings = {"instance": instance, "queue_url": "immediate", "limits_url": "memory://"}

    def make(address: str) -> Flask:
        app = create_app({**settings, "base_url": address, "mail_url": f"file:{instance}/outbox"}, clock=SystemClock())
        parts = app.extensions["portal"]
        assert isinstance(parts.post.carrier, Outbox)
        at = parts.clock.now()
        with parts.databases.session("accounts") as session:
            account = create_account(session, parts.vault, EMAIL, PASSWORD, "officer", at=at)
            join(session, account.id, make_organisation(session, "Scène inventée", "P1", at), account.created)
        return app

    with serve(make, "localhost") as (address, app):
        yield address, app
    app.extensions["portal"].databases.close()


@pytest.fixture
def context(browser: Browser, site: tuple[str, Flask]) -> Iterator[BrowserContext]:
    """A browser of 320 pixels that knows nothing of the site; no request leaves it for another one."""
    context = browser.new_context(locale="fr-FR", viewport={"width": 320, "height": 800}, base_url=site[0])
    faults: list[str] = []
    context.on("request", lambda one: None if one.url.startswith((site[0], "data:")) else faults.append(one.url))
    context.on("console", lambda one: faults.append(one.text) if "Content Security Policy" in one.text else None)
    yield context
    context.close()
    assert faults == []


def sign_in(page: Page) -> None:
    """Sign in by password."""
    page.goto("/login/")
    page.get_by_label("Adresse électronique").fill(EMAIL)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")


def test_a_passkey_of_a_device_signs_in(context: BrowserContext) -> None:
    """A passkey is made by the browser, then signs in alone; no cookie is set before that."""
    page = context.new_page()
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    sign_in(page)
    page.goto("/account/passkeys/")
    page.get_by_label("Nom de la clé d’accès").fill("Ordinateur")
    page.get_by_label("Votre mot de passe, pour confirmer").fill(PASSWORD)
    page.get_by_role("button", name="Ajouter une clé d’accès").click()
    expect(page.get_by_role("status")).to_contain_text("La clé d’accès est gardée")
    page.goto("/account/")
    page.get_by_role("button", name="Se déconnecter", exact=True).click()
    assert context.cookies() == []
    page.goto("/login/")
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")
    assert [cookie["name"] for cookie in context.cookies()] == ["token"]


def test_pages_of_the_account_keep_one_cookie(context: BrowserContext) -> None:
    """After a walk through the account one cookie is all that stays."""
    page = context.new_page()
    sign_in(page)
    for path in PAGES:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
    assert page.evaluate(STORED) == ["", 0, 0, 0, 0]
    (cookie,) = context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("token", True, "Lax")
