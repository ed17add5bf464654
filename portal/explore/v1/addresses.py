"""How version 1 is addressed: its blueprint, and what its views share."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from datasets.errors import InvalidParameter, Phrase, PortalError
from datasets.facets import count_facets
from datasets.query import Query
from portal.explore.calls import find_dataset
from portal.explore.catalogue import Target
from portal.explore.v1 import shapes
from portal.explore.v1.analysis import MOMENTS
from portal.explore.v1.answers import answer_error, complete_headers
from portal.explore.v1.conditions import Fields
from portal.explore.v1.params import Asked
from portal.extensions import api_limit, portal

DATASETS = "/api/datasets/1.0"
RECORDS = "/api/records/1.0"
DATASET = f"{DATASETS}/<dataset_id>"

bp = Blueprint("explore_v1", __name__)
bp.after_request(complete_headers)
bp.register_error_handler(PortalError, answer_error)
bp.register_error_handler(HTTPException, answer_error)
api_limit(bp)

View = Callable[..., BaseResponse]


def route(path: str, endpoint: str) -> Callable[[View], View]:
    """Register a view with and without a trailing slash, by GET and by form POST, without any redirect."""
    return bp.route(path, endpoint=endpoint, methods=["GET", "POST"], strict_slashes=False)


def find_asked() -> Target:
    """Return the dataset that the parameter `dataset` names; raise InvalidParameter or NotFound."""
    name = request.values.get("dataset") or request.values.get("datasetid") or ""
    if not name:
        expected = Phrase("the identifier of a dataset", "l’identifiant d’un jeu de données")
        raise InvalidParameter(name="dataset", found='""', expected=expected)
    return find_dataset(name)


def facets_of(asked: Asked, page: Query) -> dict[str, Any]:
    """Return the facet groups of a page when facets are asked."""
    if not asked.facets:
        return {}
    source = asked.target.source
    fields = Fields(source.schema, source.aliases)
    moments = [name for name in asked.facets if fields.get(name).type in MOMENTS]
    groups = count_facets(page, source, portal.engine)
    return {"facet_groups": shapes.shape_facets(groups, asked.facets, moments)}
