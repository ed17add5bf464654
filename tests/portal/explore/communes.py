"""A small real portal: `communes-du-gers`, its values invented, and `festivals`, without geography."""

import datetime as dt
import struct
from pathlib import Path
from typing import Any

import pyarrow as pa
from flask import Flask

from datasets.model import Field, Schema
from datasets.publish import Release, publish
from datasets.types.public import arrow_schema
from portal import create_app
from portal.instance import prepare_instance

AT = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)

COMMUNES = Schema(
    (
        Field("code_insee", "text", {"fr": "Code INSEE", "en": "INSEE code"}),
        Field("nom", "text", {"fr": "Nom", "en": "Name"}),
        Field("canton", "text", {"fr": "Canton"}, annotations={"facet": True}),
        Field("population", "int", {"fr": "Population"}),
        Field("surface_km2", "double", {"fr": "Surface"}, annotations={"unit": "km2"}),
        Field("prefecture", "boolean", {"fr": "Préfecture"}),
        Field("maj", "date", {"fr": "Mise à jour"}, annotations={"facet": True}),
        Field("vu_le", "datetime", {"fr": "Vu le"}),
        Field("labels", "text", {"fr": "Labels"}, annotations={"multivalued": ",", "facet": True}),
        Field("geo_point_2d", "geo_point_2d", {"fr": "Point"}),
        Field("geo_shape", "geo_shape", {"fr": "Contour"}),
    )
)
FESTIVALS = Schema((Field("nom", "text", {"fr": "Nom"}), Field("annee", "int", {"fr": "Année"})))

NOTICE = b"%PDF-1.4 invented"


def a_square(lon: float, lat: float) -> bytes:
    """Return a small polygon as WKB (little-endian)."""
    ring = [(lon, lat), (lon + 0.1, lat), (lon + 0.1, lat + 0.1), (lon, lat)]
    return struct.pack("<BIII", 1, 3, 1, len(ring)) + b"".join(struct.pack("<dd", *point) for point in ring)


def a_commune(code: str, nom: str, canton: str | None, population: int | None, **more: Any) -> dict[str, Any]:
    """Return a record, with null where nothing is said."""
    return {"code_insee": code, "nom": nom, "canton": canton, "population": population, **more}


AUCH = a_commune(
    "32013",
    "Auch",
    "Auch-1",
    22173,
    surface_km2=72.48,
    prefecture=True,
    maj=dt.date(2024, 5, 17),
    vu_le=dt.datetime(2024, 5, 17, 8, 30, tzinfo=dt.UTC),
    labels=["ville-porte", "art"],
    geo_point_2d={"lon": 0.5863, "lat": 43.6465},
    geo_shape=a_square(0.5, 43.6),
)
RECORDS = [
    AUCH,
    a_commune("32001", "Aignan", "Adour-Gersoise", 744, maj=dt.date(2023, 1, 2), prefecture=False),
    a_commune("32002", "Ansan", "Auch-1", 85, labels=["art"], geo_point_2d={"lon": 0.77, "lat": 43.7}),
    a_commune("32003", "Antras", "Auch-1", 51, surface_km2=5.0, maj=dt.date(2024, 1, 31)),
    a_commune("32256", "Mirande", "Mirande-Astarac", 3387, surface_km2=23.5),
    a_commune("32107", "Condom", "Baïse-Armagnac", 6489, labels=[]),
    a_commune("32999", 'L\'"Îlot"; perdu', None, None),
    *(a_commune(f"33{i:03d}", f"Lieu {i}", "Ailleurs", 100 + i) for i in range(120)),
]


def describe(title_fr: str, title_en: str, theme: str) -> dict[str, Any]:
    """Return the description of a dataset."""
    return {
        "title": {"fr": title_fr, "en": title_en},
        "description": {"fr": "<p>Valeurs inventées.</p>"},
        "theme": [theme],
        "keyword": ["commune", "gers"],
        "licence": "licence-ouverte-2.0",
        "publisher": "Département de démonstration",
        "language": "fr",
    }


def a_release(
    dataset_id: str, schema: Schema, rows: list[dict[str, Any]], metadata: dict[str, Any], **more: Any
) -> Release:
    """Return a dataset ready to publish."""
    table = pa.Table.from_pylist(rows, schema=arrow_schema(schema))
    return Release(dataset_id, metadata, schema, table, **more)


def publish_all(app: Flask) -> None:
    """Publish the two datasets in `app`."""
    portal = app.extensions["portal"]
    releases = [
        a_release("communes-du-gers", COMMUNES, RECORDS, describe("Communes du Gers", "Communes", "Territoire")),
        a_release(
            "festivals",
            FESTIVALS,
            [{"nom": "Jazz", "annee": 1978}],
            describe("Festivals", "Festivals", "Culture"),
            files={"notice.pdf": NOTICE, "private.txt": b"never served"},
            titles={"notice.pdf": {"fr": "Notice", "en": "Notes"}},
        ),
    ]
    publish(lambda: portal.databases.session("catalogue"), portal.store, releases, at=AT)


def a_portal(instance: Path, **settings: Any) -> Flask:
    """Return an application on a new instance, with the two datasets published."""
    prepare_instance(instance)
    app = create_app({"instance": instance, "queue_url": "immediate", **settings})
    app.extensions["portal"].databases.migrate()
    publish_all(app)
    return app
