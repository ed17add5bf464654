"""The vector tiles of a version: what maps are drawn from, in browsers and in geographic software.

A version never changes and a tile has one place in it: each is drawn once, remembered, and may be kept by whoever asks.
"""

from dataclasses import replace

from flask import Response, request

from datasets.catalogue.catalogue import find_version
from datasets.errors import NotFound
from datasets.model import Field, Schema
from datasets.query import Source, source_of
from datasets.tiles import Tile, check_tile, draw_tile, find_place, list_told
from exports.compressed import compress
from portal.extensions import client_key, portal
from portal.pages.filters import Filters
from portal.pages.maps.choropleth import CODE, LEVEL, NAME
from portal.pages.maps.points import find_label
from portal.pages.opening import known_filters
from portal.respond import choose_coding
from portal.turns import Turns

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
KEPT = "public, max-age=604800, immutable"
"""A tile never changes, but its version may be withdrawn: nobody shows it longer than a week after."""

MOST_TOLD = 5
"""Fields that a place tells on a map, its name among them."""

turns = Turns(2, 2, seconds=10.0, waiting=48)
"""Tiles that one process draws at once: a map asks for a dozen together, and each of them waits for little."""


def tile(dataset_id: str, version_id: str, z: int, x: int, y: int) -> Response:
    """Answer the records of a tile that the filters of the address keep; 204 when there is none.

    Raises InvalidParameter when the map has no such tile, NotFound when the version has no place, Withdrawn, Busy.
    """
    asked = check_tile(z, x, y)
    with portal.databases.session("catalogue") as session:
        version = find_version(session, dataset_id, version_id)
    source = source_of(version, portal.store)
    filters = narrow(known_filters(source)[0])
    key, coding = ("tile", dataset_id, version_id, filters, asked), choose_coding()

    def code() -> bytes:
        drawn = portal.answers.get(key, lambda: draw_in_turn(asked, filters, source))
        return b"".join(compress([drawn], coding, thorough=True)) if coding and drawn else drawn

    return answer_tile(portal.answers.get((*key, coding), code), coding)


def draw_in_turn(asked: Tile, filters: Filters, source: Source) -> bytes:
    """Draw a tile when the turn of the client has come. Raises NotFound when the source has no place, Busy."""
    place = find_place(source.schema)
    if place is None:
        raise NotFound(kind="field", name="geo_shape, geo_point_2d")
    with turns.take(client_key()):
        schema, query = source.schema, filters.query()
        told, apart = choose_told(schema), is_territorial(schema)
        return draw_tile(asked, query, source, portal.engine, place=place, told=told, apart=apart)


def narrow(filters: Filters) -> Filters:
    """Return what of a state narrows the rows: neither order, page, layout nor language."""
    return replace(filters, sort="", page=1, layout=(), lang=None)


def answer_tile(content: bytes, coding: str) -> Response:
    """Answer a tile, to be kept; without content when nothing is there."""
    response = Response(content, status=200 if content else 204, content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = KEPT
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Access-Control-Allow-Origin"] = "*"
    if content:
        response.add_etag()
        if coding:
            response.content_encoding = coding
        response.make_conditional(request)
    return response


def choose_told(schema: Schema) -> tuple[Field, ...]:
    """Return the fields that a tile tells: code and name of a territory; else what a reader of the map needs."""
    if is_territorial(schema):
        return list_told([field for field in schema if field.name in (CODE, NAME)])
    label = find_label(schema)
    return list_told(sorted(schema, key=lambda field: field != label))[:MOST_TOLD]


def is_territorial(schema: Schema) -> bool:
    """Whether records are territories: each is drawn, however small, and told by its code and its name."""
    return {LEVEL, CODE} <= set(schema.names)
