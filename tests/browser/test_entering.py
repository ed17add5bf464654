"""Making an account and signing in, in a real browser."""

from email.message import EmailMessage

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.builders import PASSWORD
from tests.portal.accounts.conftest import find_link, read_letters

pytestmark = pytest.mark.browser


def test_a_person_signs_up_confirms_and_signs_in(browser: Browser, live_portal: tuple[str, Flask]) -> None:
    """At 320 px, in French: one letter, no cookie before the sign-in, one after it, nothing wider than the screen."""
    address, app = live_portal
    context = browser.new_context(locale="fr-FR", viewport={"width": 320, "height": 800}, base_url=address)
    page = context.new_page()
    page.goto("/signup/")
    page.get_by_label("Adresse électronique").fill("grace@example.org")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_label("J’ai 15 ans ou plus").check()
    page.get_by_role("button", name="Envoyez-moi la lettre de confirmation").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Une lettre est en route")
    page.goto(find_link(wait_for_letter(app, page, "grace@example.org")))
    page.get_by_role("button", name="Créer mon compte").click()
    assert context.cookies() == []
    page.get_by_label("Adresse électronique").fill("grace@example.org")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")
    assert [cookie["name"] for cookie in context.cookies()] == ["token"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.goto("/account/second-factor/")
    expect(page.get_by_role("img", name="Dessin pour une application")).to_be_visible()
    context.close()


def wait_for_letter(app: Flask, page: Page, address: str) -> EmailMessage:
    """Return the letter to this address: it leaves after the answer does."""
    for _ in range(1_200):
        for letter in read_letters(app):
            if letter["To"] == address:
                return letter
        page.wait_for_timeout(50)
    pytest.fail(f"no letter came to {address}")
