"""Frictionless, the reference program of Table Schema, finds our data as our descriptors say."""

import json
from pathlib import Path
from typing import Any

import requests
from frictionless import Dialect, Schema, formats, resources, system
from frictionless.errors import Error

DATASET = "/api/explore/v2.1/catalog/datasets/communes-du-gers"
OWN_FORM = ("array", "geopoint")
"""Types that CSV files write as Opendatasoft does ("a,b" and "lat, lon"), which Table Schema knows nothing of."""


def validate(descriptor: dict[str, Any], **source: Any) -> list[Error]:
    """Return what Frictionless finds wrong in the records of a file, or of a list."""
    with system.use_context(trusted=True):
        report = resources.TableResource(schema=Schema.from_descriptor(descriptor), **source).validate()
    assert report.tasks[0].stats["rows"] == 127
    return [error for task in report.tasks for error in task.errors]


def test_the_descriptor_is_one(address: str) -> None:
    """It keeps to the profile, names every field, and tells a type for each."""
    descriptor = requests.get(f"{address}{DATASET}/schema.json", timeout=60).json()
    assert list(Schema.metadata_validate(descriptor)) == []
    fields = requests.get(f"{address}{DATASET}", timeout=60).json()["fields"]
    assert [field["name"] for field in descriptor["fields"]] == [field["name"] for field in fields]
    assert "any" not in {field["type"] for field in descriptor["fields"]}


def test_the_json_export_is_as_the_descriptor_says(address: str) -> None:
    """Numbers, days, instants, lists, points and shapes are of the types that are told, to the last record."""
    descriptor = requests.get(f"{address}{DATASET}/schema.json", timeout=60).json()
    records = requests.get(f"{address}{DATASET}/exports/json", timeout=60).json()
    for record in records:  # Frictionless reads points from texts alone
        record["geo_point_2d"] = record["geo_point_2d"] and json.dumps(record["geo_point_2d"])
    assert validate(descriptor, data=records) == []


def test_the_csv_export_is_too_but_for_lists_and_points(address: str, tmp_path: Path) -> None:
    """Everything else is valid, and a descriptor that lies is found out."""
    descriptor = requests.get(f"{address}{DATASET}/schema.json", timeout=60).json()
    own = {field["name"] for field in descriptor["fields"] if field["type"] in OWN_FORM}
    path = tmp_path / "communes.csv"
    path.write_bytes(requests.get(f"{address}{DATASET}/exports/csv", timeout=60).content)
    source = {
        "path": str(path),
        "encoding": "utf-8-sig",
        "dialect": Dialect(controls=[formats.CsvControl(delimiter=";")]),
    }
    assert {error.field_name for error in validate(descriptor, **source)} <= own
    lying = [{**field, "type": "integer"} if field["name"] == "nom" else field for field in descriptor["fields"]]
    assert "nom" in {error.field_name for error in validate({**descriptor, "fields": lying}, **source)}
