"""A workshop, another published dataset, and territories of the Gers whose positions are known."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from datasets.errors import NotFound
from datasets.ingest.report import Report
from datasets.model import Field, Schema
from datasets.programming.territories import Territories
from datasets.query import Source, source_of
from datasets.store.engine import Engine
from datasets.store.versions import VersionStore
from datasets.store.workshop import open_workshop
from datasets.transforms.registry import TRANSFORMATIONS
from datasets.transforms.run import Pipeline
from datasets.transforms.steps import Resources, read_steps
from datasets.types.public import arrow_schema

CANTONS = Schema((Field("nom", "text"), Field("elus", "int"), Field("chef_lieu", "text")))
CANTON_ROWS = [
    {"nom": "Auch-1", "elus": 2, "chef_lieu": "Auch"},
    {"nom": "Baïse-Armagnac", "elus": 2, "chef_lieu": "Condom"},
]
COMMUNES = pd.DataFrame(
    {
        "code": ["32013", "32107", "32233"],
        "nom": ["Auch", "Condom", "Marciac"],
        "code_epci": ["200066926", "243200458", None],
        "code_departement": ["32", "32", "32"],
        "code_region": ["76", "76", "76"],
        "population": [22173, 6500, 1250],
        "lat": [43.65, 43.96, None],
        "lon": [0.59, 0.37, None],
    }
)
FORMER = pd.DataFrame({"code": ["32999"], "code_commune": ["32013"], "nature": ["code_ancien"]}, dtype="str")

Made = tuple[Schema, list[dict[str, Any]], Report]
Make = Callable[..., Made]


def the_territories(**more: Any) -> Territories:
    """Return three communes of the Gers, of which two have a position."""
    nothing = pd.DataFrame({"code": [], "nom": [], "population": []})
    communes = more.get("communes", COMMUNES)
    return Territories(communes, nothing, nothing, nothing, FORMER, version="test", year=2026)


@pytest.fixture
def make(store: VersionStore, tmp_path: Path) -> Iterator[Make]:
    """Return a function that does steps on rows, and gives the fields, the rows and the report."""
    table = pa.Table.from_pylist(CANTON_ROWS, schema=arrow_schema(CANTONS))
    other = source_of(store.write("cantons", CANTONS, table, created=datetime(2026, 1, 1, tzinfo=UTC)), store)
    engine = Engine(folders=[str(tmp_path)], memory="500MB", threads=1)

    def find(name: str) -> Source:
        if name != "cantons":
            raise NotFound(kind="dataset", name=name)
        return other

    def run(
        schema: Schema, rows: list[dict[str, Any]], *steps: dict[str, Any], territories: Territories | None = None
    ) -> Made:
        report = Report()
        resources = Resources(find, lambda: territories or the_territories())
        with open_workshop(store, engine) as workshop:
            pipeline = Pipeline(workshop, resources, report)
            coming = pa.Table.from_pylist(rows, schema=arrow_schema(schema))
            last = pipeline.run(read_steps(steps, TRANSFORMATIONS), schema, coming)[-1]
            made = pa.Table.from_batches(list(pipeline.read(last)), arrow_schema(last.schema))
        return last.schema, made.to_pylist(), report

    yield run
    engine.close()
