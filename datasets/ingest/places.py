"""Where records are on the Earth: shapes are mended and given their centre; two columns of degrees make a point."""

import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from datasets.ingest.infer import ColumnGuess
from datasets.ingest.naming import slug
from datasets.store.spatial import open_spatial
from datasets.types.geo_point import LATITUDE, LONGITUDE, points

MEND = """
WITH given AS (SELECT record, ST_GeomFromWKB(shape) AS shape FROM shapes),
mended AS (
    SELECT record, ST_IsValid(shape) AS was_valid, CASE WHEN was_valid THEN shape ELSE ST_MakeValid(shape) END AS shape
    FROM given
)
SELECT ST_AsWKB(shape)::BLOB AS shape, ST_X(ST_Centroid(shape)) AS lon, ST_Y(ST_Centroid(shape)) AS lat,
       NOT was_valid AS changed
FROM mended ORDER BY record
"""


def mend_shapes(shapes: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.StructArray, list[int]]:
    """Return WKB shapes made valid, their centroids, and the indices of those that had to be changed."""
    with open_spatial(threads=2) as database:
        database.register("shapes", pa.table({"record": range(len(shapes)), "shape": shapes}))
        found = database.execute(MEND).to_arrow_table()
    changed = pc.indices_nonzero(pc.fill_null(found["changed"], False)).to_pylist()
    return found["shape"], points(found["lat"].combine_chunks(), found["lon"].combine_chunks()), changed


def find_pair(columns: Sequence[ColumnGuess]) -> tuple[int, int] | None:
    """Return the indices of the one latitude and the one longitude column; None when a point is already there."""
    if any(column.type in ("geo_point", "geo_shape") for column in columns):
        return None
    found = [
        [i for i, column in enumerate(columns) if column.type == "decimal" and re.search(hints, slug(column.label))]
        for hints in (LATITUDE, LONGITUDE)
    ]
    return (found[0][0], found[1][0]) if len(found[0]) == len(found[1]) == 1 else None
