"""The addresses of the documents: the whole API in OpenAPI 3.1 and 3.0, and the API of one dataset."""

from flask import Response, current_app, request

from datasets.catalogue.metadata import LICENCES
from portal.explore.calls import JSON, Call, find_dataset, read_call
from portal.explore.catalogue import Target
from portal.explore.openapi.document import Frame, Subject, build_document, translate
from portal.explore.openapi.older import downgrade
from portal.explore.openapi.samples import read_first, write_examples
from portal.explore.openapi.schemas import Json
from portal.explore.params import Limits
from portal.explore.routes import DATASET, bp, offered, route
from portal.explore.shapes import write_json
from portal.extensions import note_use, portal

__all__ = ["bp"]


@route("/openapi.json", "openapi")
def answer_openapi() -> Response:
    """Answer the document of the API."""
    call = read_call()
    return answer_document(write_document(call, describe_api(frame_of(call))))


@route("/swagger.json", "swagger")
def answer_swagger() -> Response:
    """Answer the same for readers of OpenAPI 3.0."""
    call = read_call()
    return answer_document(write_document(call, downgrade(describe_api(frame_of(call)))))


@route(f"{DATASET}/openapi.json", "dataset_openapi")
def answer_dataset_openapi(dataset_id: str) -> Response:
    """Answer the document of one dataset: its fields, its formats, examples of its own."""
    call, target = read_call(), find_dataset(dataset_id)
    note_use(target.dataset.dataset_id, "api")

    def write() -> bytes:
        return write_document(call, describe_api(frame_of(call, describe_subject(target))))

    return answer_document(portal.answers.get(call.key(target.version), write))


def frame_of(call: Call, subject: Subject | None = None) -> Frame:
    """Return where the API is and what bounds it, from the settings."""
    settings = portal.settings
    licence = LICENCES.get(settings.licence)
    return Frame(
        server=call.base,
        title=settings.site_name,
        licence=licence.name if licence else settings.licence,
        limits=read_limits(),
        subject=subject,
    )


def read_limits() -> Limits:
    """Return the bounds of a page, from the settings."""
    settings = portal.settings
    return Limits(settings.page_limit, settings.offset_limit, settings.group_limit)


def describe_subject(target: Target) -> Subject:
    """Return what a document tells of a dataset."""
    record = read_first(target.source, portal.engine)
    schema = target.source.schema
    examples = write_examples(schema, record)
    return Subject(target.dataset, schema, tuple(offered(target)), examples, record)


def describe_api(frame: Frame) -> Json:
    """Return the document of the routes of the running application."""
    return build_document(frame, current_app.url_map.iter_rules())


def write_document(call: Call, document: Json) -> bytes:
    """Return the JSON text of a document in the language of the call."""
    return write_json(translate(document, call.lang)).encode()


def answer_document(text: bytes) -> Response:
    """Answer a document; its validator is its content, so that a new version of the portal shows at once."""
    response = Response(text, content_type=JSON)
    response.add_etag(weak=True)
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response
