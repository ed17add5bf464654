"""A person who walks through the portal: in a language, on a screen, with a mouse or with a keyboard only."""

import re
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from portal.i18n import read_translations
from tests.browser.test_producers import Keyboard
from tests.portal.accounts.conftest import read_letters


class Fingers(Keyboard):
    """A person who has a keyboard and nothing else, on pages whose accessibility other tests examine."""

    def check(self) -> None:
        """Nothing scrolls sideways."""
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@dataclass
class Walker:
    """What a walk needs: the page, its language, the portal behind it, and a folder for files."""

    page: Page
    lang: str
    address: str
    app: Flask
    folder: Path

    @property
    def keys(self) -> Fingers:
        """The keyboard."""
        return Fingers(self.page, "")

    def say(self, text: str, **values: str) -> str:
        """Return a text of the portal in the language of the walk."""
        said = read_translations(self.lang).gettext(text)
        return said % values if values else said

    def pick(self, french: str, english: str) -> str:
        """Return a text that is not the portal's own: the label of a field, a title."""
        return french if self.lang == "fr" else english

    def name(self, text: str, **values: str) -> re.Pattern[str]:
        """Return what recognises a text of the portal as a whole name, for the keyboard."""
        return re.compile(f"^{re.escape(self.say(text, **values))}$")

    def go(self, path: str) -> None:
        """Open an address of the portal."""
        self.page.goto(f"{self.address}{path}")

    def link(self, text: str, inside: Locator | None = None) -> Locator:
        """Find a link by its whole name."""
        return (inside or self.page).get_by_role("link", name=self.say(text), exact=True)

    def button(self, text: str) -> Locator:
        """Find a button by its whole name."""
        return self.page.get_by_role("button", name=self.say(text), exact=True)

    def field(self, text: str, **values: str) -> Locator:
        """Find a field by the beginning of its label."""
        return self.page.get_by_label(re.compile(f"^{re.escape(self.say(text, **values))}"))

    def open_tab(self, text: str) -> None:
        """Open a view of a dataset."""
        tabs = self.page.get_by_role("navigation", name=self.say("Views of the dataset"))
        self.link(text, tabs).click()

    def sees_title(self, text: str | re.Pattern[str]) -> None:
        """Check the title of the page."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(text)

    def wait_for_letter(self, email: str) -> EmailMessage:
        """Return the letter to this address: it leaves after the answer does."""
        for _ in range(1_200):
            for letter in read_letters(self.app):
                if letter["To"] == email:
                    return letter
            self.page.wait_for_timeout(50)
        pytest.fail(f"no letter came to {email}")
