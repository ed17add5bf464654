"""The addresses of maps in version 1."""

from flask import Response, request

from datasets.errors import InvalidParameter, Phrase
from portal.explore.calls import answer_file
from portal.explore.v1 import maps, places
from portal.explore.v1.addresses import RECORDS, find_asked, route
from portal.explore.v1.analysis import Serie, read_series
from portal.explore.v1.answers import answer_value
from portal.explore.v1.conditions import Fields
from portal.explore.v1.params import is_true, read_asked, read_whole, without_page
from portal.extensions import note_use, portal

MOST_SHAPES = 10_000


def read_map(*types: str) -> maps.Map:
    """Return the records that a map asks for, placed by the first field of `types`; raise InvalidParameter."""
    target = find_asked()
    asked = read_asked(target, ordered=False)
    field = next((field for kind in types for field in target.source.schema if field.type == kind), None)
    if field is None:
        expected = Phrase(f"a dataset with {' or '.join(types)}", f"un jeu de données avec {' ou '.join(types)}")
        raise InvalidParameter(name="dataset", found=target.dataset.dataset_id, expected=expected)
    note_use(target.dataset.dataset_id, "api")
    return maps.Map(without_page(asked), field, target, asked.call, portal.engine)


@route(f"{RECORDS}/boundingbox", "boundingbox")
def answer_boundingbox() -> Response:
    """Answer the box around the records."""
    asked = read_map(*places.FIRST_TYPES)
    return answer_file(asked.call, asked.target.version, lambda: answer_value(maps.find_box(asked)))


@route(f"{RECORDS}/geocluster", "geocluster")
def answer_geocluster() -> Response:
    """Answer the clusters of points of a map."""
    asked = read_map("geo_point_2d")
    zoom, distance = read_whole("clusterprecision", 3, 25), read_whole("clusterdistance", 50, 4096) or 50
    hulls = is_true("return_polygons") or request.values.get("clustermode") == "polygon"
    series = read_map_series(asked)
    most = portal.settings.group_limit

    def build() -> Response:
        return answer_value(maps.find_clusters(asked, series, zoom, distance, most, hulls=hulls))

    return answer_file(asked.call, asked.target.version, build)


def read_map_series(asked: maps.Map) -> tuple[Serie, ...]:
    """Return the series of a map, none when none is asked."""
    source = asked.target.source
    return read_series(request.values, Fields(source.schema, source.aliases))


@route(f"{RECORDS}/geopolygon", "geopolygon")
def answer_geopolygon() -> Response:
    """Answer the shapes of the records, as clusters of one."""
    asked = read_map(*reversed(places.FIRST_TYPES))
    most = read_whole("rows", 1000, MOST_SHAPES)
    return answer_file(asked.call, asked.target.version, lambda: answer_value(maps.find_shapes(asked, most)))


@route(f"{RECORDS}/geopreview", "geopreview")
def answer_geopreview() -> Response:
    """Answer the geometries of the records alone."""
    asked = read_map(*reversed(places.FIRST_TYPES))
    most = read_whole("rows", 1000, MOST_SHAPES)
    return answer_file(asked.call, asked.target.version, lambda: answer_value(maps.preview_shapes(asked, most)))
