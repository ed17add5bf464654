"""A portal with the datasets of the judged catalogue, all of one small table."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from datasets.catalogue.catalogue import describe_dataset, point_to
from datasets.publish import publish
from tests.builders import a_release
from tests.datasets.catalogue.judged import read_lines


def fill_catalogue(app: Flask) -> None:
    """Publish the judged catalogue in the instance of `app`; the versions are those of one table of towns."""
    portal = app.extensions["portal"]
    first, *others = [(parts[0], describe(*parts[1:-1]), instant(parts[-1])) for parts in read_lines("catalogue.txt")]

    def describe_others(session: Session, versions: Any) -> None:
        for rank, (name, metadata, at) in enumerate(others):
            describe_dataset(session, name, metadata)
            point_to(session, [replace(versions[0], dataset_id=name, rows=rank)], at=at)

    release = replace(a_release(first[0]), metadata=first[1])
    publish(lambda: portal.databases.session("catalogue"), portal.store, [release], at=first[2], beside=describe_others)


def instant(day: str) -> datetime:
    """Return nine o'clock of a day."""
    return datetime.combine(datetime.fromisoformat(day), time(9), UTC)


def describe(fr: str, en: str, themes: str, keywords: str, text: str, labels: str, publisher: str) -> dict[str, Any]:
    """Return the metadata of a dataset of the judged catalogue."""
    return {
        "title": {"fr": fr, "en": en},
        "description": {"fr": f"<p>{text}</p>"},
        "theme": themes.split(", "),
        "keyword": keywords.split(", "),
        "licence": "licence-ouverte-2.0",
        "publisher": publisher,
        "language": "fr",
    }
