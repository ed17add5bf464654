"""What a release of protected datasets carries."""

import dataclasses
import json

import pandas as pd

from datasets.disclosure.certificate import Certificate
from datasets.programming.releases import attach
from datasets.store.versions import VersionStore
from tests.datasets.store.test_versions import NOON, SCHEMA, table


def a_certificate(**known: object) -> Certificate:
    """Return a certificate that says little."""
    return Certificate(**{field.name: known.get(field.name, {}) for field in dataclasses.fields(Certificate)})


ROWS = pd.DataFrame(
    {
        "niveau_geo": "region",
        "code_geo": ["75", "76"],
        "periode": "2026",
        "nb_dates": [9.0, None],
        "masque": [False, True],
    }
)


def test_the_certificate_is_an_attachment_of_what_it_certifies(store: VersionStore) -> None:
    """Readers find it under its title, in their language, and read what was checked."""
    version = store.write("towns", SCHEMA, table(), created=NOON, **attach(a_certificate(cells_attacked=12), ROWS))
    attachment = version.find_file("certificate.json")
    assert attachment in version.attachments
    assert attachment.media_type == "application/json"
    assert dict(attachment.title) == {"fr": "Certificat de secret statistique", "en": "Disclosure-control certificate"}
    with store.open(version, attachment.name) as file:
        assert json.load(file)["cells_attacked"] == 12
    assert store.read("towns", version.version_id) == version


def test_what_is_hidden_is_explained_beside_the_rows(store: VersionStore) -> None:
    """A second attachment tells how many cells are hidden, table by table, and by which rules."""
    attached = attach(a_certificate(hidden_by_rule={"frequency": 1}), ROWS)
    version = store.write("towns", SCHEMA, table(), created=NOON, **attached)
    assert "explanation.json" in {attachment.name for attachment in version.attachments}
    with store.open(version, "explanation.json") as file:
        told = json.load(file)
    assert (told["cells"], told["hidden"]) == (2, 1)
    assert told["tables"] == [
        {"level": "region", "period": "annee", "cells": 2, "hidden": 1, "untold": 0.0, "year": ""}
    ]
    assert told["rules"][0]["label"]["en"] == "Fewer than three distinct venues, companies or programmers."
