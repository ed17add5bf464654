"""Writes the features of one layer of a geographic file: what the file holds, as JSON, then the features, as Arrow.

    python -I layer.py MEMORY SECONDS PATH ENCODING LAYER

The JSON, on the first line, tells the layers, the one that is read, its coordinate system, whether all its shapes are
points, whether it has altitudes, and some positions. Geometries are WKB. An empty LAYER is the first that has features.

It ends with 4 for a layer that is not there, 5 when there is no memory left.
"""

import json
import os
import resource
import struct
import sys
from typing import Any

SKIPPED = (
    "OGR_VRT GDALG WFS OAPIF OGCAPI HTTP CSW GeoRSS GML MapML Carto Elasticsearch EEDA NGW AmigoCloud PLSCENES OSM ADBC"
)
"""Drivers that follow addresses written in a file, or read other files."""
BATCH = 20_000
POSITIONS = 2_000


def main(path: str, encoding: str, wanted: str) -> int:
    """Write the layer and return how the program ends."""
    import pyarrow as pa
    import pyogrio

    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        if wanted and wanted not in layers:
            return 4
        layer = wanted or next((name for name in layers if count(path, name)), layers[0])
        options: dict[str, Any] = {"encoding": encoding} if encoding else {}
        facts = survey(path, layer)
        with pyogrio.raw.open_arrow(
            path, layer=layer, batch_size=BATCH, use_pyarrow=True, datetime_as_string=True, **options
        ) as (meta, reader):
            told = {"layers": layers, "layer": layer, "crs": meta["crs"], "geometry": meta["geometry_name"], **facts}
            sys.stdout.buffer.write(json.dumps(told).encode() + b"\n")
            with pa.ipc.new_stream(sys.stdout.buffer, reader.schema) as writer:
                for batch in reader:
                    writer.write_batch(batch)
    except (MemoryError, pa.ArrowMemoryError):
        return 5
    return 0


def count(path: str, layer: str) -> int:
    """Return how many features a layer has."""
    import pyogrio

    return int(pyogrio.read_info(path, layer=layer, force_feature_count=True)["features"])


def survey(path: str, layer: str) -> dict[str, Any]:
    """Return what the geometries of a layer are, and some of their positions."""
    import pyogrio

    features = shapes = points = 0
    altitudes = False
    positions: list[tuple[float, float]] = []
    with pyogrio.raw.open_arrow(path, layer=layer, columns=[], batch_size=BATCH, use_pyarrow=True) as (meta, reader):
        name = meta["geometry_name"] or "wkb_geometry"
        for batch in reader if name in reader.schema.names else ():
            features += batch.num_rows
            for wkb in batch.column(name).to_pylist():
                if not wkb:
                    continue
                shapes += 1
                kind = struct.unpack("<I" if wkb[0] else ">I", wkb[1:5])[0]
                points += kind % 1000 == 1
                position = first_position(wkb)
                altitudes = altitudes or (kind >= 1000 and position is not None and position[2] != 0)
                if position and len(positions) < POSITIONS:
                    positions.append(position[:2])
    found = {"points": shapes > 0 and points == shapes, "altitudes": altitudes, "positions": positions}
    return {**found, "features": features}


def first_position(wkb: bytes) -> tuple[float, float, float] | None:
    """Return the first position of a WKB geometry, its altitude 0 when it has none; None when there is no position."""
    order = "<" if wkb[0] else ">"
    kind = struct.unpack(order + "I", wkb[1:5])[0]
    if kind % 1000 > 3:
        return first_position(wkb[9:]) if len(wkb) > 9 else None
    start = {1: 5, 2: 9, 3: 13}.get(kind % 1000, 5)
    if len(wkb) < start + 16:
        return None
    x, y = struct.unpack(order + "dd", wkb[start : start + 16])
    z = struct.unpack(order + "d", wkb[start + 16 : start + 24])[0] if 1000 < kind < 2000 else 0.0
    return x, y, z


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv[1]),) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[2]),) * 2)
    os.environ.update(OGR_SKIP=",".join(SKIPPED.split()), SHAPE_RESTORE_SHX="YES", OGR_GEOJSON_MAX_OBJ_SIZE="0")
    for unneeded in ("pandas", "geopandas"):
        sys.modules[unneeded] = None  # type: ignore[assignment]  # slow to load
    sys.exit(main(*sys.argv[3:6]))
