"""Six invented towns that hold every type, nulls, accents, lists and edges of days: what queries are tried on."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from datasets.model import Field, Schema
from datasets.query import Source, source_of
from datasets.store.indexed import make_index
from datasets.store.versions import VersionStore
from datasets.types.public import arrow_schema

TOWNS = Schema(
    (
        Field("nom", "text", {"fr": "Nom"}, annotations={"facet": True}),
        Field("canton", "text", annotations={"facet": True, "disjunctive": True}),
        Field("population", "int"),
        Field("surface", "double"),
        Field("prefecture", "boolean", annotations={"facet": True}),
        Field("maj", "date", annotations={"facet": True}),
        Field("vu_le", "datetime"),
        Field("labels", "text", annotations={"multivalued": ",", "facet": True}),
        Field("notes", "int", annotations={"multivalued": ","}),
        Field("niveau", "text", annotations={"hierarchical": "/", "facet": True}),
        Field("point", "geo_point_2d"),
        Field("contour", "geo_shape"),
        Field("default.title", "text"),
        Field("a b-c`d", "text"),
    )
)
ALIASES = {"title": "default.title", "insee": "nom"}


def square(west: float, south: float, side: float) -> bytes:
    """Return a square as WKB, by hand: one ring of five points."""
    import struct

    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    points = b"".join(struct.pack("<dd", west + side * x, south + side * y) for x, y in corners)
    return struct.pack("<BIII", 1, 3, 1, 5) + points


def town(nom: str, *values: Any) -> dict[str, Any]:
    """Return a record; what is not given is null."""
    names = TOWNS.names[1:]
    return dict.fromkeys(TOWNS.names) | {"nom": nom} | dict(zip(names, values, strict=False))


def at(*parts: int) -> datetime:
    """Return an instant of UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


ROWS = [
    town("Auch", "Auch-1", 22173, 72.48, True, date(2024, 5, 17), at(2024, 5, 17, 22, 30), ["ville-porte", "art"],
         [1, 2], "Gers/Auch/Centre", {"lon": 0.5863, "lat": 43.6465}, square(0.5, 43.6, 0.1), "Chef-lieu", "x"),
    town("Condom", "Baïse-Armagnac", 6500, 97.0, False, date(2023, 12, 31), at(2023, 12, 31, 23, 30), ["art"],
         [3], "Gers/Condom", {"lon": 0.3722, "lat": 43.9575}, None, "Ville", "y"),
    town("Fleurance", "Fleurance-Lomagne", 5900, 41.5, False, date(2024, 1, 1), at(2024, 1, 1, 0, 0), [],
         [], "Gers/Fleurance", {"lon": 0.6628, "lat": 43.8478}, square(0.6, 43.8, 0.1), None, None),
    town("L'Isle-Jourdain", "L'Isle-Jourdain", 9300, 70.0, None, date(2024, 5, 1), at(2024, 5, 17, 10, 0),
         ["ville-porte"], None, "Gers/Auch", {"lon": 1.08, "lat": 43.61}, None, 'Dite "la porte"', "z"),
    town("Éauze", "Auch-1", 3900, 0.0, False, date(2022, 2, 28), at(2022, 2, 28, 12, 0, 1), None,
         [2, 2], "Landes", None, None, "l'eau 50% d'ici _", "x"),
    town("Marciac"),
]  # fmt: skip


def towns_in(root: Path, rows: list[dict[str, Any]] = ROWS, name: str = "towns", *, indexed: bool = False) -> Source:
    """Write towns in a store under `root`, with their indexed copy or not; return the source that asks them."""
    store = VersionStore(root)
    table = pa.Table.from_pylist(rows, schema=arrow_schema(TOWNS))
    version = store.write(name, TOWNS, table, created=at(2026, 11, 22))
    if indexed:
        make_index(version, store, memory="500MB", threads=1)
    found = source_of(version, store)
    return Source(found.schema, found.path, ALIASES, found.version_id)
