"""A real server on a free port, a small portal behind it, and the machine's Chromium before it."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

from portal import create_app
from portal.clock import FixedClock
from tests.portal.pages.sample import fill_portal
from tests.prepare_browser import find_browser
from tests.serving import serve

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-3d-apis",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def live_portal(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Flask]]:
    """A portal that serves the sample, and its address."""
    instance = shutil.copytree(migrated, tmp_path_factory.mktemp("browser") / "instance")
    settings = {"instance": instance, "queue_url": "immediate", "limits_url": "memory://"}

    def make(address: str) -> Flask:
        app = create_app({**settings, "base_url": address}, clock=FixedClock(NOW))
        with app.app_context():
            fill_portal(app)
        return app

    with serve(make) as live:
        yield live


@pytest.fixture(scope="session")
def live_server(live_portal: tuple[str, Flask]) -> str:
    """The address of a portal that serves the sample."""
    return live_portal[0]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium, without a window."""
    path = find_browser()
    if path is None:
        pytest.fail("There is no browser: run `python tests/prepare_browser.py`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, live_server: str) -> Iterator[Visit]:
    """Open a page as a visitor: `visit(path, width=…, scheme=…, lang=…, javascript=…)`.

    Every visit is watched: at the end of the test no cookie was set, no request left the portal, no script failed,
    nothing broke the content security policy.
    """
    contexts, faults = [], []

    def open_page(
        path: str, *, width: int = 1280, scheme: Any = "light", lang: str = "fr-FR", javascript: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, locale=lang, java_script_enabled=javascript
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: None if r.url.startswith((live_server, "data:")) else faults.append(r.url))
        page.on("console", lambda m: faults.append(m.text) if "Content Security Policy" in m.text else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{live_server}{path}")
        return page

    yield open_page
    cookies = [cookie for context in contexts for cookie in context.cookies()]
    for context in contexts:
        context.close()
    assert faults == []
    assert cookies == []


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, the accessibility checker."""
    return (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
