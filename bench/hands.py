"""How long a visitor waits after an act, on the map, the table and the chart of a hundred thousand places.

    python -m bench.hands [RECORDS]

prints a table: milliseconds from an act (a key, a click, the wheel) to the next picture, as Chromium measures them
("event timing"), the median and the worst of several, on a processor four times slower and on this one. WebGL is by
software here: a machine with a graphics card draws the map sooner. Goal: 200 ms.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

from bench.pages import MANY, RECORDS, fill
from portal import create_app
from portal.instance import prepare_instance
from tests.prepare_browser import find_browser
from tests.serving import serve

SLOWER = (1, 4)
TIMES = 6
PAUSE = 700
"""Milliseconds between two acts."""

FLAGS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
)
WATCH = """
window.acts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    window.acts.push({name: entry.name, all: entry.duration, wait: entry.processingStart - entry.startTime,
                      work: entry.processingEnd - entry.processingStart});
  }
}).observe({type: "event", durationThreshold: 16, buffered: true});
"""
HEARD = ("click", "keydown", "pointerup", "wheel", "input")
"""The events whose waiting is told."""


def zoom(page: Page) -> None:
    """Come nearer, then go back."""
    for name in ("in", "out"):
        page.locator(f"[data-act={name}]").click()
        page.wait_for_timeout(PAUSE)


def walk(page: Page) -> None:
    """Move the map by the keyboard."""
    page.locator(".maplibregl-canvas").focus()
    for key in ("ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
        page.wait_for_timeout(PAUSE)


def point(page: Page) -> None:
    """Ask what is at a place."""
    box = page.locator(".maplibregl-canvas").bounding_box() or {"x": 0, "y": 0, "width": 0, "height": 0}
    page.mouse.click(box["x"] + box["width"] * 0.72, box["y"] + box["height"] * 0.3)
    page.wait_for_timeout(PAUSE)


def cross(page: Page) -> None:
    """Go from cell to cell of a table, or from figure to figure of a chart, by the keyboard."""
    for key in ("ArrowDown", "ArrowRight", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        page.wait_for_timeout(PAUSE // 3)


ACTS: Mapping[str, tuple[str, str, Callable[[Page], None]]] = {
    "map: zoom": ("map", "[data-map-stage=ready]", zoom),
    "map: arrows": ("map", "[data-map-stage=ready]", walk),
    "map: read a place": ("map", "[data-map-stage=ready]", point),
    "table: arrows": ("table", "table td", cross),
    "chart: arrows": ("chart", ".chart[role=application]", cross),
}
"""Each act: the tab, what is there once it can be done, how it is done."""


def act(browser: Browser, address: str, ready: str, do: Callable[[Page], None], slower: int) -> list[dict[str, float]]:
    """Do something several times on a page, and return the milliseconds of each event that was waited for."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR", reduced_motion="reduce")
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(address, wait_until="networkidle")
    page.locator(ready).first.wait_for(timeout=60_000)
    page.locator(ready).first.scroll_into_view_if_needed()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.locator(ready).first.focus()
    do(page)
    page.evaluate("window.acts.length = 0")
    for _ in range(TIMES):
        do(page)
    found: list[dict[str, float]] = [each for each in page.evaluate("window.acts") if each["name"] in HEARD]
    context.close()
    return found


def measure(base: str) -> Iterator[tuple[str, int, list[dict[str, float]]]]:
    """Yield (act, how many times slower, what was waited for)."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        for name, (tab, ready, do) in ACTS.items():
            for slower in SLOWER:
                yield name, slower, act(browser, f"{base}/explore/dataset/{MANY}/{tab}/", ready, do, slower)
        browser.close()


def make(instance: Path, records: int) -> Callable[[str], Flask]:
    """Return what makes a portal with so many places in an instance."""

    def make_app(address: str) -> Flask:
        app = create_app(
            {"instance": instance, "queue_url": "immediate", "limits_url": "memory://", "base_url": address}
        )
        app.extensions["portal"].databases.migrate()
        with app.app_context():
            fill(app, 20, records)
        return app

    return make_app


def main() -> None:
    """Print the table."""
    records = int(sys.argv[1]) if sys.argv[1:] else RECORDS
    with TemporaryDirectory() as folder:
        instance = Path(folder) / "instance"
        prepare_instance(instance)
        with serve(make(instance, records)) as (base, _app):
            print("| act | slower | events | median | worst | of which work, median |\n|---|--:|--:|--:|--:|--:|")
            for name, slower, found in measure(base):
                waits = [each["all"] for each in found] or [0.0]
                work = median([each["work"] for each in found] or [0.0])
                print(
                    f"| {name} | {slower} | {len(found)} | {median(waits):.0f} | {max(waits):.0f} | {work:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
