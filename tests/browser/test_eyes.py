"""What a page weighs and how much it moves, in a real browser; how long it takes is measured by `bench/eyes.py`."""

import pytest
from playwright.sync_api import Browser

from bench.eyes import DATASET, look

pytestmark = pytest.mark.browser

HEAVIEST = 150_000
"""Bytes on the wire of a page, before the live map or the live charts."""

MOST_SHIFT = 0.05


@pytest.mark.parametrize(
    ("path", "width"),
    [
        ("/", 360),
        ("/explore/", 1280),
        (f"{DATASET}/information/", 360),
        (f"{DATASET}/table/", 1280),
        (f"{DATASET}/map/", 360),
        (f"{DATASET}/export/", 1280),
    ],
)
def test_a_page_is_light_and_stands_still(browser: Browser, live_server: str, path: str, width: int) -> None:
    """No page is heavier than 150 kB on a first visit, and nothing moves under the reader's finger while it loads."""
    sight = look(browser, f"{live_server}{path}", slower=1, width=width, settled=300)
    assert 3_000 < sight.page < HEAVIEST
    assert sight.shift < MOST_SHIFT
    assert sight.paint > 0
