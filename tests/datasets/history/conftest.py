"""Two states of the towns, and a workshop over the store that holds them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from datasets.model import Schema
from datasets.query import Source, source_of
from datasets.store.engine import Engine
from datasets.store.versions import VersionStore
from datasets.store.workshop import Workshop, open_workshop
from datasets.types.public import arrow_schema
from tests.builders import TOWNS

State = Callable[..., Source]


@pytest.fixture
def workshop(store: VersionStore, tmp_path: Path) -> Iterator[Workshop]:
    """A workshop over an empty store."""
    engine = Engine(folders=[str(tmp_path)], memory="500MB", threads=1)
    with open_workshop(store, engine) as opened:
        yield opened
    engine.close()


@pytest.fixture
def state(store: VersionStore) -> State:
    """Return a function that keeps rows as a version of the towns, and gives it as something to query."""
    start, count = datetime(2026, 1, 1, tzinfo=UTC), iter(range(1000))

    def keep(rows: list[dict[str, Any]], schema: Schema = TOWNS) -> Source:
        table = pa.Table.from_pylist(rows, schema=arrow_schema(schema))
        return source_of(store.write("towns", schema, table, created=start + timedelta(days=next(count))), store)

    return keep
