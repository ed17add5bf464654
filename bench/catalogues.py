"""Catalogues of any size: invented descriptions, as many words and fields as those of true portals have.

Versions are one and the same, but for those of the first datasets, which are there whole: pages open them.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from flask import Flask
from sqlalchemy.orm import Session

from datasets.catalogue.catalogue import describe_dataset, point_to
from datasets.model import Field, Schema
from datasets.publish import Release, publish

WHOLE = 8
"""Datasets whose rows are there."""

PUBLISHED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SUBJECTS = """
tournées:tours gaz:gas spectacles:shows lieux:venues subventions:grants communes:towns écoles:schools eaux:waters
forêts:forests routes:roads budgets:budgets marchés:markets bibliothèques:libraries musées:museums emplois:jobs
festivals:festivals associations:associations transports:transport déchets:waste énergies:energies logements:housing
élections:elections accidents:accidents arbres:trees parcelles:plots cantines:canteens prénoms:names
stationnements:parking horaires:timetables équipements:facilities
"""
ASPECTS = """
annuels:yearly publics:public culturels:cultural sportifs:sports agricoles:farming ruraux:rural urbains:urban
régionaux:regional scolaires:school protégés:protected numériques:digital solidaires:shared
"""
THEMES = ("Culture", "Environnement", "Mobilité", "Économie", "Éducation", "Santé", "Territoire", "Citoyenneté")
KINDS = ("Commune", "Communauté", "Département", "Agence")
PUBLISHERS = [f"{kind} {number}" for kind in KINDS for number in range(40)]
ROOTS = "ba ce di fo gu la mé no pi ro sa té vi zo cha bre dri flu gno pla"
SCHEMA = Schema((Field("code", "text"), Field("genre", "text", annotations={"facet": True}), Field("valeur", "double")))


def fill_catalogue(app: Flask, count: int, seed: int = 32) -> None:
    """Publish `count` invented datasets in the instance of `app`, whose databases are migrated, in one transaction."""
    portal = app.extensions["portal"]
    rows = pa.table({"code": ["a", "b"], "genre": ["danse", "cirque"], "valeur": [1.0, None]})
    described = list(describe_many(count, seed))
    releases = [Release(name, texts, SCHEMA, rows) for name, texts in described[:WHOLE]]

    def describe_others(session: Session, versions: Any) -> None:
        version, chance = versions[0], random.Random(seed)
        for name, texts in described[WHOLE:]:
            describe_dataset(session, name, texts)
            at = PUBLISHED - timedelta(hours=chance.randrange(20_000))
            point_to(session, [replace(version, dataset_id=name, rows=chance.randrange(10**6))], at=at)

    publish(lambda: portal.databases.session("catalogue"), portal.store, releases, at=PUBLISHED, beside=describe_others)


def describe_many(count: int, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the identifiers and the descriptions of `count` invented datasets."""
    chance, roots = random.Random(seed), ROOTS.split()
    words = [chance.choice(roots) + "".join(chance.choices(roots, k=chance.randrange(1, 4))) for _ in range(30_000)]
    for rank in range(count):
        subject, aspect, place = chance.choice(SUBJECTS.split()), chance.choice(ASPECTS.split()), chance.choice(words)
        fr, en = (" ".join(each.split(":")[side] for each in (subject, aspect)) for side in (0, 1))
        text = " ".join(chance.choice(words) if chance.random() < 0.5 else _pick(chance) for _ in range(110))
        yield (
            f"jeu-{rank:05}",
            {
                "title": {"fr": f"{fr.capitalize()} de {place.capitalize()}", "en": f"{en} of {place}".capitalize()},
                "description": {"fr": f"<p>Les {fr}. {text}.</p>", "en": f"<p>The {en}. {text}.</p>"},
                "theme": chance.sample(THEMES, k=chance.randrange(1, 3)),
                "keyword": [_pick(chance) for _ in range(4)] + [place],
                "licence": chance.choice(("licence-ouverte-2.0", "odbl-1.0")),
                "publisher": chance.choice(PUBLISHERS),
                "language": "fr",
            },
        )


def _pick(chance: random.Random) -> str:
    return chance.choice(SUBJECTS.split()).split(":")[0]
