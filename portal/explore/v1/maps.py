"""What maps of version 1 ask: the box around records, clusters of points, shapes."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from datasets.model import Field
from datasets.odsql.nodes import Call, Is, Item, Literal, Name, Not, Star
from datasets.odsql.text import print_items, print_where
from datasets.query import Query, Result, run_query
from datasets.store.engine import Engine
from exports.geometry import KINDS, box_of, kinds_of, widen, wkb_column
from portal.explore.calls import Call as ApiCall
from portal.explore.catalogue import Target
from portal.explore.v1.analysis import Serie
from portal.explore.v1.shapes import plain, read_rows


@dataclass(frozen=True)
class Map:
    """The records that a map shows: their conditions, the field that places them, the dataset, the call."""

    conditions: Query
    field: Field
    target: Target
    call: ApiCall
    engine: Engine

    def rows(self, select: str, **clauses: Any) -> list[dict[str, Any]]:
        """Return the rows of a query over the placed records, as the objects of version 2.1."""
        return read_rows(self.run(select, **clauses), self.call.options)

    def run(self, select: str, *, geometry: str = "geojson", app_metas: bool = False, **clauses: Any) -> Result:
        """Run a query over the records that have a place."""
        placed = print_where(Not(Is(Name(self.field.name), "null")))
        query = replace(self.conditions, select=select, where=(*self.conditions.where, placed), **clauses)
        return run_query(query, self.target.source, self.engine, geometry=geometry, app_metas=app_metas)


def find_box(asked: Map) -> dict[str, Any]:
    """Return the box [lon1, lat1, lon2, lat2] around the records, how many there are, and of which geometries."""
    box, kinds = None, Counter[str]()
    for batch in asked.run(print_items((Item(Name(asked.field.name)),)), geometry="wkb").rows:
        shapes = wkb_column(batch.column(0)).drop_null()
        box = widen((box, box_of(shapes)))
        kinds.update(KINDS.get(int(kind), KINDS[7]) for kind in kinds_of(shapes))
    return {"count": kinds.total(), "bbox": list(box or ()), "geometries": dict(kinds)}


def _positions(shape: Any) -> Iterator[Sequence[float]]:
    """Yield the positions of a GeoJSON geometry, or of a part of its coordinates."""
    if isinstance(shape, dict):
        shape = shape.get("coordinates", shape.get("geometries"))
    if shape and isinstance(shape[0], int | float):
        yield shape
    else:
        for part in shape or ():
            yield from _positions(part)


def find_clusters(
    asked: Map, series: Sequence[Serie], zoom: int, distance: int, most: int, *, hulls: bool
) -> dict[str, Any]:
    """Return the points that are near each other on a map at this zoom: their middle, count, hull and figures."""
    name = Name(asked.field.name)
    shown = [Item(Call("count", (Star(),)), "n"), *_figures(series)]
    shown += [Item(Call("envelope", (name,)), "hull")] if hulls else []
    cluster = Item(Call("geo_cluster", (name, Literal(zoom), Literal(distance))), "middle")
    rows = asked.rows(print_items(shown), group_by=print_items((cluster,)), order_by="n DESC", limit=most)
    clusters = [
        {
            "cluster_center": plain("geo_point_2d", row["middle"]),
            "count": row["n"],
            **({"cluster": plain("geo_shape", row["hull"])} if hulls else {}),
            **({"series": _told(series, row)} if series else {}),
        }
        for row in rows
    ]
    return _summary(clusters, series) | {"clusterprecision": zoom}


def find_shapes(asked: Map, most: int) -> dict[str, Any]:
    """Return the shapes of the records as clusters of one record each, with the middle of their box."""
    clusters = []
    for digest, geometry in _read_geometries(asked, most):
        corners = list(_positions(geometry))
        if corners:
            middle = [(min(side) + max(side)) / 2 for side in zip(*corners, strict=True)]
            cluster = {"cluster_center": middle[1::-1], "cluster": geometry, "count": 1, "geo_digest": digest}
            clusters.append(cluster)
    return _summary(clusters, ())


def preview_shapes(asked: Map, most: int) -> list[dict[str, Any]]:
    """Return the geometries of the records, each with the identifier of its record."""
    return [{"geo_digest": digest, "geometry": geometry} for digest, geometry in _read_geometries(asked, most)]


def _read_geometries(asked: Map, most: int) -> Iterator[tuple[str, dict[str, Any]]]:
    place = print_items((Item(Name(asked.field.name), "place"),))
    result = asked.run(place, limit=most, app_metas=True)
    for row in read_rows(result, asked.call.options):
        value = row["place"]
        point = asked.field.type == "geo_point_2d"
        yield (
            row["_id"],
            {"type": "Point", "coordinates": [value["lon"], value["lat"]]} if point else value["geometry"],
        )


def _figures(series: Sequence[Serie]) -> list[Item]:
    return [Item(serie.aggregate, f"y{rank}") for rank, serie in enumerate(series)]


def _told(series: Sequence[Serie], row: Mapping[str, Any]) -> dict[str, Any]:
    return {serie.name: row[f"y{rank}"] for rank, serie in enumerate(series)}


def _summary(clusters: list[dict[str, Any]], series: Sequence[Serie]) -> dict[str, Any]:
    """Return clusters with the least and the greatest of their counts and figures, by which maps choose colours."""
    spread = {serie.name: _ends([each["series"][serie.name] for each in clusters]) for serie in series}
    return {
        "clusters": clusters,
        "count": _ends([each["count"] for each in clusters]),
        **({"series": spread} if series else {}),
    }


def _ends(figures: Sequence[float | None]) -> dict[str, float | None]:
    known = [figure for figure in figures if figure is not None]
    return {"min": min(known, default=None), "max": max(known, default=None)}
