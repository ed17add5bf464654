"""What a visitor waits for: paint, shifts and weight of the main pages, in Chromium with a processor four times slower.

    python -m bench.eyes http://127.0.0.1:8000

prints a table: the largest contentful paint (goal: under 1.5 s), the layout shift (under 0.05) and the bytes on the
wire (150 kB before the map or the charts load), the median of several first visits, and what script adds after.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from tests.prepare_browser import find_browser

SLOWER = 4
VISITS = 5
SETTLED = 1500
"""Milliseconds after the last request during which late paints and shifts are still seen."""

DATASET = "/explore/dataset/economies-ges"
PAGES = ("/", "/explore/", *(f"{DATASET}/{tab}/" for tab in ("information", "table", "chart", "map", "export", "api")))
LATER = ("maplibre", "vega", "/tiles/", "/pages/map/", "chart.json")
"""Addresses that hold these are the live map and the live charts, which come after the page."""

WATCH = """
window.seen = {paint: 0, shift: 0};
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.seen.paint = entry.startTime;
}).observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.seen.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""


@dataclass(frozen=True)
class Sight:
    """What one visit saw: seconds until the largest paint, the layout shift, bytes of the page and of what is later."""

    paint: float
    shift: float
    page: int
    later: int


def look(browser: Browser, address: str, *, slower: int = SLOWER, width: int = 1280, settled: int = SETTLED) -> Sight:
    """Open a page for the first time, on a processor `slower` times slower, and return what was seen."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="fr-FR")
    page = context.new_page()
    page.add_init_script(WATCH)
    weights = _weigh(page, slower)
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(settled)
    seen = page.evaluate("window.seen")
    context.close()
    later = sum(size for url, size in weights.values() if any(part in url for part in LATER))
    return Sight(seen["paint"] / 1000, seen["shift"], sum(size for _, size in weights.values()) - later, later)


def _weigh(page: Page, slower: int) -> dict[str, tuple[str, int]]:
    """Slow the processor of a page and return what will hold the address and the bytes of each request."""
    weights: dict[str, tuple[str, int]] = {}
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    session.send("Network.enable")
    session.on("Network.requestWillBeSent", lambda one: weights.update({one["requestId"]: (one["request"]["url"], 0)}))

    def finish(one: dict[str, object]) -> None:
        known = weights.get(str(one["requestId"]), ("", 0))
        weights[str(one["requestId"])] = (known[0], int(float(str(one["encodedDataLength"]))))

    session.on("Network.loadingFinished", finish)
    return weights


def summarise(sights: Sequence[Sight]) -> Sight:
    """Return the median of several visits."""
    return Sight(
        median(each.paint for each in sights),
        median(each.shift for each in sights),
        round(median(each.page for each in sights)),
        round(median(each.later for each in sights)),
    )


def measure(base: str, visits: int) -> Iterator[tuple[str, Sight]]:
    """Yield (page, what was seen of it) for each page of the portal at `base`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
        for path in PAGES:
            look(browser, base + path)  # the server's own memory is warm: what is measured is the browser
            yield path, summarise([look(browser, base + path) for _ in range(visits)])
        browser.close()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", nargs="?", default="http://127.0.0.1:8000")
    parser.add_argument("--visits", type=int, default=VISITS)
    asked = parser.parse_args()
    print("| Page | Largest paint | Layout shift | Weight | Map or chart, after |")
    print("|---|---|---|---|---|")
    for path, sight in measure(asked.base, asked.visits):
        told = f"{sight.paint:.2f} s | {sight.shift:.3f} | {sight.page / 1000:.0f} kB | {sight.later / 1000:.0f} kB"
        print(f"| `{path}` | {told} |", flush=True)


if __name__ == "__main__":
    main()
