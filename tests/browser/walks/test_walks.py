"""People do what they came for: ten tasks, in two languages, on three screens."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.browser.walks.tasks import SIGNED_IN, TASKS
from tests.browser.walks.walker import Walker

pytestmark = pytest.mark.browser

SCREENS = list(product(("fr", "en"), (320, 768, 1440)))
LOCALES = {"fr": "fr-FR", "en": "en-GB"}


@pytest.fixture
def walker(
    request: pytest.FixtureRequest, browser: Browser, live_portal: tuple[str, Flask], tmp_path: Path
) -> Iterator[Walker]:
    """A visitor in the language and on the screen of the test; nothing leaves the portal, no script fails."""
    (lang, width), (address, app) = request.param, live_portal
    faults: list[str] = []
    context = browser.new_context(locale=LOCALES[lang], viewport={"width": width, "height": 900})
    page = context.new_page()
    page.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else faults.append(r.url))
    page.on("console", lambda m: faults.append(m.text) if "Content Security Policy" in m.text else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    task, campaign = request.node.callspec.params["task"], request.node.originalname.rpartition("_")[2]
    folder = tmp_path / "".join([campaign, lang, str(width), *task.split("_")])
    folder.mkdir()
    yield Walker(page, lang, address, app, folder)
    context.close()
    assert faults == []


def walk(walker: Walker, task: str) -> None:
    """Do a task; at its end nothing scrolls sideways, and no cookie was set but to somebody who signed in."""
    TASKS[task](walker)
    assert walker.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert task in SIGNED_IN or walker.page.context.cookies() == []


@pytest.mark.parametrize(
    ("task", "walker"),
    [(task, SCREENS[rank % len(SCREENS)]) for rank, task in enumerate(TASKS)],
    indirect=["walker"],
    ids=lambda value: value if isinstance(value, str) else f"{value[0]}-{value[1]}",
)
def test_each_task_is_done(walker: Walker, task: str) -> None:
    """Each of the ten tasks is done once, languages and screens spread over them."""
    walk(walker, task)


@pytest.mark.verify
@pytest.mark.parametrize("walker", SCREENS, indirect=True, ids=lambda screen: f"{screen[0]}-{screen[1]}")
@pytest.mark.parametrize("task", TASKS)
def test_each_task_is_done_everywhere(walker: Walker, task: str) -> None:
    """Each task is done in both languages at 320, 768 and 1440 pixels."""
    walk(walker, task)
