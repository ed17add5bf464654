"""The catalogue by use: from the published counts, and from nothing else."""

import re
from datetime import UTC, datetime

import pyarrow as pa
from flask import Flask
from flask.testing import FlaskClient

from datasets.publish import Release, publish
from portal.audience.publishing import DATASET_ID, SCHEMA
from portal.pages.popularity import COUNTS_ID, MONTHS
from tests.builders import a_description, a_release

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def some_counts() -> Release:
    """Return the published counts of two datasets over more months than count: the rare one was frequent long ago."""
    months = [f"{2024 + rank // 12}-{rank % 12 + 1:02}" for rank in range(MONTHS + 1)]
    rows = [(month, "b-rare", "total", "*", 5 if rank else 9000) for rank, month in enumerate(months)]
    rows += [(month, name, "total", "*", 100) for month in months[1:] for name in ("c-frequent", "*", "~")]
    rows += [(months[-1], "b-rare", "use", "page", 5000)]
    table = pa.table(dict(zip(SCHEMA.names, map(list, zip(*rows, strict=True)), strict=True)))
    return Release(DATASET_ID, a_description("Fréquentation"), SCHEMA, table)


def titles(client: FlaskClient, address: str) -> list[str]:
    """Return the identifiers of the datasets of a page of the catalogue, in order."""
    return re.findall(r'<h3><a href="/explore/dataset/([\w-]+)/', client.get(address).text)


def test_the_most_used_come_first(app: Flask, client: FlaskClient) -> None:
    """The order is there once counts are published; the last twelve months alone count, and ties go by title."""
    parts = app.extensions["portal"]

    def release(*releases: Release) -> None:
        publish(lambda: parts.databases.session("catalogue"), parts.store, releases, at=AT)

    release(*(a_release(name, title=name) for name in ("a-never", "b-rare", "c-frequent")))
    assert "sort=uses" not in client.get("/explore/").text
    release(some_counts())
    assert 'href="/explore/?sort=uses"' in client.get("/explore/").text
    assert titles(client, "/explore/?sort=uses") == ["c-frequent", "b-rare", "a-never", COUNTS_ID]
    assert titles(client, "/explore/")[0] == "a-never"
