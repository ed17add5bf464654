"""Where records are: predicates, distances on the WGS84 ellipsoid, hulls and clusters.

Distances to points are geodesic. Distances to shapes are measured in the azimuthal equidistant projection centred on
the point asked, in which distances from the centre are the geodesic ones.
"""

import math
from typing import TYPE_CHECKING

from datasets.errors import QueryError
from datasets.odsql import nodes
from datasets.odsql.geometries import POINT, Shape, WrongGeometry, parse_geometry
from datasets.odsql.kinds import CONDITION, family_of
from datasets.odsql.nodes import Node
from datasets.odsql.reasons import reason

if TYPE_CHECKING:
    from datasets.odsql.checks import Checker
    from datasets.odsql.functions import Function
    from datasets.odsql.sql import Writer

WGS84 = 4326
METRES = {"mm": 0.001, "cm": 0.01, "m": 1.0, "km": 1000.0, "mi": 1609.344, "yd": 0.9144, "ft": 0.3048}
RELATIONS = {"intersects": "ST_Intersects", "disjoint": "ST_Disjoint", "within": "ST_CoveredBy"}
DEGREE, RADIUS = 110_500.0, 6_330_000.0
"""Metres, rounded down: a degree of a meridian at the equator, and the least radius of curvature (there too)."""

ROUNDING = 1e-6

CENTRED = "+proj=aeqd +lat_0={} +lon_0={} +ellps=WGS84"


def check_relation(checker: "Checker", function: "Function", call: nodes.Call) -> Node:
    """Check intersects(field, geom'…') and its like; geometry() may end with the relation's name."""
    relation = {"geometry": "intersects", "polygon": "within"}.get(function.name, function.name)
    arguments = call.arguments
    if function.name == "geometry" and len(arguments) == 3 and isinstance(arguments[2], nodes.Name):
        relation, arguments = arguments[2].name.lower(), arguments[:2]
    if len(arguments) != 2 or not isinstance(arguments[1], nodes.Geometry) or relation not in RELATIONS:
        checker.wrong("relation", function=function.name)
    geometry_of(checker, arguments[1])
    place = geo_field(checker, function, arguments[0])
    return nodes.Apply(function, (place, arguments[1]), position=call.position, type=CONDITION, extra=relation)


def check_box(checker: "Checker", function: "Function", call: nodes.Call) -> Node:
    """Check in_bbox(field, lat1, lon1, lat2, lon2), corners in any order."""
    place, *corners = call.arguments or (nodes.Star(),)
    if len(corners) != 4 or not all(isinstance(each, nodes.Literal) for each in corners):
        checker.wrong("box")
    lat1, lon1, lat2, lon2 = (checker.number(each) for each in corners)
    south, north = sorted((float(lat1.value), float(lat2.value)))  # type: ignore[attr-defined]
    west, east = sorted((float(lon1.value), float(lon2.value)))  # type: ignore[attr-defined]
    field = geo_field(checker, function, place)
    return nodes.Apply(function, (field,), position=call.position, type=CONDITION, extra=(west, south, east, north))


def check_distance(checker: "Checker", function: "Function", call: nodes.Call) -> Node:
    """Check within_distance(field, geom'POINT(…)', 10km), and distance(), which measures, or filters in where."""
    place, *rest = call.arguments or (nodes.Star(),)
    filtering = function.name == "within_distance" or (checker.scope.clause == "where" and len(rest) == 2)
    if len(rest) != 1 + filtering or not isinstance(rest[0], nodes.Geometry):
        checker.wrong("within distance" if filtering else "distance", function=function.name)
    shape = geometry_of(checker, rest[0])
    if shape.kind != POINT or not shape.parts:
        checker.wrong("within distance" if filtering else "distance", function=function.name)
    (centre,) = shape.parts
    field = geo_field(checker, function, place)
    metres = metres_of(checker, rest[1]) if filtering else None
    kind = CONDITION if filtering else "double"
    return nodes.Apply(function, (field,), position=call.position, type=kind, extra=(centre, metres))


def check_hull(checker: "Checker", function: "Function", call: nodes.Call) -> Node:
    """Check envelope(field) and bbox(field)."""
    if len(call.arguments) != 1:
        checker.wrong("one place", function=function.name)
    field = geo_field(checker, function, call.arguments[0])
    return nodes.Apply(function, (field,), position=call.position, type="geo_shape")


def check_cluster(checker: "Checker", function: "Function", call: nodes.Call) -> Node:
    """Check geo_cluster(geo_point, zoom[, radius])."""
    place, *options = call.arguments or (nodes.Star(),)
    numbers = [
        each.value for each in options if isinstance(each, nodes.Literal) and isinstance(each.value, int | float)
    ]
    zoom, radius = (*numbers, 40)[:2] if numbers else (0, 0)
    if not 1 <= len(numbers) == len(options) <= 2 or not 0 <= zoom <= 25 or not 0 < radius <= 4096:
        checker.wrong("cluster")
    field = geo_field(checker, function, place)
    if field.type != "geo_point_2d":
        checker.wrong("cluster")
    return nodes.Apply(
        function, (field,), position=call.position, type="geo_point_2d", extra=radius * 360 / (256 * 2**zoom)
    )


def write_relation(writer: "Writer", node: nodes.Apply) -> str:
    """Write how a place stands to a geometry."""
    place, asked = node.arguments
    return f"{RELATIONS[node.extra]}({shape(writer, place)}, {writer.write(asked)})"


def write_box(writer: "Writer", node: nodes.Apply) -> str:
    """Write that a place is in a box, or that a shape touches it."""
    west, south, east, north = map(writer.bind, node.extra)
    place = node.arguments[0]
    if place.type == "geo_point_2d":
        lon, lat = coordinates(writer, place)
        return f"({lon} BETWEEN {west} AND {east} AND {lat} BETWEEN {south} AND {north})"
    return f"ST_Intersects({shape(writer, place)}, ST_MakeEnvelope({west}, {south}, {east}, {north}))"


def write_distance(writer: "Writer", node: nodes.Apply) -> str:
    """Write a distance in metres, or that it is at most the one asked."""
    (lon, lat), metres = node.extra
    place, near = node.arguments[0], ""
    if place.type == "geo_point_2d":
        x, y = coordinates(writer, place)
        near = write_nearness(writer, (x, y), (lon, lat), metres) if metres is not None else ""
        distance = f"ST_Distance_Spheroid(ST_Point({y}, {x}), ST_Point({writer.bind(lat)}, {writer.bind(lon)}))"
    else:
        centred = writer.bind(CENTRED.format(lat, lon))
        moved = f"ST_Transform({shape(writer, place)}, 'EPSG:4326', {centred}, always_xy := true)"
        distance = f"ST_Distance({moved}, ST_Point(0, 0))"
    return distance if metres is None else f"({near}{distance} <= {writer.bind(metres)})"


def write_nearness(writer: "Writer", place: tuple[str, str], centre: tuple[float, float], metres: float) -> str:
    """Write what holds of every place that is so near, and of few others: measuring the others is spared.

    A degree of a meridian is nowhere shorter than DEGREE, nor a radius of the Earth than RADIUS.
    """
    (x, y), (lon, lat) = place, centre
    high = metres / DEGREE + ROUNDING
    near = f"abs({y} - {writer.bind(lat)}) <= {writer.bind(high)} AND "
    reach, parallel = metres / RADIUS, math.cos(math.radians(lat))
    if reach >= math.pi / 2 or math.sin(reach) >= parallel - ROUNDING:  # a pole is within reach: so are all longitudes
        return near
    wide = 1.01 * math.degrees(math.asin(math.sin(reach) / parallel)) + ROUNDING
    apart = f"abs({x} - {writer.bind(lon)})"
    return f"{near}({apart} <= {writer.bind(wide)} OR {apart} >= {writer.bind(360 - wide)}) AND "


def write_envelope(writer: "Writer", node: nodes.Apply) -> str:
    """Write the convex hull of the places of a group."""
    place = shape(writer, node.arguments[0])
    return f"ST_AsWKB(ST_ConvexHull(ST_Collect(list({place}) FILTER (WHERE {place} IS NOT NULL))))"


def write_bbox(writer: "Writer", node: nodes.Apply) -> str:
    """Write the box around the places of a group."""
    return f"ST_AsWKB(ST_Extent_Agg({shape(writer, node.arguments[0])}))"


def write_cluster(writer: "Writer", node: nodes.Apply) -> str:
    """Write the cell of a grid, square on a web map, that a point falls in."""
    lon, lat = coordinates(writer, node.arguments[0])
    width = writer.bind(node.extra)
    bounded = f"greatest(-85.0, least(85.0, {lat}))"
    mercator = f"degrees(ln(tan(radians(45 + {bounded} / 2))))"
    return f"(CAST(floor({lon} / {width}) AS VARCHAR) || ' ' || CAST(floor({mercator} / {width}) AS VARCHAR))"


def show_cluster(writer: "Writer", node: nodes.Apply, key: str) -> str:
    """Write the middle of a cluster: the mean of its points."""
    lon, lat = coordinates(writer, node.arguments[0])
    return f"CASE WHEN {key} IS NOT NULL THEN struct_pack(lon := avg({lon}), lat := avg({lat})) END"


def write_geometry(writer: "Writer", node: nodes.Geometry) -> str:
    """Write geom'…', read from whatever form it had, as WKB."""
    return f"ST_GeomFromWKB({writer.bind(parse_geometry(node.text).wkb)})"


def write_moved(writer: "Writer", place: str, kind: str) -> str:
    """Write a point or a shape, itself written in WGS84, in the coordinate system asked: x as lon, y as lat."""
    point = kind == "geo_point_2d"
    geometry = f"ST_Point(struct_extract({place}, 'lon'), struct_extract({place}, 'lat'))" if point else place
    source, target = writer.bind(f"EPSG:{WGS84}"), writer.bind(f"EPSG:{writer.epsg}")
    moved = f"finite(ST_Transform({geometry}, {source}, {target}, always_xy := true))"
    if not point:
        return moved
    return f"CASE WHEN {moved} IS NOT NULL THEN struct_pack(lon := ST_X({moved}), lat := ST_Y({moved})) END"


def shape(writer: "Writer", place: Node) -> str:
    """Write a place as a geometry."""
    if place.type == "geo_point_2d":
        lon, lat = coordinates(writer, place)
        return f"ST_Point({lon}, {lat})"
    return f"ST_GeomFromWKB({writer.write(place)})"


def coordinates(writer: "Writer", place: Node) -> tuple[str, str]:
    """Write the longitude and the latitude of a point."""
    written = writer.write(place)
    return f"struct_extract({written}, 'lon')", f"struct_extract({written}, 'lat')"


def geo_field(checker: "Checker", function: "Function", node: Node) -> Node:
    """Return the checked field of a geo function."""
    checked = checker.value(node) if isinstance(node, nodes.Name) else node
    if family_of(checked) != "geo":
        checker.wrong("place first", function=function.name)
    return checked


def metres_of(checker: "Checker", node: Node) -> float:
    """Return the metres of a distance; a number without unit is in metres."""
    if isinstance(node, nodes.Quantity) and node.unit.lower() in METRES:
        return float(node.amount) * METRES[node.unit.lower()]
    if isinstance(node, nodes.Literal) and isinstance(node.value, int | float):
        return float(node.value)
    checker.wrong("distance unit", units=", ".join(METRES))


def geometry_of(checker: "Checker", node: nodes.Geometry) -> Shape:
    """Return the geometry of geom'…'; raise QueryError, which says what is wrong in it and where."""
    try:
        return parse_geometry(node.text)
    except WrongGeometry as wrong:
        detail = reason("geometry", found=wrong.found, place=wrong.place, expected=wrong.expected)
        raise QueryError(detail=detail, clause=checker.scope.clause, position=node.position) from None
