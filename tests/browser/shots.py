"""Pictures of the main pages beside those that were accepted: `python -m tests.browser.shots [--accept]`.

The present pictures and a page of differences go in `build/shots/`; `--accept` makes them the references. Fonts and
browsers differ from machine to machine, so nothing fails on its own: a person looks, then accepts or mends.
"""

import logging
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

from portal import create_app
from portal.clock import FixedClock
from portal.instance import prepare_instance
from tests.browser.conftest import FLAGS, NOW
from tests.portal.pages.sample import fill_portal
from tests.prepare_browser import find_browser
from tests.serving import serve

REFERENCES = Path(__file__).parent / "references"
OUTPUT = Path(__file__).parents[2] / "build" / "shots"
PAGES = {
    "home": "/",
    "catalogue": "/explore/",
    "table": "/explore/dataset/economies-ges/table/?refine.periode=2025&from.nb_tournees=20",
    "map": "/explore/dataset/economies-ges/map/",
    "chart": "/explore/dataset/economies-ges/chart/",
    "ges": "/pages/ges/",
}
SCREENS = {"wide": (1440, "light", "fr-FR"), "narrow": (320, "dark", "en-GB")}
SCALE, QUALITY = {"wide": 0.5, "narrow": 1.0}, 40
TALLEST = 2600
"""What of a page is kept: its first pixels, in a picture of tens of kilobytes."""

COMPARE = """async ([one, other]) => {
  const [a, b] = await Promise.all([one, other].map(async (source) => {
    const image = Object.assign(new Image(), { src: `data:image/webp;base64,${source}` });
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
    const pen = canvas.getContext("2d");
    pen.drawImage(image, 0, 0);
    return { size: [image.width, image.height], pixels: pen.getImageData(0, 0, image.width, image.height).data };
  }));
  if (a.size.join() !== b.size.join()) return 1;
  let changed = 0;
  for (let i = 0; i < a.pixels.length; i += 4) {
    changed += [0, 1, 2].some((channel) => Math.abs(a.pixels[i + channel] - b.pixels[i + channel]) > 48);
  }
  return changed / (a.pixels.length / 4);
}"""


@contextmanager
def serve_sample() -> Iterator[str]:
    """Serve the sample of the tests; give its address."""
    with TemporaryDirectory() as folder:
        instance = Path(folder) / "instance"
        prepare_instance(instance)

        def make(address: str) -> Flask:
            settings = {"instance": instance, "queue_url": "immediate", "limits_url": "memory://", "base_url": address}
            app = create_app(settings, clock=FixedClock(NOW))
            app.extensions["portal"].databases.migrate()
            with app.app_context():
                fill_portal(app)
            return app

        with serve(make) as (address, _app):
            yield address


def take(browser: Browser, address: str, screen: str) -> bytes:
    """Return the picture of a page on a screen, as WebP."""
    width, scheme, lang = SCREENS[screen]
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        locale=lang,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": SCALE[screen]}
    asked = {"format": "webp", "quality": QUALITY, "captureBeyondViewport": True, "clip": clip}
    picture = context.new_cdp_session(page).send("Page.captureScreenshot", asked)
    context.close()
    return b64decode(picture["data"])


def compare(page: Page, name: str, picture: bytes) -> float | None:
    """Return the share of the pixels that changed since the reference, 1 for another size; None without reference."""
    reference = REFERENCES / f"{name}.webp"
    if not reference.exists():
        return None
    return float(page.evaluate(COMPARE, [b64encode(each).decode() for each in (reference.read_bytes(), picture)]))


def write_page(changes: dict[str, float | None]) -> Path:
    """Write the page that shows each reference beside the present picture, the most changed first."""
    rows = []
    for name, change in sorted(changes.items(), key=lambda item: -(2 if item[1] is None else item[1])):
        reference = (REFERENCES / f"{name}.webp").as_uri()
        told = "new" if change is None else f"{change:.2%} changed"
        pictures = f'<img src="{reference}" alt="accepted"> <img src="{name}.webp" alt="now">'
        rows.append(f"<h2>{escape(name)}: {told}</h2><div>{pictures}</div>")
    style = "<style>body{font-family:sans-serif}img{vertical-align:top;border:1px solid #888;max-width:48%}</style>"
    index = OUTPUT / "index.html"
    index.write_text(
        f'<!doctype html><html lang="en"><title>Pictures of the pages</title>{style}{"".join(rows)}', "utf-8"
    )
    return index


def main(accept: bool) -> None:
    """Take the pictures, compare them, write the page; with `accept`, make them the references."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    changes: dict[str, float | None] = {}
    with serve_sample() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        judge = browser.new_page()
        for page, path in PAGES.items():
            for screen in SCREENS:
                name, picture = f"{page}-{screen}", take(browser, f"{address}{path}", screen)
                (OUTPUT / f"{name}.webp").write_bytes(picture)
                changes[name] = compare(judge, name, picture)
                if accept:
                    REFERENCES.mkdir(exist_ok=True)
                    (REFERENCES / f"{name}.webp").write_bytes(picture)
        browser.close()
    for name, change in changes.items():
        print(f"{name}: {'new' if change is None else f'{change:.2%} changed'}")
    print(write_page(changes))


if __name__ == "__main__":
    main("--accept" in sys.argv[1:])
