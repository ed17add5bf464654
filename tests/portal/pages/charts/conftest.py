"""Small tables of every shape, and the charts that they become."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from datasets.model import Field, Schema
from datasets.query import Source, source_of
from datasets.store.engine import Engine
from datasets.store.versions import VersionStore
from portal.pages.charts.choosing import Asked, Chart, choose
from portal.pages.charts.figures import Figures, read_figures
from portal.pages.charts.survey import survey
from portal.pages.filters import Filters

AT = datetime(2026, 11, 22, tzinfo=UTC)
ARROW = {
    "text": pa.string(),
    "int": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
NOTES: dict[str, dict[str, Any]] = {
    "key": {"facet": True, "id": True},
    "facet": {"facet": True},
    "id": {"id": True},
    "percent": {"unit": "%", "decimals": 1},
    "plain": {},
}
MakeTable = Callable[[str, Sequence[Sequence[Any]]], Source]
MakeChart = Callable[..., tuple[Chart, Figures]]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine that reads the tables of these tests."""
    folder = tmp_path_factory.getbasetemp()
    engine = Engine(folders=[str(folder)], memory="256MiB", threads=1, seconds=30.0, scratch=str(folder))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> MakeTable:
    """Make rows to query: `table("periode:text:key nb:int", rows)`; names may hold anything but spaces and colons."""
    store = VersionStore(tmp_path_factory.mktemp("tables"))

    def make(columns: str, rows: Sequence[Sequence[Any]]) -> Source:
        fields = []
        for column in columns.split():
            name, kind, note, *_ = [*column.split(":"), "plain"]
            fields.append(Field(name, kind, {"fr": name.replace("_", " ")}, annotations=NOTES[note]))
        shape = pa.schema([(field.name, ARROW[field.type]) for field in fields])
        held = pa.Table.from_pylist([dict(zip(shape.names, row, strict=True)) for row in rows], shape)
        version = store.write(f"t{abs(hash((columns, len(rows))))}", Schema(tuple(fields)), held, created=AT)
        return source_of(version, store)

    return make


@pytest.fixture(scope="module")
def chart(engine: Engine) -> MakeChart:
    """Return the chart of a table, and its figures: `chart(source, refined=(…), by=…, form=…)`."""

    def make(source: Source, refined: Any = (), text: str = "", **asked: str) -> tuple[Chart, Figures]:
        filters = Filters(refined=tuple(refined), text=text)
        chosen = choose(Asked(**asked), filters, survey(source, engine), source, engine, year=2026)
        assert chosen is not None
        return chosen, read_figures(chosen, filters, source, engine)

    return make


@pytest.fixture(scope="module")
def savings(table: MakeTable) -> Source:
    """Figures by quarter and year, of the country and of two régions, some hidden; sums would be visible at once."""
    rows: list[tuple[Any, ...]] = []
    for rank, period in enumerate(("2024", "2024-T1", "2024-T2", "2024-T3", "2024-T4", "2025-T2")):
        rows.append((period, "pays", "FR", "France", 1000.0 + rank, False))
        rows.append((period, "region", "76", "Occitanie", 100.0 + rank, False))
        hidden = period == "2024-T3"
        rows.append((period, "region", "94", "Corse", None if hidden else 10.0 + rank, hidden))
    columns = (
        "periode:text:key niveau_geo:text:key code_geo:text:id nom_geo:text:facet gain:double masque:boolean:facet"
    )
    return table(columns, rows)
