"""The rows that all are measured on: tours of plays, with accents, delimiters inside texts, blanks and places."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import duckdb_extension_spatial
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from datasets.model import Field, Schema
from datasets.publish import Release, publish
from portal import create_app
from portal.explore.making import MAKER
from portal.instance import prepare_instance

WORDS = (
    "tournée,",
    "création",
    "accueillie à l’été",
    "dans le pays",
    "d’Armagnac;",
    "scène",
    "« plein air »",
    "reprise",
)
KINDS = ("théâtre", "danse", "cirque", "musique", "jeune public", "arts de la rue")
SCHEMA = Schema(
    (
        *(Field(name, "text") for name in ("code", "spectacle", "compagnie", "commune")),
        Field("genre", "text", annotations={"facet": True}),
        Field("observations", "text"),
        *(Field(name, "int") for name in ("jauge", "entrees")),
        *(Field(name, "double") for name in ("recette", "distance_km", "lon", "lat")),
        Field("jour", "date"),
        Field("lieu", "geo_point_2d"),
    )
)


def make_rows(count: int) -> pa.Table:
    """Return invented rows, always the same."""
    draw = np.random.default_rng(32)
    texts = {
        name: pa.array([f"{word} {n}" for n in range(many)])
        for name, word, many in (
            ("spectacle", "Spectacle n°", 20_000),
            ("compagnie", "Compagnie de l’Été", 4_000),
            ("commune", "Commune d’", 3_000),
        )
    }
    words = pa.array(
        [" ".join(WORDS[n] for n in draw.integers(0, len(WORDS), size)) for size in draw.integers(0, 7, 50_000)]
    )
    days = pa.array([date(2024, 1, 1) + timedelta(days=n) for n in range(700)])
    lon, lat = draw.uniform(-4.5, 8, count).round(5), draw.uniform(42.5, 51, count).round(5)
    entries = pa.array(draw.integers(0, 1000, count))
    columns = {
        "code": pc.binary_join_element_wise("D", pa.array(np.arange(10**8, 10**8 + count)).cast(pa.string()), ""),
        **{name: values.take(pa.array(draw.integers(0, len(values), count))) for name, values in texts.items()},
        "genre": pa.array(KINDS).take(pa.array(draw.integers(0, len(KINDS), count))),
        "observations": words.take(pa.array(draw.integers(0, len(words), count))),
        "jauge": pa.array(draw.integers(50, 950, count)),
        "entrees": pc.if_else(pc.less(entries, 900), entries, pa.scalar(None, pa.int64())),
        "recette": pa.array(draw.integers(0, 900_000, count) / 100),
        "distance_km": pa.array(draw.integers(0, 9_000, count) / 10),
        "lon": pa.array(lon),
        "lat": pa.array(lat),
        "jour": days.take(pa.array(draw.integers(0, len(days), count))),
        "lieu": pa.StructArray.from_arrays([pa.array(lon), pa.array(lat)], ["lon", "lat"]),
    }
    return pa.table(columns)


def publish_rows(table: pa.Table, instance: Path) -> Path:
    """Publish the rows in a new portal, with their whole exports; return the file of the version."""
    prepare_instance(instance)
    parts = (app := create_app({"instance": instance})).extensions["portal"]
    parts.databases.migrate()
    release = Release("tours", {"title": {"fr": "Tournées"}}, SCHEMA, table)
    [version] = publish(lambda: parts.databases.session("catalogue"), parts.store, [release], at=datetime.now(UTC))
    app.extensions[MAKER].catch_up()
    return Path(parts.store.locate(version))


def write_peers(table: pa.Table, folder: Path) -> None:
    """Write what peers read: a CSV file, and an SQLite file with the indexes that their documentation advises."""
    flat = table.drop_columns(["lieu"])
    pa.csv.write_csv(flat, folder / "tours.csv")
    with sqlite3.connect(folder / "tours.db") as database:
        marks = ", ".join("?" * flat.num_columns)
        database.execute(f"CREATE TABLE tours ({', '.join(flat.column_names)})")
        for batch in flat.set_column(12, "jour", flat["jour"].cast(pa.string())).to_batches(50_000):
            database.executemany(
                f"INSERT INTO tours VALUES ({marks})", zip(*(c.to_pylist() for c in batch.columns), strict=True)
            )
        for column in ("genre", "entrees"):
            database.execute(f"CREATE INDEX by_{column} ON tours ({column})")
        database.execute("CREATE VIRTUAL TABLE tours_fts USING fts5(spectacle, compagnie, observations, content=tours)")
        database.execute("INSERT INTO tours_fts(tours_fts) VALUES ('rebuild')")


def write_geoparquet(folder: Path) -> None:
    """Write the GeoParquet that pygeoapi reads, in the order of the CSV file."""
    spatial = next(Path(duckdb_extension_spatial.__file__).parent.rglob("spatial.duckdb_extension"))
    with duckdb.connect() as database:
        database.load_extension(str(spatial))
        database.execute("SET enable_progress_bar = false")
        database.execute(
            f"COPY (SELECT * REPLACE (CAST(jour AS VARCHAR) AS jour), ST_Point(lon, lat) AS geometry "
            f"FROM read_csv('{folder}/tours.csv')) TO '{folder}/tours.parquet' (FORMAT parquet)"
        )


@contextmanager
def kept_folder(kept: str) -> Iterator[Path]:
    """Give the folder that is kept, or one that goes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(kept or name).resolve()
        folder.mkdir(exist_ok=True, parents=True)
        yield folder


def prepare(rows: int, folder: Path) -> Path:
    """Publish so many rows in `folder`, unless it was done; return the file of their version."""
    if not (folder / "instance").exists():
        publish_rows(make_rows(rows), folder / "instance")
    [data] = (folder / "instance" / "versions" / "tours").glob("*/data.parquet")
    return data


def write_all_peers(rows: int, folder: Path) -> None:
    """Write what peers read in `folder`, unless it was done."""
    if not (folder / "tours.db").exists():
        write_peers(make_rows(rows), folder)
    if not (folder / "tours.parquet").exists():
        write_geoparquet(folder)
