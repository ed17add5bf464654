"""The physical forms of public types: what is written is what queries see."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from datasets.model import FIELD_TYPES, Field, Schema
from datasets.store.engine import Engine
from datasets.store.versions import VersionStore
from datasets.types.public import PUBLIC_TYPES, arrow_schema, duckdb_type


def test_every_public_type_has_its_form() -> None:
    """The table has the types of the model, in the same order."""
    assert tuple(PUBLIC_TYPES) == FIELD_TYPES


@pytest.mark.parametrize("annotations", [{}, {"multivalued": ","}], ids=["single", "multivalued"])
def test_a_stored_field_has_the_type_that_queries_expect(tmp_path: Path, annotations: dict[str, str]) -> None:
    """Each type, written as Parquet, is seen by the engine under its name."""
    schema = Schema(tuple(Field(f"a_{name}", name, annotations=annotations) for name in FIELD_TYPES))
    store, engine = VersionStore(tmp_path), Engine(folders=[str(tmp_path)])
    version = store.write("types", schema, arrow_schema(schema).empty_table(), created=datetime(2026, 1, 1, tzinfo=UTC))
    sql = "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet($1))"
    found = engine.run(sql, [store.locate(version)]).read_all().to_pydict()
    engine.close()
    assert found["column_name"] == list(schema.names)
    plain = [name.replace('"', "") for name in found["column_type"]]
    assert plain == [duckdb_type(field) for field in schema]
