"""What each page of the site costs the server, among a thousand datasets and with a hundred thousand records.

    python -m bench.pages [DATASETS] [RECORDS]

Prints a table in Markdown: medians in milliseconds, of the processor's time and of the clock, at addresses that were
never asked. *Known*: the same rows were shown to somebody else. *New*: with a filter of which nothing is known.
Drawings are made by a program beside the server: what is told of them is what a reader waits for once they are made.
"""

import random
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from flask import Flask
from flask.testing import FlaskClient

from bench.catalogues import fill_catalogue
from datasets.model import Field, Schema
from datasets.publish import Release, publish
from portal import create_app
from portal.instance import prepare_instance
from tests.builders import a_description
from tests.portal.pages.sample import fill_portal

DATASETS, RECORDS = 1_000, 100_000
TIMES = 9
GOAL = 30.0
"""Milliseconds under which the median page must stay."""

AREAS, SPOTS, MANY = "economies-ges", "lieux-de-demonstration", "lieux-nombreux"
LEFT_OUT = {AREAS: "exclude.nom_geo={n}", SPOTS: "exclude.nom={n}", MANY: "exclude.genre={n}"}
"""A filter that leaves nothing out, for each dataset: what it shows must be read again."""

TABS = ("information", "table", "chart", "map", "export", "api", "versions")
PAGES: Mapping[str, tuple[str, str]] = {
    "home": ("/", ""),
    "catalogue": ("/explore/", "exclude.theme={n}"),
    "search": ("/explore/?q=musées+culturels", "exclude.theme={n}"),
    "feed": ("/explore/feed.atom", "exclude.theme={n}"),
    "feed of a search": ("/explore/feed.rss?q=musées", "exclude.theme={n}"),
    **{f"territories: {tab}": (f"/explore/dataset/{AREAS}/{tab}/", LEFT_OUT[AREAS]) for tab in TABS},
    "territories: disclosure": (f"/explore/dataset/{AREAS}/disclosure/", LEFT_OUT[AREAS]),
    **{f"places: {tab}": (f"/explore/dataset/{SPOTS}/{tab}/", LEFT_OUT[SPOTS]) for tab in TABS},
    **{f"many places: {tab}": (f"/explore/dataset/{MANY}/{tab}/", LEFT_OUT[MANY]) for tab in TABS},
    **{f"frame: {kind}": (f"/embed/{AREAS}/{kind}/", LEFT_OUT[AREAS]) for kind in ("chart", "map", "table")},
    "drawing: chart": (f"/explore/dataset/{AREAS}/chart.svg", ""),
    "drawing: map": (f"/explore/dataset/{AREAS}/map.svg", LEFT_OUT[AREAS]),
    "drawing: preview": (f"/explore/dataset/{AREAS}/preview.svg", ""),
    "drawing: card": (f"/explore/dataset/{AREAS}/card.png", ""),
    "drawing: card of the site": ("/card.png", ""),
    "GES": ("/pages/ges/", ""),
    "style guide": ("/styleguide/", ""),
    "declaration": ("/pages/accessibility/", ""),
    "console": ("/api/explore/v2.1/console", ""),
    "sitemap": ("/sitemap.xml", ""),
    "nothing there": ("/explore/dataset/inconnu/table/", ""),
}
"""Each page: its address, and the filter that makes it new."""


def fill(app: Flask, datasets: int, records: int) -> None:
    """Publish the sample of the tests, many places, and as many other datasets, in the instance of `app`."""
    portal = app.extensions["portal"]
    fill_catalogue(app, datasets)
    fill_portal(app)
    at = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    publish(lambda: portal.databases.session("catalogue"), portal.store, [scatter(records)], at=at)


def scatter(count: int, seed: int = 32) -> Release:
    """Return `count` made-up places, all over the country."""
    chance = random.Random(seed)
    schema = Schema(
        (
            Field("nom", "text", {"fr": "Nom", "en": "Name"}),
            Field("genre", "text", {"fr": "Genre", "en": "Kind"}, annotations={"facet": True}),
            Field("jauge", "int", {"fr": "Jauge", "en": "Seats"}),
            Field("position", "geo_point_2d", {"fr": "Position", "en": "Position"}),
        )
    )
    point = pa.struct([("lon", pa.float64()), ("lat", pa.float64())])
    spots = [{"lon": chance.uniform(-1, 6.5), "lat": chance.uniform(43.6, 48.8)} for _ in range(count)]
    columns = {
        "nom": [f"Lieu inventé {rank}" for rank in range(count)],
        "genre": chance.choices(("théâtre", "festival", "médiathèque", "centre culturel"), k=count),
        "jauge": [chance.randrange(50, 2_000) for _ in range(count)],
        "position": pa.array(spots, point),
    }
    return Release(MANY, a_description("Lieux nombreux", theme=["Culture"]), schema, pa.table(columns))


def measure(client: FlaskClient) -> Iterator[tuple[str, list[float]]]:
    """Yield the name of each page, and the medians: processor and clock when known, processor and clock when new."""
    for place, (name, (path, fresh)) in enumerate(PAGES.items()):
        mark, numbers = "&" if "?" in path else "?", range(place * 100, place * 100 + TIMES)
        client.get(path)
        known = [_spend(client, f"{path}{mark}n={n}") for n in numbers]
        new = [_spend(client, f"{path}{mark}{fresh.format(n=n)}") for n in numbers] if fresh else []
        yield name, [statistics.median(each) for part in (known, new) if part for each in zip(*part, strict=True)]


def _spend(client: FlaskClient, address: str) -> tuple[float, float]:
    """Return the milliseconds of processor and of the clock that an answer takes."""
    begun = time.process_time(), time.perf_counter()
    answer = client.get(address)
    answer.get_data()
    spent = (time.process_time() - begun[0]) * 1000, (time.perf_counter() - begun[1]) * 1000
    if answer.status_code >= 500:
        raise RuntimeError(f"{address} is answered {answer.status}")
    return spent


def main() -> None:
    """Print the table, with the pages over the goal in bold."""
    datasets, records = (int(each) for each in (*sys.argv[1:], *(DATASETS, RECORDS)[len(sys.argv) - 1 :]))
    print("| ms | known | by the clock | new | by the clock |\n|---|--:|--:|--:|--:|")
    with TemporaryDirectory() as folder:
        instance = Path(folder) / "instance"
        prepare_instance(instance)
        app = create_app({"instance": instance, "queue_url": "immediate", "limits_url": "memory://"})
        app.extensions["portal"].databases.migrate()
        with app.app_context():
            fill(app, datasets, records)
        for name, told in measure(app.test_client()):
            cells = [f"**{each:.1f}**" if each > GOAL else f"{each:.1f}" for each in told]
            print("|", " | ".join([name, *cells, *[""] * (4 - len(cells))]), "|", flush=True)


if __name__ == "__main__":
    main()
