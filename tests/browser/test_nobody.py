"""A visitor who follows every link, in a real browser: no cookie, nothing stored, nobody else asked."""

from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

ROOMS = ("api_versions", "console", "entrance", "pages", "privacy", "rights", "site")
FILES = ("rights.give_ledger",)
LINKS = "[...document.querySelectorAll('a[href]')].map(link => link.href)"
STORED = """async () => [document.cookie, localStorage.length, sessionStorage.length,
    (await indexedDB.databases()).length, (await caches.keys()).length,
    (await navigator.serviceWorker.getRegistrations()).length]"""


def find_room(app: Flask, address: str) -> str:
    """Return the endpoint of an address of the site, empty when it has no page."""
    try:
        endpoint, _ = app.url_map.bind("localhost").match(urlsplit(address).path, method="GET")
    except HTTPException:
        return ""
    return endpoint if endpoint.partition(".")[0] in ROOMS and endpoint not in FILES else ""


def look(page: Page, address: str) -> list[str]:
    """Open a page, check that it keeps nothing and that its policy has no exception, and return its links."""
    answer = page.goto(address)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';"), address
    assert not [word for word in ("unsafe", "*", "http", "data:") if word in policy], address
    assert page.evaluate(STORED) == ["", 0, 0, 0, 0, 0], address
    return [str(link) for link in page.evaluate(LINKS)]


def test_following_every_link_leaves_no_trace(visit: Visit, live_portal: tuple[str, Flask]) -> None:
    """From the home page to each kind of page that a link leads to; `visit` watches cookies, requests and scripts."""
    site, app = live_portal
    page, seen, waiting = visit("/"), set[str](), [f"{site}/"]
    while waiting:
        address = waiting.pop()
        endpoint = find_room(app, address)
        if endpoint and endpoint not in seen:
            seen.add(endpoint)
            waiting += [link for link in look(page, address) if link.startswith(site)]
    expected = {"pages.home", "pages.catalogue", "pages.table", "pages.map_", "pages.api", "console.show_console"}
    assert expected | {"privacy.show_policy", "entrance.sign_in", "entrance.sign_up"} <= seen
