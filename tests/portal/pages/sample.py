"""A small portal to look at: made-up figures on the true map of France, and three hundred made-up places."""

import json
import random
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from flask import Flask

from datasets.disclosure.explanation import explain
from datasets.model import Field, Schema
from datasets.programming.territories import read_territories, reference_frame
from datasets.publish import Release, publish
from datasets.types.geo_shape import geometry_wkb
from portal.pages.secrecy import CERTIFICATE, EXPLANATION
from tests.builders import a_description, a_release

PUBLISHED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PACKAGES = Path(__file__).parents[3] / "node_modules"
FACET = {"facet": True}
KEY = {"facet": True, "id": True}
LATEST = KEY | {"facetsort": "-alphanum"}

REFERENCE = Schema(
    (
        Field("niveau_geo", "text", {"fr": "Niveau", "en": "Level"}, annotations=FACET),
        Field("code_geo", "text", {"fr": "Code", "en": "Code"}, annotations={"id": True}),
        Field("nom_geo", "text", {"fr": "Territoire", "en": "Territory"}),
        Field("population", "int", {"fr": "Population", "en": "Population"}, annotations={"unit": "habitants"}),
        Field("contour", "geo_shape", {"fr": "Contour", "en": "Contour"}),
    )
)
SAVINGS = Schema(
    (
        Field("periode", "text", {"fr": "Période", "en": "Period"}, annotations=LATEST),
        Field(
            "granularite",
            "text",
            {"fr": "Type de période", "en": "Kind of period"},
            annotations=FACET,
            values={"annee": {"fr": "année", "en": "year"}, "trimestre": {"fr": "trimestre", "en": "quarter"}},
        ),
        Field("niveau_geo", "text", {"fr": "Niveau", "en": "Level"}, annotations=KEY),
        Field("code_geo", "text", {"fr": "Code du territoire", "en": "Code"}, annotations={"id": True}),
        Field("nom_geo", "text", {"fr": "Territoire", "en": "Territory"}),
        Field("nb_tournees", "int", {"fr": "Tournées", "en": "Tours"}),
        Field(
            "economie_attribuable_kgco2e",
            "double",
            {"fr": "Économie attribuable", "en": "Attributable saving"},
            {"fr": "Chiffre principal : ce que la coprogrammation a évité.", "en": "Headline figure."},
            {"unit": "kgCO2e", "decimals": 0},
        ),
        Field("masque", "boolean", {"fr": "Masqué", "en": "Hidden"}, annotations=FACET),
    )
)
PLACES = Schema(
    (
        Field("nom", "text", {"fr": "Nom", "en": "Name"}),
        Field("genre", "text", {"fr": "Genre", "en": "Kind"}, annotations=FACET),
        Field("ouverture", "date", {"fr": "Ouverture", "en": "Opening"}),
        Field("position", "geo_point_2d", {"fr": "Position", "en": "Position"}),
    )
)


def fill_portal(app: Flask) -> None:
    """Publish the sample in the instance of `app`, whose databases are migrated."""
    portal = app.extensions["portal"]
    releases = [a_reference(), some_savings(), some_places(), a_release()]
    publish(lambda: portal.databases.session("catalogue"), portal.store, releases, at=PUBLISHED)


@cache
def territories() -> list[Any]:
    """Return the country, the régions and the départements, as rows."""
    frame = reference_frame(read_territories(PACKAGES))
    return [row for row in frame.itertuples() if row.niveau_geo != "epci"]


def a_reference() -> Release:
    """Return the territories of France, with contours down to the départements."""
    rows = [
        {
            "niveau_geo": row.niveau_geo,
            "code_geo": row.code_geo,
            "nom_geo": row.nom_geo,
            "population": row.population,
            "contour": geometry_wkb(json.loads(row.contour)) if isinstance(row.contour, str) else None,
        }
        for row in territories()
    ]
    shape = [(name, pa.string()) for name in ("niveau_geo", "code_geo", "nom_geo")]
    table = pa.Table.from_pylist(rows, pa.schema([*shape, ("population", pa.int64()), ("contour", pa.binary())]))
    return Release("referentiel-territoires", a_description("Référentiel des territoires"), REFERENCE, table)


def some_savings() -> Release:
    """Return made-up savings by quarter and year; small ones are hidden, a few are negative."""
    chance = random.Random(32)
    rows = [
        _saving(period, row.niveau_geo, row.code_geo, row.nom_geo, row.population, chance)
        for period in ("2024", "2025", "2025-T1", "2025-T2", "2025-T3", "2025-T4", "2026-T1", "2026")
        for row in territories()
        if row.population
    ]
    types = [pa.string()] * 5 + [pa.int64(), pa.float64(), pa.bool_()]
    table = pa.Table.from_pylist(rows, pa.schema(list(zip(SAVINGS.names, types, strict=True))))
    description = a_description(
        "Économies de gaz à effet de serre des tournées mutualisées",
        theme=["Environnement", "Culture"],
        method={"fr": "<p>Deux situations sont comparées.</p>", "en": "<p>Two situations are compared.</p>"},
    )
    files = _explain(table)
    titles = {name: {"fr": name} for name in files}
    return Release("economies-ges", description, SAVINGS, table, files=files, titles=titles)


def _explain(table: pa.Table) -> dict[str, bytes]:
    """Return what stands beside protected rows."""
    certificate = {
        "levels": ["L0", "L1", "L4"],
        "hidden_by_rule": {"frequency": 12, "secondary": 20},
        "withheld": [{"level": "epci", "period": "annee", "block": "2025", "grid": ""}],
    }
    told = explain(table.to_pandas(), certificate).to_dict()
    finer, coarser = ({"level": level, "period": "annee", "cells": 100} for level in ("departement", "region"))
    told["merges"] = [{"table": finer | {"hidden": 48}, "coarser": coarser | {"hidden": 36}}]
    contents = {CERTIFICATE: certificate, EXPLANATION: told}
    return {name: json.dumps(content).encode() for name, content in contents.items()}


def _saving(period: str, level: str, code: str, name: str, population: int, chance: random.Random) -> dict[str, object]:
    tours = round(population / 9_000 * chance.uniform(0.3, 1.7))
    hidden = level != "pays" and (tours < 12 or chance.random() < 0.06)
    saving = tours * chance.uniform(-30, 420)
    return {
        "periode": period,
        "granularite": "trimestre" if "-" in period else "annee",
        "niveau_geo": level,
        "code_geo": code,
        "nom_geo": name,
        "nb_tournees": None if hidden else tours,
        "economie_attribuable_kgco2e": None if hidden else saving,
        "masque": hidden,
    }


def some_places() -> Release:
    """Return made-up places, all over the country."""
    chance = random.Random(7)
    kinds = ("théâtre", "festival", "médiathèque", "centre culturel")
    rows = [
        {
            "nom": f"Lieu inventé {rank}",
            "genre": chance.choice(kinds),
            "ouverture": datetime(1950 + rank % 70, 1 + rank % 12, 1, tzinfo=UTC).date(),
            "position": {"lon": chance.uniform(-1, 6.5), "lat": chance.uniform(43.6, 48.8)},
        }
        for rank in range(1, 301)
    ]
    point = pa.struct([("lon", pa.float64()), ("lat", pa.float64())])
    schema = pa.schema([("nom", pa.string()), ("genre", pa.string()), ("ouverture", pa.date32()), ("position", point)])
    description = a_description("Lieux de démonstration", theme=["Culture"], keyword=["lieu", "carte"])
    return Release("lieux-de-demonstration", description, PLACES, pa.Table.from_pylist(rows, schema))
