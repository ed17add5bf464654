"""Clause B5: where something is asked, the page says why, whether it must be given, who reads it, and one's rights."""

import re
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from portal.accounts.tables import AccountRow

OPEN = ("/login/", "/signup/", "/login/forgotten/", "/rights/")
OWN = ("", "security/", "second-factor/", "passkeys/", "keys/", "consents/", "rights/")
PAGES = (*OPEN, *(f"/account/{page}" for page in OWN), "/desk/accounts/")
READERS = ("recipients: its authorised staff and its host", "Read by the data-protection officer only")
SILENT = ("hidden", "submit", "button")


class Fields(HTMLParser):
    """The fields that somebody fills in on a page, the texts that describe them, and their labels."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: list[dict[str, str | None]] = []
        self.described: set[str] = set()
        self.labelled: set[str] = set()
        self.posting = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a form, a field, a label or a text that describes one."""
        found = dict(attrs)
        if tag == "form":
            self.posting = found.get("method") == "post"
        elif tag in ("input", "select", "textarea") and self.posting and found.get("type") not in SILENT:
            self.fields.append(found)
        elif tag == "label":
            self.labelled.add(found.get("for") or "")
        elif found.get("id"):
            self.described.add(found["id"] or "")


@pytest.fixture
def officer(app: Flask, signed_in: FlaskClient) -> FlaskClient:
    """Ada's browser, who sees every page."""
    with app.extensions["portal"].databases.session("accounts") as session:
        session.execute(update(AccountRow).values(role="officer"))
    return signed_in


def test_every_field_says_why_and_who_reads(app: Flask, officer: FlaskClient) -> None:
    """Each field has a label and says its purpose; each page its controller, recipients and the way to one's rights."""
    seen = 0
    for path in PAGES:
        browser = app.test_client() if path in OPEN else officer
        page = browser.get(path, query_string={"lang": "en"}).text
        main = page.partition("<main")[2].partition("</main>")[0]
        fields = Fields(main)
        seen += len(fields.fields)
        for field in fields.fields:
            name = f"{path} {field.get('name')}"
            assert field.get("id") in fields.labelled, f"{name} has no label"
            if field.get("type") == "checkbox" and re.fullmatch(r".*-\d+", field.get("id") or ""):
                continue  # a choice of a list, which says it once for all
            assert set((field.get("aria-describedby") or "").split()) & fields.described, f"{name} says no purpose"
        assert not fields.fields or any(words in main for words in READERS), path
        assert not fields.fields or "/pages/privacy/" in main, path
    assert seen > 25
